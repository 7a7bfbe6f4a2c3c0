"""How far reading goes: the repository that code lies in or, where there is none, the folder that the user named.

A link may come from anybody's code: `terraform.tfvars -> /home/somebody/.aws/credentials` must not carry a secret into
a report. So a link that leads out is refused for every kind of file. A module's source that leads out by `..` is none:
it stands in the code, and Terraform reads it. A folder that only the manifest of `terraform init` names is refused
like a link, since no code says it.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bounds:
    """The folders that the user named, resolved: without a repository, what lies below one belongs together."""

    named: tuple[Path, ...] = ()

    def allow(self, path: Path, *folders: Path) -> bool:
        """Say whether a resolved path may be read for code in one of these resolved folders."""
        limits = (self._limit(folder) for folder in folders)
        return any(path.is_relative_to(limit) and ".git" not in path.relative_to(limit).parts for limit in limits)

    def followed(self, path: Path, *folders: Path) -> Path | None:
        """Return a path with its links followed; None where one of them leads out of what the folders may read."""
        link = next((each for each in reversed((path, *path.parents)) if each.is_symlink()), None)
        if link is None:
            return path
        real = Path(os.path.realpath(path))
        return real if self.allow(real, link.parent, *folders) else None

    def _limit(self, folder: Path) -> Path:
        repository = _repository(folder)
        around = [each for each in self.named if folder.is_relative_to(each)]
        return repository or min(around, key=lambda each: len(each.parts), default=folder)


ALONE = Bounds()
"""No folder was named: the limit is the repository or, without one, the folder of the code itself."""


def _repository(folder: Path) -> Path | None:
    """Return the repository a folder lies in; a home kept in git is not one."""
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return None if Path.home().is_relative_to(parent) else parent
    return None
