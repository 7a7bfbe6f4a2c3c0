"""The value that an argument's JSON or YAML text holds, with the place of each member."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Encoded, Known, Unknown, Value, Why
from ssm_hardening.read.converting import mapped
from ssm_hardening.text.documents import Decoder, decode_json, decode_yaml

_CONFIGURATION = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document's value. `problem` says why its text as a whole would be refused; Absent where it would not."""

    value: Value[Any]
    problem: Value[str]


def json_document(value: Value[Any]) -> Value[Any]:
    """Return what a JSON argument (a policy) holds; an empty text holds nothing."""
    return mapped(value, lambda known: Absent(known.at) if known.value == "" else _decode(known, decode_json))


def decoded(value: Value[Any], document_format: Value[Any]) -> Decoded:
    """Return what a document's content holds, in the format that the document declares."""
    read = partial(_in_format, document_format=document_format)
    return Decoded(mapped(value, read), mapped(value, partial(_problem, document_format=document_format)))


def _in_format(known: Known[Any], *, document_format: Value[Any]) -> Value[Any]:
    if isinstance(known.value, Encoded):
        return known.value.value
    match document_format:
        case Known("JSON") | Absent():
            return _decode(known, decode_json)
        case Known("YAML"):
            return _decode(known, decode_yaml)
        case _:
            found = _decode(known, decode_json)
            return _decode(known, decode_yaml) if _is_unreadable(found) else found


def _problem(known: Known[Any], *, document_format: Value[Any]) -> Value[str]:
    match known.value, document_format:
        case Encoded(format="yaml"), Known("JSON") | Absent():
            return Known("the content is YAML, but document_format is JSON", known.at)
        case str(), _:
            found = _in_format(known, document_format=document_format)
            if isinstance(found, Unknown) and _is_unreadable(found):
                return Known(f"the content is {found.detail}", found.at)
        case _:
            pass
    return Absent(known.at)


def _is_unreadable(value: Value[Any]) -> bool:
    return isinstance(value, Unknown) and value.why is Why.UNPARSEABLE


def _decode(known: Known[Any], decode: Decoder) -> Value[Any]:
    return decode(known, known.at, first_line=_first_line(known.at))


def _first_line(at: Origin) -> int | None:
    """Return the line of the text's first character, where its lines are the file's own.

    A heredoc stands on the lines from `at.line` on, and so does a file of another kind; a quoted text stands on one
    line, whatever line breaks it holds.
    """
    match at:
        case CodeOrigin(file, line, end_line):
            own_lines = end_line > line or not file.endswith(_CONFIGURATION)
            return line if own_lines else None
        case _:
            return None
