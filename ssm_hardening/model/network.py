"""What the nodes can reach, and what reaches them."""

from dataclasses import dataclass, field

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Items, Text, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model.facts import Fact, not_read


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule:
    """One rule of a security group. `protocol` is `tcp`, `udp`, `icmp`, a number as text, or `-1` for all.

    Ports are Absent where the protocol has none or all are meant. `cidrs` holds IPv4 and IPv6 ranges, `groups` the ids
    of other groups, `prefix_lists` ids of prefix lists. Code may list several in one rule; live, each has a rule of its
    own, as AWS keeps them.
    """

    at: Origin
    protocol: Value[Text]
    from_port: Value[int]
    to_port: Value[int]
    cidrs: Value[Items]
    groups: Value[Items]
    prefix_lists: Value[Items]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup(Fact):
    """A security group. `name` is its id (in code: a reference), `label` its group name.

    `attached_to` lists addresses of instances and endpoints.
    """

    label: Value[Text]
    vpc: Value[Text]
    inbound: Inventory[GroupRule]
    outbound: Inventory[GroupRule]
    attached_to: Value[Items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc(Fact):
    """A VPC that nodes or endpoints are in. `name` is its id (in code: a reference), `cidrs` its ranges.

    `dns_support` and `dns_hostnames` are the two attributes that private DNS needs. `workloads` lists network
    interfaces that belong neither to nodes nor to endpoints: who else resolves names through it (in code: unknown).
    """

    cidrs: Value[Items]
    dns_support: Value[bool]
    dns_hostnames: Value[bool]
    workloads: Value[Items]


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcEndpoint(Fact):
    """A VPC endpoint. `service` is the full service name, `kind` `Interface` or `Gateway`; `statements` its policy.

    `route_tables` are those that have a route to a gateway endpoint. `named_in` are the VPCs in which a private hosted
    zone resolves the service's name to the endpoint, as private DNS does in its own VPC.
    """

    service: Value[Text]
    kind: Value[Text]
    vpc: Value[Text]
    private_dns: Value[bool]
    security_groups: Value[Items]
    subnets: Value[Items]
    statements: Inventory[Statement]
    route_tables: Value[Items] = field(default_factory=not_read)
    named_in: Value[Items] = field(default_factory=not_read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet(Fact):
    """A subnet of a node. `way_out` is the kind of the default route's target.

    It is `internet-gateway`, `nat-gateway`, `transit-gateway`, `instance`, `other`, or Absent where there is no default
    route (for IPv4, unless the subnet has IPv6 only), or it drops everything. `route_table` is the table that the
    subnet uses, its own or the main one of its VPC. `public_ip` says whether instances get a public address by default.
    """

    vpc: Value[Text]
    cidr: Value[Text]
    public_ip: Value[bool]
    way_out: Value[Text]
    route_table: Value[Text] = field(default_factory=not_read)
