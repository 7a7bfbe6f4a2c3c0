from typing import Any

import pytest

from ssm_hardening.core.logic import Answer, is_no, is_yes
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.iam.circumstances import conditions_hold
from ssm_hardening.iam.requests import Request
from tests.iam.shapes import policy, value

NOON = "2026-01-14T12:00:00Z"


def holds(operator: str, wanted: str, given: str) -> Answer:
    """Say whether a condition on the time holds at the given one."""
    statement = policy({"Effect": "Allow", "Condition": {operator: {"aws:CurrentTime": wanted}}}).items[0]
    context: dict[str, Any] = {"aws:currenttime": value([given])}
    here: dict[str, Any] = {"account": value("111122223333"), "region": value("eu-west-1")}
    return conditions_hold(statement, Request(action="ssm:StartSession", resource="*", **here, context=context))


@pytest.mark.parametrize("wanted", ["2026-01-14T13:00:00+00:00", "2026-01-14T14:00:00+01:00", "1768395600"])
def test_dates_are_compared_however_they_are_written(wanted: str) -> None:
    assert is_yes(holds("DateLessThan", wanted, NOON))
    assert is_no(holds("DateGreaterThanEquals", wanted, NOON))
    assert is_yes(holds("DateEquals", wanted, "2026-01-14T13:00:00Z"))


@pytest.mark.parametrize(("wanted", "given"), [("tomorrow", NOON), (NOON, "tomorrow"), ("tomorrow", "tomorrow")])
def test_what_is_no_date_leaves_the_condition_open(wanted: str, given: str) -> None:
    for operator in ("DateLessThan", "DateEquals", "DateNotEquals"):
        answer = holds(operator, wanted, given)
        assert isinstance(answer, Unknown)
        assert answer.why is Why.UNSUPPORTED
        assert "as a date" in answer.detail
