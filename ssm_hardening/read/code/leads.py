"""Where the bytes of code lead: the folders of the local modules that they call, and the files that they read."""

import os
import re
from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

from ssm_hardening.read.paths import Bounds

_LOCAL_SOURCE = re.compile(rb'"?source"?\s*[=:]\s*"(\.\.?/[^"$%]*|\.\.?)"')
_CALL = re.compile(rb'^[ \t]*module[ \t]+"?[^"\s{]+"?[ \t\r\n]*\{', re.MULTILINE)
_OPEN_SOURCE = re.compile(rb'(?<![\w-])"?source"?[ \t]*[=:][ \t]*(?:"[^"\n]*[$%]\{|[^"\s])')
_REMOTE_SOURCE = re.compile(
    rb'"?source"?\s*[=:]\s*"(?!\.)'
    rb'(?!(?!(?:github\.com|gitlab\.com|bitbucket\.org)/)(?:[\w-]+\.[\w.-]+/)?[\w-]+/[\w-]+")[^"]+"'
)
"""The source of a module from elsewhere, and not that of a provider (`NAMESPACE/TYPE`)."""

_READS = re.compile(rb"\b(?:file|templatefile|filebase64|fileset)\s*\(\s*")
_LOOKS = re.compile(
    rb"\b(?:file|fileexists|fileset|filebase64|filebase64sha(?:256|512)|filemd5|filesha(?:1|256|512)|templatefile"
    rb"|templatestring|pathexpand|abspath)(?:\s|/\*|\(|#|//)|\bprovider::|\blocal_file\b"
)
"""The functions, and the data source, whose results more than the code decides, however they are called."""
_MOST_FILES = 1_000
_FIXED = re.compile(rb'"(?:\$\{path\.module\}/?)?([^"$%\\]*)"')

_OUTSIDE = re.compile(rb'\.\./(?!\.\./)([^"$%\s\\]*)')
"""A path that leads out of a folder, up to where its text is no longer fixed."""


def called_folders(folder: Path, data: bytes, bounds: Bounds) -> Iterator[tuple[Path, Path | None]]:
    """Yield each folder called, and where links lead from it: None for out, behind which anything may be."""
    for match in _LOCAL_SOURCE.finditer(data):
        try:
            written = Path(os.path.normpath(folder / match.group(1).decode()))
            yield written, bounds.followed(written, folder)
        except ValueError:
            continue


def has_open_source(data: bytes) -> bool:
    """Say whether the source of a module may be an expression, which OpenTofu evaluates before anything else."""
    return any(_OPEN_SOURCE.search(body) is not None for body in _calls(data))


def calls_from_elsewhere(data: bytes) -> bool:
    """Say whether a module from elsewhere is called, which may hold anything."""
    return _REMOTE_SOURCE.search(data) is not None


def _calls(data: bytes) -> Iterator[bytes]:
    """Yield the text of each `module` block, or more; in JSON, which has no such blocks, all of it."""
    if data.lstrip()[:1] == b"{":
        yield data
        return
    starts = [match.end() for match in _CALL.finditer(data)]
    for start, limit in pairwise([*starts, len(data)]):
        end = data.find(b"\n}", start, limit)
        yield data[start : limit if end < 0 else end]


def files_read(folder: Path, data: bytes) -> Iterator[Path | None]:
    """Yield the files that functions read; None where the text does not fix which, or names very many."""
    for number, call in enumerate(_READS.finditer(data)):
        if number == _MOST_FILES:
            yield None
            return
        fixed = _FIXED.match(data, call.end())
        try:
            yield None if fixed is None else Path(os.path.normpath(folder / fixed[1].decode()))
        except ValueError:
            continue


def names_any(texts: Iterable[bytes], files: Collection[str]) -> bool:
    """Say whether code of a folder may read one of these files by a path that leads out of the folder."""
    for data in texts:
        tails = {match[1].decode(errors="replace") for match in _OUTSIDE.finditer(_LOCAL_SOURCE.sub(b"", data))}
        if any(f"/{tail}" in file for tail in tails for file in files):
            return True
    return False


def is_told_by_code(files: Mapping[str, bytes]) -> bool:
    """Say whether the code of these files is all that decides what it means, as far as it names what else could."""
    return not any(name.endswith(".json") or _LOOKS.search(data) for name, data in files.items())


def digest_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a digest of files by their names, whatever their order; a byte order mark does not count."""
    made = blake2b(digest_size=32)
    for name, data in sorted(files):
        text = data.removeprefix(BOM_UTF8)
        made.update(f"{len(name)} {len(text)} {name}".encode(errors="surrogateescape"))
        made.update(text)
    return made.digest()
