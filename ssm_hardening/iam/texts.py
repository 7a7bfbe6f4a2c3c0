"""Texts of policies with wildcards, holes and variables: what they match, and what a hole can stand for."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from ssm_hardening.core.logic import Answer, ask, each, mapped, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Reference, Template, Text, Unknown, Value, Why, hole_text

HOLE = "\ue000"
"""In a flat text: something that could be any text."""

NAME = "\ue001"
"""In a flat text: a part of a name, an id or a Region; not empty, and without wildcards, `/` and `:`."""

_ADDRESS = re.compile(r"(?:^|\.)(?P<type>[a-z0-9]+_[a-z0-9_]+)\.[^.\[\]]+(?:\[[^\]]*\])?$")
_IDENTIFYING = re.compile(r"(?:^|[._])(?:arns?|ids?|name|bucket|partition|region|dns_suffix)$")
_PLAIN = {
    "aws_s3_bucket": {"id", "bucket"},
    "aws_caller_identity": {"account_id", "id"},
    "aws_region": {"name", "id", "region"},
    "aws_partition": {"partition", "id", "dns_suffix"},
    "aws_organizations_organization": {"id"},
    "aws_organizations_account": {"id"},
    "random_id": {"hex", "dec"},
    "random_pet": {"id"},
    "random_integer": {"result", "id"},
}
"""Attributes that are one part of a name."""


def members(value: Value[Items]) -> Iterator[Known[Any] | Unknown]:
    """Yield the members of a list, and the unknown rest where there may be more; nothing where there is no list."""
    for item in each(value):
        match item:
            case Known():
                yield item
            case Unknown() as gap:
                yield unanswered(gap)
            case Absent(at):
                yield Unknown(Why.UNPARSEABLE, at, "null instead of a string")


def resource_type(reference: Reference) -> str:
    """Return the type of the resource or data source that is referred to; empty where that cannot be told."""
    found = _ADDRESS.search(reference.address)
    return found["type"] if found else ""


def is_name(reference: Reference) -> bool:
    """Say whether the attribute is an identifier AWS gives: set, and without a wildcard."""
    return resource_type(reference).startswith("aws_") and bool(_IDENTIFYING.search(reference.attribute))


def flat(text: Text) -> str:
    """Return the text with NAME and HOLE in place of its holes; the ARN of a bucket keeps its form."""
    match text:
        case str():
            return text
        case Reference():
            return _flat_reference(text)
        case Template(parts):
            return "".join(
                part if isinstance(part, str) else _flat_reference(part) if isinstance(part, Reference) else HOLE
                for part in parts
            )


def _flat_reference(reference: Reference) -> str:
    kind = resource_type(reference)
    if kind == "aws_s3_bucket" and reference.attribute == "arn":
        return f"arn:{NAME}:s3:::{NAME}"
    return NAME if reference.attribute in _PLAIN.get(kind, ()) else HOLE


def gap_in(text: Text, at: Origin) -> Unknown:
    """Return why a text with holes cannot be told."""
    if isinstance(text, Template):
        for part in text.parts:
            if isinstance(part, Unknown):
                return unanswered(part)
    readable = hole_text(text) if isinstance(text, Reference) else str(text)
    return Unknown(Why.COMPUTED, at, f"{readable} is known only after apply")


def of_text(
    item: Known[Any] | Unknown, test: Callable[[Text], bool | Answer], otherwise: str, *, why: Why = Why.UNSUPPORTED
) -> Answer:
    """Return the answer of a test of a text in a policy; of anything else it cannot be told (`otherwise` says what)."""
    return ask(
        item,
        lambda content: (
            test(content) if isinstance(content, str | Reference | Template) else Unknown(why, item.at, otherwise)
        ),
        absent=False,
    )


def of_literal(item: Known[Any] | Unknown, test: Callable[[str], bool], otherwise: str) -> Answer:
    """Return the answer of a test of a text that is known letter by letter; one with holes cannot be told."""
    return of_text(item, lambda text: test(text) if isinstance(text, str) else gap_in(text, item.at), otherwise)


def matches(pattern: Known[Any] | Unknown, literal: str, *, any_case: bool = False) -> Answer:
    """Say whether a pattern with IAM's wildcards matches a literal text."""
    match pattern:
        case Known(str() as text, at):
            return Known(glob(text, literal, any_case=any_case), at)
        case Known(Reference() | Template() as text, at):
            widest = flat(text).replace(HOLE, "*").replace(NAME, "*") if isinstance(text, Template) else "*"
            return gap_in(text, at) if glob(widest, literal, any_case=any_case) else Known(False, at)
        case Known(_, at):
            return Unknown(Why.UNPARSEABLE, at, "not a string")
        case Unknown() as gap:
            return unanswered(gap)


def glob(pattern: str, text: str, *, any_case: bool = False) -> bool:
    """Match `*` (any text) and `?` (any character), in time that no pattern can blow up."""
    if any_case:
        pattern, text = pattern.casefold(), text.casefold()
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    at, star, resume, position = 0, -1, 0, 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume, at = at, position, at + 1
        elif at < len(pattern) and pattern[at] in {"?", text[position]}:
            at, position = at + 1, position + 1
        elif star >= 0:
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


Spelling: TypeAlias = Callable[[Value[Items]], Value[Items]]
_VARIABLE = re.compile(r"(\$\{[^}]*\})")


def spelling(version: Value[Any]) -> Spelling:
    """Return how to write texts of this version as they read in 2012-10-17, the only one that has variables."""
    match version:
        case Known("2012-10-17"):
            return lambda texts: texts
        case Known() | Absent():
            return lambda texts: _in_texts(texts, lambda part: (part.replace("${", "${$}{"),))
        case Unknown(why, at):
            gap = Unknown(why, at, "the Version of the policy, which decides whether it has variables")
            return lambda texts: _in_texts(
                texts, lambda part: [gap if _VARIABLE.fullmatch(each) else each for each in _VARIABLE.split(part)]
            )


def _in_texts(texts: Value[Items], change: Callable[[str], Iterable[str | Unknown]]) -> Value[Items]:
    """Change the literal parts of texts that may hold variables; all others stay the very same objects."""
    return mapped(texts, lambda found: replace(found, items=tuple(_in_text(each, change) for each in found.items)))


def _in_text(text: Value[Text], change: Callable[[str], Iterable[str | Unknown]]) -> Value[Text]:
    match text:
        case Known(str() as literal, at) if "${" in literal:
            return replace(text, value=_together(change(literal)))
        case Known(Template(parts), at) if any(isinstance(each, str) and "${" in each for each in parts):
            changed = [change(each) if isinstance(each, str) else (each,) for each in parts]
            return Known(Template(tuple(part for each in changed for part in each)), at)
        case _:
            return text


def _together(parts: Iterable[str | Unknown]) -> Text:
    kept = tuple(each for each in parts if each != "")
    return kept[0] if len(kept) == 1 and isinstance(kept[0], str) else Template(kept)


_SAMPLE = "any-0123456789abcdef0"


def sample(text: Text) -> Text:
    """Return a resource that the pattern of a statement means."""
    match text:
        case str():
            return text.replace("*", _SAMPLE).replace("?", "a")
        case Template(parts):
            return Template(tuple(each.replace("*", _SAMPLE) if isinstance(each, str) else each for each in parts))
        case Reference():
            return text
