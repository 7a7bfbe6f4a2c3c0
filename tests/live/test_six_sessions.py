"""REC-01 on a history of six sessions, and a document that belongs to a stack of CloudFormation."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ssm_hardening.core.errors import ExitCode
from ssm_hardening.sandbox.server import Sandbox
from tests.live.conftest import Here
from tests.read.live import stores

LIVE = ("--live", "--region", "ap-southeast-2")
NODE = "i-0123456789abcdef0"
EXPECTED = {
    "both-1": "passed",
    "half-1": "failed",
    "none-1": "failed",
    "tunnel-1": "not_applicable",
    "running-1": "not_applicable",
    "denied-1": "undecided",
}


def session(name: str, document: str = stores.PREFERENCES, *, ended: bool = True) -> dict[str, Any]:
    # After the documents were made: what ran before them cannot be held against them.
    began = datetime.now(tz=UTC) + timedelta(minutes=5)
    end = {"EndDate": began + timedelta(minutes=10)} if ended else {}
    return {
        "SessionId": f"{name}-1",
        "Target": NODE,
        "Status": "Terminated" if ended else "Connected",
        "StartDate": began,
        "Owner": f"arn:aws:iam::123456789012:user/{name}",
        "DocumentName": document,
        **end,
    }


@pytest.fixture
def six(sandbox: Sandbox) -> Sandbox:
    """Six sessions: in both stores, in one, in none, a tunnel, one that runs, and one whose store is not ours."""
    sandbox.reset("empty")
    stores.bucket("session-logs")
    stores.group("/sessions", days=400)
    stores.document(s3BucketName="session-logs", s3KeyPrefix="logs", cloudWatchLogGroupName="/sessions")
    _foreign_bucket(sandbox)
    stores.document("Elsewhere", s3BucketName="other-accounts-logs")
    s3, logs = stores.client("s3"), stores.client("logs")
    for name in ("both-1", "half-1"):
        s3.put_object(Bucket="session-logs", Key=f"logs/{name}.log", Body=b"")
    logs.create_log_stream(logGroupName="/sessions", logStreamName="both-1")
    sandbox.put(
        sessions=[
            session("both"),
            session("half"),
            session("none"),
            session("tunnel", "AWS-StartSSHSession"),
            session("running", ended=False),
            session("denied", "Elsewhere"),
        ]
    )
    return sandbox


def _foreign_bucket(sandbox: Sandbox) -> None:
    import boto3

    sandbox.put(organization={"accounts": ["200000000001"], "role": "Other", "external_id": ""})
    role = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::200000000001:role/Other", RoleSessionName="theirs")
    keys = role["Credentials"]
    s3 = boto3.client(
        "s3",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    where = {"LocationConstraint": sandbox.region}
    s3.create_bucket(Bucket="other-accounts-logs", CreateBucketConfiguration=where)


def test_each_session_has_its_verdict(six: Sandbox, here: Here) -> None:
    assert six.region
    ran = here("plan", *LIVE, "--only", "REC-01", "--format", "json", "-q")
    verdicts = {each["subject"].rpartition("/")[2]: each for each in json.loads(ran.out)["verdicts"]}
    assert {name: each["verdict"] for name, each in verdicts.items()} == EXPECTED
    assert verdicts["half-1"]["severity"] == "medium"
    assert "s3:ListObjectsV2" in verdicts["denied-1"]["why"]["detail"]


@pytest.mark.parametrize(
    ("person", "outcome"),
    [
        ("both", "recorded"),
        ("half", "not recorded"),
        ("none", "not recorded"),
        ("tunnel", "not recordable"),
        ("running", "still running"),
        ("denied", "cannot tell"),
    ],
)
def test_the_table_tells_by_person_and_node(person: str, outcome: str, six: Sandbox, here: Here) -> None:
    assert six.region
    lines = [line.split() for line in here("plan", *LIVE, "--full", "-q").out.splitlines()]
    (row,) = [" ".join(line) for line in lines if line[:2] == [person, NODE]]
    assert f"{NODE} 1 {outcome} " in row


def test_no_content_is_read(six: Sandbox, here: Here) -> None:
    six.reset_calls()
    here("plan", *LIVE, "-q")
    made = {call.operation for call in six.calls()}
    assert made.isdisjoint({"GetObject", "GetLogEvents", "FilterLogEvents", "StartQuery"})


def test_a_document_of_a_stack_is_changed_upstream(sandbox: Sandbox, here: Here) -> None:
    sandbox.reset("empty")
    stack = "arn:aws:cloudformation:ap-southeast-2:123456789012:stack/session-preferences/1"
    tags = {"aws:cloudformation:stack-name": "session-preferences", "aws:cloudformation:stack-id": stack}
    stores.document(tags=tags, idleSessionTimeout="60")
    ran = here("plan", *LIVE, "--format", "json", "-q")
    assert ran.code == ExitCode.GAPS
    remediation = json.loads(ran.out)["remediation"]
    imports = [each for stage in remediation["stages"] for each in stage["imports"]]
    assert imports == []
    steps = json.dumps([stage["manual"] for stage in remediation["stages"]])
    assert "session-preferences" in steps
    assert "cloudformation" in steps.lower()
    modules = [call["module"] for stage in remediation["stages"] for call in stage["modules"]]
    assert "session-preferences" not in modules
