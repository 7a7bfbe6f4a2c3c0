from typing import Any

import pytest
from hypothesis import given

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Unknown, Value
from ssm_hardening.iam.analysis import granted, open_to_accounts, open_to_everybody
from ssm_hardening.iam.arns import LogGroupPlace
from ssm_hardening.iam.resource_policies import admits_logs, denies_plaintext, owner
from ssm_hardening.iam.statements import statements_of
from tests.iam.shapes import AT, GAP, any_value, policy, value


def test_no_policy_has_no_statements_and_no_gap() -> None:
    assert statements_of(Absent(AT), AT) == Inventory()


def test_an_unknown_policy_is_a_gap() -> None:
    assert statements_of(GAP, AT) == Inventory((), GAP)


def test_a_single_statement_and_single_texts_become_lists() -> None:
    (statement,) = statements_of(
        value({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*"}}), AT
    ).items
    assert statement.actions == value(["s3:GetObject"])
    assert statement.principals == value({"*": ["*"]})
    assert statement.not_actions == Absent(AT)


def test_keys_are_read_in_any_case() -> None:
    (statement,) = statements_of(
        value({"statement": [{"EFFECT": "Deny", "action": ["*"], "principal": {"aws": "*"}}]}), AT
    ).items
    assert statement.effect == value("Deny")
    assert statement.principals == value({"AWS": ["*"]})


def test_conditions_are_lists_of_texts() -> None:
    (statement,) = policy({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": False}}}).items
    assert statement.conditions == value({"Bool": {"aws:SecureTransport": ["false"]}})


@pytest.mark.parametrize(
    "broken",
    [
        value("text"),
        value({}),
        value({"Statement": 3}),
        value({"Statement": [1]}),
        value({"Statement": [None]}),
        value({"Statement": GAP}),
        value({"Statement": [], "statement": []}),
        Known(Record({}, GAP), AT),
        value({"Statement": Known(Items((), GAP), AT)}),
    ],
)
def test_what_cannot_be_read_is_a_gap(broken: Value[Any]) -> None:
    assert statements_of(broken, AT).gap is not None


def test_an_unknown_statement_leaves_the_others() -> None:
    statements = policy({"Effect": "Allow"}, GAP, {"Effect": "Deny"})
    assert [item.effect for item in statements] == [value("Allow"), value("Deny")]
    assert statements.gap == GAP


def test_members_behind_an_unknown_rest_are_unknown() -> None:
    (statement,) = policy(Known(Record({"Effect": value("Allow")}, GAP), AT)).items
    assert statement.effect == value("Allow")
    assert statement.actions == GAP


@given(any_value)
def test_no_shape_of_value_stops_the_reading_or_the_questions(document: Value[Any]) -> None:
    statements = statements_of(document, AT)
    place = LogGroupPlace("aws_cloudwatch_log_group.g", value("/g"), GAP, GAP)
    answers = (
        denies_plaintext(statements, AT, name=GAP),
        admits_logs(statements, place, AT),
        open_to_everybody(statements).doubt,
        open_to_accounts(statements, GAP).doubt,
        granted(statements, "s3:PutObject").doubt,
        owner(statements, GAP),
    )
    assert all(isinstance(answer, Known | Absent | Unknown | None) for answer in answers)
