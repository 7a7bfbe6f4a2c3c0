"""What a node may reach: NET-02."""

from collections.abc import Iterator

from ssm_hardening.core.logic import Answer, ask, every, is_no, negated, some, text_of, unanswered
from ssm_hardening.core.values import Known, Unknown
from ssm_hardening.model import Account, GroupRule, Host, Instance
from ssm_hardening.rules.hosts.host_network import outbound_inside
from ssm_hardening.rules.hosts.inside import or_from_inside
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, when
from ssm_hardening.rules.network.node_groups import (
    covers,
    ec2_nodes,
    groups_of,
    is_everything,
    is_open_to_nobody,
    is_world,
    peers_of,
    ports_of,
)
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Question, Requirement, Severity, Undecided, Verdict

HTTPS = 443
_UNTOLD = "what the node may reach cannot be told"


@rule(
    id="NET-02",
    title="Outbound traffic limited to what sessions need",
    severity=Severity.MEDIUM,
    may=(Severity.HIGH, Severity.LOW),
    over=or_from_inside(ec2_nodes),
    question=Question.ACCESS,
    requirement=Requirement.SECURE_ACCESS,
    remedy="node-security-group",
)
def limits_outbound_traffic(node: Instance | Host, context: Context) -> Verdict:
    """Whoever has a shell can send anything anywhere, unless the node may reach 443 only.

    The agent needs TCP 443 to the endpoints of Systems Manager, and to those of logs and keys. Without it no session
    opens (medium). Rules that let more than 443 out to the whole world are wider than that; DNS, directories, databases
    and repositories within a network of one's own are not asked about.

    Evidence from inside a node tells whom its agent really talks to: anything but port 443 is high; what a session's
    own process is connected to beside it may be a tunnel (low). The metadata service on the node's link does not count.

    It cannot tell where a security group, a port or a destination is not known, or no connection was seen.

    Reference: AWS Systems Manager User Guide, "Session Manager prerequisites: connectivity to endpoints".
    """
    if isinstance(node, Host):
        return outbound_inside(node, context)
    rules = list(_rules(node, context.account))
    permitted = some((_permits(each) for each in rules), node.origin)
    if is_no(permitted):
        text = "no rule of its security groups lets TCP 443 out: its agent reaches no endpoint, no session opens"
        return Failed(node.origin, text, severity=Severity.MEDIUM)
    verdict = conclude(
        node.origin,
        (check for each in rules for check in _wide(each)),
        passed=Passed(node.origin, "only TCP 443 leaves for the world; that is what sessions need"),
        undecided=_UNTOLD,
    )
    if isinstance(verdict, Passed) and isinstance(permitted, Unknown):
        return Undecided(node.origin, permitted, _UNTOLD)
    return verdict


def _rules(node: Instance, account: Account) -> Iterator[GroupRule | Unknown]:
    for group in groups_of(node, account):
        if isinstance(group, Unknown):
            yield group
            continue
        yield from (each for each in group.outbound if not is_open_to_nobody(each))
        yield from gaps(group.outbound.gap)


def _permits(each: GroupRule | Unknown) -> Answer:
    return unanswered(each) if isinstance(each, Unknown) else covers(each, HTTPS)


def _wide(each: GroupRule | Unknown) -> Iterator[Check]:
    if isinstance(each, Unknown):
        yield each
        return
    answer = every((is_world(each), negated(_only_https(each))), each.at)
    yield from when(answer, f"{ports_of(each)} may leave for {peers_of(each)}; sessions need TCP 443 only", at=each.at)


def _only_https(each: GroupRule) -> Answer:
    if is_everything(each):
        return Known(False, each.at)
    tcp = ask(text_of(each.protocol), lambda name: name.lower() in {"tcp", "6"}, absent=False)
    ports = (ask(port, lambda number: number == HTTPS, absent=False) for port in (each.from_port, each.to_port))
    return every((tcp, *ports), each.at)
