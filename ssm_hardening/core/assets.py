"""Finds the folders that travel with the package: `modules/`, `templates/` and `examples/`.

In a wheel they lie inside the package; in a checkout and in an editable install they are at its top level.
"""

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

    raise SsmHardenError(f"the installation of ssm-harden lacks its folder {name!r}", hint=reinstall())


def modules() -> Path:
    """Return the folder of the Terraform modules."""
    return asset_folder("modules")


def templates() -> Path:
    """Return the folder of the Jinja templates."""
    return asset_folder("templates")


def examples() -> Path:
    """Return the folder of the example configurations."""
    return asset_folder("examples")
