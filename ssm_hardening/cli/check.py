"""`ssm-harden check`: the pre-commit check. It runs on every commit, so it loads as little as it can."""

from pathlib import Path
from typing import Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import TABLE, Option, with_view
from ssm_hardening.core.errors import ExitCode
from ssm_hardening.report.formats import CHECK, View
from ssm_hardening.verdicts.findings import Failed, Severity

Files = Annotated[list[Path] | None, Option(metavar="FILE", help="Changed files or folders; '.' when none is given.")]
Quiet = Annotated[bool, Option("--quiet", "-q", help="Print no notes on stderr.")]


@with_view("full", "no_remediation")
def check(
    paths: Files = None,
    standard: options.StandardOption = "baseline",
    only: options.Only = None,
    skip: options.Skip = None,
    var: options.Var = None,
    var_file: options.VarFile = None,
    workspace: options.Workspace = None,
    waivers: options.Waivers = None,
    baseline: options.Baseline = None,
    output: Annotated[str, options.format_option(CHECK.words)] = TABLE,
    files: options.Outputs = None,
    changed_since: options.ChangedSince = None,
    fail_on: options.FailOn = Severity.LOW,
    fail_on_undecided: options.FailOnUndecided = False,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    quiet: Quiet = False,
    view: View = View(),
) -> ExitCode:
    """Check changed Terraform files or folders within their modules: offline and fast, for pre-commit.

    Covers session documents, log stores, and keys; `plan` covers the rest of the account.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline, sources
    from ssm_hardening.cli.decisions import decisions
    from ssm_hardening.read.code.reader import read_changed

    decided = decisions(waivers, baseline)
    also = out.destinations(CHECK, files, output)
    inputs, _ = sources.inputs_of(var, var_file, workspace, environment=False)
    named = paths or [Path()]
    asked = pipeline.RuleChoice(standard=standard, only=tuple(only or ()), skip=tuple(skip or ()), documents_alone=True)
    crew = pipeline.crew_for(asked, jobs=jobs, no_cache=no_cache, quiet=quiet)
    if changed_since is None:
        reading = read_changed(named, inputs=inputs, crew=crew)
    else:
        from ssm_hardening.cli.changes import changes_since

        changes = changes_since(changed_since, named)
        reading = changes.none()
        if changes.files:
            reading = read_changed(named, inputs=inputs, since=changes.files, crew=crew)
        if not reading.accounts and not reading.refused:
            reading = changes.none()
    reading = sources.heard(reading, paths or (), quiet=quiet)
    judged = pipeline.judge(reading, asked, decided=decided, crew=crew)
    report = pipeline.report_of(judged, view=view)
    out.show(CHECK, output, report, also)
    if not CHECK.by_word[output].for_people:
        for problem in judged.refused:
            if problem not in reading.missing:  # of these, stderr has heard
                out.note(f"error: {problem}")
    is_granted = any(isinstance(each.verdict, Failed) and each.verdict.example for each in judged.audit.findings)
    out.notes(report.remarks if is_granted else judged.notes, quiet=quiet)
    return pipeline.exit_code(judged, fail_on=fail_on, fail_on_undecided=fail_on_undecided)
