"""The account of AWS's Session Manager lab, as it is before anything is configured.

Two instances with one profile and role, one security group, past sessions without any record, one unused bucket.
"""

import json
from datetime import UTC, datetime, timedelta

from ssm_hardening.sandbox.seeds.building import (
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

_HISTORY = (
    # Who, where, how many days ago, at what hour, for how many minutes; tail of the session's id.
    ("alice", _LINUX, 1, 9, 42, "0a1b2c3d4e5f60711"),
    ("bob", _WINDOWS, 2, 15, 8, "0b2c3d4e5f6071822"),
    ("alice", _LINUX, 5, 22, 131, "0c3d4e5f607182933"),
    ("alice", _WINDOWS, 8, 11, 17, "0d4e5f60718293a44"),
    ("bob", _LINUX, 13, 8, 3, "0e5f60718293a4b55"),
    ("bob", _LINUX, 21, 16, 55, "0f60718293a4b5c66"),
)


def sow(account: str, region: str) -> None:
    """Make the account."""
    make_role(
        account,
        _ROLE,
        trusted=trust({"Service": "ec2.amazonaws.com"}),
        policies=("AmazonSSMManagedInstanceCore",),
    )
    make_profile(account, _ROLE)
    open_default_vpc(account, region)
    group = make_group(account, region, _GROUP, "Session Manager lab: nothing in, everything out")
    linux = make_instance(account, region, _LINUX, profile=_ROLE, group=group, image="ami-0a1b2c3d4e5f60718")
    windows = make_instance(account, region, _WINDOWS, profile=_ROLE, group=group, image="ami-0b2c3d4e5f6071829")
    state = STATES[account, region]
    state.instance_information += [
        agent(linux, platform="Linux", name="Amazon Linux", version="2023", agent_version="3.3.3050.0"),
        agent(
            windows,
            platform="Windows",
            name="Microsoft Windows Server 2022 Datacenter",
            version="10.0.20348",
            agent_version="3.3.3050.0",
        ),
    ]
    nodes = {_LINUX: linux.id, _WINDOWS: windows.id}
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for who, where, days, hour, minutes, tail in _HISTORY:
        start = midnight - timedelta(days=days) + timedelta(hours=hour)
        state.sessions.append(_session(account, who, nodes[where], start, minutes, tail))
        state.events.append(_event(account, region, who, nodes[where], start, tail))
    make_bucket(account, region, f"session-manager-demo-{account}-{region}")


def _session(account: str, who: str, node: str, start: datetime, minutes: int, tail: str) -> Item:
    return {
        "SessionId": f"{who}-{tail}",
        "Target": node,
        "Status": "Terminated",
        "StartDate": start,
        "EndDate": start + timedelta(minutes=minutes),
        "DocumentName": "SSM-SessionManagerRunShell",
        "Owner": f"arn:aws:iam::{account}:user/{who}",
        "OutputUrl": {},
        "AccessType": "Standard",
    }


def _event(account: str, region: str, who: str, node: str, start: datetime, tail: str) -> Item:
    record = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{account}:user/{who}", "userName": who},
        "eventTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "ssm.amazonaws.com",
        "eventName": "StartSession",
        "awsRegion": region,
        "requestParameters": {"target": node},
        "responseElements": {"sessionId": f"{who}-{tail}"},
        "recipientAccountId": account,
    }
    return {
        "EventId": f"00000000-0000-4000-8000-{tail[-12:]}",
        "EventName": "StartSession",
        "EventSource": "ssm.amazonaws.com",
        "EventTime": start,
        "ReadOnly": "false",
        "Username": who,
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }
