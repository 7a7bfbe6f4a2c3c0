"""What is said of instances that something launches alike: whose they are, and which version of a template they get."""

from collections.abc import Iterator, Mapping

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Unknown
from ssm_hardening.model import Instance

_LAUNCHERS: Mapping[str, str] = {
    "autoscaling-group": "Auto Scaling group",
    "ec2-fleet": "EC2 fleet",
    "spot-fleet": "spot fleet",
    "eks-node-group": "EKS node group",
    "batch-environment": "AWS Batch environment",
}
_ACTIVATION = "hybrid-activation"


def of_launched(node: Instance) -> str:
    """Return what messages about the instances of a launcher begin with; empty for a node of its own."""
    kind = str(known_or(node.launcher, ""))
    if kind == _ACTIVATION:
        return "machines that register with this activation: "
    return f"instances that this {_LAUNCHERS.get(kind, 'launcher')} launches: " if kind else ""


def in_another_version(node: Instance) -> Iterator[Unknown]:
    """Yield that the version of the launch template that is in force may say something else than what was read.

    What is wrong in the version that was read stays wrong: the next version, or the first one, is made of it.
    """
    if isinstance(node.template, Unknown):
        yield node.template
