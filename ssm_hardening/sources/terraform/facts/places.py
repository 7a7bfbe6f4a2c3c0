"""Where resources belong: a provider configuration of the root, and the Region a resource may name itself."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ssm_hardening.model import Fact
from ssm_hardening.sources.terraform.facts.reading import argument_text
from ssm_hardening.sources.terraform.facts.uses import Place
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Absent, Inventory, Known, Unknown, Value, Why

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Placed(Generic[F]):
    """Facts of one kind with their places; `gap` says why there may be more."""

    items: tuple[tuple[Place, F], ...]
    gap: Unknown | None

    def at(self, place: Place) -> Inventory[F]:
        """Return the facts of one place."""
        return Inventory(tuple(fact for where, fact in self.items if where == place), self.gap)

    def everywhere(self) -> Inventory[F]:
        """Return the facts of all places."""
        return Inventory(tuple(fact for _, fact in self.items), self.gap)


@dataclass(frozen=True, slots=True)
class Places:
    """Where resources belong, and the Region of each place as it was read."""

    root: Root
    regions: dict[Place, Value[Any]]

    def of(self, resource: Resource) -> Place:
        """Return the provider's place, or one of its own where the resource names another Region."""
        written = argument_text(resource.config.get("region"), "region")
        own = self.region_of(resource.provider)
        if isinstance(written, Absent) or _equal(written, own):
            place, region = Place(resource.provider), own
        else:
            shown = str(written.value) if isinstance(written, Known) else written.detail
            place, region = Place(resource.provider, shown), written
        self.regions.setdefault(place, region)
        return place

    def region_of(self, provider: str) -> Value[Any]:
        """Return the Region of a provider configuration."""
        match argument_text(self.root.provider_argument(provider, "region"), "region"):
            case Absent(at):
                return Unknown(Why.OUT_OF_SCOPE, at, f"provider {provider} names no region in the code")
            case Known() | Unknown() as region:
                return region

    def placed(self, found: Inventory[tuple[Resource, F]]) -> Placed[F]:
        """Return facts with the places of the resources that declare them."""
        return Placed(tuple((self.of(resource), fact) for resource, fact in found), found.gap)


def _equal(one: Value[Any], other: Value[Any]) -> bool:
    return isinstance(one, Known) and isinstance(other, Known) and bool(one.value == other.value)
