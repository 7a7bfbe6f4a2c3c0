"""How this copy was installed, so that a hint names what this user has.

The name `ssm-harden` is asked of no index: it may be anybody's there. What an extra needs is named instead, or the
folder that this copy was installed from.
"""

import importlib.metadata
import json
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from urllib.parse import urlsplit
from urllib.request import url2pathname

_NAME = "ssm-harden"
_REQUIREMENT = re.compile(r"""^\s*([^;]+?)\s*;.*\bextra\s*==\s*["']([\w-]+)["']""")


def install_extra(extra: str) -> str:
    """Return how the packages of an extra are added to this copy."""
    needed = tuple(_requirements(extra))
    checkout = _checkout()
    if _is_of_pipx():
        return _shell("pipx", "inject", _NAME, *needed)
    if checkout is not None and _installer():
        return f"{_installer()} install {_editable()}{quote(f'{checkout}[{extra}]')}"
    if _installer() and needed:
        return f"{_installer()} install {' '.join(map(quote, needed))}"
    return f"install {', '.join(needed) or f'the extra {extra}'} for {sys.executable}"


def reinstall() -> str:
    """Return how this copy is made whole again."""
    checkout = _checkout()
    if checkout is not None and _installer() and not _is_of_pipx():
        forced = "--reinstall" if _installer().startswith("UV") else "--force-reinstall"
        return f"{_installer()} install {forced} --no-deps {_editable()}{quote(str(checkout))}"
    return "reinstall ssm-harden from its original source"


def replace_hcl2() -> str:
    """Return how checkov's fork of python-hcl2 is replaced by python-hcl2 in this environment."""
    wanted = next((each for each in _all_requirements() if each.startswith("python-hcl2")), "python-hcl2")
    installer = _installer()
    if not installer:
        return f"remove bc-python-hcl2 and install {wanted} for {sys.executable}"
    remove = f"{installer} uninstall {'' if installer.startswith('UV') else '-y '}bc-python-hcl2"
    forced = "--reinstall" if installer.startswith("UV") else "--force-reinstall"
    return f"{remove} && {installer} install {forced} {quote(wanted)}"


def _installer() -> str:
    """Return the program that installs into this environment, as a shell takes it; empty where there is none."""
    if find_spec("pip") is not None:
        return f"{quote(sys.executable)} -m pip"
    if shutil.which("uv"):
        # The target is named by an environment variable, since `install` and `uninstall` come behind.
        return f"UV_PYTHON={quote(sys.executable)} uv pip"
    return ""


def _is_of_pipx() -> bool:
    return Path(sys.prefix, "pipx_metadata.json").is_file() and shutil.which("pipx") is not None


def _checkout() -> Path | None:
    """Return the folder that this copy was installed from; None where that was no folder, or it is gone."""
    match _source():
        case {"url": str(url), "dir_info": dict()} if url.startswith("file:"):
            folder = Path(url2pathname(urlsplit(url).path))
            return folder if (folder / "pyproject.toml").is_file() else None
        case _:
            return None


def _editable() -> str:
    match _source():
        case {"dir_info": {"editable": True}}:
            return "-e "
        case _:
            return ""


def _source() -> object:
    """Return where the installer says that this copy came from (PEP 610)."""
    try:
        return json.loads(importlib.metadata.distribution(_NAME).read_text("direct_url.json") or "{}")
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return {}


def _requirements(extra: str) -> Iterator[str]:
    for each in _all_requirements():
        found = _REQUIREMENT.match(each)
        if found and found[2] == extra:
            yield found[1]


def _all_requirements() -> tuple[str, ...]:
    try:
        return tuple(importlib.metadata.requires(_NAME) or ())
    except importlib.metadata.PackageNotFoundError:
        return ()


def _shell(*words: str) -> str:
    return " ".join(map(quote, words))
