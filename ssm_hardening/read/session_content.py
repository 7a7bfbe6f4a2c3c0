"""The content of a session document, normalised field by field, and what AWS would refuse in it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Fact, SessionDocument
from ssm_hardening.read.converting import (
    Decoded,
    by_branch,
    default,
    either,
    kind_of,
    member,
    number,
    or_else,
    record,
    switch,
    text,
    wrong_type,
)
from ssm_hardening.text.writing import as_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Field(Generic[T]):
    """Where a field of the model stands in the content, its type, and what AWS assumes where it is missing."""

    path: tuple[str, ...]
    convert: Callable[[Value[Datum], str], Value[T]]
    fallback: T | None = None

    def read(self, content: Value[Datum]) -> Value[T]:
        value = self.convert(member(content, self.path), ".".join(self.path))
        return value if self.fallback is None else default(value, self.fallback)


_IDLE_MINUTES = 20
_MOST_BYTES = 64 * 1024
_DIGITS = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False", ""})
"""What Go's strconv.ParseBool reads, with which the agent reads switches; an empty text is off."""


def _switch(value: Value[Datum], what: str) -> Value[bool]:
    """Return a switch as the agent reads it; one that is written as a text keeps that text in `raw`."""

    def read(known: Known[Datum]) -> Value[bool]:
        match known.value:
            case str() as raw if raw in _TRUE or raw in _FALSE:
                return Known(raw in _TRUE, known.at, raw=raw)
            case _:
                return switch(known, what)

    return by_branch(as_text(value), read)


def _minutes(value: Value[Datum], what: str, otherwise: int | None) -> Value[int]:
    """Return minutes, which the schema wants as a text; `otherwise` applies where none are set.

    Whether the limit of a number applies, no source says: AWS accepts such documents, and the agent reads texts.
    """

    def read(known: Known[Datum]) -> Value[int]:
        found = number(known, what)
        match known.value:
            case str() as raw if isinstance(found, Known) and _DIGITS.fullmatch(raw) is None:
                return wrong_type(known, f"{what} is {kind_of(raw)}, not a whole number")
            case int() | float() if isinstance(found, Known):
                unset: Value[int] = Absent(known.at)
                if otherwise is not None:
                    unset = Known(otherwise, known.at, defaulted=True)
                detail = f"whether {what} applies: it is {kind_of(known.value)}, not a string"
                return Unknown(Why.UNSUPPORTED, known.at, detail, (found, unset))
            case _:
                return found

    return by_branch(as_text(value), read)


def _idle(value: Value[Datum], what: str) -> Value[int]:
    return _minutes(value, what, _IDLE_MINUTES)


def _longest(value: Value[Datum], what: str) -> Value[int]:
    return _minutes(value, what, None)


class _Content:
    """The fields of the model that are read from the content, by name."""

    schema_version = _Field(("schemaVersion",), text)
    session_type = _Field(("sessionType",), text)
    s3_bucket = _Field(("inputs", "s3BucketName"), text)
    s3_key_prefix = _Field(("inputs", "s3KeyPrefix"), text)
    s3_encryption_enabled = _Field(("inputs", "s3EncryptionEnabled"), _switch, fallback=False)
    cloudwatch_log_group = _Field(("inputs", "cloudWatchLogGroupName"), text)
    cloudwatch_encryption_enabled = _Field(("inputs", "cloudWatchEncryptionEnabled"), _switch, fallback=False)
    cloudwatch_streaming_enabled = _Field(("inputs", "cloudWatchStreamingEnabled"), _switch, fallback=False)
    kms_key = _Field(("inputs", "kmsKeyId"), text)
    run_as_enabled = _Field(("inputs", "runAsEnabled"), _switch, fallback=False)
    run_as_default_user = _Field(("inputs", "runAsDefaultUser"), text)
    idle_session_timeout = _Field(("inputs", "idleSessionTimeout"), _idle, fallback=_IDLE_MINUTES)
    max_session_duration = _Field(("inputs", "maxSessionDuration"), _longest)
    shell_profile_linux = _Field(("inputs", "shellProfile", "linux"), text)
    shell_profile_windows = _Field(("inputs", "shellProfile", "windows"), text)
    parameters = _Field(("parameters",), record)
    properties = _Field(("properties",), record)


_FIELDS: Mapping[str, _Field[Any]] = {
    name: field for name, field in vars(_Content).items() if isinstance(field, _Field)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Described(Fact):
    """What the source of a document says of it, its content aside."""

    document_type: Value[Text]
    default_version: Value[Text]
    latest_version: Value[Text]
    versions_agree: Value[bool]
    changed: Value[Text]
    shared_with: Value[Items]
    prevent_destroy: Value[bool]


def session_document(described: Described, content: Decoded) -> SessionDocument:
    """Return the document: what its source says of it, and every field of the model that its content tells."""
    value = _spelled_as_defined(content.value)
    return SessionDocument(
        address=described.address,
        declaration=described.declaration,
        origin=described.origin,
        name=described.name,
        exists=described.exists,
        document_type=described.document_type,
        default_version=described.default_version,
        latest_version=described.latest_version,
        versions_agree=described.versions_agree,
        changed=described.changed,
        shared_with=described.shared_with,
        prevent_destroy=described.prevent_destroy,
        content_error=_content_error(content),
        unknown_keys=unknown_keys(content.value),
        schema_version=_Content.schema_version.read(value),
        session_type=_Content.session_type.read(value),
        s3_bucket=_Content.s3_bucket.read(value),
        s3_key_prefix=_Content.s3_key_prefix.read(value),
        s3_encryption_enabled=_Content.s3_encryption_enabled.read(value),
        cloudwatch_log_group=_Content.cloudwatch_log_group.read(value),
        cloudwatch_encryption_enabled=_Content.cloudwatch_encryption_enabled.read(value),
        cloudwatch_streaming_enabled=_Content.cloudwatch_streaming_enabled.read(value),
        kms_key=_Content.kms_key.read(value),
        run_as_enabled=_Content.run_as_enabled.read(value),
        run_as_default_user=_Content.run_as_default_user.read(value),
        idle_session_timeout=_Content.idle_session_timeout.read(value),
        max_session_duration=_Content.max_session_duration.read(value),
        shell_profile_linux=_Content.shell_profile_linux.read(value),
        shell_profile_windows=_Content.shell_profile_windows.read(value),
        parameters=_Content.parameters.read(value),
        properties=_Content.properties.read(value),
    )


def _content_error(content: Decoded) -> Value[str]:
    error = error_in(_spelled_as_defined(content.value))
    if isinstance(content.problem, Unknown):
        gap = content.problem
        if not gap.one_of:
            return error if isinstance(error, Known) else gap
        branches = error.one_of if isinstance(error, Unknown) and len(error.one_of) == len(gap.one_of) else ()
        return either(gap, [or_else(*pair) for pair in zip(gap.one_of, branches, strict=False)])
    return or_else(content.problem, error)


def _spelled_as_defined(content: Value[Datum]) -> Value[Datum]:
    """Return the content with the keys that AWS defines: the agent matches them whatever their case, the last wins."""
    for path in _OBJECTS:
        content = _renamed(content, path, _spellings(path))
    return content


def _renamed(value: Value[Datum], path: Sequence[str], keys: Mapping[str, str]) -> Value[Datum]:
    def change(known: Known[Datum]) -> Value[Datum]:
        if not isinstance(known.value, Record):
            return known
        members = known.value.members
        if path:
            inner = {key: _renamed(each, path[1:], keys) if key == path[0] else each for key, each in members.items()}
        else:
            inner = {keys.get(key.lower(), key): each for key, each in members.items()}
        return replace(known, value=replace(known.value, members=inner))

    return by_branch(value, change)


@cache
def _spellings(path: tuple[str, ...]) -> Mapping[str, str]:
    return {key.lower(): key for key in _defined_keys(path)}


@cache
def _defined_keys(path: tuple[str, ...]) -> frozenset[str]:
    paths = (field.path for field in (*_FIELDS.values(), *_OTHERS))
    return frozenset(each[len(path)] for each in paths if len(each) > len(path) and each[: len(path)] == path)


def _ways(content: Value[Datum], path: Sequence[str] = ("inputs", "shellProfile")) -> Value[Datum]:
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


def unknown_keys(content: Value[Datum]) -> Value[Items]:
    """Return the keys that AWS does not define, with the path they stand at."""
    return by_branch(_ways(content), _unknown_keys)


def _unknown_keys(content: Known[Datum]) -> Value[Items]:
    whole = record(content, "the content")
    if isinstance(whole, Unknown):
        return whole
    found = [key for path in _OBJECTS for key in _undefined(member(content, path), path)]
    gaps = [gap for path in _OBJECTS for gap in _gaps(member(content, path))]
    return Known(Items(tuple(found), gaps[0] if gaps else None), content.at)


def _undefined(value: Value[Datum], path: tuple[str, ...]) -> Iterator[Known[str]]:
    if isinstance(value, Known) and isinstance(value.value, Record):
        members = value.value.members
        strange = [key for key in members if key not in _defined_keys(path)]
        yield from (Known(".".join((*path, key)), _within(value.at, members[key].at)) for key in strange)


def _within(whole: Origin, part: Origin) -> Origin:
    """Return the place of a member, or of the whole where the member's value was written elsewhere (a variable)."""
    match whole, part:
        case CodeOrigin(file, first, last), CodeOrigin(other, line) if other != file or not first <= line <= last:
            return whole
        case _:
            return part


def _gaps(value: Value[Datum]) -> Iterator[Unknown]:
    """Yield why an object may have more members than are known, or a value may be of another type."""
    if isinstance(value, Known) and isinstance(value.value, Record) and value.value.rest is not None:
        yield replace(value.value.rest, one_of=())
    if isinstance(value, Unknown) and (not value.one_of or any(isinstance(each, Unknown) for each in value.one_of)):
        yield replace(value, one_of=())


def error_in(content: Value[Datum]) -> Value[str]:
    """Say what AWS would refuse or ignore; Absent where the content is well formed."""
    return by_branch(_ways(content), _error_in, absent=lambda absent: Known("the document has no content", absent.at))


def _error_in(content: Known[Datum]) -> Value[str]:
    if not isinstance(content.value, Record):
        return _of_other_kind(content)
    errors = [*_wrong_types(content), *_wrong_head(content)]
    if errors:
        return Known("; ".join(detail for detail, _ in errors), errors[0][1])
    return next(_doubts(content), Absent(content.at))


def _doubts(content: Known[Datum]) -> Iterator[Unknown]:
    """Yield what may turn out wrong; an unknown text is taken for a text."""
    for path in _OBJECTS:
        yield from _gaps(member(content, path))
    for name, field in _FIELDS.items():
        if field.convert in {_idle, _longest}:
            yield from (replace(each, one_of=()) for each in (field.read(content),) if isinstance(each, Unknown))
        if field.convert is not text or name in {"schema_version", "session_type"}:
            yield from _gaps(field.read(content))


def _of_other_kind(content: Known[Datum]) -> Value[str]:
    gap = record(content, "the content")
    if isinstance(gap, Unknown) and gap.why is not Why.UNPARSEABLE:
        return gap
    return Known(f"the content is {kind_of(content.value)}, not an object", content.at)


def _wrong_types(content: Known[Datum]) -> Iterator[tuple[str, Origin]]:
    for field in (*_FIELDS.values(), *_OTHERS):
        match member(content, field.path), field.read(content):
            case Known(at=at), Unknown(why=Why.UNPARSEABLE, detail=detail):
                yield detail, at
            case _:
                pass


def _wrong_head(content: Known[Datum]) -> Iterator[tuple[str, Origin]]:
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
