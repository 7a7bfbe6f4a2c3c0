"""The accounts to begin with."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssm_hardening.sandbox.server import Sandbox
from tests.sandbox.conftest import Client

MEMBERS = [f"2000000000{number:02}" for number in range(40)]


def ids(client: Client) -> list[str]:
    found = client("ssm").describe_instance_information()["InstanceInformationList"]
    return [one["InstanceId"] for one in found]


def test_the_walkthroughs_account(sandbox: Sandbox, client: Client) -> None:
    sandbox.reset("walkthrough")
    reservations = client("ec2").describe_instances()["Reservations"]
    instances = [instance for one in reservations for instance in one["Instances"]]
    assert {tag["Value"] for instance in instances for tag in instance["Tags"]} == {
        "session-manager-linux-prod", "session-manager-windows-prod",
    }  # fmt: skip
    profile = "arn:aws:iam::123456789012:instance-profile/session-manager-demo-default"
    assert {instance["IamInstanceProfile"]["Arn"] for instance in instances} == {profile}
    assert {instance["MetadataOptions"]["HttpTokens"] for instance in instances} == {"required"}
    assert {group["GroupName"] for instance in instances for group in instance["SecurityGroups"]} == {
        "session-manager-demo"
    }
    named = [{"Name": "group-name", "Values": ["session-manager-demo"]}]
    [group] = client("ec2").describe_security_groups(Filters=named)["SecurityGroups"]
    assert group["IpPermissions"] == []
    assert [one["IpProtocol"] for one in group["IpPermissionsEgress"]] == ["-1"]
    attached = client("iam").list_attached_role_policies(RoleName="session-manager-demo-default")["AttachedPolicies"]
    assert [one["PolicyName"] for one in attached] == ["AmazonSSMManagedInstanceCore"]
    [bucket] = client("s3").list_buckets()["Buckets"]
    assert bucket["Name"] == "session-manager-demo-123456789012-ap-southeast-2"
    sessions = client("ssm").describe_sessions(State="History")["Sessions"]
    assert {one["Owner"].rsplit("/", 1)[-1] for one in sessions} == {"alice", "bob"}
    assert {one["Target"] for one in sessions} == set(ids(client))
    assert all(not any(one["OutputUrl"].values()) for one in sessions)
    mine = [{"Key": "Owner", "Values": ["Self"]}]
    assert client("ssm").list_documents(Filters=mine)["DocumentIdentifiers"] == []
    assert client("logs").describe_log_groups()["logGroups"] == []


def test_the_same_steps_give_the_same_ids(sandbox: Sandbox, client: Client) -> None:
    sandbox.reset("walkthrough")
    first = ids(client)
    sandbox.reset("walkthrough")
    assert ids(client) == first
    sandbox.reset()
    assert ids(client) == []


def test_members_of_an_organization(sandbox: Sandbox, client: Client) -> None:
    with pytest.raises(ClientError, match="AWSOrganizationsNotInUseException"):
        client("organizations").list_accounts()
    sandbox.put(organization={"accounts": MEMBERS, "role": "Auditor", "external_id": "x-1"})
    sandbox.put(account=MEMBERS[3], instance_information=[{"InstanceId": "i-0a", "PingStatus": "Online"}])
    pages = client("organizations").get_paginator("list_accounts").paginate()
    assert {one["Id"] for page in pages for one in page["Accounts"]} == {"123456789012", *MEMBERS}
    sts, arn = client("sts"), f"arn:aws:iam::{MEMBERS[3]}:role/Auditor"
    for refused in ({"RoleArn": arn}, {"RoleArn": arn.replace("Auditor", "Other"), "ExternalId": "x-1"}):
        with pytest.raises(ClientError) as denied:
            sts.assume_role(RoleSessionName="test", **refused)
        assert denied.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    keys = _keys(sts.assume_role(RoleSessionName="test", RoleArn=arn, ExternalId="x-1"))
    assert client("sts", **keys).get_caller_identity()["Arn"].endswith(":assumed-role/Auditor/test")
    assert client("ssm", **keys).describe_instance_information()["InstanceInformationList"][0]["InstanceId"] == "i-0a"
    assert client("ssm").describe_instance_information()["InstanceInformationList"] == []
    assert sandbox.calls()[-2].account == MEMBERS[3]
    trust = client("iam", **keys).get_role(RoleName="Auditor")["Role"]["AssumeRolePolicyDocument"]
    assert "123456789012" in json.dumps(trust)


def _keys(answer: Any) -> dict[str, str]:
    given = answer["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
