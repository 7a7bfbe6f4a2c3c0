"""The network of one node, in which everything was read."""

from typing import Any

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account, Subnet, Vpc, VpcEndpoint
from tests.remediation.proposing import allow, node_role, role, weak_account
from tests.rules.builders import fact
from tests.rules.builders_live import arn, instance


def both_ends(**overrides: Any) -> Account:
    """Return an account whose operator and whose node hold nothing but sessions."""
    roles = [role("operators", allow("ssm:StartSession")), node_role("web", allow("ssmmessages:*"))]
    return weak_account(**{"roles": roles, "instances": [instance(1, role="web")], **overrides})


def vpc(*workloads: str, **overrides: Any) -> Vpc:
    fields: dict[str, Any] = {
        "name": "vpc-1",
        "cidrs": ["10.0.0.0/16"],
        "dns_support": True,
        "dns_hostnames": True,
        "workloads": list(workloads),
    }
    made: Vpc = fact(Vpc, arn("ec2", "vpc/vpc-1"), fields, overrides)
    return made


def endpoint(service: str, **overrides: Any) -> VpcEndpoint:
    fields: dict[str, Any] = {
        "name": f"vpce-{service}",
        "service": f"com.amazonaws.ap-southeast-2.{service}",
        "kind": "Interface",
        "vpc": "vpc-1",
        "private_dns": True,
        "security_groups": ["sg-2"],
        "subnets": ["subnet-0123456789abcdef0"],
        "statements": Inventory(),
    }
    made: VpcEndpoint = fact(VpcEndpoint, arn("ec2", f"vpc-endpoint/vpce-{service}"), fields, overrides)
    return made


def closed_subnet(way_out: str | None = None) -> Subnet:
    fields: dict[str, Any] = {
        "name": "subnet-0123456789abcdef0",
        "vpc": "vpc-1",
        "cidr": "10.0.1.0/24",
        "public_ip": False,
        "way_out": way_out,
    }
    made: Subnet = fact(Subnet, arn("ec2", "subnet/subnet-0123456789abcdef0"), fields, {})
    return made


def network(**overrides: Any) -> Account:
    found: dict[str, Any] = {"vpcs": [vpc("eni-billing")], "subnets": [closed_subnet()], "vpc_endpoints": []}
    return both_ends(**found | overrides)
