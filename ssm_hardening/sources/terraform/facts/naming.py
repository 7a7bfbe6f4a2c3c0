"""The names of resources, written or made up by the provider."""

from typing import Any

from ssm_hardening.sources.terraform.facts.reading import argument_text, mapped
from ssm_hardening.sources.terraform.resources import Resource
from ssm_hardening.values import Known, Template, Unknown, Value, Why


def name_of(resource: Resource, argument: str) -> Value[Any]:
    """Return the name; with `<argument>_prefix`, or nothing, the provider adds digits to a prefix."""
    prefix = argument_text(resource.config.get(f"{argument}_prefix"), f"{argument}_prefix")
    return mapped(
        argument_text(resource.config.get(argument), argument),
        lambda known: known,
        absent=lambda _: mapped(
            prefix,
            lambda known: _generated(resource, known),
            absent=lambda _: _generated(resource, Known("terraform-", resource.at)),
        ),
    )


def _generated(resource: Resource, prefix: Known[Any]) -> Value[Any]:
    digits = Unknown(Why.COMPUTED, resource.at, f"the generated part of {resource.address}'s name")
    parts = prefix.value.parts if isinstance(prefix.value, Template) else (prefix.value,)
    return Known(Template((*parts, digits)), prefix.at)
