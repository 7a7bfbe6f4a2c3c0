"""What no output shows: values that Terraform calls sensitive, and what has the looks of a secret.

Rules see every value; only what is printed or written passes here. A value that came from a sensitive variable stands
at a place marked `sensitive`, and its text is withheld wherever it occurs. A secret in somebody's text (a profile,
an address, a message of AWS) is replaced by a mask that still has its looks, so that an audit of what was recorded says
the same of it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import cache, lru_cache
from typing import Any, TypeVar

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.secret_kinds import MASK, NAME, PLAIN, kinds_in
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value

WITHHELD = "(sensitive)"
"""Stands in a text for a value that Terraform calls sensitive."""

_HELD = frozenset({"default", "value", "allowedValues"})
_SECRET_KEY = re.compile(NAME)

_SHORT, _LONG = 3, 12
"""Shorter texts are withheld only where their place is; from the longer length on, within other words too."""

_COMMON = frozenset({"true", "false", "null", "yes", "off", "none", "all", "any", "the", "not", "and"})
_KEPT = frozenset({
    "root", "live_root", "address", "declaration", "subject", "affects", "source", "file", "before", "after", "to",
    "label", "id", "of", "at", "module", "closes", "depends_on", "type", "validation", "default", "sample", "kind",
})  # fmt: skip
"""Members that hold no value: paths, addresses (Terraform refuses sensitive keys in them), code of ours, and what is
never printed."""

_WHOLE = frozenset({"RuleInfo", "Target", "StandsFor", "FromVariable", "FromExpression", "Expression"})

T = TypeVar("T")


def without_secrets(text: str) -> str:
    """Return the text with every secret in it masked."""
    return _masked_large(text) if len(text) > _LARGE else _masked_small(text)


_LARGE = 500
"""Texts of up to so many characters are often the same ones: messages, actions, names. A large one is first looked
at, and then shown."""


def _masked(text: str) -> str:
    # One kind after another: what stands between a command and its secret may hold a secret of another kind.
    for kind in kinds_in(text):
        text = kind.masked(text)
    return text


_masked_small = lru_cache(maxsize=8_192)(_masked)
_masked_large = lru_cache(maxsize=8)(_masked)


def holds_secret(text: str) -> bool:
    """Say whether something in the text has the looks of a secret."""
    return any(kind.found(text) for kind in kinds_in(text))


@dataclass(frozen=True, slots=True)
class Sensitive:
    """The texts of values that Terraform calls sensitive: whole ones, and the small ones that mean little elsewhere."""

    texts: frozenset[str] = frozenset()

    def __or__(self, other: "Sensitive") -> "Sensitive":
        """Return both."""
        return Sensitive(self.texts | other.texts)


def sensitive_in(thing: object, texts: frozenset[str]) -> Sensitive:
    """Return the texts, and those of every marked value that a picture of accounts holds; none where there are none."""
    return Sensitive(texts.union(*(texts_of(each) for each in _marked_in(thing)))) if texts else Sensitive()


def _marked_in(thing: object) -> Iterator[Known[Any]]:
    waiting = [thing]
    while waiting:
        match waiting.pop():
            case Known() | Absent() | Unknown() as value:
                yield from (leaf for leaf in leaves(value) if leaf.at_sensitive)
            case tuple() | list() as items:
                waiting += items
            case CodeOrigin() | ApiOrigin() | Reference() | Enum():
                pass
            case held if is_dataclass(held) and not isinstance(held, type):
                waiting += (getattr(held, field.name) for field in fields(held))
            case _:
                pass


def texts_in(data: object) -> Iterator[str]:
    """Yield every text, number and truth value in plain JSON."""
    waiting = [data]
    while waiting:
        match waiting.pop():
            case bool() as flag:
                yield "true" if flag else "false"
            case str() | int() | float() as scalar:
                yield str(scalar)
            case list() as items:
                waiting += items
            case dict() as members:
                waiting += members.values()
            case _:
                pass


def texts_of(value: Value[Any]) -> Iterator[str]:
    """Yield the texts of a value and all its members."""
    for leaf in leaves(value):
        match leaf.value:
            case bool() as flag:
                yield "true" if flag else "false"
            case str() | int() | float() as content:
                yield str(content)
            case Template(parts):
                yield from (part for part in parts if isinstance(part, str))
            case _:
                pass


def leaves(value: Value[Any]) -> Iterator[Known[Any]]:
    """Yield every known value in this one, itself among them; of one that is one of a few, those of each."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case Unknown(one_of=branches):
                waiting += branches
            case Known(content) as known:
                yield known
                waiting += members_of(content)
            case Absent():
                pass


def members_of(content: object) -> tuple[Value[Any], ...]:
    """Return the members of a collection, and the value of an encoded text."""
    match content:
        case Record(members):
            return tuple(members.values())
        case Items(items):
            return items
        case _:
            inner = getattr(content, "value", None)
            return (inner,) if isinstance(inner, Known | Absent | Unknown) else ()


class Redactor:
    """Takes out of texts, and out of whatever holds texts, what must not be shown."""

    def __init__(self, sensitive: Sensitive = Sensitive()) -> None:
        """Withhold these; secrets by their looks are masked in any case."""
        forms = {form for text in sensitive.texts for form in _forms(text)}
        long = sorted((form for form in forms if len(form) >= _SHORT and form.lower() not in _COMMON), key=_by_length)
        small = sorted((form for form in forms if form and form not in long), key=_by_length)
        self._long, self._long_forms = _pattern(long), tuple(long)
        self._small, self._small_forms = _pattern(small), tuple(small)

    def text(self, text: str, *, near: bool = False) -> str:
        """Return the text without sensitive values and secrets; `near`: it is about the place of a sensitive one."""
        # Looking for each is quicker than trying all of them at every letter, and most texts hold none.
        if self._long is not None and any(form in text for form in self._long_forms):
            text = self._long.sub(WITHHELD, text)
        if near and self._small is not None and any(form in text for form in self._small_forms):
            text = self._small.sub(WITHHELD, text)
        return without_secrets(text)

    def touches(self, text: str) -> bool:
        """Say whether something in the text would be withheld or masked."""
        return self.text(text) != text

    def hide(self, thing: T) -> T:
        """Return the same thing, a dataclass or a collection of any depth, with each of its texts redacted."""
        hidden: T = self._hidden(thing, near=False)
        return hidden

    def _hidden(self, thing: Any, *, near: bool) -> Any:  # noqa: ANN401 - whatever a report is made of
        match thing:
            case str() if not isinstance(thing, Enum):
                return self.text(thing, near=near)
            case Known():
                return self._known(thing, near=near)
            case tuple() | list():
                return type(thing)(self._hidden(each, near=near) for each in thing)
            case Mapping():
                return {key: self._member(key, each, near=near) for key, each in thing.items()}
            case CodeOrigin() | ApiOrigin() | Reference() | Enum():
                return thing
            case _ if is_dataclass(thing) and not isinstance(thing, type) and type(thing).__name__ not in _WHOLE:
                return self._members(thing, near=near or _is_near(thing))
            case _:
                return thing

    def _member(self, key: object, value: Any, *, near: bool) -> Any:  # noqa: ANN401 - as above
        """Return a member of an object; where its key says that it is a secret, it is masked whatever its looks are."""
        named = isinstance(key, str) and _SECRET_KEY.fullmatch(key) is not None
        match value:
            case str() if named and re.match(PLAIN, value):
                return MASK
            case Known(str() as text) if named and re.match(PLAIN, text):
                return replace(value, value=MASK, raw=None)
            case Known(Record(members)) if named and members.keys() & _HELD:
                # A parameter of a document: what it is called says what its default is.
                held = {
                    name: self._member(str(key), each, near=near) for name, each in members.items() if name in _HELD
                }
                rest = {name: each for name, each in members.items() if name not in _HELD}
                return replace(value, value=replace(value.value, members=self._hidden(rest, near=near) | held))
            case _:
                return self._hidden(value, near=near)

    def _known(self, value: Known[Any], *, near: bool) -> Known[Any]:
        if value.at_sensitive:
            plain = not isinstance(value.value, Record | Items | Reference)
            return replace(value, value=WITHHELD if plain else self._hidden(value.value, near=near), raw=None)
        content = self._hidden(value.value, near=near)
        changed = content != value.value and isinstance(value.value, str | Template) and WITHHELD in str(content)
        at = replace(value.at, sensitive=True) if changed and isinstance(value.at, CodeOrigin) else value.at
        raw = None if value.raw is None else self.text(value.raw, near=near)
        return replace(value, value=content, at=at, raw=raw)

    def _members(self, thing: Any, *, near: bool) -> Any:  # noqa: ANN401 - any dataclass
        kind: Any = type(thing)
        members = ((name, getattr(thing, name)) for name in _names(kind))
        hidden = {name: (before, self._hidden(before, near=near)) for name, before in members}
        changed = {name: after for name, (before, after) in hidden.items() if after is not before and after != before}
        return replace(thing, **changed) if changed else thing


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - the type of a dataclass
    """Return the members of a dataclass that may hold values."""
    return tuple(field.name for field in fields(kind) if field.init and field.name not in _KEPT)


def _is_near(thing: object) -> bool:
    """Say whether a verdict, or a gap, is about a place of a sensitive value."""
    places = [getattr(thing, "at", None), *(getattr(each, "at", None) for each in getattr(thing, "related", ()))]
    return any(isinstance(place, CodeOrigin) and place.sensitive for place in places)


def _forms(text: str) -> Iterator[str]:
    """Yield how a text may stand in another: as it is, escaped, line by line, and an ARN's own name."""
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    if "\n" in text:
        yield from (line.strip() for line in text.splitlines() if len(line.strip()) >= _LONG)
    if text.startswith("arn:"):
        name = text.rpartition(":")[2]
        yield from (part for part in (name, *name.split("/")) if len(part) > _SHORT)


def _by_length(text: str) -> tuple[int, str]:
    return -len(text), text


def _pattern(forms: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of the texts: the short ones as words of their own."""
    each = [re.escape(form) if len(form) >= _LONG else rf"(?<!\w){re.escape(form)}(?!\w)" for form in forms]
    return re.compile("|".join(each)) if each else None
