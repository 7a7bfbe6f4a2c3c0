"""The families of configurations: the axes of each, and how one is made, read, and judged."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ssm_hardening.model import Account
from ssm_hardening.read.code.reader import read_terraform
from tests.constructed import (
    bounds,
    key_uses,
    network_parts,
    networks,
    plan_forms,
    plan_resources,
    reference_bounds,
    reference_networks,
    reference_plans,
    reference_stores,
    store_forms,
)
from tests.constructed.covering import ACCESS, Design
from tests.constructed.expecting import Expected
from tests.constructed.files import files_of, write
from tests.constructed.judging import Judged
from tests.constructed.judging import judged as compared
from tests.constructed.reference_identities import of_identities
from tests.constructed.reference_nodes import of_node, of_unread
from tests.constructed.reference_sessions import of_sessions


def _code(_case: Any, folder: Path) -> Sequence[Account]:
    return read_terraform([folder]).accounts


@dataclass(frozen=True, slots=True)
class Family:
    """Configurations of one design.

    `files`: the content of each file, by path. `reference`: the verdicts that follow from how a configuration was made.
    `read`: how its folder is read.
    """

    name: str
    design: Design
    files: Callable[[Any], Mapping[str, bytes]]
    reference: Callable[[Any], Iterator[Expected]]
    read: Callable[[Any, Path], Sequence[Account]] = _code

    def judged(self, case: Any, folder: Path) -> Judged:
        """Read the configuration from an empty folder, and compare."""
        write(self.files(case), folder)
        return compared(case, tuple(self.reference(case)), self.read(case, folder))


def _about_access(case: Any) -> Iterator[Expected]:
    yield from of_sessions(case)
    yield from of_identities(case)
    yield from of_node(case)
    yield from of_unread(case)


FAMILIES = (
    Family("access", ACCESS, files_of, _about_access),
    Family("plans", plan_forms.DESIGN, plan_resources.files, reference_plans.of_plan, plan_resources.read),
    Family("stores", store_forms.DESIGN, store_forms.files, reference_stores.of_stores),
    Family("networks", networks.DESIGN, network_parts.files, reference_networks.of_network),
    Family("keys", key_uses.DESIGN, key_uses.files, key_uses.of_keys),
    Family("bounds", bounds.DESIGN, bounds.files, reference_bounds.of_bound),
)


@cache
def everything() -> tuple[tuple[Family, Any], ...]:
    """Return every configuration with its family, in order: the place of each is its number."""
    return tuple((family, case) for family in FAMILIES for case in family.design.cases)
