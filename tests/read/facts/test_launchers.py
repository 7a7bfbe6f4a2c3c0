"""What launches instances alike is a node as well: for each template one, with what the launcher decides itself."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Known, Record, Unknown, Why
from ssm_hardening.model import Instance
from tests.read.facts.configurations import account_in, by_address, plain
from tests.read.facts.test_nodes import AROUND

SECOND = """
resource "aws_launch_template" "second" {
  name                   = "second"
  update_default_version = true
  vpc_security_group_ids = ["sg-open"]
  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "of-template", Team = "a" }
  }
  tag_specifications {
    resource_type = "volume"
    tags          = { Volume = "x" }
  }
}
resource "aws_subnet" "private" {
  vpc_id     = "vpc-1"
  cidr_block = "10.0.1.0/24"
}
"""


def nodes_in(folder: Path, text: str) -> dict[str, Instance]:
    return by_address(account_in(folder, AROUND + SECOND + text).instances)


def group(body: str) -> str:
    return f'resource "aws_autoscaling_group" "fleet" {{\nmax_size = 3\nmin_size = 0\n{body}\n}}'


def tags(node: Instance) -> dict[str, Any]:
    assert isinstance(node.tags, Known)
    assert isinstance(node.tags.value, Record)
    return {key: plain(value) for key, value in node.tags.value.members.items()}


def test_a_group_launches_nodes_from_its_template(tmp_path: Path) -> None:
    (node,) = nodes_in(
        tmp_path,
        group(
            """
            vpc_zone_identifier = [aws_subnet.private.id]
            launch_template {
              id      = aws_launch_template.node.id
              version = "$Latest"
            }
            """
        ),
    ).values()
    assert (node.address, plain(node.launcher)) == ("aws_autoscaling_group.fleet", "autoscaling-group")
    assert plain(node.template) == "aws_launch_template.node.id"
    assert plain(node.key_name) == "of-template"
    assert plain(node.role) == "aws_iam_role.node.name"
    assert plain(node.security_groups) == ["aws_security_group.node.id"]
    assert (plain(node.imds_tokens), plain(node.imds_hop_limit), plain(node.imds_endpoint)) == (
        "required",
        1,
        "enabled",
    )
    assert plain(node.subnet) == "aws_subnet.private.id"
    assert plain(node.state) is Why.COMPUTED


@pytest.mark.parametrize("version", ["", 'version = "$Default"', "version = aws_launch_template.node.default_version"])
def test_the_default_version_may_be_older_than_the_code(version: str, tmp_path: Path) -> None:
    text = group(f"launch_template {{\nid = aws_launch_template.node.id\n{version}\n}}")
    (node,) = nodes_in(tmp_path, text).values()
    assert isinstance(node.template, Unknown)
    assert plain(node.imds_tokens) == "required"


@pytest.mark.parametrize("version", ['version = "2"', "version = 7"])
def test_another_number_names_content_that_is_not_here(version: str, tmp_path: Path) -> None:
    text = group(f"launch_template {{\nid = aws_launch_template.node.id\n{version}\n}}")
    (node,) = nodes_in(tmp_path, text).values()
    assert {plain(node.imds_tokens), plain(node.key_name), plain(node.role)} == {Why.COMPUTED}


def test_a_later_default_version_is_not_the_declared_content(tmp_path: Path) -> None:
    text = """
    resource "aws_launch_template" "third" {
      default_version = 3
      key_name        = "x"
    }
    """ + group("launch_template {\nid = aws_launch_template.third.id\n}")
    (node,) = nodes_in(tmp_path, text).values()
    assert plain(node.key_name) is Why.COMPUTED


def test_each_template_of_mixed_instances_is_a_node(tmp_path: Path) -> None:
    found = nodes_in(
        tmp_path,
        group(
            """
            mixed_instances_policy {
              launch_template {
                launch_template_specification {
                  launch_template_id = aws_launch_template.node.id
                  version            = "$Latest"
                }
                override { instance_type = "t3.large" }
                override {
                  instance_type = "t4g.large"
                  launch_template_specification { launch_template_name = "second" }
                }
              }
            }
            """
        ),
    )
    assert sorted(found) == [
        "aws_autoscaling_group.fleet",
        "aws_autoscaling_group.fleet (aws_launch_template.second)",
    ]
    second = found["aws_autoscaling_group.fleet (aws_launch_template.second)"]
    assert plain(second.security_groups) == ["sg-open"]
    assert plain(second.template) == "aws_launch_template.second.id"
    assert second.declaration == "aws_autoscaling_group.fleet"


def test_a_template_that_every_override_replaces_launches_nothing(tmp_path: Path) -> None:
    found = nodes_in(
        tmp_path,
        group(
            """
            mixed_instances_policy {
              launch_template {
                launch_template_specification { launch_template_id = aws_launch_template.node.id }
                override {
                  launch_template_specification { launch_template_id = aws_launch_template.second.id }
                }
              }
            }
            """
        ),
    )
    assert [plain(node.template) for node in found.values()] == ["aws_launch_template.second.id"]


@pytest.mark.parametrize("name", ["aws_launch_configuration.old.name", "aws_launch_configuration.old.id", '"old"'])
def test_a_launch_configuration_says_everything_itself(name: str, tmp_path: Path) -> None:
    text = """
    resource "aws_launch_configuration" "old" {
      name                        = "old"
      key_name                    = "door"
      security_groups             = ["sg-1"]
      iam_instance_profile        = aws_iam_instance_profile.node.arn
      associate_public_ip_address = "true"
      metadata_options { http_tokens = "optional" }
    }
    """ + group(f"launch_configuration = {name}")
    (node,) = nodes_in(tmp_path, text).values()
    assert plain(node.key_name) == "door"
    assert plain(node.security_groups) == ["sg-1"]
    assert plain(node.role) == "aws_iam_role.node.name"
    assert (plain(node.public_ip), plain(node.imds_tokens), plain(node.template)) == (True, "optional", None)


@pytest.mark.parametrize(
    ("options", "tokens", "hops"),
    [
        ('http_endpoint = "enabled"\nhttp_tokens = "required"\nhttp_put_response_hop_limit = 1', "required", 1),
        ('http_tokens = "required"\nhttp_put_response_hop_limit = 1', Why.COMPUTED, Why.COMPUTED),
        ('http_tokens = "optional"', "optional", Why.COMPUTED),
    ],
)
def test_a_configuration_sends_its_options_only_with_the_endpoint(
    options: str, tokens: object, hops: object, tmp_path: Path
) -> None:
    text = f'resource "aws_launch_configuration" "old" {{\nmetadata_options {{\n{options}\n}}\n}}\n'
    (node,) = nodes_in(tmp_path, text + group("launch_configuration = aws_launch_configuration.old.name")).values()
    assert (plain(node.imds_tokens), plain(node.imds_hop_limit)) == (tokens, hops)


def test_one_subnet_with_public_addresses_suffices(tmp_path: Path) -> None:
    text = group(
        "vpc_zone_identifier = [aws_subnet.private.id, aws_subnet.public.id]\n"
        "launch_template {\nid = aws_launch_template.second.id\n}"
    )
    (node,) = nodes_in(tmp_path, text).values()
    assert plain(node.public_ip) is True
    assert plain(node.subnet) is Why.COMPUTED
    assert len(plain(node.subnets)) == 2


def test_tags_come_from_the_template_and_from_the_group(tmp_path: Path) -> None:
    text = group(
        """
        name = "fleet"
        tag {
          key                 = "Name"
          value               = "of-group"
          propagate_at_launch = true
        }
        tag {
          key                 = "Kept"
          value               = "by-group"
          propagate_at_launch = false
        }
        launch_template { id = aws_launch_template.second.id }
        """
    )
    (node,) = nodes_in(tmp_path, text).values()
    assert tags(node) == {"Name": "of-group", "Team": "a", "aws:autoscaling:groupName": "fleet"}
    assert plain(node.label) == "of-group"


def test_a_group_of_no_instances_has_no_node(tmp_path: Path) -> None:
    text = 'resource "aws_autoscaling_group" "none" {\nmax_size = 0\nlaunch_template {\nname = "second"\n}\n}'
    (node,) = nodes_in(tmp_path, text).values()
    assert plain(node.exists) is False


def test_dynamic_blocks_are_read(tmp_path: Path) -> None:
    text = group(
        """
        dynamic "launch_template" {
          for_each = ["x"]
          content {
            id      = aws_launch_template.second.id
            version = aws_launch_template.second.latest_version
          }
        }
        """
    )
    (node,) = nodes_in(tmp_path, text).values()
    assert plain(node.security_groups) == ["sg-open"]


def test_a_template_may_stand_in_a_module(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    (tmp_path / "template" / "main.tf").write_text(
        'resource "aws_launch_template" "this" {\nkey_name = "door"\n}\n'
        'output "id" {\nvalue = aws_launch_template.this.id\n}\n'
        'output "version" {\nvalue = aws_launch_template.this.latest_version\n}\n'
    )
    text = 'module "t" {\nsource = "./template"\n}\n' + group(
        "launch_template {\nid = module.t.id\nversion = module.t.version\n}"
    )
    (node,) = nodes_in(tmp_path, text).values()
    assert plain(node.key_name) == "door"
    assert plain(node.template) == "module.t.aws_launch_template.this.id"


def test_a_fleet_launches_from_templates(tmp_path: Path) -> None:
    text = """
    resource "aws_ec2_fleet" "f" {
      launch_template_config {
        launch_template_specification {
          launch_template_id = aws_launch_template.second.id
          version            = "$Latest"
        }
        override { subnet_id = aws_subnet.public.id }
      }
      target_capacity_specification {
        default_target_capacity_type = "spot"
        total_target_capacity        = 1
      }
    }
    """
    (node,) = nodes_in(tmp_path, text).values()
    assert plain(node.launcher) == "ec2-fleet"
    assert plain(node.security_groups) == ["sg-open"]
    assert (plain(node.subnet), plain(node.public_ip)) == ("aws_subnet.public.id", True)


def test_a_spot_fleet_launches_from_specifications_and_templates(tmp_path: Path) -> None:
    text = """
    resource "aws_spot_fleet_request" "f" {
      launch_specification {
        ami                      = "ami-1"
        instance_type            = "t3.micro"
        key_name                 = "door"
        vpc_security_group_ids   = ["sg-1"]
        iam_instance_profile_arn = aws_iam_instance_profile.node.arn
        subnet_id                = "subnet-1, subnet-2"
      }
      launch_specification { key_name = "other" }
      launch_template_config {
        launch_template_specification {
          id      = aws_launch_template.second.id
          version = aws_launch_template.second.latest_version
        }
      }
    }
    """
    found = nodes_in(tmp_path, text)
    first, second, third = found.values()
    assert list(found)[1:] == [
        "aws_spot_fleet_request.f (launch specification 2)",
        "aws_spot_fleet_request.f (aws_launch_template.second)",
    ]
    assert (plain(first.key_name), plain(second.key_name)) == ("door", "other")
    assert plain(first.role) == "aws_iam_role.node.name"
    assert plain(first.subnets) == ["subnet-1", "subnet-2"]
    assert plain(first.imds_tokens) is Why.COMPUTED
    assert plain(third.security_groups) == ["sg-open"]


def test_a_spot_request_is_an_instance(tmp_path: Path) -> None:
    text = """
    resource "aws_spot_instance_request" "s" {
      key_name               = "door"
      vpc_security_group_ids = ["sg-1"]
      iam_instance_profile   = aws_iam_instance_profile.node.name
      tags                   = { Stays = "here" }
      metadata_options { http_tokens = "optional" }
    }
    """
    (node,) = nodes_in(tmp_path, text).values()
    assert (node.address, plain(node.launcher)) == ("aws_spot_instance_request.s", None)
    assert (plain(node.key_name), plain(node.imds_tokens)) == ("door", "optional")
    assert plain(node.role) == "aws_iam_role.node.name"
    assert tags(node) == {}


NODE_GROUP = """
resource "aws_eks_node_group" "n" {
  cluster_name  = "c"
  node_role_arn = aws_iam_role.node.arn
  subnet_ids    = [aws_subnet.private.id]
  %s
}
"""


def test_a_node_group_has_its_role_without_any_template(tmp_path: Path) -> None:
    (node,) = nodes_in(tmp_path, NODE_GROUP % "").values()
    assert plain(node.launcher) == "eks-node-group"
    assert plain(node.role) == "aws_iam_role.node.arn"
    assert isinstance(node.profile, Known)
    assert {plain(node.security_groups), plain(node.imds_tokens), plain(node.imds_hop_limit)} == {Why.COMPUTED}
    assert plain(node.key_name) is None
    (role,) = account_in(tmp_path, AROUND + SECOND + NODE_GROUP % "").roles
    assert plain(role.instances) == ["aws_eks_node_group.n"]


def test_a_node_group_takes_groups_and_options_from_its_template(tmp_path: Path) -> None:
    template = """
    launch_template {
      id      = aws_launch_template.second.id
      version = aws_launch_template.second.latest_version
    }
    """
    (node,) = nodes_in(tmp_path, NODE_GROUP % template).values()
    assert plain(node.security_groups) == ["sg-open"]
    assert plain(node.role) == "aws_iam_role.node.arn"


def test_what_cannot_be_evaluated_leaves_everything_open(tmp_path: Path) -> None:
    text = group('dynamic "launch_template" {\nfor_each = var.name\ncontent {\nid = "lt-1"\n}\n}')
    nodes = nodes_in(tmp_path, text).values()
    assert {plain(node.key_name) for node in nodes} <= {Why.COMPUTED, Why.UNRESOLVED_INPUT}
    assert all(isinstance(node.template, Unknown) for node in nodes)


def test_a_key_without_sources_opens_ssh_to_the_world(tmp_path: Path) -> None:
    account = account_in(tmp_path, AROUND + SECOND + NODE_GROUP % 'remote_access {\nec2_ssh_key = "door"\n}')
    (node,) = account.instances
    made = by_address(account.security_groups)["aws_eks_node_group.n (remote access)"]
    assert plain(node.key_name) == "door"
    assert plain(made.attached_to) == ["aws_eks_node_group.n"]
    (rule,) = made.inbound
    assert (plain(rule.from_port), plain(rule.cidrs), plain(rule.groups)) == (22, ["0.0.0.0/0"], [])


def test_a_key_with_sources_opens_ssh_to_these(tmp_path: Path) -> None:
    access = 'remote_access {\nec2_ssh_key = "door"\nsource_security_group_ids = ["sg-1"]\n}'
    account = account_in(tmp_path, AROUND + SECOND + NODE_GROUP % access)
    made = by_address(account.security_groups)["aws_eks_node_group.n (remote access)"]
    (rule,) = made.inbound
    assert (plain(rule.cidrs), plain(rule.groups)) == ([], ["sg-1"])


def test_an_activation_registers_nodes_of_its_role(tmp_path: Path) -> None:
    text = 'resource "aws_ssm_activation" "hybrid" {\niam_role = aws_iam_role.node.id\ntags = { Team = "a" }\n}'
    (node,) = nodes_in(tmp_path, text).values()
    assert (plain(node.kind), plain(node.launcher)) == ("managed", "hybrid-activation")
    assert plain(node.role) == "aws_iam_role.node.id"
    assert tags(node) == {"Team": "a"}
    assert [plain(each) for each in (node.subnet, node.security_groups, node.key_name)] == [None] * 3


def test_the_groups_of_every_interface_of_a_template_count(tmp_path: Path) -> None:
    template = """
    resource "aws_network_interface" "own" {
      subnet_id       = aws_subnet.private.id
      security_groups = ["sg-own"]
    }
    resource "aws_launch_template" "two" {
      network_interfaces {
        device_index                = 0
        security_groups             = ["sg-1"]
        associate_public_ip_address = false
      }
      network_interfaces {
        device_index         = 1
        network_interface_id = aws_network_interface.own.id
      }
    }
    """
    launch = 'launch_template {\nid = aws_launch_template.two.id\nversion = "$Latest"\n}'
    (node,) = nodes_in(tmp_path, template + group(launch)).values()
    assert plain(node.security_groups) == ["sg-1", "sg-own"]
    assert plain(node.public_ip) is False


def test_a_template_may_call_its_groups_by_name(tmp_path: Path) -> None:
    template = 'resource "aws_launch_template" "n" {\nsecurity_group_names = [aws_security_group.node.name]\n}\n'
    launch = 'launch_template {\nid = aws_launch_template.n.id\nversion = "$Latest"\n}'
    (node,) = nodes_in(tmp_path, template + group(launch)).values()
    assert plain(node.security_groups) == ["aws_security_group.node.name"]
