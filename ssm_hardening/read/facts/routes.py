"""Route tables: where the default route of each leads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Template, Unknown, Value, Why
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.model import Fact
from ssm_hardening.read.facts.arguments import argument_text, either, head_of, id_of, mapped
from ssm_hardening.read.facts.attachments import Attachment, Attachments, attachments
from ssm_hardening.read.facts.gathering import joined
from ssm_hardening.read.graph import Config, Resource, Root

TABLE = "aws_route_table"
DEFAULT_TABLE = "aws_default_route_table"
ROUTE = "aws_route"
MAIN = "aws_main_route_table_association"
VPC = "aws_vpc"

_EVERYWHERE = "0.0.0.0/0"
_MAIN_OF_VPC = frozenset({"main_route_table_id", "default_route_table_id"})
_BY_TARGET = {
    "nat_gateway_id": "nat-gateway",
    "transit_gateway_id": "transit-gateway",
    "instance_id": "instance",
    "network_interface_id": "instance",
}
_OTHER_TARGETS = (
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "local_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
)


@dataclass(frozen=True, slots=True)
class Tables:
    """The route tables of a root by address, the routes of their own, and which tables are a VPC's main one."""

    tables: Mapping[str, Resource]
    routes: Attachments
    mains: Attachments
    defaults: Attachments

    def way_out(self, table: Known[Any]) -> Value[Any]:
        """Return where the default route of a table leads; Absent where it has none."""
        match table.value:
            case Reference(address=address) if address in self.tables:
                resource = self.tables[address]
                return self._of(Fact(**head_of(resource, id_of(resource))), resource)
            case Reference(attribute=attribute) as vpc if attribute in _MAIN_OF_VPC:
                return self.main_way_out(Known(Reference(vpc.address, "id"), table.at))
            case other:
                return Unknown(Why.COMPUTED, table.at, f"the routes of {other}")

    def main_way_out(self, vpc: Known[Any]) -> Value[Any]:
        """Return where the default route of a VPC's main table leads; a new VPC's has none."""
        match vpc.value:
            case Reference() as reference if (
                resource_type(reference) == VPC and ".data." not in f".{reference.address}"
            ):
                return self._main_of(_named(reference, vpc.at))
            case other:
                return Unknown(Why.COMPUTED, vpc.at, f"the main route table of {other}")

    def _main_of(self, vpc: Fact) -> Value[Any]:
        chosen, taken = self.mains.of(vpc), self.defaults.of(vpc)
        both = joined((chosen, taken))
        gap = next(_doubts(both), both.gap)
        if gap is not None:
            return gap
        if chosen.items:
            named = argument_text(chosen.items[0].resource.config.get("route_table_id"), "route_table_id")
            return mapped(named, self.way_out)
        return self._of(vpc, *(each.resource for each in taken))

    def _of(self, fact: Fact, *written: Resource) -> Value[Any]:
        """Return the way out by the routes within tables, and those of their own that name `fact`."""
        apart = self.routes.of(fact)
        routes = [block for resource in written for block in resource.config.blocks("route")]
        gaps = [resource.config.blocks("route").gap for resource in written]
        gap = next((each for each in (*gaps, apart.gap, *_doubts(apart)) if each is not None), None)
        routes += [each.resource.config for each in apart if each.doubt is None]
        ways = [way for way in map(_way_of, routes) if not isinstance(way, Absent)]
        certain = [way for way in ways if isinstance(way, Known)]
        return next(iter((*certain, *ways)), Absent(fact.origin) if gap is None else gap)


def tables_of(root: Root) -> Tables:
    """Return the route tables of a root with their routes."""
    defaults = root.resources(DEFAULT_TABLE)
    return Tables(
        {each.address: each for each in root.resources(TABLE, DEFAULT_TABLE)},
        attachments(root.resources(ROUTE), "route_table_id"),
        attachments(root.resources(MAIN), "vpc_id"),
        attachments(defaults, "default_route_table_id"),
    )


def _named(reference: Reference, at: Origin) -> Fact:
    """Return a VPC as an object that route tables may name."""
    exists = Known(True, at)
    return Fact(
        address=reference.address, declaration=reference.address, origin=at, name=Known(reference, at), exists=exists
    )


def _doubts(found: Inventory[Attachment]) -> Iterator[Unknown]:
    return (each.doubt for each in found if each.doubt is not None)


def _way_of(route: Config) -> Value[Any]:
    """Return the kind of a route's target; Absent where it is not the default route."""
    ranges = [argument_text(route.get(name), name) for name in ("cidr_block", "destination_cidr_block")]
    written = next((each for each in ranges if not isinstance(each, Absent)), Absent(route.at))
    return mapped(written, lambda known: _towards(known, route))


def _towards(destination: Known[Any], route: Config) -> Value[Any]:
    match destination.value:
        case str() as text:
            return _target(route) if text == _EVERYWHERE else Absent(destination.at)
        case other:
            gap = Unknown(Why.COMPUTED, destination.at, f"a route to {other}")
            return either(gap, (_target(route), Absent(destination.at)))


def _target(route: Config) -> Value[Any]:
    for name, kind in _BY_TARGET.items():
        if not isinstance(argument_text(route.get(name), name), Absent):
            return Known(kind, route.at)
    gateway = argument_text(route.get("gateway_id"), "gateway_id")
    others = any(not isinstance(route.get(name), Absent) for name in _OTHER_TARGETS)
    nothing = Known("other", route.at) if others else Unknown(Why.COMPUTED, route.at, "the target of a default route")
    return mapped(gateway, _gateway, absent=lambda _: nothing)


def _gateway(known: Known[Any]) -> Value[Any]:
    match known.value:
        case str() as text:
            return Known("internet-gateway" if text.startswith("igw-") else "other", known.at)
        case Reference() as reference if resource_type(reference).endswith("internet_gateway"):
            return Known("internet-gateway", known.at)
        case Reference() as reference if resource_type(reference) == "aws_vpn_gateway":
            return Known("other", known.at)
        case Reference() | Template() as text:
            return Unknown(Why.COMPUTED, known.at, f"what kind of gateway {text} is")
        case other:
            return Unknown(Why.UNPARSEABLE, known.at, f"gateway_id: {other}")
