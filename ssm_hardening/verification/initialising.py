"""`init` in a private copy, with the providers that there are."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.verification import cli_config
from ssm_hardening.verification.diagnostics import Diagnostic, is_about_provider, is_out_of_reach, is_unreachable
from ssm_hardening.verification.processes import Finished, run
from ssm_hardening.verification.providers import CURE, OWN, Finder, Supplier, Supply, init_errors

_LOCK = ".terraform.lock.hcl"
_LOCKED = re.compile(r'^provider "[^"]*?([^"/]+/[^"/]+)" \{\s*version\s*=\s*"([^"]+)"', re.MULTILINE)


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
        return f"init could not get a provider, providers {self.providers.origin}; {CURE}"

    def _told(self, name: str, version: str) -> str:
        locked = self.unlocked.get(name, version)
        return f"{name} {version}" if locked == version else f"{name} {version} (locked: {locked})"


def initialise(init: Init, finder: Finder | None) -> Initialised:
    """Run init with the providers that there are; None: with those that Terraform finds itself.

    Where the registry answered but its package of hashicorp/aws cannot be had, what serves without it is tried.
    """
    given = OWN if finder is None else finder.providers_for(init.folder)
    done = _run(init, given)
    if finder is None or given.source not in {Supplier.MIXED, Supplier.REGISTRY} or not _is_lost(done.answer):
        return done
    given = finder.without_downloads()
    return _run(init, given) if given.folder is not None else Initialised(done.answer, given, {})


def locked_versions(folder: Path) -> dict[str, str]:
    """Return the providers of a folder's lock file and their versions."""
    try:
        text = (folder / _LOCK).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return dict(_LOCKED.findall(text))


def _run(init: Init, given: Supply) -> Initialised:
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
