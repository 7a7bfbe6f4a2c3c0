"""The way to the services that sessions need: NET-03 and NET-04."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ssm_hardening.access.endpoints import endpoints_for, is_for, more_endpoints, resolves
from ssm_hardening.access.reach import (
    NeededService,
    in_use,
    needed_services,
    reached_by,
    reaches,
    subnet_of,
    subnets_of,
)
from ssm_hardening.access.security_groups import admits, groups_by_name, is_whole, is_wider, is_world, vpc_of
from ssm_hardening.core.logic import Answer, each, every, flag, is_no, is_yes, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account, Host
from ssm_hardening.rules.hosts.host_network import reach_inside
from ssm_hardening.rules.hosts.inside import or_from_inside
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, unless, when
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.kit.subjects import in_another_version
from ssm_hardening.rules.network.security_groups import ec2_nodes
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import Passed, Requirement, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import GroupRule, Instance, VpcEndpoint

SERVICES = ("ssm", "ssmmessages", "ec2messages", "kms", "logs", "s3")


def _endpoints(account: Account) -> "Inventory[VpcEndpoint]":
    """Return the endpoints of services that sessions use, in VPCs that nodes may be in."""
    found = told(account, account.vpc_endpoints)
    kept = (each for each in found if not is_no(_serves(each)) and not is_no(in_use(each, account)))
    return Inventory(tuple(kept), found.gap)


def _serves(endpoint: "VpcEndpoint") -> Answer:
    return some((is_for(endpoint, service) for service in SERVICES), endpoint.origin)


def _service_in_doubt(endpoint: "VpcEndpoint") -> Unknown | None:
    answer = _serves(endpoint)
    return answer if isinstance(answer, Unknown) else None


session_endpoints: "Selector[VpcEndpoint]" = Selector(
    "endpoints of services that sessions use",
    _endpoints,
    doubt=_service_in_doubt,
    silence=unless_declared(lambda account: account.vpc_endpoints, "which endpoints the VPCs of nodes have"),
)


@rule(
    id="NET-03",
    title="Nodes can reach every service that sessions need",
    headline="Node cannot reach a required AWS service",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=or_from_inside(ec2_nodes),
    also=(Requirement.AUDITING,),
    remedy="private-endpoints",
)
def reaches_what_sessions_need(node: "Instance | Host", context: Context) -> Verdict:
    """In a subnet without a route out, a missing endpoint means that sessions do not open or are not recorded.

    Nodes need ssm and ssmmessages, ec2messages for agents before 3.3.40.0, and the services that the preferences use:
    s3, logs, and kms. From a subnet with a route out, nodes reach the public endpoints over TLS. This passes, unless
    the standard requires VPC endpoints (`private_endpoints_required`, medium). If private DNS or a private hosted zone
    leads the name of a service to an endpoint, its security groups must accept TCP 443 from the node: if they do not, a
    route out does not help.

    Evidence from inside a node is checked separately: the names of ssm and ssmmessages must resolve there, and the
    agent must have a connection to an address of ssmmessages.

    Undecided when the subnet, its route, the VPC, the security groups of an endpoint, or the preferences are unknown,
    or when a transit gateway, a proxy, or private hosted zones that a hub VPC shares may lead to the services.

    Reference: AWS Systems Manager User Guide, "Create VPC endpoints".
    """
    if isinstance(node, Host):
        return reach_inside(node, context)
    account, private = context.account, context.thresholds.private_endpoints_required
    needs = needed_services(node, account)
    checks = [check for need in needs for check in _missing(node, need, account, private=private)]
    checks += in_another_version(node)
    ways = dict.fromkeys(f"{each.service} {reaches(node, each.service, account).how}" for each in needs)
    return conclude(
        node.origin,
        checks,
        passed=Passed(node.origin, f"it reaches {'; '.join(ways)}"),
        undecided="which services the node reaches is unknown",
    )


def _missing(node: "Instance", need: NeededService, account: Account, *, private: bool) -> Iterator[Check]:
    reach = reaches(node, need.service, account)
    found: Check | None = None
    if isinstance(reach.answer, Unknown):
        found = reach.answer
    elif is_no(reach.answer):
        text = f"it cannot reach {need.service} ({need.reason}): {reach.how}"
        found = Problem(reach.answer.at, text, Severity.HIGH)
    elif private and not reach.private:
        text = f"it reaches {need.service} {reach.how}, not through an endpoint in its VPC"
        problem = Problem(reach.answer.at, text, Severity.MEDIUM, headline="No VPC endpoint for a required service")
        found = _unless_open(node, need, account, problem)
    if found is not None:
        yield found if need.doubt is None or isinstance(found, Unknown) else need.doubt


def _unless_open(node: "Instance", need: NeededService, account: Account, problem: Problem) -> Check:
    """Return the problem, unless there may be an endpoint that is not known."""
    vpc = _vpc_of(node, account)
    found = endpoints_for(need.service, vpc, account)
    doubt = next(gaps(*(answer for _, answer in found), more_endpoints(vpc, account)), None)
    return problem if doubt is None else unanswered(doubt)


def _vpc_of(node: "Instance", account: Account) -> Value[Text]:
    subnet = subnet_of(node, account)
    if not isinstance(subnet, Unknown):
        return subnet.vpc
    return Unknown(Why.OUT_OF_SCOPE, node.origin, "which VPC the node is in")


@rule(
    id="NET-04",
    title="Endpoints resolve and accept connections from nodes only",
    headline="Endpoint DNS or security groups are wrong",
    severity=Severity.MEDIUM,
    over=session_endpoints,
    remedy="private-endpoints",
)
def takes_nodes_only(endpoint: "VpcEndpoint", context: Context) -> Verdict:
    """Nodes do not use an endpoint that no DNS name resolves to, and one that rejects nodes causes an outage.

    An endpoint that accepts connections from everywhere can be used by anyone. Private DNS must be on, and so must the
    DNS support and DNS hostnames of the VPC, which it depends on. The security groups of the endpoint must accept TCP
    443 from the security groups of the nodes or from the VPC CIDR range, and from nothing wider; strict does not accept
    the whole range (`endpoints_admit_vpc_range`). Gateway endpoints have neither private DNS nor security groups.

    Undecided when private DNS, the VPC, or the security groups are unknown. If private DNS is off, a private
    hosted zone that a hub VPC shares may still lead to the endpoint.

    Reference: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint".
    """
    match endpoint.kind:
        case Known("Gateway", at):
            return Passed(
                at, "a gateway endpoint: route tables lead to it; it has no private DNS and no security groups"
            )
        case Known("Interface"):
            pass
        case Known(_, at) | Absent(at):
            return conclude(endpoint.origin, (_other_kind(at),), passed=Passed(at, ""), undecided="its type is unknown")
        case Unknown() as gap:
            return conclude(endpoint.origin, (gap,), passed=Passed(gap.at, ""), undecided="its type is unknown")
    wide = context.thresholds.endpoints_admit_vpc_range
    checks = (*_names(endpoint, context.account), *_admissions(endpoint, context.account, whole_range=wide))
    passed = Passed(endpoint.origin, "private DNS is on, and its security groups accept TCP 443 from nodes")
    return conclude(endpoint.origin, checks, passed=passed, undecided="whether nodes can connect to it is unknown")


def _other_kind(at: Origin) -> Unknown:
    return Unknown(Why.UNSUPPORTED, at, "an endpoint that is neither an interface nor a gateway")


def _names(endpoint: "VpcEndpoint", account: Account) -> Iterator[Check]:
    named = resolves(endpoint, endpoint.vpc, account)
    off = unless(named, "private DNS is off: the name of the service does not resolve to it")
    yield from headed("Endpoint has private DNS turned off", off)
    vpc = vpc_of(endpoint.vpc, account)
    if isinstance(vpc, Unknown):
        yield vpc
        return
    for what, verb, pronoun, switch in (
        ("support", "is", "it", vpc.dns_support),
        ("hostnames", "are", "them", vpc.dns_hostnames),
    ):
        text = f"DNS {what} {verb} off in its VPC, but private DNS requires {pronoun}"
        yield from headed(f"VPC has DNS {what} turned off", unless(flag(switch, absent=False), text))


def _admissions(endpoint: "VpcEndpoint", account: Account, *, whole_range: bool) -> Iterator[Check]:
    groups = list(groups_by_name(endpoint.security_groups, account))
    rules = [each for group in groups if not isinstance(group, Unknown) for each in group.inbound]
    for node in reached_by(account.instances, endpoint, account):
        places = (each for each in subnets_of(node, account) if not isinstance(each, Unknown))
        answer = every((admits(endpoint, node, subnet, account) for subnet in places), endpoint.origin)
        text = f"its security groups do not accept TCP 443 from {node.address}"
        yield from headed("Endpoint rejects connections from nodes", unless(answer, text, at=endpoint.origin))
    for entry in rules:
        yield from _too_wide(entry, endpoint, account, whole_range=whole_range)
    yield from gaps(*groups, *(each.inbound.gap for each in groups if not isinstance(each, Unknown)))


def _too_wide(rule: "GroupRule", endpoint: "VpcEndpoint", account: Account, *, whole_range: bool) -> Iterator[Check]:
    world = is_world(rule)
    if is_yes(world):
        text = "its security groups accept connections from everywhere, not only from nodes"
        yield Problem(rule.at, text, headline="Endpoint accepts connections from anywhere")
    elif isinstance(world, Unknown):
        yield world
    elif each(rule.cidrs):
        yield from _beyond_nodes(rule, endpoint, account, whole_range=whole_range)


def _beyond_nodes(
    rule: "GroupRule", endpoint: "VpcEndpoint", account: Account, *, whole_range: bool
) -> Iterator[Check]:
    vpc = vpc_of(endpoint.vpc, account)
    if isinstance(vpc, Unknown):
        return
    if whole_range:
        if not is_no(is_wider(rule, vpc)):
            yield Unknown(Why.OUT_OF_SCOPE, rule.at, "which clients are in the range of the rule, beyond the VPC")
        return
    text = "its security groups accept connections from the whole VPC range, not only from the nodes"
    yield from headed("Endpoint accepts the whole VPC range", when(is_whole(rule, vpc), text, at=rule.at))
