"""Whether a condition of a policy holds for a request, as the IAM User Guide says; two-valued, of plain JSON.

Written from AWS's pages "Condition operators", "Single-valued vs. multivalued context keys" and "Variables and tags",
and from nothing of the product. Where those pages leave a point open, `Doubts` holds both readings.
"""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import TypeAlias

Context: TypeAlias = Mapping[str, tuple[str, ...]]
"""Condition keys in lower case, and their values in the request; a key that is not there is not in the request."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_NAMED = re.compile(r"\s*([^,]*?)\s*(?:,\s*'([^']*)'\s*)?")
_SPECIAL = ("*", "?", "$")


class Doubt(StrEnum):
    """What AWS's text does not settle."""

    ANY_VALUE_IF_EXISTS = "whether ForAnyValue:…IfExists holds where the request lacks the key"
    NO_VALUE_SPOILS_STATEMENT = "whether a variable without a value spoils its statement, or only matches nothing"
    NAMES_IN_PART = "whether NotPrincipal exempts who is listed in part only (without account, or without session)"
    NOT_PRINCIPAL_GRANTS = "whether Allow with NotPrincipal, which AWS does not support any more, grants"
    EVERYBODY_IS_DIRECT = "whether `*` without aws:PrincipalArn grants past a boundary or a session policy"
    IS_NO_ARN = "what a pattern of fewer parts than an ARN matches under an ARN operator"
    STAR_CROSSES_COLONS = (
        "whether a wildcard in front of a colon matches colons, and what a resource of few parts names"
    )
    IS_CANONICAL_USER = "whether a canonical user ID, which no policy explains, is that of the caller's account"
    WHO_FEDERATED = "which user of the account started a federated session, whose name is free"


@dataclass(slots=True)
class Doubts:
    """One reading of the open points, and which of them came up."""

    readings: Mapping[Doubt, bool] = field(default_factory=dict)
    met: set[Doubt] = field(default_factory=set)

    def holds(self, doubt: Doubt) -> bool:
        self.met.add(doubt)
        return self.readings.get(doubt, False)


class NoValueError(Exception):
    """A policy variable has no value in this request."""


class SpoiledError(Exception):
    """A variable without a value makes the statement invalid."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `owner` is the account that owns the resource, `caller` the ARN of a user or session, or a service."""

    action: str
    resource: str
    owner: str
    caller: str
    context: Context


@dataclass(frozen=True, slots=True)
class Reader:
    """How the texts of one policy are read: variables exist only since the version of 2012."""

    context: Context
    variables: bool
    doubts: Doubts

    def pieces(self, text: str) -> Iterator[tuple[str, bool]]:
        """Yield the parts of a text, and whether `*` and `?` in them are wildcards."""
        at = 0
        for found in _VARIABLE.finditer(text) if self.variables else ():
            yield text[at : found.start()], True
            yield self._value(found[1]), False
            at = found.end()
        yield text[at:], True

    def _value(self, name: str) -> str:
        if name in _SPECIAL:
            return name
        named = _NAMED.fullmatch(name)
        values = self.context.get(named[1].lower(), ()) if named else ()
        if len(values) == 1:
            return values[0]
        if named is None or named[2] is None:
            raise NoValueError
        return named[2]

    def plain(self, text: str) -> str:
        return "".join(piece for piece, _ in self.pieces(text))

    def glob(self, text: str) -> str:
        return "".join(_globbed(piece) if wild else re.escape(piece) for piece, wild in self.pieces(text))

    def among(self, texts: Sequence[str], matches: Callable[[str], bool]) -> bool:
        """Return whether some text matches; one with a variable that has no value matches nothing, or spoils all."""
        found = False
        for text in texts:
            try:
                found = matches(text) or found
            except NoValueError:
                if self.doubts.holds(Doubt.NO_VALUE_SPOILS_STATEMENT):
                    raise SpoiledError from None
        return found


def _globbed(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")


@lru_cache(4096)
def matched(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def like(pattern: str, text: str, reader: Reader) -> bool:
    return matched(reader.glob(pattern), text)


def arn_like(pattern: str, text: str, reader: Reader) -> bool:
    """Return whether each of the six parts of an ARN matches by itself."""
    parts, values = split(reader.glob(pattern)), text.split(":", 5)
    if len(parts) < len(values):
        return reader.doubts.holds(Doubt.IS_NO_ARN)
    return len(parts) == len(values) and all(map(matched, parts, values))


def split(pattern: str) -> list[str]:
    return pattern.split(":", 5)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    if (seconds := _number(text)) is not None:
        return seconds
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _compared(read: Callable[[str], float | None], compare: Callable[[float, float], bool]) -> "Test":
    def test(wanted: str, value: str, _: Reader) -> bool:
        right, left = read(wanted), read(value)
        return left is not None and right is not None and compare(left, right)

    return test


def _within(wanted: str, value: str, _: Reader) -> bool:
    try:
        return ip_address(value) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def _bytes(wanted: str, value: str, _: Reader) -> bool:
    try:
        return b64decode(wanted, validate=True) == b64decode(value, validate=True)
    except Error:
        return False


Test: TypeAlias = Callable[[str, str, Reader], bool]
_TESTS: Mapping[str, Test] = {
    "stringequals": lambda wanted, value, reader: reader.plain(wanted) == value,
    "stringequalsignorecase": lambda wanted, value, reader: reader.plain(wanted).lower() == value.lower(),
    "stringlike": like,
    "arnequals": arn_like,
    "arnlike": arn_like,
    "bool": lambda wanted, value, _: wanted.lower() == value.lower(),
    "ipaddress": _within,
    "binaryequals": _bytes,
    **{
        f"{kind}{name}": _compared(read, compare)
        for kind, read in (("numeric", _number), ("date", _moment))
        for name, compare in (
            ("equals", eq), ("lessthan", lt), ("lessthanequals", le), ("greaterthan", gt), ("greaterthanequals", ge),
        )
    },
}  # fmt: skip
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
}


def holds(operator: str, key: str, wanted: Sequence[str], reader: Reader) -> bool:
    """Return whether one key satisfies one operator: one of the values of the policy, or with a negation none."""
    quantifier, _, name = operator.lower().rpartition(":")
    values = reader.context.get(key.lower(), ())
    if name == "null":
        return any(text.lower() == ("false" if values else "true") for text in wanted)
    base = name.removesuffix("ifexists")
    test = _TESTS[_NEGATED.get(base, base)]

    def agrees(value: str) -> bool:
        return reader.among(wanted, lambda text: test(text, value, reader)) != (base in _NEGATED)

    if not values:
        return _without(quantifier, name, negated=base in _NEGATED, doubts=reader.doubts)
    if quantifier == "forallvalues":
        return all(agrees(value) for value in values)
    return any(agrees(value) for value in values)


def _without(quantifier: str, name: str, *, negated: bool, doubts: Doubts) -> bool:
    if quantifier == "foranyvalue":
        return name.endswith("ifexists") and doubts.holds(Doubt.ANY_VALUE_IF_EXISTS)
    return quantifier == "forallvalues" or negated or name.endswith("ifexists")
