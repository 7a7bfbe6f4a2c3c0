"""`ssm-harden verify`: check a folder of Terraform code with terraform, checkov, and our own rules."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ssm_hardening.cli import options
from ssm_hardening.core.errors import ExitCode

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A root module, such as `generate` writes.")]


def verify(
    folder: Folder,
    standard: options.StandardOption = "baseline",
    var: options.Var = None,
    var_file: options.VarFile = None,
    terraform: options.Terraform = None,
    plugin_dir: options.PluginDir = None,
    checkov: options.Checkov = None,
    fail_on_undecided: options.FailOnUndecided = False,
    quiet: options.Quiet = False,
) -> None:
    """Check a folder by terraform, checkov and our rules.

    A missing tool is skipped, visibly, and never a pass.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline
    from ssm_hardening.cli.verification import Tools, checks_of, exit_code
    from ssm_hardening.read.paths import is_file
    from ssm_hardening.report.checks import render_checks
    from ssm_hardening.report.exit_codes import worst
    from ssm_hardening.report.style import style_for
    from ssm_hardening.verification.reaudit import audit_check

    samples = folder / "samples.tfvars"
    given = [*([samples] if is_file(samples) else []), *(var_file or ())]
    inputs, notes = pipeline.inputs_of(var, given)
    if is_file(samples):
        notes = (*notes, f"required variables have the samples of {samples}")
    judged = pipeline.judge(pipeline.read_sources([folder], None, inputs), pipeline.Question(standard=standard))
    out.notes((*notes, *judged.notes), quiet=quiet)
    tools = Tools(terraform=terraform, plugin_dir=plugin_dir, checkov=checkov)
    checks = (*checks_of(folder, tools, out.progress(quiet=quiet)), audit_check(judged.audit))
    out.report(render_checks(judged.redactor.hide(checks), style=style_for(sys.stdout)))
    readable = ExitCode.USAGE if judged.unreadable else ExitCode.OK
    raise typer.Exit(worst(readable, exit_code(checks, fail_on_undecided=fail_on_undecided)))
