"""Nodes, and the links of their way to a recorded session."""

from typing import Any

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account, Role
from ssm_hardening.model.network import Subnet, VpcEndpoint
from tests.rules.builders import fact
from tests.rules.builders_live import REGION, arn, instance
from tests.rules.builders_readers import allow, quiet_account, role

SUBNET, VPC = "subnet-0123456789abcdef0", "vpc-0123456789abcdef0"
AGENT = allow("ssm:UpdateInstanceInformation", "ssmmessages:*")
RECORDS = allow("s3:PutObject", "s3:GetEncryptionConfiguration", "logs:*", resource="*")
USES_KEYS = allow("kms:Decrypt", "kms:GenerateDataKey", resource=arn("kms", "key/*"))
SERVICES = ("ssm", "ssmmessages", "s3", "logs", "kms")


def node_role(*statements: Any, **overrides: Any) -> Role:
    return role("example-node", *(statements or (AGENT, RECORDS, USES_KEYS)), kind="node", **overrides)


def subnet(way_out: str | None = "nat-gateway") -> Subnet:
    defaults = {"name": SUBNET, "vpc": VPC, "cidr": "192.0.2.0/24", "public_ip": False, "way_out": way_out}
    made: Subnet = fact(Subnet, arn("ec2", f"subnet/{SUBNET}"), defaults, {})
    return made


def endpoint(service: str, **overrides: Any) -> VpcEndpoint:
    defaults = {
        "name": f"vpce-{service}",
        "service": f"com.amazonaws.{REGION}.{service}",
        "kind": "Interface",
        "vpc": VPC,
        "private_dns": True,
        "security_groups": [],
        "subnets": [SUBNET],
        "statements": Inventory(),
    }
    made: VpcEndpoint = fact(VpcEndpoint, arn("ec2", f"vpc-endpoint/vpce-{service}"), defaults, overrides)
    return made


def path(**overrides: Any) -> Account:
    """Return an account with one node, all of whose links hold."""
    defaults: dict[str, Any] = {
        "instances": [instance(tags={}, ping="ConnectionLost")],
        "roles": [node_role()],
        "subnets": [subnet()],
        "vpcs": [],
        "vpc_endpoints": [],
        "security_groups": [],
    }
    return quiet_account(**defaults | overrides)


def endpoints(**policies: Any) -> list[VpcEndpoint]:
    return [endpoint(each, **({"statements": policies[each]} if each in policies else {})) for each in SERVICES]
