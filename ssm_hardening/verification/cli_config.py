"""Terraform's own settings of the user: its CLI configuration, and what it takes from the environment.

Nothing is configured here. It is read to know which of Terraform's ways to a provider has a say, and to hand a child
those settings that lead somewhere: it runs in another folder, and complains of the others in every answer.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.core.errors import UnreadableError

FILE = "TF_CLI_CONFIG_FILE"
CACHE = "TF_PLUGIN_CACHE_DIR"
CLIENT_TIMEOUT = "TF_REGISTRY_CLIENT_TIMEOUT"

_OLD_FILE = "TERRAFORM_CONFIG"
_PASSED = (
    "XDG_DATA_HOME", "XDG_DATA_DIRS", CLIENT_TIMEOUT, "TF_REGISTRY_DISCOVERY_RETRY", "TF_PROVIDER_DOWNLOAD_RETRY",
    "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE",
)  # fmt: skip
_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CliConfig:
    """What the CLI configuration says: the file with a `provider_installation` block, and the plugin cache."""

    installation: Path | None = None
    cache: Path | None = None


def settings() -> dict[str, str]:
    """Return the variables of the environment that Terraform itself reads to find providers, where they lead somewhere.

    Paths are absolute. A configuration that is no file and a cache that is no folder are left out.
    """
    found = {name: os.environ[name] for name in _PASSED if name in os.environ}
    file, cache = _named_file(), _named_cache()
    return found | ({FILE: str(file)} if file else {}) | ({CACHE: str(cache)} if cache else {})


def read(*, opentofu: bool) -> CliConfig:
    """Return what the user's CLI configuration says. A file that cannot be read says nothing: init tells of it."""
    installation, cache = None, _named_cache()
    for file in _files(opentofu=opentofu):
        names, given = _content(file)
        if "provider_installation" in names:
            installation = installation or file
        if cache is None and given:
            folder = Path(os.path.expandvars(given))
            cache = folder if folder.is_dir() else None
    return CliConfig(installation, cache)


def implied_mirrors(*, opentofu: bool) -> tuple[Path, ...]:
    """Return the user's folders that Terraform takes for local mirrors without being told."""
    home = Path.home()
    plain = home / ".terraform.d"
    data = os.environ.get("XDG_DATA_HOME", "")
    own = Path(data, "opentofu") if opentofu and data and not plain.exists() else plain
    if sys.platform == "darwin":
        shared = [base / "Library/Application Support/io.terraform" for base in (home, Path("/"))]
    else:
        bases = [data or str(home / ".local/share"), *_data_folders()]
        shared = [Path(base, name) for base in bases for name in ("terraform", *(["opentofu"] if opentofu else []))]
    return tuple(base / "plugins" for base in (own, *shared) if (base / "plugins").is_dir())


def _data_folders() -> list[str]:
    given = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return [each for each in given.split(":") if Path(each).is_absolute()]


def _named_file() -> Path | None:
    given = os.environ.get(FILE) or os.environ.get(_OLD_FILE)
    if not given:
        return None
    path = Path(given).absolute()
    return path if path.exists() and not path.is_dir() else None


def _named_cache() -> Path | None:
    given = os.environ.get(CACHE)
    return Path(given).absolute() if given and Path(given).is_dir() else None


def _files(*, opentofu: bool) -> Iterator[Path]:
    """Yield the files that make up the configuration, in the order in which Terraform reads them."""
    named = _named_file()
    if named is not None:
        yield named
        return
    home = Path.home()
    plain, folder = home / ".terraformrc", home / ".terraform.d"
    config = os.environ.get("XDG_CONFIG_HOME", "")
    if opentofu:
        tofu = home / ".tofurc"
        if config and not plain.exists() and not tofu.exists():
            tofu = Path(config, "opentofu", "tofurc")
        plain = plain if plain.exists() and not tofu.exists() else tofu
        folder = Path(config, "opentofu") if config and not folder.exists() else folder
    if plain.is_file():
        yield plain
    yield from sorted(path for path in folder.glob("*.tfrc*") if path.name.endswith((".tfrc", ".tfrc.json")))


def _content(file: Path) -> tuple[frozenset[str], str]:
    """Return the names of a file's blocks, and the plugin cache that it sets."""
    if not file.is_file():
        return frozenset(), ""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES)
        return _json(data) if file.name.endswith(".json") else _hcl(file, data)
    except (OSError, ValueError, RecursionError, UnreadableError):
        return frozenset(), ""


def _json(data: bytes) -> tuple[frozenset[str], str]:
    given = json.loads(data)
    if not isinstance(given, dict):
        return frozenset(), ""
    cache = given.get("plugin_cache_dir")
    return frozenset(given), cache if isinstance(cache, str) else ""


def _hcl(file: Path, data: bytes) -> tuple[frozenset[str], str]:
    from ssm_hardening.hcl.ast import Literal  # noqa: PLC0415 - the grammar loads where there is a file to read
    from ssm_hardening.hcl.syntax import parse  # noqa: PLC0415 - as above

    body = parse(str(file), data).body
    given = [each.value for each in body.attributes if each.name == "plugin_cache_dir"]
    texts = [each.value for each in given if isinstance(each, Literal) and isinstance(each.value, str)]
    return frozenset(block.type for block in body.blocks), texts[0] if texts else ""
