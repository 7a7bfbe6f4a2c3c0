"""CloudTrail trails."""

from typing import Any

from ssm_hardening.model import Trail
from ssm_hardening.sources.terraform.facts.naming import head_of, name_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, default, switch
from ssm_hardening.sources.terraform.facts.trail_selectors import selected
from ssm_hardening.sources.terraform.resources import Config, Resource, Root
from ssm_hardening.values import Inventory, Value

TYPE = "aws_cloudtrail"


def trails_of(root: Root) -> Inventory[tuple[Resource, Trail]]:
    """Return every trail with its resource."""
    resources = root.resources(TYPE)
    return Inventory(tuple((each, _trail(each)) for each in resources), resources.gap)


def _trail(resource: Resource) -> Trail:
    config = resource.config
    events, excluded = selected(config)
    return Trail(
        **head_of(resource, name_of(resource, "name")),
        multi_region=_switch(config, "is_multi_region_trail", on=False),
        organization=_switch(config, "is_organization_trail", on=False),
        logging=_switch(config, "enable_logging", on=True),
        management_events=events,
        ssm_excluded=excluded,
        validation=_switch(config, "enable_log_file_validation", on=False),
        kms_key=argument_text(config.get("kms_key_id"), "kms_key_id"),
        bucket=argument_text(config.get("s3_bucket_name"), "s3_bucket_name"),
    )


def _switch(config: Config, name: str, *, on: bool) -> Value[Any]:
    return default(switch(config.get(name), name), on)
