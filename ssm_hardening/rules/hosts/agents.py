"""The agent on each node, and what it records with: HOST-01 and HOST-05."""

import re
from collections.abc import Iterator

from ssm_hardening.access.reach import preferences_of
from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import Answer, every, flag, known_or, setting, text_of
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account, Host, Instance, SessionDocument
from ssm_hardening.rules.hosts.inside import WINDOWS, hosts, known_texts, or_from_inside, read_text, told_nodes
from ssm_hardening.rules.kit.checks import (
    Check,
    Problem,
    conclude,
    gaps,
    headed,
    is_set,
    required,
    shown,
    unless,
    when,
    wrong,
)
from ssm_hardening.rules.kit.sources import only_live
from ssm_hardening.rules.kit.subjects import of_launched
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
_FEATURES = {
    "kms": "KMS encryption",
    "run_as": "Run As",
    "shell_profile": "shell profiles",
    "streaming": "live streaming",
    "encrypted_bucket": "the check of the bucket's encryption",
}
"""The features of `agent_feature_floors`, as a message names them."""


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
        yield Problem(version.at, f"the agent has version {shown(version.value)} (minimum: {floor})")


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
        text = f"the preferences turn on {_FEATURES[feature]}, which requires agent version {floor}"
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
    """Check the agent as it is installed on the node."""
    floor = context.thresholds.agent_version_min
    version = ", ".join(known_texts((host.agent_version,)))
    passed = Passed(host.agent_version.at, f"the agent runs version {version} (minimum: {floor})")
    checks = (
        *_installed(host),
        *outdated(host.agent_version, context.account, context.thresholds),
        *_running(host),
        *headed(
            "SSM Agent does not start at boot",
            unless(flag(host.autostart, absent=True), "the agent does not start at boot", Severity.MEDIUM),
        ),
    )
    return conclude(host.origin, checks, passed=passed, undecided="whether the agent is current and running is unknown")


def _installed(host: Host) -> Iterator[Check]:
    if isinstance(host.agent_version, Absent):
        text = "the agent is not installed, so no session can reach this node"
        yield Problem(host.agent_version.at, text, Severity.LOW, headline="SSM Agent is not installed")


def _running(host: Host) -> Iterator[Check]:
    missing = isinstance(host.service, Absent) and not isinstance(host.agent_version, Known)
    problems = wrong(
        text_of(host.service),
        lambda state: "" if state.casefold() == "running" else f"the agent service is not running: {shown(state)}",
        absent="the agent service does not exist",
        severity=Severity.LOW if missing else Severity.MEDIUM,
    )
    return headed("SSM Agent is not running", problems)


_UNTOLD = "whether the agent is current and online is unknown"
_UNHEARD = "the node is not registered with Systems Manager, so no session can reach it"

nodes = or_from_inside(Selector("nodes", told_nodes, silence=only_live("which agents run on which nodes")))


@rule(
    id="HOST-01",
    title="Agent is current and online",
    headline="SSM Agent is outdated",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=nodes,
    requirement=Requirement.CROSS_PLATFORM,
    remedy="host-baseline",
)
def runs_a_current_agent(node: Instance | Host, context: Context) -> Verdict:
    """An old agent silently ignores settings that it does not support, such as streaming or Run As, and lacks fixes.

    The minimum is `agent_version_min` of the standard; 3.3.987.0 is the first version that requires TLS 1.2 and keeps
    no session data on disk. An agent that is offline accepts no sessions and no updates (medium). A running instance
    that is not registered with Systems Manager is out of its reach, so people must reach it another way (low).

    Features that the preferences turn on have their own minimum versions (`agent_feature_floors`). Evidence from inside
    a node is checked separately: the installed version, and whether the service is running and starts at boot (medium).

    Undecided when the state, the version, or the ping status is unknown. Not applicable to code, or to nodes that
    are not running.

    Reference: AWS Systems Manager User Guide, "Working with SSM Agent"; release notes of amazon-ssm-agent.
    """
    if isinstance(node, Host):
        return judge_inside(node, context)
    if of_launched(node):
        return NotApplicable(
            node.origin, "what it launches has an agent only once it runs, and is then evaluated itself"
        )
    state = text_of(node.state)  # nobody tells of a hybrid node's but its agent
    if isinstance(state, Unknown):
        return Undecided(node.origin, state, _UNTOLD)
    if isinstance(state, Known) and state.value != "running":
        return NotApplicable(state.at, f"the instance is not running: it is {state.value}")
    return _judge(node, context)


def _judge(node: Instance, context: Context) -> Verdict:
    floor = context.thresholds.agent_version_min
    version = known_or(node.agent_version, "unknown")
    passed = Passed(node.agent_version.at, f"the agent is online with version {version} (minimum: {floor})")
    verdict = conclude(node.origin, _checks(node, context), passed=passed, undecided=_UNTOLD)
    match verdict, node.connected:
        case Passed(at, message), Known(False, place):
            note = Related(place, "the agent is not connected to Session Manager: check access to ssmmessages")
            return Passed(at, message, (note,))
        case _:
            return verdict


def _checks(node: Instance, context: Context) -> Iterator[Check]:
    if isinstance(node.agent_version, Absent) or isinstance(node.ping, Absent):
        yield Problem(node.origin, _UNHEARD, Severity.LOW, headline="Node is not managed by Systems Manager")
    yield from outdated(node.agent_version, context.account, context.thresholds)
    offline = wrong(
        text_of(node.ping),
        lambda text: "" if text == "Online" else f"the agent is not online: its ping status is {text}",
        severity=Severity.MEDIUM,
    )
    yield from headed("SSM Agent is not online", offline)


_VERSION = re.compile(r"(\d+)\.(\d+)(\.\d+)*")
_LEAST_POWERSHELL = (5, 1)


@rule(
    id="HOST-05",
    title="Transcript tools work, and local session logs are short-lived",
    headline="Node cannot record sessions reliably",
    severity=Severity.MEDIUM,
    may=(Severity.LOW,),
    over=hosts,
    requirement=Requirement.AUDITING,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="host-baseline",
)
def can_record_sessions(host: Host, context: Context) -> Verdict:
    """Without its tools, the agent records nothing or only part of a session, and reports that only in a local log.

    On Linux, the agent records with `script`; without `screen` (low), a recording may be incomplete. On Windows,
    streaming requires PowerShell 5.1 and no machine-wide transcription policy. Recordings that stay on disk longer than
    `session_logs_days_max` of the standard expose what was typed to anyone who gets root on the node (low).

    Undecided when a tool, a version, the policy, or the files could not be checked. macOS includes its tools.

    Reference: AWS Systems Manager User Guide, "Logging session activity"; amazon-ssm-agent, plugins for shells.
    """
    system = read_text(host.platform)
    checks: list[Check] = [system] if isinstance(system, Unknown) else list(_tools(host, system))
    checks += _left_behind(host, context.thresholds.session_logs_days_max)
    passed = Passed(host.origin, "the recording tools are installed, and no session log stays on disk for too long")
    return conclude(host.origin, checks, passed=passed, undecided="whether this node can record sessions is unknown")


def _tools(host: Host, system: str) -> Iterator[Check]:
    if system in WINDOWS:
        yield from _powershell(host.powershell)
        text = "a machine policy turns on PowerShell transcription, so sessions are not streamed"
        yield from when(flag(host.transcription, absent=False), text)
        return
    yield from unless(is_set(host.script), "script is not installed, so sessions are not recorded")
    if system != "macOS":
        yield from unless(is_set(host.screen), "screen is not installed, so recordings may be incomplete", Severity.LOW)


def _powershell(value: Value[Text]) -> Iterator[Check]:
    def too_old(version: str) -> str | Unknown:
        found = _VERSION.fullmatch(version)
        if found is None:
            return Unknown(Why.UNPARSEABLE, value.at, f"the PowerShell version {shown(version)}")
        least = (int(found[1]), int(found[2])) >= _LEAST_POWERSHELL
        return "" if least else f"PowerShell has version {version}, but streaming sessions requires 5.1"

    missing = "Windows PowerShell is not installed, so sessions are not recorded"
    return wrong(text_of(value), too_old, absent=missing)


def _left_behind(host: Host, most: int) -> Iterator[Check]:
    yield from gaps(host.session_logs)
    files = known_or(host.session_logs, 0)
    if files:
        what = f"{counted(files, 'session log')} on disk, the oldest from"
        old = wrong(
            required(host.session_logs_days, Why.UNPARSEABLE, "the age of the session logs on disk"),
            lambda days: f"{what} {counted(days, 'day')} ago (maximum: {most})" if days > most else "",
            severity=Severity.LOW,
        )
        yield from headed("Session logs stay on the node's disk", old)
