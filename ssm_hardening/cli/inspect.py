"""What is there, without verdicts: `ssm-harden inspect`, `access`, and `snapshot`, which records accounts."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import NOT_LIVE, TABLE, Live, Option, with_live
from ssm_hardening.cli.reports import write_whole
from ssm_hardening.core.errors import ExitCode, RefusedWriteError, UsageError, counted
from ssm_hardening.report.formats import ACCESS, ACCESS_IN_FULL, ANSWER, FACTS

if TYPE_CHECKING:
    from ssm_hardening.access.question import Question


@with_live
def inspect(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    scp: options.Scp = None,
    plan_json: options.PlanJson = None,
    evidence: options.Evidence = None,
    live: Live = NOT_LIVE,
    var: options.Var = None,
    var_file: options.VarFile = None,
    workspace: options.Workspace = None,
    output: Annotated[str, options.format_option(FACTS.words)] = TABLE,
    files: options.Outputs = None,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Print the facts, without verdicts.

    Lists session documents, log stores, and keys, where each value comes from, and what is unknown.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import sources
    from ssm_hardening.cli.crew import Crew
    from ssm_hardening.core.redaction import Redactor

    also = out.destinations(FACTS, files, output)
    inputs, notes = sources.inputs_of(var, var_file, workspace)
    crew = Crew(jobs=jobs, no_cache=no_cache, quiet=quiet)
    reading = sources.read_sources(
        paths,
        snapshot,
        inputs,
        live,
        plans=plan_json or (),
        evidence=evidence or (),
        scps=scp or (),
        crew=crew,
        quiet=quiet,
    )
    hide = Redactor(reading.sensitive).hide
    accounts = hide(reading.accounts)
    out.notes(hide((*notes, *reading.notes)), quiet=quiet)
    out.show(FACTS, output, accounts, also)
    return sources.exit_code(reading)


@with_live
def access(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    scp: options.Scp = None,
    plan_json: options.PlanJson = None,
    live: Live = NOT_LIVE,
    var: options.Var = None,
    var_file: options.VarFile = None,
    workspace: options.Workspace = None,
    output: Annotated[str, options.format_option(ACCESS.words)] = TABLE,
    files: options.Outputs = None,
    full: Annotated[bool, Option("--full", help="Also name the statements behind each answer.")] = False,
    can: Annotated[
        tuple[str, str, str] | None,
        Option("--can", metavar="PRINCIPAL ACTION RESOURCE", help="Answer one question, and name what decides it."),
    ] = None,
    context: Annotated[
        list[str] | None,
        Option("--context", metavar="KEY=VALUE", help="Ask --can with this condition key; repeatable."),
    ] = None,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Show who may start sessions on which nodes, and why.

    Names the policies that allow it. Also shows whether sessions are recorded, who may change the preferences, run
    commands as root or open other shells, and which roles the nodes use. Yes means that the policies allow it; what was
    not read is undecided, never no. With --can, answers one question: each answer exits with 0.
    """
    from ssm_hardening.access.question import answered
    from ssm_hardening.access.view import access_views
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import sources
    from ssm_hardening.cli.crew import Crew
    from ssm_hardening.core.redaction import Redactor
    from ssm_hardening.model import FAULT

    question = _question(can, context)
    also = out.destinations(ACCESS, files, output) if question is None else out.destinations(ANSWER, files, output)
    inputs, notes = sources.inputs_of(var, var_file, workspace)
    crew = Crew(jobs=jobs, no_cache=no_cache, quiet=quiet)
    reading = sources.read_sources(
        paths, snapshot, inputs, live, plans=plan_json or (), scps=scp or (), crew=crew, quiet=quiet
    )
    hide = Redactor(reading.sensitive).hide
    out.notes(hide((*notes, *reading.notes)), quiet=quiet)
    if question is None:
        out.show(ACCESS_IN_FULL if full else ACCESS, output, hide(access_views(reading.accounts)), also)
    else:
        out.show(ANSWER, output, hide(answered(question, reading.accounts)), also)
    if any(gap.kind == FAULT for account in reading.accounts for gap in account.gaps):
        return ExitCode.FAULT
    return sources.exit_code(reading)


def _question(can: tuple[str, str, str] | None, context: list[str] | None) -> "Question | None":
    """Return what --can asks. Raises UsageError for an action or a condition key that cannot be one."""
    from ssm_hardening.access.question import Question
    from ssm_hardening.iam.actions import demand_action

    if can is None:
        if context:
            raise UsageError("--context applies to --can only", hint="add --can PRINCIPAL ACTION RESOURCE")
        return None
    principal, action, resource = can
    demand_action(action)
    keys: dict[str, tuple[str, ...]] = {}
    for text in context or ():
        key, equals, value = text.partition("=")
        if not equals or not _KEY.fullmatch(key):
            raise UsageError(
                f"--context {text}: not a condition key with a value",
                hint="use KEY=VALUE, such as aws:RequestedRegion=eu-west-1; repeat --context for several values",
            )
        keys[key.casefold()] = (*keys.get(key.casefold(), ()), value)
    return Question(principal=principal, action=action, resource=resource, context=keys)


_KEY = re.compile(r"[a-zA-Z0-9-]+:[^=\s]+")


Out = Annotated[Path, Option("--out", metavar="FILE", help="Write the snapshot to this new file.")]


@with_live
def snapshot(out: Out, live: Live = NOT_LIVE, quiet: options.Quiet = False) -> ExitCode:
    """Record live accounts as JSON.

    `plan --snapshot FILE` checks them later, without AWS. A snapshot holds settings and names, but no parameter values
    and no session content.
    """
    import json

    from ssm_hardening.cli import output as o
    from ssm_hardening.cli import sources
    from ssm_hardening.core.redaction import Redactor
    from ssm_hardening.read.snapshot import to_json

    if not live.live:
        raise UsageError("only a live account can be recorded", hint="add --live; for code, use inspect --format json")
    if out.exists():
        raise RefusedWriteError(f"{out} already exists", hint="use a new file: snapshots never overwrite files")
    accounts = sources.read_live(live, quiet=quiet)
    _write(out, json.dumps(to_json(Redactor().hide(accounts)), indent=2) + "\n")
    gaps = sum(len(account.gaps) for account in accounts)
    told = f", {counted(gaps, 'call')} without an answer" if gaps else ""
    o.report(f"{out}: {counted(len(accounts), 'account and Region', 'accounts and Regions')}{told}")
    return ExitCode.USAGE if sources.is_silent(accounts) else ExitCode.OK


def _write(path: Path, text: str) -> None:
    """Write a new file that only its owner may read, whole or not at all. Raises UsageError."""
    try:
        write_whole(path, text, rights=0o600)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}", hint="use a folder that exists") from error
