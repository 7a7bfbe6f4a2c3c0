"""Simulated accounts of a size: nodes with their agents, and sessions in the history."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ssm_hardening.sandbox.server import Sandbox

_BATCH = 500


def fill(sandbox: Sandbox, *, nodes: int, sessions: int) -> None:
    """Put `nodes` EC2 instances, all of one group and subnet, and `sessions` ended ones into the account."""
    import boto3

    ec2: Any = boto3.client("ec2", endpoint_url=sandbox.endpoint, region_name=sandbox.region, **_KEYS)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ids: list[str] = []
    while len(ids) < nodes:
        count = min(_BATCH, nodes - len(ids))
        made = ec2.run_instances(ImageId=image, MinCount=count, MaxCount=count)
        ids += [each["InstanceId"] for each in made["Instances"]]
    sandbox.put(
        instance_information=[_agent(each) for each in ids],
        sessions=[_session(number, ids[number % len(ids)] if ids else "i-gone") for number in range(sessions)],
    )


_KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "simulated"}


def _agent(node: str) -> dict[str, Any]:
    return {
        "InstanceId": node,
        "PingStatus": "Online",
        "LastPingDateTime": datetime.now(tz=UTC),
        "AgentVersion": "3.3.3050.0",
        "IsLatestVersion": True,
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "ResourceType": "EC2Instance",
    }


def _session(number: int, node: str) -> dict[str, Any]:
    start = datetime.now(tz=UTC) - timedelta(minutes=3 * number + 60)
    return {
        "SessionId": f"person{number % 50}-{number:017x}",
        "Target": node,
        "Status": "Terminated",
        "StartDate": start,
        "EndDate": start + timedelta(minutes=20),
        "DocumentName": "SSM-SessionManagerRunShell",
        "Owner": f"arn:aws:iam::123456789012:user/person{number % 50}",
    }
