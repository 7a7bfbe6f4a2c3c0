"""Where the accounts of the rules' fixtures come from. What they are kept as is known here and nowhere else.

A name says which account it is, never how it is kept: an account keeps its name, and what was recorded of it, when its
file becomes code.
"""

import runpy
from collections.abc import Iterator
from pathlib import Path

from tests.recorder import product


def places(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the accounts in the folder of a rule, each with its name there."""
    for path in sorted(folder.glob("*.py")):
        yield path.name.partition(".")[0], path


def account(place: Path) -> str:
    """Return one of them as the tool itself records accounts."""
    return product.account_json(runpy.run_path(str(place))["ACCOUNT"])
