"""Provider mirrors on this machine: what they hold, whether they can be trusted, and a bounded look for one.

Whoever may write to a mirror may run programs as the user who verifies with it. So a mirror that nobody named is used
only where root or the user owns it, everything below it and every folder above it, and nobody else may write there.
"""

import os
import platform
import re
import stat
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

LEVELS = 3
"""How far below a start the look goes."""

_LOOKED_AT = 20_000
"""Entries that are looked at below one start."""

_CHECKED = 20_000
"""Entries of one mirror that are checked; a mirror that holds more is not used."""

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386"}
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?")

Version: TypeAlias = tuple[int, int, int, bool, str]
"""What versions are ordered by: the three numbers, whether it is a release, and the name of a pre-release."""


@dataclass(frozen=True, slots=True)
class ProviderBuild:
    """The provider that is looked for: `host` is the registry that the executable asks, `platform` as `linux_amd64`."""

    host: str
    platform: str
    name: str = "hashicorp/aws"


@dataclass(frozen=True, slots=True)
class FoundMirrors:
    """What the look found: the mirrors to choose from, best first, and those that were refused, with the reason."""

    mirrors: tuple[Path, ...] = ()
    refused: tuple[str, ...] = ()


def this_platform() -> str:
    """Return this machine's platform in Terraform's words."""
    machine = platform.machine().lower()
    return f"{sys.platform}_{_MACHINES.get(machine, machine)}"


def versions(mirror: Path, wanted: ProviderBuild) -> tuple[str, ...]:
    """Return the versions of a provider that a mirror holds for the platform, packed or unpacked, newest first."""
    home = mirror / wanted.host / wanted.name
    kind = wanted.name.rpartition("/")[2]
    packed = re.compile(rf"terraform-provider-{re.escape(kind)}_(\S+)_{re.escape(wanted.platform)}\.zip")
    found = set()
    for name in _names(home):
        match = packed.fullmatch(name)
        if match is not None:
            found.add(match[1])
        elif any(each.startswith(f"terraform-provider-{kind}") for each in _names(home / name / wanted.platform)):
            found.add(name)
    known = {text: version for text in found if (version := _version(text)) is not None}
    return tuple(sorted(known, key=lambda text: known[text], reverse=True))


def _names(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(each.name for each in folder.iterdir()))
    except OSError:
        return ()


def _version(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    return int(match[1]), int(match[2]), int(match[3]), match[4] is None, match[4] or ""


def look(starts: Iterable[Path], wanted: ProviderBuild) -> FoundMirrors:
    """Look for mirrors that hold the provider, three levels below each start, and judge them."""
    safe: dict[Path, Version] = {}
    refused: dict[Path, str] = {}
    for mirror in _candidates(starts, wanted):
        held = [version for text in versions(mirror, wanted) if (version := _version(text)) is not None]
        reason = distrust(mirror) if held else None
        if reason is not None:
            refused[mirror] = f"{mirror} was not used: {reason}"
        elif held:
            safe[mirror] = held[0]
    by_path = sorted(safe)
    return FoundMirrors(
        tuple(sorted(by_path, key=lambda mirror: safe[mirror], reverse=True)),
        tuple(refused[mirror] for mirror in sorted(refused)),
    )


def _candidates(starts: Iterable[Path], wanted: ProviderBuild) -> Iterator[Path]:
    seen: set[Path] = set()
    for start in starts:
        for folder in _folders(Path(os.path.realpath(start)), seen):
            if _names(folder / wanted.host / wanted.name):
                yield folder


def _folders(start: Path, seen: set[Path]) -> Iterator[Path]:
    """Yield `start` and the folders below it, nearest first; a link is followed where it stays below `start`."""
    queue = deque([(start, 0)])
    left = _LOOKED_AT
    while queue and left > 0:
        folder, level = queue.popleft()
        if folder in seen:
            continue
        seen.add(folder)
        yield folder
        if level == LEVELS:
            continue
        inside, count = _inside(folder, start, left)
        left -= count
        queue.extend((each, level + 1) for each in inside)


def _inside(folder: Path, start: Path, most: int) -> tuple[list[Path], int]:
    """Return the folders in a folder, by name, and how many entries were looked at."""
    found: list[Path] = []
    count = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                count += 1
                if count > most:
                    break
                if entry.is_dir(follow_symlinks=False):
                    found.append(Path(entry.path))
                elif entry.is_symlink():
                    goal = Path(os.path.realpath(entry.path))
                    found += [goal] if goal.is_relative_to(start) else []
    except OSError:
        return found, count  # a folder that may not be read holds nothing that could be used
    return sorted(found), count


# --- trust ---------------------------------------------------------------------------------------


def distrust(mirror: Path, *, above: bool = True) -> str | None:
    """Return why a mirror is not to be trusted, or None; `above` False: the folders that lead to it are not judged."""
    mirror = Path(os.path.realpath(mirror))
    try:
        for folder in reversed(mirror.parents) if above else ():
            reason = _unsafe(folder, folder.lstat())
            if reason is not None:
                return reason
        return _distrust_below(mirror)
    except OSError as error:
        return f"{error.filename or mirror}: {error.strerror}"


def _distrust_below(mirror: Path) -> str | None:
    queue = [mirror]
    count = 0
    for here in queue:
        count += 1
        if count > _CHECKED:
            return f"it holds more than {_CHECKED:,} entries"
        status = here.lstat()
        if stat.S_ISLNK(status.st_mode):
            if not Path(os.path.realpath(here)).is_relative_to(mirror):
                return f"{here} is a symbolic link that points outside of it"
            continue  # what it leads to is judged in its own place
        reason = _unsafe(here, status)
        if reason is not None:
            return reason
        if stat.S_ISDIR(status.st_mode):
            with os.scandir(here) as entries:
                queue += sorted(Path(entry.path) for entry in entries)[: _CHECKED + 1]
    return None


def _unsafe(path: Path, status: os.stat_result) -> str | None:
    if status.st_uid not in {0, os.geteuid()}:
        return f"{path} belongs to another user"
    if status.st_mode & _WRITABLE:
        return f"other users can write to {path}"
    return None
