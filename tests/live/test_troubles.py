"""AWS that throttles, hangs, answers with rubbish, or does not know the Region: told, and never a pass."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ssm_hardening.core.errors import ExitCode
from ssm_hardening.read.live import clients
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import Sandbox
from tests.live.conftest import Here
from tests.read.live import stores

LIVE = ("--live", "--region", "ap-southeast-2", "--format", "json", "-q")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Shorten the time limits, which are under test, and not how long they are."""
    monkeypatch.setattr(clients, "_READ_SECONDS", 1)
    monkeypatch.setattr(clients, "_ATTEMPTS", 2)
    clients._config.cache_clear()  # noqa: SLF001 - made once for a process
    yield
    clients._config.cache_clear()  # noqa: SLF001 - as above


def plan(here: Here, *options: str) -> Any:
    ran = here("plan", *LIVE, *options)
    assert ran.code in {ExitCode.OK, ExitCode.GAPS}, ran.err
    return json.loads(ran.out)


def gaps(report: Any) -> list[str]:
    return [gap["detail"] for gap in report["accounts"][0]["gaps"]]


def verdicts(report: Any, rule: str) -> set[str]:
    return {each["verdict"] for each in report["verdicts"] if each["rule"] == rule}


def test_throttled_a_little_is_answered(sandbox: Sandbox, here: Here) -> None:
    sandbox.set_faults([Fault(kind=FaultKind.THROTTLED, operation="DescribeSessions", times=1)])
    report = plan(here)
    assert gaps(report) == []
    assert verdicts(report, "REC-01") == {"failed"}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (FaultKind.THROTTLED, "throttled on every attempt"),
        (FaultKind.HANG, "ReadTimeoutError"),
        (FaultKind.MALFORMED, "cannot be read"),
    ],
)
def test_what_is_not_answered_to_the_end_is_a_gap(kind: FaultKind, told: str, sandbox: Sandbox, here: Here) -> None:
    sandbox.set_faults([Fault(kind=kind, operation="ListDocuments", seconds=3)])
    report = plan(here)
    assert [detail for detail in gaps(report) if detail.startswith("ssm:ListDocuments") and told in detail]
    for rule in ("PREF-03", "PREF-07", "KMS-01", "RUNAS-01"):
        assert "passed" not in verdicts(report, rule)


def test_a_document_that_is_no_json_is_undecided(sandbox: Sandbox, here: Here) -> None:
    sandbox.set_faults([Fault(kind=FaultKind.TRUNCATED, operation="GetDocument")])
    stores.document(idleSessionTimeout="15")
    report = plan(here, "--only", "PREF-03", "--only", "PREF-07")
    assert verdicts(report, "PREF-03") == verdicts(report, "PREF-07") == {"undecided"}


def test_a_region_that_is_not_enabled_is_said_and_exits_2(sandbox: Sandbox, here: Here) -> None:
    sandbox.set_faults([Fault(kind=FaultKind.REGION_DISABLED, region="eu-west-1")])
    ran = here("plan", "--live", "--region", "eu-west-1", "-q")
    assert ran.code == ExitCode.USAGE
    assert "the Region is not enabled" in " ".join(ran.out.split())
    both = here("plan", "--live", "--region", "eu-west-1", "--region", "ap-southeast-2", "-q")
    assert both.code == ExitCode.GAPS
    assert re.search(r"! not read: .*eu-west-1: .*the Region is not enabled", " ".join(both.out.split()))


def test_a_region_that_does_not_exist_is_no_account_without_gaps(sandbox: Sandbox, here: Here) -> None:
    assert sandbox.region
    for command in (("plan", "-q"), ("inspect", "-q"), ("access", "-q"), ("snapshot", "--out", "s.json")):
        ran = here(*command, "--live", "--region", "ap-southeast-22")
        assert (ran.code, ran.out) == (ExitCode.USAGE, "")
        assert ran.err.splitlines()[0] == "error: there is no Region 'ap-southeast-22'"


def test_everything_denied_passes_nothing(sandbox: Sandbox, here: Here) -> None:
    sandbox.set_faults([Fault(kind=FaultKind.DENIED)])
    ran = here("plan", *LIVE)
    assert ran.code == ExitCode.USAGE
    assert "passed" not in {each["verdict"] for each in json.loads(ran.out)["verdicts"]}


def test_no_credentials_is_a_message(sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sandbox.region
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    ran = here("plan", *LIVE)
    assert ran.code == ExitCode.USAGE
    assert "credentials" in ran.err
    assert "hint:" in ran.err
    assert here("plan", "--live", "--profile", "nobody", "-q").code == ExitCode.USAGE


def test_a_fault_of_ours_is_told_after_the_report(
    sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ssm_hardening.read.live import monitoring

    def broken(_caller: object) -> None:
        raise ZeroDivisionError("a fault of the test")

    assert sandbox.region
    monkeypatch.setattr(monitoring, "trails", broken)
    ran = here("plan", *LIVE)
    assert ran.code == ExitCode.FAULT
    assert "ZeroDivisionError" in gaps(json.loads(ran.out))[0]
