"""A member of a document: its value where it is what it should be, else Unknown for that value alone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from ssm_hardening.core.logic import chained, mapped
from ssm_hardening.core.origins import ApiOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.read.hosts.evidence import ProbeDocument, visible

T = TypeVar("T")

MOST = 500
"""Entries of a list that are read."""

_LONGEST = 4096
"""Characters of a text; only the agent's configuration may be longer."""

_LONGEST_REASON = 300
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the values of one document share: the node they are of, and whether they may be believed.

    `doubt` is why none of them may: the node claims to be another.
    """

    document: ProbeDocument
    node: str
    doubt: str = ""

    def at(self, what: str = "") -> Origin:
        """Return the origin of what was read of this thing on the node (a path, a command)."""
        name = self.document.file.rpartition("/")[2]
        return ApiOrigin(f"{self.node} {visible(what)}".rstrip(), f"evidence {name}")


@dataclass(frozen=True, slots=True)
class EvidenceMember:
    """A place in the document. `data` is JSON, or the Absent or Unknown that all below it is."""

    data: object
    path: str
    source: Provenance
    at: Origin

    def member(self, key: str) -> "EvidenceMember":
        """Return the member of this name; what is below an absence is absent, below ignorance unknown."""
        path = f"{self.path}.{key}" if self.path else key
        match self._object():
            case Absent() | Unknown() as settled:
                return replace(self, data=settled, path=path)
            case found:
                return replace(self, data=found.get(key, _MISSING), path=path)

    def of(self, what: str) -> "EvidenceMember":
        """Return the same, read of this thing on the node."""
        return replace(self, at=self.source.at(what))

    def unknown(self, reason: str, *, why: Why = Why.UNPARSEABLE) -> Unknown:
        """Return that this could not be learned."""
        return Unknown(why, self.at, reason)

    def broken(self) -> Unknown | None:
        """Return why this is no object; None where it is one."""
        found = self._object()
        if isinstance(found, Absent):
            return self._wrong("an object")
        return found if isinstance(found, Unknown) else None

    def _settled(self) -> Absent | Unknown | None:
        if self.source.doubt != "":
            return self.unknown(self.source.doubt)
        match self.data:
            case Absent() | Unknown():
                return self.data
            case None:
                return Absent(self.at)
            case {"unknown": str(reason)}:
                told = visible(self.source.document.plain(reason))[:_LONGEST_REASON]
                return self.unknown(f"the probe could not determine {self.path}: {told}", why=Why.UNAVAILABLE)
            case _ if self.data is _MISSING:
                return self.unknown(f"{self.path} is missing from the evidence", why=Why.UNAVAILABLE)
            case _:
                return None

    def _object(self) -> Mapping[str, Any] | Absent | Unknown:
        settled = self._settled()
        if settled is not None:
            return settled
        return self.data if isinstance(self.data, dict) else self._wrong("an object")

    def _wrong(self, expected: str) -> Unknown:
        return self.unknown(f"{self.path} in the evidence is not {expected}")

    def raw_text(self, *, longest: int = _LONGEST) -> Value[str]:
        """Return the text as it was on the node, control characters and all; Unknown where it is empty or too long."""
        settled = self._settled()
        if settled is not None:
            return settled
        if not isinstance(self.data, str) or self.data == "":
            return self._wrong("a non-empty string")
        if len(self.data) > longest:
            return self.unknown(f"{self.path} in the evidence is longer than {longest:,} characters")
        return Known(self.source.document.plain(self.data), self.at)

    def text(self) -> Value[Text]:
        """Return the text with its control characters written out."""
        return mapped(self.raw_text(), visible)

    def formed(self, pattern: str, expected: str) -> Value[Text]:
        """Return the text where it matches; `expected` says what it should be (`a mode`)."""
        return chained(
            self.text(), lambda known: known if re.fullmatch(pattern, str(known.value)) else self._wrong(expected)
        )

    def flag(self) -> Value[bool]:
        """Return true or false."""
        settled = self._settled()
        if settled is not None:
            return settled
        return Known(self.data, self.at) if isinstance(self.data, bool) else self._wrong("a boolean")

    def number(self, *, most: int, least: int = 0) -> Value[int]:
        """Return the whole number within these bounds."""
        settled = self._settled()
        if settled is not None:
            return settled
        if isinstance(self.data, bool) or not isinstance(self.data, int) or not least <= self.data <= most:
            return self._wrong(f"a whole number from {least} to {most}")
        return Known(self.data, self.at)

    def user_id(self, *, most: int) -> Value[int]:
        """Return the number of a user, whether it stands there as a number or as its digits."""
        if isinstance(self.data, str) and re.fullmatch(r"[0-9]{1,10}", self.data):
            return replace(self, data=int(self.data)).number(most=most)
        return self.number(most=most)

    def there(self, value: Value[T]) -> Value[T]:
        """Return a value that null is no answer to: its absence is a fault of the evidence."""
        return self._wrong("set") if isinstance(value, Absent) and self.data is None else value

    def texts(self, of: Callable[["EvidenceMember"], Value[Text]]) -> Value[Items]:
        """Return a list as a value, its entries read by `of`."""
        found = self._object()
        if isinstance(found, Absent | Unknown):
            return found
        if not isinstance(found.get("items"), list):
            return self._wrong("a list")
        entries, gap = self._entries(found)
        return Known(Items(tuple(self._there(of(each)) for each in entries), gap), self.at)

    def _there(self, value: Value[Text]) -> Value[Text]:
        return self._wrong("a list of strings") if isinstance(value, Absent) else value

    def objects(self, of: Callable[["EvidenceMember"], T]) -> Inventory[T]:
        """Return a list of objects as an inventory, its entries read by `of`."""

        def read(entry: "EvidenceMember") -> T | Unknown:
            broken = entry.broken()
            return of(entry) if broken is None else broken

        return self.inventory(read)

    def inventory(self, of: Callable[["EvidenceMember"], T | Unknown]) -> Inventory[T]:
        """Return a list as an inventory, its entries read by `of`; one that is Unknown is a gap, and so is no list."""
        found = self._object()
        if isinstance(found, Absent):
            return Inventory((), self._wrong("set"))
        if isinstance(found, Unknown):
            return Inventory((), found)
        entries, gap = self._entries(found)
        read = [of(each) for each in entries]
        unread = next((each for each in read if isinstance(each, Unknown)), None)
        return Inventory(
            tuple(each for each in read if not isinstance(each, Unknown)), gap if unread is None else unread
        )

    def _entries(self, found: Mapping[str, Any]) -> tuple[list["EvidenceMember"], Unknown | None]:
        items = found.get("items")
        if not isinstance(items, list):
            return [], self.unknown(f"{self.path}.items in the evidence is not a list")
        entries = [replace(self, data=each, path=f"{self.path}[{index}]") for index, each in enumerate(items[:MOST])]
        return entries, self._more(len(items))

    def _more(self, count: int) -> Unknown | None:
        if count > MOST:
            return self.unknown(f"{self.path} has {count:,} entries, of which only {MOST:,} were read")
        more = self.member("more").text()
        if not isinstance(more, Absent):
            reason = more.value if isinstance(more, Known) else more.detail
            return self.unknown(f"{self.path} is incomplete: {reason}", why=Why.UNAVAILABLE)
        if not self.source.document.finished:
            return self.unknown(f"the probe did not finish, so {self.path} may be incomplete", why=Why.UNAVAILABLE)
        return None
