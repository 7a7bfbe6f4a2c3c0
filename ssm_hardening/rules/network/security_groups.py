"""What security groups say, and what they let out of nodes: NET-02."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import (
    Answer,
    ask,
    each,
    every,
    is_no,
    is_yes,
    known_or,
    negated,
    some,
    text_of,
    unanswered,
)
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account, GroupRule, Host, Instance
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join
from ssm_hardening.rules.hosts.host_network import outbound_inside
from ssm_hardening.rules.hosts.inside import or_from_inside
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, when
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.kit.subjects import in_another_version, of_launched
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Severity, Undecided, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import SecurityGroup


_ALL = frozenset({"-1", "all"})
_TCP = frozenset({"tcp", "6"})
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


def groups_of(node: Instance, account: Account) -> "Iterator[SecurityGroup | Unknown]":
    """Yield the security groups of a node, and why some are not known."""
    yield from groups_by_name(node.security_groups, account)
    if isinstance(node.security_groups, Absent):
        yield Unknown(Why.OUT_OF_SCOPE, node.security_groups.at, "which security groups the node has")


def groups_by_name(names: Value[Items], account: Account) -> "Iterator[SecurityGroup | Unknown]":
    """Yield the security groups that are named, and why some are not known."""
    for name in each(names):
        if isinstance(name, Absent):
            yield Unknown(Why.UNPARSEABLE, name.at, "null instead of a security group")
        else:
            yield _group(name, account)


def _group(name: Known[Text] | Unknown, account: Account) -> "SecurityGroup | Unknown":
    match join(name, account.security_groups):
        case Found(group):
            answer = exists(group)
            if isinstance(answer, Unknown):
                return answer
            return (
                group if is_yes(answer) else Unknown(Why.OUT_OF_SCOPE, group.origin, f"{group.address} does not exist")
            )
        case Uncertain(gap):
            return unanswered(gap)
        case Elsewhere(read):
            return Unknown(Why.OUT_OF_SCOPE, name.at, f"the security group {read} was not read")


def covers(rule: GroupRule, port: int) -> Answer:
    """Say whether a rule is about this TCP port."""
    tcp = ask(text_of(rule.protocol), lambda name: name.lower() in _ALL | _TCP, absent=True)
    return every((tcp, _begins(rule, port), _ends(rule, port)), rule.at)


def is_everything(rule: GroupRule) -> bool:
    """Say whether a rule is surely about all protocols, whose ports AWS then ignores."""
    return isinstance(rule.protocol, Known) and rule.protocol.value in _ALL


def _begins(rule: GroupRule, port: int) -> Answer:
    return _all_or(rule, ask(rule.from_port, lambda first: first <= port, absent=True))


def _ends(rule: GroupRule, port: int) -> Answer:
    return _all_or(rule, ask(rule.to_port, lambda last: last >= port, absent=True))


def _all_or(rule: GroupRule, answer: Answer) -> Answer:
    return Known(True, rule.at) if is_everything(rule) else answer


def is_open_to_nobody(rule: GroupRule) -> bool:
    """Say whether a rule surely names no source or destination at all."""
    return not any(map(each, (rule.cidrs, rule.groups, rule.prefix_lists)))


def is_world(rule: GroupRule, *beside: GroupRule) -> Answer:
    """Say whether a rule, together with others, names the whole world: at least half of it, in one range or several."""
    texts = [text_of(cidr) for one in (rule, *beside) for cidr in each(one.cidrs)]
    if _is_most([text.value for text in texts if isinstance(text, Known)]):
        return Known(True, rule.at)
    return next((unanswered(text) for text in texts if isinstance(text, Unknown)), Known(False, rule.at))


_WORLD_4, _WORLD_6 = IPv4Network("0.0.0.0/0"), IPv6Network("2000::/3")
"""The addresses of the internet."""


def _is_most(ranges: Sequence[str]) -> bool:
    """Say whether ranges hold at least half of the internet's addresses of one version of IP."""
    found = [network for network in map(_network, ranges) if network is not None]
    fours = collapse_addresses(each for each in found if isinstance(each, IPv4Network))
    sixes = collapse_addresses(
        _WORLD_6 if _WORLD_6.subnet_of(each) else each
        for each in found
        if isinstance(each, IPv6Network) and each.overlaps(_WORLD_6)
    )
    shares = ((fours, _WORLD_4), (sixes, _WORLD_6))
    return any(2 * sum(each.num_addresses for each in some_) >= whole.num_addresses for some_, whole in shares)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


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


HTTPS = 443
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
