"""The endpoints of a VPC: which are a service's, and whether a subnet's traffic for the service goes through them."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from ssm_hardening.core.logic import Answer, ask, certainly, each, every, flag, is_no, is_yes, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.texts import HOLE, flat
from ssm_hardening.model import LIVE, Account, Subnet, VpcEndpoint
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join, names

Endpoints: TypeAlias = Sequence[tuple[VpcEndpoint, Answer]]
"""Endpoints, with the answer whether they are meant."""


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


def is_gateway(endpoint: VpcEndpoint) -> bool:
    """Say whether this is surely a gateway endpoint."""
    return certainly(endpoint.kind, lambda kind: kind == "Gateway")


def endpoints_from(subnet: Subnet, service: str, account: Account) -> Iterator[tuple[VpcEndpoint, Answer]]:
    """Yield the endpoints that a subnet's traffic for a service may go through, with the answer whether it does."""
    for endpoint, answer in endpoints_for(service, subnet.vpc, account):
        taken = every((answer, _takes(endpoint, subnet, account)), endpoint.origin)
        if not is_no(taken):
            yield endpoint, taken


def _takes(endpoint: VpcEndpoint, subnet: Subnet, account: Account) -> Answer:
    match endpoint.kind:
        case Known("Gateway"):
            return has_route(endpoint, subnet)
        case Known():
            return every((resolves(endpoint, subnet.vpc, account), has_names(subnet.vpc, account)), endpoint.origin)
        case Absent(at):
            return Unknown(Why.UNPARSEABLE, at, f"the type of {endpoint.address}")
        case Unknown() as gap:
            return unanswered(gap)


def has_names(vpc: Value[Text], account: Account) -> Answer:
    """Say whether a VPC has what private DNS and zones need; AWS asks for it, so it does where nobody reads the VPC."""
    match Elsewhere("") if isinstance(vpc, Absent) else join(vpc, account.vpcs):
        case Found(found):
            switches = (flag(each, absent=False) for each in (found.dns_support, found.dns_hostnames))
            return every(switches, found.origin)
        case Uncertain(gap):
            return unanswered(gap)
        case Elsewhere():
            return Known(True, vpc.at)


def has_route(endpoint: VpcEndpoint, subnet: Subnet) -> Answer:
    """Say whether the route table of a subnet has a route to a gateway endpoint: the most specific one, so it wins."""
    return some((_is_table(table, subnet.route_table) for table in each(endpoint.route_tables)), endpoint.origin)


def _is_table(one: Value[Text], other: Value[Text]) -> Answer:
    match one, other:
        case (Unknown() as gap, _) | (_, Unknown() as gap):
            return unanswered(gap)
        case Known(first, at), Known(second):
            if first == second and "[*]" not in f"{first}":
                return Known(True, at)
            if _is_told(first) and _is_told(second) and isinstance(first, str) is isinstance(second, str):
                return Known(False, at)
            return Unknown(Why.COMPUTED, at, f"whether the route table {first} is {second}")
        case _:
            return Known(False, one.at)


def _is_told(table: Text) -> bool:
    """Say whether a name is the only one of its table: a data source may show any of them."""
    match table:
        case str():
            return True
        case Reference(address=address):
            return ".data." not in f".{address}" and "[*]" not in address
        case _:
            return False


def resolves(endpoint: VpcEndpoint, vpc: Value[Text], account: Account) -> Answer:
    """Say whether the name of the service leads to an endpoint of a VPC: by private DNS, or by a hosted zone."""
    zones = (same(zone, vpc, account) for zone in each(endpoint.named_in))
    return some((flag(endpoint.private_dns, absent=False), *zones), endpoint.private_dns.at)


def gaps_of(subnet: Subnet, account: Account) -> tuple[Unknown, ...]:
    """Return why a subnet may reach a service through an endpoint that was not read."""
    more = more_endpoints(subnet.vpc, account)
    return () if more is None else (more,)


def through_zones(subnet: Subnet, service: str, account: Account) -> Iterator[Unknown]:
    """Yield why a service's name leads to an endpoint of another VPC, to which nobody here knows the route."""
    for endpoint in account.vpc_endpoints:
        elsewhere = is_no(same(endpoint.vpc, subnet.vpc, account))
        if elsewhere and not is_no(every((exists(endpoint), is_for(endpoint, service)), endpoint.origin)):
            yield from _through_zone(endpoint, subnet, account)


def _through_zone(endpoint: VpcEndpoint, subnet: Subnet, account: Account) -> Iterator[Unknown]:
    zones = [same(zone, subnet.vpc, account) for zone in each(endpoint.named_in)]
    if any(map(is_yes, zones)):
        detail = f"whether a route leads to {endpoint.address}, to which a hosted zone resolves the service's name"
        yield Unknown(Why.OUT_OF_SCOPE, endpoint.origin, detail)
