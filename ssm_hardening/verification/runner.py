"""What a verifier is and what it answers: passed, failed, or skipped and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

Progress: TypeAlias = Callable[[str], None]
"""Receives one line about what is being done now."""


class CheckOutcome(StrEnum):
    """How a check ended. A missing tool is a visible skip, never a pass."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One verifier's answer.

    `message` is one line: what was run, by which version, what came out; for a skipped check what is missing
    and how to supply it. `details` are one line each: diagnostics with file:line, failed checks, a diff.
    """

    name: str
    outcome: CheckOutcome
    message: str
    details: tuple[str, ...] = ()


class Verifier(Protocol):
    """Judges the Terraform in a folder and leaves the folder as it was."""

    def verify(self, folder: Path, *, progress: Progress) -> tuple[Check, ...]:
        """Return one check for each question this verifier asks."""
        ...


def verify(folder: Path, verifiers: Sequence[Verifier], *, progress: Progress) -> tuple[Check, ...]:
    """Ask every verifier about `folder`; one that fails or is skipped does not stop the next."""
    return tuple(check for verifier in verifiers for check in verifier.verify(folder, progress=progress))
