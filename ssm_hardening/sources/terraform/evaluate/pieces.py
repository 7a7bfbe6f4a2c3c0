"""Putting the evaluated parts of a template together."""

from collections.abc import Iterator, Sequence
from typing import Any

from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.encoded import as_text
from ssm_hardening.sources.terraform.invalid import Invalid
from ssm_hardening.sources.terraform.texts import MAX_TEXT, Part, length_of, parts_of, text_of
from ssm_hardening.values import Absent, Items, Known, Record, Unknown, Value, Why

_MOST_PIECES = 10_000


def text_from(args: Sequence[Value[Any]], at: CodeOrigin) -> Value[Any]:
    """Return the parts as one text; Invalid where Terraform refuses one of them."""
    refused = _refused(args)
    if refused is not None:
        return refused
    pieces = list(_pieces(args))
    if length_of(pieces) > MAX_TEXT or len(pieces) > _MOST_PIECES:
        return Unknown(Why.UNSUPPORTED, at, "a text that is too large")
    return text_of(pieces, at)


def _refused(args: Sequence[Value[Any]]) -> Invalid | None:
    for arg in args:
        match arg:
            case Absent(at):
                return Invalid(Why.UNRESOLVED_INPUT, at, "null in a text")
            case Known(Record() | Items(), at):
                return Invalid(Why.UNRESOLVED_INPUT, at, "a collection in a text")
            case Invalid():
                return arg
            case _:
                continue
    return None


def _pieces(args: Sequence[Value[Any]]) -> Iterator[Part]:
    for arg in args:
        match as_text(arg):
            case Known(content):
                yield from parts_of(content) or ()
            case Unknown() as gap:
                yield gap
            case Absent():
                continue
