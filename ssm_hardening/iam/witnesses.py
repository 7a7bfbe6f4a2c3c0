"""Values by which conditions tell requests apart: one for each set of patterns that a text can match alone.

If a caller may choose a value, nothing but these needs to be tried: any other one is treated like one of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TypeAlias

from ssm_hardening.iam.matching import LITERAL_MARK, LITERAL_STAR

_MOST_STATES = 1_500
_FILLERS = "xyz0123456789-_"
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


@lru_cache(maxsize=4_096)
def texts(patterns: tuple[Pattern, ...]) -> tuple[tuple[str, ...], bool]:
    """Return texts (not empty), the shortest of its kind each, and whether these are all kinds.

    The last one matches no pattern, if there is such a text.
    """
    read = [_read(each) for each in patterns]
    if not any({_ANY, _ONE, _ANY_BUT, _ONE_BUT} & set(each.tokens) or each.any_case for each in read):
        found = tuple(dict.fromkeys("".join(each.tokens) for each in read))
        return (*found, _other_than(found)), True
    kinds: dict[tuple[bool, ...], str] = {}
    whole = True
    for number, (text, states) in enumerate(_reachable(read)):
        whole = number < _MOST_STATES
        if not whole:
            break
        accepted = tuple(each.accepts(state) for each, state in zip(read, states, strict=True))
        if text:
            kinds.setdefault(accepted, text)
    ordered = sorted(kinds, key=lambda accepted: not any(accepted))
    return tuple(kinds[each] for each in ordered), whole


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


def _reachable(patterns: Sequence[_Read]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield each state that all patterns together can be in, with the shortest text that leads there."""
    start = tuple(each.start for each in patterns)
    seen, row = {start}, [("", start)]
    # The empty text is no value: its state may be reached again, by a longer one.
    seen.clear()
    while row:
        further: list[tuple[str, tuple[int, ...]]] = []
        for text, states in row:
            yield text, states
            for character in _characters(patterns, states):
                reached = tuple(each.after(state, character) for each, state in zip(patterns, states, strict=True))
                if reached not in seen:
                    seen.add(reached)
                    further.append((text + character, reached))
        row = further


def _characters(patterns: Sequence[_Read], states: Sequence[int]) -> list[str]:
    told = {mark for each, state in zip(patterns, states, strict=True) for mark in each.next_characters(state)}
    filler = next((mark for mark in _FILLERS if mark not in told), "\u00a4")
    return [*sorted(told), filler]


def addresses(networks: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """Return addresses in and around networks, which lie in each other or apart; and whether all texts were read."""
    found: dict[str, None] = {}
    whole = True
    for text in networks:
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            whole = False
            continue
        first, last = network.network_address, network.broadcast_address
        for base, step in ((first, 1), (first, 0), (last, 0), (last, 1), (first, -1)):
            address = _near(base, step)
            if address is not None:
                found.setdefault(address)
    return tuple(found), whole


def _near(base: IPv4Address | IPv6Address, step: int) -> str | None:
    number = int(base) + step
    kind = type(base)
    return str(kind(number)) if 0 <= number < 1 << base.max_prefixlen else None


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
