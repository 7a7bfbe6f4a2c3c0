"""What reaches a node beside Session Manager: NET-01."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import flag, is_yes, setting, some
from ssm_hardening.core.values import Unknown
from ssm_hardening.model import Account
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, when, wrong
from ssm_hardening.rules.network.node_groups import (
    covers,
    ec2_nodes,
    groups_of,
    is_open_to_nobody,
    is_world,
    peers_of,
    ports_of,
)
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import GroupRule, Instance, SecurityGroup

SHELL_PORTS = (22, 3389, 5985, 5986)


@rule(
    id="NET-01",
    title="No other door into a node",
    severity=Severity.HIGH,
    may=(Severity.CRITICAL, Severity.MEDIUM, Severity.LOW),
    over=ec2_nodes,
    question=Question.ACCESS,
    requirement=Requirement.SECURE_ACCESS,
    also=(Requirement.ACCESS_CONTROL,),
    manual=(
        "only you know who still comes in by this door: see that a session opens, ask who uses the port, then take the "
        "rule out of the code, or aws ec2 revoke-security-group-ingress --group-id ID --security-group-rule-ids RULE"
    ),
)
def has_no_other_door(node: "Instance", context: Context) -> Verdict:
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


def _inbound(node: "Instance", account: Account, *, strict: bool) -> Iterator[Check]:
    for group in groups_of(node, account):
        if isinstance(group, Unknown):
            yield group
            continue
        for each in group.inbound:
            yield from _admitted(group, each, strict=strict)
        yield from gaps(group.inbound.gap)


def _admitted(group: "SecurityGroup", each: "GroupRule", *, strict: bool) -> Iterator[Check]:
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


def _address(node: "Instance", *, strict: bool) -> Iterator[Check]:
    public, key = (Severity.HIGH, Severity.HIGH) if strict else (Severity.MEDIUM, Severity.LOW)
    yield from when(flag(node.public_ip, absent=False), "it has a public address", public)
    yield from wrong(setting(node.key_name), lambda name: f"it has the key pair {name}", severity=key)


def _healthy(node: "Instance", account: Account) -> str:
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
