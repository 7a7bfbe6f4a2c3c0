"""What the pictures of one account have in common, asked once."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class AccountAnswers:
    """What is the same for all pictures of an account: each question is asked once.

    `home` is the Region that is asked what belongs to no Region.
    """

    home: str
    _given: dict[Hashable, Future[Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def once(self, question: Hashable, ask: Callable[[], R]) -> R:
        """Return the answer. Whoever has the same question while it is being asked waits."""
        with self._lock:
            is_first = question not in self._given
            answer: Future[R] = self._given.setdefault(question, Future())
        if is_first:
            try:
                answer.set_result(ask())
            except BaseException as error:
                answer.set_exception(error)
                raise
        return answer.result()
