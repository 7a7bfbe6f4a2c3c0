"""Configurations in which each pair of values of two axes occurs at least once, and always the same ones."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import combinations, product
from typing import Any, get_type_hints

from tests.constructed.axes import EXCLUDED, Configuration, Excluded, Unread

Pair = frozenset[StrEnum]
Row = Mapping[str, StrEnum]

FEWEST = 500
"""So many configurations at least; those that the pairs do not need are drawn, and everything is read in them."""


def pairs_of(values: Iterable[StrEnum]) -> set[Pair]:
    """Return the pairs of values of one configuration."""
    return {frozenset(pair) for pair in combinations(values, 2)}


@dataclass(frozen=True)
class Design:
    """A kind of configuration, whose fields are axes, and the pairs of their values that cannot be.

    `fewest`: so many configurations at least. `drawn`: values of those that the pairs do not need.
    """

    case: type[Any]
    excluded: Sequence[Excluded]
    fewest: int = 40
    drawn: Row = field(default_factory=dict)

    @cached_property
    def axes(self) -> Mapping[str, type[StrEnum]]:
        """The values of each axis, in order."""
        return get_type_hints(self.case)

    @cached_property
    def cases(self) -> tuple[Any, ...]:
        """The configurations, in order."""
        return tuple(self.case(**row) for row in self.rows())

    @cached_property
    def impossible(self) -> frozenset[Pair]:
        """Every pair that is excluded."""
        return frozenset(frozenset(pair) for each in self.excluded for pair in product(each.values, each.others))

    def possible(self) -> set[Pair]:
        """Return every pair of values of two axes that some configuration should have."""
        pairs = (frozenset(pair) for one, other in combinations(self.axes.values(), 2) for pair in product(one, other))
        return {pair for pair in pairs if pair not in self.impossible}

    def rows(self) -> Iterator[Row]:
        """Yield the rows, in order. Raises ValueError where a pair fits into none."""
        chance = random.Random(20)  # noqa: S311 - the same configurations every time, and no secret
        wanted = self.possible()
        count = 0
        while wanted or count < self.fewest:
            row = self._next(wanted, chance)
            wanted -= pairs_of(row.values())
            count += 1
            yield {axis: row[axis] for axis in self.axes}

    def _next(self, wanted: set[Pair], chance: random.Random) -> Row:
        """Return the row around a pair that is wanted which has the most others of them, of a few tries."""
        if not wanted:
            return self._filled(self.drawn, wanted, chance)
        first = min(wanted, key=sorted)
        start = {axis: value for axis, kind in self.axes.items() for value in first if isinstance(value, kind)}
        tries = (self._filled(start, wanted, chance) for _ in range(8))
        return max(tries, key=lambda row: len(pairs_of(row.values()) & wanted))

    def _filled(self, start: Row, wanted: set[Pair], chance: random.Random) -> Row:
        axes = [axis for axis in self.axes if axis not in start]
        chance.shuffle(axes)
        found = next(self._completed(start, axes, wanted, chance), None)
        if found is None:
            raise ValueError(f"no configuration has {', '.join(start.values())}")
        return found

    def _completed(self, row: Row, axes: Sequence[str], wanted: set[Pair], chance: random.Random) -> Iterator[Row]:
        """Yield what the row becomes with a value for each of the axes, the most useful value first."""
        if not axes:
            yield row
            return
        axis, rest = axes[0], axes[1:]
        chosen = list(row.values())
        fitting = [
            value
            for value in self.axes[axis]
            if not any(frozenset((value, other)) in self.impossible for other in chosen)
        ]
        chance.shuffle(fitting)
        fitting.sort(key=lambda value: -sum(frozenset((value, other)) in wanted for other in chosen))
        for value in fitting:
            yield from self._completed({**row, axis: value}, rest, wanted, chance)


ACCESS = Design(Configuration, EXCLUDED, FEWEST, {"unread": Unread.NOTHING})
"""The design of the configurations about Regions, nodes, holders of rights, and parts that are not read."""
