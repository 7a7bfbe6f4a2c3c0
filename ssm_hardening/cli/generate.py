"""`ssm-harden generate`: write the remediation as Terraform and verify it."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import NOT_LIVE, Live, Option, with_live
from ssm_hardening.core.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from ssm_hardening.cli.pipeline import Judged, RuleChoice
    from ssm_hardening.cli.verify import Tools
    from ssm_hardening.read.code.inputs import Inputs
    from ssm_hardening.read.graph import Reading
    from ssm_hardening.remediation.plan import RemediationPlan
    from ssm_hardening.remediation.rendering import GeneratedFolder
    from ssm_hardening.remediation.writing import Written
    from ssm_hardening.verification.runner import Check

Out = Annotated[Path | None, Option("--out", metavar="DIR", help="Write a separate root module to DIR.")]
Into = Annotated[
    Path | None, Option("--into", metavar="DIR", help="Write a companion file to your root module in DIR.")
]


@with_live
def generate(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    scp: options.Scp = None,
    plan_json: options.PlanJson = None,
    evidence: options.Evidence = None,
    live: Live = NOT_LIVE,
    out: Out = None,
    into: Into = None,
    standard: options.StandardOption = "baseline",
    only: options.Only = None,
    skip: options.Skip = None,
    var: options.Var = None,
    var_file: options.VarFile = None,
    workspace: options.Workspace = None,
    waivers: options.Waivers = None,
    terraform: options.Terraform = None,
    plugin_dir: options.PluginDir = None,
    checkov: options.Checkov = None,
    fail_on_undecided: options.FailOnUndecided = False,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Write the remediation as Terraform and verify it.

    Writes modules, edits to your code as a diff, and a README that says which part fixes which gap. Never overwrites
    your files. Exits 1 if the generated code does not fix what the plan says it fixes. Gaps that only an audit after
    the apply can show as fixed are listed as expected: exit 0, or 3 with --fail-on-undecided.
    """
    from ssm_hardening.cli import output as o
    from ssm_hardening.cli import pipeline, sources
    from ssm_hardening.cli.decisions import decisions
    from ssm_hardening.cli.verify import Tools, exit_code
    from ssm_hardening.report.checks import render_checks

    folder = _target(out, into)
    decided = decisions(waivers)
    inputs, notes = sources.inputs_of(var, var_file, workspace)
    asked = pipeline.RuleChoice(standard=standard, only=tuple(only or ()), skip=tuple(skip or ()))
    own_root = into is not None and snapshot is None and not plan_json and not live.live
    named = paths or ([into] if own_root and into else None)
    crew = pipeline.crew_for(asked, jobs=jobs, no_cache=no_cache, quiet=quiet)
    reading = sources.read_sources(
        named,
        snapshot,
        inputs,
        live,
        plans=plan_json or (),
        evidence=evidence or (),
        scps=scp or (),
        whole=True,
        crew=crew,
        quiet=quiet,
    )
    sources.refuse_unread(reading, hint="fix the code first; `ssm-harden plan` says more")
    judged = pipeline.judge(reading, asked, notes=notes, decided=decided, crew=crew)
    o.notes(judged.notes, quiet=quiet)
    plan = pipeline.remedy(judged, into=into is not None)
    generated, written = write_folder(plan, folder)
    o.report(_told(folder, written, plan))
    if not generated.files:
        return ExitCode.OK
    inputs = _as_planned(inputs, reading)
    tools = Tools(terraform=terraform, plugin_dir=plugin_dir, checkov=checkov)
    checks = verify_generated(
        plan, generated, judged, asked, inputs, tools=tools, into=into, progress=o.progress(quiet=quiet)
    )
    o.report(render_checks(judged.redactor.hide(checks), style=o.style()))
    return exit_code(checks, fail_on_undecided=fail_on_undecided)


def _as_planned(inputs: "Inputs", reading: "Reading") -> "Inputs":
    """Return the inputs with the values that the plans of the code were made with, as far as these agree."""
    found: dict[str, set[str]] = {}
    for values in reading.joined.values():
        for name, text in values.items():
            found.setdefault(name, set()).add(text)
    planned = {name: texts.pop() for name, texts in found.items() if len(texts) == 1}
    return replace(inputs, variables={**inputs.variables, **planned})


def _target(out: Path | None, into: Path | None) -> Path:
    if out is not None and into is None:
        return out
    if into is not None and out is None:
        return into
    raise UsageError(
        "no output folder: pass either --out DIR or --into DIR", hint="--out writes a separate root module"
    )


def write_folder(plan: "RemediationPlan", folder: Path) -> "tuple[GeneratedFolder, Written]":
    """Render the plan and write it; nothing of anybody else's is touched."""
    from ssm_hardening.cli import verify
    from ssm_hardening.remediation.rendering import GeneratedFolder, render
    from ssm_hardening.remediation.writing import Written, write

    if not plan.stages:
        return GeneratedFolder({}), Written((), (), ())
    generated = render(plan)
    written = write(folder, generated, into=plan.into)
    verify.wrote(folder, written.written)
    return generated, written


def _told(folder: Path, written: "Written", plan: "RemediationPlan") -> str:
    from ssm_hardening.remediation.plan import claims_in_words

    if not plan.stages:
        return "No gap can be fixed with Terraform; nothing was written."
    counts = f"{len(written.written)} written, {len(written.unchanged)} unchanged, {len(written.removed)} removed"
    return f"{folder}: {counts}; {claims_in_words(plan)}"


def verify_generated(
    plan: "RemediationPlan",
    generated: "GeneratedFolder",
    judged: "Judged",
    asked: "RuleChoice",
    inputs: "Inputs",
    *,
    tools: "Tools",
    into: Path | None,
    progress: Callable[[str], None],
) -> "tuple[Check, ...]":
    """Ask terraform and checkov about the generated code, then audit the remedied code by our own rules."""
    from ssm_hardening.cli import verify
    from ssm_hardening.model import LIVE
    from ssm_hardening.model.facts import none_read
    from ssm_hardening.rules.catalogue import load_rules
    from ssm_hardening.verification.reaudit import Reaudit, reaudit

    checks: tuple[Check, ...] = ()
    if any(name.endswith(".tf") for name in generated.files):
        with tempfile.TemporaryDirectory(prefix="ssm-harden-") as name:
            # What is verified is what was generated, without the user's own files around it.
            for path, text in generated.files.items():
                target = Path(name) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8", newline="")
            checks = verify.checks_of(Path(name), tools, progress)
    rules = load_rules(only=asked.only, skip=asked.skip)
    bound = (each.guardrails for each in judged.accounts if each.source != LIVE)
    again = Reaudit(
        before=judged.audit,
        rules=rules,
        standard=judged.standard,
        inputs=inputs,
        guardrails=next(bound, none_read()),
    )
    checks = (*checks, reaudit(plan, generated, again, into=into, progress=progress))
    verify.verified()
    return checks
