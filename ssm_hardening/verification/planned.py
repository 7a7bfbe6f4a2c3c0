"""What a Terraform plan would do, read from `terraform show -json`: nothing that exists may be lost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ssm_hardening.verification.runner import Check, Outcome

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
        raise ValueError("not the JSON of a Terraform plan")
    managed = (each for each in plan.get("resource_changes", ()) if each.get("mode") == "managed")
    return tuple(_change(each) for each in managed)


def _change(data: Mapping[str, Any]) -> PlannedChange:
    change = data["change"]
    action = _ACTIONS.get(tuple(change["actions"]))
    if action is None:
        raise ValueError(f"{data['address']}: the plan says {change['actions']}, which is not known here")
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
        return Check(NAME, Outcome.FAILED, f"{len(harm)} objects would be lost", harm)
    counts = {action: sum(each.action is action for each in changes) for action in Action}
    imported = sum(each.imported for each in changes)
    swapped = f", {counts[Action.SWAP]} policies to swap" if counts[Action.SWAP] else ""
    told = (
        f"{imported} to import, {counts[Action.CREATE]} to create, {counts[Action.UPDATE]} to change{swapped}, none to "
        "destroy"
    )
    return Check(NAME, Outcome.PASSED, told)


_WORDS = {Action.DELETE: "destroyed", Action.REPLACE: "replaced", Action.FORGET: "forgotten"}
