"""Calls of modules: where the called code lies, and which providers it is handed."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.config import BlockConfig
from ssm_hardening.read.code.expansion import provider_name
from ssm_hardening.read.code.folders import look_at
from ssm_hardening.read.code.modules import Placed
from ssm_hardening.read.graph import keyless
from ssm_hardening.read.paths import LEADS_OUT, Bounds, bytes_within

if TYPE_CHECKING:
    from ssm_hardening.read.code.instances import ModuleInstance

_MANIFEST = ".terraform/modules/modules.json"


class Vendored:
    """The modules that `terraform init` put under `.terraform/modules`, by their keys in its manifest."""

    def __init__(self, root: Path, bounds: Bounds) -> None:
        self._root = root
        self._bounds = bounds
        self._folders: dict[str, Path] | None = None

    def folder(self, key: str) -> Path | None:
        """Return the folder of a module call (`ssm.logs`), or None where it was not vendored."""
        if self._folders is None:
            self._folders = _manifest(self._root, self._bounds)
        return self._folders.get(key)

    def may_be(self, folder: Path) -> bool:
        """Say whether a folder that the manifest names may be read: what no code says leads nowhere else."""
        return self._bounds.allow(Path(os.path.realpath(folder)), Path(os.path.realpath(self._root)))


def _manifest(root: Path, bounds: Bounds) -> dict[str, Path]:
    path = root / _MANIFEST
    try:
        data: Any = json.loads(bytes_within(path, bounds, root, most=limits.MANIFEST))
        entries = data["Modules"]
        return {entry["Key"]: Path(os.path.normpath(root / entry["Dir"])) for entry in entries if entry["Key"]}
    except (OSError, UnreadableError, ValueError, KeyError, TypeError, RecursionError):
        # Without a manifest that can be read nothing is vendored; the calls themselves become gaps.
        return {}


def called_folder(parent: "ModuleInstance", name: str, placed: Placed[ast.Block], vendored: Vendored) -> Path | Unknown:
    """Return the folder a call leads to, or why it is not known."""
    at = parent.scope(placed.file).origin(placed.node.span)
    bounds = parent.tree.bounds
    match parent.argument(placed, "source"):
        case Known(str() as source):
            local = _local(parent, source)
            folder = local or vendored.folder(_key(parent, name))
        case Unknown() as gap:
            return gap
        case _:
            return Unknown(Why.UNPARSEABLE, at, f"module.{name} names no source")
    if folder is None:
        detail = f'module.{name} ("{source}") is not here; run terraform init to bring it'
        return Unknown(Why.OUT_OF_SCOPE, at, detail)
    if local is None and not vendored.may_be(folder):
        return Unknown(Why.OUT_OF_SCOPE, at, f'module.{name} ("{source}"): its entry in {_MANIFEST} is {LEADS_OUT}')
    real = bounds.followed(folder, parent.folder)
    if real is None:
        return Unknown(Why.OUT_OF_SCOPE, at, f'module.{name} ("{source}"): {LEADS_OUT}')
    if look_at(real, bounds) is None:
        return Unknown(Why.OUT_OF_SCOPE, at, f'module.{name} ("{source}") holds no code')
    return real


def _local(parent: "ModuleInstance", source: str) -> Path | None:
    if source.startswith(("./", "../")) or source in {".", ".."}:
        return Path(os.path.normpath(parent.folder / source))
    return None


def _key(parent: "ModuleInstance", name: str) -> str:
    steps = [part for part in keyless(parent.path).split(".") if part]
    return ".".join([*steps[1::2], name])


def provider_map(parent: "ModuleInstance", config: BlockConfig) -> dict[str, str]:
    """Return which configurations of the root a called module's provider names mean."""
    written = config.attribute("providers")
    passed = dict(parent.providers)
    if written is not None and isinstance(written.value, ast.ObjectExpr):
        for item in written.value.items:
            given = provider_name(item.value)
            passed[provider_name(item.key)] = parent.providers.get(given, given)
    return passed
