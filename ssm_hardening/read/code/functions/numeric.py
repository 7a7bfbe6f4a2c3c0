"""Functions on numbers. Fractions are added as decimals, as Terraform's large floats print them."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ssm_hardening.core.values import Known, Value
from ssm_hardening.read.code.functions.arguments import (
    Call,
    Function,
    answer,
    exactly,
    integer,
    number,
    refuse,
    sequence,
    text,
    unsupported,
    whole_number,
)

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MAX_BITS = 500


def total(call: Call, args: Sequence[Value[Any]]) -> Value[Any]:
    """Add the members of a list."""
    numbers = [number(call, item) for item in sequence(call, args[0])]
    if not numbers:
        refuse(call, "an empty list")
    exact = sum(Decimal(repr(each)) for each in numbers)
    return answer(call, int(exact) if exact == int(exact) else float(exact))


def power(call: Call, args: Sequence[Value[Any]]) -> Value[Any]:
    """Raise a number to a power, where the result is exact."""
    base, exponent = number(call, args[0]), number(call, args[1])
    if not isinstance(base, int) or not isinstance(exponent, int) or exponent < 0:
        unsupported(call, "fractions")
    if exponent * max(abs(base).bit_length(), 1) > _MAX_BITS or abs(base**exponent) > 2**53:
        unsupported(call, "too large")
    return Known(base**exponent, call.at)


def logarithm(call: Call, args: Sequence[Value[Any]]) -> Value[Any]:
    """Return a logarithm, where it is a whole number."""
    value, base = number(call, args[0]), number(call, args[1])
    if value <= 0 or base <= 0 or base == 1:
        unsupported(call)
    near = round(math.log(value) / math.log(base))
    if abs(near) > _MAX_BITS or base**near != value or math.log(value) / math.log(base) != near:
        unsupported(call, "fractions")
    return Known(near, call.at)


def parse_integer(call: Call, args: Sequence[Value[Any]]) -> Value[Any]:
    """Read a whole number in a base from 2 to 62."""
    literal, base = text(call, args[0]), integer(call, args[1])
    digits = literal.removeprefix("-" if literal.startswith("-") else "+")
    if not 2 <= base <= len(_DIGITS) or not digits:  # noqa: PLR2004 (the smallest base)
        refuse(call, "not a number in this base")
    if len(digits) > _MAX_BITS // 6:
        unsupported(call, "too large")
    found = 0
    for digit in digits if base > 36 else digits.lower():  # noqa: PLR2004 (above, case matters)
        place = _DIGITS.find(digit)
        found = found * base + place if 0 <= place < base else refuse(call, "not a number in this base")
    return Known(-found if literal.startswith("-") else found, call.at)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _least(*values: float) -> float:
    return min(values)


def _greatest(*values: float) -> float:
    return max(values)


def _ceil(value: float) -> float | None:
    return whole_number(math.ceil(value))


def _floor(value: float) -> float | None:
    return whole_number(math.floor(value))


FUNCTIONS: dict[str, Function] = {
    "abs": exactly(abs, number),
    "ceil": exactly(_ceil, number),
    "floor": exactly(_floor, number),
    "log": Function(logarithm, 2, 2),
    "max": exactly(_greatest, number, most=None),
    "min": exactly(_least, number, most=None),
    "parseint": Function(parse_integer, 2, 2),
    "pow": Function(power, 2, 2),
    "signum": exactly(_sign, number),
    "sum": Function(total, 1, 1),
}
