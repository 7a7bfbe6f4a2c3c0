"""CloudWatch log groups."""

from typing import Any

from ssm_hardening.model import LogGroup
from ssm_hardening.sources.terraform.facts.naming import name_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, mapped, number
from ssm_hardening.sources.terraform.resources import Resource
from ssm_hardening.values import Absent, Items, Known, Value

TYPE = "aws_cloudwatch_log_group"


def log_group(resource: Resource) -> LogGroup:
    """Return the log group, used by nobody yet."""
    retention = number(resource.config.get("retention_in_days"), "retention_in_days")
    return LogGroup(
        address=resource.address,
        declaration=resource.declaration,
        origin=resource.at,
        name=name_of(resource, "name"),
        exists=resource.exists,
        kms_key=argument_text(resource.config.get("kms_key_id"), "kms_key_id"),
        retention_days=mapped(retention, _unless_forever),
        used_by=Known(Items(()), resource.at),
    )


def _unless_forever(days: Known[Any]) -> Value[Any]:
    return Absent(days.at) if days.value == 0 else days
