"""Instances, roles and networks made in the simulated account, as AWS's own calls make them."""

import json
import os
from functools import cache
from typing import Any

from ssm_hardening.sandbox.server import REGION

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def client(service: str, region: str = REGION) -> Any:
    """Return a client of the simulated account that the environment leads to."""
    return _client(service, region, os.environ["AWS_ENDPOINT_URL"])


@cache
def _client(service: str, region: str, endpoint: str) -> Any:
    """Make it once: that takes longer than most calls."""
    import boto3

    return boto3.client(service, region_name=region, endpoint_url=endpoint)


def vpc(cidr: str = "10.0.0.0/16") -> str:
    made: str = client("ec2").create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    return made


def subnet(of: str, cidr: str = "10.0.1.0/24") -> str:
    made: str = client("ec2").create_subnet(VpcId=of, CidrBlock=cidr)["Subnet"]["SubnetId"]
    return made


def group(of: str, name: str = "web") -> str:
    made: str = client("ec2").create_security_group(GroupName=name, Description=name, VpcId=of)["GroupId"]
    return made


@cache
def image(region: str = REGION) -> str:
    """Return an image that every simulated account has; it lists more than a thousand, so it is asked once."""
    found: str = client("ec2", region).describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    return found


def launched(*, count: int = 1, name: str = "", profile: str = "", region: str = REGION, **more: Any) -> list[str]:
    """Return the ids of new instances."""
    named = {"TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]}
    wanted = {**(named if name else {}), **({"IamInstanceProfile": {"Name": profile}} if profile else {}), **more}
    answer = client("ec2", region).run_instances(ImageId=image(region), MinCount=count, MaxCount=count, **wanted)
    return [each["InstanceId"] for each in answer["Instances"]]


def role(name: str, *, trust: Any = None, **more: Any) -> str:
    document = json.dumps(TRUST if trust is None else trust)
    made: str = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document, **more)["Role"]["Arn"]
    return made


def profile(name: str, of: str = "") -> None:
    client("iam").create_instance_profile(InstanceProfileName=name)
    if of:
        client("iam").add_role_to_instance_profile(InstanceProfileName=name, RoleName=of)


def agent(id_: str, **more: Any) -> dict[str, Any]:
    """Return what Systems Manager says of a node's agent."""
    said = {"PingStatus": "Online", "AgentVersion": "3.3.1611.0", "IsLatestVersion": False, "PlatformType": "Linux"}
    return {"InstanceId": id_, "ResourceType": "EC2Instance", **said, **more}
