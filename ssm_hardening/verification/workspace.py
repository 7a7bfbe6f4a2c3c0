"""A private copy of a Terraform folder, so that no tool ever writes into the user's own.

What must not travel stays behind: state (secrets), `.git`, `.terraform`, and `.checkov.yaml` (it could switch
checks off). Modules that the code names outside the folder (`source = "../x"`) are copied too, at the same
relative place, unless a link leads out of the repository to them. Providers that it brings along
(`terraform.d/plugins`) are not copied but linked to. A symbolic link to a file of the repository that is not copied
becomes that file; one that leads elsewhere is left out, and the copy says so.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from ssm_hardening.core.errors import SsmHardenError, UsageError
from ssm_hardening.read.paths import Bounds

MAX_BYTES = 64 * 1024 * 1024
MAX_FILES = 10_000

_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".external_modules", "terraform.tfstate.d"}
)
_FILES = ("*.tfstate", "*.tfstate.*", "crash.log", "crash.*.log", ".checkov.yaml", ".checkov.yml")
_PLUGINS = Path("terraform.d", "plugins")
_CODE = (".tf", ".tofu", ".tf.json", ".tofu.json")
_READ = (*_CODE, ".tfvars", ".tfvars.json", ".hcl")
_REMOTE = re.compile(r'^\s*module\s+"([^"\n]*)"\s*\{(?:[^{}]|\{[^{}]*\})*?\bsource\s*=\s*"([^"\n]*)"', re.MULTILINE)
_SOURCE = re.compile(r'"?\bsource"?\s*[=:]\s*"(\.\.?/[^"$%\n]*)"')


_PREFIX = "ssm-harden-"


class TooLargeError(SsmHardenError):
    """The folder holds more than a Terraform configuration plausibly does."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The copy: `folder` stands for `original`; `left_out` are links that were not followed."""

    folder: Path
    original: Path
    left_out: tuple[str, ...] = ()

    @property
    def top(self) -> Path:
        """The folder that holds all that was copied, and nothing else."""
        return next(each for each in self.folder.parents if each.name.startswith(_PREFIX))

    def place(self, file: str, line: int = 0) -> str:
        """Return a place in the copy, given relative to it or absolute, as a place in the user's folder."""
        relative = os.path.relpath(self.folder / file, self.folder)
        path = os.path.normpath(self.original / relative)
        return f"{path}:{line}" if line else path

    def code(self) -> tuple[Path, ...]:
        """Return the files of Terraform code, in the folder and below it, in order."""
        found = (Path(here, name) for here, _, names in os.walk(self.folder) for name in names)
        return tuple(sorted(path for path in found if path.name.endswith(_CODE)))

    def remote_modules(self) -> tuple[str, ...]:
        """Return the calls of modules whose code is elsewhere, with their places; the copy does not hold them."""
        found: list[str] = []
        for path in self.code():
            text = _beginning(path)
            for call in _REMOTE.finditer(text):
                name, source = call.groups()
                line = text.count("\n", 0, call.start(1)) + 1
                if not source.startswith(("./", "../")):
                    found.append(f'{self.place(str(path), line)}: module "{name}" from {source}')
        return tuple(found)


@contextmanager
def working_copy(folder: Path) -> Iterator[Workspace]:
    """Yield a copy of `folder` that is removed afterwards.

    Raises UsageError where there is no Terraform code to copy or it cannot be read, and TooLargeError.
    """
    _demand_code(folder)
    roots = _roots(folder.resolve())
    base = Path(os.path.commonpath(roots))
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        # Below a folder of its own, so that the code's relative paths cannot reach anything else.
        copier = _Copier(roots, base, Path(name).resolve() / "copy")
        try:
            copier.copy()
        except OSError as error:
            raise UsageError(
                f"{error.filename or folder}: {error.strerror or error}", hint="check its permissions"
            ) from error
        real = folder.resolve()
        left_out = (os.path.normpath(folder / os.path.relpath(link, real)) for link in copier.left_out)
        copy = copier.target / real.relative_to(base)
        _link_plugins(real, copy)
        yield Workspace(copy, folder, tuple(left_out))


def _link_plugins(original: Path, copy: Path) -> None:
    if (original / _PLUGINS).is_dir() and not (original / _PLUGINS).is_symlink() and (copy / _PLUGINS).parent.is_dir():
        (copy / _PLUGINS).symlink_to(original / _PLUGINS)


def _demand_code(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"{folder}: not a folder", hint="pass the folder that contains the Terraform code")
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}", hint="check its permissions") from error
    if not any(name.endswith(_CODE) for name in names):
        raise UsageError(f"{folder}: no Terraform code found", hint="pass the folder that contains the .tf files")


def _roots(folder: Path) -> tuple[Path, ...]:
    """Return the folder and the local modules outside it that its code reaches, without nested ones."""
    found = [folder]
    bounds = Bounds((folder,))
    for here in found:
        for module in _local_modules(here, bounds):
            if not any(module.is_relative_to(known) for known in found):
                found.append(module)
    return tuple(path for path in found if not any(path != other and path.is_relative_to(other) for other in found))


def _local_modules(root: Path, bounds: Bounds) -> Iterable[Path]:
    count = 0
    for here, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - _FOLDERS)
        count += len(names)
        if count > MAX_FILES:
            raise _too_large(root)
        for name in sorted(name for name in names if name.endswith(_CODE)):
            file = bounds.followed(Path(here, name), root)
            for source in () if file is None else _SOURCE.findall(_beginning(file)):
                module = bounds.followed(Path(os.path.normpath(Path(here, source))), root)
                if module is not None and module.is_dir():
                    yield module


def _beginning(path: Path) -> str:
    """Return a file's text as far as modules are looked for; a file that cannot be read names none."""
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            return file.read(1024 * 1024).decode(errors="replace")
    except OSError:
        return ""


class _Copier:
    """Copies the roots to the same places below `target`, counting what it copies."""

    def __init__(self, roots: tuple[Path, ...], base: Path, target: Path) -> None:
        self.roots = roots
        self.base = base
        self.target = target
        self.left_out: list[Path] = []
        self.size = 0
        self.files = 0

    def copy(self) -> None:
        for root in self.roots:
            for here, folders, names in os.walk(root, onerror=_fail):
                links = [name for name in folders if Path(here, name).is_symlink()]
                plugins = {_PLUGINS.name} if Path(here).name == _PLUGINS.parent.name else set()
                folders[:] = sorted(set(folders) - _FOLDERS - set(links) - plugins)
                self._place(Path(here)).mkdir(parents=True, exist_ok=True)
                for name in sorted([*names, *links]):
                    self._copy_one(Path(here, name))

    def _copy_one(self, path: Path) -> None:
        if any(fnmatch(path.name, pattern) for pattern in _FILES):
            return
        if path.is_symlink():
            self._copy_link(path)
        elif path.is_file():
            self._count(path)
            shutil.copyfile(path, self._place(path))

    def _copy_link(self, path: Path) -> None:
        goal = Path(os.path.realpath(path))
        if any(goal.is_relative_to(root) for root in self.roots):
            here = self._place(path)
            here.symlink_to(os.path.relpath(self._place(goal), here.parent))
        elif self._may_be_copied(goal, path):
            self._count(goal)
            shutil.copyfile(goal, self._place(path))
        elif goal.is_dir() or path.name.endswith(_READ):
            self.left_out.append(path)

    def _may_be_copied(self, goal: Path, link: Path) -> bool:
        kept_behind = any(fnmatch(goal.name, pattern) for pattern in _FILES)
        return goal.is_file() and not kept_behind and Bounds((self.base,)).allow(goal, link.parent)

    def _count(self, path: Path) -> None:
        self.size += path.stat().st_size
        self.files += 1
        if self.size > MAX_BYTES or self.files > MAX_FILES:
            raise _too_large(path.parent)

    def _place(self, path: Path) -> Path:
        return self.target / path.relative_to(self.base)


def _too_large(folder: Path) -> TooLargeError:
    return TooLargeError(
        f"{folder}: contains more than {MAX_BYTES // 2**20} MB or {MAX_FILES:,} files",
        hint="verify a folder that contains only the configuration",
    )


def _fail(error: OSError) -> None:
    raise error
