"""`ssm-harden access`: who reaches what, and by which policies."""

from typing import Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import NOT_LIVE, TABLE, Live, with_live
from ssm_hardening.core.errors import ExitCode
from ssm_hardening.report.formats import ACCESS


@with_live
def access(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    plan_json: options.PlanJson = None,
    live: Live = NOT_LIVE,
    var: options.Var = None,
    var_file: options.VarFile = None,
    output: Annotated[str, options.format_option(ACCESS.words)] = TABLE,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Show who may start sessions on which nodes, recorded or not, and by which policies.

    Also who may change the preferences, run commands as root or reach other shells beside sessions, and through which
    roles the nodes act. Yes means that the policies grant it; what was not read is undecided, never no.
    """
    from ssm_hardening.access.view import access_view
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import sources
    from ssm_hardening.core.redaction import Redactor
    from ssm_hardening.model import FAULT

    inputs, notes = sources.inputs_of(var, var_file)
    reading = sources.read_sources(paths, snapshot, inputs, live, plans=plan_json or (), quiet=quiet)
    hide = Redactor(reading.sensitive).hide
    out.notes(hide((*notes, *reading.notes)), quiet=quiet)
    out.show(ACCESS, output, hide([access_view(account) for account in reading.accounts]))
    if any(gap.kind == FAULT for account in reading.accounts for gap in account.gaps):
        return ExitCode.FAULT
    return ExitCode.USAGE if sources.is_unreadable(reading) else ExitCode.OK
