from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.nodes import ASKED_FOR_CONNECTION, instances
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet
from tests.read.live.reading import plain

EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/"


def test_an_instance_with_an_agent_and_a_role(sandbox: Sandbox, caller: AwsApi) -> None:
    fleet.role("node")
    fleet.profile("node-profile", "node")
    home = fleet.vpc()
    inside, web = fleet.subnet(home), fleet.group(home)
    (id_,) = fleet.launched(
        name="web-1",
        profile="node-profile",
        SubnetId=inside,
        SecurityGroupIds=[web],
        KeyName="ops",
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
    )
    sandbox.put(instance_information=[fleet.agent(id_)], connection_status={id_: "connected"})

    (found,) = instances(caller).items

    assert plain(found) | {"origin": found.origin} == {
        "address": EC2 + id_,
        "declaration": EC2 + id_,
        "origin": ApiOrigin(EC2 + id_, "ec2:DescribeInstances"),
        "name": id_,
        "exists": True,
        "label": "web-1",
        "kind": "ec2",
        "platform": "Linux",
        "state": "running",
        "profile": "node-profile",
        "role": "node",
        "security_groups": [web],
        "subnet": inside,
        "public_ip": False,
        "key_name": "ops",
        "imds_tokens": "required",
        "imds_hop_limit": 1,
        "agent_version": "3.3.1611.0",
        "agent_latest": False,
        "ping": "Online",
        "connected": True,
        "tags": {"Name": "web-1"},
        "imds_endpoint": "enabled",
        "launcher": None,
        "subnets": None,
        "template": None,
    }
    assert found.ping.at == ApiOrigin(EC2 + id_, "ssm:DescribeInstanceInformation")
    assert found.connected.at == ApiOrigin(EC2 + id_, "ssm:GetConnectionStatus")
    assert found.role.at.call == "iam:GetInstanceProfile"  # type: ignore[union-attr]


def test_an_instance_that_systems_manager_never_heard_of(caller: AwsApi) -> None:
    fleet.launched(name="silent")

    (found,) = instances(caller).items

    assert [plain(each) for each in (found.agent_version, found.ping, found.connected)] == [None, None, None]
    assert (plain(found.profile), plain(found.role)) == (None, None)


def test_terminated_instances_are_gone_though_systems_manager_remembers_them(sandbox: Sandbox, caller: AwsApi) -> None:
    gone, stopped = fleet.launched(count=2)
    sandbox.put(instance_information=[fleet.agent(gone), fleet.agent(stopped, PingStatus="ConnectionLost")])
    fleet.client("ec2").terminate_instances(InstanceIds=[gone])
    fleet.client("ec2").stop_instances(InstanceIds=[stopped])

    (found,) = instances(caller).items

    assert (found.address, plain(found.state), plain(found.ping)) == (EC2 + stopped, "stopped", "ConnectionLost")


def test_a_hybrid_node_has_a_role_and_no_instance(sandbox: Sandbox, caller: AwsApi) -> None:
    id_ = "mi-0123456789abcdef0"
    more = {"ResourceType": "ManagedInstance", "Name": "till", "IamRole": "service-role/hybrid"}
    node = fleet.agent(id_, PlatformType="Windows", **more)
    sandbox.put(instance_information=[node], connection_status={id_: "notconnected"})

    (found,) = instances(caller).items

    assert found.address == f"arn:aws:ssm:{REGION}:{ACCOUNT}:managed-instance/mi-0123456789abcdef0"
    assert [plain(each) for each in (found.kind, found.label, found.role, found.platform)] == [
        "managed",
        "till",
        "hybrid",
        "Windows",
    ]
    assert (plain(found.connected), plain(found.subnet)) == (False, None)


def test_where_ec2_is_denied_nodes_stand_with_what_systems_manager_says(sandbox: Sandbox, caller: AwsApi) -> None:
    (id_,) = fleet.launched()
    sandbox.put(instance_information=[fleet.agent(id_)])
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="ec2", operation="DescribeInstances")])

    found = instances(caller)

    assert found.gap is not None
    assert (found.gap.why, found.gap.detail) == (Why.DENIED, "ec2:DescribeInstances: UnauthorizedOperation")
    (node,) = found.items
    assert (plain(node.ping), plain(node.subnet), plain(node.security_groups)) == ("Online", Why.DENIED, Why.DENIED)
    assert (plain(node.public_ip), plain(node.role), plain(node.exists)) == (Why.DENIED, Why.DENIED, True)


def test_where_systems_manager_is_denied_agents_are_unknown(sandbox: Sandbox, caller: AwsApi) -> None:
    fleet.launched()
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="ssm", operation="DescribeInstanceInformation")])

    found = instances(caller)

    assert found.gap is not None
    (node,) = found.items
    assert {plain(each) for each in (node.agent_version, node.agent_latest, node.ping, node.connected)} == {Why.DENIED}
    assert plain(node.state) == "running"


def test_a_profile_that_cannot_be_read_leaves_the_role_unknown(sandbox: Sandbox, caller: AwsApi) -> None:
    fleet.profile("p")
    fleet.launched(profile="p")
    assert plain(instances(caller).items[0].role) is None
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="iam")])

    (node,) = instances(caller).items

    assert plain(node.profile) == "p"
    assert isinstance(node.role, Unknown)
    assert node.role.detail == "iam:GetInstanceProfile: AccessDenied"


def test_many_nodes_take_few_calls(sandbox: Sandbox, caller: AwsApi) -> None:
    fleet.role("node")
    fleet.profile("p", "node")
    ids = fleet.launched(count=200, profile="p")
    sandbox.put(instance_information=[fleet.agent(id_) for id_ in ids])
    sandbox.reset_calls()

    found = instances(caller)

    assert [each.address for each in found] == sorted(EC2 + id_ for id_ in ids)
    assert {plain(each.ping) for each in found} == {"Online"}
    operations = [call.operation for call in sandbox.calls()]
    assert sorted(set(operations)) == [
        "DescribeAutoScalingGroups",
        "DescribeInstanceInformation",
        "DescribeInstances",
        "GetInstanceProfile",
    ]
    assert len(operations) <= 7
    (connected,) = {plain(each.connected) for each in found}
    assert connected is Why.OUT_OF_SCOPE
    assert len(ids) > ASKED_FOR_CONNECTION
