"""The twin: a generated folder applied, for real, to the simulated account.

It proves Terraform's mechanics (the imports, the order, an empty second plan), not what AWS itself would enforce.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ssm_hardening.core.errors import counted
from ssm_hardening.verification import cli_config
from ssm_hardening.verification.diagnostics import is_about_provider
from ssm_hardening.verification.planned import (
    Applied,
    PlannedChange,
    changing,
    errors_of,
    plan_check,
    planned_changes,
    read_apply,
    short_error,
)
from ssm_hardening.verification.processes import Finished, environment, run
from ssm_hardening.verification.providers import FIXED, Finder
from ssm_hardening.verification.runner import Check, CheckOutcome, Progress
from ssm_hardening.verification.terraform import Init, Initialised, initialise
from ssm_hardening.verification.tools import terraform_version
from ssm_hardening.verification.workspace import working_copy

PLAN, APPLY, AGAIN = "twin plan", "twin apply", "twin second plan"

_CHANGES = 2
"""`plan -detailed-exitcode` says so where something would change."""

_SECONDS = 600.0
_FILE = "twin.tfplan"
_ERRORS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """Where to apply: `environment` leads to the simulated account; `variables` are files with values.

    `later` are files that are added one by one, each for a further plan and apply: what comes after the canary.
    """

    executable: Path | None
    environment: Mapping[str, str]
    providers: Finder | None = None
    variables: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of it: the checks, whether an apply was begun at all, and how far the applies came.

    `error` is the first error in brief, "" where no command failed.
    """

    checks: tuple[Check, ...]
    begun: bool = False
    applied: Applied = field(default_factory=Applied)
    error: str = ""


def apply_to_twin(folder: Path, twin: Twin, *, progress: Progress) -> Tried:
    """Plan, apply and plan again, on a copy of the folder. A plan that would destroy anything is never applied."""
    if twin.executable is None:
        missing = "neither terraform nor tofu was found; add one to PATH, or pass its path with --terraform PATH"
        return Tried(checks=tuple(Check(name, CheckOutcome.SKIPPED, missing) for name in (PLAN, APPLY, AGAIN)))
    with working_copy(folder) as copy:
        return _Twin(twin, twin.executable, copy.folder, progress).tried()


def _further(check: Check, number: int) -> Check:
    return replace(check, name=f"{check.name}, stage {number}")


class _Twin:
    def __init__(self, twin: Twin, executable: Path, folder: Path, progress: Progress) -> None:
        self.twin = twin
        self.executable = executable
        self.folder = folder
        self.progress = progress
        self.done: Initialised | None = None
        self.planned: dict[str, int] = {}
        self.applied: Applied | None = None
        self.error = ""
        self.tool = terraform_version(executable) or executable.name

    def tried(self) -> Tried:
        checks = tuple(self._checks())
        begun = self.applied is not None
        return Tried(checks=checks, begun=begun, applied=self.applied or Applied(), error=self.error)

    def _checks(self) -> list[Check]:
        made = self._applied()
        for number, each in enumerate(self.twin.later, 2):
            if any(check.outcome is not CheckOutcome.PASSED for check in made):
                return made
            self.twin = replace(self.twin, variables=(*self.twin.variables, each))
            made += [_further(check, number) for check in self._applied()]
        return made

    def _applied(self) -> list[Check]:
        planned = self._plan()
        if planned.outcome is not CheckOutcome.PASSED:
            return [planned]
        applied = self._apply()
        if applied.outcome is not CheckOutcome.PASSED:
            return [planned, applied]
        return [planned, applied, self._again()]

    def _run(self, *words: str) -> Finished:
        self._say(words[0])
        return run([self.executable, *words], cwd=self.folder, env=self._environment(), timeout=_SECONDS)

    def _say(self, what: str) -> None:
        self.progress(f"simulated account: {self.tool} {what} …")

    def _environment(self) -> dict[str, str]:
        return {**environment(), **cli_config.settings(), **self.twin.environment, **FIXED}

    def _plan(self) -> Check:
        failed = self._init()
        if failed is not None:
            return failed
        answer = self._run("plan", f"-out={_FILE}", *self._inputs())
        return self._judged() if answer.code == 0 else self._failed(PLAN, "plan failed", answer)

    def _init(self) -> Check | None:
        if self.done is not None:
            return None  # a further stage finds modules and providers where the first one put them
        self._say("init")
        command: list[str | Path] = [self.executable, "init", "-input=false", "-no-color"]
        call = Init(command=command, folder=self.folder, env=self._environment(), timeout=_SECONDS)
        self.done = done = initialise(call, self.twin.providers)
        if done.answer.code == 0:
            return None
        if done.is_out_of_reach() and all(is_about_provider(error) for error in done.errors()):
            details = tuple(error.text() for error in done.errors())
            return Check(PLAN, CheckOutcome.SKIPPED, f"{self.tool}: {done.missing()}", details)
        return self._failed(PLAN, "init failed", done.answer)

    def _judged(self) -> Check:
        """Read the plan; one that would lose anything fails here, and is never applied."""
        answer = self._run("show", "-json", _FILE)
        try:
            plan = json.loads(answer.stdout)
            check = plan_check(plan)
            changes = planned_changes(plan)
        except ValueError as error:
            return self._failed(PLAN, f"cannot read the plan: {error}", answer)
        self.planned = changing(changes)
        imports = tuple(_imported(each) for each in changes if each.imported)
        return Check(
            PLAN, check.outcome, f"{self.tool}: {check.message}{self._providers()}", (*check.details, *imports)
        )

    def _providers(self) -> str:
        return "" if self.done is None else self.done.told(self.folder)

    def _inputs(self) -> tuple[str, ...]:
        return ("-input=false", "-no-color", *(f"-var-file={name}" for name in self.twin.variables))

    def _apply(self) -> Check:
        answer = self._run("apply", "-json", "-input=false", _FILE)
        if answer.code != 0:
            reached = read_apply(answer, self.planned)
        else:
            reached = Applied(len(self.planned), len(self.planned))
        self.applied = (self.applied or Applied()) + reached
        if answer.code != 0:
            return self._failed(APPLY, f"apply failed; {reached.told()}", answer)
        return Check(
            APPLY,
            CheckOutcome.PASSED,
            f"{self.tool}: {counted(reached.done, 'change')} applied to the simulated account",
        )

    def _again(self) -> Check:
        answer = self._run("plan", "-detailed-exitcode", *self._inputs())
        if answer.code == 0:
            return Check(AGAIN, CheckOutcome.PASSED, f"{self.tool}: no changes")
        if answer.code == _CHANGES:
            return Check(AGAIN, CheckOutcome.FAILED, f"{self.tool}: changes remain after the apply", answer.tail(40))
        return self._failed(AGAIN, "plan failed", answer)

    def _failed(self, name: str, what: str, answer: Finished) -> Check:
        end = f" (timed out after {_SECONDS:g} s)" if answer.timed_out else ""
        self.error = short_error(answer)
        return Check(name, CheckOutcome.FAILED, f"{self.tool}: {what}{end}", errors_of(answer)[:_ERRORS])


def _imported(change: PlannedChange) -> str:
    changed = f"changes {', '.join(sorted(change.changed))}" if change.changed else "no changes"
    return f"import {change.address} ({changed})"
