"""Terraform's operators over three-valued operands."""

import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ssm_hardening.core.logic import Answer, known_or
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.redaction import leaves
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Encoded,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.read.code.functions.arguments import parse_number
from ssm_hardening.read.code.values import Invalid, is_literal, same
from ssm_hardening.text.writing import as_text

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_OF_AWS = re.compile(r"(?<!module)(?:^|\.)aws_\w+\.[\w-]+(?:\[[^\]]*\])?$")
"""The address of a resource of AWS's, whose attribute `arn` is always an ARN."""

_LARGEST = 2**400
"""Numbers beyond this are not computed."""


def to_bool(value: Value[Datum]) -> Answer:
    """Return the value as a boolean, as Terraform converts it."""
    match value:
        case Known(bool() as flag, at):
            return Known(flag, at)
        case Known("true" | "false" as text, at):
            return Known(text == "true", at)
        case Known(Reference() | Template() as text, at):
            return Unknown(Why.COMPUTED, at, str(text))
        case Known(_, at) | Absent(at):
            return Invalid(Why.UNRESOLVED_INPUT, at, "expected a boolean")
        case Unknown():
            return value


def negate(value: Value[Datum], at: CodeOrigin) -> Value[Datum]:
    """`!x`."""
    flag = to_bool(value)
    return flag if isinstance(flag, Unknown) else Known(not flag.value, at)


def minus(value: Value[Datum], at: CodeOrigin) -> Value[Datum]:
    """`-x`."""
    return binary("-", Known(0, at), value, at, "-x")


def both_or_either(symbol: str, left: Value[Datum], right: Value[Datum], at: CodeOrigin) -> Value[Datum]:
    """`&&` and `||`: one side decides where it can."""
    deciding = symbol == "||"
    sides = [to_bool(left), to_bool(right)]
    if any(isinstance(side, Known) and side.value is deciding for side in sides):
        return Known(deciding, at)
    for side in sides:
        if isinstance(side, Unknown):
            return side
    return Known(not deciding, at)


def binary(symbol: str, left: Value[Datum], right: Value[Datum], at: CodeOrigin, text: str) -> Value[Datum]:
    """Every other operator of two operands; `text` is the whole expression."""
    if symbol in {"==", "!="}:
        return _equality(symbol, as_text(left), as_text(right), at, text)
    for side in (left, right):
        if isinstance(side, Unknown):
            return side
    numbers = _number(left), _number(right)
    if numbers[0] is None or numbers[1] is None:
        if any(isinstance(side, Known) and isinstance(side.value, Reference | Template) for side in (left, right)):
            return Unknown(Why.COMPUTED, at, text)
        return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: expected numbers")
    return _calculate(symbol, numbers[0], numbers[1], at, text)


def _calculate(symbol: str, left: float, right: float, at: CodeOrigin, text: str) -> Value[Datum]:
    if symbol in _ORDER:
        return Known(_ORDER[symbol](left, right), at)
    if symbol == "/" and right == 0:
        if left == 0:
            return Invalid(Why.UNRESOLVED_INPUT, at, f"{text}: division by zero")
        return Unknown(Why.UNSUPPORTED, at, f"{text}: the result is infinite")
    number = _exact(_computed(symbol, _fraction(left), _fraction(right)))
    if number is None:
        return Unknown(Why.UNSUPPORTED, at, f"{text}: the number has too many digits")
    return Known(number, at)


def _fraction(number: float) -> Fraction:
    """Return a decimal number as it is written; Terraform's numbers have 512 bits."""
    return Fraction(repr(number))


def _computed(symbol: str, left: Fraction, right: Fraction) -> Fraction:
    if symbol in _ARITHMETIC:
        return Fraction(_ARITHMETIC[symbol](left, right))
    if symbol == "/":
        return left / right
    # Terraform's remainder has the sign of the dividend, Python's that of the divisor.
    remainder = abs(left) % abs(right) if right else abs(left)
    return remainder if left >= 0 else -remainder


def _exact(number: Fraction) -> int | float | None:
    """Return the number where we can hold it as Terraform does, to the last digit."""
    if abs(number) >= _LARGEST:
        return None
    if number.denominator == 1:
        return int(number)
    near = float(number)
    return near if Fraction(repr(near)) == number else None


def _number(value: Value[Datum]) -> int | float | None:
    match known_or(value, None):
        case bool():
            return None
        case int() | float() as number:
            return number
        case str() as text:
            return parse_number(text)
        case _:
            return None


def _equality(symbol: str, left: Value[Datum], right: Value[Datum], at: CodeOrigin, text: str) -> Value[Datum]:
    equal = _equal(left, right)
    if equal is None:
        for side in (left, right):
            if isinstance(side, Unknown):
                return side
        return Unknown(Why.COMPUTED, at, text)
    return Known(equal if symbol == "==" else not equal, at)


def _equal(left: Value[Datum], right: Value[Datum]) -> bool | None:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    if isinstance(left, Absent) or isinstance(right, Absent):
        return isinstance(left, Absent) and isinstance(right, Absent)
    return _equal_contents(left.value, right.value, left, right)


def _equal_contents(one: object, other: object, left: Value[Datum], right: Value[Datum]) -> bool | None:
    if isinstance(one, Reference | Template) or isinstance(other, Reference | Template):
        if "" in (one, other):
            # A reference is known to be set; a text with a literal part or a reference is not empty either.
            return False if _is_set(one) or _is_set(other) else None
        if _is_no_arn(one, other) or _is_no_arn(other, one):
            return False
        return _equal_references(one, other)
    if isinstance(one, Record | Items) or isinstance(other, Record | Items):
        return _equal_collections(left, right)
    return one == other if _both_numbers(one, other) or type(one) is type(other) else False


def _equal_collections(left: Value[Datum], right: Value[Datum]) -> bool | None:
    """Compare two literal collections; those of equal members may still differ in type (`[]` is no `list`)."""
    if not (_is_complete(left) and _is_complete(right)):
        return None
    return None if same(left, right) else False


def _equal_references(one: object, other: object) -> bool | None:
    return True if isinstance(one, Reference) and one == other and "[*]" not in one.address else None


def _is_no_arn(reference: object, literal: object) -> bool:
    """Say whether one is the ARN of something of AWS's, and the other surely none (`aws/s3`)."""
    match reference, literal:
        case Reference(address, "arn"), str() as text:
            return _OF_AWS.search(address) is not None and not text.startswith("arn:")
        case _:
            return False


def _both_numbers(one: object, other: object) -> bool:
    return all(isinstance(side, int | float) and not isinstance(side, bool) for side in (one, other))


def _is_set(text: object) -> bool:
    match text:
        case Reference():
            return True
        case Template(parts):
            return any(not isinstance(part, Unknown) for part in parts)
        case _:
            return False


def _is_complete(value: Value[Datum]) -> bool:
    """Say whether the value is literal down to its last member, so that inequality is certain."""
    return is_literal(value) and not any(isinstance(leaf.value, Encoded) for leaf in leaves(value))
