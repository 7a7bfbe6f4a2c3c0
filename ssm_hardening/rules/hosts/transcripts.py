"""Whether a node can record sessions at all, and how long they stay on its disk: HOST-05."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import flag, known_or, text_of
from ssm_hardening.core.values import Text, Unknown, Value, Why
from ssm_hardening.rules.hosts.inside import WINDOWS, hosts, read_text
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, is_set, required, shown, unless, when, wrong
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Host

_VERSION = re.compile(r"(\d+)\.(\d+)(\.\d+)*")
_LEAST_POWERSHELL = (5, 1)


@rule(
    id="HOST-05",
    title="Transcript tools work, local session logs short-lived",
    severity=Severity.MEDIUM,
    may=(Severity.LOW,),
    over=hosts,
    question=Question.ACCESS,
    requirement=Requirement.AUDITING,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="host-baseline",
)
def can_record_sessions(host: "Host", context: Context) -> Verdict:
    """Without its tools the agent records nothing or cuts it short, and says so only in a log on the node.

    On Linux the recording is made with `script`; without `screen` (low) it may be cut. On Windows streaming needs
    PowerShell 5.1 and no machine-wide transcription policy. Recordings that stay on the disk longer than the standard's
    `session_logs_days_max` hold what was typed, for whoever becomes root there (low).

    It cannot tell where a tool, a version, the policy or the files could not be looked for. macOS brings its tools.

    Reference: AWS Systems Manager User Guide, "Logging session activity"; amazon-ssm-agent, plugins for shells.
    """
    system = read_text(host.platform)
    checks: list[Check] = [system] if isinstance(system, Unknown) else list(_tools(host, system))
    checks += _left_behind(host, context.thresholds.session_logs_days_max)
    passed = Passed(host.origin, "what recordings are made with is there, and none stays on the disk")
    return conclude(
        host.origin, checks, passed=passed, undecided="whether this node can record sessions cannot be told"
    )


def _tools(host: "Host", system: str) -> Iterator[Check]:
    if system in WINDOWS:
        yield from _powershell(host.powershell)
        text = "a machine policy turns PowerShell's transcription on: sessions are not streamed"
        yield from when(flag(host.transcription, absent=False), text)
        return
    yield from unless(is_set(host.script), "script is not installed: sessions leave no recording")
    if system != "macOS":
        yield from unless(is_set(host.screen), "screen is not installed: recordings may be cut", Severity.LOW)


def _powershell(value: Value[Text]) -> Iterator[Check]:
    def too_old(version: str) -> str | Unknown:
        found = _VERSION.fullmatch(version)
        if found is None:
            return Unknown(Why.UNPARSEABLE, value.at, f"the version {shown(version)} of PowerShell")
        least = (int(found[1]), int(found[2])) >= _LEAST_POWERSHELL
        return "" if least else f"PowerShell is version {version}: sessions are not streamed below 5.1"

    missing = "there is no Windows PowerShell: sessions leave no recording"
    return wrong(text_of(value), too_old, absent=missing)


def _left_behind(host: "Host", most: int) -> Iterator[Check]:
    yield from gaps(host.session_logs)
    files = known_or(host.session_logs, 0)
    if files:
        what = f"{files} files of sessions are on its disk, the oldest for"
        yield from wrong(
            required(host.session_logs_days, Why.UNPARSEABLE, "how old the files of sessions on its disk are"),
            lambda days: f"{what} {days} days; {most} are accepted" if days > most else "",
            severity=Severity.LOW,
        )
