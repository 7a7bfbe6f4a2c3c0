"""Which route table a subnet uses, where its default route leads, and which tables gateway endpoints name."""

from pathlib import Path

import pytest

from ssm_hardening.access.endpoints import endpoints_from
from ssm_hardening.core.logic import Answer, is_no, is_yes, some
from ssm_hardening.core.values import Unknown
from tests.read.facts.configurations import account_in, plain

VPC = """
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
  SUBNET
}
resource "aws_nat_gateway" "n" { subnet_id = "subnet-1" }
resource "aws_nat_gateway" "inner" {
  subnet_id         = "subnet-1"
  connectivity_type = "private"
}
resource "aws_ec2_managed_prefix_list" "p" { name = "p" }
"""
DEFAULT = 'resource "aws_default_route_table" "d" { default_route_table_id = aws_vpc.v.default_route_table_id }\n'
OWN = """
resource "aws_route_table" "t" {
  vpc_id = aws_vpc.v.id
  BODY
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}
"""
TAKEN = """
resource "aws_main_route_table_association" "m" {
  vpc_id         = aws_vpc.v.id
  route_table_id = TABLE
}
"""


def route(table: str, body: str) -> str:
    return f'resource "aws_route" "r" {{\nroute_table_id = {table}\n{body}\n}}\n'


def halves(*targets: str) -> str:
    """Return routes for the lower and the upper half of all addresses, with these kinds of gateways as targets."""
    pairs = zip(("0.0.0.0/1", "128.0.0.0/1"), targets, strict=True)
    return "\n".join(f'route {{\ncidr_block = "{half}"\n{kind}_gateway_id = "g-1"\n}}' for half, kind in pairs if kind)


NAT = 'destination_cidr_block = "0.0.0.0/0"\nnat_gateway_id = aws_nat_gateway.n.id'
WAYS = {
    "a route apart of the default table": (DEFAULT + route("aws_default_route_table.d.id", NAT), "nat-gateway"),
    "a route of the VPC's default table": (DEFAULT + route("aws_vpc.v.default_route_table_id", NAT), "nat-gateway"),
    "a route of the VPC's main table": (DEFAULT + route("aws_vpc.v.main_route_table_id", NAT), "nat-gateway"),
    "a default table that is not the main one": (
        DEFAULT
        + route("aws_default_route_table.d.id", NAT)
        + TAKEN.replace("TABLE", "aws_route_table.t.id")
        + OWN.replace("BODY", "").partition('resource "aws_route_table_association"')[0],
        None,
    ),
    "a main table that is the default one": (
        DEFAULT + route("aws_default_route_table.d.id", NAT) + TAKEN.replace("TABLE", "aws_vpc.v.main_route_table_id"),
        "nat-gateway",
    ),
    "a table of other code with a route of this code": (
        OWN.replace("BODY", "").replace("= aws_route_table.t.id", "= data.aws_route_table.t.id")
        + 'data "aws_route_table" "t" { subnet_id = aws_subnet.s.id }\n'
        + route("data.aws_route_table.t.id", NAT),
        "nat-gateway",
    ),
    "a private NAT gateway": (
        OWN.replace("BODY", "") + route("aws_route_table.t.id", NAT.replace("gateway.n", "gateway.inner")),
        "other",
    ),
    "routes that have one half of all addresses each": (
        OWN.replace("BODY", halves("transit", "transit")),
        "transit-gateway",
    ),
    "halves beside a default route, which they go before": (
        OWN.replace("BODY", halves("transit", "transit")) + route("aws_route_table.t.id", NAT),
        "transit-gateway",
    ),
    "a route for IPv6 alone": (
        OWN.replace("BODY", "")
        + route("aws_route_table.t.id", 'destination_ipv6_cidr_block = "::/0"\negress_only_gateway_id = "eigw-1"'),
        None,
    ),
    "an empty argument beside": (
        OWN.replace(
            "BODY",
            'route {\ncidr_block = "0.0.0.0/0"\nnat_gateway_id = aws_nat_gateway.n.id\ntransit_gateway_id = ""\n}',
        ),
        "nat-gateway",
    ),
}


@pytest.mark.parametrize("case", WAYS)
def test_the_way_out_by_the_table_in_force(case: str, tmp_path: Path) -> None:
    more, way = WAYS[case]
    (subnet,) = account_in(tmp_path, VPC.replace("SUBNET", "") + more).subnets
    assert plain(subnet.way_out) == way


OPEN = {
    "a table of other code": OWN.replace("BODY", "").replace("= aws_route_table.t.id", "= data.aws_route_table.t.id")
    + 'data "aws_route_table" "t" { subnet_id = aws_subnet.s.id }\n',
    "propagated routes": OWN.replace("BODY", 'propagating_vgws = ["vgw-1"]'),
    "propagation apart": OWN.replace("BODY", "")
    + 'resource "aws_vpn_gateway_route_propagation" "p" {\nvpn_gateway_id = "vgw-1"\n'
    "route_table_id = aws_route_table.t.id\n}",
    "a prefix list": OWN.replace("BODY", "")
    + route(
        "aws_route_table.t.id",
        'destination_prefix_list_id = aws_ec2_managed_prefix_list.p.id\ntransit_gateway_id = "tgw-1"',
    ),
    "halves that lead to different places": OWN.replace("BODY", halves("transit", "nat")),
    "halves that lead to different places, beside a default route": OWN.replace("BODY", halves("transit", "nat"))
    + route("aws_route_table.t.id", NAT),
    "one half only": OWN.replace("BODY", halves("transit", "")),
    "some public addresses": OWN.replace("BODY", "")
    + route("aws_route_table.t.id", NAT.replace("0.0.0.0/0", "52.94.0.0/16")),
}


@pytest.mark.parametrize("case", OPEN)
def test_a_way_out_that_other_routes_may_be(case: str, tmp_path: Path) -> None:
    (subnet,) = account_in(tmp_path, VPC.replace("SUBNET", "") + OPEN[case]).subnets
    assert isinstance(subnet.way_out, Unknown)


def test_a_subnet_with_ipv6_alone_takes_the_route_of_ipv6(tmp_path: Path) -> None:
    body = 'destination_ipv6_cidr_block = "::/0"\negress_only_gateway_id = "eigw-1"'
    more = OWN.replace("BODY", "") + route("aws_route_table.t.id", body)
    (subnet,) = account_in(tmp_path, VPC.replace("SUBNET", "ipv6_native = true") + more).subnets
    assert plain(subnet.way_out) == "other"


GATEWAY = """
resource "aws_vpc_endpoint" "e" {
  vpc_id          = PLACE
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = TABLES
}
resource "aws_vpc" "other" { cidr_block = "10.1.0.0/16" }
resource "aws_route_table" "b" { vpc_id = aws_vpc.v.id }
variable "tables" { type = list(string) }
"""
APART = """
resource "aws_vpc_endpoint_route_table_association" "e" {
  vpc_endpoint_id = aws_vpc_endpoint.e.id
  route_table_id  = aws_route_table.t.id
}
"""
DATA = """
data "aws_route_tables" "all" { vpc_id = aws_vpc.v.id }
data "aws_route_table" "t" { subnet_id = aws_subnet.s.id }
"""
TABLES = {
    "the subnet's": ("[aws_route_table.t.id]", True),
    "one of several": ("concat([aws_route_table.b.id], [aws_route_table.t.id])", True),
    "another one": ("[aws_route_table.b.id]", False),
    "none": ("[]", False),
    "those of a variable": ("var.tables", None),
    "those that a data source finds": ("data.aws_route_tables.all.ids", None),
    "one that a data source finds": ("[data.aws_route_table.t.id]", None),
}


def takes(folder: Path, code: str) -> Answer:
    account = account_in(folder, VPC.replace("SUBNET", "") + code)
    (subnet,) = account.subnets
    return some((answer for _, answer in endpoints_from(subnet, "s3", account)), subnet.origin)


def endpoint(tables: str, place: str = "aws_vpc.v.id") -> str:
    return GATEWAY.replace("TABLES", tables).replace("PLACE", place) + DATA


@pytest.mark.parametrize("case", TABLES)
def test_a_gateway_endpoint_takes_the_traffic_of_its_tables(case: str, tmp_path: Path) -> None:
    tables, taken = TABLES[case]
    found = takes(tmp_path, OWN.replace("BODY", "") + endpoint(tables))
    assert isinstance(found, Unknown) if taken is None else is_yes(found) is taken


def test_a_table_that_a_resource_of_its_own_names(tmp_path: Path) -> None:
    assert is_yes(takes(tmp_path, OWN.replace("BODY", "") + endpoint("null") + APART))


def test_a_gateway_endpoint_of_another_vpc_takes_nothing(tmp_path: Path) -> None:
    code = OWN.replace("BODY", "") + endpoint("[aws_route_table.t.id]", "aws_vpc.other.id")
    assert is_no(takes(tmp_path, code))


@pytest.mark.parametrize("name", ["aws_vpc.v.main_route_table_id", "aws_default_route_table.d.id"])
def test_the_main_table_by_each_of_its_names(name: str, tmp_path: Path) -> None:
    assert is_yes(takes(tmp_path, DEFAULT + endpoint(f"[{name}]")))


ZONES = """
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_vpc_endpoint" "e" {
  vpc_id            = aws_vpc.v.id
  service_name      = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type = "Interface"
}
resource "aws_vpc_endpoint" "other" {
  vpc_id            = aws_vpc.v.id
  service_name      = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type = "Interface"
}
resource "aws_route53_zone" "z" {
  name = "ZONE"
  vpc { vpc_id = aws_vpc.v.id }
}
resource "aws_route53_record" "r" {
  zone_id = aws_route53_zone.z.zone_id
  name    = NAME
  type    = "A"
  alias {
    name    = TARGET
    zone_id = aws_vpc_endpoint.e.dns_entry[0].hosted_zone_id
  }
}
variable "target" {}
"""
TARGET = "aws_vpc_endpoint.e.dns_entry[0].dns_name"
HOST = "ssm.eu-west-1.amazonaws.com"
NAMED = {
    "at the top": (HOST, '""', TARGET, ["aws_vpc.v.id"]),
    "by the zone's name": (HOST, "aws_route53_zone.z.name", TARGET, ["aws_vpc.v.id"]),
    "within a zone of the Region": ("eu-west-1.amazonaws.com.", '"ssm"', TARGET, ["aws_vpc.v.id"]),
    "by a wildcard": ("eu-west-1.amazonaws.com", '"*"', TARGET, ["aws_vpc.v.id"]),
    "in full": ("amazonaws.com", f'"{HOST}"', TARGET, ["aws_vpc.v.id"]),
    "another service": ("kms.eu-west-1.amazonaws.com", '""', TARGET, []),
    "another Region": ("ssm.eu-west-2.amazonaws.com", '""', TARGET, []),
    "another endpoint": (HOST, '""', TARGET.replace("endpoint.e", "endpoint.other"), []),
    "something else": (HOST, '""', '"proxy.example.com"', []),
    "something unknown": (HOST, '""', "var.target", None),
}


@pytest.mark.parametrize("case", NAMED)
def test_the_vpcs_in_which_a_zone_leads_to_an_endpoint(case: str, tmp_path: Path) -> None:
    zone, name, target, vpcs = NAMED[case]
    code = ZONES.replace("ZONE", zone).replace("NAME", name).replace("TARGET", target)
    found = next(each for each in account_in(tmp_path, code).vpc_endpoints if each.address.endswith(".e"))
    assert plain(found.named_in) == vpcs if vpcs is not None else isinstance(found.named_in, Unknown)
