"""The recipes of CONTRIBUTING: which places each of them touches by hand, and with which tables."""

import re
from dataclasses import dataclass
from pathlib import Path

MOST = {
    "A rule": 5,
    "An attribute that AWS returns": 4,
    "A format of a report": 2,
    "A Terraform resource type": 3,
    "A module": 3,
}
"""How many places each recipe touches at most; the folder of a module, with its HCL, is one."""

_RECIPE = re.compile(r"^### (.+?)\n(.*?)(?=^##)", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(r"^\d+\. `([^`]+)`(?: \(((?:`\w+`(?:, )?)+)\))?:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe as it is written, and its places: a path, perhaps with a `<name>` in it, and the tables in that file."""

    title: str
    text: str

    @property
    def places(self) -> dict[str, tuple[str, ...]]:
        """Return the places in their order."""
        return {place: tuple(re.findall(r"\w+", tables)) for place, tables in _PLACE.findall(self.text)}


def recipes(root: Path) -> dict[str, Recipe]:
    """Return the recipes of a checkout by their titles. Raises OSError."""
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return {title: Recipe(title, body) for title, body in _RECIPE.findall(text)}
