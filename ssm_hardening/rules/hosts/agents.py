"""The agent on each node, and what it records with: HOST-01 and HOST-05."""

import re
from collections.abc import Iterator

from ssm_hardening.access.reach import preferences_of
from ssm_hardening.core.logic import Answer, every, flag, known_or, setting, text_of
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account, Host, Instance, SessionDocument
from ssm_hardening.rules.hosts.inside import WINDOWS, hosts, known_texts, or_from_inside, read_text, told_nodes
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, is_set, required, shown, unless, when, wrong
from ssm_hardening.rules.kit.sources import only_live
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    NotApplicable,
    Passed,
    Related,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)
from ssm_hardening.verdicts.standards import Thresholds

_NUMBERS = re.compile(r"\d+(\.\d+)*")


def outdated(version: Value[Text], account: Account, thresholds: Thresholds) -> Iterator[Check]:
    """Yield what the agent of this version is too old for; nothing where there is no agent."""
    text = text_of(version)
    yield from gaps(text)
    if isinstance(text, Known):
        yield from _below(text, thresholds.agent_version_min)
        if _NUMBERS.fullmatch(text.value) is not None:
            yield from _without_features(text, account, thresholds.agent_feature_floors)


def _below(version: Known[str], floor: str) -> Iterator[Problem]:
    if _NUMBERS.fullmatch(version.value) is None or _numbers(version.value) < _numbers(floor):
        yield Problem(version.at, f"the agent is version {shown(version.value)}, below {floor}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _without_features(version: Known[str], account: Account, floors: tuple[str, ...]) -> Iterator[Check]:
    pairs = [each.split("=") for each in floors]
    lacking = [(feature, floor) for feature, floor in pairs if _numbers(version.value) < _numbers(floor)]
    document = preferences_of(account)
    if isinstance(document, Absent) or not lacking:
        return
    if isinstance(document, Unknown):
        # Evidence alone, and most code, never tells of the preferences: that is no doubt about the agent.
        yield from () if document.why is Why.OUT_OF_SCOPE else (document,)
        return
    for feature, floor in lacking:
        text = f"the preferences switch on {feature}, which agents below {floor} lack"
        yield from when(_asks_for(feature, document), text, at=version.at)


def _asks_for(feature: str, document: SessionDocument) -> Answer:
    at, group, bucket = document.origin, setting(document.cloudwatch_log_group), setting(document.s3_bucket)
    match feature:
        case "run_as":
            return flag(document.run_as_enabled, absent=False)
        case "kms":
            return is_set(setting(document.kms_key))
        case "streaming":
            return every((flag(document.cloudwatch_streaming_enabled, absent=False), is_set(group)), at)
        case "encrypted_bucket":
            return every((flag(document.s3_encryption_enabled, absent=False), is_set(bucket)), at)
        case _:
            return is_set(setting(document.shell_profile_linux))


def judge_inside(host: Host, context: Context) -> Verdict:
    """Judge the agent as it is installed on the node."""
    floor = context.thresholds.agent_version_min
    version = ", ".join(known_texts((host.agent_version,)))
    passed = Passed(host.agent_version.at, f"the agent runs, at version {version}; {floor} is asked for")
    checks = (
        *_installed(host),
        *outdated(host.agent_version, context.account, context.thresholds),
        *_running(host),
        *unless(flag(host.autostart, absent=True), "the agent does not start with the machine", Severity.MEDIUM),
    )
    return conclude(host.origin, checks, passed=passed, undecided="whether the agent is current and runs is open")


def _installed(host: Host) -> Iterator[Check]:
    if isinstance(host.agent_version, Absent):
        yield Problem(host.agent_version.at, "no agent is installed: no session reaches this node", Severity.LOW)


def _running(host: Host) -> Iterator[Check]:
    missing = isinstance(host.service, Absent) and not isinstance(host.agent_version, Known)
    return wrong(
        text_of(host.service),
        lambda state: (
            "" if state.casefold() == "running" else f"the agent's service does not run: it is {shown(state)}"
        ),
        absent="there is no service of the agent",
        severity=Severity.LOW if missing else Severity.MEDIUM,
    )


_UNTOLD = "whether the agent is current and online cannot be told"
_UNHEARD = "Systems Manager never heard of an agent here: no session reaches this node"

nodes = or_from_inside(Selector("nodes", told_nodes, silence=only_live("which agents run where")))


@rule(
    id="HOST-01",
    title="Agent current and online",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=nodes,
    requirement=Requirement.CROSS_PLATFORM,
    remedy="host-baseline",
)
def runs_a_current_agent(node: Instance | Host, context: Context) -> Verdict:
    """An old agent lacks what the preferences ask for, without a word: streaming, fail-closed logs, Run As, fixes.

    The floor is the standard's `agent_version_min`; 3.3.987.0 is the first that asks for TLS 1.2 and keeps no session
    on disk. An agent that is not online takes no session and no update (medium). A running instance that Systems
    Manager never heard of is out of its reach: whoever works on it comes in by another door (low).

    What the preferences switch on asks for a version of its own (`agent_feature_floors`). Evidence from inside a node
    is judged by itself: the version that is installed, and whether its service runs and starts with the machine
    (medium).

    It cannot tell where the state, the version or the ping is not known, and never from code. Nodes that do not run
    are not judged.

    Reference: AWS Systems Manager User Guide, "Working with SSM Agent"; release notes of amazon-ssm-agent.
    """
    if isinstance(node, Host):
        return judge_inside(node, context)
    state = text_of(node.state)  # nobody tells of a hybrid node's but its agent
    if isinstance(state, Unknown):
        return Undecided(node.origin, state, _UNTOLD)
    if isinstance(state, Known) and state.value != "running":
        return NotApplicable(state.at, f"the instance does not run: it is {state.value}")
    return _judge(node, context)


def _judge(node: Instance, context: Context) -> Verdict:
    floor = context.thresholds.agent_version_min
    version = known_or(node.agent_version, "unknown")
    passed = Passed(node.agent_version.at, f"the agent is online, at version {version}; {floor} is asked for")
    verdict = conclude(node.origin, _checks(node, context), passed=passed, undecided=_UNTOLD)
    match verdict, node.connected:
        case Passed(at, message), Known(False, place):
            note = Related(place, "Session Manager itself has no connection to it: look at ssmmessages")
            return Passed(at, message, (note,))
        case _:
            return verdict


def _checks(node: Instance, context: Context) -> Iterator[Check]:
    if isinstance(node.agent_version, Absent) or isinstance(node.ping, Absent):
        yield Problem(node.origin, _UNHEARD, Severity.LOW)
    yield from outdated(node.agent_version, context.account, context.thresholds)
    yield from wrong(
        text_of(node.ping),
        lambda text: "" if text == "Online" else f"the agent is not online: {text}",
        severity=Severity.MEDIUM,
    )


_VERSION = re.compile(r"(\d+)\.(\d+)(\.\d+)*")
_LEAST_POWERSHELL = (5, 1)


@rule(
    id="HOST-05",
    title="Transcript tools work, local session logs short-lived",
    severity=Severity.MEDIUM,
    may=(Severity.LOW,),
    over=hosts,
    requirement=Requirement.AUDITING,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="host-baseline",
)
def can_record_sessions(host: Host, context: Context) -> Verdict:
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


def _tools(host: Host, system: str) -> Iterator[Check]:
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


def _left_behind(host: Host, most: int) -> Iterator[Check]:
    yield from gaps(host.session_logs)
    files = known_or(host.session_logs, 0)
    if files:
        what = f"{files} files of sessions are on its disk, the oldest for"
        yield from wrong(
            required(host.session_logs_days, Why.UNPARSEABLE, "how old the files of sessions on its disk are"),
            lambda days: f"{what} {days} days; {most} are accepted" if days > most else "",
            severity=Severity.LOW,
        )
