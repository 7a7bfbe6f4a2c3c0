"""What was worked out of a thing is kept beside it, so that the same question is not worked out again."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Memory(Generic[T, R]):
    """Results by which thing they are of, and not by what it holds: to compare all that costs what is to be saved.

    A thing that is kept cannot come to share its identity with another one. Of more than `most` things, none is kept
    on: what is still needed is worked out once more.
    """

    def __init__(self, work: Callable[[T], R], *, most: int) -> None:
        self._work = work
        self._most = most
        self._kept: dict[int, tuple[T, R]] = {}

    def __call__(self, thing: T) -> R:
        """Return the result of a thing, worked out once."""
        kept = self._kept.get(id(thing))
        if kept is not None and kept[0] is thing:
            return kept[1]
        result = self._work(thing)
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[id(thing)] = (thing, result)
        return result

    def forget(self) -> None:
        """Drop everything."""
        self._kept.clear()
