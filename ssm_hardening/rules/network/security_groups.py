"""What security groups let in and out of nodes: NET-01 and NET-02."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import (
    Answer,
    ask,
    each,
    every,
    flag,
    is_no,
    is_yes,
    known_or,
    negated,
    setting,
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
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, when, wrong
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.kit.subjects import in_another_version, of_launched
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Requirement, Severity, Undecided, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import SecurityGroup


_ALL = frozenset({"-1", "all"})
_TCP = frozenset({"tcp", "6"})
_WORLD = ("/0", "/1")
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


def is_world(rule: GroupRule) -> Answer:
    """Say whether a rule names the whole world."""
    return some(
        (ask(text_of(cidr), lambda text: text.endswith(_WORLD), absent=False) for cidr in each(rule.cidrs)), rule.at
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


_SHELLS = {22: "SSH", 3389: "RDP", 5985: "WinRM", 5986: "WinRM"}


@rule(
    id="NET-01",
    title="Sessions are the only way into a node",
    headline="There is another way into the node",
    severity=Severity.HIGH,
    may=(Severity.CRITICAL, Severity.MEDIUM, Severity.LOW),
    over=ec2_nodes,
    also=(Requirement.ACCESS_CONTROL,),
    manual=(
        "only you know who still uses this way in: make sure that a session opens, ask who uses the port, then remove "
        "the rule from the code, or run aws ec2 revoke-security-group-ingress --group-id ID --security-group-rule-ids "
        "RULE"
    ),
)
def has_no_other_way_in(node: Instance, context: Context) -> Verdict:
    """An open port for SSH, RDP, or WinRM is a way to a shell that bypasses session logs and IAM policies.

    The agent opens all connections itself, so a node needs no inbound rules. Open ports for remote shells (22, 3389,
    5985, 5986) are high, and critical if they are open to the world; a public IP address is medium, a key pair is low.
    If the standard sets `side_doors_high`, as strict does, any inbound rule, public IP address, or key pair is high.

    Auto Scaling groups, fleets, and EKS node groups are checked by what they launch.

    Undecided when a security group, a port, a source, or the version of the launch template in force is unknown.

    Reference: AWS Systems Manager User Guide, "Improve the security of EC2 instances by using VPC endpoints".
    """
    strict = context.thresholds.side_doors_high
    account = context.account
    checks = (*_inbound(node, account, strict=strict), *_address(node, strict=strict), *in_another_version(node))
    passed = Passed(node.origin, _healthy(node, account))
    return conclude(node.origin, checks, passed=passed, undecided="what can reach the node is unknown")


def _inbound(node: Instance, account: Account, *, strict: bool) -> Iterator[Check]:
    for group in groups_of(node, account):
        if isinstance(group, Unknown):
            yield group
            continue
        for entry in group.inbound:
            yield from _admitted(group, entry, strict=strict)
        yield from gaps(group.inbound.gap)


def _admitted(group: "SecurityGroup", each: GroupRule, *, strict: bool) -> Iterator[Check]:
    if is_open_to_nobody(each):
        return
    answer = some((covers(each, port) for port in _SHELLS), each.at)
    shell = is_yes(answer)
    if not shell and not strict:
        yield from gaps(answer)
        return
    worst = shell and is_yes(is_world(each))
    text = f"{group.address} allows {ports_of(each)} from {peers_of(each)}"
    yield Problem(each.at, text, Severity.CRITICAL if worst else Severity.HIGH, headline=_headline(each, world=worst))


def _headline(each: GroupRule, *, world: bool) -> str:
    """Return what is open, as far as that is known, and whether to the world."""
    shells = {name for port, name in _SHELLS.items() if is_yes(covers(each, port))}
    what = "Remote shell ports are" if shells else "An inbound port is"
    what = "All ports are" if is_everything(each) else f"{shells.pop()} is" if len(shells) == 1 else what
    return f"{what} open{' to the world' if world else ''}"


def _address(node: Instance, *, strict: bool) -> Iterator[Check]:
    public, key = (Severity.HIGH, Severity.HIGH) if strict else (Severity.MEDIUM, Severity.LOW)
    addressed = when(flag(node.public_ip, absent=False), "it has a public IP address", public)
    yield from headed("Node has a public IP address", addressed)
    paired = wrong(setting(node.key_name), lambda name: f"it has the key pair {name}", severity=key)
    yield from headed("Node has a key pair", paired)


def _healthy(node: Instance, account: Account) -> str:
    open_ = [
        f"{ports_of(each)} from {peers_of(each)}"
        for group in groups_of(node, account)
        if not isinstance(group, Unknown)
        for each in group.inbound
        if not is_open_to_nobody(each)
    ]
    if not open_:
        return "no inbound rules, no public IP address, and no key pair: sessions are the only way in"
    return f"no open remote shell port, no public IP address, and no key pair; other open ports: {'; '.join(open_[:3])}"


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
