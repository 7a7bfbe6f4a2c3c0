"""The agent on each node: HOST-01."""

import re
from collections.abc import Iterator

from ssm_hardening.access.reach import preferences_of
from ssm_hardening.core.logic import Answer, every
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account, Host, Instance, SessionDocument
from ssm_hardening.rules.hosts.inside import known_texts, or_from_inside, told_nodes
from ssm_hardening.rules.kit.settings import Check, Problem, conclude, literal, shown, text_setting
from ssm_hardening.rules.kit.sources import only_live
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    NotApplicable,
    Passed,
    Question,
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
    match version:
        case Known() as known:
            text = literal(known)
            if isinstance(text, Unknown):
                yield text
                return
            yield from _below(Known(text, known.at), thresholds.agent_version_min)
            if _NUMBERS.fullmatch(text) is not None:
                yield from _without_features(Known(text, known.at), account, thresholds.agent_feature_floors)
        case Unknown() as gap:
            yield gap
        case Absent():
            return


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
        yield from _wanted(feature, floor, version, document)


def _wanted(feature: str, floor: str, version: Known[str], document: SessionDocument) -> Iterator[Check]:
    match _asks_for(feature, document):
        case Known(True):
            yield Problem(version.at, f"the preferences switch on {feature}, which agents below {floor} lack")
        case Known():
            return
        case Unknown() as gap:
            yield gap


def _asks_for(feature: str, document: SessionDocument) -> Answer:
    at, group, bucket = document.origin, document.cloudwatch_log_group, document.s3_bucket
    match feature:
        case "run_as":
            return _on(document.run_as_enabled)
        case "kms":
            return _set(document.kms_key)
        case "streaming":
            return every((_on(document.cloudwatch_streaming_enabled), _set(group)), at)
        case "encrypted_bucket":
            return every((_on(document.s3_encryption_enabled), _set(bucket)), at)
        case _:
            return _set(document.shell_profile_linux)


def _on(flag: Value[bool]) -> Answer:
    match flag:
        case Known() | Unknown():
            return flag
        case Absent(at):
            return Known(False, at)


def _set(value: Value[Text]) -> Answer:
    match text_setting(value):
        case Known(_, at):
            return Known(True, at)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return gap


def judge_inside(host: Host, context: Context) -> Verdict:
    """Judge the agent as it is installed on the node."""
    floor = context.thresholds.agent_version_min
    version = ", ".join(known_texts((host.agent_version,)))
    passed = Passed(host.agent_version.at, f"the agent runs, at version {version}; {floor} is asked for")
    checks = (
        *_installed(host),
        *outdated(host.agent_version, context.account, context.thresholds),
        *_running(host),
        *_started(host),
    )
    return conclude(host.origin, checks, passed=passed, undecided="whether the agent is current and runs is open")


def _installed(host: Host) -> Iterator[Check]:
    if isinstance(host.agent_version, Absent):
        yield Problem(host.agent_version.at, "no agent is installed: no session reaches this node", Severity.LOW)


def _running(host: Host) -> Iterator[Check]:
    match host.service:
        case Known() as service:
            state = literal(service)
            if isinstance(state, Unknown):
                yield state
            elif state.casefold() != "running":
                yield Problem(service.at, f"the agent's service does not run: it is {shown(state)}", Severity.MEDIUM)
        case Absent(at):
            severity = Severity.MEDIUM if isinstance(host.agent_version, Known) else Severity.LOW
            yield Problem(at, "there is no service of the agent", severity)
        case Unknown() as gap:
            yield gap


def _started(host: Host) -> Iterator[Check]:
    match host.autostart:
        case Known(False, at):
            yield Problem(at, "the agent does not start with the machine", Severity.MEDIUM)
        case Known() | Absent():
            return
        case Unknown() as gap:
            yield gap


_UNTOLD = "whether the agent is current and online cannot be told"
_UNHEARD = "Systems Manager never heard of an agent here: no session reaches this node"

nodes = or_from_inside(Selector("nodes", told_nodes, silence=only_live("which agents run where")))


@rule(
    id="HOST-01",
    title="Agent current and online",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=nodes,
    question=Question.ACCESS,
    requirement=Requirement.CROSS_PLATFORM,
    remedy="host-baseline",
)
def host_01(node: Instance | Host, context: Context) -> Verdict:
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
    match node.state:
        case Known() as state:
            word = literal(state)
            if isinstance(word, Unknown):
                return Undecided(node.origin, word, _UNTOLD)
            if word != "running":
                return NotApplicable(state.at, f"the instance does not run: it is {word}")
        case Unknown() as gap:
            return Undecided(node.origin, gap, _UNTOLD)
        case Absent():
            pass  # a hybrid node: nobody tells of its state but its agent
    return _judge(node, context)


def _judge(node: Instance, context: Context) -> Verdict:
    floor = context.thresholds.agent_version_min
    passed = Passed(node.agent_version.at, f"the agent is online, at version {_version(node)}; {floor} is asked for")
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
    yield from _offline(node)


def _offline(node: Instance) -> Iterator[Check]:
    match node.ping:
        case Known() as ping:
            text = literal(ping)
            if isinstance(text, Unknown):
                yield text
            elif text != "Online":
                yield Problem(ping.at, f"the agent is not online: {text}", Severity.MEDIUM)
        case Unknown() as gap:
            yield gap
        case Absent():
            return


def _version(node: Instance) -> str:
    match node.agent_version:
        case Known(text):
            return str(text)
        case Absent() | Unknown():
            return "unknown"
