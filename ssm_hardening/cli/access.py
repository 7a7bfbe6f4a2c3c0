"""`ssm-harden access`: who reaches what, and by which policies."""

import typer

from ssm_hardening.cli import options
from ssm_hardening.cli.live import NOT_LIVE, Live, with_live
from ssm_hardening.cli.options import Format
from ssm_hardening.core.errors import ExitCode


@with_live
def access(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    plan_json: options.PlanJson = None,
    live: Live = NOT_LIVE,
    var: options.Var = None,
    var_file: options.VarFile = None,
    output: options.FormatOption = Format.TABLE,
    quiet: options.Quiet = False,
) -> None:
    """Show who may start sessions on which nodes, recorded or not, and by which policies.

    Also who may change the preferences, run commands as root or reach other shells beside sessions, and through which
    roles the nodes act. Yes means that the policies grant it; what was not read is undecided, never no.
    """
    import sys

    from ssm_hardening.access.view import access_view
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline
    from ssm_hardening.core.redaction import Redactor
    from ssm_hardening.model import FAULT

    inputs, notes = pipeline.inputs_of(var, var_file)
    reading = pipeline.read_sources(paths, snapshot, inputs, live, plans=plan_json or (), quiet=quiet)
    hide = Redactor(reading.sensitive).hide
    out.notes(hide((*notes, *reading.notes)), quiet=quiet)
    views = hide([access_view(account) for account in reading.accounts])
    if output is Format.JSON:
        from ssm_hardening.report.access_json import render_access_json

        out.report(render_access_json(views))
    else:
        from ssm_hardening.report.access_table import render_access
        from ssm_hardening.report.style import style_for

        out.report(render_access(views, style=style_for(sys.stdout)))
    if any(gap.kind == FAULT for account in reading.accounts for gap in account.gaps):
        raise typer.Exit(ExitCode.FAULT)
    raise typer.Exit(ExitCode.USAGE if pipeline.is_unreadable(reading) else ExitCode.OK)
