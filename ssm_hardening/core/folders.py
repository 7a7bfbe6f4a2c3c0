"""Folders: those that travel with the package, and private ones for what a child process keeps while it runs.

`modules/`, `templates/` and `examples/` lie inside the package in a wheel; in a checkout and in an editable install
they are at its top level.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ssm_hardening.core.errors import SsmHardenError

_PACKAGE = Path(__file__).resolve().parents[1]


def asset_folder(name: str) -> Path:
    """Return the folder called `name`.

    Raises SsmHardenError where the installation is incomplete.
    """
    for candidate in (_PACKAGE / "_assets" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    from ssm_hardening.core.installation import reinstall  # noqa: PLC0415 - only for a message

    raise SsmHardenError(f"the ssm-harden installation is missing its folder {name!r}", hint=reinstall())


def modules() -> Path:
    """Return the folder of the Terraform modules."""
    return asset_folder("modules")


def templates() -> Path:
    """Return the folder of the Jinja templates."""
    return asset_folder("templates")


def examples() -> Path:
    """Return the folder of the example configurations."""
    return asset_folder("examples")


VARIABLES = ("TMPDIR", "TMP", "TEMP")
"""The environment variables by which programs find the folder for temporary files."""


@contextmanager
def private_folder() -> Iterator[str]:
    """Yield a new folder that only this user can read and write, and remove it with all it holds.

    In a folder that all users share, anyone can put a file where a program will look for one of its own: checkov's
    parser keeps its grammar there as a pickle, under a name that can be worked out, and reading a pickle can run code.
    """
    # A short name: the sockets of Terraform's providers lie below, and their paths may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="ssmh-", ignore_cleanup_errors=True) as name:
        yield name
