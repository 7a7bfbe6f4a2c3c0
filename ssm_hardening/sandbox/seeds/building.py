"""Parts of accounts, made in moto's own stores: roles, groups, instances, buckets; member accounts."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.iam.models import iam_backends
from moto.organizations import utils
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends

from ssm_hardening.sandbox.services.state import Item
from ssm_hardening.sandbox.services.storage import give_defaults


@dataclass(frozen=True, slots=True)
class SeededRegion:
    """An account's Region."""

    account: str
    region: str


def trust(principal: Mapping[str, str], **condition: Mapping[str, str]) -> str:
    """Return a trust policy that lets one principal assume the role."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    conditions = {"Condition": condition} if condition else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **conditions}]})


def make_role(account: str, name: str, *, trusted: str, policies: tuple[str, ...] = ()) -> str:
    """Make a role with AWS managed policies attached, named as below `policy/`; returns its ARN."""
    iam = iam_backends[account]["aws"]
    role = iam.create_role(
        role_name=name,
        assume_role_policy_document=trusted,
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
    for policy in policies:
        iam.attach_role_policy(f"arn:aws:iam::aws:policy/{policy}", name)
    return role.arn


def make_profile(account: str, name: str) -> str:
    """Make an instance profile with the role of its name; returns its ARN."""
    return iam_backends[account]["aws"].create_instance_profile(name=name, path="/", role_names=[name]).arn


def make_group(place: SeededRegion, name: str, description: str) -> str:
    """Make a security group in the default VPC, as AWS makes it: nothing in, everything out; returns its id."""
    return ec2_backends[place.account][place.region].create_security_group(name, description, tags={"Name": name}).id


def open_default_vpc(place: SeededRegion) -> None:
    """Give nodes without a public address a way out: the subnets lead to a NAT gateway."""
    ec2 = ec2_backends[place.account][place.region]
    vpc = str(ec2.default_vpc.id)
    gateway = ec2.create_internet_gateway()
    ec2.attach_internet_gateway(gateway.id, vpc)
    subnet = ec2.describe_subnets(filters={"default-for-az": "true"})[-1]
    translating = ec2.create_nat_gateway(subnet.id, str(ec2.allocate_address("vpc").allocation_id))
    main = ec2.describe_route_tables(filters={"vpc-id": [vpc], "association.main": ["true"]})
    ec2.create_route(main[0].id, "0.0.0.0/0", None, nat_gateway_id=translating.id)


def make_instance(place: SeededRegion, name: str, *, profile: str, group: str, image: str) -> Instance:
    """Make a running instance in the default VPC, IMDSv2 as AWS's images want it."""
    ec2 = ec2_backends[place.account][place.region]
    subnet = ec2.describe_subnets(filters={"default-for-az": "true"})[0]
    reservation = ec2.run_instances(
        image,
        1,
        None,
        [],
        instance_type="t3.medium",
        is_instance_type_default=False,
        region_name=place.region,
        security_group_ids=[group],
        subnet_id=subnet.id,
        iam_instance_profile_name=profile,
        tags={"instance": {"Name": name}},
        metadata_options={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
    )
    instance = reservation.instances[0]
    ec2.associate_iam_instance_profile(instance.id, profile, None)
    return instance


def agent(instance: Instance, *, platform: str, name: str, version: str, agent_version: str) -> Item:
    """Return what DescribeInstanceInformation says of an instance whose agent is online.

    `platform` is Linux or Windows; `name` and `version` are the operating system's.
    """
    return {
        "InstanceId": instance.id,
        "PingStatus": "Online",
        "LastPingDateTime": instance.launch_time,
        "AgentVersion": agent_version,
        "IsLatestVersion": False,
        "PlatformType": platform,
        "PlatformName": name,
        "PlatformVersion": version,
        "ResourceType": "EC2Instance",
        "IPAddress": instance.private_ip,
        "ComputerName": "ip-" + str(instance.private_ip).replace(".", "-"),
        "SourceId": instance.id,
        "SourceType": "AWS::EC2::Instance",
    }


def make_bucket(place: SeededRegion, name: str) -> None:
    """Make a bucket with the defaults that AWS gives it."""
    give_defaults(s3_backends[place.account]["aws"].create_bucket(name, place.region))


def make_members(
    management: str, *, accounts: list[str], role: str = "SsmHardenAuditor", external_id: str = ""
) -> None:
    """Make an organization of these account ids, run by `management`.

    Each member has the role, assumable from the management account, with `external_id` where one is given.
    """
    organizations = organizations_backends[management]["aws"]
    if not organizations.org:
        organizations.create_organization("us-east-1", FeatureSet="ALL")
    condition = {"StringEquals": {"sts:ExternalId": external_id}} if external_id else {}
    for number in accounts:
        with _next_account_id(number):
            organizations.create_account(
                AccountName=f"member-{number}", Email=f"{number}@example.com", RoleName="OrganizationAccountAccessRole"
            )
        make_role(number, role, trusted=trust({"AWS": f"arn:aws:iam::{management}:root"}, **condition))


@contextmanager
def _next_account_id(number: str) -> Iterator[None]:
    """Have moto give the next account this id instead of one that it draws."""
    drawing = utils.make_random_account_id
    utils.make_random_account_id = lambda: number
    try:
        yield
    finally:
        utils.make_random_account_id = drawing
