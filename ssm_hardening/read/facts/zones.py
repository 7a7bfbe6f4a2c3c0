"""Private hosted zones: in which VPCs they lead the name of a service to an endpoint, in place of private DNS."""

from collections.abc import Iterator
from dataclasses import dataclass

from ssm_hardening.core.logic import Answer, each, every, flag, is_no, is_yes, literal, some, text_of, unanswered
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.model import Fact
from ssm_hardening.read.facts.arguments import numbered_fact, text_in, texts_in
from ssm_hardening.read.facts.attachments import Attachment, Attachments, attachments, gathered, said
from ssm_hardening.read.graph import Config, Resource, Root, gap_about

ZONE = "aws_route53_zone"
ASSOCIATION = "aws_route53_zone_association"
RECORD = "aws_route53_record"
_ENDPOINT = "aws_vpc_endpoint"
_ADDRESSES = frozenset({"A", "CNAME"})


@dataclass(frozen=True, slots=True)
class PrivateZones:
    """The hosted zones of a root, with the VPCs and the records that resources of their own give them."""

    zones: Inventory[Resource]
    associations: Attachments
    records: Attachments

    def leading_to(self, endpoint: Fact, service: Value[Text]) -> Value[Items]:
        """Return the VPCs in which a zone leads the service's name to an endpoint."""
        parts = [part for zone in self.zones for part in self._by_zone(zone, endpoint, service)]
        return gathered(parts, endpoint.origin, gap=gap_about(self.zones, endpoint))

    def _by_zone(self, zone: Resource, endpoint: Fact, service: Value[Text]) -> Iterator[Value[Text]]:
        fact = numbered_fact(zone)
        records = self.records.of(fact)
        there = flag(zone.exists, absent=False)
        leads = some((_leads(each, zone, endpoint, service) for each in records), zone.at)
        answer = every((there, leads), zone.at)
        if isinstance(answer, Unknown):
            yield answer
        elif is_yes(answer):
            blocks = zone.config.blocks("vpc")
            yield from (text_in(block, "vpc_id") for block in blocks)
            yield from said(self.associations.of(fact), lambda config: text_in(config, "vpc_id"))
            yield from () if blocks.gap is None else (blocks.gap,)


def private_zones_of(root: Root) -> PrivateZones:
    """Return the hosted zones of a root."""
    return PrivateZones(
        root.resources(ZONE),
        attachments(root.resources(ASSOCIATION), "zone_id"),
        attachments(root.resources(RECORD), "zone_id"),
    )


def _leads(record: Attachment, zone: Resource, endpoint: Fact, service: Value[Text]) -> Answer:
    """Say whether a record leads the service's name to an endpoint."""
    config = record.resource.config
    kind = literal(text_in(config, "type"))
    if kind is not None and kind not in _ADDRESSES:
        return Known(False, config.at)
    answer = every((_is_target(config, endpoint), _is_named(config, zone, service)), config.at)
    return answer if record.doubt is None or is_no(answer) else unanswered(record.doubt)


def _is_target(config: Config, endpoint: Fact) -> Answer:
    targets = (text_in(config, "alias", "name"), *each(texts_in(config, "records")))
    return some((_means(target, endpoint) for target in targets), config.at)


def _means(target: Value[Text], endpoint: Fact) -> Answer:
    """Say whether the target of a record is an endpoint: code refers to its `dns_entry`, known after apply."""
    match target:
        case Absent(at):
            return Known(False, at)
        case Known(Reference(address=address) as reference, at) if resource_type(reference) == _ENDPOINT:
            return Known(address == endpoint.address, at)
        case Known(str() as text, at) if "vpce-" not in text:
            return Known(False, at)
        case Unknown(Why.COMPUTED, at, detail) if detail.endswith(".dns_entry") and "[*]" not in detail:
            return Known(detail.rpartition(": ")[2] == f"{endpoint.address}.dns_entry", at)
        case Known(value, at):
            return Unknown(Why.COMPUTED, at, f"whether {value} is a DNS name of {endpoint.address}")
        case Unknown():
            return unanswered(target)


def _is_named(config: Config, zone: Resource, service: Value[Text]) -> Answer:
    """Say whether a record is about the service's name; its own may be relative to the zone's, or a wildcard."""
    wanted, origin = text_of(service), text_of(text_in(zone.config, "name"))
    written = text_in(config, "name")
    at_top = isinstance(written, Known) and written.value == Reference(zone.address, "name")
    name = Absent(config.at) if at_top else text_of(written)
    for value in (wanted, origin, name):
        if isinstance(value, Unknown):
            return unanswered(value)
    if not isinstance(wanted, Known) or not isinstance(origin, Known):
        return Known(False, config.at)
    full = _full(name.value if isinstance(name, Known) else "", origin.value)
    host = host_of(wanted.value)
    matches = host == full or (full.startswith("*.") and host.endswith(full[1:]))
    return Known(matches, config.at)


def _full(name: str, zone: str) -> str:
    short, top = name.rstrip(".").lower(), zone.rstrip(".").lower()
    return short or top if short in {"", top} else short if short.endswith(f".{top}") else f"{short}.{top}"


def host_of(service: str) -> str:
    """Return the DNS name of a service: `com.amazonaws.eu-west-1.ssm` has `ssm.eu-west-1.amazonaws.com`."""
    domain = "amazonaws.com.cn" if service.startswith("cn.") else "amazonaws.com"
    region, _, name = service.removeprefix("cn.").removeprefix("com.amazonaws.").partition(".")
    return f"{name}.{region}.{domain}"
