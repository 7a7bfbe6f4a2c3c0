"""From a file of evidence to a checked document. Whoever controls a node writes what its probe prints.

Texts of a node are made harmless before anybody reads them: they come from whoever controls it.
"""

import codecs
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError, listed

SCHEMA = "ssm-harden/host/1"
LARGEST = limits.EVIDENCE

PLATFORMS = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}

_TEXTS = ("bytes", "unicode")
_DEEPEST = 32
_MOST_DIGITS = 1000
_AGAIN = "run the probe again: `ssm-harden host script` prints it, and `ssm-harden host run` runs it on nodes"
_CUT = f"the file may be truncated (Run Command keeps 24,000 characters of a command's output); {_AGAIN}"
_ENCODING = "save the file as UTF-8, or redirect the output of the probe to a file unchanged"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeDocument:
    """One document of a probe. `platform` as the model says it; `in_bytes`: its texts spell bytes, not characters."""

    file: str
    data: Mapping[str, Any]
    platform: str
    in_bytes: bool
    finished: bool

    def plain(self, text: str) -> str:
        """Return a text as it was on the node."""
        return from_bytes(text) if self.in_bytes else text


def load(path: Path) -> ProbeDocument:
    """Return the document in a file. Raises UsageError where there is none that this version reads."""
    return loads(_bytes(path, visible(str(path))), file=str(path))


def loads(data: bytes, *, file: str) -> ProbeDocument:
    """Return the document in the bytes of a file called `file`. Raises UsageError where they are none."""
    shown = visible(file)
    return _checked(_parsed(_text(data, shown), shown), shown)


def object_of(text: str) -> object:
    """Parse JSON of other people. Raises ValueError, with the reason, where it is broken, ambiguous or too deep."""
    try:
        found: object = json.loads(
            text, parse_constant=_no_constant, parse_int=_number, object_pairs_hook=_no_duplicates
        )
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is not valid JSON: {error.msg} (line {error.lineno})") from error
    if not _is_shallow(found, _DEEPEST):
        raise ValueError("is nested too deeply")
    return found


def _bytes(path: Path, file: str) -> bytes:
    try:
        if not path.is_file():
            reason = "not a file" if path.exists() else "no such file"
            raise UsageError(f"{file}: {reason}", hint="pass the files that contain the output of the probe")
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{file}: cannot read the file: {error}", hint="check the names of the evidence files"
        ) from error
    if len(data) > LARGEST:
        raise UsageError(f"{file}: not the output of a probe: larger than 1 MiB", hint=_AGAIN)
    return data


def _text(data: bytes, file: str) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "":
        raise UsageError(f"{file}: UTF-32 is not supported", hint=_ENCODING)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not valid {encoding[:6].upper().rstrip('-')} text", hint=_ENCODING) from error
    if text.strip() == "":
        raise UsageError(f"{file}: the file is empty", hint=_AGAIN)
    return text


def _parsed(text: str, file: str) -> object:
    try:
        return object_of(text)
    except ValueError as error:
        raise UsageError(f"{file}: {visible(str(error))}", hint=_CUT) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"is not valid JSON: {name} is not a JSON number")


def _number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"has a number with {len(digits)} digits")
    return int(digits)


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"is ambiguous: the key {visible(twice)[:40]!r} appears more than once")
    return found


def _is_shallow(data: object, levels: int) -> bool:
    match data:
        case dict():
            return levels > 0 and all(_is_shallow(each, levels - 1) for each in data.values())
        case list():
            return levels > 0 and all(_is_shallow(each, levels - 1) for each in data)
        case _:
            return True


def _checked(data: object, file: str) -> ProbeDocument:
    if not isinstance(data, dict):
        raise UsageError(f"{file}: not the output of a probe", hint=_AGAIN)
    schema = data.get("schema")
    if schema != SCHEMA:
        found = f"unsupported schema {visible(schema)[:40]!r}" if isinstance(schema, str) else "the schema is missing"
        raise UsageError(f"{file}: {found}; expected {SCHEMA}", hint=f"use the probe of this version: {_AGAIN}")
    probe = data.get("probe")
    if not isinstance(probe, dict):
        raise UsageError(f"{file}: not the output of a probe: `probe` is missing", hint=_AGAIN)
    return ProbeDocument(
        file=file,
        data=data,
        platform=PLATFORMS[_one_of(tuple(PLATFORMS), probe.get("platform"), f"{file}: probe.platform")],
        in_bytes=_one_of(_TEXTS, data.get("text"), f"{file}: text") == "bytes",
        finished=probe.get("finished") is True,
    )


def _one_of(expected: tuple[str, ...], found: object, place: str) -> str:
    if not isinstance(found, str) or found not in expected:
        raise UsageError(f"{place} is not valid; expected {listed(expected)}", hint=_AGAIN)
    return found


def from_bytes(text: str) -> str:
    r"""Return what a text means whose characters are bytes: `\u00c3\u00bc` is `ü`, and what is no UTF-8 `\ufffd`.

    One with characters beyond bytes stays as it is.
    """
    try:
        return text.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text


def visible(text: str) -> str:
    """Return the text with whatever could act on a terminal, hide, or change the direction of others written out."""
    return "".join(each if each.isprintable() else _written_out(each) for each in text)


def _written_out(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
