"""`ssm-harden verify`: check a folder of Terraform code with terraform, checkov, and our own rules.

Also what generate and demo share with it: asking the verifiers, and what that means for the exit code.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import Option
from ssm_hardening.core.errors import ExitCode

if TYPE_CHECKING:
    from ssm_hardening.verification.providers import Finder
    from ssm_hardening.verification.runner import Check, Verifier

Folder = Annotated[Path, Option(metavar="DIR", help="A root module, such as one that `generate` wrote.")]


def verify(
    folder: Folder,
    standard: options.StandardOption = "baseline",
    var: options.Var = None,
    var_file: options.VarFile = None,
    workspace: options.Workspace = None,
    waivers: options.Waivers = None,
    terraform: options.Terraform = None,
    plugin_dir: options.PluginDir = None,
    checkov: options.Checkov = None,
    fail_on_undecided: options.FailOnUndecided = False,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Verify a folder with terraform, checkov, and the audit rules.

    A missing tool is reported as skipped and never counts as a pass.
    """
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline, sources
    from ssm_hardening.cli.decisions import decisions
    from ssm_hardening.read.paths import is_file
    from ssm_hardening.report.checks import render_checks
    from ssm_hardening.verification.reaudit import audit_check

    decided = decisions(waivers)
    samples = folder / "samples.tfvars"
    given = [*([samples] if is_file(samples) else []), *(var_file or ())]
    inputs, notes = sources.inputs_of(var, given, workspace)
    if is_file(samples):
        notes = (*notes, f"required variables have the sample values in {samples}")
    reading = sources.read_sources([folder], None, inputs)
    judged = pipeline.judge(reading, pipeline.RuleChoice(standard=standard), decided=decided)
    out.notes((*notes, *judged.notes), quiet=quiet)
    tools = Tools(terraform=terraform, plugin_dir=plugin_dir, checkov=checkov)
    checks = (*checks_of(folder, tools, out.progress(quiet=quiet)), audit_check(judged.audit))
    out.report(render_checks(judged.redactor.hide(checks), style=out.style()))
    readable = sources.exit_code(reading)
    return pipeline.worst(readable, exit_code(checks, fail_on_undecided=fail_on_undecided))


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The tools as the user named them; None: as found. One object for a run: it remembers where providers are."""

    terraform: str | None = None
    plugin_dir: Path | None = None
    checkov: str | None = None

    @cached_property
    def providers(self) -> "Finder":
        """Where providers come from. Raises UsageError for a tool or folder that was named and does not exist."""
        from ssm_hardening.verification.providers import Finder
        from ssm_hardening.verification.tools import find_terraform

        return Finder(self.plugin_dir, find_terraform(self.terraform))


def checks_of(folder: Path, tools: Tools, progress: Callable[[str], None]) -> "tuple[Check, ...]":
    """Ask terraform (or tofu) and checkov about a folder. Raises UsageError for a named tool that does not exist."""
    from ssm_hardening.verification.checkov import CheckovVerifier
    from ssm_hardening.verification.runner import verify
    from ssm_hardening.verification.terraform import TerraformVerifier
    from ssm_hardening.verification.tools import find_checkov, find_terraform

    verifiers: list[Verifier] = [
        TerraformVerifier(find_terraform(tools.terraform), tools.providers),
        CheckovVerifier(find_checkov(tools.checkov)),
    ]
    return verify(folder, verifiers, progress=progress)


def exit_code(checks: "Sequence[Check]", *, fail_on_undecided: bool) -> ExitCode:
    """Return 1 where a verifier failed, 3 where one was skipped and that counts, else 0."""
    from ssm_hardening.verification.runner import CheckOutcome

    if any(check.outcome is CheckOutcome.FAILED for check in checks):
        return ExitCode.GAPS
    skipped = any(check.outcome is CheckOutcome.SKIPPED for check in checks)
    return ExitCode.UNDECIDED if skipped and fail_on_undecided else ExitCode.OK


_written: dict[Path, tuple[str, ...]] = {}
"""Of the whole process: whatever ends it early must know, wherever the files were written."""

_SHOWN = 20


def wrote(folder: Path, names: Iterable[str]) -> None:
    """Note files that were written into a folder."""
    _written[folder.absolute()] = tuple(names)


def verified() -> None:
    """Note that all were verified."""
    _written.clear()


def left() -> Iterator[str]:
    """Say which files are there without having been verified, one line for each folder."""
    for folder, names in _written.items():
        found = [name for name in names if (folder / name).is_file()]
        more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        if found:
            shown = f"{', '.join(found[:_SHOWN])}{more}"
            yield f"written to {folder} but not verified: {shown}; run `ssm-harden verify {quote(str(folder))}`"
