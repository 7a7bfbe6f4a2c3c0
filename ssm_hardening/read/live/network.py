"""What the nodes can reach and what reaches them: their groups and subnets, and the endpoints of their VPCs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ssm_hardening.core.logic import certainly, each
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Fact, GroupRule, Instance, SecurityGroup, Subnet, Vpc, VpcEndpoint
from ssm_hardening.read.live.answers import Description, first_gap, identified, known_texts, listed
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.calls import (
    DESCRIBE_ROUTE_TABLES,
    DESCRIBE_SECURITY_GROUP_RULES,
    DESCRIBE_SECURITY_GROUPS,
    DESCRIBE_SUBNETS,
    DESCRIBE_VPC_ENDPOINTS,
    DESCRIBE_VPCS,
    ApiCall,
)
from ssm_hardening.read.live.vpcs import table_of, vpc_fact, way_out

_EVERYTHING = -1


def subnet(entry: Description, table: Description | Unknown) -> Subnet:
    """Return a subnet. `table` is its route table."""
    return Subnet(
        address=entry.at.arn,
        declaration=entry.at.arn,
        origin=entry.at,
        name=entry.text("SubnetId"),
        exists=Known(True, entry.at),
        vpc=entry.text("VpcId"),
        cidr=entry.text_or_absent("CidrBlock"),
        public_ip=entry.flag("MapPublicIpOnLaunch"),
        way_out=table if isinstance(table, Unknown) else way_out(table, entry),
        route_table=table if isinstance(table, Unknown) else table.text("RouteTableId"),
    )


def vpc_endpoint(entry: Description) -> VpcEndpoint:
    """Return an endpoint with its policy."""
    return VpcEndpoint(
        address=entry.at.arn,
        declaration=entry.at.arn,
        origin=entry.at,
        name=entry.text("VpcEndpointId"),
        exists=Known(True, entry.at),
        service=entry.text("ServiceName"),
        kind=entry.text("VpcEndpointType"),
        vpc=entry.text("VpcId"),
        private_dns=entry.flag("PrivateDnsEnabled"),
        security_groups=listed((each.text("GroupId") for each in entry.entries("Groups")), at=entry.at),
        subnets=listed(entry.texts("SubnetIds"), at=entry.at),
        statements=_policy(entry),
        route_tables=listed(entry.texts("RouteTableIds"), at=entry.at),
        named_in=Unknown(Why.OUT_OF_SCOPE, entry.at, "the private hosted zones of the VPC, which are not read"),
    )


def _policy(entry: Description) -> Inventory[Statement]:
    """Return the endpoint's policy: only endpoints of Gateway Load Balancers have none."""
    document = entry.json("PolicyDocument")
    if isinstance(document, Absent) and entry.data.get("VpcEndpointType") in {"Interface", "Gateway"}:
        return Inventory((), entry.malformed("PolicyDocument"))
    return statements_of(document, entry.at)


def security_group(entry: Description, rules: Inventory[Description], attached_to: Value[Items]) -> SecurityGroup:
    """Return a group. `rules` are its own; each has one source or destination, as AWS keeps them."""
    ways: dict[bool, list[GroupRule]] = {True: [], False: []}
    gap = rules.gap
    for rule in sorted(rules, key=lambda each: each.at.arn):
        match rule.flag("IsEgress"):
            case Known(leaving):
                ways[leaving].append(_rule(rule))
            case Absent() | Unknown():
                gap = first_gap(gap, rule.malformed("IsEgress"))
    return SecurityGroup(
        address=entry.at.arn,
        declaration=entry.at.arn,
        origin=entry.at,
        name=entry.text("GroupId"),
        exists=Known(True, entry.at),
        label=entry.text("GroupName"),
        vpc=entry.text("VpcId"),
        inbound=Inventory(tuple(ways[False]), gap),
        outbound=Inventory(tuple(ways[True]), gap),
        attached_to=attached_to,
    )


def _rule(rule: Description) -> GroupRule:
    ranges = (rule.text_or_absent("CidrIpv4"), rule.text_or_absent("CidrIpv6"))
    return GroupRule(
        at=rule.at,
        protocol=rule.text("IpProtocol"),
        from_port=_port(rule, "FromPort"),
        to_port=_port(rule, "ToPort"),
        cidrs=listed(ranges, at=rule.at),
        groups=listed([rule.text_or_absent("ReferencedGroupInfo", "GroupId")], at=rule.at),
        prefix_lists=listed([rule.text_or_absent("PrefixListId")], at=rule.at),
    )


def _port(rule: Description, key: str) -> Value[int]:
    """Return a port; -1 means all of them."""
    port = rule.number_or_absent(key)
    return Absent(rule.at) if certainly(port, lambda number: number == _EVERYTHING) else port


F = TypeVar("F", bound=Fact)

_BATCH = 100

_GONE = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a call lists objects: the key of its list, that of an object's id, and the resource's name in ARNs.

    `page` is the most that AWS puts on one page.
    """

    listed: str
    id: str
    resource: str
    page: int = 1000


_KINDS = {
    DESCRIBE_SUBNETS: _Kind("Subnets", "SubnetId", "subnet"),
    DESCRIBE_VPCS: _Kind("Vpcs", "VpcId", "vpc"),
    DESCRIBE_ROUTE_TABLES: _Kind("RouteTables", "RouteTableId", "route-table", page=100),
    DESCRIBE_VPC_ENDPOINTS: _Kind("VpcEndpoints", "VpcEndpointId", "vpc-endpoint"),
    DESCRIBE_SECURITY_GROUPS: _Kind("SecurityGroups", "GroupId", "security-group"),
    DESCRIBE_SECURITY_GROUP_RULES: _Kind("SecurityGroupRules", "SecurityGroupRuleId", "security-group-rule"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The network around the nodes."""

    security_groups: Inventory[SecurityGroup]
    vpc_endpoints: Inventory[VpcEndpoint]
    subnets: Inventory[Subnet]
    vpcs: Inventory[Vpc]


@dataclass(frozen=True, slots=True)
class _Ids:
    """Ids that were named somewhere; `gap` says why there may be more."""

    known: frozenset[str]
    gap: Unknown | None

    def without(self, seen: "_Ids") -> "_Ids":
        return _Ids(self.known - seen.known, self.gap)


def network(aws: AwsApi, instances: Inventory[Instance]) -> Network:
    """Return groups, subnets and endpoints; the number of calls grows with those of the nodes, not of the account."""
    of_nodes = _ids(_told(group for node in instances for group in each(node.security_groups)), instances.gap)
    in_subnets = _ids(_told(name for node in instances for name in each(node.subnets) or (node.subnet,)), instances.gap)
    subnets, groups = aws.each(
        lambda what: _read(aws, what[0], what[1], what[2]),
        ((DESCRIBE_SUBNETS, "subnet-id", in_subnets), (DESCRIBE_SECURITY_GROUPS, "group-id", of_nodes)),
    )
    vpcs = _ids((each.text("VpcId") for each in (*subnets, *groups)), first_gap(subnets.gap, groups.gap))
    asked = (DESCRIBE_VPC_ENDPOINTS, DESCRIBE_ROUTE_TABLES, DESCRIBE_VPCS)
    endpoints, tables, places = aws.each(lambda call: _read(aws, call, "vpc-id", vpcs), asked)
    # The VPC of every subnet here was asked about: that there may be more VPCs leaves nothing open about its tables.
    tables = replace(tables, gap=None) if tables.gap == vpcs.gap else tables
    nodes = [str(each.name.value) for each in instances if isinstance(each.name, Known)]
    reached = _sorted([vpc_endpoint(each) for each in endpoints if not _is_gone(each)], endpoints.gap)
    of_endpoints = _ids((group for endpoint in reached for group in each(endpoint.security_groups)), reached.gap)
    more = _read(aws, DESCRIBE_SECURITY_GROUPS, "group-id", of_endpoints.without(of_nodes))
    everyone = Inventory((*groups, *more), first_gap(groups.gap, more.gap))
    return Network(
        security_groups=_groups(aws, everyone, instances, reached),
        vpc_endpoints=reached,
        subnets=_sorted([subnet(each, table_of(each, tables)) for each in subnets], subnets.gap),
        vpcs=_sorted(aws.each(lambda each: vpc_fact(aws, each, nodes), places.items), places.gap),
    )


def _told(values: Iterable[Value[Text]]) -> Iterator[Value[Text]]:
    """Yield the names, without those that are decided only when an instance is launched: there is none yet."""
    return (value for value in values if not (isinstance(value, Unknown) and value.why is Why.COMPUTED))


def _sorted(facts: Iterable[F], gap: Unknown | None) -> Inventory[F]:
    return Inventory(tuple(sorted(facts, key=lambda each: each.address)), gap)


def _is_gone(endpoint: Description) -> bool:
    return str(endpoint.data.get("State")).lower() in _GONE


def _ids(values: Iterable[Value[Text]], gap: Unknown | None) -> _Ids:
    texts = known_texts(values, gap)
    return _Ids(frozenset(texts), texts.gap)


def _read(aws: AwsApi, call: ApiCall, by: str, ids: _Ids) -> Inventory[Description]:
    """Return the objects that belong to `ids`, asked for in batches. An id that is no more brings nothing."""
    ordered = sorted(ids.known)
    batches = [ordered[n : n + _BATCH] for n in range(0, len(ordered), _BATCH)]
    pages = aws.each(lambda batch: _batch(aws, call, by, batch), batches)
    gaps = [page.gap for page in pages]
    return Inventory(tuple(each for page in pages for each in page), first_gap(*gaps, ids.gap))


def _batch(aws: AwsApi, call: ApiCall, by: str, ids: list[str]) -> Inventory[Description]:
    kind = _KINDS[call]
    parameters = {"Filters": [{"Name": by, "Values": ids}], "PaginationConfig": {"PageSize": kind.page}}
    found = aws.all(call, kind.listed, aws.who.root, parameters)
    at = call.at(aws.who.root)
    return identified(found, at, kind.id, arn=lambda each, id_: _arn(aws, each, f"{kind.resource}/{id_}"))


def _arn(aws: AwsApi, each: Description, resource: str) -> str:
    """Return the ARN in the owner's account: subnets and groups may be shared by another one."""
    owner = str(each.data.get("OwnerId") or each.data.get("GroupOwnerId") or aws.who.account)
    return f"arn:{aws.who.partition}:ec2:{aws.who.region}:{owner}:{resource}"


def _groups(
    aws: AwsApi, found: Inventory[Description], instances: Inventory[Instance], endpoints: Inventory[VpcEndpoint]
) -> Inventory[SecurityGroup]:
    ids = _ids((each.text("GroupId") for each in found), None)
    rules = _read(aws, DESCRIBE_SECURITY_GROUP_RULES, "group-id", ids)
    of_group: dict[str, list[Description]] = {id_: [] for id_ in ids.known}
    for rule in rules:
        of_group.setdefault(str(rule.data.get("GroupId")), []).append(rule)
    users = _users((*instances, *endpoints))
    hidden = first_gap(instances.gap, endpoints.gap)

    def group(each: Description) -> SecurityGroup:
        id_ = str(each.data["GroupId"])
        attached_to = listed(users.get(id_, ()), hidden, at=each.at)
        return security_group(each, Inventory(tuple(of_group[id_]), rules.gap), attached_to)

    return _sorted(map(group, found), found.gap)


def _users(users: Iterable[Instance | VpcEndpoint]) -> Mapping[str, list[Value[Text]]]:
    """Return for each group's id the addresses of what it is attached to."""
    found: dict[str, list[Value[Text]]] = {}
    for user in users:
        for group in each(user.security_groups):
            if isinstance(group, Known):
                found.setdefault(str(group.value), []).append(Known(user.address, group.at))
    return found
