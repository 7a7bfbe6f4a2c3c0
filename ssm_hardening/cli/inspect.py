"""`ssm-harden inspect`: the facts, without opinion."""

from typing import Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import NOT_LIVE, TABLE, Live, with_live
from ssm_hardening.core.errors import ExitCode
from ssm_hardening.report.formats import FACTS


@with_live
def inspect(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    plan_json: options.PlanJson = None,
    evidence: options.Evidence = None,
    live: Live = NOT_LIVE,
    var: options.Var = None,
    var_file: options.VarFile = None,
    output: Annotated[str, options.format_option(FACTS.words)] = TABLE,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Print the facts, without opinion.

    Documents, log stores and keys, where each value stands, and what could not be told.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import sources
    from ssm_hardening.core.redaction import Redactor

    inputs, notes = sources.inputs_of(var, var_file)
    reading = sources.read_sources(
        paths, snapshot, inputs, live, plans=plan_json or (), evidence=evidence or (), quiet=quiet
    )
    hide = Redactor(reading.sensitive).hide
    accounts = hide(reading.accounts)
    out.notes(hide((*notes, *reading.notes)), quiet=quiet)
    out.show(FACTS, output, accounts)
    return ExitCode.USAGE if sources.is_unreadable(reading) else ExitCode.OK
