"""Checkov on a copy of the folder, in its own environment, offline and beyond the reach of any `.checkov.yaml`.

A skip counts only with a reason; a file that checkov could not parse, and a folder in which it found nothing
to check, are no pass.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssm_hardening.verification.processes import Finished, environment, run
from ssm_hardening.verification.runner import Check, CheckOutcome, Progress
from ssm_hardening.verification.tools import CHECKOV, checkov_version
from ssm_hardening.verification.workspace import TooLargeError, Workspace, working_copy

NAME = "checkov"

_NO_REASON = frozenset({"", "no comment provided"})
_UNREAD = (".tofu", ".tf.json", ".tofu.json")
_MAX_DETAILS = 200
_CODES = (0, 1)  # nothing failed, something failed
# Checkov takes settings and credentials from the home folder, so it gets an empty one; what finds a checkov that
# was installed below the real one must then be named.
_BELOW_HOME = {"PYTHONUSERBASE": ".local", "PYENV_ROOT": ".pyenv"}


@dataclass(frozen=True, slots=True)
class CheckovFinding:
    """One check that failed or was skipped, at a place in the user's folder."""

    check: str
    title: str
    resource: str
    place: str
    reason: str = ""

    def text(self) -> str:
        """Return the finding on one line."""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.place}: {self.check} {self.resource}: {self.title}{reason}"


@dataclass(frozen=True, slots=True)
class CheckovReport:
    """What one run found. `passed` counts the checks that passed."""

    passed: int
    failed: tuple[CheckovFinding, ...]
    skipped: tuple[CheckovFinding, ...]
    unparsed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckovVerifier:
    """Runs the executable that was found; None is a visible skip. `limit` is in seconds."""

    executable: Path | None
    limit: float = 300

    def verify(self, folder: Path, *, progress: Progress) -> tuple[Check, ...]:
        """Return the check `checkov`.

        Raises UsageError where the folder holds no Terraform code or cannot be read.
        """
        if self.executable is None:
            message = (
                "checkov was not found; install it with `ssm-harden tools install`, "
                f"or pass its path with --checkov PATH or {CHECKOV}"
            )
            return (Check(NAME, CheckOutcome.SKIPPED, message),)
        tool = f"checkov {checkov_version(self.executable) or '(version unknown)'}"
        try:
            with working_copy(folder) as workspace:
                progress(f"{tool}: checking …")
                return (self._judge(tool, workspace, _run(self.executable, workspace, self.limit)),)
        except TooLargeError as error:
            return (Check(NAME, CheckOutcome.SKIPPED, f"{tool}: {error.message}; {error.hint}"),)

    def _judge(self, tool: str, workspace: Workspace, answer: Finished) -> Check:
        if answer.timed_out:
            return Check(NAME, CheckOutcome.FAILED, f"{tool}: timed out after {self.limit:g} s", answer.tail())
        report = read_report(answer.stdout, workspace)
        if report is None or answer.code not in _CODES:
            what = "is too long and was cut off" if answer.truncated else "is not a checkov report"
            message = f"{tool}: the output {what} (exit code {answer.code})"
            return Check(NAME, CheckOutcome.FAILED, message, answer.tail())
        return _verdict(tool, workspace, report, answer.code)


def _run(executable: Path, workspace: Workspace, limit: float) -> Finished:
    words = ["-d", str(workspace.folder), "--framework", "terraform", "--skip-download"]
    # Not --quiet: it takes the skipped checks and the parsing errors out of the JSON as well.
    words += ["--output", "json", "--compact", "--download-external-modules", "false"]
    with tempfile.TemporaryDirectory(prefix="ssm-harden-", ignore_cleanup_errors=True) as home:
        return run([executable, *words], cwd=Path(home), env=_environment(home), timeout=limit)


def _environment(home: str) -> dict[str, str]:
    real = os.environ.get("HOME", "")
    env = environment(also=tuple(_BELOW_HOME))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        env.pop(name, None)
    below = {name: str(Path(real, folder)) for name, folder in _BELOW_HOME.items() if real}
    return below | env | {"HOME": home}


def read_report(text: str, workspace: Workspace) -> CheckovReport | None:
    """Return what checkov printed as JSON, or None where it is no report.

    One framework is an object, several are a list, and "nothing to check" is a bare summary.
    """
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    parts = answer if isinstance(answer, list) else [answer]
    reports = [_report(part, workspace) for part in parts]
    known = [report for report in reports if report is not None]
    if not known or len(known) < len(reports):
        return None
    return CheckovReport(
        sum(report.passed for report in known),
        tuple(each for report in known for each in report.failed),
        tuple(each for report in known for each in report.skipped),
        tuple(each for report in known for each in report.unparsed),
    )


def _report(part: object, workspace: Workspace) -> CheckovReport | None:
    match part:
        case {
            "results": {
                "passed_checks": list(passed),
                "failed_checks": list(failed),
                "skipped_checks": list(skipped),
                "parsing_errors": list(unparsed),
            }
        }:
            return CheckovReport(
                len(passed),
                tuple(_findings(failed, workspace)),
                tuple(_findings(skipped, workspace)),
                tuple(workspace.place(str(file)) for file in unparsed),
            )
        case {"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0}:
            return CheckovReport(0, (), (), ())
        case _:
            return None


def _findings(records: Sequence[Any], workspace: Workspace) -> Iterator[CheckovFinding]:
    for record in records:
        if isinstance(record, Mapping):
            yield _finding(record, workspace)
        else:
            yield CheckovFinding("?", "unreadable result", repr(record), "?")


def _finding(record: Mapping[str, Any], workspace: Workspace) -> CheckovFinding:
    match record.get("file_line_range"):
        case [int(line), *_]:
            place = workspace.place(str(record.get("file_abs_path", "")), line)
        case _:
            place = workspace.place(str(record.get("file_abs_path", "")))
    match record.get("check_result"):
        case {"suppress_comment": str(comment)} if comment.strip().lower() not in _NO_REASON:
            reason = comment.strip()
        case _:
            reason = ""
    title = str(record.get("check_name", ""))
    return CheckovFinding(str(record.get("check_id", "?")), title, str(record.get("resource", "?")), place, reason)


def _verdict(tool: str, workspace: Workspace, report: CheckovReport, code: int) -> Check:
    bare = tuple(each for each in report.skipped if not each.reason)
    wrong = (
        *(f"{file}: cannot be parsed" for file in report.unparsed),
        *(each.text() for each in report.failed),
        *(f"{each.text()}: skipped without a reason" for each in bare),
    )
    counts = f"{report.passed} passed, {len(report.failed)} failed, {len(report.skipped)} skipped"
    if wrong:
        also = "".join(
            f", {len(what)} {label}"
            for what, label in ((bare, "without a reason"), (report.unparsed, "not parsed"))
            if what
        )
        return Check(NAME, CheckOutcome.FAILED, f"{tool}: {counts}{also}", wrong[:_MAX_DETAILS])
    if code != 0:
        return Check(NAME, CheckOutcome.FAILED, f"{tool}: {counts}, but the exit code is {code}")
    return _pass_or_skip(tool, workspace, report, counts)


def _pass_or_skip(tool: str, workspace: Workspace, report: CheckovReport, counts: str) -> Check:
    unread = tuple(workspace.place(str(path)) for path in workspace.code() if path.name.endswith(_UNREAD))
    unread += (*workspace.left_out, *workspace.remote_modules())
    if unread:
        return Check(NAME, CheckOutcome.SKIPPED, f"{tool}: {counts}, but some code was not read", unread)
    if not report.passed and not report.skipped:
        return Check(NAME, CheckOutcome.SKIPPED, f"{tool}: nothing to check")
    reasons = tuple(f"skipped: {each.text()}" for each in report.skipped)
    return Check(NAME, CheckOutcome.PASSED, f"{tool}: {counts}", reasons)
