"""Service settings of Systems Manager."""

from typing import Any

from ssm_hardening.model import ServiceSetting
from ssm_hardening.sources.terraform.facts.naming import head_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, mapped
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Inventory, Known, Template, Value

TYPE = "aws_ssm_service_setting"

_MARK = ":servicesetting"


def settings_of(root: Root) -> Inventory[tuple[Resource, ServiceSetting]]:
    """Return every declared setting with its resource."""
    resources = root.resources(TYPE)
    return Inventory(tuple((each, _setting(each)) for each in resources), resources.gap)


def _setting(resource: Resource) -> ServiceSetting:
    written = argument_text(resource.config.get("setting_id"), "setting_id")
    return ServiceSetting(
        **head_of(resource, mapped(written, _id_in_arn)),
        value=argument_text(resource.config.get("setting_value"), "setting_value"),
    )


def _id_in_arn(known: Known[Any]) -> Value[Any]:
    """Return the setting's id, which an ARN ends in, whatever holes its account and Region leave."""
    match known.value:
        case str() as text if _MARK in text:
            return Known(text.partition(_MARK)[2], known.at)
        case Template(parts=(*_, str() as tail)) if _MARK in tail:
            return Known(tail.partition(_MARK)[2], known.at)
        case _:
            return known
