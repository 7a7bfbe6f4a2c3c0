from pathlib import Path

import pytest

from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.model import Instance
from ssm_hardening.read.code.reader import read_terraform
from tests.read.facts.configurations import account_in, accounts_in, by_address, line, plain

AROUND = """
resource "aws_iam_instance_profile" "node" {
  name = "node"
  role = aws_iam_role.node.name
}
resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = "{}"
}
resource "aws_subnet" "public" {
  vpc_id                  = "vpc-1"
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = true
}
resource "aws_security_group" "node" {}
resource "aws_launch_template" "node" {
  name                   = "node"
  key_name               = "of-template"
  vpc_security_group_ids = [aws_security_group.node.id]
  iam_instance_profile { arn = "arn:aws:iam::123456789012:instance-profile/x/node" }
  network_interfaces { associate_public_ip_address = "true" }
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}
variable "name" {}
"""


def instance_in(folder: Path, body: str, more: str = "") -> Instance:
    (found,) = account_in(folder, f'{AROUND}\nresource "aws_instance" "node" {{\n{body}\n}}\n{more}').instances
    return found


def test_everything_is_written_in_the_instance(tmp_path: Path) -> None:
    node = instance_in(
        tmp_path,
        """
        iam_instance_profile        = aws_iam_instance_profile.node.name
        vpc_security_group_ids      = [aws_security_group.node.id, "sg-1"]
        subnet_id                   = aws_subnet.public.id
        associate_public_ip_address = false
        key_name                    = "door"
        tags                        = { Name = "node", Other = "x" }
        metadata_options { http_tokens = "optional" }
        """,
    )
    assert plain(node.name) == "aws_instance.node.id"
    assert plain(node.label) == "node"
    assert plain(node.kind) == "ec2"
    assert plain(node.profile) == "aws_iam_instance_profile.node.name"
    assert plain(node.role) == "aws_iam_role.node.name"
    assert str(plain(node.security_groups)) == str(["aws_security_group.node.id", "sg-1"])
    assert plain(node.subnet) == "aws_subnet.public.id"
    assert plain(node.public_ip) is False
    assert plain(node.key_name) == "door"
    assert plain(node.imds_tokens) == "optional"
    assert plain(node.imds_hop_limit) is Why.COMPUTED


def test_what_only_aws_tells_is_not_known(tmp_path: Path) -> None:
    node = instance_in(tmp_path, "")
    told_later = (
        node.platform, node.state, node.security_groups, node.subnet, node.public_ip, node.imds_tokens,
        node.imds_hop_limit, node.agent_version, node.agent_latest, node.ping, node.connected,
    )  # fmt: skip
    assert {plain(value) for value in told_later} == {Why.COMPUTED}
    assert [plain(value) for value in (node.label, node.profile, node.role, node.key_name)] == [None] * 4


@pytest.mark.parametrize("version", ['"$Latest"', "aws_launch_template.node.latest_version", 'tostring("$Latest")'])
def test_a_launch_template_says_the_rest(version: str, tmp_path: Path) -> None:
    node = instance_in(tmp_path, f"launch_template {{\nid = aws_launch_template.node.id\nversion = {version}\n}}")
    assert plain(node.key_name) == "of-template"
    assert str(plain(node.security_groups)) == str(["aws_security_group.node.id"])
    assert plain(node.profile) == "node"
    assert plain(node.role) == "aws_iam_role.node.name"
    assert plain(node.public_ip) is True
    assert (plain(node.imds_tokens), plain(node.imds_hop_limit)) == ("required", 1)


@pytest.mark.parametrize(
    "template",
    ["id = aws_launch_template.node.id\nversion = 2", 'name = "other"', "id = var.name"],
)
def test_another_version_of_a_template_may_say_anything(template: str, tmp_path: Path) -> None:
    node = instance_in(tmp_path, f"launch_template {{\n{template}\n}}")
    values = (node.key_name, node.security_groups, node.profile, node.role, node.public_ip, node.imds_tokens)
    assert {plain(value) for value in values} == {Why.COMPUTED}


@pytest.mark.parametrize("template", ["id = aws_launch_template.node.id", 'name = "node"\nversion = "$Default"'])
def test_the_default_version_may_be_older_than_what_the_code_says(template: str, tmp_path: Path) -> None:
    node = instance_in(tmp_path, f"launch_template {{\n{template}\n}}")
    assert plain(node.key_name) == "of-template"
    assert isinstance(node.template, Unknown)


def test_a_template_whose_default_follows_speaks_for_it(tmp_path: Path) -> None:
    text = AROUND.replace("  key_name  ", "  update_default_version = true\n  key_name  ")
    text += 'resource "aws_instance" "node" {\nlaunch_template {\nname = "node"\n}\n}'
    (node,) = account_in(tmp_path, text).instances
    assert plain(node.key_name) == "of-template"


def test_the_subnet_decides_on_public_addresses(tmp_path: Path) -> None:
    assert plain(instance_in(tmp_path, "subnet_id = aws_subnet.public.id").public_ip) is True
    assert plain(instance_in(tmp_path, 'subnet_id = "subnet-1"').public_ip) is Why.COMPUTED


def test_an_elastic_address_is_public(tmp_path: Path) -> None:
    own = "associate_public_ip_address = false"
    address = 'resource "aws_eip" "x" {\ninstance = aws_instance.node.id\n}'
    assert plain(instance_in(tmp_path, own, address).public_ip) is True
    maybe = 'resource "aws_eip" "x" {\ninstance = var.name\n}'
    assert isinstance(instance_in(tmp_path, own, maybe).public_ip, Unknown)


def test_a_profile_that_is_not_here_leaves_the_role_open(tmp_path: Path) -> None:
    text = f'{AROUND}\nresource "aws_instance" "node" {{\niam_instance_profile = "elsewhere"\n}}'
    account = account_in(tmp_path, text)
    (node,), (role,) = account.instances, account.roles
    assert plain(node.role) is Why.COMPUTED
    assert isinstance(role.instances, Unknown)
    assert isinstance(role.kind, Unknown)


def test_groups_know_what_they_are_attached_to(tmp_path: Path) -> None:
    text = f"""{AROUND}
    resource "aws_instance" "a" {{ vpc_security_group_ids = [aws_security_group.node.id] }}
    resource "aws_instance" "b" {{ }}
    resource "aws_security_group" "other" {{ }}
    resource "aws_default_security_group" "default" {{ }}
    """
    groups = by_address(account_in(tmp_path, text).security_groups)
    assert plain(groups["aws_security_group.node"].attached_to) == ["aws_instance.a"]
    assert plain(groups["aws_security_group.other"].attached_to) == []
    assert plain(groups["aws_default_security_group.default"].attached_to) is Why.COMPUTED


def test_an_instance_whose_groups_cannot_be_told_may_be_in_any(tmp_path: Path) -> None:
    text = f'{AROUND}\nresource "aws_instance" "a" {{\nvpc_security_group_ids = [var.name]\n}}'
    (group,) = account_in(tmp_path, text).security_groups
    assert isinstance(group.attached_to, Unknown)


def test_a_check_reads_nothing_of_the_kind(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(AROUND + 'resource "aws_ssm_activation" "a" {\niam_role = "x"\n}')
    (account,) = read_terraform([tmp_path], everything=False).accounts
    assert isinstance(account.subnets.gap, Unknown)
    (account,) = read_terraform([tmp_path]).accounts
    assert account.subnets.gap is None
    assert len(account.subnets) == 1


def test_modules_without_stores_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "main.tf").write_text('resource "aws_subnet" "a" {\nvpc_id = "v"\n}')
    (tmp_path / "net" / "more.tf").write_text("resource {")
    account = account_in(tmp_path, 'module "net" {\nsource = "./net"\n}')
    assert [each.address for each in account.subnets] == ["module.net.aws_subnet.a"]
    assert isinstance(account.subnets.gap, Unknown)
    assert account.log_buckets.items == ()
    assert any(gap.kind == "file" for gap in account.gaps)


def test_a_module_from_elsewhere_may_hold_stores_wherever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "main.tf").write_text('module "far" {\nsource = "far/away/aws"\n}')
    account = account_in(tmp_path, 'module "net" {\nsource = "./net"\n}')
    assert isinstance(account.log_buckets.gap, Unknown)
    assert [gap.affects for gap in account.gaps] == [("module.net.module.far",)]


def test_each_region_has_its_own(tmp_path: Path) -> None:
    text = """
    provider "aws" { region = "eu-west-1" }
    provider "aws" {
      alias  = "us"
      region = "us-east-1"
    }
    resource "aws_subnet" "here" { vpc_id = "v" }
    resource "aws_subnet" "there" {
      provider = aws.us
      vpc_id   = "v"
    }
    """
    found = {plain(each.region): [fact.address for fact in each.subnets] for each in accounts_in(tmp_path, text)}
    assert found == {"eu-west-1": ["aws_subnet.here"], "us-east-1": ["aws_subnet.there"]}


def test_known_values_say_where_they_are_written(tmp_path: Path) -> None:
    node = instance_in(tmp_path, 'key_name = "door"')
    assert isinstance(node.key_name, Known)
    assert line(node.key_name.at) == ("main.tf", line(node.origin)[1] + 1)


INTERFACE = """
resource "aws_network_interface" "own" {
  count           = 1
  subnet_id       = aws_subnet.public.id
  security_groups = [aws_security_group.node.id]
}
"""


@pytest.mark.parametrize("block", ["network_interface", "primary_network_interface"])
def test_an_interface_of_its_own_says_the_groups_and_the_subnet(block: str, tmp_path: Path) -> None:
    body = f"{block} {{\nnetwork_interface_id = aws_network_interface.own[0].id\n}}"
    more = INTERFACE + (
        'resource "aws_network_interface_sg_attachment" "more" {\n'
        'security_group_id    = "sg-more"\n'
        "network_interface_id = aws_network_interface.own[0].id\n}"
    )
    node = instance_in(tmp_path, body, more)
    assert str(plain(node.security_groups)) == str(["aws_security_group.node.id", "sg-more"])
    assert plain(node.subnet) == "aws_subnet.public.id"
    assert isinstance(node.public_ip, Unknown)


def test_the_groups_of_every_interface_count(tmp_path: Path) -> None:
    more = """
    resource "aws_network_interface" "other" {
      subnet_id       = "subnet-1"
      security_groups = ["sg-other"]
    }
    resource "aws_network_interface" "bare" { subnet_id = "subnet-1" }
    """
    own = "network_interface {\nnetwork_interface_id = aws_network_interface.own[0].id\n}\n"
    other = "network_interface {\nnetwork_interface_id = aws_network_interface.%s.id\n}\n"
    node = instance_in(tmp_path, own + other % "other", INTERFACE + more)
    assert str(plain(node.security_groups)) == str(["aws_security_group.node.id", "sg-other"])
    node = instance_in(tmp_path, own + other % "bare", INTERFACE + more)
    assert isinstance(node.security_groups, Known)
    assert isinstance(node.security_groups.value.rest, Unknown)
    node = instance_in(tmp_path, other % "elsewhere", INTERFACE + more)
    assert isinstance(node.security_groups, Unknown)


@pytest.mark.parametrize(
    "attached",
    [
        (
            'resource "aws_network_interface_attachment" "a" {\n'
            "instance_id          = aws_instance.node.id\n"
            "network_interface_id = aws_network_interface.late.id\ndevice_index = 1\n}\n"
            'resource "aws_network_interface" "late" {\nsubnet_id = "s"\nsecurity_groups = ["sg-late"]\n}'
        ),
        (
            'resource "aws_network_interface" "late" {\nsubnet_id = "s"\nsecurity_groups = ["sg-late"]\n'
            "attachment {\ninstance = aws_instance.node.id\ndevice_index = 1\n}\n}"
        ),
    ],
)
def test_an_interface_that_is_attached_later_adds_its_groups(attached: str, tmp_path: Path) -> None:
    node = instance_in(tmp_path, 'vpc_security_group_ids = ["sg-1"]', attached)
    assert plain(node.security_groups) == ["sg-1", "sg-late"]


def test_an_elastic_address_of_the_interface_is_the_nodes(tmp_path: Path) -> None:
    body = "network_interface {\nnetwork_interface_id = aws_network_interface.own[0].id\n}"
    address = 'resource "aws_eip" "x" {\nnetwork_interface = aws_network_interface.own[0].id\n}'
    assert plain(instance_in(tmp_path, body, INTERFACE + address).public_ip) is True


def test_the_metadata_service_may_be_off(tmp_path: Path) -> None:
    assert plain(instance_in(tmp_path, 'metadata_options {\nhttp_endpoint = "disabled"\n}').imds_endpoint) == "disabled"
