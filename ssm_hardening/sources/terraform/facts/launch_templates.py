"""What an instance's launch template says where the instance itself says nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssm_hardening.sources.terraform.facts.naming import name_of
from ssm_hardening.sources.terraform.facts.reading import argument_text, mapped, switch
from ssm_hardening.sources.terraform.resources import Config, Resource, Root
from ssm_hardening.values import Absent, Inventory, Known, Reference, Unknown, Value, Why

TYPE = "aws_launch_template"

_LATEST = "$Latest"

Layer: TypeAlias = Config | Unknown | None
"""The body of the template that applies, why it cannot be told, or nothing where there is none."""


@dataclass(frozen=True, slots=True)
class LaunchTemplates:
    """The launch templates of a root, by address and by literal name."""

    by_address: Mapping[str, Resource]
    by_name: Mapping[str, Resource]

    def of(self, instance: Resource) -> Layer:
        """Return the template of an instance."""
        blocks = instance.config.blocks("launch_template")
        if blocks.gap is not None:
            return blocks.gap
        return next((self._named(each) for each in blocks), None)

    def _named(self, block: Config) -> Layer:
        found = self._found(block)
        if found is None:
            return Unknown(Why.COMPUTED, block.at, "what the launch template says")
        return found.config if _is_current(block, found) else _other_version(block, found)

    def _found(self, block: Config) -> Resource | None:
        for argument in ("id", "name"):
            match argument_text(block.get(argument), argument):
                case Known(Reference(address=address)):
                    return self.by_address.get(address)
                case Known(str() as name):
                    return self.by_name.get(name)
                case _:
                    pass
        return None


def launch_templates_of(root: Root) -> LaunchTemplates:
    """Return the launch templates that a root declares."""
    resources = root.resources(TYPE)
    return LaunchTemplates({each.address: each for each in resources}, dict(_literal_names(resources)))


def _literal_names(resources: Inventory[Resource]) -> Iterable[tuple[str, Resource]]:
    for each in resources:
        match name_of(each, "name"):
            case Known(str() as name):
                yield name, each
            case _:
                pass


def _is_current(block: Config, template: Resource) -> bool:
    """Say whether the version that is asked for is what the code says now."""
    match argument_text(block.get("version"), "version"):
        case Known(str() as version) if version == _LATEST:
            return True
        case Known(Reference(address=address, attribute="latest_version")) if address == template.address:
            return True
        case _:
            updated = switch(template.config.get("update_default_version"), "update_default_version")
            return isinstance(updated, Known) and updated.value and _asks_for_default(block, template)


def _asks_for_default(block: Config, template: Resource) -> bool:
    match argument_text(block.get("version"), "version"):
        case Absent() | Known("$Default"):
            return True
        case Known(Reference(address=address, attribute="default_version")):
            return address == template.address
        case _:
            return False


def _other_version(block: Config, template: Resource) -> Unknown:
    return Unknown(Why.COMPUTED, block.at, f"which version of {template.address} is meant")


def layered(own: Value[Any], template: Layer, read: Callable[[Config], Value[Any]]) -> Value[Any]:
    """Return what the instance says, or else its template."""
    match template:
        case None:
            return own
        case Unknown() as gap:
            return mapped(own, lambda known: known, absent=lambda _: gap)
        case config:
            return mapped(own, lambda known: known, absent=lambda _: read(config))
