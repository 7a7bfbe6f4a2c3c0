"""The simulated account with Default Host Management on: whose permissions count for agents that are online."""

import json
from typing import Any

from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import Sandbox
from tests.live.conftest import Here

SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"
PROFILE, LENT = "session-manager-demo-default", "AWSSystemsManagerDefaultEC2InstanceManagementRole"
POLICIES = "arn:aws:iam::aws:policy/"


def reads_parameters(iam: Any) -> None:
    iam.detach_role_policy(RoleName=PROFILE, PolicyArn=f"{POLICIES}AmazonSSMManagedInstanceCore")
    allow = {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    iam.put_role_policy(RoleName=PROFILE, PolicyName="app", PolicyDocument=json.dumps(policy))


def lends(iam: Any) -> None:
    import boto3

    admits = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ssm.amazonaws.com"}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [admits]})
    iam.create_role(RoleName=LENT, Path="/service-role/", AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName=LENT, PolicyArn=f"{POLICIES}AmazonSSMManagedEC2InstanceDefaultPolicy")
    boto3.client("ssm").update_service_setting(SettingId=SETTING, SettingValue=f"service-role/{LENT}")


def verdicts(here: Here) -> dict[tuple[str, str], tuple[str, str]]:
    ran = here("plan", "--live", "--region", "ap-southeast-2", "--only", "ROLE-03", "--only", "PATH-01", "-q",
               "--no-remediation", "--format", "json")  # fmt: skip
    found = json.loads(ran.out)["verdicts"]
    return {(each["rule"], each["subject"].rpartition("/")[2]): (each["verdict"], each["message"]) for each in found}


def test_where_a_role_is_lent_the_profile_of_an_agent_that_is_online_fails_nothing(
    sandbox: Sandbox, here: Here
) -> None:
    import boto3

    assert sandbox.region
    iam = boto3.client("iam")
    reads_parameters(iam)
    off = verdicts(here)
    assert off["ROLE-03", PROFILE][0] == "failed"

    lends(iam)
    on = verdicts(here)
    verdict, message = on["ROLE-03", PROFILE]
    assert verdict == "not_applicable"
    assert f"Default Host Management provides the role {LENT}" in message
    assert on["ROLE-03", LENT][0] == "passed"
    paths = [message for (rule, _), (_, message) in on.items() if rule == "PATH-01"]
    assert len(paths) == 2
    assert not [message for message in paths if "node role" in message]


def test_a_setting_that_may_not_be_read_leaves_open_whether_a_role_is_lent(sandbox: Sandbox, here: Here) -> None:
    import boto3

    reads_parameters(boto3.client("iam"))
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, operation="GetServiceSetting")])
    assert verdicts(here)["ROLE-03", PROFILE][0] == "undecided"
