"""Whether a node can record sessions at all, and how long they stay on its disk: HOST-05."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value, Why
from ssm_hardening.rules.hosts.inside import WINDOWS, hosts, read_text
from ssm_hardening.rules.kit.settings import Check, Problem, conclude, literal, shown
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
def host_05(host: "Host", context: Context) -> Verdict:
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
        yield from _transcription(host.transcription)
        return
    yield from _tool(host.script, "script is not installed: sessions leave no recording", None)
    if system != "macOS":
        yield from _tool(host.screen, "screen is not installed: recordings may be cut", Severity.LOW)


def _tool(value: Value[Text], text: str, severity: Severity | None) -> Iterator[Check]:
    match value:
        case Known():
            return
        case Absent(at):
            yield Problem(at, text, severity)
        case Unknown() as gap:
            yield gap


def _powershell(value: Value[Text]) -> Iterator[Check]:
    match value:
        case Known() as version:
            text = literal(version)
            if isinstance(text, Unknown):
                yield text
                return
            found = _VERSION.fullmatch(text)
            if found is None:
                yield Unknown(Why.UNPARSEABLE, version.at, f"the version {shown(text)} of PowerShell")
            elif (int(found[1]), int(found[2])) < _LEAST_POWERSHELL:
                yield Problem(version.at, f"PowerShell is version {text}: sessions are not streamed below 5.1")
        case Absent(at):
            yield Problem(at, "there is no Windows PowerShell: sessions leave no recording")
        case Unknown() as gap:
            yield gap


def _transcription(value: Value[bool]) -> Iterator[Check]:
    match value:
        case Known(flag, at):
            if flag:
                yield Problem(at, "a machine policy turns PowerShell's transcription on: sessions are not streamed")
        case Absent():
            return
        case Unknown() as gap:
            yield gap


def _left_behind(host: "Host", most: int) -> Iterator[Check]:
    match host.session_logs:
        case Known(0) | Absent():
            return
        case Known(files):
            yield from _too_old(files, host.session_logs_days, most)
        case Unknown() as gap:
            yield gap


def _too_old(files: int, days: Value[int], most: int) -> Iterator[Check]:
    match days:
        case Known(number, at):
            if number > most:
                text = f"{files} files of sessions are on its disk, the oldest for {number} days; {most} are accepted"
                yield Problem(at, text, Severity.LOW)
        case Absent(at):
            yield Unknown(Why.UNPARSEABLE, at, "how old the files of sessions on its disk are")
        case Unknown() as gap:
            yield gap
