"""The twin: a generated folder applied, for real, to the simulated account.

It proves Terraform's mechanics (the imports, the order, an empty second plan), not what AWS itself would enforce.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssm_hardening.verification.processes import Finished, environment, run
from ssm_hardening.verification.runner import Check, Outcome, Progress
from ssm_hardening.verification.tools import terraform_version
from ssm_hardening.verification.workspace import working_copy

PLAN, APPLY, AGAIN = "twin plan", "twin apply", "twin second plan"

_CHANGES = 2
"""`plan -detailed-exitcode` says so where something would change."""

_SECONDS = 600.0
_FILE = "twin.tfplan"
_FIXED = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """Where to apply: `environment` leads to the simulated account; `variables` are files with values."""

    executable: Path | None
    environment: Mapping[str, str]
    plugin_dir: Path | None = None
    variables: tuple[str, ...] = ()


def apply_to_twin(folder: Path, twin: Twin, *, progress: Progress) -> tuple[Check, ...]:
    """Plan, apply and plan again, on a copy of the folder. A plan that would destroy anything is never applied."""
    if twin.executable is None:
        missing = "neither terraform nor tofu was found; put one on PATH, or name it with --terraform PATH"
        return tuple(Check(name, Outcome.SKIPPED, missing) for name in (PLAN, APPLY, AGAIN))
    with working_copy(folder) as copy:
        return tuple(_Twin(twin, twin.executable, copy.folder, progress).checks())


class _Twin:
    def __init__(self, twin: Twin, executable: Path, folder: Path, progress: Progress) -> None:
        self.twin = twin
        self.executable = executable
        self.folder = folder
        self.progress = progress
        self.tool = terraform_version(executable) or executable.name

    def checks(self) -> list[Check]:
        planned = self._plan()
        if planned.outcome is not Outcome.PASSED:
            return [planned]
        applied = self._apply()
        if applied.outcome is not Outcome.PASSED:
            return [planned, applied]
        return [planned, applied, self._again()]

    def _run(self, *words: str) -> Finished:
        self.progress(f"simulated account: {self.tool} {words[0]} …")
        env = {**environment(also=("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR")), **self.twin.environment, **_FIXED}
        return run([self.executable, *words], cwd=self.folder, env=env, timeout=_SECONDS)

    def _plan(self) -> Check:
        mirror = [] if self.twin.plugin_dir is None else [f"-plugin-dir={self.twin.plugin_dir.resolve()}"]
        for words in (("init", "-input=false", "-no-color", *mirror), ("plan", f"-out={_FILE}", *self._inputs())):
            answer = self._run(*words)
            if answer.code != 0:
                return self._failed(PLAN, f"{words[0]} failed", answer)
        changes = self._changes()
        if changes is None:
            return Check(PLAN, Outcome.FAILED, f"{self.tool}: the plan cannot be read")
        destroyed = tuple(f"{each['address']}: {_verb(each)}" for each in changes if "delete" in _actions(each))
        if destroyed:
            return Check(PLAN, Outcome.FAILED, f"{self.tool}: the plan would destroy or replace", destroyed)
        return Check(PLAN, Outcome.PASSED, f"{self.tool}: {_counted(changes)}", tuple(_imports(changes)))

    def _inputs(self) -> tuple[str, ...]:
        return ("-input=false", "-no-color", *(f"-var-file={name}" for name in self.twin.variables))

    def _changes(self) -> list[dict[str, Any]] | None:
        answer = self._run("show", "-json", _FILE)
        try:
            found: list[dict[str, Any]] = json.loads(answer.stdout).get("resource_changes", [])
        except ValueError:
            return None
        return [each for each in found if each.get("mode") == "managed"]

    def _apply(self) -> Check:
        answer = self._run("apply", "-input=false", "-no-color", _FILE)
        if answer.code != 0:
            return self._failed(APPLY, "apply failed", answer)
        return Check(APPLY, Outcome.PASSED, f"{self.tool}: applied to the simulated account")

    def _again(self) -> Check:
        answer = self._run("plan", "-detailed-exitcode", *self._inputs())
        if answer.code == 0:
            return Check(AGAIN, Outcome.PASSED, f"{self.tool}: empty, nothing left to change")
        what = "not empty" if answer.code == _CHANGES else "failed"
        return self._failed(AGAIN, what, answer)

    def _failed(self, name: str, what: str, answer: Finished) -> Check:
        end = f" (did not end within {_SECONDS:g} s)" if answer.timed_out else ""
        return Check(name, Outcome.FAILED, f"{self.tool}: {what}{end}", answer.tail(40))


def _actions(change: Mapping[str, Any]) -> list[str]:
    actions: list[str] = change["change"]["actions"]
    return actions


def _verb(change: Mapping[str, Any]) -> str:
    return "/".join(_actions(change))


def _imports(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one line for each import: what, and whether it is changed on the way."""
    found = [each for each in changes if each["change"].get("importing")]
    return [
        f"import {each['address']} ({'changed in place' if 'update' in _actions(each) else 'as it is'})"
        for each in found
    ]


def _counted(changes: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(action for each in changes for action in _actions(each))
    imports = sum(1 for each in changes if each["change"].get("importing"))
    return f"{imports} to import, {counts['create']} to add, {counts['update']} to change, 0 to destroy"
