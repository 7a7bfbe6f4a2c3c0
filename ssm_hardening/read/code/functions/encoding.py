"""Encodings and hashes. JSON and YAML stay readable member by member, even where members are unknown."""

import base64
import csv
import hashlib
import io
import urllib.parse
from collections.abc import Callable
from typing import Literal

from ssm_hardening.core.values import Absent, Datum, Encoded, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Function,
    FunctionCall,
    answer,
    exactly,
    refuse,
    text,
    unsupported,
)
from ssm_hardening.read.code.functions.filesystem import content
from ssm_hardening.read.code.values import Values
from ssm_hardening.text.documents import Decoder, decode_json, decode_yaml, is_other_file
from ssm_hardening.text.writing import as_string

_CODECS = {"utf-8": "utf-8", "utf-16": None, "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "us-ascii": "ascii"}


def _encoding(form: Literal["json", "yaml"]) -> Function:
    """Return a function that keeps the value; its text is computed where somebody asks for it."""
    return Function(lambda call, args: Known(Encoded(form, args[0]), call.at), 1, 1)


def _decoding(decode: Decoder) -> Function:
    """Return a function that reads a text; one with holes gives a value with unknown members.

    What was read from a file has members that stand in that file.
    """

    def run(call: FunctionCall, args: Values) -> Value[Datum]:
        value = as_string(args[0])
        if isinstance(value, Absent):
            refuse(call, "an argument is null")
        if isinstance(value, Unknown):
            return value
        if isinstance(value.value, Record | Items):
            refuse(call, "expected a string")
        elsewhere = is_other_file(value.at, call.at)
        found = decode(value, value.at if elsewhere else call.at, first_line=1 if elsewhere else None)
        if isinstance(found, Unknown) and found.why is Why.UNPARSEABLE and isinstance(value.value, str):
            refuse(call, found.detail)
        if isinstance(found, Absent) and isinstance(value.value, str) and _has_no_document(value.value):
            refuse(call, "there is no document")
        return found

    return Function(run, 1, 1)


def _has_no_document(text: str) -> bool:
    """Say whether a YAML text holds nothing but comments: not even `null`."""
    return all(line.strip()[:1] in ("", "#") for line in text.splitlines())


def base64_decode(call: FunctionCall, args: Values) -> Value[Datum]:
    """Decode a literal text."""
    try:
        return answer(call, base64.b64decode(text(call, args[0]), validate=True).decode())
    except ValueError:
        refuse(call, "expected Base64-encoded UTF-8 text")


def _base64_encode(subject: str) -> str:
    return base64.b64encode(subject.encode()).decode()


def _url_encode(subject: str) -> str:
    return urllib.parse.quote_plus(subject, safe="")


def csv_decode(call: FunctionCall, args: Values) -> Value[Datum]:
    """Read lines of values under a line of names."""
    subject = text(call, args[0])
    if '"' in subject or "\r" in subject:
        unsupported(call, "quoted values are not supported")
    rows = [row for row in csv.reader(io.StringIO(subject)) if row]
    if not rows or len({len(row) for row in rows}) > 1 or len(set(rows[0])) < len(rows[0]):
        refuse(call, "rows have different lengths, or column names repeat")
    if len(rows) > MAX_ITEMS:
        unsupported(call, "the result is too large")
    return answer(call, [dict(zip(rows[0], row, strict=True)) for row in rows[1:]])


def _codec(call: FunctionCall, name: str) -> str:
    return _CODECS.get(name.lower()) or unsupported(call, f"the encoding {name} is not supported")


def text_encode(call: FunctionCall, args: Values) -> Value[Datum]:
    """Encode a text in another character set, then in Base64."""
    subject, codec = text(call, args[0]), _codec(call, text(call, args[1]))
    try:
        return answer(call, base64.b64encode(subject.encode(codec)).decode())
    except UnicodeEncodeError:
        unsupported(call)


def text_decode(call: FunctionCall, args: Values) -> Value[Datum]:
    """Decode Base64 into a text of another character set."""
    subject, codec = text(call, args[0]), _codec(call, text(call, args[1]))
    try:
        return answer(call, base64.b64decode(subject, validate=True).decode(codec))
    except ValueError:
        unsupported(call)


# Hashes

_NAMESPACES = ("dns", "url", "oid", "x500")


def _text_bytes(call: FunctionCall, value: Value[Datum]) -> bytes:
    return text(call, value).encode()


def _hexadecimal(algorithm: str) -> Callable[[bytes], str]:
    return lambda data: hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _in_base64(algorithm: str) -> Callable[[bytes], str]:
    return lambda data: base64.b64encode(hashlib.new(algorithm, data, usedforsecurity=False).digest()).decode()


def _uuid(namespace: str, name: str) -> str:
    import uuid  # noqa: PLC0415 - it loads a lot, and hardly any code asks for it

    known = getattr(uuid, f"NAMESPACE_{namespace.upper()}") if namespace in _NAMESPACES else uuid.UUID(namespace)
    return str(uuid.uuid5(known, name))


def _file_in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


FUNCTIONS: dict[str, Function] = {
    "base64decode": Function(base64_decode, 1, 1),
    "base64encode": exactly(_base64_encode, text),
    "base64sha256": exactly(_in_base64("sha256"), _text_bytes),
    "base64sha512": exactly(_in_base64("sha512"), _text_bytes),
    "csvdecode": Function(csv_decode, 1, 1),
    "filebase64": exactly(_file_in_base64, content),
    "filebase64sha256": exactly(_in_base64("sha256"), content),
    "filebase64sha512": exactly(_in_base64("sha512"), content),
    "filemd5": exactly(_hexadecimal("md5"), content),
    "filesha1": exactly(_hexadecimal("sha1"), content),
    "filesha256": exactly(_hexadecimal("sha256"), content),
    "filesha512": exactly(_hexadecimal("sha512"), content),
    "jsondecode": _decoding(decode_json),
    "jsonencode": _encoding("json"),
    "md5": exactly(_hexadecimal("md5"), _text_bytes),
    "sha1": exactly(_hexadecimal("sha1"), _text_bytes),
    "sha256": exactly(_hexadecimal("sha256"), _text_bytes),
    "sha512": exactly(_hexadecimal("sha512"), _text_bytes),
    "textdecodebase64": Function(text_decode, 2, 2),
    "textencodebase64": Function(text_encode, 2, 2),
    "urlencode": exactly(_url_encode, text),
    "uuidv5": exactly(_uuid, text, text),
    "yamldecode": _decoding(decode_yaml),
    "yamlencode": _encoding("yaml"),
}
