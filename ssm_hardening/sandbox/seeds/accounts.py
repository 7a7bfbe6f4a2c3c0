"""Accounts to begin with: their parts, made in moto's own stores; member accounts; and the account of AWS's lab."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.iam.models import iam_backends
from moto.organizations import utils
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends

from ssm_hardening.sandbox.services.state import STATES, Item
from ssm_hardening.sandbox.services.storage import give_defaults


@dataclass(frozen=True, slots=True)
class SeededRegion:
    """An account's Region."""

    account: str
    region: str


def trust(principal: Mapping[str, str | list[str]], **condition: Mapping[str, str]) -> str:
    """Return a trust policy that lets one principal assume the role, or several of a kind."""
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
    management: str, *, accounts: list[str], role: str = "SsmHardenAuditor", external_id: str = "", home_role: str = ""
) -> None:
    """Make an organization of these account ids, run by `management`.

    Each member has the role, assumable from the management account, with `external_id` where one is given.
    The management account itself has `home_role`, where that is named, which any member may assume.
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
    if home_role:
        members = [f"arn:aws:iam::{number}:root" for number in accounts]
        make_role(management, home_role, trusted=trust({"AWS": members}))


@contextmanager
def _next_account_id(number: str) -> Iterator[None]:
    """Have moto give the next account this id instead of one that it draws."""
    drawing = utils.make_random_account_id
    utils.make_random_account_id = lambda: number
    try:
        yield
    finally:
        utils.make_random_account_id = drawing


_ROLE = "session-manager-demo-default"
_GROUP = "session-manager-demo"
_LINUX = "session-manager-linux-prod"
_WINDOWS = "session-manager-windows-prod"
_SERVER = "Microsoft Windows Server 2022 Datacenter"
_AGENT = "3.3.3050.0"


@dataclass(frozen=True, slots=True)
class _Past:
    """One past session: who, where, how many days ago, at what hour, for how many minutes; the tail of its id."""

    who: str
    where: str
    days: int
    hour: int
    minutes: int
    tail: str

    @property
    def session_id(self) -> str:
        return f"{self.who}-{self.tail}"

    @property
    def start(self) -> datetime:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=self.days) + timedelta(hours=self.hour)

    def owner(self, account: str) -> str:
        return f"arn:aws:iam::{account}:user/{self.who}"


_HISTORY = (
    _Past("alice", _LINUX, 1, 9, 42, "0a1b2c3d4e5f60711"),
    _Past("bob", _WINDOWS, 2, 15, 8, "0b2c3d4e5f6071822"),
    _Past("alice", _LINUX, 5, 22, 131, "0c3d4e5f607182933"),
    _Past("alice", _WINDOWS, 8, 11, 17, "0d4e5f60718293a44"),
    _Past("bob", _LINUX, 13, 8, 3, "0e5f60718293a4b55"),
    _Past("bob", _LINUX, 21, 16, 55, "0f60718293a4b5c66"),
)


def make_walkthrough(account: str, region: str) -> None:
    """Make the account of AWS's Session Manager lab, as it is before anything is configured.

    Two instances with one profile and role, one security group, past sessions without any record, one unused bucket.
    """
    place = SeededRegion(account, region)
    core = ("AmazonSSMManagedInstanceCore",)
    make_role(account, _ROLE, trusted=trust({"Service": "ec2.amazonaws.com"}), policies=core)
    make_profile(account, _ROLE)
    open_default_vpc(place)
    group = make_group(place, _GROUP, "Session Manager lab: nothing in, everything out")
    linux = make_instance(place, _LINUX, profile=_ROLE, group=group, image="ami-0a1b2c3d4e5f60718")
    windows = make_instance(place, _WINDOWS, profile=_ROLE, group=group, image="ami-0b2c3d4e5f6071829")
    state = STATES[account, region]
    state.instance_information += [
        agent(linux, platform="Linux", name="Amazon Linux", version="2023", agent_version=_AGENT),
        agent(windows, platform="Windows", name=_SERVER, version="10.0.20348", agent_version=_AGENT),
    ]
    nodes = {_LINUX: linux.id, _WINDOWS: windows.id}
    state.sessions += [_session(account, past, nodes[past.where]) for past in _HISTORY]
    state.events += [_event(place, past, nodes[past.where]) for past in _HISTORY]
    make_bucket(place, f"session-manager-demo-{account}-{region}")


def _session(account: str, past: _Past, node: str) -> Item:
    return {
        "SessionId": past.session_id,
        "Target": node,
        "Status": "Terminated",
        "StartDate": past.start,
        "EndDate": past.start + timedelta(minutes=past.minutes),
        "DocumentName": "SSM-SessionManagerRunShell",
        "Owner": past.owner(account),
        "OutputUrl": {},
        "AccessType": "Standard",
    }


def _event(place: SeededRegion, past: _Past, node: str) -> Item:
    record = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": past.owner(place.account), "userName": past.who},
        "eventTime": past.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "ssm.amazonaws.com",
        "eventName": "StartSession",
        "awsRegion": place.region,
        "requestParameters": {"target": node},
        "responseElements": {"sessionId": past.session_id},
        "recipientAccountId": place.account,
    }
    return {
        "EventId": f"00000000-0000-4000-8000-{past.tail[-12:]}",
        "EventName": "StartSession",
        "EventSource": "ssm.amazonaws.com",
        "EventTime": past.start,
        "ReadOnly": "false",
        "Username": past.who,
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }
