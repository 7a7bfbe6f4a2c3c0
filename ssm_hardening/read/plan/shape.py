"""The objects of a plan: every instance with its values after the plan, and what the configuration says of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ssm_hardening.read.plan.loading import mapping, objects, text

_DELETED = ("delete",)
_FORGOTTEN = ("forget",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedObject:
    """One instance of a resource or data source. `unknown` and `sensitive` mark values, member by member, with true.

    `exists` is false where the plan deletes it; `is_new`: nothing of it exists today, so that what nobody wrote is
    what AWS gives to a new object.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan, or a state (then there is no configuration). `forgotten` are addresses that leave Terraform's hands."""

    file: str
    instances: Mapping[str, PlannedObject]
    configuration: Mapping[str, Any]
    variables: Mapping[str, Any] = field(default_factory=dict)
    is_state: bool = False
    unfinished: str = ""
    forgotten: tuple[str, ...] = ()


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
    return Plan(
        file=file,
        instances=found,
        configuration=mapping(data, "configuration", file),
        variables=mapping(data, "variables", file),
        is_state=is_state,
        unfinished=_unfinished(data),
        forgotten=tuple(text(each, "address", file) for each in changes if _actions(each, file) == _FORGOTTEN),
    )


def _unfinished(data: Mapping[str, Any]) -> str:
    if data.get("errored") is True:
        return "the plan ended with an error: there may be more than it shows"
    if data.get("complete") is False or data.get("deferred_changes"):
        return "the plan is not complete: it was made for a part, or puts changes off"
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
    )


def _actions(data: Mapping[str, Any], file: str) -> tuple[str, ...]:
    found = mapping(data, "change", file).get("actions")
    return tuple(str(each) for each in found) if isinstance(found, list) else ()
