"""Which Session documents Systems Manager accepts. Pure: text in, the first complaint out."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

MOST_BYTES = 64 * 1024

RESERVED = ("aws", "amazon", "amzn", "AWSEC2", "AWSConfigRemediation", "AWSSupport")
"""Prefixes of document names that only AWS may use; compared as they are written."""

_TOP = {"schemaVersion", "description", "sessionType", "inputs", "parameters", "properties"}
_TYPES = {"Standard_Stream", "Port", "InteractiveCommands", "NonInteractiveCommands"}
_PLACEHOLDER = re.compile(r"\{\{\s*(?P<name>[A-Za-z0-9_:./-]+)\s*\}\}")


_MINUTES = re.compile(r"[1-9][0-9]{0,3}")


def complaint(content: str, *, yaml: bool = False) -> str:
    """Say why Systems Manager would not take this content for a Session document; empty where it would."""
    document = _parsed(content, yaml=yaml)
    if not isinstance(document, dict):
        return f"The content is not a valid {'YAML' if yaml else 'JSON'} object"
    checks = (_unknown_top, _schema, _session_type, _body, _placeholders)
    return next((found for check in checks if (found := check(document))), "")


def _parsed(content: str, *, yaml: bool) -> object:
    if not yaml:
        try:
            return json.loads(content)
        except ValueError:
            return None
    from yaml import YAMLError, safe_load

    try:
        return safe_load(content)
    except YAMLError:
        return None


def _unknown_top(document: Mapping[str, Any]) -> str:
    unknown = sorted(set(document) - _TOP)
    return f"Unknown elements: {', '.join(unknown)}" if unknown else ""


def _schema(document: Mapping[str, Any]) -> str:
    found = document.get("schemaVersion")
    return "" if found == "1.0" else f'schemaVersion must be "1.0" for a Session document, not {json.dumps(found)}'


def _session_type(document: Mapping[str, Any]) -> str:
    found = document.get("sessionType")
    return "" if found in _TYPES else f"sessionType must be one of {', '.join(sorted(_TYPES))}"


def _body(document: Mapping[str, Any]) -> str:
    if document["sessionType"] != "Standard_Stream":
        return "" if isinstance(document.get("properties"), dict | list) else "properties are required"
    inputs = document.get("inputs")
    if not isinstance(inputs, dict):
        return "inputs are required for Standard_Stream"
    for key, value in inputs.items():
        check = _INPUTS.get(key)
        if check is None:
            return f"Unknown input: {key}"
        if not (_is_placeholder(value) or check(value)):
            return f"Invalid value for input {key}: {json.dumps(value)}"
    return ""


def _placeholders(document: Mapping[str, Any]) -> str:
    """Every `{{name}}` must be declared; `{{ssm:name}}` is Parameter Store's."""
    declared = set(document.get("parameters") or {})
    used = {found["name"] for found in _PLACEHOLDER.finditer(json.dumps(document.get("inputs") or {}))}
    unknown = sorted(name for name in used - declared if not name.startswith("ssm:"))
    return f"Parameters are used but not declared: {', '.join(unknown)}" if unknown else ""


def _is_placeholder(value: object) -> bool:
    return isinstance(value, str) and _PLACEHOLDER.search(value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    """Old documents carry flags as text."""
    return isinstance(value, bool) or value in {"true", "false", ""}


def _minutes(most: int) -> Callable[[object], bool]:
    def within(value: object) -> bool:
        """Accept times as texts, and as numbers, which several public modules send; an empty text sets none."""
        if isinstance(value, str):
            return not value or (_MINUTES.fullmatch(value) is not None and int(value) <= most)
        return type(value) is int and 1 <= value <= most

    return within


def _is_shell_profile(value: object) -> bool:
    return isinstance(value, dict) and set(value) <= {"linux", "windows"} and all(map(_is_text, value.values()))


_INPUTS: Mapping[str, Callable[[object], bool]] = {
    "s3BucketName": _is_text,
    "s3KeyPrefix": _is_text,
    "s3EncryptionEnabled": _is_flag,
    "cloudWatchLogGroupName": _is_text,
    "cloudWatchEncryptionEnabled": _is_flag,
    "cloudWatchStreamingEnabled": _is_flag,
    "kmsKeyId": _is_text,
    "runAsEnabled": _is_flag,
    "runAsDefaultUser": _is_text,
    "idleSessionTimeout": _minutes(60),
    "maxSessionDuration": _minutes(1440),
    "shellProfile": _is_shell_profile,
}
