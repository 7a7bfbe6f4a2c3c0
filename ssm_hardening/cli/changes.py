"""What changed since a Git revision: the names of files alone, from a repository that somebody else may have set up.

Git runs programs that a repository's own configuration names: monitors, hooks, filters, helpers for diffs, transports.
All of them are switched off here. The configuration of the user and the system counts: it says which folders are safe.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ssm_hardening.core.errors import UsageError
from ssm_hardening.read.graph import Reading

if TYPE_CHECKING:
    from ssm_hardening.verification.processes import Finished

_SECONDS = 60
_MISSING = 127
_SUBMODULE = "160000"

_HARMLESS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.untrackedCache=false",
    "diff.external=",
    "protocol.allow=never",
)
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",  # no index is written, so that no hook hears of it
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_DIFF = ("--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=dirty")


class Changes(NamedTuple):
    """The files that changed since a revision, deleted, uncommitted and untracked ones included, as absolute paths."""

    revision: str
    files: tuple[Path, ...]

    def none(self) -> Reading:
        """Return what is read where no code changed."""
        return Reading(accounts=(), notes=(f"no Terraform code has changed since {self.revision}",))


def changes_since(revision: str, paths: Sequence[Path]) -> Changes:
    """Return what changed since a revision in the repository that holds the paths. Raises UsageError."""
    if not revision or revision.startswith("-") or not revision.isprintable():
        raise UsageError(f"--changed-since: {revision!r} is not a revision", hint="use a branch, a tag, or a commit")
    git = _Git(Path.cwd().resolve())
    top = git.top()
    for path in paths:
        if not Path(os.path.realpath(path)).is_relative_to(top):
            raise UsageError(
                f"--changed-since: {path} is not in the Git repository {top}", hint="pass a path inside the repository"
            )
    commit = git.commit(revision)
    names = (
        *git.names(top, "diff", *_DIFF, commit, "--"),
        *git.names(top, "ls-files", "-z", "-o", "--exclude-standard"),
        *_unknown(git, top),
    )
    return Changes(revision, tuple(dict.fromkeys(top / name for name in names)))


def _unknown(git: "_Git", top: Path) -> Iterator[str]:
    """Yield the names of what may have changed without Git knowing.

    That is code which Git ignores (but for what `terraform init` fetched), files which its index says not to look at,
    and submodules, in which Git would read a configuration of their own.
    """
    from ssm_hardening.read.code.reader import CODE_FILES

    code = [f"*{suffix}" for suffix in CODE_FILES]
    ignored = git.names(top, "ls-files", "-z", "-o", "-i", "--exclude-standard", "--", *code)
    yield from (name for name in ignored if ".terraform" not in Path(name).parts)
    for entry in git.names(top, "ls-files", "-z", "-s", "-v"):
        about, _, name = entry.partition("\t")
        tag, mode, *_ = about.split(" ")
        if mode == _SUBMODULE or ((tag.islower() or tag == "S") and os.path.lexists(top / name)):
            yield name


class _Git:
    """Git in a folder, without what the repository would have it run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._settings: tuple[str, ...] = _HARMLESS

    def top(self) -> Path:
        """Return the folder of the repository, and learn which filters it names. Raises UsageError."""
        found = self._run(self._folder, "rev-parse", "--show-toplevel")
        if found.code == _MISSING:
            raise UsageError(f"--changed-since: {found.stderr}", hint="install Git, or pass the changed files yourself")
        top = Path(found.stdout.removesuffix("\n"))
        if found.code or not found.stdout or not self._folder.is_relative_to(top):
            reason = found.tail(1)[0] if found.tail(1) else "its files are elsewhere"
            raise UsageError(f"--changed-since: Git cannot list changes here: {reason}", hint="run it in a repository")
        self._settings = (*_HARMLESS, *self._filters(top))
        return top

    def _filters(self, top: Path) -> Iterator[str]:
        """Yield what switches off each filter: comparing a file with the index would run it."""
        found = self._run(top, "config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process|required)$")
        for name in filter(None, found.stdout.split("\0")):
            if "=" in name:
                raise UsageError(
                    f"--changed-since: Git's configuration has a filter that cannot be switched off: {name}"
                )
            yield f"{name}={'false' if name.endswith('.required') else ''}"

    def commit(self, revision: str) -> str:
        """Return the hash of a revision. Raises UsageError."""
        found = self._run(self._folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if found.code == 0:
            return found.stdout.strip()
        shallow = self._run(self._folder, "rev-parse", "--is-shallow-repository").stdout.strip() == "true"
        hint = "this clone is shallow: `git fetch --unshallow` gets the rest" if shallow else "`git log` lists commits"
        raise UsageError(f"--changed-since: there is no revision {revision!r} in this repository", hint=hint)

    def names(self, folder: Path, *words: str) -> list[str]:
        """Return the names of files that a command lists. Raises UsageError."""
        found = self._run(folder, *words)
        if found.code or found.timed_out or found.truncated:
            reason = "it took too long" if found.timed_out else next(iter(found.tail(1)), "the list is too long")
            raise UsageError(f"--changed-since: Git cannot list changes here: {reason}")
        return [name for name in found.stdout.split("\0") if name]

    def _run(self, folder: Path, *words: str) -> "Finished":
        from ssm_hardening.verification.processes import environment, run

        settings = (part for each in self._settings for part in ("-c", each))
        command = ("git", "--no-pager", *settings, *words)
        return run(command, cwd=folder, env={**environment(), **_ENVIRONMENT}, timeout=_SECONDS)
