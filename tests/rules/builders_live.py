"""Facts of a live account with healthy defaults: what only AWS itself tells, and the older kinds under their ARNs."""

from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Unknown, Value, Why
from ssm_hardening.model import (
    LIVE,
    Account,
    Activation,
    DocumentEvent,
    EventRule,
    Instance,
    Key,
    LogBucket,
    LogGroup,
    OwnerKind,
    Ownership,
    ServiceSetting,
    Session,
    SessionDocument,
    Trail,
)
from tests.rules.builders import (
    account,
    bucket,
    bucket_key,
    fact,
    group_key,
    key,
    known,
    lift,
    log_group,
    logs_statement,
    preferences_document,
    root_statement,
)

OWNER, REGION = "111122223333", "ap-southeast-2"
PEOPLE = f"arn:aws:sts::{OWNER}:assumed-role/Operators/alex"
SHARING = "/ssm/documents/console/public-sharing-permission"
HOST_ROLE = "/ssm/managed-instance/default-ec2-instance-management-role"
TIER = "/ssm/managed-instance/activation-tier"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{OWNER}:{resource}"


PREFERENCES = arn("ssm", "document/SSM-SessionManagerRunShell")
LOG_BUCKET, LOG_GROUP = "arn:aws:s3:::example-session-logs", arn("logs", "log-group:/example/sessions")
KEYS = {
    name: arn("kms", f"key/{digit * 8}-2222-3333-4444-555555555555")
    for name, digit in {"session": "1", "bucket": "2", "group": "3"}.items()
}
NOWHERE: dict[str, Any] = {"recording_object": None, "recording_stream": None}
AT = ApiOrigin(f"arn:aws:iam::{OWNER}:root", "sts:GetCallerIdentity")
LIVE_SCOPE: dict[str, Any] = {
    "source": LIVE,
    "root": f"{OWNER}/{REGION}",
    "at": AT,
    "account": OWNER,
    "region": REGION,
}


def live_preferences(**overrides: Any) -> SessionDocument:
    defaults: dict[str, Any] = {
        "address": PREFERENCES,
        "origin": ApiOrigin(PREFERENCES, "ssm:GetDocument"),
        "default_version": "3",
        "latest_version": "3",
        "versions_agree": True,
        "changed": "2025-03-01T08:00:00+00:00",
        "prevent_destroy": None,
        "s3_bucket": "example-session-logs",
        "cloudwatch_log_group": "/example/sessions",
        "kms_key": KEYS["session"],
    }
    return preferences_document(**defaults | overrides)


def live_bucket(**overrides: Any) -> LogBucket:
    defaults = {"address": LOG_BUCKET, "kms_key": KEYS["bucket"], "access_log_bucket": "example-access-logs"}
    return bucket(**defaults | {"used_by": [PREFERENCES]} | overrides)


def live_group(**overrides: Any) -> LogGroup:
    return log_group(**{"address": LOG_GROUP, "kms_key": KEYS["group"], "used_by": [PREFERENCES], **overrides})


def live_keys(**overrides: Any) -> list[Key]:
    """Return the keys of sessions, bucket and log group; the overrides hold for each."""
    own: list[tuple[Any, str, dict[str, Any]]] = [
        (key, "session", {"used_by": [PREFERENCES]}),
        (bucket_key, "bucket", {"used_by": [LOG_BUCKET]}),
        (group_key, "group", {"used_by": [LOG_GROUP], "statements": [root_statement(), logs_statement()]}),
    ]
    return [
        made(**{"address": KEYS[use], "name": KEYS[use].rpartition("/")[2], **mine, **overrides})
        for made, use, mine in own
    ]


def instance(number: int = 1, **overrides: Any) -> Instance:
    identifier = f"i-{number:017x}"
    defaults = {
        "name": identifier,
        "label": f"example-{number}",
        "kind": "ec2",
        "platform": "Linux",
        "state": "running",
        "profile": "example-node",
        "role": "example-node",
        "security_groups": ["sg-0123456789abcdef0"],
        "subnet": "subnet-0123456789abcdef0",
        "public_ip": False,
        "key_name": None,
        "imds_tokens": "required",
        "imds_hop_limit": 1,
        "agent_version": "3.3.1611.0",
        "agent_latest": True,
        "ping": "Online",
        "connected": True,
    }
    made: Instance = fact(Instance, arn("ec2", f"instance/{identifier}"), defaults, overrides)
    return made


def session(number: int = 1, **overrides: Any) -> Session:
    identifier = f"alex-{number:017x}"
    defaults = {
        "name": identifier,
        "target": f"i-{1:017x}",
        "owner": PEOPLE,
        "document": None,
        "status": "Terminated",
        "reason": None,
        "started": "2025-04-01T08:00:00+00:00",
        "ended": "2025-04-01T08:25:00+00:00",
        "max_duration": None,
        "output": None,
        "recording_object": f"sessions/{identifier}.log",
        "recording_stream": identifier,
    }
    made: Session = fact(Session, identifier, defaults, overrides)
    return made


def setting(identifier: str, value: Any, **overrides: Any) -> ServiceSetting:
    defaults = {"name": identifier, "value": value}
    made: ServiceSetting = fact(ServiceSetting, arn("ssm", f"servicesetting{identifier}"), defaults, overrides)
    return made


def trail(**overrides: Any) -> Trail:
    defaults = {
        "name": "example",
        "multi_region": True,
        "organization": False,
        "logging": True,
        "management_events": "All",
        "ssm_excluded": False,
        "validation": True,
        "kms_key": arn("kms", "key/example"),
        "bucket": "example-trail",
    }
    made: Trail = fact(Trail, arn("cloudtrail", "trail/example"), defaults, overrides)
    return made


def event_rule(*calls: str, service: str = "ssm", **overrides: Any) -> EventRule:
    name = f"example-{service}"
    pattern = {
        "source": [f"aws.{service}"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": [f"{service}.amazonaws.com"], "eventName": list(calls)},
    }
    defaults = {"name": name, "bus": "default", "enabled": True, "pattern": pattern, "targets": [arn("sns", "example")]}
    made: EventRule = fact(EventRule, arn("events", f"rule/{name}"), defaults, overrides)
    return made


def alerting() -> list[EventRule]:
    return [
        event_rule("StartSession", "UpdateDocument", "DeleteDocument", "UpdateServiceSetting"),
        event_rule("DisableKey", "ScheduleKeyDeletion", service="kms"),
    ]


def activation(**overrides: Any) -> Activation:
    defaults = {
        "name": "11111111-aaaa-bbbb-cccc-222222222222",
        "role": "example-hybrid",
        "expires": "2025-04-02T08:00:00+00:00",
        "expired": False,
        "used": 0,
        "limit": 1,
    }
    made: Activation = fact(Activation, "11111111-aaaa-bbbb-cccc-222222222222", defaults, overrides)
    return made


def ownership(kind: str | None = OwnerKind.CLOUDFORMATION, name: Any = "prefs", **overrides: Any) -> Ownership:
    owner = kind and OwnerKind(kind).value
    values: dict[str, Any] = {"owner": owner, "name": name, "evidence": "aws:cloudformation:stack-name"}
    lifted: dict[str, Value[Any]] = {field: lift(value) for field, value in (values | overrides).items()}
    return Ownership(of=PREFERENCES, at=AT, **lifted)


def written(number: int = 1, **overrides: Any) -> DocumentEvent:
    defaults = {
        "name": f"event-{number}",
        "document": "SSM-SessionManagerRunShell",
        "event": "UpdateDocument",
        "principal": f"arn:aws:sts::{OWNER}:assumed-role/Deployer/run-{number}",
        "time": "2025-03-01T08:00:00+00:00",
    }
    made: DocumentEvent = fact(DocumentEvent, f"event-{number}", defaults, overrides)
    return made


def bare(**overrides: Any) -> Account:
    """Return a live account in which nothing was found, and nothing was refused."""
    kinds = (
        "session_documents", "log_buckets", "log_groups", "keys", "roles", "policies", "instances", "security_groups",
        "vpc_endpoints", "subnets", "settings", "trails", "event_rules", "activations", "sessions", "document_events",
        "holdings", "owners",
    )  # fmt: skip
    defaults: dict[str, Any] = {kind: [] for kind in kinds}
    defaults["hosts"] = Inventory((), Unknown(Why.OUT_OF_SCOPE, AT, "not read from this source yet"))
    return account(**LIVE_SCOPE | defaults | overrides)


def live_account(**overrides: Any) -> Account:
    """Return a live account in good order."""
    found: dict[str, Any] = {
        "session_documents": [live_preferences()],
        "log_buckets": [live_bucket()],
        "log_groups": [live_group()],
        "keys": live_keys(),
        "instances": [instance(1), instance(2, platform="Windows")],
        "settings": [setting(SHARING, "Disable"), setting(HOST_ROLE, "$None"), setting(TIER, known("standard"))],
        "trails": [trail()],
        "event_rules": alerting(),
        "sessions": [session(1), session(2)],
        "owners": [ownership()],
    }
    return bare(**found | overrides)
