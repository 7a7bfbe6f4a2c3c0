"""Leaving out the actions of other services changes no answer."""

import pytest

from ssm_hardening.core.logic import some
from ssm_hardening.core.values import Known, Reference, Template, Value
from ssm_hardening.iam.analysis import applies_to
from ssm_hardening.iam.texts import matches, members
from tests.rules.builders import known, statement, to, unknown

PATTERNS: list[str | Value[object]] = [
    "\u00dfm:StartSession", "s3:PutObject", "S3:put*", "s3*", "s?:PutObject",
    "*:PutObject", "*", "s", "s3", "", "?3:*", "ssm:*",
    "s3:?utObject",
    "s3-object-lambda:PutObject", "\u017f3:PutObject", "ssm:PutObject", to("local.action"),
    known(Template(("s3:", Reference("local.x", "")))), known(Template(("ssm:", Reference("local.x", "")))),
    unknown(), known(7),
]  # fmt: skip


@pytest.mark.parametrize("action", ["s3:PutObject", "ssm:StartSession", "s3:*", "*"])
@pytest.mark.parametrize("pattern", PATTERNS, ids=repr)
def test_the_answer_is_that_of_all_patterns(pattern: object, action: str) -> None:
    asked = statement(actions=["logs:PutLogEvents", pattern, "ec2:Describe*"])
    expected = some((matches(each, action, any_case=True) for each in members(asked.actions)), asked.at)
    assert applies_to(asked, action) == expected


def test_an_exception_of_another_service_excepts_nothing() -> None:
    assert isinstance(applies_to(statement(not_actions=["logs:*"]), "s3:PutObject"), Known)
    assert applies_to(statement(not_actions=["logs:*"]), "s3:PutObject").value  # type: ignore[union-attr]
    assert not applies_to(statement(not_actions=["S3:*"]), "s3:PutObject").value  # type: ignore[union-attr]
