from typing import Any

import pytest

from ssm_hardening.verification.planned import Action, plan_check, planned_changes
from ssm_hardening.verification.runner import CheckOutcome


def plan(*actions: str, **more: Any) -> dict[str, Any]:
    change = {"actions": list(actions), "before": {"a": 1, "b": 1}, "after": {"a": 2, "b": 1}, **more}
    return {"resource_changes": [{"address": "aws_s3_bucket.this", "mode": "managed", "change": change}]}


@pytest.mark.parametrize("actions", [("delete",), ("delete", "create"), ("create", "delete"), ("forget",)])
def test_what_is_lost_fails_the_check(actions: tuple[str, ...]) -> None:
    check = plan_check(plan(*actions))
    assert check.outcome is CheckOutcome.FAILED
    assert "aws_s3_bucket.this" in check.details[0]


@pytest.mark.parametrize("actions", [("no-op",), ("create",), ("update",)])
def test_what_adds_and_changes_in_place_passes(actions: tuple[str, ...]) -> None:
    assert plan_check(plan(*actions)).outcome is CheckOutcome.PASSED


def test_a_policy_may_be_swapped_for_another_where_the_new_one_comes_first() -> None:
    swapped = plan("create", "delete")
    swapped["resource_changes"][0] |= {
        "address": "aws_iam_role_policy_attachment.x",
        "type": "aws_iam_role_policy_attachment",
    }
    check = plan_check(swapped)
    assert check.outcome is CheckOutcome.PASSED
    assert "1 policy to swap" in check.message


def test_a_policy_that_goes_before_the_new_one_is_there_is_lost() -> None:
    gone_first = plan("delete", "create")
    gone_first["resource_changes"][0] |= {"type": "aws_iam_role_policy_attachment"}
    assert plan_check(gone_first).outcome is CheckOutcome.FAILED


def test_a_change_names_what_changes_and_whether_it_is_an_import() -> None:
    (change,) = planned_changes(plan("update", importing={"id": "x"}, after_unknown={"c": True, "d": {}}))
    assert change.action is Action.UPDATE
    assert change.imported
    assert change.changed == {"a", "c"}


def test_an_action_that_nobody_knows_is_no_pass() -> None:
    with pytest.raises(ValueError, match="unknown actions in the plan"):
        plan_check(plan("burn"))


def test_other_json_is_no_plan() -> None:
    with pytest.raises(ValueError, match="not a Terraform plan"):
        plan_check({})
