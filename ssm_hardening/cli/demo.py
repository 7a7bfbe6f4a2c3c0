"""`ssm-harden demo`: the whole loop on a built-in example, no AWS needed."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ssm_hardening.cli import options
from ssm_hardening.errors import ExitCode, UsageError
from ssm_hardening.findings import Crashed, Failed, Finding, Passed, Undecided
from ssm_hardening.report.style import Style, Tone, style_for
from ssm_hardening.sources.terraform.inputs import Inputs
from ssm_hardening.verification.runner import Outcome

if TYPE_CHECKING:
    from ssm_hardening.cli.pipeline import Judged, Question
    from ssm_hardening.cli.verification import Tools
    from ssm_hardening.remediation.plan import RemediationPlan

EXAMPLE = "careless"

Keep = Annotated[Path | None, typer.Option("--keep", metavar="DIR", help="Work in this new folder, and keep it.")]


def demo(
    keep: Keep = None,
    terraform: options.Terraform = None,
    plugin_dir: options.PluginDir = None,
    checkov: options.Checkov = None,
) -> None:
    """Run the whole loop on a built-in example.

    Plan, generate, verify, and the audit of the remedied code. Needs no AWS and changes nothing of yours.
    """
    from ssm_hardening.cli.verification import Tools  # noqa: PLC0415 - commands load when they run

    tools = Tools(terraform=terraform, plugin_dir=plugin_dir, checkov=checkov)
    if keep is not None:
        try:
            keep.mkdir(parents=True)
        except OSError as error:
            raise UsageError(f"--keep {keep}: {error.strerror}", hint="name a new folder") from error
        raise typer.Exit(_loop(keep.resolve(), tools))
    with tempfile.TemporaryDirectory(prefix="ssm-harden-demo-") as name:
        raise typer.Exit(_loop(Path(name).resolve(), tools))


def _loop(folder: Path, tools: "Tools") -> ExitCode:
    from ssm_hardening import assets  # noqa: PLC0415 - commands load when they run
    from ssm_hardening.cli import output as out  # noqa: PLC0415 - as above
    from ssm_hardening.cli import pipeline, reports  # noqa: PLC0415 - as above
    from ssm_hardening.cli.generate import verify_generated, write_folder  # noqa: PLC0415 - as above
    from ssm_hardening.cli.verification import exit_code  # noqa: PLC0415 - as above
    from ssm_hardening.report.checks import render_checks  # noqa: PLC0415 - as above

    shutil.copytree(assets.examples() / EXAMPLE, folder / EXAMPLE)
    # Places are printed as somebody would see them who stands beside the example.
    os.chdir(folder)
    style, question, inputs = style_for(sys.stdout), pipeline.Question(), Inputs()

    out.report(_step(1, f"ssm-harden plan {EXAMPLE}", "what is wrong, and what closes it", style))
    judged = pipeline.judge(pipeline.read_sources([Path(EXAMPLE)], None, inputs), question)
    plan = pipeline.remedy(judged)
    out.report(reports.audit(judged, plan, options.Format.TABLE))

    out.report(_step(2, f"ssm-harden generate {EXAMPLE} --out remediation", "the Terraform that closes it", style))
    generated, written = write_folder(plan, Path("remediation"))
    out.report("\n".join(f"  + remediation/{name}" for name in written.written))

    out.report(_step(3, "ssm-harden verify remediation", "fmt, validate, checkov, and our own rules", style))
    checks = verify_generated(
        plan, generated, judged, question, inputs, tools=tools, into=None, progress=out.progress(quiet=False)
    )
    out.report(render_checks(checks, style=style))

    out.report(_step(4, f"ssm-harden plan {EXAMPLE} remediation", "the same again, with the edits applied", style))
    after = _again(plan, question)
    out.report(_comparison(judged, after, style))
    closed = not _failures(after) and not any(check.outcome is Outcome.FAILED for check in checks)
    told = "The loop closed: what failed before passes now." if closed else "The loop did not close."
    out.report(style.paint(told, Tone.GREEN if closed else Tone.RED))
    return exit_code(checks, fail_on_undecided=False) if closed else ExitCode.GAPS


def _again(plan: "RemediationPlan", question: "Question") -> "Judged":
    """Apply the edits for real, and judge the code with the samples for what only a user can know."""
    from ssm_hardening.cli import pipeline  # noqa: PLC0415 - commands load when they run
    from ssm_hardening.remediation.rendering import samples  # noqa: PLC0415 - as above

    for edit in plan.edits:
        Path(edit.file).write_text(edit.after, encoding="utf-8", newline="")
    inputs = Inputs(variables=samples(plan))
    return pipeline.judge(pipeline.read_sources([Path(EXAMPLE), Path("remediation")], None, inputs), question)


def _step(number: int, command: str, meaning: str, style: Style) -> str:
    head = style.paint(f" {number}/4 ", Tone.BOLD, Tone.CYAN)
    return f"\n{head}{style.paint(command, Tone.BOLD)}  {style.paint(meaning, Tone.DIM)}\n"


def _failures(judged: "Judged") -> list[Finding]:
    return [finding for finding in judged.audit.findings if isinstance(finding.verdict, Failed | Crashed)]


def _comparison(before: "Judged", after: "Judged", style: Style) -> str:
    lines = []
    for when, judged in (("before", before), ("after", after)):
        failed = _failures(judged)
        passed = sum(isinstance(finding.verdict, Passed) for finding in judged.audit.findings)
        undecided = sum(isinstance(finding.verdict, Undecided) for finding in judged.audit.findings)
        tone = Tone.RED if failed else Tone.GREEN
        counts = style.paint(f"{len(failed):>3} failed", tone)
        lines.append(f"  {when:<7}{counts}  {undecided:>3} undecided  {passed:>3} passed")
    lines += [f"  {finding.rule.id} {finding.subject}: {finding.verdict.message}" for finding in _failures(after)]
    return "\n".join([*lines, ""])
