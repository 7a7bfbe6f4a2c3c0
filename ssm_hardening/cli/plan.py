"""`ssm-harden plan`: find the gaps and show the remediation."""

from typing import Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import NOT_LIVE, TABLE, Live, with_live, with_view
from ssm_hardening.core.errors import ExitCode
from ssm_hardening.report.formats import AUDIT, View
from ssm_hardening.verdicts.findings import Severity


@with_view()
@with_live
def plan(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    scp: options.Scp = None,
    plan_json: options.PlanJson = None,
    evidence: options.Evidence = None,
    live: Live = NOT_LIVE,
    standard: options.StandardOption = "baseline",
    only: options.Only = None,
    skip: options.Skip = None,
    var: options.Var = None,
    var_file: options.VarFile = None,
    workspace: options.Workspace = None,
    waivers: options.Waivers = None,
    baseline: options.Baseline = None,
    output: Annotated[str, options.format_option(AUDIT.words)] = TABLE,
    files: options.Outputs = None,
    changed_since: options.ChangedSince = None,
    fail_on: options.FailOn = Severity.LOW,
    fail_on_undecided: options.FailOnUndecided = False,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    quiet: options.Quiet = False,
    view: View = View(),
) -> ExitCode:
    """Find gaps and show how to fix them.

    Reads Terraform or OpenTofu code, a plan of it, a live account, or a snapshot of one. Writes nothing.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline, sources
    from ssm_hardening.cli.decisions import decisions

    decided = decisions(waivers, baseline)
    also = out.destinations(AUDIT, files, output)
    inputs, notes = sources.inputs_of(var, var_file, workspace)
    asked = pipeline.RuleChoice(standard=standard, only=tuple(only or ()), skip=tuple(skip or ()))
    crew = pipeline.crew_for(asked, jobs=jobs, no_cache=no_cache, quiet=quiet)
    reading = sources.read_sources(
        paths,
        snapshot,
        inputs,
        live,
        plans=plan_json or (),
        evidence=evidence or (),
        scps=scp or (),
        changed_since=changed_since,
        crew=crew,
        quiet=quiet,
    )
    judged = pipeline.judge(reading, asked, notes=notes, decided=decided, crew=crew)
    plan = pipeline.remedy_shown(judged, [output, *(each.word for each in also)], view)
    pipeline.tell(judged, plan, output, also, view, quiet=quiet)
    return pipeline.exit_code(judged, fail_on=fail_on, fail_on_undecided=fail_on_undecided)
