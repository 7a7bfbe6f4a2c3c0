"""What a plan or a state says is sensitive: marked members of objects, variables and outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from ssm_hardening.redaction import texts_in
from ssm_hardening.sources.terraform.plan_json.shape import Plan


def sensitive_texts(data: Mapping[str, Any], plan: Plan) -> frozenset[str]:
    """Return the texts of everything that is marked."""
    found = [text for each in plan.instances.values() for text in _marked(each.values, each.sensitive)]
    configured = _member(_member(data, "configuration"), "root_module").get("variables")
    given = _member(data, "variables")
    for name in given:
        declared = _member(configured, name)
        if declared.get("sensitive") is True or declared.get("ephemeral") is True:
            found += texts_in(_member(given, name).get("value"))
    for values in ("planned_values", "values"):
        outputs = _member(_member(data, values), "outputs")
        for name in outputs:
            told = _member(outputs, name)
            found += texts_in(told.get("value")) if told.get("sensitive") is True else ()
    return frozenset(found)


def _marked(value: object, mark: object) -> Iterator[str]:
    """Yield the texts below the members of which a tree of marks says true."""
    if mark is True:
        yield from texts_in(value)
    elif isinstance(mark, dict) and isinstance(value, Mapping):
        for key, each in mark.items():
            yield from _marked(value.get(key), each)
    elif isinstance(mark, list) and isinstance(value, list):
        for one, each in zip(value, mark, strict=False):
            yield from _marked(one, each)


def _member(data: object, key: str) -> Mapping[str, Any]:
    """Return an object's member that is an object; an empty one where there is none."""
    found = data.get(key) if isinstance(data, Mapping) else None
    return found if isinstance(found, dict) else {}
