"""The account of AWS's Session Manager lab, as it is before anything is configured.

Two instances with one profile and role, one security group, past sessions without any record, one unused bucket.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ssm_hardening.sandbox.seeds.building import (
    SeededRegion,
    agent,
    make_bucket,
    make_group,
    make_instance,
    make_profile,
    make_role,
    open_default_vpc,
    trust,
)
from ssm_hardening.sandbox.services.state import STATES, Item

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


def sow(account: str, region: str) -> None:
    """Make the account."""
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
