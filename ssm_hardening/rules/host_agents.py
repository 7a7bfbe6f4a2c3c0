"""HOST-01 from inside a node: the version that is installed, and whether its service runs."""

from collections.abc import Iterator

from ssm_hardening.findings import Passed, Severity, Verdict
from ssm_hardening.model import Host
from ssm_hardening.rules.agent_versions import outdated
from ssm_hardening.rules.inside import known_texts
from ssm_hardening.rules.registry import Context
from ssm_hardening.rules.settings import Check, Problem, conclude, literal, shown
from ssm_hardening.values import Absent, Known, Unknown


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
