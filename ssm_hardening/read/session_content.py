"""The content of a session document, normalised field by field, and what AWS would refuse in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.read.converting import (
    Converter,
    default,
    either,
    kind_of,
    mapped,
    member,
    number,
    record,
    switch,
    text,
)
from ssm_hardening.read.embedded import Decoded


@dataclass(frozen=True, slots=True)
class _Field:
    """Where a field of the model stands in the content, its type, and what AWS assumes where it is missing."""

    path: tuple[str, ...]
    convert: Converter
    fallback: bool | int | None = None

    def read(self, content: Value[Any]) -> Value[Any]:
        value = self.convert(member(content, self.path), ".".join(self.path))
        return value if self.fallback is None else default(value, self.fallback)


def _input(key: str, convert: Converter, fallback: bool | int | None = None) -> _Field:  # noqa: FBT001 (a value)
    return _Field(("inputs", key), convert, fallback)


_FIELDS: Mapping[str, _Field] = {
    "schema_version": _Field(("schemaVersion",), text),
    "session_type": _Field(("sessionType",), text),
    "s3_bucket": _input("s3BucketName", text),
    "s3_key_prefix": _input("s3KeyPrefix", text),
    "s3_encryption_enabled": _input("s3EncryptionEnabled", switch, False),
    "cloudwatch_log_group": _input("cloudWatchLogGroupName", text),
    "cloudwatch_encryption_enabled": _input("cloudWatchEncryptionEnabled", switch, False),
    "cloudwatch_streaming_enabled": _input("cloudWatchStreamingEnabled", switch, False),
    "kms_key": _input("kmsKeyId", text),
    "run_as_enabled": _input("runAsEnabled", switch, False),
    "run_as_default_user": _input("runAsDefaultUser", text),
    "idle_session_timeout": _input("idleSessionTimeout", number, 20),
    "max_session_duration": _input("maxSessionDuration", number),
    "shell_profile_linux": _Field(("inputs", "shellProfile", "linux"), text),
    "shell_profile_windows": _Field(("inputs", "shellProfile", "windows"), text),
    "parameters": _Field(("parameters",), record),
    "properties": _Field(("properties",), record),
}

_OTHERS = (
    _Field(("description",), text),
    _Field(("inputs",), record),
    _Field(("inputs", "shellProfile"), record),
)
"""Members that no fact holds, though AWS gives them a type."""

_OBJECTS: tuple[tuple[str, ...], ...] = ((), ("inputs",), ("inputs", "shellProfile"))
"""The paths of the objects whose keys AWS defines; those below `parameters` and `properties` are the author's."""

_NEEDS = {
    "Standard_Stream": "inputs",
    "InteractiveCommands": "properties",
    "NonInteractiveCommands": "properties",
    "Port": "properties",
}
"""The session types, and the member each cannot do without."""


def content_facts(content: Decoded) -> dict[str, Value[Any]]:
    """Return every field of the model that a document's content tells, by name."""
    return {
        "content_error": _content_error(content),
        "unknown_keys": unknown_keys(content.value),
        **fields_of(content.value),
    }


def _content_error(content: Decoded) -> Value[str]:
    match content.problem:
        case Known():
            return content.problem
        case Absent():
            return error_in(content.value)
        case Unknown() as gap:
            found = error_in(content.value)
            branches = found.one_of if isinstance(found, Unknown) and len(found.one_of) == len(gap.one_of) else ()
            return either(gap, [_first(*pair) for pair in zip(gap.one_of, branches, strict=False)])


def _first(problem: Value[Any], error: Value[Any]) -> Value[Any]:
    return error if isinstance(problem, Absent) else problem


def fields_of(content: Value[Any]) -> dict[str, Value[Any]]:
    """Return the model's fields that are read from the content, by name."""
    return {name: field.read(content) for name, field in _FIELDS.items()}


def _defined_keys(path: tuple[str, ...]) -> frozenset[str]:
    paths = (field.path for field in (*_FIELDS.values(), *_OTHERS))
    return frozenset(each[len(path)] for each in paths if len(each) > len(path) and each[: len(path)] == path)


def _ways(content: Value[Any], path: Sequence[str] = ("inputs", "shellProfile")) -> Value[Any]:
    """Return the contents that are possible, where one of these objects may be one of a few."""
    match content:
        case Known(Record(members) as whole, at) if path and path[0] in members:
            match _ways(members[path[0]], path[1:]):
                case Unknown(why, gap_at, detail, choices) if choices:
                    ways = (replace(whole, members={**members, path[0]: choice}) for choice in choices)
                    return Unknown(why, gap_at, detail, tuple(Known(way, at) for way in ways))
                case _:
                    return content
        case Unknown(one_of=choices) if path:
            return replace(content, one_of=tuple(_ways(choice, path) for choice in choices))
        case _:
            return content


def unknown_keys(content: Value[Any]) -> Value[Items]:
    """Return the keys that AWS does not define, with the path they stand at."""
    return mapped(_ways(content), _unknown_keys)


def _unknown_keys(content: Known[Any]) -> Value[Items]:
    if not isinstance(content.value, Record):
        return record(content, "the content")
    found = [key for path in _OBJECTS for key in _undefined(member(content, path), path)]
    gaps = [gap for path in _OBJECTS for gap in _gaps(member(content, path))]
    return Known(Items(tuple(found), gaps[0] if gaps else None), content.at)


def _undefined(value: Value[Any], path: tuple[str, ...]) -> Iterator[Known[str]]:
    match value:
        case Known(Record(members), at):
            strange = [key for key in members if key not in _defined_keys(path)]
            yield from (Known(".".join((*path, key)), _within(at, members[key].at)) for key in strange)
        case Known() | Absent() | Unknown():
            pass


def _within(whole: Origin, part: Origin) -> Origin:
    """Return the place of a member, or of the whole where the member's value was written elsewhere (a variable)."""
    match whole, part:
        case CodeOrigin(file, first, last), CodeOrigin(other, line) if other != file or not first <= line <= last:
            return whole
        case _:
            return part


def _gaps(value: Value[Any]) -> Iterator[Unknown]:
    """Yield why an object may have more members than are known, or a value may be of another type."""
    match value:
        case Known(Record(rest=Unknown() as gap)):
            yield replace(gap, one_of=())
        case Unknown(one_of=choices) if not choices or any(isinstance(choice, Unknown) for choice in choices):
            yield replace(value, one_of=())
        case Unknown():
            pass
        case Known() | Absent():
            pass


def error_in(content: Value[Any]) -> Value[str]:
    """Say what AWS would refuse or ignore; Absent where the content is well formed."""
    return mapped(_ways(content), _error_in, absent=lambda absent: Known("the document has no content", absent.at))


def _error_in(content: Known[Any]) -> Value[str]:
    if not isinstance(content.value, Record):
        return _of_other_kind(content)
    errors = [*_wrong_types(content), *_wrong_head(content)]
    if errors:
        return Known("; ".join(detail for detail, _ in errors), errors[0][1])
    return next(_doubts(content), Absent(content.at))


def _doubts(content: Known[Any]) -> Iterator[Unknown]:
    """Yield what may turn out wrong; an unknown text is taken for a text."""
    for path in _OBJECTS:
        yield from _gaps(member(content, path))
    for name, field in _FIELDS.items():
        if field.convert is not text or name in {"schema_version", "session_type"}:
            yield from _gaps(field.read(content))


def _of_other_kind(content: Known[Any]) -> Value[str]:
    read = record(content, "the content")
    match read:
        case Unknown(why=Why.UNPARSEABLE):
            return Known(f"the content is {kind_of(content.value)}, not an object", content.at)
        case Unknown():
            return read
        case Known() | Absent():
            return Absent(content.at)


def _wrong_types(content: Known[Any]) -> Iterator[tuple[str, Origin]]:
    for field in (*_FIELDS.values(), *_OTHERS):
        match member(content, field.path), field.read(content):
            case Known(at=at), Unknown(why=Why.UNPARSEABLE, detail=detail):
                yield detail, at
            case _:
                pass


def _wrong_head(content: Known[Any]) -> Iterator[tuple[str, Origin]]:
    """Look at what makes it a session document of a certain kind."""
    match text(member(content, ("schemaVersion",)), "schemaVersion"):
        case Absent(at):
            yield "schemaVersion is missing", at
        case Known(str() as version, at) if version != "1.0":
            yield f'schemaVersion is "{version}", not "1.0"', at
        case Known() | Unknown():
            pass
    match text(member(content, ("sessionType",)), "sessionType"):
        case Absent(at):
            yield "sessionType is missing", at
        case Known(str() as kind, at) if kind not in _NEEDS:
            yield f'sessionType is "{kind}", not one of {", ".join(_NEEDS)}', at
        case Known(str() as kind, at) if isinstance(member(content, (_NEEDS[kind],)), Absent):
            yield f"{_NEEDS[kind]} is missing, which {kind} needs", at
        case Known() | Unknown():
            pass
