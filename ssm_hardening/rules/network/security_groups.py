"""What security groups say, and what they let out of nodes: NET-02."""

from collections.abc import Iterator

from ssm_hardening.access.security_groups import (
    HTTPS,
    covers,
    groups_of,
    is_everything,
    is_open_to_nobody,
    is_world,
)
from ssm_hardening.core.logic import Answer, ask, each, every, is_no, known_or, negated, some, text_of, unanswered
from ssm_hardening.core.values import Inventory, Known, Unknown
from ssm_hardening.model import Account, GroupRule, Host, Instance
from ssm_hardening.rules.hosts.host_network import outbound_inside
from ssm_hardening.rules.hosts.inside import or_from_inside
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, when
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.kit.subjects import in_another_version, of_launched
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Severity, Undecided, Verdict

_MOST_PEERS = 3


def _instances(account: Account) -> Inventory[Instance]:
    found = told(account, account.instances)
    return Inventory(tuple(each for each in found if not is_hybrid(each)), found.gap)


def is_hybrid(node: Instance) -> bool:
    """Say whether the node is a machine outside EC2, of whose network AWS tells nothing."""
    return isinstance(node.kind, Known) and node.kind.value == "managed"


def _kind_in_doubt(node: Instance) -> Unknown | None:
    return node.kind if isinstance(node.kind, Unknown) else None


ec2_nodes: Selector[Instance] = Selector(
    "instances",
    _instances,
    doubt=_kind_in_doubt,
    silence=unless_declared(lambda account: account.instances, "which instances there are"),
    preface=of_launched,
)


def ports_of(rule: GroupRule) -> str:
    """Return protocol and ports as one would read them: `tcp 22`, `all traffic`."""
    if is_everything(rule):
        return "all traffic"
    protocol = str(rule.protocol.value) if isinstance(rule.protocol, Known) else "?"
    match rule.from_port, rule.to_port:
        case Known(first), Known(last):
            return f"{protocol} {first}" if first == last else f"{protocol} {first} to {last}"
        case _:
            return protocol


def peers_of(rule: GroupRule) -> str:
    """Return whom a rule names, as one would read it."""
    peers = (*each(rule.cidrs), *each(rule.groups), *each(rule.prefix_lists))
    names = [str(known_or(peer, "?")) for peer in peers]
    more = f" and {len(names) - _MOST_PEERS} more" if len(names) > _MOST_PEERS else ""
    return ", ".join(names[:_MOST_PEERS]) + more


_UNTOLD = "what the node can reach is unknown"


@rule(
    id="NET-02",
    title="Outbound traffic is limited to what sessions need",
    headline="Outbound traffic is not limited to HTTPS",
    severity=Severity.MEDIUM,
    may=(Severity.HIGH, Severity.LOW),
    over=or_from_inside(ec2_nodes),
    remedy="node-security-group",
)
def limits_outbound_traffic(node: Instance | Host, context: Context) -> Verdict:
    """Anyone with a shell on a node can send data anywhere, over any protocol, unless outbound traffic is limited.

    The agent needs TCP 443 to the endpoints of Systems Manager, logs, and keys. Without it, no session opens (medium).
    Rules that allow more than TCP 443 to the world fail; traffic to DNS servers, directories, databases, and
    repositories in your own network is not checked.

    Evidence from inside a node shows what its agent connects to: any port other than 443 is high. A connection of a
    session's own process may be a tunnel (low). Connections to the instance metadata service do not count.

    Undecided when a security group, a port, or a destination is unknown, or when no connection was seen.

    Reference: AWS Systems Manager User Guide, "Session Manager prerequisites: connectivity to endpoints".
    """
    if isinstance(node, Host):
        return outbound_inside(node, context)
    rules = list(_rules(node, context.account))
    permitted = some((_permits(each) for each in rules), node.origin)
    if is_no(permitted):
        text = "its security groups do not allow outbound TCP 443: the agent cannot connect, and no session opens"
        return Failed(node.origin, text, severity=Severity.MEDIUM, headline="Node cannot connect to AWS services")
    verdict = conclude(
        node.origin,
        (*(check for each in rules for check in _wide(each)), *in_another_version(node)),
        passed=Passed(node.origin, "only TCP 443 is allowed to the world, as sessions need"),
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
    yield from when(
        answer, f"an outbound rule allows {ports_of(each)} to {peers_of(each)}; sessions need only TCP 443", at=each.at
    )


def _only_https(each: GroupRule) -> Answer:
    if is_everything(each):
        return Known(False, each.at)
    tcp = ask(text_of(each.protocol), lambda name: name.lower() in {"tcp", "6"}, absent=False)
    ports = (ask(port, lambda number: number == HTTPS, absent=False) for port in (each.from_port, each.to_port))
    return every((tcp, *ports), each.at)
