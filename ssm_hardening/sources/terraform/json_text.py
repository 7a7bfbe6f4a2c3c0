"""Writes values as JSON text exactly as `jsonencode` does, with holes for what is not known."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ssm_hardening.origins import Origin
from ssm_hardening.sources.terraform.texts import Part, number_text
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why

_STRING_ATTRIBUTE = re.compile(r"(?:^|[._])(?:id|arn|name|bucket|prefix)$")
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_SPECIAL = re.compile("[<>&\u2028\u2029]")


def quoted(text: str) -> str:
    """Return the text as a JSON string, with the characters escaped that Go escapes."""
    return _SPECIAL.sub(lambda match: _ESCAPED[match[0]], json.dumps(text, ensure_ascii=False))


def names_a_string(reference: Reference) -> bool:
    """Tell whether the attribute is certainly a string (`id`, `arn`, `kms_key_id`)."""
    return _STRING_ATTRIBUTE.search(reference.attribute) is not None


def render(value: Value[Any]) -> Iterator[Part]:
    """Yield the text in parts; an unknown hole outside of quotes stands for one JSON value."""
    match value:
        case Absent():
            yield "null"
        case Unknown():
            yield value
        case Known(inner, at):
            yield from _known(inner, at)


def _known(inner: object, at: Origin) -> Iterator[Part]:
    match inner:
        case bool():
            yield "true" if inner else "false"
        case int() | float():
            yield number_text(inner)
        case str():
            yield quoted(inner)
        case Template(parts):
            yield from quoted_parts(parts)
        case Reference() if names_a_string(inner):
            yield from quoted_parts((inner,))
        case Reference():
            yield Unknown(Why.COMPUTED, at, str(inner))
        case Record(rest=None) | Items(rest=None):
            yield from _collection(inner)
        case Record(rest=gap) | Items(rest=gap) if gap is not None:
            yield gap
        case _:
            yield from _text_of_encoded(inner, at)


def quoted_parts(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Yield a quoted string whose holes lie inside of the quotes."""
    yield '"'
    for part in parts:
        yield quoted(part)[1:-1] if isinstance(part, str) else part
    yield '"'


def _collection(inner: Record | Items) -> Iterator[Part]:
    if isinstance(inner, Items):
        yield "["
        for n, item in enumerate(inner.items):
            yield "," if n else ""
            yield from render(item)
        yield "]"
        return
    yield "{"
    for n, key in enumerate(sorted(inner.members)):
        yield ("," if n else "") + quoted(key) + ":"
        yield from render(inner.members[key])
    yield "}"


def _text_of_encoded(inner: object, at: Origin) -> Iterator[Part]:
    """Yield an encoded text inside of another one as a string."""
    from ssm_hardening.sources.terraform.encoded import Encoded, as_text  # noqa: PLC0415 (mutual recursion)

    if isinstance(inner, Encoded):
        text = as_text(Known(inner, at))
        yield from render(text)
    else:
        yield Unknown(Why.UNSUPPORTED, at, f"a {type(inner).__name__} in JSON")
