"""The table of powers: each entry is complete, dated, and asked on something."""

import re
from datetime import date

import pytest

from ssm_hardening.core.values import Absent, Known, Reference, Template
from ssm_hardening.iam.powers import (
    ANYTHING,
    Power,
    Use,
    all_powers,
    arbitrary,
    fits,
    least,
    meaning_of,
    powers_of,
    session_actions,
)
from tests.iam.shapes import AT

POWERS = all_powers()
ACCOUNT, REGION = Known("111122223333", AT), Known("eu-west-1", AT)


def published(power: Power) -> bool:
    return any(source.startswith(("prowler", "pathfinding.cloud")) for source in power.sources)


@pytest.mark.parametrize("power", POWERS, ids=lambda power: power.id)
def test_an_entry_is_complete(power: Power) -> None:
    assert power.title[0].islower()
    assert not power.title.endswith(".")
    assert power.sources
    assert power.raises
    assert date(2026, 1, 1) <= date.fromisoformat(power.read_on)
    for need in power.needs:
        assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+", need.action)
        assert bool(need.passed_to) == (need.action == "iam:PassRole")
        asked = arbitrary(need.on, ACCOUNT, REGION)
        assert asked == "*" if need.on == ANYTHING else str(asked).startswith("arn:aws:")


def test_no_two_entries_are_the_same() -> None:
    assert len({power.id for power in POWERS}) == len(POWERS)
    assert len({(power.use, frozenset(power.needs)) for power in POWERS}) == len(POWERS)


def test_every_use_has_powers_and_a_meaning() -> None:
    assert all(powers_of(use) and meaning_of(use) for use in Use)


def test_the_published_combinations_are_all_there() -> None:
    assert len({frozenset(power.actions) for power in POWERS if published(power)}) == 102


def test_what_concerns_sessions_is_told_from_the_other_actions_of_systems_manager() -> None:
    assert {"ssm:StartSession", "ssm:SendCommand", "ssm:UpdateDocument", "ssm:CreateActivation"} < set(
        session_actions()
    )
    assert {"ssmmessages:OpenDataChannel", "ssm-guiconnect:StartConnection"} < set(session_actions())
    assert not [each for each in session_actions() if "Parameter" in each or "Tags" in each or "iam:" in each]


def test_powers_that_hold_another_one_say_no_more() -> None:
    kept = least(powers_of(Use.SHELLS))
    assert "instance-connect" in {power.id for power in kept}
    assert "instance-connect-and-describe" not in {power.id for power in kept}
    assert {need for power in kept for need in power.needs} < {each for p in powers_of(Use.SHELLS) for each in p.needs}


def test_an_arbitrary_object_holds_account_and_region_where_its_arns_do() -> None:
    assert arbitrary("role", ACCOUNT, REGION) == "arn:aws:iam::111122223333:role/Unnamed-Role"
    assert arbitrary("function", ACCOUNT, REGION) == "arn:aws:lambda:eu-west-1:111122223333:function:unnamed-function"
    assert arbitrary("bucket", ACCOUNT, REGION) == "arn:aws:s3:::any-bucket-at-all"
    assert "data.aws_caller_identity" in str(arbitrary("role", Absent(AT), REGION))


def test_texts_of_policies_fit_the_kinds_that_they_may_name() -> None:
    role = "arn:aws:iam::111122223333:role/app-*"
    assert fits("role", role)
    assert fits("role", "arn:aws:iam::*:*")
    assert fits("role", Reference("aws_iam_role.app", "arn"))
    assert fits("role", Template(("arn:aws:iam::", Reference("data.aws_caller_identity.me", "account_id"), ":role/x")))
    assert not fits("role", "arn:aws:iam::111122223333:user/alex")
    assert not fits("role", "arn:aws:lambda:*:*:function:x")
    assert not fits("role", Reference("aws_iam_user.app", "arn"))
    assert not fits("function", role)
    assert fits("function", Reference("aws_lambda_function.app", "arn"))
    assert not fits("function", Reference("aws_s3_bucket.logs", "arn"))
    assert fits("object", "arn:aws:s3:::bucket/key")
    assert not fits("object", role)
