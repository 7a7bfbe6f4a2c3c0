"""Accounts of every size: nothing at all, or nodes and sessions by the hundreds, on several pages of each list.

How long thousands take is measured by `make bench`.
"""

import json
from collections import Counter

from ssm_hardening.core.errors import ExitCode
from ssm_hardening.sandbox.server import Sandbox
from tests.bench.accounts import fill
from tests.live.conftest import Here
from tests.read.live import stores

LIVE = ("--live", "--region", "ap-southeast-2", "--format", "json", "-q")
BEYOND_PAGING = 70  # with 1,200 sessions, whose stores and streams are looked into
"""Calls that an account and Region may take, further pages apart."""

PAGES = {"DescribeInstanceInformation", "DescribeInstances", "DescribeSessions", "ListObjectsV2", "DescribeLogStreams"}


def calls(sandbox: Sandbox) -> Counter[str]:
    return Counter(call.operation for call in sandbox.calls())


def beyond_paging(made: Counter[str]) -> int:
    return sum(1 if operation in PAGES else count for operation, count in made.items())


def test_an_empty_account(sandbox: Sandbox, here: Here) -> None:
    sandbox.reset("empty")
    ran = here("plan", *LIVE, "--skip", "ACCT-01", "--skip", "ACCT-02", "--skip", "ACCT-03")
    report = json.loads(ran.out)
    failed = {each["rule"]: each["severity"] for each in report["verdicts"] if each["verdict"] == "failed"}
    assert failed == {"PREF-01": "low"}
    assert report["accounts"][0]["gaps"] == []
    assert ran.code == ExitCode.GAPS


def test_hundreds_of_nodes(sandbox: Sandbox, here: Here) -> None:
    sandbox.reset("empty")
    fill(sandbox, nodes=600, sessions=20)
    sandbox.reset_calls()
    report = json.loads(here("plan", *LIVE).out)
    judged = [each for each in report["verdicts"] if each["rule"] == "HOST-01"]
    assert len(judged) == 600
    assert {each["verdict"] for each in judged} == {"passed"}
    assert beyond_paging(calls(sandbox)) <= BEYOND_PAGING


def test_a_thousand_sessions(sandbox: Sandbox, here: Here) -> None:
    sandbox.reset("empty")
    stores.bucket("session-logs")
    stores.group("/sessions", days=400)
    stores.document(s3BucketName="session-logs", cloudWatchLogGroupName="/sessions")
    fill(sandbox, nodes=10, sessions=1_200)
    sandbox.reset_calls()
    report = json.loads(here("plan", *LIVE).out)
    judged = [each for each in report["verdicts"] if each["rule"] == "REC-01"]
    assert len(judged) == 1_200
    # They ended before the document was made: where they should be cannot be told, and that is no pass.
    assert {each["verdict"] for each in judged} == {"undecided"}
    made = calls(sandbox)
    assert beyond_paging(made) <= BEYOND_PAGING
    assert sum(made.values()) <= BEYOND_PAGING + 1_200 // 50
