"""The agent on each node: HOST-01."""

from collections.abc import Iterator

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
from ssm_hardening.model import Host, Instance
from ssm_hardening.rules.agent_versions import outdated
from ssm_hardening.rules.host_agents import judge_inside
from ssm_hardening.rules.inside import or_from_inside, told_nodes
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.rules.settings import Check, Problem, conclude, literal
from ssm_hardening.rules.sources import only_live
from ssm_hardening.values import Absent, Known, Unknown

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
