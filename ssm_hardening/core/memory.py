"""What was worked out of things is kept beside them, so that the same question is not worked out again."""

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Memory(Generic[P, R]):
    """Results by which things they are of, and not by what these hold: to compare all that costs what is to be saved.

    A thing that is kept cannot come to share its identity with another one. Of more than `most` results, none is kept
    on: what is still needed is worked out once more.
    """

    def __init__(self, work: Callable[P, R], *, most: int) -> None:
        self._work = work
        self._most = most
        self._kept: dict[tuple[int, ...], tuple[tuple[object, ...], R]] = {}
        _ALL.append(self._kept)

    def __call__(self, *things: P.args, **named: P.kwargs) -> R:
        """Return the result of these things, worked out once. Things without a name only."""
        key = tuple(map(id, things))
        kept = self._kept.get(key)
        if kept is not None:
            return kept[1]
        result = self._work(*things, **named)
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = (things, result)
        return result


_ALL: list[dict[Any, Any]] = []


def forget() -> None:
    """Drop all that is kept, so that things are looked at again: for who watches what is read."""
    for kept in _ALL:
        kept.clear()
