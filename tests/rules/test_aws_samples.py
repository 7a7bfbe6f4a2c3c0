"""Policies such as AWS's user guide suggests for Session Manager: broad ones fail, recommended ones are clean.

They follow the guide in our own words ("Sample IAM policies for Session Manager", "Additional sample IAM policies",
"Grant or deny a user permissions to update Session Manager preferences", "Create a custom IAM role for Session
Manager"): what each grants is the same, names and places are not.
"""

from typing import Any

import pytest

from ssm_hardening.iam.statements import Statement
from ssm_hardening.rules.catalogue import rule_ids
from ssm_hardening.verdicts.findings import Failed
from tests.rules.builders_live import OWNER, arn
from tests.rules.builders_people import PREFERENCES, allow, deny, role, staffed
from tests.rules.fixtures import judge

ONE = arn("ec2", "instance/i-0123456789abcdef0")
ANY = f"arn:aws:ec2:*:{OWNER}:instance/*"
MINE = "arn:aws:ssm:*:*:session/${aws:userid}-*"
KEY = arn("kms", "key/11111111-2222-3333-4444-555555555555")
CHANNEL = allow(["ssmmessages:OpenDataChannel"], [MINE])
OWN = allow(["ssm:TerminateSession", "ssm:ResumeSession"], [MINE])
LOOK = allow([
    "ssm:DescribeSessions", "ssm:GetConnectionStatus", "ssm:DescribeInstanceProperties", "ec2:DescribeInstances",
    "ssm:DescribeInstanceInformation",
])  # fmt: skip
ENCRYPT = allow(["kms:GenerateDataKey"], [KEY])
UNCHECKED = {"OPER-02": "low"}
"""No condition on ssm:SessionDocumentAccessCheck, which the current guide does not show any more."""


def like(key: str, value: str) -> dict[str, Any]:
    return {"StringLike": {key: [value]}}


EDIT = ["ssm:CreateDocument", "ssm:UpdateDocument", "ssm:GetDocument", "ssm:DeleteDocument"]

PEOPLE: dict[str, tuple[list[Statement], dict[str, str]]] = {
    "an end user with the console and the CLI": (
        [allow(["ssm:StartSession"], [ONE, PREFERENCES]), CHANNEL, LOOK, OWN, ENCRYPT],
        UNCHECKED,
    ),
    "an end user with the EC2 console, which sends a command with the session document": (
        [allow(["ssm:StartSession", "ssm:SendCommand"], [ONE, PREFERENCES]), CHANNEL, LOOK, OWN, ENCRYPT],
        UNCHECKED,
    ),
    "sessions on nodes with a tag": (
        [
            allow(["ssm:StartSession"], [ANY], conditions=like("ssm:resourceTag/Team", "web")),
            allow(["ssm:StartSession"], [PREFERENCES]),
            *(CHANNEL, OWN),
        ],
        UNCHECKED,
    ),
    "own sessions by their tag": (
        [
            allow(["ssm:StartSession"], [ONE, PREFERENCES]),
            allow(
                ["ssm:ResumeSession", "ssm:TerminateSession"],
                conditions=like("ssm:resourceTag/aws:ssmmessages:session-id", "${aws:userid}"),
            ),
        ],
        UNCHECKED,
    ),
    "an end user who is denied changing the preferences": (
        [allow(["ssm:StartSession"], [ONE, PREFERENCES]), OWN, deny(EDIT, [PREFERENCES])],
        UNCHECKED,
    ),
    "an administrator of Session Manager": (
        [
            allow(["ssm:StartSession"], [ANY, PREFERENCES]),
            allow(["ssm:CreateDocument", "ssm:UpdateDocument", "ssm:GetDocument"], [PREFERENCES]),
            *(LOOK, OWN, CHANNEL),
        ],
        {"OPER-01": "high", "OPER-06": "medium", **UNCHECKED},
    ),
    "full access to all sessions": (
        [allow(["ssm:StartSession", "ssm:ResumeSession", "ssm:TerminateSession"]), LOOK],
        {"OPER-01": "high", "OPER-02": "high", "OPER-03": "medium", "OPER-04": "high", "OPER-10": "medium"},
    ),
    "an administrator of the preferences": ([allow(EDIT, [PREFERENCES])], {"OPER-06": "medium"}),
}

AGENT = allow([
    "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
])  # fmt: skip
LOGS = allow(["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"])
UPLOAD = allow(["s3:PutObject", "s3:PutObjectAcl"], ["arn:aws:s3:::example-session-logs/sessions/*"])
LOOKUP = allow(["s3:GetEncryptionConfiguration"])

NODES: dict[str, tuple[list[Statement], dict[str, str]]] = {
    "only sessions": ([AGENT, allow(["kms:Decrypt"], [KEY])], {}),
    "sessions with recordings": (
        [AGENT, LOGS, UPLOAD, LOOKUP, allow(["kms:Decrypt"], [KEY]), allow(["kms:GenerateDataKey"])],
        {},
    ),
    "the managed policy for nodes": (
        [AGENT, allow(["ssm:GetParameter", "ssm:GetParameters", "ssm:GetDocument", "ssm:DescribeDocument"])],
        {"ROLE-02": "medium"},
    ),
    "the former managed policy for nodes": (
        [AGENT, LOGS, allow(["ssm:GetParameters", "s3:GetObject", "s3:PutObject", "s3:ListBucket"])],
        {"ROLE-02": "medium", "ROLE-04": "medium"},
    ),
    "full access to Systems Manager and to logs": (
        [allow(["ssm:*", "ssmmessages:*", "ec2messages:*", "logs:*"])],
        {"ROLE-02": "medium", "ROLE-04": "medium", "ROLE-06": "high"},
    ),
}


def failing(family: tuple[str, ...], **who: Any) -> dict[str, str]:
    account = staffed(role(*who.pop("statements"), **who))
    found = (each for rule in rule_ids() if rule.startswith(family) for each in judge(rule, [account]))
    return {each.rule.id: each.severity.value for each in found if isinstance(each.verdict, Failed)}


@pytest.mark.parametrize("sample", PEOPLE)
def test_a_policy_of_people(sample: str) -> None:
    statements, expected = PEOPLE[sample]
    assert failing(("OPER-",), statements=statements) == expected


@pytest.mark.parametrize("sample", NODES)
def test_a_policy_of_nodes(sample: str) -> None:
    statements, expected = NODES[sample]
    assert failing(("ROLE-01", "ROLE-02", "ROLE-04", "ROLE-06"), statements=statements, kind="node") == expected
