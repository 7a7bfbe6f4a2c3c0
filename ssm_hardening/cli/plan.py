"""`ssm-harden plan`: find the gaps and show the remediation."""

import typer

from ssm_hardening.cli import options
from ssm_hardening.cli.live import NOT_LIVE, Live, with_live
from ssm_hardening.cli.options import Format
from ssm_hardening.verdicts.findings import Severity


@with_live
def plan(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    plan_json: options.PlanJson = None,
    evidence: options.Evidence = None,
    live: Live = NOT_LIVE,
    standard: options.StandardOption = "baseline",
    only: options.Only = None,
    skip: options.Skip = None,
    var: options.Var = None,
    var_file: options.VarFile = None,
    output: options.FormatOption = Format.TABLE,
    fail_on: options.FailOn = Severity.LOW,
    fail_on_undecided: options.FailOnUndecided = False,
    quiet: options.Quiet = False,
) -> None:
    """Find the gaps and show the remediation.

    Reads Terraform or OpenTofu code, a plan of it, a live account, or a snapshot of one. Writes nothing.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline, reports

    inputs, notes = pipeline.inputs_of(var, var_file)
    reading = pipeline.read_sources(
        paths, snapshot, inputs, live, plans=plan_json or (), evidence=evidence or (), quiet=quiet
    )
    question = pipeline.Question(standard=standard, only=tuple(only or ()), skip=tuple(skip or ()))
    judged = pipeline.judge(reading, question, notes=notes)
    remediation = pipeline.remedy(judged)
    out.report(reports.audit(judged, remediation, output))
    if output is Format.JSON:
        out.notes(judged.notes, quiet=quiet)
    raise typer.Exit(pipeline.exit_code(judged, fail_on=fail_on, fail_on_undecided=fail_on_undecided))
