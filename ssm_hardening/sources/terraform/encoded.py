"""Texts made by `jsonencode` and `yamlencode`, kept as the value that was encoded.

The value stays readable member by member even where some members are unknown; `as_text` gives the text.
"""

from dataclasses import dataclass
from typing import Any, Literal

from ssm_hardening.sources.terraform import json_text, yaml_text
from ssm_hardening.sources.terraform.texts import text_of
from ssm_hardening.values import Absent, Known, Unknown, Value


@dataclass(frozen=True, slots=True)
class Encoded:
    """The text of `value` in `format`."""

    format: Literal["json", "yaml"]
    value: Value[Any]


def as_text(value: Value[Any]) -> Value[Any]:
    """Return an encoded value as the text Terraform computes, with holes where members are unknown.

    Every other value is returned as it is.
    """
    match value:
        case Known(Encoded(format=kind, value=inner), at):
            render = json_text.render if kind == "json" else yaml_text.render
            return text_of(render(inner), at)
        case Known() | Absent() | Unknown():
            return value
