"""Configurations in which each pair of values of two axes occurs at least once, and always the same ones."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from itertools import combinations, product

from tests.constructed.axes import AXES, EXCLUDED, Configuration, Unread

Pair = frozenset[StrEnum]
Row = Mapping[str, StrEnum]

FEWEST = 500
"""So many configurations at least; those that the pairs do not need are drawn, and everything is read in them."""


@cache
def impossible() -> frozenset[Pair]:
    """Return every pair that is excluded."""
    return frozenset(frozenset(pair) for each in EXCLUDED for pair in product(each.values, each.others))


def possible() -> set[Pair]:
    """Return every pair of values of two axes that some configuration should have."""
    pairs = (frozenset(pair) for one, other in combinations(AXES.values(), 2) for pair in product(one, other))
    return {pair for pair in pairs if pair not in impossible()}


def pairs_of(values: Iterable[StrEnum]) -> set[Pair]:
    """Return the pairs of values of one configuration."""
    return {frozenset(pair) for pair in combinations(values, 2)}


@cache
def configurations() -> tuple[Configuration, ...]:
    """Return the configurations, in order. Raises ValueError where a pair fits into none."""
    chance = random.Random(20)  # noqa: S311 - the same configurations every time, and no secret
    wanted = possible()
    rows: list[Row] = []
    while wanted or len(rows) < FEWEST:
        row = _next(wanted, chance)
        wanted -= pairs_of(row.values())
        rows.append(row)
    return tuple(_configuration(row) for row in rows)


def _configuration(row: Row) -> Configuration:
    fields = {axis: kind(row[axis]) for axis, kind in AXES.items()}
    return Configuration(**fields)  # type: ignore[arg-type] # AXES has the kind of each field


def _next(wanted: set[Pair], chance: random.Random) -> Row:
    """Return the configuration around a pair that is wanted which has the most others of them, of a few tries."""
    if not wanted:
        return _filled({"unread": Unread.NOTHING}, wanted, chance)
    first = min(wanted, key=sorted)
    start = {axis: value for axis, kind in AXES.items() for value in first if isinstance(value, kind)}
    tries = (_filled(start, wanted, chance) for _ in range(8))
    return max(tries, key=lambda row: len(pairs_of(row.values()) & wanted))


def _filled(start: Row, wanted: set[Pair], chance: random.Random) -> Row:
    axes = [axis for axis in AXES if axis not in start]
    chance.shuffle(axes)
    found = next(_completed(start, axes, wanted, chance), None)
    if found is None:
        raise ValueError(f"no configuration has {', '.join(start.values())}")
    return found


def _completed(row: Row, axes: Sequence[str], wanted: set[Pair], chance: random.Random) -> Iterator[Row]:
    """Yield what the row becomes with a value for each of the axes, the most useful value first."""
    if not axes:
        yield row
        return
    axis, rest = axes[0], axes[1:]
    chosen = list(row.values())
    fitting = [value for value in AXES[axis] if not any(frozenset((value, other)) in impossible() for other in chosen)]
    chance.shuffle(fitting)
    fitting.sort(key=lambda value: -sum(frozenset((value, other)) in wanted for other in chosen))
    for value in fitting:
        yield from _completed({**row, axis: value}, rest, wanted, chance)
