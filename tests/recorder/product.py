"""All that the recorder imports of the tool. Where modules move, follow them here.

Each part is looked for in its places in turn: a new place goes in front, and the former ones stay, so that older
revisions can still be recorded.
"""

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

_ENTRY = ("ssm_hardening.cli.entry",)
_SNAPSHOT = ("ssm_hardening.read.snapshot", "ssm_hardening.sources.snapshot")
_SERVER = ("ssm_hardening.sandbox.server",)
_PACKAGES = ("ssm_hardening",)

SERVED = "ssm_hardening.sandbox"
"""The module that serves the simulated account: it prints one JSON line with its port, and ends when its stdin does."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line as the user does, and return its exit code."""
    code: int = _part(_ENTRY).run(arguments)
    return int(code)


def account_json(account: object) -> str:
    """Return an account as the tool records it."""
    return json.dumps(_part(_SNAPSHOT).to_json((account,)), indent=2) + "\n"


def sandbox_environment(port: int) -> dict[str, str]:
    """Return the environment in which clients reach the simulated account."""
    found: dict[str, str] = _part(_SERVER).Sandbox(port=port).environment()
    return found


def home() -> Path:
    """Return the folder from which the tool is imported."""
    return Path(str(_part(_PACKAGES).__file__)).resolve().parent


def _part(places: Sequence[str]) -> ModuleType:
    for place in places[:-1]:
        try:
            return import_module(place)
        except ModuleNotFoundError:
            continue
    return import_module(places[-1])
