"""`{{ name }}` in a session document: what whoever starts the session, or Parameter Store, fills in."""

import re
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.rules.kit.settings import literal, shown, text_setting

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.:/-]+)\s*\}\}")
_ANYTHING = frozenset({"", ".*", ".+", "^.*$", "^.+$", "^.*", "^.+", ".*$", ".+$", r"[\s\S]*", r"[\s\S]+", r"(?s).*"})
_SPELLED_OUT = re.compile(r"\^?(?:[\w|()-]|\\[.-])+\$?")
_STORE = "ssm:"
_HOLE = "\ufffc"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a parameter may be filled in with: `fixed` where only listed or digit-for-digit spelled texts."""

    bounded: bool
    fixed: bool


def placeholders(text: Text) -> tuple[str, ...]:
    """Return the names in `{{ }}`, in order, as far as the text is written out."""
    match text:
        case str():
            return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))
        case Template(parts):
            written = "".join(part if isinstance(part, str) else _HOLE for part in parts)
            return tuple(dict.fromkeys(_PLACEHOLDER.findall(written)))
        case Reference():
            return ()


def fixed_setting(value: Value[Text]) -> Value[Text]:
    """Return the value as a setting; one that is filled in when a session is started is not known."""
    match text_setting(value):
        case Known(text, at) if placeholders(text):
            return filled_in(text, at)
        case Known() | Absent() | Unknown() as setting:
            return setting


def filled_in(text: Text, at: Origin) -> Unknown:
    """Return why a text with `{{ }}` is not known: it is filled in when a session is started."""
    return Unknown(Why.OUT_OF_SCOPE, at, f"{shown(text)} is filled in when a session is started (PREF-13)")


def is_stored(name: str) -> bool:
    """Say whether a placeholder names a parameter of Parameter Store (`{{ssm:name}}`)."""
    return name.startswith(_STORE)


def declared(parameters: Value[Record], name: str) -> Value[Any]:
    """Return the declaration of a parameter: Absent where the document has none of that name."""
    match parameters:
        case Known(record, at):
            return record.get(name, at)
        case Absent() | Unknown():
            return parameters


def bound(parameter: Value[Any], at: Origin) -> Bound | Unknown:
    """Say how far a declared parameter is bounded, or why that cannot be told."""
    match parameter:
        case Known(Record() as record):
            return _bound(record.get("allowedValues", at), record.get("allowedPattern", at))
        case Known() | Absent():
            return Bound(bounded=False, fixed=False)
        case Unknown():
            return parameter


def _bound(values: Value[Items], pattern: Value[Text]) -> Bound | Unknown:
    match values:
        case Known(Items(items=(_, *_))):
            return Bound(bounded=True, fixed=True)
        case Known(Items(rest=Unknown() as gap)):
            return gap
        case Unknown():
            return values
        case Known() | Absent():
            return _by_pattern(pattern)


def _by_pattern(pattern: Value[Text]) -> Bound | Unknown:
    match pattern:
        case Known():
            text = literal(pattern)
            if isinstance(text, Unknown):
                return text
            return Bound(bounded=text.strip() not in _ANYTHING, fixed=_SPELLED_OUT.fullmatch(text) is not None)
        case Absent():
            return Bound(bounded=False, fixed=False)
        case Unknown():
            return pattern
