"""An organization that another simulated account runs, and policies that are attached in it."""

import json
from typing import Any

from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet

MANAGEMENT, ROLE = "900000000001", "SsmHardenAuditor"


def of_management(sandbox: Sandbox) -> Any:
    """Return a client of the organization that another account runs and this one belongs to."""
    import boto3

    sandbox.put(account=MANAGEMENT, organization={"accounts": [ACCOUNT], "role": ROLE, "home_role": ROLE})
    given = fleet.client("sts").assume_role(RoleArn=f"arn:aws:iam::{MANAGEMENT}:role/{ROLE}", RoleSessionName="test")
    keys = given["Credentials"]
    return boto3.client(
        "organizations",
        region_name=REGION,
        endpoint_url=fleet.client("sts").meta.endpoint_url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def attach(client: Any, name: str, *targets_of: str, kind: str = "SERVICE", **statement: Any) -> str:
    content = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Resource": "*", **statement}]}
    made = client.create_policy(Name=name, Description="", Type=f"{kind}_CONTROL_POLICY", Content=json.dumps(content))[
        "Policy"
    ]["PolicySummary"]["Id"]
    for each in targets_of:
        client.attach_policy(PolicyId=made, TargetId=each)
    return str(made)
