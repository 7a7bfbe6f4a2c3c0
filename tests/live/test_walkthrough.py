"""The evaluation that the tool replaces, row by row, as the command prints it of the simulated account."""

import io
import re
from contextlib import redirect_stdout

import pytest

from ssm_hardening.cli.entry import run
from ssm_hardening.core.errors import ExitCode
from ssm_hardening.sandbox.server import Sandbox

LIVE = ("--live", "--region", "ap-southeast-2")
CONTEXT, AUDIT, ACCESS = "Security context and privileges", "Auditing and logging", "Network, ports, and IAM"


@pytest.fixture(scope="module")
def report(server: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what is told of the account and of the insides of its nodes; it is read once for all rows."""
    server.reset("walkthrough")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.chdir(tmp_path_factory.mktemp("walkthrough"))
        for name, text in {**server.environment(), "COLUMNS": "120"}.items():
            patch.setenv(name, text)
        targets = [f"--target=tag:Name=session-manager-{system}-prod" for system in ("linux", "windows")]
        assert run(("host", "run", *LIVE, *targets, "--out", "inside", "--yes", "-q")) == ExitCode.OK
        out.truncate(out.seek(0))
        assert run(("plan", *LIVE, "--evidence", "inside", "--full", "-q")) == ExitCode.GAPS
    out.seek(0)
    return out.read()


def section(report: str, title: str) -> str:
    """Return the text from this heading to the next one, its white space as single blanks."""
    found = re.search(rf"^{title}.*?(?=^\S[^\n]*\n─|\Z)", report, re.DOTALL | re.MULTILINE)
    assert found is not None, title
    return " ".join(found[0].split())


def test_the_sections_stand_in_order(report: str) -> None:
    places = [report.index(f"\n{title}") for title in (CONTEXT, AUDIT, ACCESS, "Requirements")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "told",
    [
        "session-manager-linux-prod",  # W1, W4: on which machines
        "session-manager-windows-prod",
        "Windows",
        "RUNAS-01 Run As is off: sessions share ssm-user",
        "all sessions share ssm-user",
    ],
)
def test_w1_and_w4_who_sessions_run_as(told: str, report: str) -> None:
    assert told in section(report, CONTEXT)


def test_w1_to_w5_what_a_session_can_do_on_the_machine(report: str) -> None:
    context, access = section(report, CONTEXT), section(report, ACCESS)
    for told in (
        "session-manager-linux-prod ssm-user root: (ALL) NOPASSWD: ALL",  # W1, W2
        "HOST-02 Session users",
        "/etc/sudoers.d/ssm-agent-users",
        "session-manager-windows-prod ssm-user administrator (Administrators)",  # W4, W5
        "HOST-03 ssm-user is a Windows administrator",
        "+ module.host_baseline",
    ):
        assert told in context
    for told in (
        "2 connections 203.0.113.10:443 public, 203.0.113.21:443 public",  # W3
        "✓ NET-02 the agent connects only to port 443",
        "✓ NET-03 ssm and ssmmessages resolve",
    ):
        assert told in access


@pytest.mark.parametrize(
    "told", ["6 sessions by 2 people", "alice", "bob", "42 min", "not recorded", "REC-01", "ACCT-05"]
)
def test_w6_the_history(told: str, report: str) -> None:
    assert told in section(report, AUDIT)


@pytest.mark.parametrize(
    "told",
    [
        "no document: the AWS defaults apply",
        "20 min (AWS default)",
        "none: TLS only",
        "PREF-01",
        "PREF-03",
        "PREF-08",
        "KMS-01",
        "✓ PREF-07",  # a healthy state is told as plainly: 20 minutes are allowed
    ],
)
def test_w7_the_preferences(told: str, report: str) -> None:
    assert told in section(report, AUDIT)


@pytest.mark.parametrize(
    "told",
    [
        "session-manager-demo-default AmazonSSMManagedInstanceCore on session-manager-",  # W9, W10
        "in: nothing; out: all anywhere",  # W8
        "way out: nat-gateway",
        "✓ HOST-01",
    ],
)
def test_w8_to_w10_what_is_behind_them(told: str, report: str) -> None:
    assert told in section(report, ACCESS)


def test_the_requirements_end_the_report(report: str) -> None:
    ends = section(report, "Requirements")
    for requirement in ("Secure access", "Access control", "Auditing", "Cross-platform"):
        assert requirement in ends
