"""The JSON of a plan or a state: from a file to data, with what is wrong said in the user's words."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError

LARGEST = limits.PLAN

_MAJOR = "1"
_MAKE = "make it with `terraform show -json PLANFILE > plan.json`"
_ARCHIVE = b"PK\x03\x04"
_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def load(path: Path) -> Mapping[str, Any]:
    """Return the data of a plan, or of a state. Raises UsageError where the file is neither."""
    return _checked(_parsed(_bytes(path), str(path)), str(path))


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            reason = "is not a file" if path.exists() else "there is no such file"
            raise UsageError(f"{path}: {reason}", hint=_MAKE)
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", hint="check the --plan-json arguments") from error
    if len(data) > LARGEST:
        raise UsageError(f"{path}: is larger than {LARGEST // 1024 // 1024} MiB", hint="plan a part with -target")
    if data.startswith(_ARCHIVE):
        raise UsageError(f"{path}: is a plan file, not its JSON", hint=_MAKE)
    return data


def _parsed(data: bytes, file: str) -> object:
    try:
        found: object = json.loads(data, parse_constant=_no_constant)
        if _HALF_A_CHARACTER.search(data):
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError as error:
        raise UsageError(f"{file}: is nested too deep", hint=_MAKE) from error
    except json.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}: is not JSON: {error.msg}", hint=_hint(data)) from error
    except ValueError as error:
        raise UsageError(f"{file}: is not JSON: {error}", hint=_MAKE) from error
    return found


def _hint(data: bytes) -> str:
    if data.startswith(b'{"@level"'):
        return f"these are the messages of `terraform plan -json`; {_MAKE}"
    return f"the file may be cut off: {_MAKE}"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _checked(data: object, file: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise UsageError(f"{file}: is not the JSON of a plan", hint=_MAKE)
    if "lineage" in data and "format_version" not in data:
        hint = "name what `terraform show -json` prints: it tells more, and in a form that is kept stable"
        raise UsageError(f"{file}: is a state file", hint=hint)
    version = data.get("format_version")
    if not isinstance(version, str):
        raise UsageError(f"{file}: has no format_version, so it is not the JSON of a plan", hint=_MAKE)
    if version.partition(".")[0] != _MAJOR:
        hint = "show the plan with a terraform or tofu of version 1"
        raise UsageError(f"{file}: format_version {version[:20]!r} is not known here, only {_MAJOR}.x", hint=hint)
    if data.keys().isdisjoint(("planned_values", "values")):
        raise UsageError(f"{file}: holds neither planned_values nor values: it is of no plan and no state", hint=_MAKE)
    return data


def mapping(data: Mapping[str, Any], key: str, file: str) -> Mapping[str, Any]:
    """Return an object of the plan; an empty one where there is none. Raises UsageError where it is something else."""
    found = data.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UsageError(f"{file}: {key} is not an object", hint=_MAKE)
    return found


def objects(data: Mapping[str, Any], key: str, file: str) -> list[Mapping[str, Any]]:
    """Return a list of objects of the plan; an empty one where there is none. Raises UsageError."""
    found = data.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UsageError(f"{file}: {key} is not a list of objects", hint=_MAKE)
    return found


def text(data: Mapping[str, Any], key: str, file: str) -> str:
    """Return a text of the plan. Raises UsageError where there is none."""
    found = data.get(key)
    if not isinstance(found, str):
        raise UsageError(f"{file}: {key} is not a text", hint=_MAKE)
    return found
