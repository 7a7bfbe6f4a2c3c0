"""The configuration file: `.ssm-harden.toml`, or `[tool.ssm-harden]` of pyproject.toml, found, read, and taken apart.

It may be somebody else's: it is read within limits, and a link that leads out of the repository is not followed.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ssm_hardening.cli.commands import COMMANDS, CONFIG_FILES, CommandGroup
from ssm_hardening.core import limits
from ssm_hardening.core.errors import UnreadableError, UsageError

_PYPROJECT = CONFIG_FILES[1]
_SECTION = "ssm-harden"
_IGNORE = "--no-config ignores configuration files"


class Setting(NamedTuple):
    """A value as written, and where: `line` 0 where it is not known. `table`: the command that it is for, if one.

    `top` is the folder that a file's paths may not lead out of; None for an environment variable, `place` its name.
    """

    key: str
    value: Any
    place: str
    line: int = 0
    table: str = ""
    top: Path | None = None

    def wrong(self, told: str, hint: str = "") -> UsageError:
        """Return an error that says where it is."""
        place = f"{self.place}:{self.line}" if self.line else self.place
        return UsageError(f"{place}: {told}", hint=hint)


class File(NamedTuple):
    """A configuration file: its table of ours, and its text to find lines in."""

    path: Path
    text: str
    data: Mapping[str, Any]
    top: Path


def find(start: Path) -> File | None:
    """Return the nearest file, from a folder upwards to the root of its repository; without one, in that folder."""
    from ssm_hardening.read.paths import repository

    top = repository(start) or start
    for folder in (start, *start.parents):
        for path in (folder / name for name in CONFIG_FILES):
            found = _read(path, top) if os.path.lexists(path) else None
            if found is not None:
                return found
        if folder == top:
            break
    return None


def _read(path: Path, top: Path) -> File | None:
    """Return a file; None for a pyproject.toml without a table of ours. Raises UsageError."""
    from ssm_hardening.read.paths import ALONE, bytes_within

    shown = os.path.relpath(path)
    try:
        size = path.stat().st_size
        data = b"" if size > limits.SETTINGS else bytes_within(path, ALONE, most=limits.SETTINGS)
    except UnreadableError as error:
        raise UsageError(f"{shown}: {error.reason}", hint=_IGNORE) from error
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}", hint=_IGNORE) from error
    if size > limits.SETTINGS:
        raise UsageError(f"{shown}: is larger than the {limits.SETTINGS:,} bytes that are read", hint=_IGNORE)
    if path.name == _PYPROJECT and _SECTION.encode() not in data:
        return None
    table = _parsed(shown, data)
    if path.name == _PYPROJECT:
        tool = table.get("tool")
        table = tool.get(_SECTION) if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise UsageError(f"{shown}: tool.{_SECTION} must be a table")
    return File(path, data.decode(), table, top)


def _parsed(shown: str, data: bytes) -> Any:
    try:
        return limits.toml_in(data.decode())
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown}: is not UTF-8 text", hint=_IGNORE) from error
    except ValueError as error:
        reason, line = str(error), re.search(r" \(at line (\d+), column \d+\)", str(error))
        place = shown if line is None else f"{shown}:{line[1]}"
        told = reason if line is None else reason.replace(line[0], "")
        raise UsageError(f"{place}: is not TOML: {told}", hint=_IGNORE) from error


def settings_in(file: File) -> Iterator[Setting]:
    """Yield what a file sets."""
    shown = os.path.relpath(file.path)
    section = f"tool.{_SECTION}" if file.path.name == _PYPROJECT else ""
    for table, key, value in _flat(file.data, ""):
        header = ".".join(filter(None, (section, *table.split())))
        yield Setting(key, value, shown, _line_of(file.text, header, key), table, file.top)


def _flat(data: Mapping[str, Any], table: str) -> Iterator[tuple[str, str, Any]]:
    """Yield each setting with the command that its table names."""
    group = COMMANDS.get(table)
    commands = COMMANDS if not table else group.commands if isinstance(group, CommandGroup) else {}
    for key, value in data.items():
        if isinstance(value, dict) and key in commands:
            yield from _flat(value, f"{table} {key}".strip())
        else:
            yield table, key, value


def _line_of(text: str, header: str, key: str) -> int:
    """Return the line of a key below a table's header, as most people write them; 0 for any other way."""
    current, start = "", re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""")
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$", line)
        if found is not None:
            current = re.sub(r"[\s\"']", "", found[1])
            if current == f"{header}.{key}".strip("."):
                return number
        elif current == header and start.match(line):
            return number
    return 0
