from typing import Any

import pytest

from ssm_hardening.core.logic import is_no, is_yes
from ssm_hardening.core.values import Inventory, Reference, Unknown, Value, Why
from ssm_hardening.iam.arns import LogGroupPlace
from ssm_hardening.iam.resource_policies import admits_logs
from tests.iam.shapes import AT, CALLER, GAP, REGION, policy, template, value

GROUP = "aws_cloudwatch_log_group.sessions"
ARN = "arn:aws:logs:eu-central-1:111122223333:log-group:/example/sessions"
ACTIONS = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]


def place(
    name: Any = "/example/sessions", region: Any = "eu-central-1", account: Any = "111122223333"
) -> LogGroupPlace:
    return LogGroupPlace(GROUP, value(name), value(region), value(account))


def allow(arn: Any = ARN, service: Any = "logs.eu-central-1.amazonaws.com", **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ACTIONS,
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}},
        **more,
    }


@pytest.mark.parametrize(
    "statement",
    [
        allow(),
        allow(Condition=None),
        allow("arn:aws:logs:eu-central-1:111122223333:*"),
        allow("arn:*:logs:*:*:log-group:/example/*"),
        allow(Reference(GROUP, "arn")),
        allow(template("arn:aws:logs:", REGION, ":", CALLER, ":log-group:/example/sessions")),
        allow(template("arn:aws:logs:", REGION, ":", CALLER, ":log-group:", Reference(GROUP, "name"))),
        allow(["arn:aws:logs:eu-central-1:111122223333:log-group:/other", ARN]),
        allow(service=["ec2.amazonaws.com", "logs.eu-central-1.amazonaws.com"]),
        allow(service=template("logs.", REGION, ".amazonaws.com")),
        allow(service=template("logs.", REGION, ".", Reference("data.aws_partition.current", "dns_suffix"))),
        allow(Action="kms:*"),
    ],
)
def test_the_service_is_admitted(statement: dict[str, Any]) -> None:
    assert is_yes(admits_logs(policy(statement), place(), AT))


@pytest.mark.parametrize(
    "statement",
    [
        allow("arn:aws:logs:eu-central-1:111122223333:log-group:/other/*"),
        allow("arn:aws:logs:us-east-1:111122223333:*"),
        allow("arn:aws:logs:eu-central-1:444455556666:*"),
        allow(f"{ARN}:*"),
        allow(Condition={"StringEquals": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:*:*:*"}}),
        allow(service="logs.us-east-1.amazonaws.com"),
        allow(service="ec2.amazonaws.com"),
        allow(Action=["kms:Encrypt", "kms:Decrypt"]),
        allow(Principal={"AWS": "arn:aws:iam::111122223333:root"}),
        {**allow(), "Effect": "Deny"},
    ],
)
def test_the_service_is_not_admitted(statement: dict[str, Any]) -> None:
    assert is_no(admits_logs(policy(statement), place(), AT))


@pytest.mark.parametrize(
    "statement",
    [
        allow(GAP),
        allow(template("arn:aws:logs:", GAP, ":", CALLER, ":*")),
        allow(service=GAP),
        allow(service=template("logs.", GAP, ".amazonaws.com")),
        allow(Action=GAP),
        allow(Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}}),
    ],
)
def test_what_is_not_known_leaves_it_open(statement: dict[str, Any]) -> None:
    assert isinstance(admits_logs(policy(statement), place(), AT), Unknown)


def test_a_service_known_after_apply_is_told_as_such() -> None:
    answer = admits_logs(policy(allow(service=Reference("aws_service_discovery_service.logs", "name"))), place(), AT)
    assert isinstance(answer, Unknown)
    assert answer.why is Why.COMPUTED
    assert "aws_service_discovery_service.logs.name" in answer.detail


@pytest.mark.parametrize("unknown", ["name", "region", "account"])
def test_a_place_that_is_not_known_leaves_it_open(unknown: str) -> None:
    assert isinstance(admits_logs(policy(allow()), place(**{unknown: GAP}), AT), Unknown)


def test_the_same_input_is_the_same_text() -> None:
    arn = template("arn:aws:logs:", GAP, ":111122223333:log-group:/example/sessions")
    service = template("logs.", GAP, ".amazonaws.com")
    assert is_yes(admits_logs(policy(allow(arn, service)), place(region=GAP), AT))


def test_a_deny_takes_it_back() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    assert is_no(admits_logs(policy(allow(), deny), place(), AT))


@pytest.mark.parametrize(("statements", "expected"), [(Inventory(), "no"), (Inventory((), GAP), "open")])
def test_the_default_policy_does_not_admit_the_service(statements: Inventory[Any], expected: str) -> None:
    answer: Value[bool] = admits_logs(statements, place(), AT)
    assert ("open" if isinstance(answer, Unknown) else "no") == expected


def test_a_statement_not_read_may_be_a_deny() -> None:
    assert admits_logs(policy(allow(), GAP), place(), AT) == GAP
