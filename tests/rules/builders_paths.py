"""Nodes, and the links of their way to a recorded session."""

from typing import Any

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account, Instance, Role
from ssm_hardening.model.network import GroupRule, SecurityGroup, Subnet, VpcEndpoint
from tests.rules.builders import AT, fact, lift_all, statement
from tests.rules.builders_live import HOST_ROLE, OWNER, REGION, arn, instance, setting
from tests.rules.builders_readers import allow, quiet_account, role

ENDPOINT_GROUP = "sg-00000000000000009"
SUBNET, VPC = "subnet-0123456789abcdef0", "vpc-0123456789abcdef0"
AGENT = allow("ssm:UpdateInstanceInformation", "ssmmessages:*")
RECORDS = allow("s3:PutObject", "s3:GetEncryptionConfiguration", "logs:*", resource="*")
USES_KEYS = allow("kms:Decrypt", "kms:GenerateDataKey", resource=arn("kms", "key/*"))
CHANNELS = allow("ssmmessages:*")
BY_SYSTEMS_MANAGER = statement(actions=["sts:AssumeRole"], principals={"Service": ["ssm.amazonaws.com"]})
BY_EC2 = statement(actions=["sts:AssumeRole"], principals={"Service": ["ec2.amazonaws.com"]})
LENT: dict[str, Any] = {
    "address": f"arn:aws:iam::{OWNER}:role/service-role/lent",
    "name": "lent",
    "path": "/service-role/",
    "trusted_services": ["ssm.amazonaws.com"],
    "trust": Inventory((BY_SYSTEMS_MANAGER,)),
}
"""What a role is called that Default Host Management lends, and who may assume it."""

ONLY_EC2: dict[str, Any] = {"trusted_services": ["ec2.amazonaws.com"], "trust": Inventory((BY_EC2,))}
SERVICES = ("ssm", "ssmmessages", "s3", "logs", "kms")


def node_role(*statements: Any, **overrides: Any) -> Role:
    granted = statements or (AGENT, RECORDS, USES_KEYS)
    return role(**{"name": "example-node", "kind": "node", **ONLY_EC2, **overrides}, statements=Inventory(granted))


def subnet(way_out: str | None = "nat-gateway") -> Subnet:
    defaults = {
        "name": SUBNET,
        "vpc": VPC,
        "cidr": "192.0.2.0/24",
        "public_ip": False,
        "way_out": way_out,
        "route_table": "rtb-00000000000000001",
    }
    made: Subnet = fact(Subnet, arn("ec2", f"subnet/{SUBNET}"), defaults, {})
    return made


def endpoint(service: str, **overrides: Any) -> VpcEndpoint:
    defaults = {
        "name": f"vpce-{service}",
        "service": f"com.amazonaws.{REGION}.{service}",
        "kind": "Interface",
        "vpc": VPC,
        "private_dns": True,
        "security_groups": [ENDPOINT_GROUP],
        "subnets": [SUBNET],
        "statements": Inventory(),
    }
    made: VpcEndpoint = fact(VpcEndpoint, arn("ec2", f"vpc-endpoint/vpce-{service}"), defaults, overrides)
    return made


def endpoint_group(**overrides: Any) -> SecurityGroup:
    """Return the security group of the endpoints: it admits the subnet of the nodes, or whom the rule says."""
    peers = {"cidrs": ["192.0.2.0/24"], "groups": [], "prefix_lists": []} | overrides
    admitting = GroupRule(at=AT, **lift_all(GroupRule, {"protocol": "tcp", "from_port": 443, "to_port": 443, **peers}))
    defaults = {"name": ENDPOINT_GROUP, "vpc": VPC, "inbound": [admitting], "outbound": []}
    made: SecurityGroup = fact(SecurityGroup, arn("ec2", f"security-group/{ENDPOINT_GROUP}"), defaults, {})
    return made


def path(**overrides: Any) -> Account:
    """Return an account with one node, all of whose links hold."""
    defaults: dict[str, Any] = {
        "instances": [instance(tags={}, ping="ConnectionLost")],
        "roles": [node_role()],
        "subnets": [subnet()],
        "vpcs": [],
        "vpc_endpoints": [],
        "security_groups": [endpoint_group()],
    }
    return quiet_account(**defaults | overrides)


def lent_to(
    nodes: list[Instance], *roles: Role, value: str | None = "service-role/lent", lends: Role | None = None
) -> Account:
    """Return an account whose Default Host Management lends nodes a role, or nothing: `value` is the setting."""
    role = node_role(**LENT) if lends is None else lends
    settings = [] if value is None else [setting(HOST_ROLE, value)]
    return path(instances=nodes, roles=[*roles, role], settings=settings)


def endpoints(**policies: Any) -> list[VpcEndpoint]:
    return [endpoint(each, **({"statements": policies[each]} if each in policies else {})) for each in SERVICES]
