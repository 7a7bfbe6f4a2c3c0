"""The names of resources, written or made up by the provider."""

from typing import Any

from ssm_hardening.sources.terraform.facts.reading import argument_text, mapped
from ssm_hardening.sources.terraform.resources import Resource
from ssm_hardening.values import Known, Reference, Template, Unknown, Value, Why

_LATER = "AWS tells later: "


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


def id_of(resource: Resource) -> Value[Any]:
    """Return the name of an object that AWS numbers: in code, a reference to it."""
    return Known(Reference(resource.address, "id"), resource.at)


def computed(resource: Resource, what: str) -> Unknown:
    """Say that something is known only once the resource exists."""
    return Unknown(Why.COMPUTED, resource.at, f"{_LATER}{resource.address}.{what}")


def is_told_later(value: Value[Any]) -> bool:
    """Say whether AWS decides on the value, because nobody wrote one."""
    return isinstance(value, Unknown) and value.detail.startswith(_LATER)


def head_of(resource: Resource, name: Value[Any]) -> dict[str, Any]:
    """Return the fields that every fact has."""
    return {
        "address": resource.address,
        "declaration": resource.declaration,
        "origin": resource.at,
        "name": name,
        "exists": resource.exists,
    }
