import json
from typing import Any

import pytest

from ssm_hardening.core.values import Items, Known, Why
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.monitoring import event_rules
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet
from tests.read.live.reading import only, plain

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
SESSIONS = {
    "source": ["aws.ssm"],
    "detail-type": ["AWS API Call via CloudTrail"],
    "detail": {"eventName": ["StartSession"]},
}


def made(name: str, pattern: Any = None, *, target: str = TOPIC, state: str = "ENABLED") -> None:
    events = fleet.client("events")
    when = {"ScheduleExpression": "rate(1 day)"} if pattern is None else {"EventPattern": json.dumps(pattern)}
    events.put_rule(Name=name, State=state, **when)
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target}])


def test_a_rule_on_sessions(caller: AwsApi) -> None:
    made("sessions", SESSIONS)

    found = only(event_rules(caller))

    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/sessions"
    said = plain(found)
    assert (found.address, said["name"], said["bus"]) == (arn, "sessions", "default")
    assert (said["enabled"], said["pattern"], said["targets"]) == (True, SESSIONS, [TOPIC])
    assert found.targets.at.call == "events:ListTargetsByRule"


@pytest.mark.parametrize(
    ("pattern", "concerns"),
    [
        (SESSIONS, True),
        ({"source": ["aws.kms"], "detail-type": ["KMS CMK Deletion"]}, True),
        ({"source": [{"prefix": "aws."}]}, True),
        ({"source": [{"prefix": "aws."}], "detail-type": ["EC2 Instance State-change Notification"]}, False),
        ({"detail": {"eventSource": ["ssm.amazonaws.com"]}}, True),
        ({"detail": {"eventSource": ["s3.amazonaws.com"]}}, False),
        ({"source": ["aws.ec2", "com.example"]}, False),
        ({"detail-type": ["AWS API Call via CloudTrail"]}, True),
        (None, False),
    ],
    ids=json.dumps,
)
def test_targets_are_asked_of_rules_that_concern_sessions(
    sandbox: Sandbox, caller: AwsApi, pattern: Any, *, concerns: bool
) -> None:
    made("one", pattern)
    sandbox.reset_calls()

    found = event_rules(caller)

    asked = [call.operation for call in sandbox.calls()]
    assert len(found) == int(concerns)
    assert asked == ["ListRules", *(["ListTargetsByRule"] if concerns else [])]


def test_a_rule_that_is_off(caller: AwsApi) -> None:
    made("sessions", SESSIONS, state="DISABLED")
    assert plain(only(event_rules(caller)).enabled) is False


def test_denied_targets_may_be_any(sandbox: Sandbox, caller: AwsApi) -> None:
    made("sessions", SESSIONS)
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="events", operation="ListTargetsByRule")])

    match only(event_rules(caller)).targets:
        case Known(Items((), rest)):
            assert rest is not None
            assert rest.detail == "events:ListTargetsByRule: AccessDeniedException"
        case other:
            pytest.fail(f"{other} hides that the targets are not known")


def test_denied_rules_are_a_gap(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="events")])
    found = event_rules(caller)
    assert (len(found), plain(found.gap)) == (0, Why.DENIED)
