"""Which texts of a policy are variables: those of version 2012-10-17 alone, and only where they have a value."""

from typing import Any

import pytest

from ssm_hardening.core.values import Absent, Inventory, Unknown
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Request, Undetermined, decide
from ssm_hardening.iam.statements import Statement, statements_of
from tests.iam.shapes import AT, GAP, template, value

CURRENT = {"Version": "2012-10-17"}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OWN = "arn:aws:ssm:*:*:session/${aws:username}-*"


def statements(version: dict[str, Any], *written: dict[str, Any]) -> Inventory[Statement]:
    return statements_of(value({**version, "Statement": list(written)}), AT)


def answer(
    version: dict[str, Any], *written: dict[str, Any], session: str = "alex-1", keys: dict[str, Any] | None = None
) -> Decision:
    context = {key: value(texts) for key, texts in {"aws:username": ["alex"], **(keys or {})}.items()}
    asked = Request(
        action="ssm:TerminateSession",
        resource=f"arn:aws:ssm:eu-west-1:111122223333:session/{session}",
        account=value("111122223333"),
        region=value("eu-west-1"),
        context=context,
        rest=Absent(AT),
    )
    return decide(asked, Policies(identity=statements(version, *written)))


OLD = [{}, {"Version": "2008-10-17"}, {"Version": None}]


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "ssm:*", "Resource": OWN, **more}


def deny(**more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "ssm:*", "Resource": OWN, **more}


@pytest.mark.parametrize("version", OLD)
def test_without_the_current_version_a_variable_is_its_own_letters(version: dict[str, Any]) -> None:
    assert isinstance(answer(version, allow()), Denied)
    assert isinstance(answer(version, allow(), session="${aws:username}-1"), Allowed)
    assert isinstance(answer(version, EVERYTHING, deny()), Allowed)
    by_tag = {"Resource": "*", "Condition": {"StringEquals": {"aws:username": "${aws:username}"}}}
    assert isinstance(answer(version, allow(**by_tag)), Denied)
    unless_own = {"Resource": "*", "Condition": {"StringNotEquals": {"aws:username": "${aws:username}"}}}
    assert isinstance(answer(version, EVERYTHING, deny(**unless_own)), Denied)


@pytest.mark.parametrize("version", [CURRENT, {"version": "2012-10-17"}])
def test_in_the_current_version_a_variable_has_the_value_of_the_request(version: dict[str, Any]) -> None:
    assert isinstance(answer(version, allow()), Allowed)
    assert isinstance(answer(version, allow(), session="kim-1"), Denied)
    assert isinstance(answer(version, EVERYTHING, deny()), Denied)
    other = {"Resource": None, "NotResource": OWN}
    assert isinstance(answer(version, allow(**other)), Denied)
    assert isinstance(answer(version, allow(**other), session="kim-1"), Allowed)


def test_where_the_version_is_not_known_variables_are_open_and_nothing_else() -> None:
    unknown: dict[str, Any] = {"Version": GAP}
    assert isinstance(answer(unknown, allow()), Undetermined)
    assert isinstance(answer(unknown, EVERYTHING, deny()), Undetermined)
    assert isinstance(answer(unknown, EVERYTHING, deny(Resource="arn:aws:ssm:*:*:session/alex-*")), Denied)
    assert isinstance(answer(unknown, allow(Resource="arn:aws:ec2:*:*:instance/${aws:username}")), Denied)
    assert isinstance(answer(unknown, EVERYTHING), Allowed)


def test_the_letters_of_an_old_version_keep_the_holes_beside_them() -> None:
    hole = Unknown(GAP.why, GAP.at, "var.region has no default")
    written = template("arn:aws:ssm:", hole, ":*:session/${aws:username}-*")
    assert isinstance(answer({}, allow(Resource=written)), Denied)
    assert isinstance(answer(CURRENT, allow(Resource=written)), Undetermined)


def test_a_variable_without_a_value_matches_nothing_and_differs_from_everything() -> None:
    role = {"aws:username": None, "ssm:resourcetag/owner": ["a"]}
    refused = answer(CURRENT, allow(), keys=role)
    assert isinstance(refused, Denied)
    assert refused.message == "no statement allows it (${aws:username} has no value for the caller)"
    assert isinstance(answer(CURRENT, EVERYTHING, deny(), keys=role), Allowed)
    assert isinstance(answer(CURRENT, allow(Resource=None, NotResource=OWN), keys=role), Allowed)
    for operator, decision in (("StringEquals", Denied), ("StringLike", Denied), ("StringNotEquals", Allowed)):
        condition = {operator: {"ssm:resourceTag/owner": "${aws:username}"}}
        found = answer(CURRENT, allow(Resource="*", Condition=condition), keys=role)
        assert isinstance(found, decision), operator


@pytest.mark.parametrize(
    ("written", "session"),
    [
        ("${aws:PrincipalTag/x, 'red'}-*", "red-1"),
        ("${ aws:PrincipalTag/x , 'red' }-*", "red-1"),
        ("${aws:PrincipalTag/x,'red'}-*", "red-1"),
        ("${aws:username, 'red'}-*", "alex-1"),
        ("${AWS:UserName}-*", "alex-1"),
        ("${*}-1", "*-1"),
        ("${?}-1", "?-1"),
        ("${$}{aws:username}", "${aws:username}"),
    ],
)
def test_defaults_and_signs(written: str, session: str) -> None:
    granted = allow(Resource=f"arn:aws:ssm:*:*:session/{written}")
    assert isinstance(answer(CURRENT, granted, session=session), Allowed)
    assert isinstance(answer(CURRENT, granted, session=f"x{session}"), Denied)


def test_a_key_with_several_values_is_no_variable() -> None:
    found = answer(CURRENT, allow(), keys={"aws:username": ["alex", "kim"]})
    assert not isinstance(found, Allowed)
