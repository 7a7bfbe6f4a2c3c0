from typing import Any

import pytest

from ssm_hardening.core.logic import is_no, is_yes
from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.iam.resource_policies import denies_plaintext
from tests.iam.shapes import AT, BUCKET_ARN, GAP, policy, template

BOTH = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]


def deny(**changes: Any) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": BOTH,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **changes,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Principal": {"AWS": "*"}},
        {"Action": ["S3:*"]},
        {"Action": "*"},
        {"Resource": "*"},
        {"Resource": "arn:aws:s3:::b*"},
        {"Resource": ["arn:aws-us-gov:s3:::b", "arn:aws-us-gov:s3:::b/*"]},
        {"Resource": [BUCKET_ARN, template(BUCKET_ARN, "/*")]},
        {"Condition": {"BoolIfExists": {"AWS:SecureTransport": False}}},
        {"Condition": {"Bool": {"aws:SecureTransport": ["true", "false"]}}},
        {"Condition": {"StringEquals": {"aws:SecureTransport": "false"}}},
        {"Condition": {"StringNotEqualsIfExists": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "Null": {"aws:SecureTransport": "false"}}},
        {"Sid": GAP},
        {"Action": ["s3:*", GAP]},
    ],
)
def test_requests_without_tls_are_refused(changes: dict[str, Any]) -> None:
    assert is_yes(denies_plaintext(policy(deny(**changes)), AT))


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:role/r"}},
        {"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/r"}},
        {"Principal": None, "NotPrincipal": {"Service": "logs.amazonaws.com"}},
        {"Condition": {"Null": {"aws:SecureTransport": "true"}}},
        {"Action": ["s3:GetObject", "s3:PutObject"]},
        {"Resource": "arn:aws:s3:::b/*"},
        {"Resource": "arn:aws:s3:::b"},
        {"Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/logs/*"]},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o"}}},
        {"Condition": None},
    ],
)
def test_a_statement_that_leaves_something_out_is_not_enough(changes: dict[str, Any]) -> None:
    assert is_no(denies_plaintext(policy(deny(**changes)), AT))


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": GAP},
        {"Principal": GAP},
        {"Action": GAP},
        {"Resource": GAP},
        {"Resource": ["arn:aws:s3:::b", GAP]},
        {"Resource": ["arn:aws:s3:::b", template("arn:aws:s3:::", GAP, "/*")]},
        {"Condition": GAP},
        {"Condition": {"Bool": GAP}},
        {"Condition": {"Bool": {"aws:SecureTransport": GAP}}},
        {"Principal": None, "NotPrincipal": GAP},
        {"Condition": {"SomeOperator": {"aws:SecureTransport": "false"}}},
        {"Action": None, "NotAction": "iam:*"},
        {"Resource": None, "NotResource": "arn:aws:s3:::other"},
    ],
)
def test_what_is_not_known_leaves_it_open(changes: dict[str, Any]) -> None:
    assert isinstance(denies_plaintext(policy(deny(**changes)), AT), Unknown)


def test_two_statements_cover_together() -> None:
    halves = policy(deny(Resource=BOTH[0]), deny(Resource=BOTH[1]))
    assert is_yes(denies_plaintext(halves, AT))


def test_no_policy_refuses_nothing_and_an_unread_one_may() -> None:
    assert is_no(denies_plaintext(Inventory(), AT))
    assert denies_plaintext(Inventory((), GAP), AT) == GAP


def test_one_certain_refusal_is_enough_beside_a_gap() -> None:
    certain = policy(deny(), GAP)
    assert certain.gap == GAP
    assert is_yes(denies_plaintext(certain, AT))


def test_the_hole_that_is_the_name_of_the_bucket_is_known() -> None:
    resources = [template("arn:aws:s3:::", GAP), template("arn:aws:s3:::", GAP, "/*")]
    assert is_yes(denies_plaintext(policy(deny(Resource=resources)), AT, name=GAP))


@pytest.mark.parametrize(("bucket", "denied"), [("b", True), ("b*", True), ("*", True), ("other", False), ("?", True)])
def test_a_resource_that_is_written_out_is_of_this_bucket_or_of_another(bucket: str, *, denied: bool) -> None:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    assert is_yes(denies_plaintext(policy(deny(Resource=resources)), AT, name=Known("b", AT))) is denied


def test_the_branches_of_a_value_are_not_branches_of_the_answer() -> None:
    either = Unknown(Why.UNRESOLVED_INPUT, AT, "var.x", one_of=(GAP, GAP))
    answer = denies_plaintext(policy(deny(Resource=either)), AT)
    assert isinstance(answer, Unknown)
    assert answer.one_of == ()
