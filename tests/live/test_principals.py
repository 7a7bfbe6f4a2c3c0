"""A principal of every kind on the simulated account, and a policy that nobody has: each is evaluated."""

import json
from typing import Any

import pytest

from ssm_hardening.sandbox.server import Sandbox
from tests.live.conftest import Here

LIVE = ("--live", "--region", "ap-southeast-2", "-q", "--format", "json")
SSO = "AWSReservedSSO_Operators_0123456789abcdef"


def document(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def principals(sandbox: Sandbox) -> str:
    """Make roles (one bounded, one of a permission set), users, a group, and policies; return the account."""
    import boto3

    iam = boto3.client("iam")
    person = {"AWS": f"arn:aws:iam::{sandbox.account}:root"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": person, "Action": "sts:AssumeRole"}],
    }
    arns = {
        name: iam.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]
        for name, text in {
            "attached": document("ssm:StartSession"),
            "loose": document("ssm:StartSession"),
            "for-nodes": document("ssm:UpdateInstanceInformation", "ssm:SendCommand"),
            "limit": document("s3:*"),
        }.items()
    }
    for name, more in {
        "operators": {},
        "bounded": {"PermissionsBoundary": arns["limit"]},
        SSO: {"Path": "/aws-reserved/sso.amazonaws.com/"},
    }.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **more)
        iam.attach_role_policy(RoleName=name, PolicyArn=arns["attached"])
    iam.create_group(GroupName="staff")
    iam.put_group_policy(GroupName="staff", PolicyName="start", PolicyDocument=document("ssm:StartSession"))
    for name in ("alice", "bob"):
        iam.create_user(UserName=name)
    iam.put_user_policy(UserName="alice", PolicyName="start", PolicyDocument=document("ssm:StartSession"))
    iam.add_user_to_group(UserName="bob", GroupName="staff")
    return sandbox.account


def verdicts(here: Here, *rules: str) -> dict[tuple[str, str], dict[str, Any]]:
    ran = here("plan", *LIVE)
    assert ran.code == 1, ran.err
    found = json.loads(ran.out)["verdicts"]
    return {(each["rule"], each["subject"].rpartition(":")[2]): each for each in found if each["rule"] in rules}


def test_every_principal_is_evaluated_and_a_policy_of_nobody_milder(principals: str, here: Here) -> None:
    assert principals
    found = verdicts(here, "OPER-01", "ROLE-06")
    sessions = {
        subject: (each["verdict"], each["severity"]) for (rule, subject), each in found.items() if rule == "OPER-01"
    }
    assert sessions == {
        "role/operators": ("failed", "high"),
        f"role/aws-reserved/sso.amazonaws.com/{SSO}": ("failed", "high"),
        "user/alice": ("failed", "high"),
        "group/staff": ("failed", "high"),
        "policy/loose": ("failed", "medium"),
    }
    loose = found["OPER-01", "policy/loose"]
    assert loose["message"].startswith("attached to nobody; for anyone who gets it, ")
    node = found["ROLE-06", "policy/for-nodes"]
    assert (node["verdict"], node["severity"]) == ("failed", "medium")


def test_the_view_keeps_policies_of_nobody_apart_from_people(principals: str, here: Here) -> None:
    assert principals
    ran = here("access", *LIVE)
    (account,) = json.loads(ran.out)["accounts"]
    assert [each["person"] for each in account["unattached_policies"]] == ["policy loose"]
    assert {"role operators", "user alice", "group staff"} <= {each["person"] for each in account["people"]}
