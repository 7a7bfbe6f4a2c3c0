"""Where the accounts and the code of the rules' fixtures come from. What they are kept as is known here alone.

Older revisions are recorded, too, so nothing of the tests of rules is asked, which may not know it yet.

A name says which account it is, never how it is kept: an account keeps its name, and what was recorded of it, when its
file becomes code.
"""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

from tests.recorder import product

_BESIDE = re.compile(r"# beside: (.+)\n")


def places(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the accounts in the folder of a rule, each with its name there."""
    for path in sorted(folder.glob("*.py")):
        yield path.name.partition(".")[0], path


def account(place: Path) -> str:
    """Return one of them as the tool itself records accounts."""
    return product.account_json(runpy.run_path(str(place))["ACCOUNT"])


def code(place: Path) -> str:
    """Return the code of a fixture, then that of the files that its first line puts beside it."""
    own = place.read_text(encoding="utf-8")
    found = _BESIDE.match(own)
    names = found[1].split(", ") if found is not None else []
    shared = place.parents[1] / "beside"
    return "\n".join((own, *((shared / name).read_text(encoding="utf-8") for name in names)))
