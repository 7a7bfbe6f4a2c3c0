"""What generate, verify and demo have in common: asking the verifiers, and what that means for the exit code."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from ssm_hardening.core.errors import ExitCode
from ssm_hardening.verification.runner import Check, Outcome, Verifier

if TYPE_CHECKING:
    from ssm_hardening.verification.providers import Finder


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The tools as the user named them; None: as found. One object for a run: it remembers where providers are."""

    terraform: str | None = None
    plugin_dir: Path | None = None
    checkov: str | None = None

    @cached_property
    def providers(self) -> "Finder":
        """Where providers come from. Raises UsageError for a tool or a folder that was named and is none."""
        from ssm_hardening.verification.providers import Finder
        from ssm_hardening.verification.tools import find_terraform

        return Finder(self.plugin_dir, find_terraform(self.terraform))


def checks_of(folder: Path, tools: Tools, progress: Callable[[str], None]) -> tuple[Check, ...]:
    """Ask terraform (or tofu) and checkov about a folder. Raises UsageError for a tool that was named and is none."""
    from ssm_hardening.verification.checkov import CheckovVerifier
    from ssm_hardening.verification.runner import verify
    from ssm_hardening.verification.terraform import TerraformVerifier
    from ssm_hardening.verification.tools import find_checkov, find_terraform

    verifiers: list[Verifier] = [
        TerraformVerifier(find_terraform(tools.terraform), tools.providers),
        CheckovVerifier(find_checkov(tools.checkov)),
    ]
    return verify(folder, verifiers, progress=progress).checks


def exit_code(checks: Sequence[Check], *, fail_on_undecided: bool) -> ExitCode:
    """Return 1 where a verifier failed, 3 where one was skipped and that counts, else 0."""
    if any(check.outcome is Outcome.FAILED for check in checks):
        return ExitCode.GAPS
    skipped = any(check.outcome is Outcome.SKIPPED for check in checks)
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
            yield f"written but not verified in {folder}: {shown}; run `ssm-harden verify {quote(str(folder))}`"
