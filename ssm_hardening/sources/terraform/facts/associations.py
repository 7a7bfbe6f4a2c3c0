"""State Manager associations."""

from collections.abc import Iterator
from typing import Any

from ssm_hardening.model import Association
from ssm_hardening.sources.terraform.facts.gathering import gathered, texts
from ssm_hardening.sources.terraform.facts.naming import head_of, id_of
from ssm_hardening.sources.terraform.facts.reading import argument_text
from ssm_hardening.sources.terraform.resources import Config, Resource, Root
from ssm_hardening.values import Absent, Inventory, Items, Known, Unknown, Value, Why

TYPE = "aws_ssm_association"


def associations_of(root: Root) -> Inventory[tuple[Resource, Association]]:
    """Return every association with its resource."""
    resources = root.resources(TYPE)
    return Inventory(tuple((each, _association(each)) for each in resources), resources.gap)


def _association(resource: Resource) -> Association:
    blocks = resource.config.blocks("targets")
    return Association(
        **head_of(resource, id_of(resource)),
        document=argument_text(resource.config.get("name"), "name"),
        targets=gathered((each for block in blocks for each in _target(block)), resource.at, gap=blocks.gap),
    )


def _target(block: Config) -> Iterator[Value[Any]]:
    """Yield `key=value,value`."""
    match argument_text(block.get("key"), "key"), texts(block.get("values"), "values"):
        case Known(str() as key, at), Known(Items(values, None)) if all(_is_plain(each) for each in values):
            yield Known(f"{key}={','.join(str(each.value) for each in values if isinstance(each, Known))}", at)
        case Unknown() as gap, _:
            yield gap
        case _, Unknown() as gap:
            yield gap
        case Absent(), _:
            return
        case _:
            yield Unknown(Why.COMPUTED, block.at, "what the association is aimed at")


def _is_plain(value: Value[Any]) -> bool:
    return isinstance(value, Known) and isinstance(value.value, str)
