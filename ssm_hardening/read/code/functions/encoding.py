"""Encodings. JSON and YAML stay readable member by member, even where members are unknown."""

import base64
import csv
import io
import urllib.parse
from collections.abc import Sequence
from typing import Any

from ssm_hardening.core.values import Absent, Encoded, Known, Unknown, Value, Why
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Call,
    Function,
    answer,
    exactly,
    refuse,
    text,
    unsupported,
)
from ssm_hardening.text import documents

Args = Sequence[Value[Any]]
_CODECS = {"utf-8": "utf-8", "utf-16": None, "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "us-ascii": "ascii"}


def json_encode(call: Call, args: Args) -> Value[Any]:
    """Keep the value; its text is computed where somebody asks for it."""
    return Known(Encoded("json", args[0]), call.at)


def yaml_encode(call: Call, args: Args) -> Value[Any]:
    """Keep the value; its text is computed where somebody asks for it."""
    return Known(Encoded("yaml", args[0]), call.at)


def json_decode(call: Call, args: Args) -> Value[Any]:
    """Read JSON; text with holes gives a value with unknown members."""
    return _decoded(call, args[0], documents.decode_json)


def yaml_decode(call: Call, args: Args) -> Value[Any]:
    """Read YAML; text with holes gives a value with unknown members."""
    return _decoded(call, args[0], documents.decode_yaml)


def _decoded(call: Call, value: Value[Any], decode: documents.Decoder) -> Value[Any]:
    """Decode; a text that was read from a file gives members that stand in that file."""
    if isinstance(value, Absent):
        refuse(call, "an argument is null")
    if isinstance(value, Unknown):
        return value
    elsewhere = documents.is_other_file(value.at, call.at)
    found = decode(value, value.at if elsewhere else call.at, first_line=1 if elsewhere else None)
    if isinstance(found, Unknown) and found.why is Why.UNPARSEABLE and isinstance(value.value, str):
        refuse(call, found.detail)
    return found


def base64_decode(call: Call, args: Args) -> Value[Any]:
    """Decode a literal text."""
    try:
        return answer(call, base64.b64decode(text(call, args[0]), validate=True).decode())
    except ValueError:
        refuse(call, "not UTF-8 text in Base64")


def _base64_encode(subject: str) -> str:
    return base64.b64encode(subject.encode()).decode()


def _url_encode(subject: str) -> str:
    return urllib.parse.quote_plus(subject, safe="")


def csv_decode(call: Call, args: Args) -> Value[Any]:
    """Read lines of values under a line of names."""
    subject = text(call, args[0])
    if '"' in subject or "\r" in subject:
        unsupported(call, "quoted values")
    rows = [row for row in csv.reader(io.StringIO(subject)) if row]
    if not rows or len({len(row) for row in rows}) > 1 or len(set(rows[0])) < len(rows[0]):
        refuse(call, "lines of different lengths, or names that repeat")
    if len(rows) > MAX_ITEMS:
        unsupported(call, "too large")
    return answer(call, [dict(zip(rows[0], row, strict=True)) for row in rows[1:]])


def _codec(call: Call, name: str) -> str:
    return _CODECS.get(name.lower()) or unsupported(call, f"the encoding {name}")


def text_encode(call: Call, args: Args) -> Value[Any]:
    """Encode a text in another character set, then in Base64."""
    subject, codec = text(call, args[0]), _codec(call, text(call, args[1]))
    try:
        return answer(call, base64.b64encode(subject.encode(codec)).decode())
    except UnicodeEncodeError:
        unsupported(call)


def text_decode(call: Call, args: Args) -> Value[Any]:
    """Decode Base64 into a text of another character set."""
    subject, codec = text(call, args[0]), _codec(call, text(call, args[1]))
    try:
        return answer(call, base64.b64decode(subject, validate=True).decode(codec))
    except ValueError:
        unsupported(call)


FUNCTIONS: dict[str, Function] = {
    "base64decode": Function(base64_decode, 1, 1),
    "base64encode": exactly(_base64_encode, text),
    "csvdecode": Function(csv_decode, 1, 1),
    "jsondecode": Function(json_decode, 1, 1),
    "jsonencode": Function(json_encode, 1, 1),
    "textdecodebase64": Function(text_decode, 2, 2),
    "textencodebase64": Function(text_encode, 2, 2),
    "urlencode": exactly(_url_encode, text),
    "yamldecode": Function(yaml_decode, 1, 1),
    "yamlencode": Function(yaml_encode, 1, 1),
}
