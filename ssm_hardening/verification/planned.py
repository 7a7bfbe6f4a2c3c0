"""What a plan of Terraform's would do, and what an apply did: which changes ended, which began and did not."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ssm_hardening.core.errors import counted
from ssm_hardening.verification.diagnostics import Diagnostic, read_diagnostic, read_init
from ssm_hardening.verification.processes import Finished
from ssm_hardening.verification.runner import Check, CheckOutcome

NAME = "terraform plan"


class Action(StrEnum):
    """What is to happen to one object."""

    KEEP = "keep"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    SWAP = "swap"
    FORGET = "forget"


_ACTIONS: Mapping[tuple[str, ...], Action] = {
    ("no-op",): Action.KEEP,
    ("read",): Action.KEEP,
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("forget",): Action.FORGET,
}
_HARMLESS = frozenset({Action.KEEP, Action.CREATE, Action.UPDATE, Action.SWAP})
_SWAPPED = frozenset({"aws_iam_role_policy_attachment"})
"""Links that hold nothing themselves: one of them may take another's place, as long as the new one comes first."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One object of a plan: its address, what happens, whether it is imported, and the arguments that change."""

    address: str
    action: Action
    imported: bool
    changed: frozenset[str]


def planned_changes(plan: Mapping[str, Any]) -> tuple[PlannedChange, ...]:
    """Return what a plan would do. Raises ValueError where the data is not that of `terraform show -json PLAN`."""
    if "resource_changes" not in plan and "planned_values" not in plan:
        raise ValueError("this is not a Terraform plan in JSON format")
    managed = (each for each in plan.get("resource_changes", ()) if each.get("mode") == "managed")
    return tuple(_change(each) for each in managed)


def _change(data: Mapping[str, Any]) -> PlannedChange:
    change = data["change"]
    action = _ACTIONS.get(tuple(change["actions"]))
    if action is None:
        raise ValueError(f"{data['address']}: unknown actions in the plan: {change['actions']}")
    if action is Action.REPLACE and data.get("type") in _SWAPPED and change["actions"][0] == "create":
        action = Action.SWAP
    return PlannedChange(
        address=str(data["address"]),
        action=action,
        imported=change.get("importing") is not None,
        changed=frozenset(_changed(change)) if action is Action.UPDATE else frozenset(),
    )


def _changed(change: Mapping[str, Any]) -> Iterator[str]:
    before, after = change.get("before") or {}, change.get("after") or {}
    unknown = change.get("after_unknown") or {}
    yield from (name for name, value in after.items() if value != before.get(name))
    yield from (name for name, value in unknown.items() if value is True)


def plan_check(plan: Mapping[str, Any]) -> Check:
    """Return what a plan means for a verification: failed where it would destroy, replace or forget anything."""
    changes = planned_changes(plan)
    harm = tuple(f"{each.address} would be {_WORDS[each.action]}" for each in changes if each.action not in _HARMLESS)
    if harm:
        return Check(NAME, CheckOutcome.FAILED, f"{counted(len(harm), 'object')} would be lost", harm)
    counts = {action: sum(each.action is action for each in changes) for action in Action}
    imported = sum(each.imported for each in changes)
    swapped = f", {counted(counts[Action.SWAP], 'policy', 'policies')} to swap" if counts[Action.SWAP] else ""
    told = (
        f"{imported} to import, {counts[Action.CREATE]} to create, {counts[Action.UPDATE]} to change{swapped}, "
        "0 to destroy"
    )
    return Check(NAME, CheckOutcome.PASSED, told)


_WORDS = {Action.DELETE: "destroyed", Action.REPLACE: "replaced", Action.FORGET: "forgotten"}


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
        unknown = f", {self.begun} more started but did not finish" if self.begun else ""
        return f"{self.done} of {counted(self.planned, 'change')} reported as applied{unknown}"


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
