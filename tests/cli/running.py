"""The command itself, as a process of its own under a limit on memory, and in this process where that is enough."""

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jsonschema

TOP = Path(__file__).resolve().parents[2]
TOOL = Path(sys.executable).with_name("ssm-harden")
MEMORY_KB = 500_000
"""What a run may take, address space and all."""

HANGS = 300
"""Seconds after which a run is taken to hang; nothing is measured by it."""

# A shell that runs tests in the background has SIGINT ignored, `nohup` SIGHUP, and so would their children.
AT_THE_TERMINAL = (
    "import os, signal, sys; [signal.signal(each, signal.SIG_DFL) for each in (signal.SIGINT, signal.SIGHUP)]; "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Runs the command that follows as a terminal would, with the signals that a user sends."""

_IN_TURN = """
import contextlib, io, json, sys
from ssm_hardening.cli.entry import run
ran = []
for arguments in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = run(arguments)
    ran.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(ran))
"""
_SHOWN_IN_TURN = """
import json, sys
from ssm_hardening.cli.entry import run
from ssm_hardening.cli.output import guard
guard()
for line in sys.argv[1:]:
    code = run(line.split())
    print("\\f", code, "\\f", sep="", end="", flush=True)
"""

DOCUMENT = """\
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })
}
"""
"""A session document that has gaps: every audit of it fails."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended and what it said."""

    code: int
    out: str
    err: str


def ssm_harden(
    *arguments: str | Path,
    cwd: Path,
    env: dict[str, str] | None = None,
    before: tuple[str, ...] = (),
    limited: bool = True,
) -> Ran:
    """Run the command in a folder, in at most 500 MB where `limited`; `before` goes before it, as `setpriv` does."""
    limit = f"ulimit -v {MEMORY_KB}; " if limited else ""
    command = ["sh", "-c", f'{limit}exec "$@"', "sh", *before, TOOL, *arguments]
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=HANGS,
        check=False,
    )
    return Ran(
        done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="surrogateescape")
    )


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what would change a report."""
    left_out = {"TF_WORKSPACE", "NO_COLOR", "COLUMNS", "SSM_HARDEN_DEBUG", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**{name: value for name, value in kept.items() if not name.startswith("TF_VAR_")}, **(more or {})}


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    """Return the contract of a report, itself seen to be a schema."""
    schema = json.loads((TOP / "ssm_hardening" / "schemas" / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def ssm_harden_in_turn(
    *commands: Sequence[str], cwd: Path, env: dict[str, str] | None = None, limited: bool = True
) -> list[Ran]:
    """Run commands one after the other in one process, which starts, and loads what they need, once."""
    limit = f"ulimit -v {MEMORY_KB}; " if limited else ""
    done = subprocess.run(
        ["sh", "-c", f'{limit}exec "$@"', "sh", sys.executable, "-c", _IN_TURN, json.dumps(commands)],
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [Ran(*each) for each in json.loads(done.stdout)]


def shown_in_turn(*lines: str, cwd: Path, env: dict[str, str], terminal: bool) -> list[Ran]:
    """Run command lines in one process that writes to its own streams, `terminal`: to a pseudo-terminal."""
    command = [sys.executable, "-c", _SHOWN_IN_TURN, *lines]
    if terminal:
        shown = _on_a_terminal(command, env, cwd=cwd)
    else:
        done = subprocess.run(command, cwd=cwd, env=environment(env), capture_output=True, timeout=HANGS, check=False)
        shown = Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    assert shown.code == 0, shown
    *texts, end = shown.out.split("\f")
    assert end == ""
    return [Ran(int(code), text, shown.err) for text, code in zip(texts[::2], texts[1::2], strict=True)]


def on_a_terminal(line: str, env: dict[str, str], *, cwd: Path) -> Ran:
    """Run the command on a pseudo-terminal; what it shows there, on stdout or stderr, is its `out`."""
    return _on_a_terminal([TOOL, *line.split()], env, cwd=cwd)


def _on_a_terminal(command: Sequence[str | Path], env: dict[str, str], *, cwd: Path) -> Ran:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=cwd, env=environment(env), stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
        process.wait(HANGS)
    os.close(ours)
    return Ran(process.returncode, shown.decode().replace("\r\n", "\n"), "")


def _read(terminal: int) -> bytes:
    ready, _, _ = select.select([terminal], [], [], HANGS)
    assert ready, "nothing more came from the command, nor did it end"
    try:
        return os.read(terminal, 65_536)
    except OSError:
        # Linux says so when the other side of a pseudo-terminal is closed.
        return b""


def operator(name: str, called: str) -> str:
    """Return a role that may start sessions everywhere, in code."""
    trust, start = ("sts:AssumeRole", 'Principal = { AWS = "*" }'), ("ssm:StartSession", 'Resource = "*"')
    policies = [
        f'jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "{action}", {rest} }}] }})'
        for action, rest in (trust, start)
    ]
    return f"""\
resource "aws_iam_role" "{name}" {{
  name               = {called}
  assume_role_policy = {policies[0]}
}}
resource "aws_iam_role_policy" "{name}" {{
  role   = aws_iam_role.{name}.name
  policy = {policies[1]}
}}
"""
