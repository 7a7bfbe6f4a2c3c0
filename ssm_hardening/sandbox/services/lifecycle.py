"""Lifecycle rules as S3 keeps them: word for word. moto drops sizes, numbers of versions and markers."""

from collections.abc import Mapping
from typing import Any

import xmltodict

_LISTS = {"Transition": "Transitions", "NoncurrentVersionTransition": "NoncurrentVersionTransitions"}


def rules_in(body: bytes | str) -> list[dict[str, Any]]:
    """Return the rules of a PutBucketLifecycleConfiguration request, in the shape of the API's answer."""
    told = xmltodict.parse(body)["LifecycleConfiguration"] or {}
    return [_rule(each) for each in _listed(told.get("Rule"))]


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: each for key, each in rule.items() if key not in _LISTS}
    found = {key: _filter(each) if key == "Filter" else ("" if each is None else each) for key, each in plain.items()}
    return found | {word: _listed(rule[key]) for key, word in _LISTS.items() if key in rule}


def _filter(chosen: Mapping[str, Any] | None) -> dict[str, Any]:
    given: dict[str, Any] = {key: "" if each is None else each for key, each in (chosen or {}).items()}
    if isinstance(given.get("Tag"), Mapping):
        given["Tag"] = _tag(given["Tag"])
    both = given.get("And")
    if isinstance(both, Mapping):
        inner = {key: "" if each is None else each for key, each in both.items() if key != "Tag"}
        given["And"] = inner | ({"Tags": [_tag(each) for each in _listed(both["Tag"])]} if "Tag" in both else {})
    return given


def _tag(tag: Mapping[str, Any]) -> dict[str, str]:
    return {"Key": str(tag["Key"]), "Value": str(tag.get("Value") or "")}


def _listed(data: object) -> list[Any]:
    if data is None:
        return []
    return data if isinstance(data, list) else [data]
