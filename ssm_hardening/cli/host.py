"""`ssm-harden host`: what a session can really do on a node: the probe, its sending, and what its evidence shows."""

import json
import os
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ssm_hardening.cli import options
from ssm_hardening.cli.options import TABLE, Option, with_view
from ssm_hardening.cli.reports import write_whole
from ssm_hardening.core import limits
from ssm_hardening.core.errors import ExitCode, RefusedWriteError, UsageError, counted
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


PlatformOption = Annotated[Platform, Option("--platform", help="Print the probe for this operating system.")]
RunAs = Annotated[
    list[str] | None,
    Option("--run-as", metavar="NAME", help="Look at this OS user as well as ssm-user; repeatable."),
]
Target = Annotated[
    list[str] | None,
    Option("--target", metavar="ID|tag:KEY=VALUE", help="Send to this node, or to nodes with this tag; repeatable."),
]
Out = Annotated[Path, Option("--out", metavar="DIR", help="Write the evidence to DIR, one file for each node.")]
LiveNodes = Annotated[bool, Option("--live", help="Send to nodes in the live AWS account.", refusal=options.ASKED)]
Region = Annotated[
    str | None,
    Option("--region", metavar="REGION", help="Look for the nodes in this Region.", kept=True, only_with="live"),
]
Files = Annotated[
    list[Path], Option(metavar="FILE", help="Evidence files, or folders of *.json files.", otherwise="--evidence")
]


def script(platform: PlatformOption, run_as: RunAs = None) -> None:
    """Print the probe, so that you can run it on a node yourself.

    The probe only reads. Run it as root or administrator and keep its output: `host read FILE` checks that evidence.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.read.hosts import scripts

    out.report(scripts.script(platform.value, tuple(run_as or ())))


def run(
    target: Target = None,
    live: LiveNodes = False,
    profile: options.Profile = None,
    region: Region = None,
    role_arn: options.RoleArn = None,
    external_id: options.ExternalId = None,
    run_as: RunAs = None,
    out: Out = Path("host-evidence"),
    yes: options.Yes = False,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Run the probe on nodes and keep its output as evidence.

    Sends it with Run Command. Says what it will do and asks before it starts. Exits 0 when every target answered, 1
    when some did not, and 2 when none did.
    """
    from ssm_hardening.cli import output
    from ssm_hardening.read.hosts.scripts import script as probe

    if not live:
        raise UsageError(
            "the probe can only be sent to nodes in a live account", hint="add --live, or print it with `host script`"
        )
    if not target:
        raise UsageError("no target was given", hint="add --target ID or --target tag:KEY=VALUE")
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

    chosen = sending.choose(caller, target)
    _check(chosen)
    _refuse_existing(out, [node.id for node in chosen.nodes])
    _agree(_plan(caller, chosen, out), yes=yes, quiet=quiet)
    progress = output.progress(quiet=quiet)
    progress(f"sending the probe to {counted(len(chosen.nodes), 'node')} and waiting for the output")
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
        raise UsageError(
            f"AWS denied the command: {problems[chosen.nodes[0].id]}", hint="docs/permissions.md lists the permissions"
        )
    return _end(problems, asked=[node.id for node in chosen.nodes])


def caller_of(profile: str | None, region: str | None, role_arn: str | None, external_id: str | None) -> "AwsApi":
    """Return who asks, in which account and Region. Raises UsageError."""
    from ssm_hardening.read.live import reach
    from ssm_hardening.read.live.asking import AwsApi
    from ssm_hardening.read.live.clients import Clients

    if region == reach.ALL:
        raise UsageError("the probe can only be sent in one Region at a time", hint="pass --region REGION")
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
        raise UsageError(f"no node can run the probe: {told}", hint="`ssm-harden inspect --live` lists the nodes")


def _plan(caller: "AwsApi", chosen: "Chosen", out: Path) -> list[str]:
    """Return the lines that say what is about to happen."""
    from ssm_hardening.read.hosts.sending import CALLS, DOCUMENTS

    nodes = [f"  {node.id}  {DOCUMENTS[node.platform][0]:<23}  {node.computer}".rstrip() for node in chosen.nodes]
    return [
        f"Account {caller.who.account}, Region {caller.who.region}: Run Command sends the probe to",
        *nodes,
        *(f"  {each.target}  is left out: {each.reason}" for each in chosen.left_out),
        "The probe runs as root (on Windows, as SYSTEM) and only reads; `ssm-harden host script` prints it.",
        "AWS keeps the command and its output for 30 days, and CloudTrail records that it was sent.",
        f"Required permissions: {', '.join(call.action for call in CALLS)}.",
        f"The evidence is written to {out}/ and is readable by you alone.",
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
        raise UsageError("nothing was sent: there is no terminal to ask on", hint="add --yes to send without asking")
    # typer's own question leaves a blank on stdout, which is for the names of the files.
    sys.stderr.write("Send it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline(limits.ANSWER).strip().lower() not in {"y", "yes"}:
        raise UsageError(
            "nothing was sent", hint="`ssm-harden host script` prints the probe, to run through other channels"
        )


def _end(problems: "dict[str, str]", *, asked: "Sequence[str]") -> ExitCode:
    """Tell of the targets without evidence; returns the exit code."""
    from ssm_hardening.cli import output

    for target, problem in problems.items():
        output.note(f"no evidence from {target}: {problem}")
    if all(node in problems for node in asked):
        return ExitCode.USAGE
    return ExitCode.GAPS if problems else ExitCode.OK


def _refuse_existing(folder: Path, nodes: Iterable[str]) -> None:
    """Raise RefusedWriteError where there is evidence of a node already, UsageError where it cannot be written."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {folder}: is not a folder", hint="use a folder")
    there = [path.name for path in (_path(folder, node) for node in nodes) if os.path.lexists(path)]
    if there:
        raise _refusal(folder, ", ".join(there))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror}", hint="use a folder that can be created") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"--out {folder}: Permission denied", hint="use a folder that you can write to")


def _write(folder: Path, node: str, document: Mapping[str, Any]) -> Path:
    """Write a new file that only its owner may read, whole or not at all, and return it.

    Raises RefusedWriteError where it is there, UsageError where it cannot be written.
    """
    path = _path(folder, node)
    try:
        write_whole(path, json.dumps(document, indent=1) + "\n", rights=0o600, new=True)
    except FileExistsError as error:
        raise _refusal(folder, path.name) from error
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}", hint="use another folder with --out DIR"
        ) from error
    return path


def _path(folder: Path, node: str) -> Path:
    return folder / f"{node}.json"


def _refusal(folder: Path, names: str) -> RefusedWriteError:
    return RefusedWriteError(
        f"{folder} already contains evidence: {names}",
        hint="use another folder with --out DIR; evidence is never overwritten",
    )


@with_view()
def read(
    evidence: Files,
    standard: options.StandardOption = "baseline",
    only: options.Only = None,
    skip: options.Skip = None,
    waivers: options.Waivers = None,
    baseline: options.Baseline = None,
    output: Annotated[str, options.format_option(AUDIT.words)] = TABLE,
    files: options.Outputs = None,
    fail_on: options.FailOn = Severity.LOW,
    fail_on_undecided: options.FailOnUndecided = False,
    quiet: options.Quiet = False,
    view: View = View(),
) -> ExitCode:
    """Check evidence from inside nodes by itself.

    `plan --evidence FILE` checks it together with the account or the code. Evidence alone says nothing about the
    account.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline, sources
    from ssm_hardening.cli.decisions import decisions
    from ssm_hardening.read.graph import Reading

    decided = decisions(waivers, baseline)
    also = out.destinations(AUDIT, files, output)
    reading = Reading(accounts=sources.join_evidence((), evidence))
    asked = pipeline.RuleChoice(standard=standard, only=tuple(only or ()), skip=tuple(skip or ()))
    judged = pipeline.judge(reading, asked, decided=decided)
    plan = pipeline.remedy_shown(judged, [output, *(each.word for each in also)], view)
    pipeline.tell(judged, plan, output, also, view, quiet=quiet)
    return pipeline.exit_code(judged, fail_on=fail_on, fail_on_undecided=fail_on_undecided)
