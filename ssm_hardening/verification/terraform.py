"""Terraform or OpenTofu itself, on a copy of a folder: `init` with the providers that there are, `fmt`, `validate`."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.core.errors import counted
from ssm_hardening.verification import cli_config
from ssm_hardening.verification.diagnostics import (
    Diagnostic,
    Validation,
    is_about_provider,
    is_out_of_reach,
    is_unreachable,
    read_init,
    read_validation,
)
from ssm_hardening.verification.processes import Finished, environment, run
from ssm_hardening.verification.providers import CURE, FIXED, OWN, Finder, Supplier, Supply, init_errors
from ssm_hardening.verification.runner import Check, CheckOutcome, Progress
from ssm_hardening.verification.tools import TERRAFORM, terraform_version
from ssm_hardening.verification.workspace import TooLargeError, Workspace, working_copy

FMT = "terraform fmt"
VALIDATE = "terraform validate"

_MAX_DETAILS = 200
_NEEDS_DIFF = 3
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PROVIDER_STAGE = "initializing provider plugins"
_LOCK = ".terraform.lock.hcl"
_LOCKED = re.compile(r'^provider "[^"]*?([^"/]+/[^"/]+)" \{\s*version\s*=\s*"([^"]+)"', re.MULTILINE)

# Registry tokens and the way to private modules are init's own business; nothing else gets them.
_INIT_ALSO = ("SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_SSH")
_INIT_PREFIXES = ("TF_TOKEN_",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Init:
    """One call of init: the words after the program, the copy that it works in, its environment and its seconds."""

    command: Sequence[str | Path]
    folder: Path
    env: Mapping[str, str]
    timeout: float


@dataclass(frozen=True, slots=True)
class Initialised:
    """How init ended, where it was to have providers from, and the locked versions that it did not keep to."""

    answer: Finished
    providers: Supply
    unlocked: Mapping[str, str]

    def told(self, folder: Path) -> str:
        """Return what was used, as the end of a sentence; "" where the code needs no provider."""
        used = locked_versions(folder)
        if not used:
            return ""
        names = ", ".join(self._told(name, version) for name, version in used.items())
        return f", with {names}, providers {self.providers.origin}"

    def errors(self) -> tuple[Diagnostic, ...]:
        """Return the errors that init printed."""
        return init_errors(self.answer)

    def is_out_of_reach(self) -> bool:
        """Tell whether init could not get something, as opposed to the code being wrong."""
        answered = self.providers.source is Supplier.REGISTRY
        errors = self.errors()
        return bool(errors) and all(is_out_of_reach(error, answered=answered) for error in errors)

    def missing(self) -> str:
        """Return why a provider could not be had, and the cure."""
        if self.providers.problem:
            return self.providers.problem
        return f"init could not get a provider (providers {self.providers.origin}); {CURE}"

    def _told(self, name: str, version: str) -> str:
        locked = self.unlocked.get(name, version)
        return f"{name} {version}" if locked == version else f"{name} {version} (locked: {locked})"


def initialise(init: Init, finder: Finder | None) -> Initialised:
    """Run init with the providers that there are; None: with those that Terraform finds itself.

    Where the registry answered but its package of hashicorp/aws cannot be had, what serves without it is tried.
    """
    given = OWN if finder is None else finder.providers_for(init.folder)
    done = _run_init(init, given)
    if finder is None or given.source not in {Supplier.MIXED, Supplier.REGISTRY} or not _is_lost(done.answer):
        return done
    given = finder.without_downloads()
    return _run_init(init, given) if given.folder is not None else Initialised(done.answer, given, {})


def locked_versions(folder: Path) -> dict[str, str]:
    """Return the providers of a folder's lock file and their versions."""
    try:
        text = (folder / _LOCK).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return dict(_LOCKED.findall(text))


def _run_init(init: Init, given: Supply) -> Initialised:
    unlocked: dict[str, str] = {}
    with _plugin_dir(given) as folder:
        command, env = list(init.command), dict(init.env)
        if folder is not None:
            # The lock file may pin what the folder of providers does not hold.
            unlocked = locked_versions(init.folder)
            (init.folder / _LOCK).unlink(missing_ok=True)
            command.append(f"-plugin-dir={folder}")
            # The user's cache may be that folder, and otherwise is to get nothing that no registry vouched for.
            cache = init.folder / ".terraform" / "plugin-cache"
            cache.mkdir(parents=True, exist_ok=True)
            env[cli_config.CACHE] = str(cache)
        answer = run(command, cwd=init.folder, env=env, timeout=init.timeout)
    return Initialised(answer, given, unlocked)


@contextmanager
def _plugin_dir(given: Supply) -> Iterator[Path | None]:
    if given.source is not Supplier.NONE:
        yield None if given.folder is None else given.folder.resolve()
        return
    # Code that needs no provider is as good as ever; any other need not wait for the registry again.
    with tempfile.TemporaryDirectory(prefix="ssm-harden-") as empty:
        yield Path(empty)


def _is_lost(answer: Finished) -> bool:
    if answer.code == 0 or answer.timed_out:
        return False
    errors = init_errors(answer)
    lost = [error for error in errors if is_about_provider(error) and is_unreachable(error)]
    return len(lost) == len(errors) and any("hashicorp/aws" in error.text() for error in lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds after which a command is ended."""

    fmt: float = 60
    init: float = 300
    validate: float = 180


@dataclass(frozen=True, slots=True)
class TerraformVerifier:
    """`fmt -check`, `init -backend=false` and `validate` with the executable that was found.

    `providers` says where providers come from; None: Terraform finds them itself.
    """

    executable: Path | None
    providers: Finder | None = None
    limits: Limits = Limits()

    def verify(self, folder: Path, *, progress: Progress) -> tuple[Check, ...]:
        """Return the checks `terraform fmt` and `terraform validate`.

        Raises UsageError where the folder holds no Terraform code or cannot be read.
        """
        if self.executable is None:
            missing = (
                "neither terraform nor tofu was found; add one to PATH, or pass its path with "
                f"--terraform PATH or {TERRAFORM}"
            )
            return tuple(Check(name, CheckOutcome.SKIPPED, missing) for name in (FMT, VALIDATE))
        try:
            with working_copy(folder) as workspace:
                return _Session(self, self.executable, workspace, progress).checks()
        except TooLargeError as error:
            message = f"{error.message}; {error.hint}"
            return tuple(Check(name, CheckOutcome.SKIPPED, message) for name in (FMT, VALIDATE))


class _Session:
    """One executable at work on one copy."""

    def __init__(self, verifier: TerraformVerifier, executable: Path, workspace: Workspace, progress: Progress) -> None:
        self.verifier = verifier
        self.executable = executable
        self.workspace = workspace
        self.progress = progress
        self.done: Initialised | None = None
        self.tool = terraform_version(executable) or f"{executable.name} (version unknown)"

    def checks(self) -> tuple[Check, ...]:
        return tuple(self._honest(check) for check in (self._fmt(), self._validate()))

    def _honest(self, check: Check) -> Check:
        """Take back a pass that was given without reading everything."""
        unread = self.workspace.left_out
        if check.outcome is not CheckOutcome.PASSED or not unread:
            return check
        message = f"{self.tool}: symbolic links that point outside of the folder were not followed; copy the files"
        return Check(check.name, CheckOutcome.SKIPPED, message, unread)

    def _run(self, words: Sequence[str], timeout: float) -> Finished:
        self.progress(f"{self.tool}: {words[0]} …")
        command: list[str | Path] = [self.executable, *words]
        return run(command, cwd=self.workspace.folder, env=_environment(init=False), timeout=timeout)

    def _fmt(self) -> Check:
        limit = self.verifier.limits.fmt
        answer = self._run(["fmt", "-check", "-recursive", "-diff", "-no-color"], limit)
        if answer.timed_out:
            return self._failed(FMT, f"timed out after {limit:g} s", answer.tail())
        if answer.code == 0:
            return Check(FMT, CheckOutcome.PASSED, f"{self.tool}: all files are formatted")
        lines = tuple(answer.stdout.splitlines())[:_MAX_DETAILS]
        if answer.code == _NEEDS_DIFF and lines:
            return self._failed(FMT, "some files are not formatted", lines)
        errors = read_init(_ANSI.sub("", answer.stderr))
        return self._failed(FMT, f"formatting failed (exit code {answer.code})", self._told(errors, answer))

    def _validate(self) -> Check:
        init = self._init()
        if init is not None:
            return init
        limit = self.verifier.limits.validate
        answer = self._run(["validate", "-json", "-no-color"], limit)
        if answer.timed_out:
            return self._failed(VALIDATE, f"timed out after {limit:g} s", answer.tail())
        validation = read_validation(answer.stdout)
        if validation is None:
            what = "is too long and was cut off" if answer.truncated else "is not the JSON of `validate -json`"
            return self._failed(VALIDATE, f"the output {what} (exit code {answer.code})", answer.tail())
        return self._judged(validation, answer)

    def _judged(self, validation: Validation, answer: Finished) -> Check:
        errors = [each for each in validation.diagnostics if each.severity == "error"]
        details = tuple(self._line(each) for each in validation.diagnostics)
        if validation.valid and answer.code == 0 and not errors:
            return Check(VALIDATE, CheckOutcome.PASSED, f"{self.tool}: valid{self._providers()}", details)
        if not validation.valid:
            what = f"not valid, {counted(len(errors), 'error')}{self._providers()}"
        else:
            what = f"the output is contradictory: valid, with {counted(len(errors), 'error')}, exit code {answer.code}"
        return self._failed(VALIDATE, what, details[:_MAX_DETAILS] or answer.tail())

    def _init(self) -> Check | None:
        """Get modules and providers; a Check where that ends the matter."""
        limit = self.verifier.limits.init
        self.progress(f"{self.tool}: init …")
        command: list[str | Path] = [self.executable, "init", "-backend=false", "-input=false", "-no-color"]
        call = Init(command=command, folder=self.workspace.folder, env=_environment(init=True), timeout=limit)
        self.done = done = initialise(call, self.verifier.providers)
        answer = done.answer
        if answer.timed_out:
            return self._init_timed_out(done, limit)
        if answer.code == 0:
            return None
        errors = done.errors()
        if done.is_out_of_reach():
            return self._out_of_reach(errors, done)
        origin = f", providers {done.providers.origin}" if any(is_about_provider(error) for error in errors) else ""
        return self._failed(VALIDATE, f"init failed (exit code {answer.code}){origin}", self._told(errors, answer))

    def _init_timed_out(self, done: Initialised, limit: float) -> Check:
        what = f"init timed out after {limit:g} s"
        if _PROVIDER_STAGE in done.answer.stdout.lower():
            message = f"{self.tool}: {what} while it was installing providers {done.providers.origin}; {CURE}"
            return Check(VALIDATE, CheckOutcome.SKIPPED, message, done.answer.tail())
        return self._failed(VALIDATE, what, done.answer.tail())

    def _out_of_reach(self, errors: Sequence[Diagnostic], done: Initialised) -> Check:
        if any(is_about_provider(error) for error in errors):
            what = done.missing()
        else:
            what = "init could not download a remote module; run this where the module's source is reachable"
        details = tuple(self._line(error) for error in errors)
        return Check(VALIDATE, CheckOutcome.SKIPPED, f"{self.tool}: {what}", details)

    def _told(self, errors: Sequence[Diagnostic], answer: Finished) -> tuple[str, ...]:
        return tuple(self._line(error) for error in errors)[:_MAX_DETAILS] or answer.tail()

    def _line(self, each: Diagnostic) -> str:
        place = f"{self.workspace.place(each.file, each.line)}: " if each.file else ""
        return f"{place}{'' if each.severity == 'error' else f'{each.severity}: '}{each.text()}"

    def _failed(self, name: str, what: str, details: tuple[str, ...]) -> Check:
        return Check(name, CheckOutcome.FAILED, f"{self.tool}: {what}", details)

    def _providers(self) -> str:
        """Return the providers that were used, as the lock file of the copy names them, and where they are from."""
        return "" if self.done is None else self.done.told(self.workspace.folder)


def _environment(*, init: bool) -> dict[str, str]:
    env = environment(also=_INIT_ALSO if init else (), prefixes=_INIT_PREFIXES if init else ())
    return env | cli_config.settings() | FIXED
