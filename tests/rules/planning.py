"""Plans the fixtures of rules: all as modules of one root, in one run of Terraform, each cut out of the plan again."""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ssm_hardening.sandbox.server import Sandbox
from tests import tools
from tests.rules.fixtures import code

_ROUNDS = 10
"""Terraform names one mistake in its modules at a time."""
_OF_A_FIXTURE = re.compile(r'(?:modules/|module\.|module \\")(f\d+)\b')


class Planner:
    """Plans many fixtures at once; those that Terraform refuses are left out, and told by `refused`."""

    def __init__(self, folder: Path, terraform: Path, plugins: list[str], sandbox: Sandbox) -> None:
        self.folder = folder
        self.refused: dict[Path, str] = {}
        self._terraform = str(terraform)
        self._plugins = plugins
        self._environment = tools.environment(sandbox.environment(os.environ))

    def plans(self, fixtures: Iterable[Path]) -> dict[Path, Mapping[str, Any]]:
        """Return the JSON of a plan for each fixture that can be planned."""
        complete = [path for path in fixtures if not self._needs_input(path)]
        named = {f"f{number:03}": path for number, path in enumerate(complete)}
        for name, path in named.items():
            (self.folder / "modules" / name).mkdir(parents=True)
            (self.folder / "modules" / name / "main.tf").write_text(code(path), encoding="utf-8")
        self._write(named)
        self._run("init", *self._plugins)
        for _ in range(_ROUNDS):
            wrong = dict(_refusals(self._run("plan", "-json", "-out=all")))
            if not wrong:
                break
            self.refused.update((named.pop(name), why) for name, why in wrong.items())
            self._write(named)
        shown = json.loads(self._run("show", "-json", "all"))
        return {path: cut_out(shown, name) for name, path in named.items()}

    def _needs_input(self, path: Path) -> bool:
        """Say whether a variable has no default: a plan would ask for it, and then know what code does not."""
        if re.search(r'^variable "\w+" \{(?:\}|(?:(?!^\}|default).)*?^\})', path.read_text(), re.MULTILINE | re.DOTALL):
            self.refused[path] = "needs an input"
            return True
        return False

    def _write(self, names: Iterable[str]) -> None:
        calls = (f'module "{name}" {{\n  source = "./modules/{name}"\n}}\n' for name in names)
        (self.folder / "main.tf").write_text('provider "aws" {\n  region = "eu-west-1"\n}\n' + "".join(calls))

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            [self._terraform, *arguments, "-no-color"],
            cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=300, check=False,
        ).stdout  # fmt: skip


def _refusals(output: str) -> Iterator[tuple[str, str]]:
    """Yield the fixtures that Terraform complains about, from the messages of `plan`."""
    for line in output.splitlines():
        each = json.loads(line).get("diagnostic")
        if each is not None and each["severity"] == "error":
            place = json.dumps([each.get("range"), each.get("address"), each["detail"], each.get("snippet")])
            found = _OF_A_FIXTURE.search(place)
            assert found is not None, each
            yield found[1], each["summary"]


def cut_out(shown: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the plan of one module as if it were a root."""
    address = f"module.{name}"
    plan = {
        "format_version": shown["format_version"],
        "planned_values": {"root_module": _module(shown["planned_values"], address)},
        "resource_changes": [each for each in shown.get("resource_changes", ()) if _within(each, address)],
        "prior_state": {"values": {"root_module": _module(shown.get("prior_state", {}).get("values", {}), address)}},
        "configuration": {
            "provider_config": {**shown["configuration"]["provider_config"], **_providers(shown, address)},
            "root_module": shown["configuration"]["root_module"]["module_calls"][name]["module"],
        },
    }
    if "relevant_attributes" in shown:
        plan["relevant_attributes"] = [
            each for each in shown["relevant_attributes"] if each["resource"].startswith(f"{address}.")
        ]
    text = json.dumps(plan).replace(f"{address}.", "").replace(f'"{address}:', '"')
    cut: Mapping[str, Any] = json.loads(text.replace(f'"module_address": "{address}"', '"module_address": ""'))
    return cut


def _module(values: Mapping[str, Any], address: str) -> dict[str, Any]:
    children = values.get("root_module", {}).get("child_modules", ())
    found: Mapping[str, Any] = next((each for each in children if each["address"] == address), {})
    return {key: value for key, value in found.items() if key != "address"}


def _within(change: Mapping[str, Any], address: str) -> bool:
    return f"{change.get('module_address', '')}.".startswith(f"{address}.")


def _providers(shown: Mapping[str, Any], address: str) -> dict[str, Any]:
    found = shown["configuration"]["provider_config"].items()
    return {key.removeprefix(f"{address}:"): value for key, value in found if key.startswith(f"{address}:")}
