"""A plan or a state: from a file of JSON to its objects, with what is wrong said in the user's words."""

import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError
from ssm_hardening.read.graph import keyless

LARGEST = limits.PLAN

_MAJOR = "1"
_WITHOUT_RELEVANCE = ("1", "1.0")
"""Format versions of Terraform before 1.2, which does not list `relevant_attributes`; later ones omit an empty list."""
_MAKE = "create the file with `terraform show -json PLANFILE > plan.json`"
_ARCHIVE = b"PK\x03\x04"
STANDARD_INPUT = Path("-")
_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def load(path: Path) -> Mapping[str, Any]:
    """Return the data of a plan, or of a state. Raises UsageError where the file is neither."""
    return _checked(_parsed(_bytes(path), str(path)), str(path))


def _bytes(path: Path) -> bytes:
    try:
        if path == STANDARD_INPUT and sys.stdin is None:
            raise UsageError("stdin is closed", hint="pass the plan as a file, or through a pipe")
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            _refuse_other_kinds(path)
            with path.open("rb") as stream:
                data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot read the file: {error}", hint="check the --plan-json arguments") from error
    if len(data) > LARGEST:
        raise UsageError(
            f"{path}: larger than the limit of {LARGEST // 1024 // 1024} MiB",
            hint="plan only a part of the code with -target",
        )
    if not data.strip():
        raise UsageError(f"{path}: empty", hint=_MAKE)
    if data.startswith(_ARCHIVE):
        raise UsageError(f"{path}: this is a binary plan file, not JSON", hint=_MAKE)
    return data


def _refuse_other_kinds(path: Path) -> None:
    """Raise UsageError for what is neither a file nor a pipe, from which a plan can be read once."""
    if not path.exists():
        raise UsageError(f"{path}: no such file", hint=_MAKE)
    if not path.is_file() and not path.is_fifo():
        kind = "a folder, not a file" if path.is_dir() else "neither a file nor a pipe"
        raise UsageError(f"{path}: {kind}", hint=_MAKE)


def _parsed(data: bytes, file: str) -> object:
    try:
        found: object = json.loads(data, parse_constant=_no_constant)
        if _HALF_A_CHARACTER.search(data):
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError as error:
        raise UsageError(f"{file}: nested too deeply", hint=_MAKE) from error
    except json.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}: invalid JSON: {error.msg}", hint=_hint(data)) from error
    except ValueError as error:
        raise UsageError(f"{file}: invalid JSON: {error}", hint=_MAKE) from error
    return found


def _hint(data: bytes) -> str:
    if data.startswith(b'{"@level"'):
        return f"this looks like the output of `terraform plan -json`; {_MAKE}"
    return f"the file may be truncated; {_MAKE}"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a valid JSON number")


def _checked(data: object, file: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise UsageError(f"{file}: not a plan in JSON format", hint=_MAKE)
    if "lineage" in data and "format_version" not in data:
        hint = "pass the output of `terraform show -json` instead; its format is complete and stable"
        raise UsageError(f"{file}: this is a raw state file", hint=hint)
    version = data.get("format_version")
    if not isinstance(version, str):
        raise UsageError(f"{file}: not a plan in JSON format: format_version is missing", hint=_MAKE)
    if version.partition(".")[0] != _MAJOR:
        hint = "run `terraform show -json` with Terraform or OpenTofu 1.x"
        raise UsageError(f"{file}: unsupported format_version {version[:20]!r}; expected {_MAJOR}.x", hint=hint)
    if data.keys().isdisjoint(("planned_values", "values")):
        raise UsageError(f"{file}: neither a plan nor a state: planned_values and values are both missing", hint=_MAKE)
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
        raise UsageError(f"{file}: {key} is not a string", hint=_MAKE)
    return found


def as_object(data: object) -> Mapping[str, Any]:
    """Return an object of a configuration; an empty one where it is something else, for what may be of any shape."""
    return data if isinstance(data, Mapping) else {}


def member(data: object, key: str) -> Mapping[str, Any]:
    """Return an object's member that is an object; an empty one where there is none."""
    return as_object(as_object(data).get(key))


# Objects

_DELETED = ("delete",)
_FORGOTTEN = ("forget",)
_REPEATED = frozenset({"count_expression", "for_each_expression", "enabled_expression"})
"""What makes a number of instances, and none of them, out of what is written once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedObject:
    """One instance of a resource or data source. `unknown` and `sensitive` mark values, member by member, with true.

    `exists` is false where the plan deletes it; `is_new`: nothing of it exists today, so that what nobody wrote is
    what AWS gives to a new object. `former` are the values before the plan's changes.
    """

    address: str
    mode: str
    type: str
    name: str
    module: str
    values: Mapping[str, Any]
    unknown: object = None
    sensitive: object = None
    exists: bool = True
    is_new: bool = False
    former: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan, or a state (then there is no configuration). `forgotten` are addresses that leave Terraform's hands.

    `relevant` are the attributes, by address and path, that changed objects depend on; None where the format does not
    list them.
    """

    file: str
    instances: Mapping[str, PlannedObject]
    configuration: Mapping[str, Any]
    variables: Mapping[str, Any] = field(default_factory=dict)
    is_state: bool = False
    unfinished: str = ""
    forgotten: tuple[str, ...] = ()
    relevant: tuple[tuple[str, tuple[str, ...]], ...] | None = None


def plan_of(data: Mapping[str, Any], file: str) -> Plan:
    """Return the objects in a plan's data. Raises UsageError where the data is not what a plan's would be."""
    is_state = "planned_values" not in data
    found: dict[str, PlannedObject] = {}
    prior = mapping(mapping(data, "prior_state", file), "values", file)
    for values in (prior, mapping(data, "values" if is_state else "planned_values", file)):
        for module, each in _resources(mapping(values, "root_module", file), file):
            if values is not prior or each.get("mode") == "data":
                instance = _existing(each, module, file)
                found[instance.address] = instance
    changes = [each for each in objects(data, "resource_changes", file) if "deposed" not in each]
    found.update((instance.address, instance) for each in changes for instance in _changed(each, file))
    forgotten = tuple(text(each, "address", file) for each in changes if _actions(each, file) == _FORGOTTEN)
    return Plan(
        file=file,
        instances=found,
        configuration=mapping(data, "configuration", file),
        variables=mapping(data, "variables", file),
        is_state=is_state,
        unfinished=_unfinished(data) or _lacking(data, {*found, *forgotten}),
        forgotten=forgotten,
        relevant=_relevant(data, file),
    )


def _relevant(data: Mapping[str, Any], file: str) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    if data["format_version"] in _WITHOUT_RELEVANCE:
        return None
    found = objects(data, "relevant_attributes", file)
    return tuple((text(each, "resource", file), tuple(map(str, each.get("attribute") or ()))) for each in found)


def _unfinished(data: Mapping[str, Any]) -> str:
    if data.get("errored") is True:
        return "the plan failed with an error, so it may be incomplete"
    if data.get("complete") is False or data.get("deferred_changes"):
        return "the plan is incomplete: it is targeted, or has deferred changes"
    return ""


def _lacking(data: Mapping[str, Any], addresses: Collection[str]) -> str:
    """Say that a plan does not contain what its configuration declares.

    Before version 1.8, and in OpenTofu, plans do not say that they are targeted. A `for_each` of constants alone is not
    in a configuration, so an instance with any key will do.
    """
    there = {keyless(address) for address in addresses}
    modules = [("", member(member(data, "configuration"), "root_module"))]
    while modules:
        path, module = modules.pop()
        blocks = module.get("resources")
        for each in map(as_object, blocks if isinstance(blocks, list) else ()):
            address = f"{path}{each.get('address')}"
            if each.get("mode") == "managed" and each.keys().isdisjoint(_REPEATED) and address not in there:
                return f"the plan is incomplete: it does not contain {address}, which its configuration declares"
        calls = member(module, "module_calls")
        once = (name for name, call in calls.items() if as_object(call).keys().isdisjoint(_REPEATED))
        modules += ((f"{path}module.{name}.", member(calls[name], "module")) for name in once)
    return ""


def _resources(root: Mapping[str, Any], file: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    modules = [root]
    while modules:
        module = modules.pop()
        path = text(module, "address", file) if "address" in module else ""
        for each in objects(module, "resources", file):
            yield path, each
        modules += objects(module, "child_modules", file)


def _existing(data: Mapping[str, Any], module: str, file: str) -> PlannedObject:
    return PlannedObject(
        address=text(data, "address", file),
        mode=text(data, "mode", file),
        type=text(data, "type", file),
        name=text(data, "name", file),
        module=module,
        values=mapping(data, "values", file),
        sensitive=data.get("sensitive_values"),
    )


def _changed(data: Mapping[str, Any], file: str) -> Iterator[PlannedObject]:
    change = mapping(data, "change", file)
    actions = _actions(data, file)
    if actions == _FORGOTTEN:
        return
    is_deleted = actions == _DELETED
    yield PlannedObject(
        address=text(data, "address", file),
        mode=text(data, "mode", file),
        type=text(data, "type", file),
        name=text(data, "name", file),
        module=data["module_address"] if isinstance(data.get("module_address"), str) else "",
        values=mapping(change, "before" if is_deleted else "after", file),
        unknown=None if is_deleted else change.get("after_unknown"),
        sensitive=change.get("before_sensitive" if is_deleted else "after_sensitive"),
        exists=not is_deleted,
        is_new=change.get("before") is None or "create" in actions,
        former=as_object(change.get("before")),
    )


def _actions(data: Mapping[str, Any], file: str) -> tuple[str, ...]:
    found = mapping(data, "change", file).get("actions")
    return tuple(str(each) for each in found) if isinstance(found, list) else ()
