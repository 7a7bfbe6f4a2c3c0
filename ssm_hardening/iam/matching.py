"""Patterns of policies against concrete texts that may have holes: yes, no, or that it depends on a hole.

Both sides are flattened to plain text in which a hole is written between two marks, by what it stands for. Two holes
are surely equal where they stand for the same thing, and possibly equal to anything else.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from ssm_hardening.core.logic import Answer, known_or, unsupported
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.requests import CALLER_ACCOUNT, CALLER_PARTITION, CALLER_REGION, Request
from ssm_hardening.iam.texts import gap_in, glob, members, resource_type

_OPEN, _CLOSE = "\ue020", "\ue021"
_STAR, _MARK = "\ue030", "\ue031"
LITERAL_STAR, LITERAL_MARK = _STAR, _MARK
"""In a flat pattern: an asterisk or a question mark that is no wildcard."""

_ANY = f"{_OPEN}?{_CLOSE}"
"""A hole that equals nothing for sure, not even itself."""

_DATA = re.compile(r"(?:^|\.)data\.")
_KEYS = re.compile(r"\[[^\]]*\]")
_HOLE = re.compile(f"{_OPEN}[^{_CLOSE}]*{_CLOSE}")
_VARIABLE = re.compile(r"\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
_LITERAL = {"*": _STAR, "?": _MARK, "$": "$"}
_OWN = {
    ("aws_caller_identity", "account_id"): CALLER_ACCOUNT,
    ("aws_caller_identity", "id"): CALLER_ACCOUNT,
    ("aws_region", "name"): CALLER_REGION,
    ("aws_region", "id"): CALLER_REGION,
    ("aws_region", "region"): CALLER_REGION,
    ("aws_partition", "partition"): CALLER_PARTITION,
    ("aws_partition", "id"): CALLER_PARTITION,
}
_PARTITION = re.compile(r"^arn:aws-[a-z-]+:")
_ARN_FIELDS = 6
_PLACE = 3
"""Where Region and account begin among the fields of an ARN."""

_OTHER = "\ue032"
_WILD = re.compile(r"[*?]")

Flat: TypeAlias = str


def concrete(text: Text, request: Request) -> Flat:
    """Return a text of the request flat: what looks like a wildcard in it is none."""
    return _settled(_flat(text), request).replace("*", _STAR).replace("?", _MARK)


def pattern_of(text: Text, request: Request, *, wildcards: bool) -> Flat | None:
    """Return a text of a policy flat, its variables filled in; None where a variable has no value at all."""
    flat = _settled(_flat(text), request)
    if not isinstance(known_or(request.region, None), str):
        # IAM takes no policy that names another partition than its account's, which only the Region would tell.
        flat = _PARTITION.sub(f"arn:{request.partition}:", flat)
    if not wildcards:
        flat = _escaped(flat)
    return _filled(flat, request) if "${" in flat else flat


def _escaped(flat: Flat) -> Flat:
    """Make wildcards literal, those of `${*}` aside, which are so already."""
    kept = {"${*}": _STAR, "${?}": _MARK}
    for variable, literal in kept.items():
        flat = flat.replace(variable, literal)
    return flat.replace("*", _STAR).replace("?", _MARK)


def _flat(text: Text) -> Flat:
    if isinstance(text, str):
        return text
    parts = text.parts if isinstance(text, Template) else (text,)
    return "".join(_flat_part(part) for part in parts)


def _flat_part(part: str | Reference | Unknown) -> Flat:
    match part:
        case str():
            return part
        case Reference():
            return _flat_reference(part)
        case Unknown(why, _, detail):
            return f"{_OPEN}{detail}{_CLOSE}" if why is Why.UNRESOLVED_INPUT and detail else _ANY


@lru_cache(maxsize=4096)
def _flat_reference(reference: Reference) -> Flat:
    own = _OWN.get((resource_type(reference), reference.attribute), reference)
    return _ANY if "[*]" in own.address else f"{_OPEN}{own}{_CLOSE}"


def _settled(flat: Flat, request: Request) -> Flat:
    """Put account and Region of the request where a hole stands for them."""
    if _OPEN not in flat:
        return flat
    flat = flat.replace(f"{_OPEN}{CALLER_PARTITION}{_CLOSE}", request.partition)
    for own, value in ((CALLER_ACCOUNT, request.account), (CALLER_REGION, request.region)):
        match value:
            case Known(str() as text):
                flat = flat.replace(f"{_OPEN}{own}{_CLOSE}", text)
            case Known() | Absent() | Unknown():
                continue
    return flat


def _filled(flat: Flat, request: Request) -> Flat | None:
    parts: list[str] = []
    end = 0
    for found in _VARIABLE.finditer(flat):
        key, default = found[1], found[2]
        filled = _LITERAL[key] if key in _LITERAL else _variable(key, default, request)
        if filled is None:
            return None
        parts += [flat[end : found.start()], filled]
        end = found.end()
    return "".join([*parts, flat[end:]])


def unfilled(texts: Value[Items], request: Request) -> Iterator[str]:
    """Yield the variables of a list of texts that have no value in the request, as they are written."""
    for item in members(texts):
        flat = _flat(item.value) if isinstance(item, Known) and isinstance(item.value, str | Template) else ""
        for found in _VARIABLE.finditer(flat):
            if found[1] not in _LITERAL and _variable(found[1], found[2], request) is None:
                yield found[0]


def _variable(key: str, default: str | None, request: Request) -> Flat | None:
    given: Value[Items] = request.value(key.casefold())
    match given:
        case Absent():
            # Whether a wildcard in a default value is one is not documented.
            return _ANY if default is not None and set(default) & set("*?") else default
        case Unknown():
            return _ANY
        case Known():
            values = list(members(given))
            only = values[0] if len(values) == 1 else None
            if isinstance(only, Known) and isinstance(only.value, str | Reference | Template):
                return concrete(only.value, request)
            return _ANY


def has_holes(flat: Flat) -> bool:
    """Say whether parts of a flat text are not known."""
    return _OPEN in flat


def variables_of(text: Text) -> frozenset[str]:
    """Return the condition keys (in lower case) whose values a text of a policy takes up."""
    flat = _flat(text)
    return frozenset(found[1].casefold() for found in _VARIABLE.finditer(flat)) if "${" in flat else frozenset()


def names_fact(text: Text, request: Request) -> bool:
    """Say whether a policy's text is a reference to the very resource of the request."""
    return isinstance(text, Reference) and text.address == request.address and text.attribute == "arn"


def names_another(text: Text, request: Request) -> bool:
    """Say whether a policy's text refers to the ARN of something that is declared and is not the resource asked about.

    Data sources may look up anything, and of `x[*]` it is not known which instance is meant.
    """
    head = text.parts[0] if isinstance(text, Template) and text.parts else text
    if not isinstance(head, Reference) or head.attribute != "arn" or _DATA.search(head.address):
        return False
    if not resource_type(head).startswith("aws_"):
        return False
    if request.undeclared:
        return True
    mine, theirs = (_KEYS.sub("", each or "") for each in (request.address, head.address))
    return isinstance(text, Reference) and request.address is not None and mine != theirs


def like(pattern: Flat, text: Flat, written: Text, at: Origin, *, any_case: bool = False) -> Answer:
    """Say whether a flat pattern matches a flat text; `written` is the policy's own, to say what is missing."""
    if any_case:
        pattern, text = pattern.casefold(), text.casefold()
    if _surely(pattern, text):
        return Known(True, at)
    if _OPEN not in pattern and _OPEN not in text:
        return Known(False, at)
    if not any(_possibly(_HOLE.sub("*", pattern), _HOLE.sub("*", each)) for each in _readings(pattern, text)):
        return Known(False, at)
    return (
        gap_in(written, at)
        if _OPEN in _flat(written)
        else Unknown(Why.COMPUTED, at, f"whether the request is about {written}")
    )


def _readings(pattern: Flat, text: Flat) -> list[Flat]:
    """Return what an ARN may turn out to be where its account and Region are not known.

    Neither holds a colon: each is what the pattern has in its place, or something that only wildcards match.
    """
    fields = pattern.split(":", _ARN_FIELDS - 1)
    if len(fields) < _ARN_FIELDS or any(set(each) & {"*", _OPEN} for each in fields[:_PLACE]):
        return [text]
    found = [text]
    for own, field in zip((CALLER_REGION, CALLER_ACCOUNT), fields[_PLACE:], strict=False):
        same = _WILD.sub(_OTHER, _HOLE.sub(_OTHER, field))
        found = [
            each.replace(f"{_OPEN}{own}{_CLOSE}", fill) for each in found for fill in dict.fromkeys((_OTHER, same))
        ]
    return found


def _surely(pattern: Flat, text: Flat) -> bool:
    if _ANY in pattern or ("?" in pattern and _OPEN in text):
        # A hole may be of any length: no question mark is sure to be one character of it.
        return False
    return _glob(pattern, text)


@lru_cache(maxsize=65536)
def _glob(pattern: Flat, text: Flat) -> bool:
    return glob(pattern, text)


@lru_cache(maxsize=16384)
def _possibly(pattern: str, text: str) -> bool:
    """Say whether two texts with wildcards have a text in common; `*` and `?` are wildcards on both sides."""
    reachable = [False] * (len(text) + 1)
    reachable[0] = True
    for column, character in enumerate(text, 1):
        reachable[column] = reachable[column - 1] and character == "*"
    for mark in pattern:
        nearer = [reachable[0] and mark == "*"]
        for column, character in enumerate(text, 1):
            if mark == "*":
                found = reachable[column] or nearer[column - 1]
            elif character == "*":
                found = nearer[column - 1] or reachable[column]
            else:
                found = reachable[column - 1] and mark in {character, "?"}
            nearer.append(found)
        reachable = nearer
    return reachable[-1]


def arn_like(pattern: Flat, text: Flat, written: Text, at: Origin) -> Answer:
    """Match as ArnLike and ArnEquals do: field by field, so that no wildcard crosses one of the first five colons."""
    wanted, given = (each.split(":", _ARN_FIELDS - 1) for each in (pattern, text))
    if _OPEN in pattern + text and min(len(wanted), len(given)) < _ARN_FIELDS:
        return like(pattern, text, written, at)
    if len(wanted) < _ARN_FIELDS:
        return unsupported(at, f"{written}, which is no pattern of ARNs")
    if len(given) < _ARN_FIELDS:
        return Known(False, at)
    for one, other in zip(wanted, given, strict=True):
        answer = like(one, other, written, at)
        if not (isinstance(answer, Known) and answer.value):
            return answer if isinstance(answer, Known) else _unless_no(wanted, given, answer, at)
    return Known(True, at)


def _unless_no(wanted: list[str], given: list[str], gap: Unknown, at: Origin) -> Answer:
    fields = zip(wanted, given, strict=True)
    surely_not = any(not _possibly(_HOLE.sub("*", one), _HOLE.sub("*", other)) for one, other in fields)
    return Known(False, at) if surely_not else gap


def as_spelled(given: Text, wanted: Text, request: Request) -> Text:
    """Return the reference to the caller as its ARN, unless the policy refers to something too."""
    head = wanted.parts[0] if isinstance(wanted, Template) and wanted.parts else wanted
    is_caller = isinstance(request.principal, Known) and request.principal.value == given
    if request.spelled is None or not is_caller or (isinstance(head, Reference) and head.attribute == "arn"):
        return given
    return request.spelled
