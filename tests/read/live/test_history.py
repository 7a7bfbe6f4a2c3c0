import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Why
from ssm_hardening.model import Session
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.documents import session_documents
from ssm_hardening.read.live.history import sessions
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import stores
from tests.read.live.reading import plain

NOW = datetime.now(UTC).replace(microsecond=0)
GROUP = "/ssm/sessions"
BUCKET = "session-logs"


def ended(id_: str, *, days: float = 1, **more: Any) -> dict[str, Any]:
    """Return a session as the history describes it."""
    started = NOW - timedelta(days=days)
    return {
        "SessionId": id_,
        "Target": "i-0123456789abcdef0",
        "Status": "Terminated",
        "StartDate": started,
        "EndDate": started + timedelta(minutes=20),
        "Owner": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/alice",
        **more,
    }


def running(id_: str) -> dict[str, Any]:
    return {key: value for key, value in ended(id_, Status="Connected").items() if key != "EndDate"}


def stored(id_: str, prefix: str = "sessions/") -> None:
    stores.client("s3").put_object(Bucket=BUCKET, Key=f"{prefix}{id_}.log", Body=b"")


def streamed(id_: str, at: datetime = NOW) -> None:
    logs = stores.client("logs")
    logs.create_log_stream(logGroupName=GROUP, logStreamName=id_)
    event = {"timestamp": int(at.timestamp() * 1000), "message": "{}"}
    logs.put_log_events(logGroupName=GROUP, logStreamName=id_, logEvents=[event])


def made() -> None:
    """Make both stores, and preferences that name them."""
    stores.bucket(BUCKET)
    stores.group(GROUP)
    stores.document(s3BucketName=BUCKET, s3KeyPrefix="sessions", cloudWatchLogGroupName=GROUP)


def read(caller: AwsApi) -> Inventory[Session]:
    return sessions(caller, session_documents(caller).facts)


def held(caller: AwsApi) -> dict[str, tuple[object, object]]:
    """Return what the bucket and the group hold of each session."""
    return {
        str(plain(each.name)): (plain(each.recording_object), plain(each.recording_stream)) for each in read(caller)
    }


def test_a_session_of_the_history(sandbox: Sandbox, caller: AwsApi) -> None:
    output = {"S3OutputUrl": f"https://s3.amazonaws.com/{BUCKET}/alice-1.log"}
    more: dict[str, Any] = {
        "DocumentName": "Custom",
        "Reason": "ticket 1",
        "MaxSessionDuration": "60",
        "OutputUrl": output,
    }
    sandbox.put(sessions=[ended("alice-1", **more)])
    (found,) = read(caller)
    assert found.address == f"arn:aws:ssm:{REGION}:{ACCOUNT}:session/alice-1"
    assert found.target == Known("i-0123456789abcdef0", ApiOrigin(found.address, "ssm:DescribeSessions"))
    assert plain(found.owner) == f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/alice"
    assert (plain(found.status), plain(found.reason), plain(found.document)) == ("Terminated", "ticket 1", "Custom")
    assert plain(found.started) == (NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert plain(found.max_duration) == 60
    assert plain(found.output) == output["S3OutputUrl"]


def test_running_and_ended_sessions(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    sandbox.put(sessions=[ended("alice-1"), running("bob-2")])
    first, second = read(caller)
    assert isinstance(first.ended, Known)
    assert isinstance(second.ended, Absent)
    assert plain(second.recording_object) == plain(second.recording_stream) == Why.OUT_OF_SCOPE


def test_what_the_stores_hold(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    names = ("both", "object", "stream", "none")
    sandbox.put(sessions=[ended(f"alice-{name}") for name in names])
    for name in ("both", "object", "none-of-mine"):
        stored(f"alice-{name}")
    for name in ("both", "stream", "none-of-mine"):
        streamed(f"alice-{name}")
    assert held(caller) == {
        "alice-both": ("sessions/alice-both.log", "alice-both"),
        "alice-none": (None, None),
        "alice-object": ("sessions/alice-object.log", None),
        "alice-stream": (None, "alice-stream"),
    }


def test_a_tunnel_is_not_looked_up(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    port = {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "22"}}
    stores.written("Own-Tunnel", json.dumps(port))
    names = ("AWS-StartSSHSession", "AWS-StartPortForwardingSessionToRemoteHost", "Own-Tunnel")
    sandbox.put(sessions=[ended(f"alice-{n}", DocumentName=name) for n, name in enumerate(names)])
    sandbox.reset_calls()
    assert set(held(caller).values()) == {(None, None)}
    assert not {each.operation for each in sandbox.calls()} & {"ListObjectsV2", "DescribeLogStreams"}


def test_a_session_runs_the_document_it_names(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    stores.document("Custom", s3BucketName=BUCKET)
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/Custom"
    sandbox.put(sessions=[ended("alice-1", DocumentName="Custom"), ended("alice-2", DocumentName=arn)])
    stored("alice-1", prefix="")
    stored("alice-2", prefix="sessions/")
    assert held(caller) == {"alice-1": ("alice-1.log", None), "alice-2": (None, None)}


def test_a_document_that_is_gone_leaves_the_stores_unknown(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    sandbox.put(sessions=[ended("alice-1", DocumentName="Gone")])
    assert held(caller) == {"alice-1": (Why.OUT_OF_SCOPE, Why.OUT_OF_SCOPE)}


def test_another_accounts_document_of_the_same_name_is_not_ones_own(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    arn = f"arn:aws:ssm:{REGION}:210987654321:document/{stores.PREFERENCES}"
    sandbox.put(sessions=[ended("alice-1", DocumentName=arn)])
    assert held(caller) == {"alice-1": (Why.OUT_OF_SCOPE, Why.OUT_OF_SCOPE)}


def test_commands_of_aws_may_be_recorded_as_the_preferences_say(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    sandbox.put(sessions=[ended("alice-1", DocumentName="AWS-StartInteractiveCommand")])
    stored("alice-1")
    assert held(caller) == {"alice-1": ("sessions/alice-1.log", None)}


def test_without_preferences_nothing_is_recorded(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.put(sessions=[ended("alice-1")])
    assert held(caller) == {"alice-1": (None, None)}


def test_stores_that_are_gone_hold_nothing(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.document(s3BucketName="gone-for-good", cloudWatchLogGroupName="gone")
    sandbox.put(sessions=[ended("alice-1")])
    assert held(caller) == {"alice-1": (None, None)}


def test_what_callers_choose_cannot_be_told(sandbox: Sandbox, caller: AwsApi) -> None:
    content = stores.content(s3BucketName="{{ bucket }}") | {"parameters": {"bucket": {"type": "String"}}}
    stores.written(stores.PREFERENCES, json.dumps(content))
    sandbox.put(sessions=[ended("alice-1")])
    assert held(caller) == {"alice-1": (Why.COMPUTED, None)}


@pytest.mark.parametrize("kind", [FaultKind.DENIED, FaultKind.MALFORMED])
def test_stores_that_cannot_be_listed(sandbox: Sandbox, caller: AwsApi, kind: FaultKind) -> None:
    made()
    sandbox.put(sessions=[ended("alice-1")])
    sandbox.set_faults(
        [
            Fault(kind=kind, service="s3", operation="ListObjectsV2"),
            Fault(kind=kind, service="logs", operation="DescribeLogStreams"),
        ]
    )
    (found,) = read(caller)
    for value, call in (
        (found.recording_object, "s3:ListObjectsV2"),
        (found.recording_stream, "logs:DescribeLogStreams"),
    ):
        assert isinstance(value, Unknown)
        assert call in value.detail


def test_documents_that_were_not_read_leave_the_stores_unknown(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    sandbox.put(sessions=[ended("alice-1")])
    sandbox.set_faults([Fault(service="ssm", operation="ListDocuments"), Fault(service="ssm", operation="GetDocument")])
    assert held(caller) == {"alice-1": (Why.DENIED, Why.DENIED)}


def test_a_history_that_may_not_be_read_is_a_gap(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.put(sessions=[ended("alice-1")])
    sandbox.set_faults([Fault(service="ssm", operation="DescribeSessions")])
    found = read(caller)
    assert found.items == ()
    assert found.gap is not None
    assert found.gap.why is Why.DENIED


def test_a_thousand_sessions_take_few_calls(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    ids = [f"person{n % 7}-{n * 7919 % 1_201:017x}" for n in range(1_200)]
    sandbox.put(sessions=[ended(id_, days=n % 29) for n, id_ in enumerate(ids)])
    for id_ in ids[:3]:
        stored(id_)
        streamed(id_)
    documents = session_documents(caller).facts
    sandbox.reset_calls()
    found = sessions(caller, documents)
    assert len(found) == 1_200
    assert found.gap is None
    recorded = [each for each in found if isinstance(each.recording_object, Known)]
    assert sorted(str(plain(each.name)) for each in recorded) == sorted(ids[:3])
    assert {plain(each.recording_stream) for each in recorded} == set(ids[:3])
    listing = [each for each in sandbox.calls() if each.operation != "DescribeSessions"]
    assert len(listing) < 1_200 // 50
