"""Nodes whose way to a recorded session is whole, or broken at one link."""

from dataclasses import replace
from typing import Any

from ssm_hardening.model import Account, Role
from ssm_hardening.model.network import Subnet, VpcEndpoint
from ssm_hardening.values import Inventory
from tests.rules.builders import fact, gap, statement
from tests.rules.builders_live import HOST_ROLE, REGION, arn, instance, live_bucket, live_group, live_keys, setting
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


def account(**overrides: Any) -> Account:
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


def scenarios() -> dict[str, Account]:
    reading = statement(actions=["ssmmessages:Open*"], resources=["*"], principals={"*": ["*"]})
    everything = statement(actions=["*"], resources=["*"], principals={"*": ["*"]})
    refusing = statement(effect="Deny", actions=["s3:PutObject"], resources=["*"], principals={"*": ["*"]})
    keys = live_keys()
    return {
        "a whole path": account(),
        "a whole path by endpoints": account(
            subnets=[subnet(None)], vpc_endpoints=endpoints(ssm=Inventory((everything,)))
        ),
        "a path without rights": account(roles=[node_role(AGENT)]),
        "a path without channels": account(roles=[node_role(RECORDS)]),
        "a path without way out": account(subnets=[subnet(None)]),
        "a path whose endpoint lets little through": account(
            subnets=[subnet(None)], vpc_endpoints=endpoints(ssmmessages=Inventory((reading,)))
        ),
        "a path to a bucket that refuses": account(
            log_buckets=[live_bucket(replicates_to=[], access_points=[], statements=Inventory((refusing,)))]
        ),
        "a path to DSSE": account(log_buckets=[live_bucket(encryption="aws:kms:dsse")]),
        "a path to a group without key": account(log_groups=[live_group(kms_key=None)]),
        "a path to a key for nobody": account(keys=[replace(each, statements=Inventory((refusing,))) for each in keys]),
        "a path of an unread role": account(roles=Inventory((), gap())),
        "a path without preferences": account(session_documents=[]),
        "a path of a node without profile": account(
            instances=[instance(tags={}, role=None, profile=None)], settings=[setting(HOST_ROLE, "$None")]
        ),
    }
