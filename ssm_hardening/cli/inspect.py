"""`ssm-harden inspect`: the facts, without opinion."""

import typer

from ssm_hardening.cli import options
from ssm_hardening.cli.live import NOT_LIVE, Live, with_live
from ssm_hardening.cli.options import Format
from ssm_hardening.core.errors import ExitCode


@with_live
def inspect(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    plan_json: options.PlanJson = None,
    evidence: options.Evidence = None,
    live: Live = NOT_LIVE,
    var: options.Var = None,
    var_file: options.VarFile = None,
    output: options.FormatOption = Format.TABLE,
    quiet: options.Quiet = False,
) -> None:
    """Print the facts, without opinion.

    Documents, log stores and keys, where each value stands, and what could not be told.
    """
    import json
    import sys

    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline
    from ssm_hardening.core.redaction import Redactor

    inputs, notes = pipeline.inputs_of(var, var_file)
    reading = pipeline.read_sources(
        paths, snapshot, inputs, live, plans=plan_json or (), evidence=evidence or (), quiet=quiet
    )
    hide = Redactor(reading.sensitive).hide
    accounts = hide(reading.accounts)
    out.notes(hide((*notes, *reading.notes)), quiet=quiet)
    if output is Format.JSON:
        from ssm_hardening.read.snapshot import to_json

        out.report(json.dumps(to_json(accounts), indent=2))
    else:
        from ssm_hardening.report.facts_table import render_facts
        from ssm_hardening.report.style import style_for

        out.report(render_facts(accounts, style=style_for(sys.stdout)))
    raise typer.Exit(ExitCode.USAGE if pipeline.is_unreadable(reading) else ExitCode.OK)
