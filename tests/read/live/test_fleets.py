"""What Auto Scaling groups launch, as the account tells it: the version of the template that is in force."""

from typing import Any

import pytest

from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.model import Account, Instance
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.clients import AwsTarget
from ssm_hardening.read.live.nodes import instances
from ssm_hardening.read.live.picture import read_account
from ssm_hardening.sandbox.faults import Fault
from ssm_hardening.sandbox.server import Sandbox
from tests.read.live import fleet
from tests.read.live.reading import plain

OPEN = {"MetadataOptions": {"HttpTokens": "optional", "HttpPutResponseHopLimit": 2}, "KeyName": "ops"}
CLOSED = {"MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}}
INSTANCE = {"ImageId": "ami-0a1b2c3d4e5f60718", "InstanceType": "t3.micro"}


def template(name: str, *versions: dict[str, Any]) -> str:
    """Return the id of a new template; its default stays version 1."""
    ec2 = fleet.client("ec2")
    first, *others = [INSTANCE | each for each in versions]
    made = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=first)["LaunchTemplate"]
    for data in others:
        ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=data)
    return str(made["LaunchTemplateId"])


def scaled(name: str = "fleet", *, most: int = 2, **more: Any) -> None:
    named = {"AvailabilityZones": ["us-east-1a"]} if "VPCZoneIdentifier" not in more else {}
    fleet.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name, MinSize=0, MaxSize=most, DesiredCapacity=0, **named, **more
    )


def found(caller: AwsApi) -> list[Instance]:
    return [each for each in instances(caller) if isinstance(each.launcher, Known)]


@pytest.mark.parametrize(
    ("version", "tokens"), [({}, "optional"), ({"Version": "$Latest"}, "required"), ({"Version": "2"}, "required")]
)
def test_the_version_in_force_counts(version: dict[str, str], tokens: str, caller: AwsApi) -> None:
    id_ = template("nodes", OPEN, CLOSED)
    scaled(LaunchTemplate={"LaunchTemplateId": id_, **version})
    (node,) = found(caller)
    assert plain(node.imds_tokens) == tokens
    assert (plain(node.name), plain(node.template), plain(node.launcher)) == ("fleet", id_, "autoscaling-group")
    assert ":autoScalingGroup:" in node.address


def test_a_group_says_where_and_its_template_with_what(caller: AwsApi) -> None:
    fleet.role("node")
    fleet.profile("node-profile", "node")
    home = fleet.vpc()
    one, other, web = fleet.subnet(home), fleet.subnet(home, "10.0.2.0/24"), fleet.group(home)
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Team", "Value": "a"}]}]
    data = {"SecurityGroupIds": [web], "IamInstanceProfile": {"Name": "node-profile"}, "TagSpecifications": tags}
    scaled(
        LaunchTemplate={"LaunchTemplateId": template("nodes", data)},
        VPCZoneIdentifier=f"{one},{other}",
        Tags=[
            {"Key": "Name", "Value": "web", "PropagateAtLaunch": True, "ResourceId": "fleet"},
            {"Key": "Kept", "Value": "x", "PropagateAtLaunch": False, "ResourceId": "fleet"},
        ],
    )
    (node,) = found(caller)
    assert (plain(node.profile), plain(node.role)) == ("node-profile", "node")
    assert plain(node.security_groups) == [web]
    assert plain(node.subnets) == sorted([one, other])
    assert isinstance(node.subnet, Unknown)
    assert plain(node.tags) == {"Name": "web", "Team": "a", "aws:autoscaling:groupName": "fleet"}
    assert plain(node.label) == "web"
    assert isinstance(node.imds_tokens, Unknown)
    assert node.imds_tokens.why is Why.COMPUTED


def test_a_launch_configuration_is_read_as_well(caller: AwsApi) -> None:
    fleet.client("autoscaling").create_launch_configuration(
        LaunchConfigurationName="old", KeyName="ops", SecurityGroups=["sg-1"], AssociatePublicIpAddress=True, **INSTANCE
    )
    scaled(LaunchConfigurationName="old")
    (node,) = found(caller)
    assert (plain(node.key_name), plain(node.security_groups), plain(node.public_ip)) == ("ops", ["sg-1"], True)
    assert plain(node.template) is None


def test_a_configuration_may_leave_addresses_to_the_subnets(caller: AwsApi) -> None:
    fleet.client("autoscaling").create_launch_configuration(LaunchConfigurationName="old", **INSTANCE)
    scaled(LaunchConfigurationName="old")
    (node,) = found(caller)
    assert plain(node.public_ip) is None


def test_each_template_of_mixed_instances_is_a_node(caller: AwsApi) -> None:
    base, other = template("base", CLOSED), template("other", OPEN)
    overrides = [
        {"InstanceType": "t3.large"},
        {"InstanceType": "t4g.large", "LaunchTemplateSpecification": {"LaunchTemplateId": other}},
    ]
    specification = {"LaunchTemplateId": base, "Version": "$Latest"}
    scaled(
        MixedInstancesPolicy={"LaunchTemplate": {"LaunchTemplateSpecification": specification, "Overrides": overrides}}
    )
    first, second = found(caller)
    assert (plain(first.imds_tokens), plain(second.imds_tokens)) == ("required", "optional")
    assert second.address == f"{first.address} ({other})"


def test_a_group_that_may_have_no_instance_launches_none(caller: AwsApi) -> None:
    scaled(most=0, LaunchTemplate={"LaunchTemplateId": template("nodes", OPEN)})
    assert found(caller) == []


def test_where_there_are_no_groups_nothing_else_is_asked(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.reset_calls()
    instances(caller)
    asked = [f"{each.service}:{each.operation}" for each in sandbox.calls()]
    assert asked.count("autoscaling:DescribeAutoScalingGroups") == 1
    assert not any("Launch" in each for each in asked)


def picture(sandbox: Sandbox) -> Account:
    return read_account(AwsTarget(region=sandbox.region))


def test_one_subnet_with_public_addresses_suffices(sandbox: Sandbox) -> None:
    home = fleet.vpc()
    private, public = fleet.subnet(home), fleet.subnet(home, "10.0.2.0/24")
    fleet.client("ec2").modify_subnet_attribute(SubnetId=public, MapPublicIpOnLaunch={"Value": True})
    scaled(LaunchTemplate={"LaunchTemplateId": template("nodes", CLOSED)}, VPCZoneIdentifier=f"{private},{public}")
    account = picture(sandbox)
    (node,) = account.instances
    assert plain(node.public_ip) is True
    assert len(account.subnets) == 2
    assert account.subnets.gap is None
    assert account.security_groups.gap is None


@pytest.mark.parametrize("operation", ["DescribeLaunchTemplateVersions", "DescribeAutoScalingGroups"])
def test_what_is_denied_is_unknown(operation: str, sandbox: Sandbox, caller: AwsApi) -> None:
    scaled(LaunchTemplate={"LaunchTemplateId": template("nodes", CLOSED)})
    service = "ec2" if "Template" in operation else "autoscaling"
    sandbox.set_faults([Fault(service=service, operation=operation)])
    read = instances(caller)
    assert isinstance(read.gap, Unknown) or all(isinstance(each.imds_tokens, Unknown) for each in read)
    assert read.gap is not None or len(read) == 1
