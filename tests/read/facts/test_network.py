from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory, Unknown, Why
from ssm_hardening.model import GroupRule, SecurityGroup, Subnet, VpcEndpoint
from tests.read.facts.configurations import account_in, by_address, plain

GROUP = """
resource "aws_security_group" "g" {
  name   = "g"
  vpc_id = aws_vpc.v.id
  BODY
}
resource "aws_security_group" "peer" { name = "peer" }
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
variable "name" {}
"""


def group_in(folder: Path, body: str = "", more: str = "") -> SecurityGroup:
    found = by_address(account_in(folder, GROUP.replace("BODY", body) + more).security_groups)["aws_security_group.g"]
    assert isinstance(found, SecurityGroup)
    return found


def told(rules: Inventory[GroupRule]) -> list[list[Any]]:
    fields = ("protocol", "from_port", "to_port", "cidrs", "groups", "prefix_lists")
    return [[plain(getattr(rule, field)) for field in fields] for rule in rules]


LISTED = 'from_port = 443\nto_port = 443\nprotocol = "tcp"\ncidr_blocks = ["10.0.0.0/8"]\nipv6_cidr_blocks = ["::/0"]'
RULE = "security_group_id = aws_security_group.g.id"
IN = {
    "block": (f"ingress {{\n{LISTED}\n}}", ""),
    "attribute": (f"ingress = [{{\n{LISTED}\n}}]", ""),
    "rule": ("", f'resource "aws_security_group_rule" "r" {{\ntype = "ingress"\n{RULE}\n{LISTED}\n}}'),
}


@pytest.mark.parametrize("form", IN)
def test_a_listed_rule_in_each_form(form: str, tmp_path: Path) -> None:
    found = group_in(tmp_path, *IN[form])
    assert told(found.inbound) == [["tcp", 443, 443, ["10.0.0.0/8", "::/0"], [], []]]
    assert found.inbound.gap is None
    assert found.outbound == Inventory()


def test_the_newer_rules_name_one_peer(tmp_path: Path) -> None:
    more = f"""
    resource "aws_vpc_security_group_ingress_rule" "i" {{
      {RULE}
      ip_protocol                  = "6"
      from_port                    = 22
      to_port                      = 22
      referenced_security_group_id = aws_security_group.peer.id
    }}
    resource "aws_vpc_security_group_egress_rule" "e" {{
      {RULE}
      ip_protocol    = "-1"
      prefix_list_id = "pl-1"
    }}
    """
    found = group_in(tmp_path, "", more)
    assert str(told(found.inbound)) == str([["tcp", 22, 22, [], ["aws_security_group.peer.id"], []]])
    assert told(found.outbound) == [["-1", None, None, [], [], ["pl-1"]]]


def test_all_protocols_have_no_ports_and_self_is_the_group(tmp_path: Path) -> None:
    body = 'egress {\nfrom_port = 0\nto_port = 0\nprotocol = "all"\nself = true\n}'
    assert str(told(group_in(tmp_path, body).outbound)) == str(
        [["-1", None, None, [], ["aws_security_group.g.id"], []]]
    )


def test_every_type_of_icmp_is_no_port(tmp_path: Path) -> None:
    body = 'ingress {\nfrom_port = -1\nto_port = -1\nprotocol = "ICMP"\ncidr_blocks = ["0.0.0.0/0"]\n}'
    assert told(group_in(tmp_path, body).inbound) == [["icmp", None, None, ["0.0.0.0/0"], [], []]]


@pytest.mark.parametrize(
    "rule",
    [
        f'type = "ingress"\nsecurity_group_id = var.name\n{LISTED}',
        f"type = var.name\n{RULE}\n{LISTED}",
        f'count = var.name == "" ? 1 : 0\ntype = "ingress"\n{RULE}\n{LISTED}',
    ],
)
def test_a_rule_that_may_be_of_this_group_is_a_gap(rule: str, tmp_path: Path) -> None:
    account = account_in(tmp_path, GROUP.replace("BODY", "") + f'resource "aws_security_group_rule" "r" {{\n{rule}\n}}')
    group = by_address(account.security_groups)["aws_security_group.g"]
    assert not group.inbound.items
    assert isinstance(group.inbound.gap, Unknown)
    other_group = by_address(account.security_groups)["aws_security_group.peer"]
    assert isinstance(other_group.inbound.gap, Unknown) == ("security_group_id = var.name" in rule)


def test_rules_of_other_groups_are_no_concern(tmp_path: Path) -> None:
    rule = f'type = "egress"\nsecurity_group_id = "sg-1"\n{LISTED}'
    found = group_in(tmp_path, "", f'resource "aws_security_group_rule" "r" {{\n{rule}\n}}')
    assert (found.inbound, found.outbound) == (Inventory(), Inventory())


ENDPOINT = """
resource "aws_vpc_endpoint" "e" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.eu-west-1.ssm"
  BODY
}
resource "aws_security_group" "g" { }
variable "name" {}
"""
INTERFACE = 'vpc_endpoint_type = "Interface"\n'
OF_E = "vpc_endpoint_id = aws_vpc_endpoint.e.id"
POLICY = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Principal = "*", Resource = "*" }] })'


def endpoint_in(folder: Path, body: str = "", more: str = "") -> VpcEndpoint:
    (found,) = account_in(folder, ENDPOINT.replace("BODY", body) + more).vpc_endpoints
    return found


def test_a_gateway_has_neither_groups_nor_private_names(tmp_path: Path) -> None:
    found = endpoint_in(tmp_path)
    assert plain(found.service) == "com.amazonaws.eu-west-1.ssm"
    assert plain(found.kind) == "Gateway"
    assert plain(found.private_dns) is False
    assert plain(found.security_groups) == []
    assert plain(found.subnets) == []


def test_without_a_policy_everything_is_allowed_to_everybody(tmp_path: Path) -> None:
    (statement,) = endpoint_in(tmp_path).statements
    assert plain(statement.effect) == "Allow"
    assert plain(statement.actions) == ["*"]


def test_an_interface_for_which_nobody_names_a_group_has_aws_default(tmp_path: Path) -> None:
    assert plain(endpoint_in(tmp_path, INTERFACE).security_groups) is Why.COMPUTED


def test_an_interface_written_in_one(tmp_path: Path) -> None:
    body = f"""{INTERFACE}
    private_dns_enabled = true
    security_group_ids  = [aws_security_group.g.id]
    subnet_ids          = ["subnet-1", "subnet-2"]
    policy              = {POLICY}
    """
    account = account_in(tmp_path, ENDPOINT.replace("BODY", body))
    (found,), (group,) = account.vpc_endpoints, account.security_groups
    assert plain(found.private_dns) is True
    assert plain(found.subnets) == ["subnet-1", "subnet-2"]
    assert [plain(each.actions) for each in found.statements] == [["s3:GetObject"]]
    assert plain(group.attached_to) == ["aws_vpc_endpoint.e"]


def test_an_interface_written_in_parts(tmp_path: Path) -> None:
    more = f"""
    resource "aws_vpc_endpoint_policy" "p" {{
      {OF_E}
      policy = {POLICY}
    }}
    resource "aws_vpc_endpoint_private_dns" "d" {{
      {OF_E}
      private_dns_enabled = true
    }}
    resource "aws_vpc_endpoint_security_group_association" "g" {{
      {OF_E}
      security_group_id = aws_security_group.g.id
    }}
    resource "aws_vpc_endpoint_subnet_association" "s" {{
      {OF_E}
      subnet_id = "subnet-1"
    }}
    """
    found = endpoint_in(tmp_path, INTERFACE, more)
    assert plain(found.private_dns) is True
    assert plain(found.subnets) == ["subnet-1"]
    assert len(plain(found.security_groups)) == 1
    assert [plain(each.actions) for each in found.statements] == [["s3:GetObject"]]


def test_a_policy_that_may_be_of_this_endpoint(tmp_path: Path) -> None:
    more = f'resource "aws_vpc_endpoint_policy" "p" {{\nvpc_endpoint_id = var.name\npolicy = {POLICY}\n}}'
    found = endpoint_in(tmp_path, "", more)
    assert not found.statements.items
    assert isinstance(found.statements.gap, Unknown)


SUBNET = """
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  vpc_id     = VPC
  cidr_block = "10.0.1.0/24"
}
resource "aws_internet_gateway" "i" { }
resource "aws_nat_gateway" "n" { subnet_id = "subnet-1" }
variable "name" {}
"""
TABLE = 'resource "aws_route_table" "t" {\nvpc_id = aws_vpc.v.id\nBODY\n}\n'
ASSOCIATED = """
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}
"""
TO_INTERNET = 'cidr_block = "0.0.0.0/0"\ngateway_id = aws_internet_gateway.i.id'


def subnet_in(folder: Path, more: str, vpc: str = "aws_vpc.v.id") -> Subnet:
    (found,) = account_in(folder, SUBNET.replace("VPC", vpc) + more).subnets
    return found


def table(route: str) -> str:
    return TABLE.replace("BODY", f"route {{\n{route}\n}}")


WAYS = {
    "internet-gateway": table(TO_INTERNET) + ASSOCIATED,
    "nat-gateway": table('cidr_block = "0.0.0.0/0"\nnat_gateway_id = aws_nat_gateway.n.id') + ASSOCIATED,
    "transit-gateway": TABLE.replace("BODY", "")
    + ASSOCIATED
    + 'resource "aws_route" "r" {\nroute_table_id = aws_route_table.t.id\ndestination_cidr_block = "0.0.0.0/0"\n'
    'transit_gateway_id = "tgw-1"\n}',
    "instance": table('cidr_block = "0.0.0.0/0"\nnetwork_interface_id = "eni-1"') + ASSOCIATED,
    "other": table('cidr_block = "0.0.0.0/0"\nvpc_peering_connection_id = "pcx-1"') + ASSOCIATED,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_kind_of_way_out(way: str, tmp_path: Path) -> None:
    assert plain(subnet_in(tmp_path, WAYS[way]).way_out) == way


def test_what_a_subnet_says_of_itself(tmp_path: Path) -> None:
    found = subnet_in(tmp_path, "")
    assert plain(found.vpc) == "aws_vpc.v.id"
    assert plain(found.cidr) == "10.0.1.0/24"
    assert plain(found.public_ip) is False


def test_routes_to_elsewhere_are_no_way_out(tmp_path: Path) -> None:
    inner = table('cidr_block = "10.1.0.0/16"\ngateway_id = "vgw-1"')
    assert plain(subnet_in(tmp_path, inner + ASSOCIATED).way_out) is None


MAIN = {
    "a new VPC's own": ("", None),
    "another one": (
        table(TO_INTERNET)
        + 'resource "aws_main_route_table_association" "m" {\nvpc_id = aws_vpc.v.id\n'
        + "route_table_id = aws_route_table.t.id\n}",
        "internet-gateway",
    ),
    "taken over": (
        (
            'resource "aws_default_route_table" "m" {\ndefault_route_table_id = aws_vpc.v.default_route_table_id\n'
            f"route {{\n{TO_INTERNET}\n}}\n}}"
        ),
        "internet-gateway",
    ),
    "a route of its own": (
        (
            'resource "aws_route" "m" {\nroute_table_id = aws_vpc.v.main_route_table_id\n'
            'destination_cidr_block = "0.0.0.0/0"\ngateway_id = "igw-1"\n}'
        ),
        "internet-gateway",
    ),
}


@pytest.mark.parametrize("case", MAIN)
def test_a_subnet_without_a_table_has_the_main_one(case: str, tmp_path: Path) -> None:
    more, way = MAIN[case]
    assert plain(subnet_in(tmp_path, more).way_out) == way


OPEN = {
    "a VPC of other code": ("", '"vpc-1"'),
    "a table of other code": (ASSOCIATED.replace("aws_route_table.t.id", '"rtb-1"'), "aws_vpc.v.id"),
    "a route to somewhere": (table("cidr_block = var.name\ngateway_id = var.name") + ASSOCIATED, "aws_vpc.v.id"),
    "a route through something": (
        table('cidr_block = "0.0.0.0/0"\ngateway_id = var.name') + ASSOCIATED,
        "aws_vpc.v.id",
    ),
    "a route of some table": (
        TABLE.replace("BODY", "")
        + ASSOCIATED
        + f'resource "aws_route" "r" {{\nroute_table_id = var.name\n{TO_INTERNET}\n}}',
        "aws_vpc.v.id",
    ),
    "a table of some subnet": (
        table(TO_INTERNET) + ASSOCIATED.replace("aws_subnet.s.id", "var.name"),
        "aws_vpc.v.id",
    ),
}


@pytest.mark.parametrize("case", OPEN)
def test_a_way_out_that_cannot_be_told(case: str, tmp_path: Path) -> None:
    more, vpc = OPEN[case]
    assert isinstance(subnet_in(tmp_path, more, vpc).way_out, Unknown)
