"""How the demo tells of its steps: in brief, or with the whole report of each command."""

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ssm_hardening.cli import output as out
from ssm_hardening.cli.entry import printable
from ssm_hardening.report import demo as words
from ssm_hardening.report.checks import render_checks
from ssm_hardening.report.style import Tone, clipped

if TYPE_CHECKING:
    from ssm_hardening.cli.pipeline import Judged
    from ssm_hardening.remediation.plan import RemediationPlan
    from ssm_hardening.report.demo import Ending
    from ssm_hardening.verification.runner import Check

_STEPS = 5


class Moving:
    """Receives what is being done now. Used as a context: leaving it erases the line."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.erase()

    def __call__(self, text: str) -> None:
        """Show this in place of what stands there."""
        if not self._terminal:
            return
        width = shutil.get_terminal_size().columns
        sys.stderr.write(f"\r\x1b[K  {printable(text)}"[: width + 3])
        sys.stderr.flush()
        self._shown = True

    def erase(self) -> None:
        """Make room for a report."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


class Brief:
    """One screen or two: what was found, a line for each rule that failed, the proof, before and after."""

    quiet = True
    """Whether the parts that speak for themselves are to be silent."""

    def __init__(self, moving: Moving) -> None:
        self.style = out.style()
        self._moving = moving

    @property
    def progress(self) -> Callable[[str], None]:
        """Where progress goes."""
        return self._moving

    def say(self, lines: Sequence[str]) -> None:
        """Print lines of the report."""
        self._moving.erase()
        before = "\n" if lines and not lines[0] else ""
        out.report(before + self.style.finish(list(lines)))

    def found(self, found: words.ToolsFound) -> None:
        """Tell what the demo works with."""
        title = "A simulated AWS account on this machine. No real account is read or changed."
        self.say([*self.style.wrap(title, 0, Tone.BOLD), *words.found_lines(found, self.style)])

    def step(self, number: int, command: str, meaning: str) -> None:
        """Head a step."""
        self.say(["", f"{self._number(number)}{self.style.paint(clipped(command, self.style.width - 6), Tone.BOLD)}"])
        self.say(self.style.wrap(meaning, 5, Tone.DIM))

    def _number(self, number: int) -> str:
        return self.style.paint(f" {number}/{_STEPS} ", Tone.BOLD, Tone.CYAN)

    def written(self, evidence: Path) -> None:
        """Hear of a file of evidence."""

    def probed(self, nodes: int) -> None:
        """Tell how many nodes answered."""
        self.say(words.probed_line(nodes, self.style))

    def audited(self, before: "Judged", plan: "RemediationPlan") -> None:
        """Tell what the first audit found."""
        self.say(["", *words.brief_audit(before.audit, plan, self.style)])

    def generated(self, folder: str, files: Sequence[str], plan: "RemediationPlan") -> None:
        """Tell what was generated."""
        self.say(words.folder_line(folder, files, plan, self.style))

    def checked(self, checks: "Sequence[Check]") -> None:
        """Tell what was checked."""
        self.say(words.check_lines(checks, self.style))

    def compared(self, before: "Judged", after: "Judged", plan: "RemediationPlan") -> None:
        """Tell what changed, and what is left."""
        self.say(["", *words.comparison(before.audit, after.audit, self.style)])
        self.say(words.left_lines(after.audit, plan, self.style))

    def ended(self, ending: "Ending") -> None:
        """Tell how it ended."""
        told = [line for text in ending.lines for line in self.style.wrap(text, 0, ending.tone)]
        self.say(["", *told, *([self.style.paint(ending.last, ending.tone)] if ending.last else [])])
        if ending.closed and self.quiet:
            more = "ssm-harden demo --full prints the full report of every step; --keep DIR keeps the Terraform code"
            self.say(self.style.wrap(more, 0, Tone.DIM))


class Full(Brief):
    """The reports of every command as they are."""

    quiet = False

    @property
    def progress(self) -> Callable[[str], None]:
        """Every line of it."""
        return out.progress(quiet=False)

    def step(self, number: int, command: str, meaning: str) -> None:
        """Head a step with the whole command."""
        head = f"{self._number(number)}{self.style.paint(command, Tone.BOLD)}"
        self.say(["", head, *self.style.wrap(meaning, 5, Tone.DIM), ""])

    def written(self, evidence: Path) -> None:
        """Print the name of a file of evidence."""
        out.report(str(evidence))

    def audited(self, before: "Judged", plan: "RemediationPlan") -> None:
        """Print what `plan --full` prints."""
        from ssm_hardening.cli import pipeline
        from ssm_hardening.cli.options import TABLE
        from ssm_hardening.report.formats import View

        pipeline.tell(before, plan, TABLE, view=View(full=True), quiet=True)

    def generated(self, folder: str, files: Sequence[str], plan: "RemediationPlan") -> None:
        """Name every file."""
        self.say([f"  + {folder}/{name}" for name in files])
        super().generated(folder, files, plan)

    def checked(self, checks: "Sequence[Check]") -> None:
        """Print what `verify` prints."""
        out.report(render_checks(checks, style=self.style))
