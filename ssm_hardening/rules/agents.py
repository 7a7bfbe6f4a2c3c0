"""The agent on each node: HOST-01."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.findings import (
    NotApplicable,
    Passed,
    Question,
    Related,
    Requirement,
    Severity,
    Undecided,
    Verdict,
)
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.rules.settings import Check, Problem, conclude, literal, shown
from ssm_hardening.rules.sources import only_live
from ssm_hardening.values import Absent, Known, Unknown

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Instance

_UNTOLD = "whether the agent is current and online cannot be told"
_UNHEARD = "Systems Manager never heard of an agent here: no session reaches this node"
_NUMBERS = re.compile(r"\d+(\.\d+)*")

nodes: "Selector[Instance]" = Selector(
    "nodes", lambda account: account.instances, silence=only_live("which agents run where")
)


@rule(
    id="HOST-01",
    title="Agent current and online",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=nodes,
    question=Question.ACCESS,
    requirement=Requirement.CROSS_PLATFORM,
    manual=(
        "an update restarts the agent, so when is yours to say: aws ssm send-command --document-name "
        "AWS-UpdateSSMAgent --instance-ids ID, and an association of that document to keep it so; a node that is "
        "unheard of or offline needs a role, a route to the endpoints and a running agent"
    ),
)
def host_01(node: "Instance", context: Context) -> Verdict:
    """An old agent lacks what the preferences ask for, without a word: streaming, fail-closed logs, Run As, fixes.

    The floor is the standard's `agent_version_min`; 3.3.987.0 is the first that asks for TLS 1.2 and keeps no session
    on disk. An agent that is not online takes no session and no update (medium). A running instance that Systems
    Manager never heard of is out of its reach: whoever works on it comes in by another door (low).

    It cannot tell where the state, the version or the ping is not known, and never from code. Nodes that do not run
    are not judged.

    Reference: AWS Systems Manager User Guide, "Working with SSM Agent"; release notes of amazon-ssm-agent.
    """
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
    return _judge(node, context.thresholds.agent_version_min)


def _judge(node: "Instance", floor: str) -> Verdict:
    passed = Passed(node.agent_version.at, f"the agent is online, at version {_version(node)}; {floor} is asked for")
    verdict = conclude(node.origin, _checks(node, floor), passed=passed, undecided=_UNTOLD)
    match verdict, node.connected:
        case Passed(at, message), Known(False, place):
            note = Related(place, "Session Manager itself has no connection to it: look at ssmmessages")
            return Passed(at, message, (note,))
        case _:
            return verdict


def _checks(node: "Instance", floor: str) -> Iterator[Check]:
    if isinstance(node.agent_version, Absent) or isinstance(node.ping, Absent):
        yield Problem(node.origin, _UNHEARD, Severity.LOW)
    yield from _old(node, floor)
    yield from _offline(node)


def _old(node: "Instance", floor: str) -> Iterator[Check]:
    match node.agent_version:
        case Known() as version:
            text = literal(version)
            if isinstance(text, Unknown):
                yield text
            elif _NUMBERS.fullmatch(text) is None or _numbers(text) < _numbers(floor):
                yield Problem(version.at, f"the agent is version {shown(text)}, below {floor}")
        case Unknown() as gap:
            yield gap
        case Absent():
            return


def _offline(node: "Instance") -> Iterator[Check]:
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


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _version(node: "Instance") -> str:
    match node.agent_version:
        case Known(text):
            return str(text)
        case Absent() | Unknown():
            return "unknown"
