"""`ssm-harden host` against the simulated account: what is sent and asked, what is written, and what it exits with."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssm_hardening.read.hosts import running as sending
from ssm_hardening.sandbox.faults import Fault
from ssm_hardening.sandbox.server import Sandbox, running
from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, TOOL, Ran, environment, write

LINUX, WINDOWS = "tag:Name=session-manager-linux-prod", "tag:Name=session-manager-windows-prod"
BOTH = ("--target", LINUX, "--target", WINDOWS)
LOST = "i-0123456789abcdef0"
RUN = ("host", "run", "--live")
STEP = {"action": "aws:runShellScript", "inputs": {"runCommand": ["SSM_HARDEN_REMOVE_PRIVILEGES='true'"]}}
REMEDY = json.dumps({"schemaVersion": "2.2", "mainSteps": [STEP | {"name": "a"}]})


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    server.reset("walkthrough")
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0.01)
    return server


def sent(sandbox: Sandbox) -> int:
    return sum(call.operation == "SendCommand" for call in sandbox.calls())


def evidence(folder: Path) -> dict[str, dict[str, object]]:
    return {path.stem: json.loads(path.read_text()) for path in folder.iterdir()}


def test_the_walkthrough_is_asked_and_judged(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    ran = here(*RUN, *BOTH, "--yes")
    assert ran.code == 0, ran.err
    found = evidence(tmp_path / "host-evidence")
    assert ran.out.splitlines() == [f"host-evidence/{node}.json" for node in _order(ran, found)]
    assert {each["probe"]["platform"] for each in found.values()} == {"linux", "windows"}  # type: ignore[index]
    assert all((tmp_path / line).stat().st_mode & 0o777 == 0o600 for line in ran.out.splitlines())
    assert (tmp_path / "host-evidence").stat().st_mode & 0o777 == 0o700
    for told in (sandbox.account, sandbox.region, *found, "AWS-RunShellScript", "AWS-RunPowerShellScript"):
        assert told in ran.err
    for told in ("root", "SYSTEM", "only reads", "ssm:SendCommand", "ssm:GetCommandInvocation", ": answered"):
        assert told in ran.err
    alone = here("host", "read", "host-evidence", "--format", "json", "-q")
    report = json.loads(alone.out)
    assert report["sources"] == ["host"]
    beside = json.loads(here("plan", "--live", "--evidence", "host-evidence", "--format", "json", "-q").out)
    assert beside["sources"] == ["live"]


def _order(ran: Ran, found: dict[str, dict[str, object]]) -> list[str]:
    return [node for line in ran.out.splitlines() for node in found if node in line]


def test_the_remedy_changes_what_the_node_says(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    import boto3

    assert here(*RUN, *BOTH, "--yes", "--out", "before", "-q").code == 0
    ssm = boto3.client("ssm", region_name=sandbox.region)
    ssm.create_document(Name="ssm-harden-host-baseline-linux", DocumentType="Command", Content=REMEDY)
    targets = [{"Key": "tag:Name", "Values": ["session-manager-linux-prod"]}]
    ssm.create_association(Name="ssm-harden-host-baseline-linux", Targets=targets)
    assert here(*RUN, *BOTH, "--yes", "--out", "after", "-q").code == 0
    before, after = evidence(tmp_path / "before"), evidence(tmp_path / "after")
    changed = {node for node in before if before[node]["identities"] != after[node]["identities"]}
    assert [before[node]["probe"]["platform"] for node in changed] == ["linux"]  # type: ignore[index]


def test_without_yes_and_a_terminal_nothing_is_sent_and_all_is_said(sandbox: Sandbox, here: Here) -> None:
    ran = here(*RUN, *BOTH, "-q")
    assert (ran.code, ran.out) == (2, "")
    assert "error: nothing was sent: there is no terminal to ask on" in ran.err
    assert sandbox.account in ran.err
    assert "AWS-RunShellScript" in ran.err
    assert sent(sandbox) == 0


@pytest.mark.parametrize(("answer", "code", "commands"), [("y", 0, 1), ("n", 2, 0), ("", 2, 0)])
def test_on_a_terminal_it_asks(sandbox: Sandbox, tmp_path: Path, answer: str, code: int, commands: int) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    child = subprocess.run(
        [TOOL, *RUN, "--target", LINUX],
        cwd=tmp_path, env=environment(), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False,
    )  # fmt: skip
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert child.returncode == code, shown
    assert "Send it? [y/N]" in shown
    assert sent(sandbox) == commands
    assert bool(child.stdout) is bool(commands)


def test_a_node_that_is_offline_is_told_and_the_other_answers(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    sandbox.put(instance_information=[{"InstanceId": LOST, "PingStatus": "ConnectionLost", "PlatformType": "Linux"}])
    ran = here(*RUN, "--target", LINUX, "--target", LOST, "--yes")
    assert ran.code == 1
    assert f"no evidence from {LOST}: its agent is not online (ConnectionLost)" in ran.err
    assert len(evidence(tmp_path / "host-evidence")) == 1
    alone = here(*RUN, "--target", LOST, "--yes")
    assert alone.code == 2
    assert "error: no node can run the probe: i-0123456789abcdef0: its agent is not online" in alone.err


def test_an_answer_that_is_none_is_told_and_not_written(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    assert here(*RUN, *BOTH, "--yes", "--out", "first", "-q").code == 0
    linux = next(node for node, each in evidence(tmp_path / "first").items() if each["text"] == "bytes")
    sandbox.put(command_output={linux: {"StandardOutputContent": "secret" * 5_000}})
    ran = here(*RUN, *BOTH, "--yes")
    assert ran.code == 1
    assert f"no evidence from {linux}: Run Command truncated the output" in ran.err
    assert "secret" not in ran.err + ran.out
    assert linux not in evidence(tmp_path / "host-evidence")
    only = here(*RUN, "--target", linux, "--yes", "--out", "third")
    assert (only.code, only.out) == (2, "")
    assert list((tmp_path / "third").iterdir()) == []


@pytest.mark.parametrize("operation", ["SendCommand", "GetCommandInvocation", "DescribeInstanceInformation"])
def test_denied_exits_2_and_names_the_right_that_is_missing(sandbox: Sandbox, here: Here, operation: str) -> None:
    sandbox.set_faults([Fault(operation=operation)])
    ran = here(*RUN, *BOTH, "--yes", "-q")
    assert (ran.code, ran.out) == (2, "")
    [error] = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert f"ssm:{operation}" in error
    assert "AccessDenied" in error


def test_evidence_is_never_written_over_another(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    assert here(*RUN, "--target", LINUX, "--yes", "-q").code == 0
    [path] = (tmp_path / "host-evidence").iterdir()
    path.write_text("mine")
    ran = here(*RUN, *BOTH, "--yes")
    assert ran.code == 2
    assert f"error: host-evidence already contains evidence: {path.name}" in ran.err
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    assert here(*RUN, *BOTH, "--yes").code == 2
    assert sent(sandbox) == 1
    assert not (tmp_path / "elsewhere").exists()


WRONG = [
    ((*RUN[:2], *BOTH), "the probe can only be sent to nodes in a live account"),
    ((*RUN, "--yes"), "no target was given"),
    ((*RUN, "--yes", "--target", "web"), "'web' is not a valid target"),
    ((*RUN, "--yes", *BOTH, "--region", "all"), "one Region at a time"),
    ((*RUN, "--yes", *BOTH, "--run-as", "a;b"), "'a;b' is not a valid OS user name"),
    ((*RUN, "--yes", *BOTH, "--role-arn", "x"), "'x' is not the ARN of a role"),
    ((*RUN, "--yes", *BOTH, "--external-id", "xx"), "--external-id requires a role"),
    ((*RUN, "--yes", *BOTH, "--profile", "nobody"), "nobody"),
    ((*RUN, "--yes", *BOTH, "--out", "file"), "--out file: is not a folder"),
    ((*RUN, "--yes", *BOTH, "--out", "file/new"), "--out file/new: "),
    (("host", "script", "--platform", "linux", "--run-as", "$(id)"), "is not a valid OS user name"),
    (("host", "read", "nowhere.json"), "nowhere.json: no such file"),
    (("host", "read", "file"), "file: "),
    (("host", "read", "empty"), "empty: there is no evidence in this folder"),
    (("plan", "--evidence", "nowhere.json"), "nowhere.json: no such file"),
    (("inspect", "--evidence", "file"), "file: "),
]


@pytest.mark.parametrize(("line", "told"), WRONG, ids=[" ".join(line)[:70] for line, _ in WRONG])
def test_wrong_usage(sandbox: Sandbox, here: Here, tmp_path: Path, line: tuple[str, ...], told: str) -> None:
    write(tmp_path, {"file": "mine"})
    (tmp_path / "empty").mkdir()
    ran = here(*line)
    assert (ran.code, ran.out) == (2, "")
    [error] = [each for each in ran.err.splitlines() if each.startswith("error: ")]
    assert told in error
    assert sent(sandbox) == 0
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("linux", "SSM_HARDEN_USERS='ssm-user deploy'"),
        ("macos", "SSM_HARDEN_USERS='ssm-user deploy'"),
        ("windows", "$SsmHardenUsers = @('ssm-user', 'deploy')"),
    ],
)
def test_the_probe_is_printed_with_the_users_to_look_at(here: Here, platform: str, line: str) -> None:
    ran = here("host", "script", "--platform", platform, "--run-as", "deploy")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines().count(line) == 1
    # Windows PowerShell 5.1 takes a script without a mark for one in the machine's code page.
    assert platform != "windows" or ran.out.isascii()


def test_evidence_needs_no_code_and_stands_beside_it_as_its_own_picture(
    sandbox: Sandbox, here: Here, tmp_path: Path
) -> None:
    assert sandbox.port
    assert here(*RUN, *BOTH, "--yes", "-q").code == 0
    write(tmp_path, {"main.tf": DOCUMENT})
    alone = json.loads(here("inspect", "--evidence", "host-evidence", "--format", "json", "-q").out)
    assert [account["source"] for account in alone["accounts"]] == ["host"]
    both = json.loads(here("inspect", ".", "--evidence", "host-evidence", "--format", "json", "-q").out)
    assert [account["source"] for account in both["accounts"]] == ["terraform", "host"]
    nodes = sorted((tmp_path / "host-evidence").iterdir())
    single = json.loads(here("inspect", "--evidence", str(nodes[0]), "--format", "json", "-q").out)
    assert len(single["accounts"]) == 1
