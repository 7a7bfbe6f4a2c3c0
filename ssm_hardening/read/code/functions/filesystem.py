"""Functions that read files. Only files of the repository under audit are read.

A path may come from anybody's code: `file("/etc/passwd")` must not carry a secret into a report.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Datum, Known, Unknown, Value, Why
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Function,
    FunctionCall,
    NoAnswerError,
    exactly,
    text,
    unsupported,
)
from ssm_hardening.read.code.values import SetItems, Values
from ssm_hardening.read.paths import LeadsOutError, bytes_within
from ssm_hardening.text.writing import MAX_TEXT, composed

_MAX_VISITED = 20_000
_MOST_STARS = 8
"""In a pattern: what bounds the matching."""


def read_text_file(call: FunctionCall, path_value: Value[Datum]) -> Value[str]:
    """Return a file's text, whose origin is the file's first line; Unknown where it cannot or must not be read."""
    try:
        path = _path(call, path_value)
        return Known(_decoded(path, read_bytes(call, path)), file_origin(call, path))
    except NoAnswerError as stop:
        return stop.value


def file_origin(call: FunctionCall, path: Path) -> CodeOrigin:
    """Return the start of a file as a place, relative to the working directory where possible."""
    return CodeOrigin(_shown(path), 1, module_path=call.at.module_path)


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _decoded(path: Path, content: bytes) -> str:
    try:
        return composed(content.decode("utf-8"))
    except UnicodeDecodeError:
        gap = Unknown(Why.UNPARSEABLE, CodeOrigin(_shown(path), 1), f"{_shown(path)} is not UTF-8 text")
        raise NoAnswerError(gap) from None


def read_bytes(call: FunctionCall, path: Path) -> bytes:
    """Return a file's content, if it is a regular file of at most 1 MB."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _missing(call, path, "is not a file")
        if status.st_size > MAX_TEXT:
            unsupported(call, f"{_shown(path)} is larger than 1 MB")
        return bytes_within(path, call.bounds, call.root_dir.resolve(), call.module_dir.resolve(), most=MAX_TEXT)
    except LeadsOutError:
        # It became a link after it was looked at.
        raise _outside(call, str(path)) from None
    except UnreadableError as error:
        raise _missing(call, path, f"is not readable: {error.reason}") from None
    except FileNotFoundError:
        raise _missing(call, path, "does not exist") from None
    except OSError as error:
        raise _missing(call, path, f"is not readable: {error.strerror}") from None


def _missing(call: FunctionCall, path: Path, reason: str) -> NoAnswerError:
    return NoAnswerError(Unknown(Why.UNRESOLVED_INPUT, call.at, f"{call.text}: {_shown(path)} {reason}"))


def _path(call: FunctionCall, value: Value[Datum]) -> Path:
    """Return the file a path names, with links followed; refuse what leaves the repository."""
    return allowed(call, _located(call, text(call, value)))


def _located(call: FunctionCall, name: str) -> Path:
    """Return a path as Terraform finds it from the root module; else where the calling module has it."""
    if "\0" in name or name.startswith("~"):
        raise _outside(call, name)
    try:
        found = call.root_dir / name
        beside = call.module_dir / name
        return (beside if not found.exists() and beside.exists() else found).resolve()
    except (OSError, RuntimeError, UnicodeEncodeError):
        raise _outside(call, name) from None


def allowed(call: FunctionCall, path: Path) -> Path:
    """Return the path, if it lies in the repository of the root or the calling module."""
    if not call.bounds.allow(path, call.root_dir.resolve(), call.module_dir.resolve()):
        raise _outside(call, str(path))
    return path


def _outside(call: FunctionCall, name: str) -> NoAnswerError:
    reason = f"{call.text}: {name} is outside of the repository and was not read"
    return NoAnswerError(Unknown(Why.OUT_OF_SCOPE, call.at, reason))


def content(call: FunctionCall, value: Value[Datum]) -> bytes:
    """Return the content of the file that an argument names."""
    return read_bytes(call, _path(call, value))


def file_set(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the files below a folder whose relative paths match a pattern, in order."""
    folder, pattern = _path(call, args[0]), glob_pattern(call, text(call, args[1]))
    found = sorted(name for name in _files(call, folder) if pattern.fullmatch(name))
    return Known(SetItems(tuple(Known(name, call.at) for name in found)), call.at)


def _files(call: FunctionCall, folder: Path) -> Iterator[str]:
    visited = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        visited += len(files) + len(folders)
        if visited > _MAX_VISITED:
            unsupported(call, "there are too many files")
        if any((Path(parent) / name).is_symlink() for name in folders):
            unsupported(call, "symbolic links to folders are not followed")
        for name in files:
            if (Path(parent) / name).is_file():
                yield (Path(parent) / name).relative_to(folder).as_posix()


def glob_pattern(call: FunctionCall, pattern: str) -> re.Pattern[str]:
    """Translate a glob with `*`, `**`, `?`, `[a-z]` and `{a,b}`."""
    if len(pattern) > MAX_ITEMS or pattern.count("*") > _MOST_STARS or "\\" in pattern:
        unsupported(call, "this pattern is not supported")
    translated = re.sub(r"\*\*/|\*+|\?|\[[^\]/]+\]|[{},]|.", _glob_token, pattern, flags=re.DOTALL)
    try:
        return re.compile(translated)
    except re.error:
        unsupported(call, "this pattern is not supported")


def _glob_token(token: re.Match[str]) -> str:
    """Translate one element; a comma separates choices only between braces."""
    fixed = {"**/": "(?:[^/]+/)*", "**": "(?:[^/]+/)*[^/]*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
    element = token[0]
    if element == ",":
        before = token.string[: token.start()]
        return "|" if before.count("{") > before.count("}") else ","
    if element.startswith("[") and element.endswith("]"):
        return "[^" + element[2:] if element[1] in "!^" else element
    return fixed.get(element, re.escape(element))


def absolute(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return a path made absolute; it differs from machine to machine."""
    name = text(call, args[0])
    if not name.startswith("/"):
        return Known(os.path.normpath(call.root_dir.resolve() / name), call.at)
    return Known(os.path.normpath(name), call.at)


def _folder_of(path: str) -> str:
    return os.path.normpath(path.rpartition("/")[0] or ("/" if path.startswith("/") else "."))


def _name_of(path: str) -> str:
    return PurePosixPath(path.rstrip("/")).name or ("/" if path.startswith("/") else ".") if path != ".." else ".."


def expanded(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return a path; the home folder is not looked at."""
    name = text(call, args[0])
    if name.startswith("~"):
        raise _outside(call, name)
    return Known(name, call.at)


FUNCTIONS: dict[str, Function] = {
    "abspath": Function(absolute, 1, 1),
    "basename": exactly(_name_of, text),
    "dirname": exactly(_folder_of, text),
    "file": Function(lambda call, args: read_text_file(call, args[0]), 1, 1),
    "fileexists": exactly(Path.is_file, _path),
    "fileset": Function(file_set, 2, 2),
    "pathexpand": Function(expanded, 1, 1),
}
