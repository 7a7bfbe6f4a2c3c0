"""Which services of AWS's a node needs for sessions, and whether it can reach them: by endpoints, or the way out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ssm_hardening.core.logic import Answer, ask, each, every, flag, is_no, is_yes, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.texts import HOLE, flat
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, Instance, SessionDocument, Subnet, VpcEndpoint
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join, names

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


def endpoints_for(service: str, vpc: Value[Text], account: Account) -> Iterator[tuple[VpcEndpoint, Answer]]:
    """Yield the endpoints that may be the service's in a VPC, with the answer whether they are."""
    for endpoint in account.vpc_endpoints:
        answer = every((exists(endpoint), is_for(endpoint, service), same(endpoint.vpc, vpc, account)), endpoint.origin)
        if not is_no(answer):
            yield endpoint, answer


def more_endpoints(vpc: Value[Text], account: Account) -> Unknown | None:
    """Return why a VPC may have endpoints that are not known.

    A live VPC of a node that was read was asked for all of its endpoints: other nodes, in VPCs that nobody could ask
    about, leave VPCs and endpoints open for one and the same reason, and add nothing to it.
    """
    gap = account.vpc_endpoints.gap
    others_only = account.source == LIVE and gap == account.vpcs.gap
    return None if others_only and isinstance(vpc, Known) and _vpc(vpc, account) is not None else gap


def is_for(endpoint: VpcEndpoint, service: str) -> Answer:
    """Say whether an endpoint is of this service (`s3`)."""
    return ask(endpoint.service, lambda text: _ends_in(text, service, endpoint.service.at), absent=False)


def _ends_in(text: Text, service: str, at: Origin) -> bool | Unknown:
    end = flat(text).rpartition(".")[2]
    if end != service and HOLE in end:
        return Unknown(Why.COMPUTED, at, f"the service {text}")
    return end == service


def same(one: Value[Text], other: Value[Text], account: Account) -> Answer:
    """Say whether two names mean the same VPC."""
    if isinstance(one, Known) and isinstance(other, Known):
        return _same_known(one, other, account)
    for value in (one, other):
        if isinstance(value, Unknown):
            return unanswered(value)
    return Unknown(Why.OUT_OF_SCOPE, one.at, "which VPC it is in")


def _same_known(one: Known[Text], other: Known[Text], account: Account) -> Answer:
    first = _vpc(one, account)
    if one.value == other.value or (first is not None and first == _vpc(other, account)):
        return Known(True, one.at)
    literal = isinstance(one.value, str) and isinstance(other.value, str)
    references = isinstance(one.value, Reference) and isinstance(other.value, Reference)
    if literal or (references and "[*]" not in f"{one.value}{other.value}"):
        return Known(False, one.at)
    return Unknown(Why.COMPUTED, one.at, f"whether {one.value} is {other.value}")


def _vpc(name: Value[Text], account: Account) -> str | None:
    found = [each.address for each in account.vpcs if isinstance(name, Known) and names(name, each) is True]
    return found[0] if found else None


def reaches(node: Instance, service: str, account: Account) -> Reach:
    """Say whether a node reaches a service, and through what.

    An interface endpoint serves its whole VPC, a gateway those subnets whose route table names it, which is not read.
    Without endpoint it takes a way out; what stands behind a transit gateway, or in another VPC, nobody here can tell.
    A node that may be in several subnets reaches it if it does so from each of them.
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
    found = list(endpoints_for(service, subnet.vpc, account))
    for endpoint, answer in found:
        if is_yes(answer):
            return _through(endpoint, answer)
    more = more_endpoints(subnet.vpc, account)
    doubt = next((answer for _, answer in found if isinstance(answer, Unknown)), more)
    out = _way_out(node, subnet, service)
    if is_no(out.answer) and doubt is not None:
        return Reach(unanswered(doubt), f"whether the VPC has an endpoint for {service} is unknown")
    return out


def _through(endpoint: VpcEndpoint, answer: Answer) -> Reach:
    match endpoint.kind:
        case Known("Gateway", at):
            gap = Unknown(
                Why.OUT_OF_SCOPE, at, f"which route tables have a route to the gateway endpoint {endpoint.address}"
            )
            return Reach(gap, f"whether its subnet has a route to the gateway endpoint {endpoint.address} is unknown")
        case Known():
            return Reach(answer, f"through the endpoint {endpoint.address}", private=True)
        case Absent(at):
            return Reach(Unknown(Why.UNPARSEABLE, at, f"the type of {endpoint.address}"), "its endpoint has no type")
        case Unknown() as gap:
            return Reach(unanswered(gap), f"the type of the endpoint {endpoint.address} is unknown")


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
    """Say that a node is cut off, unless its agent is heard of all the same: then something leads there."""
    how = f"{because}, and its VPC has no endpoint for {service}"
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
