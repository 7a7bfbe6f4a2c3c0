"""Values by which conditions tell requests apart: one for each set of patterns that a text can match alone.

If a caller may choose a value, nothing but these needs to be tried: any other one is treated like one of them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TypeAlias

from ssm_hardening.iam.matching import LITERAL_MARK, LITERAL_STAR

_MOST_STATES = 400
_FILLERS, _LAST_FILLER = "xyz0123456789-_", "\u00a4"
_FIELDS = 5
"""So many colons of an ARN are crossed by no wildcard."""

Token: TypeAlias = str
"""A character, or one of the wildcards below; those in the fields of an ARN match no colon."""

_ANY, _ONE, _ANY_BUT, _ONE_BUT = "any", "one", "any but :", "one but :"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A flat text of a policy that a value is compared with: literally, with wildcards, or as an ARN."""

    flat: str
    wildcards: bool = False
    arn: bool = False
    any_case: bool = False


WIDE = frozenset({"stringlike", "arnlike", "arnequals"})
"""Operators that take `*` and `?` for wildcards."""


@lru_cache(maxsize=4_096)
def values(
    compared: tuple[tuple[str, tuple[str, ...]], ...], beside: tuple[str, ...], fresh: str
) -> tuple[tuple[str, ...], bool]:
    """Return the values that comparisons tell apart, and whether these are all.

    `compared` are operators (in lower case, neither negated nor set forms) with flat texts of the policy. `beside` are
    values by themselves. `fresh` is what stands for all that nobody named, as far as nothing matches it.
    """
    patterns = [Pattern(text) for text in beside]
    others: dict[str, None] = {}
    whole = True
    for operator, flats in compared:
        plain = tuple(each.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?") for each in flats)
        if operator.startswith(("string", "arn", "bool")):
            any_case = operator in {"stringequalsignorecase", "bool"}
            patterns += [Pattern(each, operator in WIDE, operator.startswith("arn"), any_case) for each in flats]
        elif operator.startswith("numeric"):
            found, read = numbers(plain)
            others, whole = others | dict.fromkeys(found), whole and read
        elif operator not in {"null", "ipaddress"}:
            others, whole = others | dict.fromkeys(plain), whole and not plain
    lists = tuple(flats for operator, flats in compared if operator == "ipaddress")
    around, networks_read = addresses(lists)
    named, all_kinds = texts(tuple(dict.fromkeys(patterns))) if patterns else ((), True)
    if named and not any(matches(each, fresh) for each in patterns):
        named = named[:-1]
    return tuple(dict.fromkeys((*named, *others, *around, fresh))), whole and networks_read and all_kinds


@lru_cache(maxsize=4_096)
def texts(patterns: tuple[Pattern, ...]) -> tuple[tuple[str, ...], bool]:
    """Return texts (not empty), the shortest of its kind each, and whether these are all kinds.

    The last one matches no pattern, if there is such a text.
    """
    read = [_read(each) for each in patterns]
    wide = [each for each in read if each.is_wide]
    literals = tuple(dict.fromkeys("".join(each.tokens) for each in read if not each.is_wide))
    if not wide:
        return (*literals, _other_than(literals)), True
    taken = frozenset(literals)
    filler = next((mark for mark in _FILLERS if not any(mark in each.flat for each in patterns)), _LAST_FILLER)
    kinds: dict[tuple[bool, ...], str] = {}
    walk = _Walk(wide, filler)
    for text, states in walk:
        if text not in taken:
            kinds.setdefault(tuple(each.accepts(state) for each, state in zip(wide, states, strict=True)), text)
    ordered = sorted(kinds, key=lambda accepted: not any(accepted))
    return (*literals, *(kinds[each] for each in ordered)), walk.is_whole


def matches(pattern: Pattern, text: str) -> bool:
    """Say whether a pattern matches a text."""
    read = _read(pattern)
    state = read.start
    for character in text:
        state = read.after(state, character)
    return read.accepts(state)


def _other_than(given: Iterable[str]) -> str:
    taken = set(given)
    return next(text for text in ("x" * size for size in range(1, len(taken) + 2)) if text not in taken)


@dataclass(frozen=True, slots=True)
class _Read:
    """A pattern as an automaton: bit n of a state says that the first n tokens match what was read."""

    tokens: tuple[Token, ...]
    any_case: bool

    @property
    def is_wide(self) -> bool:
        """Whether it matches more than one text."""
        return self.any_case or any(each in {_ANY, _ONE, _ANY_BUT, _ONE_BUT} for each in self.tokens)

    @property
    def start(self) -> int:
        return self._past_stars(1)

    def accepts(self, state: int) -> bool:
        return bool(state >> len(self.tokens) & 1)

    def after(self, state: int, character: str) -> int:
        """Return the state after one more character."""
        reached = 0
        for at, token in enumerate(self.tokens):
            if not state >> at & 1:
                continue
            if token == _ANY or (token == _ANY_BUT and character != ":"):
                reached |= 1 << at
            elif self._is(token, character):
                reached |= 1 << (at + 1)
        return self._past_stars(reached)

    def _is(self, token: Token, character: str) -> bool:
        if token == _ONE:
            return True
        if token in {_ANY_BUT, _ONE_BUT}:
            return token == _ONE_BUT and character != ":"
        return token.casefold() == character.casefold() if self.any_case else token == character

    def next_characters(self, state: int) -> Iterator[str]:
        """Yield the characters that the pattern tells from others in this state."""
        for at, token in enumerate(self.tokens):
            if state >> at & 1:
                if len(token) == 1:
                    yield from {token, token.swapcase()} if self.any_case else {token}
                elif token in {_ANY_BUT, _ONE_BUT}:
                    yield ":"

    def _past_stars(self, state: int) -> int:
        for at, token in enumerate(self.tokens):
            if state >> at & 1 and token in {_ANY, _ANY_BUT}:
                state |= 1 << (at + 1)
        return state


def _read(pattern: Pattern) -> _Read:
    tokens: list[Token] = []
    colons = 0
    for mark in pattern.flat:
        inside = pattern.arn and colons < _FIELDS
        colons += mark == ":"
        if pattern.wildcards and mark in "*?":
            any_or_one = (_ANY_BUT, _ONE_BUT) if inside else (_ANY, _ONE)
            tokens.append(any_or_one["*?".index(mark)])
        else:
            tokens.append({LITERAL_STAR: "*", LITERAL_MARK: "?"}.get(mark, mark))
    return _Read(tuple(tokens), pattern.any_case)


class _Walk:
    """Texts by which every state is reached that patterns can be in together, shorter ones first."""

    def __init__(self, patterns: Sequence[_Read], filler: str) -> None:
        self._patterns = patterns
        self._filler = filler
        self.is_whole = True

    def __iter__(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        row = [("", tuple(each.start for each in self._patterns))]
        # The empty text is no value: the state before it may be reached again.
        seen: set[tuple[int, ...]] = set()
        while row:
            further: list[tuple[str, tuple[int, ...]]] = []
            for text, states in row:
                for character in self._characters(states):
                    reached = self._after(states, character)
                    yield text + character, reached
                    if reached not in seen:
                        seen.add(reached)
                        further.append((text + character, reached))
                if len(seen) > _MOST_STATES:
                    self.is_whole = False
                    return
            row = further

    def _after(self, states: Sequence[int], character: str) -> tuple[int, ...]:
        return tuple(each.after(state, character) for each, state in zip(self._patterns, states, strict=True))

    def _characters(self, states: Sequence[int]) -> list[str]:
        pairs = zip(self._patterns, states, strict=True)
        return [*sorted({mark for each, state in pairs for mark in each.next_characters(state)}), self._filler]


@lru_cache(maxsize=1_024)
def addresses(lists: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], bool]:
    """Return an address for each set of lists of networks that it can be in alone, and whether all texts were read."""
    whole = True
    borders: dict[tuple[int, int], None] = {}
    ranges: list[dict[int, list[tuple[int, int]]]] = []
    for texts_ in lists:
        ranges.append({4: [], 6: []})
        for text in texts_:
            try:
                network = ip_network(text, strict=False)
            except ValueError:
                whole = False
                continue
            first, last = int(network.network_address), int(network.broadcast_address)
            ranges[-1][network.version].append((first, last))
            borders |= dict.fromkeys((network.version, each) for each in (first + 1, first, last, last + 1, first - 1))
    kinds: dict[tuple[int, tuple[bool, ...]], str] = {}
    merged = [{version: _merged(found) for version, found in each.items()} for each in ranges]
    for version, number in borders:
        if 0 <= number < 1 << _BITS[version]:
            within = tuple(_is_within(number, each[version]) for each in merged)
            kinds.setdefault((version, within), str((IPv4Address if version == _V4 else IPv6Address)(number)))
    return tuple(kinds.values()), whole


_V4, _BITS = 4, {4: 32, 6: 128}


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges in order, none within another one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges, key=lambda each: (each[0], -each[1])):
        if not found or last > found[-1][1]:
            found.append((first, last))
    return found


def _is_within(number: int, ranges: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(ranges, number, key=lambda each: each[0])
    return at > 0 and number <= ranges[at - 1][1]


def numbers(limits: Iterable[str], *, lowest: int = 0) -> tuple[tuple[str, ...], bool]:
    """Return numbers at and around limits, and whether all of these were read and are whole."""
    found: set[int] = set()
    whole = True
    for text in limits:
        try:
            limit = float(text)
        except ValueError:
            whole = False
            continue
        if limit != limit or abs(limit) > 1 << 53:  # noqa: PLR0124 - NaN alone differs from itself
            whole = False
            continue
        found |= {int(limit) - 1, int(limit), int(limit) + 1}
        whole = whole and limit == int(limit)
    return tuple(str(each) for each in sorted(found) if each >= lowest), whole
