"""AWS Batch launches nodes, and services whose instances are not read leave the list of nodes open."""

from pathlib import Path
from typing import Final

import pytest

from ssm_hardening.core.values import Why
from tests.read.facts.configurations import account_in, plain
from tests.read.facts.test_launchers import nodes_in
from tests.read.facts.test_nodes import AROUND

ENVIRONMENT: Final = """
resource "aws_batch_compute_environment" "work" {
  type = "MANAGED"
  compute_resources {
    type               = "%s"
    instance_role      = aws_iam_instance_profile.node.arn
    security_group_ids = %s
    subnets            = [aws_subnet.private.id]
    launch_template {
      launch_template_id = aws_launch_template.second.id
      version            = "$Latest"
    }
  }
}
"""


@pytest.mark.parametrize(
    ("own", "groups"), [("[aws_security_group.node.id]", ["aws_security_group.node.id"]), ("[]", ["sg-open"])]
)
def test_an_environment_of_batch_launches_nodes_with_its_own_groups_or_those_of_its_template(
    own: str, groups: list[str], tmp_path: Path
) -> None:
    (node,) = nodes_in(tmp_path, ENVIRONMENT % ("SPOT", own)).values()
    assert (node.address, plain(node.launcher)) == ("aws_batch_compute_environment.work", "batch-environment")
    assert plain(node.security_groups) == groups
    assert plain(node.role) == "aws_iam_role.node.name"
    assert plain(node.subnet) == "aws_subnet.private.id"


def test_an_environment_on_fargate_has_no_node(tmp_path: Path) -> None:
    assert nodes_in(tmp_path, ENVIRONMENT % ("FARGATE_SPOT", "[]")) == {}


@pytest.mark.parametrize(
    "block",
    [
        'resource "aws_emr_cluster" "other" {}',
        'resource "aws_elastic_beanstalk_environment" "other" {}',
        'resource "aws_ecs_capacity_provider" "other" {\nmanaged_instances_provider {}\n}',
    ],
)
def test_what_a_service_launches_leaves_the_list_of_nodes_open(block: str, tmp_path: Path) -> None:
    gap = account_in(tmp_path, AROUND + block).instances.gap
    assert gap is not None
    assert gap.why is Why.UNSUPPORTED
    assert gap.detail.endswith(".other launches is not read")


@pytest.mark.parametrize(
    "block",
    [
        'resource "aws_emr_cluster" "other" {\ncount = 0\n}',
        'resource "aws_ecs_capacity_provider" "other" {\nauto_scaling_group_provider {}\n}',
    ],
)
def test_a_service_that_launches_nothing_of_its_own_leaves_it_closed(block: str, tmp_path: Path) -> None:
    assert account_in(tmp_path, AROUND + block).instances.gap is None
