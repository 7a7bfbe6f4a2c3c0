"""What launches instances in ways of its own: the environments of AWS Batch, and services that are not read."""

from dataclasses import replace
from typing import Final

from ssm_hardening.core.logic import certainly
from ssm_hardening.core.values import Absent, Inventory, Unknown, Why
from ssm_hardening.read.facts.arguments import text_in, texts_in
from ssm_hardening.read.facts.launches import Launch
from ssm_hardening.read.facts.roles import profile_name
from ssm_hardening.read.graph import Config, Resource, Root

BATCH: Final = "aws_batch_compute_environment"

_MANAGED_INSTANCES = "aws_ecs_capacity_provider"
_NOT_READ = (
    "aws_cloud9_environment_ec2",
    "aws_elastic_beanstalk_environment",
    "aws_emr_cluster",
    "aws_emr_instance_fleet",
    "aws_emr_instance_group",
    "aws_imagebuilder_infrastructure_configuration",
    _MANAGED_INSTANCES,
)


def computing(resource: Resource) -> Inventory[Config]:
    """Return what an environment of AWS Batch launches instances with; nothing where it runs on Fargate."""
    blocks = resource.config.blocks("compute_resources")
    return Inventory(tuple(each for each in blocks if not _is_fargate(each)), blocks.gap)


def _is_fargate(block: Config) -> bool:
    return certainly(text_in(block, "type"), lambda kind: str(kind).startswith("FARGATE"))


def of_batch(launch: Launch) -> Launch:
    """Return the launch of an environment, which decides on the profile, the key pair, and the subnets."""
    block = next(iter(computing(launch.resource)), None)
    if block is None:
        return launch
    profile, key = text_in(block, "instance_role"), text_in(block, "ec2_key_pair")
    return replace(
        launch,
        subnets=texts_in(block, "subnets"),
        profile=None if isinstance(profile, Absent) else profile_name(profile),
        key_name=None if isinstance(key, Absent) else key,
    )


def unread_launchers(root: Root) -> Unknown | None:
    """Return that a service launches instances that are not read; None where the code declares no such service."""
    found = root.resources(*_NOT_READ)
    there = (each for each in found if not certainly(each.exists, lambda is_: not is_) and _launches(each))
    first = next(there, None)
    if first is None:
        return found.gap
    return Unknown(Why.UNSUPPORTED, first.at, f"which instances {first.address} launches is not read")


def _launches(resource: Resource) -> bool:
    """Say whether instances are the resource's own: a capacity provider of ECS may also name an Auto Scaling group."""
    if resource.type != _MANAGED_INSTANCES:
        return True
    blocks = resource.config.blocks("managed_instances_provider")
    return bool(blocks.items) or blocks.gap is not None
