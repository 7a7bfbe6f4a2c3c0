"""The programs of others: where they are, which version they have, and how checkov gets a home of its own.

Checkov cannot share an environment with python-hcl2: its `bc-python-hcl2` installs the same top-level package
`hcl2` and overwrites it. So it is looked for outside, and `install_checkov` gives it an environment.
"""

import fcntl
import importlib.metadata
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.core.errors import SsmHardenError, UsageError
from ssm_hardening.core.installation import replace_hcl2
from ssm_hardening.verification.processes import Finished, environment, run
from ssm_hardening.verification.runner import Progress

CHECKOV_VERSION = "3.3.30"
"""The version that `install_checkov` installs and that our checks are tried with."""

CHECKOV_LOCK = Path(__file__).with_name("checkov.txt")
"""Every package of checkov's environment, pinned, with the hashes of all its files; `make lock` writes it."""

TERRAFORM = "SSM_HARDEN_TERRAFORM"
CHECKOV = "SSM_HARDEN_CHECKOV"

_COMPLETE = ".complete"
_INSTALL_SECONDS = 1800
_VERSION_SECONDS = 60
_MIN_HCL2 = 8
_OTHER_FILE = re.compile(r"do not match the hashes|hash mismatch", re.IGNORECASE)
_PRODUCT = re.compile(r"^(Terraform|OpenTofu) v(\S+)", re.MULTILINE)
_PLATFORM = re.compile(r"^on ([a-z0-9]+_[a-z0-9]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ToolVersion:
    """A tool as it was found; `version` says "not found" where it is missing, `path` is then None."""

    name: str
    version: str
    path: Path | None = None
    problem: str = ""


def find_terraform(option: str | None) -> Path | None:
    """Return terraform or tofu: the option, SSM_HARDEN_TERRAFORM, then `terraform` and `tofu` on PATH.

    Raises UsageError where the one that was named is not an executable file.
    """
    return _named(option, "--terraform", TERRAFORM) or _on_path("terraform") or _on_path("tofu")


def find_checkov(option: str | None) -> Path | None:
    """Return checkov: the option, SSM_HARDEN_CHECKOV, `checkov` on PATH, then the private environment.

    Raises UsageError where the one that was named is not an executable file.
    """
    return _named(option, "--checkov", CHECKOV) or _on_path("checkov") or _installed_checkov()


def _named(option: str | None, flag: str, variable: str) -> Path | None:
    for given, source in ((option, flag), (os.environ.get(variable), variable)):
        if given:
            # As in a shell: a bare name is looked for on PATH, anything else is a path.
            found = shutil.which(Path(given).expanduser())
            if found is not None:
                return Path(found).absolute()
            raise UsageError(
                f"{source}: {given} is not an executable file", hint="pass the name or the path of the program"
            )
    return None


def _on_path(name: str) -> Path | None:
    found = shutil.which(name)
    return None if found is None else Path(found).absolute()


# --- checkov's own environment -------------------------------------------------------------------


def data_home() -> Path:
    """Return the folder of the user's data."""
    data = os.environ.get("XDG_DATA_HOME", "")
    return Path(data) if Path(data).is_absolute() else Path.home() / ".local" / "share"


def checkov_home() -> Path:
    """Return the folder of checkov's private environment, whether it exists or not."""
    return data_home() / "ssm-harden" / "tools" / f"checkov-{CHECKOV_VERSION}"


def _installed_checkov() -> Path | None:
    executable = checkov_home() / "bin" / "checkov"
    complete = (checkov_home() / _COMPLETE).is_file() and executable.is_file()
    return executable if complete else None


def install_checkov(progress: Progress) -> Path:
    """Create checkov's private environment with the pinned version and return its executable.

    A complete one is used as it is; one that was left half-made is made again. Raises SsmHardenError where
    the environment cannot be made.
    """
    home = checkov_home()
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(home.with_name(f"{home.name}.lock")):
            return _installed_checkov() or _make_home(home, progress)
    except OSError as error:
        raise SsmHardenError(
            f"cannot create the environment for checkov: {error.filename or home}: {error.strerror}",
            hint="make the folder writable, or select another one with XDG_DATA_HOME",
        ) from error


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process makes the same environment."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_home(home: Path, progress: Progress) -> Path:
    # An environment cannot be moved, so it is made in place; the mark is written last.
    if home.exists():
        progress(f"removing an incomplete environment: {home}")
        shutil.rmtree(home)
    progress(f"installing checkov {CHECKOV_VERSION} into {home} (once; this takes a few minutes)")
    for command in _install_commands(home):
        _demand(_install(command, home.parent, progress), command)
    executable = home / "bin" / "checkov"
    if not executable.is_file():
        raise SsmHardenError(f"the installation finished, but {executable} is missing", hint="run it again")
    (home / _COMPLETE).write_text(f"checkov {CHECKOV_VERSION}\n", encoding="utf-8")
    progress(f"checkov {CHECKOV_VERSION} is installed")
    return executable


def _install_commands(home: Path) -> tuple[list[str], ...]:
    # Wheels alone: building an archive would run code whose own requirements nobody has pinned.
    pinned = ["--require-hashes", "--only-binary", ":all:", "-r", str(CHECKOV_LOCK)]
    python = str(home / "bin" / "python")
    uv = shutil.which("uv")
    if uv is not None:
        return (
            [uv, "venv", "--python", sys.executable, str(home)],
            [uv, "pip", "install", "--python", python, *pinned],
        )
    return (
        [sys.executable, "-m", "venv", str(home)],
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *pinned],
    )


def _install(command: Sequence[str], cwd: Path, progress: Progress) -> Finished:
    # Indexes, certificates and their credentials are the installer's own business.
    env = environment(also=("PYTHONDONTWRITEBYTECODE",), prefixes=("PIP_", "UV_"))
    return run(command, cwd=cwd, env=env, timeout=_INSTALL_SECONDS, on_line=progress)


def _demand(answer: Finished, command: Sequence[str]) -> None:
    if answer.code == 0 and not answer.timed_out:
        return
    ended = f"timed out after {_INSTALL_SECONDS} s" if answer.timed_out else f"failed (exit code {answer.code})"
    last = "\n".join(f"  {line}" for line in answer.tail(8))
    if _OTHER_FILE.search(f"{answer.stdout}\n{answer.stderr}"):
        raise SsmHardenError(
            f"checkov was not installed: the package index served a file with another hash than the pinned one\n{last}",
            hint=f"check which package index is configured and what it serves; the pinned hashes are in {CHECKOV_LOCK}",
        )
    raise SsmHardenError(
        f"cannot install checkov: `{' '.join(command)}` {ended}\n{last}",
        hint=f"install checkov {CHECKOV_VERSION} in a separate environment and pass its path with --checkov",
    )


# --- versions ------------------------------------------------------------------------------------


def tool_versions(*, terraform: str | None = None, checkov: str | None = None) -> tuple[ToolVersion, ...]:
    """Return python-hcl2, terraform or tofu, and checkov as they are found; the arguments are the options."""
    return (_hcl2(), _terraform(terraform), _checkov(checkov))


def _hcl2() -> ToolVersion:
    return ToolVersion("python-hcl2", hcl2_version() or "not found", problem=foreign_hcl2() or "")


def _terraform(option: str | None) -> ToolVersion:
    try:
        path = find_terraform(option)
    except UsageError as error:
        return ToolVersion("terraform", "not found", problem=error.message)
    if path is None:
        return ToolVersion("terraform", "not found")
    product, _, version = (terraform_version(path) or "terraform unknown").partition(" ")
    return ToolVersion(product.lower(), version, path)


def _checkov(option: str | None) -> ToolVersion:
    try:
        path = find_checkov(option)
    except UsageError as error:
        return ToolVersion("checkov", "not found", problem=error.message)
    if path is None:
        return ToolVersion("checkov", "not found")
    return ToolVersion("checkov", checkov_version(path) or "unknown", path)


@dataclass(frozen=True, slots=True)
class Product:
    """What an executable says it is: `Terraform` or `OpenTofu`, its version, and its platform ("" where unsaid)."""

    name: str
    version: str
    platform: str


def terraform_product(executable: Path) -> Product | None:
    """Return what the executable says it is, or None where it says nothing that is understood."""
    with tempfile.TemporaryDirectory(prefix="ssm-harden-") as cwd:
        env = environment() | {"CHECKPOINT_DISABLE": "1"}
        answer = run([executable, "version"], cwd=Path(cwd), env=env, timeout=_VERSION_SECONDS)
    found, platform = _PRODUCT.search(answer.stdout), _PLATFORM.search(answer.stdout)
    return None if found is None else Product(found[1], found[2], "" if platform is None else platform[1])


def terraform_version(executable: Path) -> str | None:
    """Return what the executable says it is (`Terraform 1.11.4`, `OpenTofu 1.9.0`), or None."""
    product = terraform_product(executable)
    return None if product is None else f"{product.name} {product.version}"


def checkov_version(executable: Path) -> str | None:
    """Return checkov's version: from its environment's metadata (its start takes seconds), else by asking it."""
    environment_root = Path(os.path.realpath(executable)).parent.parent
    for metadata in sorted(environment_root.glob("lib/python3*/site-packages/checkov-*.dist-info")):
        return metadata.name.removeprefix("checkov-").removesuffix(".dist-info")
    with tempfile.TemporaryDirectory(prefix="ssm-harden-") as cwd:
        answer = run([executable, "--version"], cwd=Path(cwd), env=environment(), timeout=_VERSION_SECONDS)
    found = re.fullmatch(r"\d+(\.\d+)+\S*", answer.stdout.strip())
    return None if found is None else found[0]


def hcl2_version() -> str | None:
    """Return the version of python-hcl2 in this environment, or None."""
    return _distribution("python-hcl2")


def foreign_hcl2() -> str | None:
    """Return what is wrong with the package `hcl2` of this environment and how to mend it, or None.

    Only metadata is looked at: nothing is imported.
    """
    foreign = _distribution("bc-python-hcl2")
    if foreign is not None:
        return f"bc-python-hcl2 {foreign} (checkov's fork) has overwritten python-hcl2; {replace_hcl2()}"
    version = hcl2_version()
    if version is None:
        return f"python-hcl2 is not installed; {replace_hcl2()}"
    major = version.partition(".")[0]
    if not major.isdigit() or int(major) < _MIN_HCL2:
        return f"python-hcl2 {version} is older than {_MIN_HCL2}; {replace_hcl2()}"
    return None


def _distribution(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
