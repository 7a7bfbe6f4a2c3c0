"""Live accounts on which the rules are watched that need the account itself, each out of order in its own way."""

from dataclasses import replace
from typing import Any

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account, Key, OwnerKind
from tests.rules.builders import account, custom_document, known, port_document, unknown
from tests.rules.builders_live import (
    HOST_ROLE,
    LOG_BUCKET,
    OWNER,
    SHARING,
    TIER,
    activation,
    alerting,
    bare,
    event_rule,
    instance,
    live_account,
    live_bucket,
    live_keys,
    live_preferences,
    ownership,
    session,
    setting,
    trail,
    written,
)

DENIED = unknown("the call was denied")


def scenarios() -> dict[str, Account]:
    return {**effective(), **documents(), **hosts(), **history(), **of_accounts()}


def effective() -> dict[str, Account]:
    """Regions without a preferences document."""
    return {
        "defaults, a node": bare(instances=[instance()]),
        "defaults, two nodes": bare(instances=[instance(1), instance(2, platform="Windows")]),
        "defaults, windows": bare(instances=[instance(platform="Windows")]),
        "defaults, nodes denied": bare(instances=Inventory((), DENIED)),
        "defaults, a session": bare(sessions=[session(recording_object=None, recording_stream=None)]),
        "defaults, nothing there": bare(),
        "defaults, a custom document": bare(instances=[instance()], session_documents=[custom_document()]),
        "defaults, documents denied": bare(instances=[instance()], session_documents=Inventory((), DENIED)),
    }


def documents() -> dict[str, Account]:
    """Regions with a document, and what it names."""
    prefs = live_preferences
    return {
        "live": bare(session_documents=[prefs()], instances=[instance()], keys=live_keys()),
        "live, Run As off": bare(session_documents=[prefs(run_as_enabled=False)], instances=[instance()]),
        "live, windows": bare(
            session_documents=[prefs(run_as_enabled=False)], instances=[instance(platform="Windows")]
        ),
        "live, key gone": bare(session_documents=[prefs(kms_key=live_keys()[0].address)]),
        "live, key there no more": bare(
            session_documents=[prefs()], keys=[_gone_key()], log_buckets=[live_bucket(exists=False)]
        ),
        "live, bucket": bare(session_documents=[prefs()], log_buckets=[live_bucket()]),
        "versions differ": bare(session_documents=[prefs(default_version="2", versions_agree=False)]),
        "versions agree": bare(session_documents=[prefs(default_version="2")]),
        "versions not compared": bare(session_documents=[prefs(default_version="2", versions_agree=DENIED)]),
        "versions alike by number": bare(session_documents=[prefs(versions_agree=DENIED)]),
    }


def _gone_key() -> Key:
    return replace(live_keys()[0], exists=known(False))


def hosts() -> dict[str, Account]:
    nodes: dict[str, dict[str, Any]] = {
        "an old agent": {"agent_version": "3.1.1732.0"},
        "an odd agent": {"agent_version": "next"},
        "an agent lost": {"ping": "ConnectionLost", "connected": False},
        "an old agent lost": {"agent_version": "2.3.68.0", "ping": "Inactive"},
        "no agent": {"agent_version": None, "agent_latest": None, "ping": None, "connected": False},
        "stopped": {"state": "stopped", "agent_version": "2.3.68.0"},
        "not connected": {"connected": False},
        "hybrid": {"address": "mi-0123456789abcdef0", "kind": "managed", "state": None},
    }
    alone: dict[str, Account] = {what: bare(instances=[instance(**node)]) for what, node in nodes.items()}
    return alone | {"no nodes": bare(), "two nodes": bare(instances=[instance(1), instance(2, ping="Inactive")])}


def history() -> dict[str, Account]:
    missing: dict[str, Any] = {"recording_object": None, "recording_stream": None}
    runs: dict[str, dict[str, Any]] = {
        "recorded": {},
        "recorded in one": {"recording_stream": None},
        "recorded nowhere": missing,
        "a tunnel": {"document": "AWS-StartSSHSession", **missing},
        "a tunnel by port": {"document": "AWS-StartPortForwardingSessionToRemoteHost", **missing},
        "running": {"ended": None, "status": "Connected", **missing},
        "left open": {"ended": None, "status": "Disconnected", **missing},
        "failed": {"status": "Failed", **missing},
        "store denied": {"recording_object": DENIED},
        "before the change": {"started": "2025-02-01T08:00:00+00:00", "ended": "2025-02-01T09:00:00+00:00", **missing},
        "recorded before the change": {"started": "2025-02-01T08:00:00+00:00", "ended": "2025-02-01T09:00:00+00:00"},
        "another document": {"document": "AWS-StartInteractiveCommand", **missing},
        "a long one": {"ended": "2025-04-03T08:00:00+00:00"},
    }
    alone = {
        f"session {what}": bare(session_documents=[live_preferences()], sessions=[session(**run)])
        for what, run in runs.items()
    }
    group = live_preferences(s3_bucket=None)
    custom = custom_document(address="custom", s3_bucket="example-elsewhere", cloudwatch_log_group=None, changed=None)
    named: dict[str, Any] = {"document": "Example-Shell", "recording_stream": None}
    return alone | {
        "session without preferences": bare(sessions=[session(**missing)]),
        "session without destination": bare(
            session_documents=[live_preferences(s3_bucket=None, cloudwatch_log_group=None)],
            sessions=[session(**missing)],
        ),
        "session in the group": bare(session_documents=[group], sessions=[session(recording_object=None)]),
        "session missing in the group": bare(session_documents=[group], sessions=[session(**missing)]),
        "session of a custom document": bare(session_documents=[custom], sessions=[session(**named)]),
        "session of a port document": bare(
            session_documents=[port_document()], sessions=[session(document="Example-Database", **missing)]
        ),
        "two sessions": bare(
            session_documents=[live_preferences()], sessions=[session(1), session(2, document="AWS-StartSSHSession")]
        ),
        "no sessions": bare(),
    }


def of_accounts() -> dict[str, Account]:
    return {**_settings(), **_trails(), **_alerts(), **_activations(), **_owners(), "all of it": live_account()}


def of_one() -> dict[str, dict[str, Account]]:
    """Return, by rule, the accounts that are about what it judges."""
    return {
        "HOST-01": hosts(),
        "REC-01": history(),
        "ACCT-01": _settings(),
        "ACCT-02": _trails(),
        "ACCT-03": _alerts(),
        "ACCT-04": {**_settings(), **_activations()},
        "ACCT-05": history(),
        "ACCT-06": _activations(),
        "ACCT-07": _owners(),
    }


def _settings() -> dict[str, Account]:
    return {
        "sharing blocked": bare(settings=[setting(SHARING, "Disable")]),
        "sharing open": bare(settings=[setting(SHARING, known("Enable", defaulted=True))]),
        "sharing denied": bare(settings=Inventory((), DENIED)),
        "sharing in code": account(settings=[setting(SHARING, "Enable")]),
        "a role for all": bare(settings=[setting(HOST_ROLE, "Administrator"), setting(TIER, "advanced")]),
        "the usual role": bare(
            settings=[
                setting(HOST_ROLE, "AWSSystemsManagerDefaultEC2InstanceManagementRole"),
                setting(TIER, "standard"),
            ]
        ),
        "a role in code": account(settings=[setting(HOST_ROLE, "Administrator")], activations=[]),
        "nothing in code": account(settings=[], activations=[], trails=[], event_rules=[]),
    }


def _trails() -> dict[str, Account]:
    weak, none = {"validation": False, "kms_key": None}, {"management_events": "None"}
    return {
        "a trail": bare(trails=[trail()]),
        "no trail": bare(),
        "a weak trail": bare(trails=[trail(**weak)]),
        "a weak trail beside a stopped one": bare(trails=[trail(kms_key=None), trail(address="b", logging=False)]),
        "an organization's trail": bare(trails=[trail(organization=True, **weak)]),
        "a trail of one Region": bare(trails=[trail(multi_region=False, ssm_excluded=True)]),
        "a trail of data": bare(trails=[trail(**none)]),
        "a trail of data in code": account(trails=[trail(**none)]),
        "a weak trail in code": account(trails=[trail(**weak)]),
        "perhaps a trail in code": account(trails=[trail(exists=unknown(), **weak)]),
    }


def _alerts() -> dict[str, Account]:
    other = event_rule("RunInstances", service="ec2", enabled=False)
    return {
        "alerts": bare(event_rules=alerting()),
        "alerts on starts": bare(event_rules=[event_rule("StartSession")]),
        "alerts by prefix": bare(event_rules=[event_rule(pattern={"source": [{"prefix": "aws."}]})]),
        "alerts to nobody": bare(event_rules=[event_rule("StartSession", targets=[])]),
        "alerts switched off": bare(event_rules=[event_rule("StartSession", enabled=False, bus="custom")]),
        "alerts but for one target": bare(
            event_rules=[event_rule(pattern={"detail": {"requestParameters": {"target": [{"anything-but": "i-1"}]}}})]
        ),
        "alerts in code": account(event_rules=[event_rule("StartSession"), other]),
        "other rules in code": account(event_rules=[other]),
    }


def _activations() -> dict[str, Account]:
    many = {"limit": 100, "used": 3}
    return {
        "an activation": bare(activations=[activation()]),
        "an open activation": bare(activations=[activation(**many)]),
        "an expired activation": bare(activations=[activation(expired=True, **many)]),
        "a used-up activation": bare(activations=[activation(limit=100, used=100)]),
        "an activation in code": account(activations=[activation(expired=unknown(), used=unknown(), limit=50)]),
    }


def _owners() -> dict[str, Account]:
    prefs: dict[str, Any] = {"session_documents": [live_preferences()]}
    accelerator = ownership(OwnerKind.LANDING_ZONE_ACCELERATOR, None)
    other = written(2, principal=f"arn:aws:iam::{OWNER}:user/sam")
    return {
        "one owner": bare(**prefs, owners=[ownership()]),
        "no owner": bare(**prefs, owners=[ownership(None, None)]),
        "two owners": bare(**prefs, owners=[ownership(), accelerator]),
        "one writer": bare(**prefs, document_events=[written(1), written(2)]),
        "two writers": bare(**prefs, owners=[ownership()], document_events=[written(1), other]),
        "another document's writer": bare(**prefs, document_events=[written(1), written(2, document="Example-Shell")]),
        "owner of a bucket": bare(**prefs, owners=[ownership()], log_buckets=[live_bucket(address=LOG_BUCKET)]),
    }
