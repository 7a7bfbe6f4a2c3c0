"""What security groups let in to nodes, and what else leads there: NET-01."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ssm_hardening.access.security_groups import covers, groups_of, is_everything, is_open_to_nobody, is_world
from ssm_hardening.core.logic import (
    Answer,
    ask,
    certainly,
    contents,
    each,
    flag,
    is_no,
    is_yes,
    known_or,
    literal,
    setting,
    some,
    text_of,
)
from ssm_hardening.core.values import Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Account, GroupRule, Instance
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, when, wrong
from ssm_hardening.rules.kit.subjects import in_another_version
from ssm_hardening.rules.network.security_groups import ec2_nodes, peers_of, ports_of
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Requirement, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import SecurityGroup

_VNC = range(5900, 5904)
_SHELLS = {
    22: "SSH",
    23: "Telnet",
    2222: "SSH",
    3389: "RDP",
    5985: "WinRM",
    5986: "WinRM",
    **dict.fromkeys(_VNC, "VNC"),
}
_NO_PORTS = frozenset({"icmp", "icmpv6"})


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

    The agent opens all connections itself, so a node needs no inbound rules. Open ports for remote shells and desktops
    (22, 23, 2222, 3389, 5900 to 5903, 5985, 5986) are high, and critical if they are open to the world. Any other port
    that is open to the world is medium. All traffic from a security group is low, even from the group itself. A public
    IP address is medium, and a key pair is low. If the standard sets `side_doors_high`, as strict does, any inbound
    rule, public IP address, or key pair is high.

    Auto Scaling groups, fleets, and EKS node groups are checked by what they launch.

    Undecided when a security group, a port, a source, the entries of a prefix list, or the version of the launch
    template in force is unknown.

    Reference: AWS Systems Manager User Guide, "Improve the security of EC2 instances by using VPC endpoints".
    """
    strict = context.thresholds.side_doors_high
    account = context.account
    checks = (*_inbound(node, account, strict=strict), *_address(node, strict=strict), *in_another_version(node))
    passed = Passed(node.origin, _healthy(node, account))
    return conclude(node.origin, checks, passed=passed, undecided="what can reach the node is unknown")


def _inbound(node: Instance, account: Account, *, strict: bool) -> Iterator[Check]:
    groups = list(groups_of(node, account))
    rules = [each for group in groups if not isinstance(group, Unknown) for each in group.inbound]
    for group in groups:
        if isinstance(group, Unknown):
            yield group
            continue
        for entry in group.inbound:
            yield from _admitted(group, entry, rules, strict=strict)
        yield from gaps(group.inbound.gap)


def _admitted(group: "SecurityGroup", entry: GroupRule, rules: Sequence[GroupRule], *, strict: bool) -> Iterator[Check]:
    """Yield what is wrong with a rule that lets somebody in; `rules` are all of the node's."""
    if is_open_to_nobody(entry):
        return
    shell = some((covers(entry, port) for port in _SHELLS), entry.at)
    world, no_ports = _opens_to_world(entry, rules), _has_no_ports(entry)
    text = f"{group.address} allows {ports_of(entry)} from {peers_of(entry)}"
    if is_everything(entry) and _is_from_groups(entry):
        severity = Severity.HIGH if strict else Severity.LOW
        yield Problem(entry.at, text, severity, headline="All traffic from a security group is allowed")
        yield from gaps(world)
    elif is_yes(shell) or strict:
        worst = is_yes(shell) and is_yes(world)
        severity = Severity.CRITICAL if worst else Severity.HIGH
        yield Problem(entry.at, text, severity, headline=_headline(entry, world=worst))
    elif is_yes(world) and is_no(no_ports):
        yield Problem(entry.at, text, Severity.MEDIUM, headline=_headline(entry, world=True))
    else:
        yield from gaps(shell)
        yield from () if is_yes(no_ports) else gaps(world, _in_prefix_lists(entry), no_ports if is_yes(world) else None)


def _opens_to_world(entry: GroupRule, rules: Sequence[GroupRule]) -> Answer:
    """Say whether the world may use what a rule allows: by its own ranges, or those of rules for the same ports too."""
    own = is_world(entry)
    if is_yes(own) or not each(entry.cidrs):
        return own
    others = [other for other in rules if other is not entry and _allows_as_much(other, entry)]
    if any(is_yes(is_world(other)) for other in others):
        return own
    together = is_world(entry, *others)
    return together if is_yes(together) else own


def _allows_as_much(one: GroupRule, other: GroupRule) -> bool:
    """Say whether a rule surely allows all protocols and ports of another one."""
    if is_everything(one):
        return True
    ends = (one.from_port, other.from_port, other.to_port, one.to_port)
    ports = [end.value for end in ends if isinstance(end, Known)]
    same_protocol = isinstance(one.protocol, Known) and literal(one.protocol) == literal(other.protocol)
    return same_protocol and len(ports) == len(ends) and ports == sorted(ports)


def _is_from_groups(entry: GroupRule) -> bool:
    """Say whether a rule is about security groups, and about nothing else that is known."""
    return bool(each(entry.groups)) and not contents(entry.cidrs) and not contents(entry.prefix_lists)


def _has_no_ports(entry: GroupRule) -> Answer:
    return ask(text_of(entry.protocol), lambda name: name in _NO_PORTS, absent=False)


def _in_prefix_lists(entry: GroupRule) -> Unknown | None:
    """Return why a rule may be open to the world: nobody has read what a prefix list contains."""
    listed = [name for name in each(entry.prefix_lists) if isinstance(name, Unknown) or not _is_read(name)]
    if not listed:
        return None
    return Unknown(Why.OUT_OF_SCOPE, entry.at, f"which addresses the prefix list {known_or(listed[0], '?')} contains")


def _is_read(name: Value[Text]) -> bool:
    """Say whether the code declares a prefix list: its entries are among the ranges of the rule."""
    return certainly(name, lambda text: isinstance(text, Reference) and ".data." not in f".{text.address}")


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
