"""How far stores are listed: pages are made small here, so that a few objects and streams are many."""

from datetime import UTC, datetime, timedelta

import pytest

from ssm_hardening.core.values import Why
from ssm_hardening.read.live import recordings
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.recordings import RecordingFolder
from ssm_hardening.sandbox.server import Sandbox
from tests.read.live import stores
from tests.read.live.reading import plain

NOW = datetime.now(UTC)
FOLDER = RecordingFolder("session-logs", "sessions/")
GROUP = "sessions"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("_PAGE", 3), ("_FEW", 2), ("_STREAMS_A_PAGE", 3), ("_FEW_STREAMS", 2)):
        monkeypatch.setattr(recordings, name, size)


def stored(*ids: str) -> None:
    stores.bucket(FOLDER.bucket)
    for id_ in ids:
        stores.client("s3").put_object(Bucket=FOLDER.bucket, Key=FOLDER.key(id_), Body=b"")


def streamed(days: dict[str, int]) -> None:
    logs = stores.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    for name, ago in days.items():
        logs.create_log_stream(logGroupName=GROUP, logStreamName=name)
        event = {"timestamp": int((NOW - timedelta(days=ago)).timestamp() * 1000), "message": "{}"}
        logs.put_log_events(logGroupName=GROUP, logStreamName=name, logEvents=[event])


def milliseconds(days: int) -> int:
    return int((NOW - timedelta(days=days)).timestamp() * 1000)


def listings(sandbox: Sandbox, operation: str) -> int:
    return sum(each.operation == operation for each in sandbox.calls())


def test_keys_that_lie_together_are_settled_by_one_page(sandbox: Sandbox, caller: AwsApi) -> None:
    stored(*(f"m{n}" for n in range(6)))
    found = recordings.recorded_objects(caller, FOLDER, ["m0", "m1", "m1x"])
    assert {id_: plain(value) for id_, value in found.items()} == {
        "m0": "sessions/m0.log",
        "m1": "sessions/m1.log",
        "m1x": None,
    }
    assert listings(sandbox, "ListObjectsV2") == 1


def test_what_lies_between_is_passed_over(sandbox: Sandbox, caller: AwsApi) -> None:
    stored("a0", *(f"m{n:02}" for n in range(20)), "z9")
    found = recordings.recorded_objects(caller, FOLDER, ["z9", "a0"])
    assert [plain(found[id_]) for id_ in ("a0", "z9")] == ["sessions/a0.log", "sessions/z9.log"]
    assert listings(sandbox, "ListObjectsV2") == 2


def test_beyond_the_bound_objects_cannot_be_told(caller: AwsApi) -> None:
    stored(*(f"{letter}{n}" for letter in "abcd" for n in range(6)))
    found = recordings.recorded_objects(caller, FOLDER, ["a0", "b0", "c0"])
    assert plain(found["a0"]) == "sessions/a0.log"
    assert plain(found["b0"]) == "sessions/b0.log"
    assert plain(found["c0"]) is Why.OUT_OF_SCOPE


def test_a_few_streams_are_asked_for_by_name(sandbox: Sandbox, caller: AwsApi) -> None:
    streamed({"a": 1, "a-longer": 1, "c-longer": 1})
    found = recordings.recorded_streams(caller, GROUP, {"a": milliseconds(1), "c": milliseconds(1)})
    assert {id_: plain(value) for id_, value in found.items()} == {"a": "a", "c": None}
    assert listings(sandbox, "DescribeLogStreams") == 2


def test_many_streams_are_read_back_to_the_first_session(sandbox: Sandbox, caller: AwsApi) -> None:
    streamed({"a": 1, "b": 2, "c": 3, "other": 4, **{f"old{n}": 10 for n in range(9)}})
    since = {name: milliseconds(5) for name in ("a", "b", "c", "w", "x", "y", "z")}
    found = recordings.recorded_streams(caller, GROUP, since)
    assert [plain(found[id_]) for id_ in since] == ["a", "b", "c", None, None, None, None]
    by_name = 2
    assert listings(sandbox, "DescribeLogStreams") == 2 + by_name


def test_beyond_the_bound_streams_cannot_be_told(caller: AwsApi) -> None:
    streamed({"a": 1, **{f"other{n}": 2 for n in range(20)}, "z": 3})
    since = {name: milliseconds(5) for name in ("a", "q", "x", "y", "z")}
    found = recordings.recorded_streams(caller, GROUP, since)
    assert [plain(found[id_]) for id_ in ("a", "q", "x")] == ["a", None, None]
    assert {plain(found[id_]) for id_ in ("y", "z")} == {Why.OUT_OF_SCOPE}
