"""`{{ name }}` in a session document: what whoever starts the session, or Parameter Store, fills in."""

import re
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.logic import Answer, ask, chained, setting, text_in
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Text, Unknown, Value, Why

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.:/-]+)\s*\}\}")
_ANYTHING = frozenset({"", ".*", ".+", "^.*$", "^.+$", "^.*", "^.+", ".*$", ".+$", r"[\s\S]*", r"[\s\S]+", r"(?s).*"})
_SPELLED_OUT = re.compile(r"\^?(?:[\w|()-]|\\[.-])+\$?")
_ATOM = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\]){0,256}\]|\.)([*+{]?)", re.DOTALL)
_OPEN_CLASSES = frozenset({".", r"\D", r"\S", r"\W", r"\P"})
_NESTED = re.compile(r"(?<!\\)\[(?:\\.|[^\]\[\\]){0,64}\[|&&|--|~~|\|\|")
"""Sets within sets: AWS's expressions know them, Python's do not."""

_REPEATED_GROUP = re.compile(r"(?<!\\)\)[*+{]")
_SHELL = ";|&$`"
"""What joins commands in a shell, or stands for the output of one."""

_STORE = "ssm:"
_HOLE = "\ufffc"
"""Stands for a part that is not known: no pattern names it, so only what is written can be found."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a parameter may be filled in with: `fixed` where only listed or digit-for-digit spelled texts."""

    bounded: bool
    fixed: bool


def written(text: Text) -> str:
    """Return what is written out of a text, with one character that nobody writes for each hole."""
    match text:
        case str():
            return text
        case Template(parts):
            return "".join(part if isinstance(part, str) else _HOLE for part in parts)
        case Reference():
            return _HOLE


def placeholders(text: Text) -> tuple[str, ...]:
    """Return the names in `{{ }}`, in order, as far as the text is written out."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(written(text))))


def fixed_setting(value: Value[Text]) -> Value[Text]:
    """Return the value as a setting; one that is filled in when a session is started is not known."""
    return chained(setting(value), _unless_filled_in)


def _unless_filled_in(value: Known[Text]) -> Value[Text]:
    if not placeholders(value.value):
        return value
    text = f'"{value.value}"' if isinstance(value.value, str) else value.value
    return Unknown(Why.OUT_OF_SCOPE, value.at, f"{text} is filled in when a session is started (PREF-13)")


def is_stored(name: str) -> bool:
    """Say whether a placeholder names a parameter of Parameter Store (`{{ssm:name}}`)."""
    return name.startswith(_STORE)


def declared(parameters: Value[Record], name: str) -> Value[Any]:
    """Return the declaration of a parameter: Absent where the document has none of that name."""
    return chained(parameters, lambda known: known.value.get(name, known.at))


def bound(parameter: Value[Any]) -> Value[Bound]:
    """Say how far a declared parameter is bounded; Absent where nothing bounds it."""
    return chained(parameter, _bounds)


def _bounds(parameter: Known[Any]) -> Value[Bound]:
    if not isinstance(parameter.value, Record):
        return Absent(parameter.at)
    match parameter.value.get("allowedValues", parameter.at):
        case Known(Items(items=(_, *_)), at):
            return Known(Bound(bounded=True, fixed=True), at)
        case Known(Items(rest=Unknown() as gap)) | (Unknown() as gap):
            return gap
        case _:
            pattern = parameter.value.get("allowedPattern", parameter.at)
            return chained(text_in(pattern, "allowedPattern is not a string"), _by_pattern)


def _by_pattern(known: Known[str]) -> Value[Bound]:
    text = known.value
    free = text.strip() in _ANYTHING or _takes_commands(text)
    if free is None:
        return Unknown(Why.UNSUPPORTED, known.at, f"what allowedPattern {text} accepts")
    return Known(Bound(bounded=not free, fixed=_SPELLED_OUT.fullmatch(text) is not None), known.at)


def _takes_commands(pattern: str) -> bool | None:
    """Say whether a pattern has a part that takes as much text as one likes, with what joins commands in a shell."""
    repeated = _REPEATED_GROUP.search(pattern) is not None
    parts = {atom for atom, many in _ATOM.findall(pattern) if many or repeated}
    nested = _NESTED.search(pattern) is not None
    answers = {None if nested and part.startswith("[") else _takes_command(part) for part in parts}
    return True if True in answers else None if nested or None in answers else False


def _takes_command(atom: str) -> bool | None:
    if not atom.startswith("["):
        return None if atom == r"\p" else atom in _OPEN_CLASSES
    try:
        return re.search(atom, _SHELL) is not None
    except re.error:
        return None


def leaves_a_choice(parameter: Value[Any]) -> Answer:
    """Say whether a declared parameter can be filled in with more than one text; one that is not declared cannot."""
    return ask(parameter, _has_many, absent=False)


def _has_many(parameter: object) -> bool | Unknown:
    if not isinstance(parameter, Record):
        return True
    match parameter.members.get("allowedValues", parameter.rest):
        case Known(Items(items=(_, _, *_))) | Known(Items(items=(), rest=None)) | Absent() | None:
            return True
        case Known(Items(rest=Unknown() as gap)) | (Unknown() as gap):
            return gap
        case Known():
            return False
