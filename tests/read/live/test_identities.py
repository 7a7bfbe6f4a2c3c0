import json
from typing import Any

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.model import Group, Policy, Role, User
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.identities import IamFacts, identities
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, Sandbox
from tests.read.live import fleet
from tests.read.live.reading import plain

IAM = f"arn:aws:iam::{ACCOUNT}:"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
PEOPLE: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"},
}


def policy(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def actions(fact: Role | User | Group | Policy) -> set[str]:
    said: list[dict[str, Any]] = plain(fact)["statements"]
    return {action for each in said for action in each["actions"]}


def made() -> None:
    """Make an operator role, a user in a group, and policies of every kind."""
    iam = fleet.client("iam")
    own = iam.create_policy(PolicyName="start", PolicyDocument=policy("ssm:StartSession"))["Policy"]["Arn"]
    edge = iam.create_policy(PolicyName="edge", PolicyDocument=policy("ssm:*"))["Policy"]["Arn"]
    tags = [{"Key": "SSMSessionRunAs", "Value": "alice"}]
    fleet.role("operators", trust=PEOPLE, PermissionsBoundary=edge, Tags=tags)
    iam.attach_role_policy(RoleName="operators", PolicyArn=own)
    iam.put_role_policy(RoleName="operators", PolicyName="keys", PolicyDocument=policy("kms:GenerateDataKey"))
    iam.create_group(GroupName="staff")
    iam.attach_group_policy(GroupName="staff", PolicyArn=READ_ONLY)
    iam.create_user(UserName="bob")
    iam.add_user_to_group(GroupName="staff", UserName="bob")
    iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=policy("ssm:SendCommand"))


def test_a_role_of_people_with_its_boundary_tags_and_policies(caller: AwsApi) -> None:
    made()
    (role,) = identities(caller, ()).roles
    said = plain(role)
    assert (said["name"], said["kind"], said["form"]) == ("operators", "operator", "role")
    assert actions(role) == {"ssm:StartSession", "kms:GenerateDataKey"}
    assert said["boundary"] == IAM + "policy/edge"
    assert [each["actions"] for each in said["boundary_statements"]] == [["ssm:*"]]
    assert said["tags"] == {"SSMSessionRunAs": "alice"}
    assert {each.call for each in [role.origin, *(each.at for each in role.statements)]} == {  # type: ignore[union-attr]
        "iam:GetAccountAuthorizationDetails"
    }


def test_a_user_in_a_group_with_a_policy_of_aws(caller: AwsApi) -> None:
    made()
    found = identities(caller, ())
    (user,), (group,) = found.users, found.groups
    assert actions(user) == {"ssm:SendCommand"}
    assert plain(user)["groups"] == [IAM + "group/staff"]
    assert plain(group)["members"] == [IAM + "user/bob"]
    assert "ssm:Describe*" in actions(group) or "ssm:Get*" in actions(group)
    assert all("as it ships with ssm-harden" in str(each.at) for each in group.statements)
    carried = {each.address: plain(each)["attached_to"] for each in found.policies}
    assert carried[READ_ONLY] == [IAM + "group/staff"]
    assert carried[IAM + "user/bob:own"] == [IAM + "user/bob"]


def test_a_version_that_does_not_ship_is_read(caller: AwsApi, sandbox: Sandbox, monkeypatch: Any) -> None:
    from ssm_hardening.read.live import identities as module

    made()
    monkeypatch.setattr(module, "shipped_policy", lambda _arn: None)
    sandbox.reset_calls()
    (group,) = identities(caller, ()).groups
    assert {each.at.call for each in group.statements} == {"iam:GetPolicyVersion"}  # type: ignore[union-attr]
    assert [each.operation for each in sandbox.calls()].count("GetPolicyVersion") == 1


def test_what_is_denied_is_a_gap_of_every_list(caller: AwsApi, sandbox: Sandbox) -> None:
    made()
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="iam", operation="GetAccountAuthorizationDetails")])
    found = identities(caller, ())
    gaps = [getattr(found, name).gap for name in IamFacts.__slots__]
    assert all(isinstance(gap, Unknown) and gap.why is Why.DENIED for gap in gaps)


def test_a_policy_of_aws_that_may_not_be_looked_up_is_a_gap_of_who_has_it(caller: AwsApi, sandbox: Sandbox) -> None:
    made()
    denied = [Fault(kind=FaultKind.DENIED, service="iam", operation=name) for name in ("ListPolicies", "GetPolicy")]
    sandbox.set_faults(denied)
    found = identities(caller, ())
    assert [group.statements.gap.why for group in found.groups if group.statements.gap is not None] == [Why.DENIED]
    assert [role.statements.gap for role in found.roles] == [None]


@pytest.mark.parametrize(("service", "kind"), [("ec2.amazonaws.com", Why.DENIED), ("lambda.amazonaws.com", "other")])
def test_where_nodes_were_not_read_a_role_that_may_run_one_stays_open(caller: AwsApi, service: str, kind: str) -> None:
    fleet.role("some", trust={**PEOPLE, "Statement": {**PEOPLE["Statement"], "Principal": {"Service": service}}})
    unread = Unknown(Why.DENIED, ApiOrigin("arn", "ec2:DescribeInstances"), "ec2:DescribeInstances was denied")
    (role,) = identities(caller, (), unread).roles
    assert plain(role)["kind"] == kind


def test_a_hundred_roles_take_a_few_calls(caller: AwsApi, sandbox: Sandbox) -> None:
    for n in range(100):
        fleet.role(f"role-{n}")
    sandbox.reset_calls()
    found = identities(caller, ("role-0",))
    assert len(found.roles.items) == 99
    assert len(sandbox.calls()) == 1
