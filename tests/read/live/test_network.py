import json

from ssm_hardening.core.values import Why
from ssm_hardening.model import SecurityGroup
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.network import Network, network
from ssm_hardening.read.live.nodes import instances
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet
from tests.read.live.reading import plain

EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}:"
ALLOWED = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


def seen(caller: AwsApi) -> Network:
    return network(caller, instances(caller))


def named(found: Network, id_: str) -> SecurityGroup:
    (group,) = [each for each in found.security_groups if plain(each.name) == id_]
    return group


def test_groups_with_their_rules_and_users(caller: AwsApi) -> None:
    home = fleet.vpc()
    web, other = fleet.group(home, "web"), fleet.group(home, "other")
    fleet.group(home, "unused")
    (id_,) = fleet.launched(SubnetId=fleet.subnet(home), SecurityGroupIds=[web])
    ec2 = fleet.client("ec2")
    ranges = {
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "192.168.0.0/16"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
    }
    peers = {"UserIdGroupPairs": [{"GroupId": other}]}
    ec2.authorize_security_group_ingress(GroupId=web, IpPermissions=[{**ALLOWED, **ranges}, {**ALLOWED, **peers}])

    found = seen(caller)

    assert [plain(each.label) for each in found.security_groups] == ["web"]
    group = named(found, web)
    assert group.address == EC2 + f"security-group/{web}"
    assert (plain(group.vpc), plain(group.attached_to)) == (home, [EC2 + f"instance/{id_}"])
    rules = [plain(each) for each in group.inbound]
    assert {(rule["protocol"], rule["from_port"], rule["to_port"]) for rule in rules} == {("tcp", 443, 443)}
    assert sorted(str(rule["cidrs"] + rule["groups"]) for rule in rules) == sorted(
        str([each]) for each in ("10.0.0.0/8", "192.168.0.0/16", "::/0", other)
    )
    (leaving,) = [plain(each) for each in group.outbound]
    assert (leaving["protocol"], leaving["from_port"], leaving["to_port"]) == ("-1", None, None)
    assert leaving["cidrs"] == ["0.0.0.0/0"]
    assert group.inbound.items[0].at.call == "ec2:DescribeSecurityGroupRules"  # type: ignore[union-attr]
    assert (group.inbound.gap, group.outbound.gap, found.security_groups.gap) == (None, None, None)


def test_endpoints_of_the_vpc_with_policy_and_groups(caller: AwsApi) -> None:
    home = fleet.vpc()
    inside, door = fleet.subnet(home), fleet.group(home, "door")
    (id_,) = fleet.launched(SubnetId=inside, SecurityGroupIds=[fleet.group(home, "web")])
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ssm:*", "Resource": "*"}
    made = fleet.client("ec2").create_vpc_endpoint(
        VpcId=home,
        ServiceName=f"com.amazonaws.{REGION}.ssm",
        VpcEndpointType="Interface",
        SubnetIds=[inside],
        SecurityGroupIds=[door],
        PrivateDnsEnabled=True,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["VpcEndpoint"]["VpcEndpointId"]
    fleet.client("ec2").create_vpc_endpoint(VpcId=fleet.vpc("10.9.0.0/16"), ServiceName=f"com.amazonaws.{REGION}.s3")

    found = seen(caller)

    (endpoint,) = found.vpc_endpoints.items
    assert endpoint.address == EC2 + f"vpc-endpoint/{made}"
    said = plain(endpoint)
    assert (said["service"], said["kind"], said["vpc"]) == (f"com.amazonaws.{REGION}.ssm", "Interface", home)
    assert (said["private_dns"], said["security_groups"], said["subnets"]) == (True, [door], [inside])
    assert [each["actions"] for each in said["statements"]] == [["ssm:*"]]
    assert plain(named(found, door).attached_to) == [endpoint.address]
    assert id_ not in str(plain(named(found, door).attached_to))


def test_where_the_default_route_leads(caller: AwsApi) -> None:
    ec2 = fleet.client("ec2")
    home = fleet.vpc()
    closed, public, private = (fleet.subnet(home, f"10.0.{n}.0/24") for n in range(3))
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=home)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    halves = ("0.0.0.0/1", "128.0.0.0/1")
    ways_out = (public, ("0.0.0.0/0",), {"GatewayId": gateway}), (private, halves, {"NatGatewayId": nat})
    for at, destinations, target in ways_out:
        table = ec2.create_route_table(VpcId=home)["RouteTable"]["RouteTableId"]
        for each in destinations:
            ec2.create_route(RouteTableId=table, DestinationCidrBlock=each, **target)
        ec2.associate_route_table(RouteTableId=table, SubnetId=at)
    ec2.modify_subnet_attribute(SubnetId=public, MapPublicIpOnLaunch={"Value": True})
    web = fleet.group(home)
    for each in (closed, public, private):
        fleet.launched(SubnetId=each, SecurityGroupIds=[web])

    ways = {plain(each.name): (plain(each.way_out), plain(each.public_ip)) for each in seen(caller).subnets}

    assert ways == {closed: (None, False), public: ("internet-gateway", True), private: ("nat-gateway", False)}


def test_the_main_table_counts_for_subnets_without_one(caller: AwsApi) -> None:
    ec2 = fleet.client("ec2")
    home = fleet.vpc()
    fleet.launched(SubnetId=fleet.subnet(home), SecurityGroupIds=[fleet.group(home)])
    main = {"Name": "association.main", "Values": ["true"]}
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [home]}, main])["RouteTables"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=home)
    ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)

    (found,) = seen(caller).subnets.items

    assert plain(found.way_out) == "internet-gateway"


def test_without_nodes_nothing_is_asked(sandbox: Sandbox, caller: AwsApi) -> None:
    fleet.vpc()
    found = network(caller, instances(caller))
    assert (len(found.security_groups), len(found.subnets), found.subnets.gap) == (0, 0, None)
    asked = {call.operation for call in sandbox.calls()}
    assert asked.isdisjoint({"DescribeSubnets", "DescribeSecurityGroups", "DescribeVpcEndpoints"})


def test_each_denied_call_is_a_gap_where_it_counts(sandbox: Sandbox, caller: AwsApi) -> None:
    home = fleet.vpc()
    fleet.launched(SubnetId=fleet.subnet(home), SecurityGroupIds=[fleet.group(home)])

    def denied(operation: str) -> Network:
        sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="ec2", operation=operation)])
        return seen(caller)

    (subnet,) = denied("DescribeRouteTables").subnets.items
    assert plain(subnet.way_out) is Why.DENIED

    blind = denied("DescribeSubnets")
    assert blind.subnets.gap is not None
    assert blind.vpc_endpoints.gap is not None  # other VPCs may be in question
    assert len(blind.security_groups) == 1

    (group,) = denied("DescribeSecurityGroupRules").security_groups.items
    assert (group.inbound.gap is None, group.outbound.gap is None) == (False, False)

    unseen = denied("DescribeVpcEndpoints")
    assert unseen.vpc_endpoints.gap is not None
    assert unseen.vpc_endpoints.gap.detail == "ec2:DescribeVpcEndpoints: UnauthorizedOperation"

    nobody = denied("DescribeInstances")
    gaps = (nobody.security_groups.gap, nobody.subnets.gap, nobody.vpc_endpoints.gap)
    assert [gap.detail for gap in gaps if gap is not None] == ["ec2:DescribeInstances: UnauthorizedOperation"] * 3


def test_many_nodes_are_asked_about_in_batches(sandbox: Sandbox, caller: AwsApi) -> None:
    home = fleet.vpc()
    inside = fleet.subnet(home)
    for n in range(12):
        fleet.launched(count=10, SubnetId=inside, SecurityGroupIds=[fleet.group(home, f"g{n}")])
    fleet_of = instances(caller)
    sandbox.reset_calls()

    found = network(caller, fleet_of)

    assert len(found.security_groups) == 12
    assert len(sandbox.calls()) == 5 + 4  # the VPC, its two attributes, and who else is in it
