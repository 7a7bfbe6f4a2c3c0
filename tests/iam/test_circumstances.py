from typing import Any

import pytest

from ssm_hardening.core.logic import Answer, is_no, is_yes
from ssm_hardening.core.values import Absent, Unknown, Why
from ssm_hardening.iam.circumstances import conditions_hold
from ssm_hardening.iam.requests import Request
from tests.iam.shapes import AT, policy, value

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


ARN = "arn:aws:iam::111122223333:role/team/node"


def met(conditions: dict[str, Any], **keys: Any) -> Answer:
    statement = policy({"Effect": "Allow", "Condition": conditions}).items[0]
    here: dict[str, Any] = {"account": value("111122223333"), "region": value("eu-west-1"), "rest": Absent(AT)}
    context = {key: value(texts) for key, texts in keys.items()}
    return conditions_hold(statement, Request(action="ssm:StartSession", resource="*", **here, context=context))


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "holds"),
    [
        ("stringEQUALS", "a", ["a"], True),
        ("StringEquals", ["a", "b"], ["b"], True),
        ("StringNotEquals", ["a", "b"], ["b"], False),
        ("StringNotEquals", ["a", "b"], None, True),
        ("StringNotEqualsIgnoreCase", "A", ["a"], False),
        ("StringLike", "A*", ["abc"], False),
        ("StringEquals", "a*", ["ab"], False),
        ("ForAllValues:StringEquals", "a", [], True),
        ("ForAllValues:StringEquals", "a", None, True),
        ("ForAllValues:StringNotEquals", "a", ["a", "b"], False),
        ("ForAnyValue:StringEquals", "a", [], False),
        ("ForAnyValue:StringEquals", "a", None, False),
        ("ForAnyValue:StringEqualsIfExists", "a", None, True),
        ("ForAnyValue:StringNotEquals", "a", ["a", "b"], True),
        ("ForAnyValue:StringNotEquals", "a", None, False),
        ("Null", "true", None, True),
        ("Null", True, [], True),
        ("Null", "false", ["a"], True),
        ("Null", ["true", "false"], ["a"], True),
        ("Bool", True, ["TRUE"], True),
        ("Bool", "true", None, False),
        ("BoolIfExists", "true", None, True),
        ("ArnEquals", "arn:aws:iam::*:role/*", [ARN], True),
        ("ArnLike", "arn:aws:*:role/*:*:*:*", [ARN], False),
        ("ArnLike", "arn:aws:iam:*:role/*:x", [ARN], False),
        ("ArnNotLike", "arn:aws:iam::*:user/*", [ARN], True),
        ("ArnNotEquals", ARN, None, True),
        ("ArnEquals", ARN, ["node"], False),
        ("NumericLessThan", 10, ["9.5"], True),
        ("NumericLessThan", "10", ["nine"], False),
        ("NumericLessThanIfExists", "10", None, True),
        ("NumericNotEquals", "10", None, True),
        ("IpAddress", "10.0.0.0/8", ["2001:db8::1"], False),
        ("NotIpAddress", "10.0.0.0/8", ["2001:db8::1"], True),
        ("BinaryEquals", "QUJD", ["QUJD"], True),
    ],
)
def test_every_operator(operator: str, wanted: Any, given: list[str] | None, holds: bool) -> None:  # noqa: FBT001
    answer = met({operator: {"Some:Key": wanted}}, **{"some:key": given})
    assert is_yes(answer) if holds else is_no(answer)


@pytest.mark.parametrize(
    "conditions",
    [
        {"StringMatches": {"k": "a"}},
        {"ForEachValue:StringEquals": {"k": "a"}},
        {"NullIfExists": {"k": "true"}},
        {"ForAnyValue:Null": {"k": "true"}},
        {"Null": {"k": "yes"}},
        {"Bool": {"k": "yes"}},
        {"NumericEquals": {"k": "nan"}},
        {"NumericLessThan": {"k": "1_0"}},
        {"IpAddress": {"k": "10.0.0.0/33"}},
        {"BinaryEquals": {"k": "@@"}},
        {"ArnLike": {"k": "*"}},
        {"ArnNotLike": {"k": "arn:aws:*:role/x"}},
        {"StringEquals": {"k": []}},
        {"StringNotEquals": {"k": None}},
        {"StringEquals": {}},
        {"StringEquals": "a"},
        {"StringEquals": {"k": {"a": "b"}}},
        {"StringEquals": {"k": "a", "K": "a"}},
        {"StringEquals": {"k": "a"}, "stringequals": {"k": "a"}},
    ],
)
def test_what_aws_would_refuse_or_does_not_document_is_open(conditions: dict[str, Any]) -> None:
    assert isinstance(met(conditions, k=["a"]), Unknown)


def test_several_values_of_a_request_need_a_quantifier() -> None:
    assert isinstance(met({"StringEquals": {"k": "a"}}, k=["a", "b"]), Unknown)
    assert is_yes(met({"ForAnyValue:StringEquals": {"k": "a"}}, k=["a", "b"]))


def test_without_conditions_nothing_is_asked() -> None:
    assert is_yes(met({}))
