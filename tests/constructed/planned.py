"""The plan of resources, as `terraform show -json` prints it (format 1.2)."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from tests.constructed.expressions import (
    Declared,
    Encoded,
    Expression,
    Input,
    Local,
    Module,
    Nested,
    Reference,
    described,
    said,
)
from tests.constructed.provider_values import COMPUTED, DEFAULTS, VERSIONS

Values = dict[str, Any]
_UNKNOWN = object()


def _written(each: Declared) -> Values:
    """Return what the configuration says of a resource."""
    found = {
        **_head(each.type, each.label),
        "address": each.address,
        "provider_config_key": "aws",
        "expressions": described(each.arguments),
        "schema_version": VERSIONS.get(each.type, 0),
    }
    if isinstance(each.index, int):
        found["count_expression"] = {"constant_value": 1}
    return found


def _head(type_: str, label: str) -> Values:
    return {"mode": "managed", "type": type_, "name": label}


@dataclass(slots=True)
class _Scope:
    """What expressions of a module refer to: variables, and of each object what is known of it after apply."""

    variables: Mapping[str, Any]
    objects: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def value(self, expression: Expression) -> Any:
        """Return the value, or the mark that it is not known."""
        match expression:
            case Reference(address, attribute):
                return self.objects[address].get(attribute, _UNKNOWN)
            case Input(name):
                return self.variables[name]
            case Local(_, inside):
                return self.value(inside)
            case Encoded(content):
                inner = self.value(content)
                return inner if inner is _UNKNOWN else json.dumps(inner, sort_keys=True, separators=(",", ":"))
            case dict():
                found = {name: self.value(each) for name, each in expression.items()}
                return _UNKNOWN if _UNKNOWN in found.values() else found
            case list():
                members = [self.value(each) for each in expression]
                return _UNKNOWN if _UNKNOWN in members else members
            case Nested(blocks):
                return self.value([dict(each) for each in blocks])
            case _:
                return expression


def _change(each: Declared, scope: _Scope) -> Values:
    values = {name: scope.value(value) for name, value in each.arguments.items()}
    known = {name: _filled(each.type, name, value) for name, value in values.items() if value is not _UNKNOWN}
    after = {**DEFAULTS[each.type], **known}
    anew = [name for name, value in values.items() if value is _UNKNOWN]
    anew += [name for name in COMPUTED[each.type] if name not in known]
    if each.before is None:
        return _created(each.type, after, anew)
    before = {**after, **each.computed, **each.before}
    if each.is_removed:
        return _changed(["delete"], before, None, {})
    if each.is_replaced:
        created = {**_created(each.type, after, anew), "actions": ["delete", "create"]}
        return {**created, "before": before, "before_sensitive": {}, "replace_paths": [["bucket"]]}
    after |= each.computed
    if not each.before:
        return _changed(["no-op"], before, after, {})
    changing = dict.fromkeys(COMPUTED[f"{each.type} updated"], True)
    return _changed(["update"], before, {k: v for k, v in after.items() if k not in changing}, changing)


def _created(type_: str, after: Values, anew: Iterable[str]) -> Values:
    unknown: Values = dict.fromkeys(anew, True)
    found = {name: value for name, value in after.items() if name not in unknown}
    inside = {name: COMPUTED.get(f"{type_}.{name}", ()) for name in found}
    unknown |= {name: _marks(value, inside[name]) for name, value in found.items() if isinstance(value, list)}
    return _changed(["create"], None, found, unknown)


def _marks(value: Any, new: Iterable[str] = ()) -> Any:
    """Return the marks of a value that is known, but for `new` members of its blocks: its shape, without its texts."""
    match value:
        case list():
            return [_marks(each, new) for each in value]
        case dict():
            inside = {key: _marks(each) for key, each in value.items() if isinstance(each, list | dict)}
            return inside | dict.fromkeys(new, True)
        case _:
            return False


def _filled(path: str, name: str, value: Any) -> Any:
    """Return an argument with what the provider adds to its blocks."""
    extra = DEFAULTS.get(f"{path}.{name}")
    if extra is None:
        return value
    blocks = [{key: _filled(f"{path}.{name}", key, inside) for key, inside in each.items()} for each in value]
    return [{**extra, **each} for each in blocks]


def _changed(actions: Sequence[str], before: Any, after: Any, unknown: Values) -> Values:
    marks: Values = {"before_sensitive": {} if before else False, "after_sensitive": {} if after else False}
    return {"actions": actions, "before": before, "after": after, "after_unknown": unknown, **marks}


def _resources(module: Module, scope: _Scope, path: str) -> Iterator[Values]:
    """Yield the changes of a module's resources."""
    for each in module.resources:
        change = _change(each, scope)
        scope.objects[each.address] = change["after"] or {}
        index = "" if each.index is None else f"[{json.dumps(each.index)}]"
        head = {"address": f"{f'{path}.' if path else ''}{each.address}{index}"}
        if path:
            head["module_address"] = path
        found = {**head, **_head(each.type, each.label)}
        if each.index is not None:
            found["index"] = each.index
        found |= {"provider_name": "registry.terraform.io/hashicorp/aws", "change": change}
        if each.is_removed:
            found["action_reason"] = "delete_because_no_resource_config"
        if each.is_replaced:
            found["action_reason"] = "replace_because_cannot_update"
        yield found


def _states(changes: Iterable[Values], part: str) -> Values:
    """Return the values of a state: those before, or after the changes."""
    root: Values = {}
    children: dict[str, list[Values]] = {}
    for each in changes:
        values = each["change"][part]
        if values is None:
            continue
        head = {key: value for key, value in each.items() if key not in {"change", "module_address", "action_reason"}}
        found = {**head, "schema_version": VERSIONS.get(each["type"], 0), "values": values, "sensitive_values": {}}
        path = each.get("module_address", "")
        (children.setdefault(path, []) if path else root.setdefault("resources", [])).append(found)
    if children:
        root["child_modules"] = [{"address": path, "resources": found} for path, found in children.items()]
    return {"root_module": root}


def _described(module: Module, variables: Collection[str]) -> Values:
    """Return the configuration of a module. Terraform leaves out what is empty."""
    found: Values = {}
    if module.outputs:
        found["outputs"] = {name: {"expression": said(value)} for name, value in module.outputs.items()}
    resources = sorted((each for each in module.resources if not each.is_removed), key=attrgetter("address"))
    found["resources"] = [_written(each) for each in resources]
    found |= {"variables": {name: {} for name in variables}} if variables else {}
    return found


def plan(
    root: Module, variables: Mapping[str, Any], provider: Mapping[str, Expression], called: tuple[str, Module] | None
) -> Values:
    """Return the plan of a root module, and of a module that it calls by a name, whose folder has that name."""
    outer = _Scope(variables)
    changes: list[Values] = []
    written = _described(root, variables)
    if called is not None:
        name, module = called
        inner = _Scope({key: outer.value(value) for key, value in module.inputs.items()})
        changes += _resources(module, inner, f"module.{name}")
        outputs = {key: inner.value(value) for key, value in module.outputs.items()}
        outer.objects[f"module.{name}"] = {key: value for key, value in outputs.items() if value is not _UNKNOWN}
        passed = {"expressions": described(module.inputs)} if module.inputs else {}
        written["module_calls"] = {name: {"source": f"./{name}", **passed, "module": _described(module, module.inputs)}}
    changes += _resources(root, outer, "")
    changes.sort(key=lambda each: (each.get("module_address", ""), each["address"]))
    full = {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": described(provider)}
    version = {"terraform_version": "1.11.4"}
    prior = {"format_version": "1.0", **version, "values": _states(changes, "before")}
    return {
        "format_version": "1.2",
        **version,
        **({"variables": {name: {"value": value} for name, value in variables.items()}} if variables else {}),
        "planned_values": _states(changes, "after"),
        "resource_changes": changes,
        **({"prior_state": prior} if any(each["change"]["before"] for each in changes) else {}),
        "configuration": {"provider_config": {"aws": full}, "root_module": written},
        "timestamp": "2026-11-30T12:00:00Z",
        "applyable": True,
        "complete": True,
        "errored": False,
    }
