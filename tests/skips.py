"""Tests that were skipped: told at the end by reason, and failed where what they lacked is there after all."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping

import pytest

from ssm_hardening.verification.tools import CHECKOV, find_terraform


def _terraform() -> bool:
    return find_terraform(None) is not None


def _checkov() -> bool:
    return bool(os.environ.get(CHECKOV)) or shutil.which("checkov") is not None


def _chromium() -> bool:
    return shutil.which("chromium") is not None


def _root() -> bool:
    return os.geteuid() == 0


CURES: Mapping[str, tuple[str, Callable[[], bool]]] = {
    "terraform": (r"(?i)\bterraform (is not|nor tofu is) on PATH", _terraform),
    "checkov": (r"(?i)\bcheckov (is not on PATH|was not found)|^no checkov:", _checkov),
    "chromium": (r"(?i)\bchromium is not on PATH", _chromium),
    "root": (r"(?i)\b(only|needs?) root\b", _root),
}
"""What a reason for a skip sounds like → whether what it lacks is here."""


def groundless(reason: str) -> str | None:
    """Return what a test was skipped for although it is here."""
    for name, (pattern, is_here) in CURES.items():
        if re.search(pattern, reason) and is_here():
            return name
    return None


def counted(reasons: Iterable[str]) -> list[str]:
    """Return one line for each reason, the most frequent first."""
    counts = Counter(reason.removeprefix("Skipped: ") for reason in reasons)
    return [f"{count} skipped: {reason}" for reason, count in sorted(counts.items(), key=lambda each: (-each[1], each))]


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return why a test was skipped."""
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        name = groundless(reason_of(report))
        if name is not None:
            report.outcome, report.longrepr = "failed", f"skipped although {name} is here: {reason_of(report)}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    if reports:
        terminalreporter.section("skipped, by reason")
        for line in counted(map(reason_of, reports)):
            terminalreporter.write_line(line)
