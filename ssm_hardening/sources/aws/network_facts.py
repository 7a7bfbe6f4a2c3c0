"""From what EC2 says of groups, subnets and endpoints to the facts."""

from ssm_hardening.iam.parsing import statements_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import GroupRule, SecurityGroup, Subnet, VpcEndpoint
from ssm_hardening.sources.aws.data import first_gap
from ssm_hardening.sources.aws.entry import Entry, listed
from ssm_hardening.values import Absent, Inventory, Items, Known, Text, Unknown, Value

_EVERYTHING = -1


def subnet(entry: Entry, leads_to: Value[Text]) -> Subnet:
    """Return a subnet. `leads_to` is its way out."""
    return Subnet(
        address=entry.at.arn,
        declaration=entry.at.arn,
        origin=entry.at,
        name=entry.text("SubnetId"),
        exists=Known(True, entry.at),
        vpc=entry.text("VpcId"),
        cidr=entry.text_or_absent("CidrBlock"),
        public_ip=entry.flag("MapPublicIpOnLaunch"),
        way_out=leads_to,
    )


def vpc_endpoint(entry: Entry) -> VpcEndpoint:
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
    )


def _policy(entry: Entry) -> Inventory[Statement]:
    """Return the endpoint's policy: only endpoints of Gateway Load Balancers have none."""
    document = entry.json("PolicyDocument")
    if isinstance(document, Absent) and entry.data.get("VpcEndpointType") in {"Interface", "Gateway"}:
        return Inventory((), entry.malformed("PolicyDocument"))
    return statements_of(document, entry.at)


def security_group(entry: Entry, rules: Inventory[Entry], attached_to: Value[Items]) -> SecurityGroup:
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


def _rule(rule: Entry) -> GroupRule:
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


def _port(rule: Entry, key: str) -> Value[int]:
    """Return a port; -1 means all of them."""
    match rule.number_or_absent(key):
        case Known(number, at) if number == _EVERYTHING:
            return Absent(at)
        case port:
            return port
