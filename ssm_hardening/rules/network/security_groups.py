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
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, when, wrong
from ssm_hardening.rules.kit.sources import told, unless_declared
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
            yield Unknown(Why.UNPARSEABLE, name.at, "null where a security group belongs")
        else:
            yield _group(name, account)


def _group(name: Known[Text] | Unknown, account: Account) -> "SecurityGroup | Unknown":
    match join(name, account.security_groups):
        case Found(group):
            answer = exists(group)
            if isinstance(answer, Unknown):
                return answer
            return group if is_yes(answer) else Unknown(Why.OUT_OF_SCOPE, group.origin, f"{group.address} is not there")
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


SHELL_PORTS = (22, 3389, 5985, 5986)


@rule(
    id="NET-01",
    title="No other door into a node",
    severity=Severity.HIGH,
    may=(Severity.CRITICAL, Severity.MEDIUM, Severity.LOW),
    over=ec2_nodes,
    also=(Requirement.ACCESS_CONTROL,),
    manual=(
        "only you know who still comes in by this door: see that a session opens, ask who uses the port, then take the "
        "rule out of the code, or aws ec2 revoke-security-group-ingress --group-id ID --security-group-rule-ids RULE"
    ),
)
def has_no_other_door(node: Instance, context: Context) -> Verdict:
    """A port for SSH, RDP or WinRM is a way to a shell that no session log and no IAM policy knows of.

    The agent opens every connection itself, so a node needs no inbound rule at all. Open ports of remote shells (22,
    3389, 5985, 5986) are high, and critical where the whole world may come; a public address is medium, a key pair low.
    Where the standard says so (`side_doors_high`, in strict), any inbound rule, address or key pair is high.

    It cannot tell where a security group, a port or a source is not known.

    Reference: AWS Systems Manager User Guide, "Improve the security of EC2 instances by using VPC endpoints".
    """
    strict = context.thresholds.side_doors_high
    checks = (*_inbound(node, context.account, strict=strict), *_address(node, strict=strict))
    passed = Passed(node.origin, _healthy(node, context.account))
    return conclude(node.origin, checks, passed=passed, undecided="what reaches the node cannot be told")


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
    answer = some((covers(each, port) for port in SHELL_PORTS), each.at)
    shell = is_yes(answer)
    if not shell and not strict:
        yield from gaps(answer)
        return
    worst = shell and is_yes(is_world(each))
    text = f"{group.address} admits {ports_of(each)} from {peers_of(each)}"
    yield Problem(each.at, text, Severity.CRITICAL if worst else Severity.HIGH)


def _address(node: Instance, *, strict: bool) -> Iterator[Check]:
    public, key = (Severity.HIGH, Severity.HIGH) if strict else (Severity.MEDIUM, Severity.LOW)
    yield from when(flag(node.public_ip, absent=False), "it has a public address", public)
    yield from wrong(setting(node.key_name), lambda name: f"it has the key pair {name}", severity=key)


def _healthy(node: Instance, account: Account) -> str:
    open_ = [
        f"{ports_of(each)} from {peers_of(each)}"
        for group in groups_of(node, account)
        if not isinstance(group, Unknown)
        for each in group.inbound
        if not is_open_to_nobody(each)
    ]
    if not open_:
        return "no inbound rule, no public address and no key pair: sessions are the only way in"
    return f"no port of a remote shell is open, no public address, no key pair; open is {'; '.join(open_[:3])}"


HTTPS = 443
_UNTOLD = "what the node may reach cannot be told"


@rule(
    id="NET-02",
    title="Outbound traffic limited to what sessions need",
    severity=Severity.MEDIUM,
    may=(Severity.HIGH, Severity.LOW),
    over=or_from_inside(ec2_nodes),
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
