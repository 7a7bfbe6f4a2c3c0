"""The code of a network: its ways out, its endpoints, and the node in it."""

from collections.abc import Iterator, Mapping

from tests.constructed.networks import (
    ZONES,
    Allowed,
    Endpoints,
    Groups,
    Names,
    Network,
    Port,
    Regions,
    Routes,
    Rule,
    Service,
    Source,
    Storage,
    Table,
    Way,
)
from tests.constructed.places import HERE, HOME, OTHER, OWNER
from tests.constructed.rights import NODE
from tests.constructed.stores import BUCKET
from tests.constructed.writing import Place, allow, block, policy, preferences, resource, setting, trust


def files(case: Network) -> Mapping[str, bytes]:
    """Return the content of each file, by path."""
    parts = (*_providers(case), *_sessions(case), *_ways(case), *_endpoints(case), *_storage(case), *_node(case))
    return {"main.tf": ("\n\n".join(parts) + "\n").encode()}


def _place(case: Network) -> Place:
    return {
        Regions.ONE: HERE,
        Regions.ALIAS: Place("provider = aws.here"),
        Regions.ARGUMENT: Place(setting("region", HOME)),
    }[case.regions]


def _providers(case: Network) -> Iterator[str]:
    owner = f'allowed_account_ids = ["{OWNER}"]'
    yield block('provider "aws"', setting("region", HOME if case.regions is Regions.ONE else OTHER), owner)
    if case.regions is Regions.ALIAS:
        yield block('provider "aws"', setting("alias", "here"), setting("region", HOME), owner)
    if case.service is Service.REGION:
        yield block('data "aws_region" "current"', _place(case).meta)
    if case.service is Service.LOCAL:
        yield block("locals", setting("prefix", f"com.amazonaws.{HOME}"))


def _sessions(case: Network) -> Iterator[str]:
    inputs = ("s3BucketName = aws_s3_bucket.records.id", "s3EncryptionEnabled = true")
    yield preferences("preferences", _place(case), *inputs)
    yield resource("aws_s3_bucket", "records", _place(case), setting("bucket", BUCKET))


def _ways(case: Network) -> Iterator[str]:
    place = _place(case)
    dns = ("enable_dns_support = true", "enable_dns_hostnames = true")
    yield resource("aws_vpc", "main", place, setting("cidr_block", "10.0.0.0/16"), *dns)
    in_vpc = "vpc_id = aws_vpc.main.id"
    yield resource("aws_subnet", "nodes", place, in_vpc, setting("cidr_block", "10.0.1.0/24"))
    target = {Way.NONE: "", Way.NAT: setting("nat_gateway_id", "nat-0123456789abcdef0")}.get(
        case.way, setting("transit_gateway_id", "tgw-0123456789abcdef0")
    )
    is_default = case.table is Table.DEFAULT
    kind = "aws_default_route_table" if is_default else "aws_route_table"
    owner = "default_route_table_id = aws_vpc.main.default_route_table_id" if is_default else in_vpc
    inline = target and case.routes is Routes.INLINE
    route = block("route", setting("cidr_block", "0.0.0.0/0"), target) if inline else ""
    yield resource(kind, "nodes", place, owner, route)
    if target and not inline:
        leads = (f"route_table_id = {kind}.nodes.id", setting("destination_cidr_block", "0.0.0.0/0"), target)
        yield resource("aws_route", "out", place, *leads)
    used = "route_table_id = aws_route_table.nodes.id"
    if case.table is Table.OWN:
        yield resource("aws_route_table_association", "nodes", place, "subnet_id = aws_subnet.nodes.id", used)
    if case.table is Table.MAIN:
        yield resource("aws_main_route_table_association", "main", place, in_vpc, used)
    if case.storage is Storage.OTHER:
        yield resource("aws_route_table", "other", place, in_vpc)


def _service(case: Network, name: str, found: str) -> str:
    return {
        Service.LITERAL: f'"com.amazonaws.{HOME}.{name}"',
        Service.REGION: f'"com.amazonaws.${{data.aws_region.current.name}}.{name}"',
        Service.LOCAL: f'"${{local.prefix}}.{name}"',
        Service.LOOKED_UP: found,
    }[case.service]


def _policy(case: Network) -> str:
    if case.allowed is Allowed.UNSET:
        return ""
    own = {"StringEquals": {"aws:PrincipalAccount": OWNER}}
    return f"policy = {policy({**allow('*'), 'Principal': '*', 'Condition': own})}"


def _interface(case: Network) -> Iterator[str]:
    yield setting("vpc_endpoint_type", "Interface")
    yield "vpc_id = aws_vpc.main.id"
    yield "subnet_ids = [aws_subnet.nodes.id]"
    if case.groups is not Groups.UNSET:
        yield "security_group_ids = [aws_security_group.endpoints.id]"
    yield _policy(case)


def _endpoints(case: Network) -> Iterator[str]:
    place = _place(case)
    if case.groups is not Groups.UNSET:
        lines = (setting("name", "ends"), "vpc_id = aws_vpc.main.id", _admitted(case))
        yield resource("aws_security_group", "endpoints", place, *lines)
    if case.endpoints is Endpoints.NONE:
        return
    names = '["ssm", "ssmmessages"]' if case.endpoints is Endpoints.ALL else '["ssm"]'
    each = f"for_each = toset({names})"
    if case.service is Service.LOOKED_UP:
        yield block('data "aws_vpc_endpoint_service" "main"', place.meta, each, "service = each.key")
    service = _service(case, "${each.key}", "data.aws_vpc_endpoint_service.main[each.key].service_name")
    dns = f"private_dns_enabled = {str(case.names is Names.PRIVATE_DNS).lower()}"
    yield resource("aws_vpc_endpoint", "main", place, each, f"service_name = {service}", dns, *_interface(case))
    if case.names in ZONES:
        yield from _zones(case)


def _zones(case: Network) -> Iterator[str]:
    """Yield a private zone for each endpoint; a zone that is associated belongs to another network at first."""
    each = "for_each = aws_vpc_endpoint.main"
    own = case.names is Names.ZONES
    vpc = block("vpc", "vpc_id = aws_vpc.main.id" if own else setting("vpc_id", "vpc-0123456789abcdef0"))
    name = f'name = "${{each.key}}.{HOME}.amazonaws.com"'
    yield resource("aws_route53_zone", "main", HERE, each, name, vpc)
    first = "each.value.dns_entry[0]"
    target = (f"name = {first}.dns_name", f"zone_id = {first}.hosted_zone_id", "evaluate_target_health = false")
    record = ("zone_id = aws_route53_zone.main[each.key].zone_id", name, setting("type", "A"), block("alias", *target))
    yield resource("aws_route53_record", "main", HERE, each, *record)
    if case.names is Names.ASSOCIATED:
        lines = ("for_each = aws_route53_zone.main", "zone_id = each.value.zone_id", "vpc_id = aws_vpc.main.id")
        region = setting("vpc_region", HOME)
        yield resource("aws_route53_zone_association", "main", HERE, *lines, region)


def _admitted(case: Network) -> str:
    who = {
        Groups.NODES: "security_groups = [aws_security_group.node.id]",
        Groups.RANGE: "cidr_blocks = [aws_vpc.main.cidr_block]",
        Groups.WORLD: 'cidr_blocks = ["0.0.0.0/0"]',
    }
    if case.groups not in who:
        return ""
    return block("ingress", "from_port = 443", "to_port = 443", setting("protocol", "tcp"), who[case.groups])


def _storage(case: Network) -> Iterator[str]:
    place = _place(case)
    if case.storage is Storage.NONE:
        return
    kind = "Interface" if case.storage is Storage.INTERFACE else "Gateway"
    if case.service is Service.LOOKED_UP:
        yield block(
            'data "aws_vpc_endpoint_service" "s3"', place.meta, setting("service", "s3"), setting("service_type", kind)
        )
    service = f"service_name = {_service(case, 's3', 'data.aws_vpc_endpoint_service.s3.service_name')}"
    if case.storage is Storage.INTERFACE:
        dns = block("dns_options", "private_dns_only_for_inbound_resolver_endpoint = false")
        lines = (service, "private_dns_enabled = true", dns, *_interface(case))
        yield resource("aws_vpc_endpoint", "s3", place, *lines)
        return
    table = f"{'aws_default_route_table' if case.table is Table.DEFAULT else 'aws_route_table'}.nodes.id"
    tables = {Storage.TABLE: table, Storage.OTHER: "aws_route_table.other.id"}
    own = f"route_table_ids = [{tables[case.storage]}]" if case.storage in tables else ""
    gateway = (setting("vpc_endpoint_type", "Gateway"), "vpc_id = aws_vpc.main.id", own, _policy(case))
    yield resource("aws_vpc_endpoint", "s3", place, service, *gateway)
    if case.storage is Storage.ASSOCIATION:
        joined = ("vpc_endpoint_id = aws_vpc_endpoint.s3.id", f"route_table_id = {table}")
        yield resource("aws_vpc_endpoint_route_table_association", "s3", place, *joined)


PORTS: Mapping[Port, tuple[int, int, str]] = {
    Port.SSH: (22, 22, "tcp"),
    Port.TELNET: (23, 23, "tcp"),
    Port.SSH_AGAIN: (2222, 2222, "tcp"),
    Port.SCREEN: (5903, 5903, "tcp"),
    Port.NEXT: (5904, 5904, "tcp"),
    Port.RANGE: (3000, 4000, "tcp"),
    Port.HTTPS: (443, 443, "tcp"),
    Port.ALL: (0, 0, "-1"),
}
"""The first and the last port, and the protocol. The desktop port 3389 is in the range."""


def _node(case: Network) -> Iterator[str]:
    place = _place(case)
    egress = ("from_port = 443", "to_port = 443", setting("protocol", "tcp"), 'cidr_blocks = ["0.0.0.0/0"]')
    inline = _inbound(case) if case.port in PORTS and case.inbound is Rule.INLINE else ""
    lines = (setting("name", "node"), "vpc_id = aws_vpc.main.id", block("egress", *egress), inline)
    yield resource("aws_security_group", "node", place, *lines)
    if case.source is Source.GROUP:
        yield resource("aws_security_group", "other", place, setting("name", "other"), "vpc_id = aws_vpc.main.id")
    if case.port in PORTS and case.inbound is not Rule.INLINE:
        yield _inbound(case)
    role = (setting("name", "node"), f"assume_role_policy = {trust(Service='ec2.amazonaws.com')}")
    yield resource("aws_iam_role", "node", HERE, *role)
    named = "role = aws_iam_role.node.name"
    yield resource("aws_iam_role_policy", "node", HERE, named, f"policy = {policy(*NODE)}")
    yield resource("aws_iam_instance_profile", "node", HERE, setting("name", "node"), named)
    yield resource(
        "aws_instance",
        "node",
        place,
        setting("ami", "ami-0123456789abcdef0"),
        setting("instance_type", "t3.micro"),
        "iam_instance_profile = aws_iam_instance_profile.node.name",
        "subnet_id = aws_subnet.nodes.id",
        "vpc_security_group_ids = [aws_security_group.node.id]",
        "associate_public_ip_address = false",
        block("metadata_options", setting("http_tokens", "required"), "http_put_response_hop_limit = 1"),
    )


_GROUPS = {Source.ITSELF: "aws_security_group.node.id", Source.GROUP: "aws_security_group.other.id"}
_RANGES = {Source.WORLD: '"0.0.0.0/0"', Source.WORLD_6: '"::/0"', Source.NETWORK: "aws_vpc.main.cidr_block"}


def _inbound(case: Network) -> str:
    first, last, protocol = PORTS[case.port]
    ports = (f"from_port = {first}", f"to_port = {last}")
    is_6 = case.source is Source.WORLD_6
    ranges = f"{'ipv6_cidr_blocks' if is_6 else 'cidr_blocks'} = [{_RANGES.get(case.source, '')}]"
    if case.inbound is Rule.INLINE:
        own = {Source.ITSELF: "self = true", Source.GROUP: f"security_groups = [{_GROUPS[Source.GROUP]}]"}
        return block("ingress", *ports, setting("protocol", protocol), own.get(case.source, ranges))
    group = "security_group_id = aws_security_group.node.id"
    if case.inbound is Rule.OLD:
        others = {Source.ITSELF: "self = true", Source.GROUP: f"source_security_group_id = {_GROUPS[Source.GROUP]}"}
        lines = (setting("type", "ingress"), group, *ports, setting("protocol", protocol))
        return resource("aws_security_group_rule", "node", _place(case), *lines, others.get(case.source, ranges))
    if case.source in _GROUPS:
        who = f"referenced_security_group_id = {_GROUPS[case.source]}"
    else:
        who = f"{'cidr_ipv6' if is_6 else 'cidr_ipv4'} = {_RANGES[case.source]}"
    lines = (group, setting("ip_protocol", protocol), *(() if case.port is Port.ALL else ports), who)
    return resource("aws_vpc_security_group_ingress_rule", "node", _place(case), *lines)
