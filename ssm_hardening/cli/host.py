"""`ssm-harden host`: what a session can really do on a node: the probe, its sending, and what its evidence shows."""

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ssm_hardening.cli import options
from ssm_hardening.cli.options import TABLE, Option, with_view
from ssm_hardening.core import limits
from ssm_hardening.core.errors import ExitCode, RefusedWriteError, UsageError
from ssm_hardening.report.formats import AUDIT, View
from ssm_hardening.verdicts.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ssm_hardening.read.hosts.sending import Chosen
    from ssm_hardening.read.live.asking import AwsApi


class Platform(StrEnum):
    """Where a probe runs."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


PlatformOption = Annotated[Platform, Option("--platform", help="The system that the probe is to run on.")]
RunAs = Annotated[
    list[str] | None,
    Option("--run-as", metavar="NAME", help="Look at this OS user too, beside ssm-user; repeatable."),
]
Target = Annotated[
    list[str] | None,
    Option("--target", metavar="ID|tag:KEY=VALUE", help="A node, or those with a tag; repeatable."),
]
Out = Annotated[Path, Option("--out", metavar="DIR", help="Write the evidence into DIR, a file for each node.")]
Yes = Annotated[bool, Option("--yes", "-y", help="Send without asking.")]
RuleChoice = Annotated[bool, Option("--live", help="Send to nodes of the AWS account itself.")]
Region = Annotated[str | None, Option("--region", metavar="REGION", help="Region of the nodes.")]
RoleArn = Annotated[str | None, Option("--role-arn", metavar="ARN", help="Role to assume.")]
ExternalId = Annotated[
    str | None,
    Option("--external-id", metavar="ID", help="What that role asks for."),
]
Files = Annotated[
    list[Path], Option(metavar="FILE", help="Evidence: files, or folders of *.json.", otherwise="--evidence")
]


def script(platform: PlatformOption, run_as: RunAs = None) -> None:
    """Print the probe, to be run on a node by any channel.

    It reads, and changes nothing. Run it as root or administrator, and keep what it prints: `host read FILE` judges it.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.read.hosts import scripts

    out.report(scripts.script(platform.value, tuple(run_as or ())))


def run(
    target: Target = None,
    live: RuleChoice = False,
    profile: options.Profile = None,
    region: Region = None,
    role_arn: RoleArn = None,
    external_id: ExternalId = None,
    run_as: RunAs = None,
    out: Out = Path("host-evidence"),
    yes: Yes = False,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Send the probe to nodes by Run Command, and keep what it prints as evidence.

    Says first what it will do, and asks. Exits 0 where every target answered, 1 where some did not, 2 where none did.
    """
    from ssm_hardening.cli import output
    from ssm_hardening.read.hosts.scripts import script as probe

    if not live:
        raise UsageError("the probe is sent to nodes of a live account", hint="add --live; `host script` prints it")
    if not target:
        raise UsageError("no node is named", hint="--target ID, or --target tag:KEY=VALUE; repeatable")
    users = tuple(run_as or ())
    probe(Platform.LINUX, users)  # a name that is none is told before anything is asked
    caller = caller_of(profile, region, role_arn, external_id)
    return send(caller, target, users, out, yes=yes, quiet=quiet, written=lambda path: output.report(str(path)))


def send(
    caller: "AwsApi",
    target: "Sequence[str]",
    users: tuple[str, ...],
    out: Path,
    *,
    yes: bool,
    quiet: bool,
    written: "Callable[[Path], None]",
) -> ExitCode:
    """Send the probe, and keep the evidence; `written` hears of each file. Returns the exit code."""
    from ssm_hardening.cli import output
    from ssm_hardening.read.hosts import running, sending
    from ssm_hardening.report.words import counted

    chosen = sending.choose(caller, target)
    _check(chosen)
    _refuse_existing(out, [node.id for node in chosen.nodes])
    _agree(_plan(caller, chosen, out), yes=yes, quiet=quiet)
    progress = output.progress(quiet=quiet)
    progress(f"sending it to {counted(len(chosen.nodes), 'node')}, and waiting for what they print")
    problems, denied = {each.target: each.reason for each in chosen.left_out}, 0
    for answer in running.run(caller, chosen.nodes, users):
        if answer.evidence is None:
            progress(f"{answer.node}: {answer.problem}")
            problems[answer.node] = answer.problem
            denied += answer.denied
        else:
            path = _write(out, answer.node, answer.evidence)
            progress(f"{answer.node}: answered")
            written(path)
    if denied == len(chosen.nodes):
        raise UsageError(f"AWS refuses it: {problems[chosen.nodes[0].id]}", hint="docs/permissions.md names the rights")
    return _end(problems, asked=[node.id for node in chosen.nodes])


def caller_of(profile: str | None, region: str | None, role_arn: str | None, external_id: str | None) -> "AwsApi":
    """Return who asks, in which account and Region. Raises UsageError."""
    from ssm_hardening.read.live import reach
    from ssm_hardening.read.live.asking import AwsApi
    from ssm_hardening.read.live.clients import Clients

    if region == reach.ALL:
        raise UsageError("the probe is sent in one Region at a time", hint="name it: --region REGION")
    aims = reach.targets(
        profile=profile,
        regions=() if region is None else (region,),
        role_arns=() if role_arn is None else (role_arn,),
        external_id=external_id,
    )
    (aim,) = aims.readable
    return AwsApi(Clients(aim), reach.whoami(aim))


def _check(chosen: "Chosen") -> None:
    if not chosen.nodes:
        told = "; ".join(f"{each.target}: {each.reason}" for each in chosen.left_out)
        raise UsageError(f"no node can be asked: {told}", hint="`ssm-harden inspect --live` lists the nodes")


def _plan(caller: "AwsApi", chosen: "Chosen", out: Path) -> list[str]:
    """Return the lines that say what is about to happen."""
    from ssm_hardening.read.hosts.sending import CALLS, DOCUMENTS

    nodes = [f"  {node.id}  {DOCUMENTS[node.platform][0]:<23}  {node.computer}".rstrip() for node in chosen.nodes]
    return [
        f"Account {caller.who.account}, Region {caller.who.region}: the probe is sent by Run Command to",
        *nodes,
        *(f"  {each.target}  is not asked: {each.reason}" for each in chosen.left_out),
        "There it runs as root (Windows: SYSTEM) and only reads; `ssm-harden host script` prints it.",
        "AWS keeps the command and its output for 30 days; CloudTrail records that it was sent.",
        f"It takes {', '.join(call.action for call in CALLS)}.",
        f"The evidence is written to {out}/, for its owner alone to read.",
    ]


def _agree(plan: "Sequence[str]", *, yes: bool, quiet: bool) -> None:
    """Show what will happen, and have it confirmed where it is not yet. Raises UsageError where it is not."""
    import sys

    from ssm_hardening.cli import output

    for line in plan if not (yes and quiet) else ():
        output.note(line)
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nothing was sent: there is no terminal to ask on", hint="add --yes where that is meant")
    # typer's own question leaves a blank on stdout, which is for the names of the files.
    sys.stderr.write("Send it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline(limits.ANSWER).strip().lower() not in {"y", "yes"}:
        raise UsageError("nothing was sent", hint="`ssm-harden host script` prints the probe for other channels")


def _end(problems: "dict[str, str]", *, asked: "Sequence[str]") -> ExitCode:
    """Tell of the targets without evidence; returns the exit code."""
    from ssm_hardening.cli import output

    for target, problem in problems.items():
        output.note(f"no evidence of {target}: {problem}")
    if all(node in problems for node in asked):
        return ExitCode.USAGE
    return ExitCode.GAPS if problems else ExitCode.OK


def _refuse_existing(folder: Path, nodes: Iterable[str]) -> None:
    """Raise RefusedWriteError where there is evidence of a node already, UsageError where it cannot be written."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {folder}: not a folder", hint="name a folder")
    there = [path.name for path in (_path(folder, node) for node in nodes) if os.path.lexists(path)]
    if there:
        raise _refusal(folder, ", ".join(there))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror}", hint="name a folder that can be made") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"--out {folder}: Permission denied", hint="name a folder that you may write to")


def _write(folder: Path, node: str, document: Mapping[str, Any]) -> Path:
    """Write a new file that only its owner may read, whole or not at all, and return it.

    Raises RefusedWriteError where it is there, UsageError where it cannot be written.
    """
    path = _path(folder, node)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(json.dumps(document, indent=1) + "\n")
            os.link(name, path)  # unlike a renaming, a link never takes another file's place
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()
    except FileExistsError as error:
        raise _refusal(folder, path.name) from error
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}", hint="name another folder: --out DIR"
        ) from error
    return path


def _path(folder: Path, node: str) -> Path:
    return folder / f"{node}.json"


def _refusal(folder: Path, names: str) -> RefusedWriteError:
    return RefusedWriteError(
        f"there is evidence in {folder} already: {names}", hint="name another folder: --out DIR; none is overwritten"
    )


@with_view()
def read(
    files: Files,
    standard: options.StandardOption = "baseline",
    only: options.Only = None,
    skip: options.Skip = None,
    output: Annotated[str, options.format_option(AUDIT.words)] = TABLE,
    fail_on: options.FailOn = Severity.LOW,
    fail_on_undecided: options.FailOnUndecided = False,
    quiet: options.Quiet = False,
    view: View = View(),
) -> ExitCode:
    """Judge evidence from inside nodes by itself.

    `plan --evidence FILE` judges it beside the account or the code. Evidence alone says nothing about the account.
    """
    from ssm_hardening.cli import pipeline, sources
    from ssm_hardening.read.graph import Reading

    reading = Reading(accounts=sources.join_evidence((), files))
    asked = pipeline.RuleChoice(standard=standard, only=tuple(only or ()), skip=tuple(skip or ()))
    judged = pipeline.judge(reading, asked)
    pipeline.tell(judged, pipeline.remedy_shown(judged, output, view), output, view, quiet=quiet)
    return pipeline.exit_code(judged, fail_on=fail_on, fail_on_undecided=fail_on_undecided)
