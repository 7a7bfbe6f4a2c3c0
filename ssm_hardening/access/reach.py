"""Which services of AWS's a node needs for sessions, and whether it can reach them: by endpoints, or the way out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ssm_hardening.access.endpoints import Endpoints, endpoints_from, gaps_of, is_gateway, same, through_zones
from ssm_hardening.access.security_groups import admits
from ssm_hardening.core.logic import Answer, ask, each, every, flag, is_no, is_yes, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, Instance, SessionDocument, Subnet, VpcEndpoint
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join

LAST_WITH_EC2MESSAGES = (3, 3, 40, 0)
"""From this version on, agents need ec2messages no longer."""


@dataclass(frozen=True, slots=True)
class NeededService:
    """A service (`ssmmessages`) that sessions need, why, and the doubt whether they do."""

    service: str
    reason: str
    doubt: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a node reaches a service, and how or why not, as one would read it."""

    answer: Answer
    how: str
    private: bool = False


def preferences_of(account: Account) -> SessionDocument | Absent | Unknown:
    """Return the Region's preferences document; Absent where a live Region surely has none.

    Documents that were not read have other names: there is one of each in a Region.
    """
    documents = account.session_documents
    answers = [(each, _is_preferences(each)) for each in documents]
    certain = [each for each, answer in answers if is_yes(answer)]
    unread = None if certain else documents.gap
    doubt = next((answer for _, answer in answers if isinstance(answer, Unknown)), unread)
    match certain, doubt:
        case [only], None:
            return only
        case [], None if account.source == LIVE:
            return Absent(account.at)
        case _, Unknown() as gap:
            return gap
        case _:
            return Unknown(Why.OUT_OF_SCOPE, account.at, f"which {PREFERENCES_NAME} applies")


def _is_preferences(document: SessionDocument) -> Answer:
    named = ask(document.name, lambda name: _is_text(name, PREFERENCES_NAME, document.name.at), absent=False)
    return every((exists(document), named), document.origin)


def _is_text(text: Text, wanted: str, at: Origin) -> bool | Unknown:
    return text == wanted if isinstance(text, str) else Unknown(Why.COMPUTED, at, f"{text}, known after apply")


def needed_services(node: Instance, account: Account) -> tuple[NeededService, ...]:
    """Return the services that sessions on this node need, those of the preferences' features among them."""
    return (
        NeededService("ssm", "the agent registers with it"),
        NeededService("ssmmessages", "sessions run through it"),
        *_by_agent(node),
        *_by_features(account),
    )


def _by_agent(node: Instance) -> Iterator[NeededService]:
    match node.agent_version:
        case Known(str() as text) if version_numbers(text) < LAST_WITH_EC2MESSAGES:
            yield NeededService("ec2messages", f"its agent has version {text}")
        case Unknown(why) as gap if why not in {Why.COMPUTED, Why.OUT_OF_SCOPE}:
            yield NeededService("ec2messages", "agents before 3.3.40.0 need it", unanswered(gap))
        case Known() | Absent() | Unknown():
            return


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the version of an agent as numbers that compare; one that is none counts as recent."""
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else LAST_WITH_EC2MESSAGES


def _by_features(account: Account) -> Iterator[NeededService]:
    document = preferences_of(account)
    if isinstance(document, Absent):
        return
    for service, field, reason in (
        ("s3", "s3_bucket", "the preferences set a log bucket"),
        ("logs", "cloudwatch_log_group", "the preferences set a log group"),
        ("kms", "kms_key", "the preferences set a session key"),
    ):
        value = document if isinstance(document, Unknown) else getattr(document, field)
        match value:
            case Known(str() as text) if not text.strip():
                continue
            case Known(str() | Reference()):
                yield NeededService(service, reason)
            case Known(Template() as text, at):
                yield NeededService(service, reason, Unknown(Why.COMPUTED, at, f"{text}, known after apply"))
            case Unknown() as gap:
                yield NeededService(service, reason, unanswered(gap))
            case _:
                continue


def subnet_of(node: Instance, account: Account) -> Subnet | Unknown:
    """Return the subnet of a node, or why it is unknown; of several that it may be in, all of one VPC, a known one."""
    found = subnets_of(node, account)
    return next((each for each in found if isinstance(each, Subnet)), found[0])


def subnets_of(node: Instance, account: Account) -> tuple[Subnet | Unknown, ...]:
    """Return the subnets that a node may be in: its own, or all of those that its launcher chooses from."""
    several = each(node.subnets)
    return (
        tuple(_subnet(name, node, account) for name in several) if several else (_subnet(node.subnet, node, account),)
    )


def _subnet(name: Value[Text], node: Instance, account: Account) -> Subnet | Unknown:
    if isinstance(name, Absent):
        return Unknown(Why.OUT_OF_SCOPE, name.at, "which subnet the node is in")
    match join(name, account.subnets):
        case Found(subnet):
            return subnet
        case Uncertain(gap):
            return unanswered(gap)
        case Elsewhere(read):
            return Unknown(Why.OUT_OF_SCOPE, node.origin, f"the subnet {read} was not read")


def reaches(node: Instance, service: str, account: Account) -> Reach:
    """Say whether a node reaches a service, and through what.

    An interface endpoint serves the VPCs in which the service's name leads to it, and ends the way there if its groups
    refuse the node. A gateway serves those subnets whose route table has a route to it. Without an endpoint the node
    takes a way out; what stands behind a transit gateway, or in another VPC, nobody here can tell. A node that may be
    in several subnets reaches it if it does so from each of them.
    """
    found = [(subnet, _reaches_from(subnet, node, service, account)) for subnet in subnets_of(node, account)]
    worst = min(found, key=lambda each: _rank(each[1]))
    subnet, reach = worst
    if len(found) == 1 or isinstance(subnet, Unknown):
        return reach
    return replace(reach, how=f"{reach.how} (from {subnet.address})")


def _rank(reach: Reach) -> tuple[int, bool]:
    return (0 if is_no(reach.answer) else 1 if isinstance(reach.answer, Unknown) else 2), reach.private


def _reaches_from(subnet: Subnet | Unknown, node: Instance, service: str, account: Account) -> Reach:
    if isinstance(subnet, Unknown):
        return Reach(subnet, "which network the node is in is unknown")
    found = list(endpoints_from(subnet, service, account))
    named = [each for each in found if not is_gateway(each[0])]
    led = next((each for each in named if is_yes(each[1])), None)
    if led is not None:
        return _at_endpoint(node, led[0], admits(led[0], node, subnet, account), service)
    astray = next(through_zones(subnet, service, account), None)
    if astray is not None:
        return Reach(astray, _UNTOLD.format(service=service))
    gateway = next((each for each in found if is_yes(each[1])), None)
    if gateway is None:
        way = _way_out(node, subnet, service)
    else:
        way = Reach(gateway[1], f"through the gateway endpoint {gateway[0].address}", private=True)
    if isinstance(way.answer, Unknown):
        return way
    more = gaps_of(subnet, account) if is_no(way.answer) or account.source == LIVE else ()
    doubt = next(iter((*_doubts(way.answer, found, node, subnet, account), *more)), None)
    return way if doubt is None else Reach(unanswered(doubt), _UNTOLD.format(service=service))


_UNTOLD = "whether the node reaches {service} through an endpoint is unknown"


def _doubts(way: Answer, found: Endpoints, node: Instance, subnet: Subnet, account: Account) -> Iterator[Unknown]:
    """Yield why traffic may go to an endpoint instead, where that changes whether it arrives."""
    for endpoint, answer in found:
        if isinstance(answer, Unknown):
            arrives = Known(True, answer.at) if is_gateway(endpoint) else admits(endpoint, node, subnet, account)
            both = {is_yes(way), is_yes(arrives)}
            if isinstance(arrives, Unknown) or len(both) > 1:
                yield answer


def _at_endpoint(node: Instance, endpoint: VpcEndpoint, admitted: Answer, service: str) -> Reach:
    """Say whether a node gets into the endpoint that the service's name leads to: no way out replaces it."""
    if is_yes(admitted):
        return Reach(admitted, f"through the endpoint {endpoint.address}", private=True)
    if is_no(admitted):
        refused = f"the security groups of the endpoint {endpoint.address} do not accept TCP 443 from the node"
        return _unless_online(node, admitted.at, refused, f"the name of {service} leads to an endpoint, but {refused}")
    return Reach(admitted, f"whether the endpoint {endpoint.address} accepts connections from the node is unknown")


def _way_out(node: Instance, subnet: Subnet, service: str) -> Reach:
    match subnet.way_out:
        case Known("nat-gateway", at):
            return Reach(Known(True, at), f"through a NAT gateway and the public endpoint of {service}")
        case Known("internet-gateway", at):
            return _by_address(node, at, service)
        case Known(kind, at):
            detail = f"whether {service} is reachable through {kind} (by a hub VPC, a proxy, or an appliance)"
            return Reach(Unknown(Why.OUT_OF_SCOPE, at, detail), f"its route out is {kind}")
        case Absent(at):
            return _closed(node, at, service)
        case Unknown() as gap:
            return Reach(unanswered(gap), "whether the subnet has a route out is unknown")


def _by_address(node: Instance, at: Origin, service: str) -> Reach:
    addressed = flag(node.public_ip, absent=False)
    if isinstance(addressed, Unknown):
        return Reach(addressed, "whether the node has a public IP address is unknown")
    if addressed.value:
        return Reach(Known(True, at), f"through the internet gateway and the public endpoint of {service}")
    return _closed(
        node,
        at,
        service,
        because="its subnet has a route to an internet gateway, but the node has no public IP address",
    )


def _closed(node: Instance, at: Origin, service: str, because: str = "its subnet has no route out") -> Reach:
    return _unless_online(node, at, because, f"{because}, and in its VPC no endpoint serves {service}")


def _unless_online(node: Instance, at: Origin, because: str, how: str) -> Reach:
    """Say that a node is cut off, unless its agent is heard of all the same: then something leads there."""
    match node.ping:
        case Known("Online", heard):
            detail = f"the agent is online although {because}: a hub VPC or a proxy may serve it"
            return Reach(Unknown(Why.OUT_OF_SCOPE, heard, detail), how)
        case Unknown(why) as gap if why not in {Why.COMPUTED, Why.OUT_OF_SCOPE}:
            return Reach(unanswered(gap), how)
        case Known() | Absent() | Unknown():
            return Reach(Known(False, at), how)


def reached_by(nodes: Inventory[Instance], endpoint: VpcEndpoint, account: Account) -> Iterator[Instance]:
    """Yield the nodes that are surely in an endpoint's VPC."""
    for node in nodes:
        subnet = subnet_of(node, account)
        if isinstance(subnet, Subnet) and is_yes(same(subnet.vpc, endpoint.vpc, account)):
            yield node


def in_use(endpoint: VpcEndpoint, account: Account) -> Answer:
    """Say whether some node is in the endpoint's VPC."""
    answers: list[Answer] = [] if account.instances.gap is None else [unanswered(account.instances.gap)]
    for node in account.instances:
        subnet = subnet_of(node, account)
        place = subnet if isinstance(subnet, Unknown) else same(subnet.vpc, endpoint.vpc, account)
        answers.append(every((exists(node), place), endpoint.origin))
    return some(answers, endpoint.origin)


def listed(value: Value[Items]) -> Iterator[Value[Text]]:
    """Yield the members of a list, and the gap where there may be more."""
    yield from each(value)
