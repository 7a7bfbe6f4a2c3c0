"""What `apply -json` reported: which changes ended, which began and did not, and why it stopped."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ssm_hardening.verification.diagnostics import Diagnostic, read_diagnostic, read_init
from ssm_hardening.verification.planned import Action, PlannedChange
from ssm_hardening.verification.processes import Finished

_SHORT = 240
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_OPERATIONS: Mapping[Action, int] = {Action.KEEP: 0, Action.SWAP: 2, Action.REPLACE: 2}
_ENDED, _BEGUN, _WRONG = "apply_complete", "apply_start", "apply_errored"


@dataclass(frozen=True, slots=True)
class Applied:
    """How far an apply came, by what was reported: of the `planned` changes, those that ended and those that hang.

    `begun` began and neither ended nor failed: whether they were made is unknown.
    """

    planned: int = 0
    done: int = 0
    begun: int = 0

    def __add__(self, other: "Applied") -> "Applied":
        """Return both together: one stage after the other."""
        return Applied(self.planned + other.planned, self.done + other.done, self.begun + other.begun)

    def told(self) -> str:
        """Return it as a part of a sentence."""
        unknown = f", {self.begun} more began and did not end" if self.begun else ""
        return f"{self.done} of {self.planned} changes reported as applied{unknown}"


def changing(changes: Iterable[PlannedChange]) -> dict[str, int]:
    """Return the objects that a plan changes, and how many operations each one takes."""
    counted = {each.address: _OPERATIONS.get(each.action, 1) for each in changes}
    return {address: count for address, count in counted.items() if count}


def read_apply(answer: Finished, planned: Mapping[str, int]) -> Applied:
    """Return how far an apply came. What it did not report as ended is not counted as done."""
    seen: dict[str, Counter[str]] = {_ENDED: Counter(), _BEGUN: Counter(), _WRONG: Counter()}
    for event in _events(answer.stdout):
        match event:
            case {"type": str(kind), "hook": {"resource": {"addr": str(address)}}} if kind in seen:
                seen[kind][address] += 1
    ended, begun, wrong = seen[_ENDED], seen[_BEGUN], seen[_WRONG]
    done = {address for address, count in planned.items() if ended[address] >= count and not wrong[address]}
    hanging = {address for address in begun if begun[address] > ended[address] + wrong[address]}
    return Applied(len(planned), len(done), len(hanging - done))


def _events(text: str) -> Iterator[Any]:
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                continue


def errors_of(answer: Finished) -> tuple[str, ...]:
    """Return the errors that a command reported, as JSON or as text, a line each; else its last line."""
    found = [read_diagnostic(event["diagnostic"]) for event in _events(answer.stdout) if "diagnostic" in event]
    errors: list[Diagnostic] = [each for each in found if each.severity == "error"]
    errors += read_init(_ANSI.sub("", answer.stderr))
    last = tuple(line for line in answer.tail(1) if not line.startswith("{"))
    return tuple(each.text() for each in errors) or last


def short_error(answer: Finished) -> str:
    """Return the first error in brief, and how many more there are."""
    first, *others = errors_of(answer) or (f"exit code {answer.code}",)
    text = first if len(first) <= _SHORT else f"{first[: _SHORT - 1]}…"
    return f"{text} (and {len(others)} more)" if others else text
