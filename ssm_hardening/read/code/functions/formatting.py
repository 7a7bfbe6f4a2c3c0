"""The format language of `format` and `formatlist`."""

import re
from collections.abc import Iterator, Sequence

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Absent, Datum, Items, Record, Reference, Value
from ssm_hardening.read.code.functions.arguments import (
    FunctionCall,
    boolean,
    integer,
    number,
    parts,
    refuse,
    sequence,
    text,
    unsupported,
)
from ssm_hardening.read.code.values import Values
from ssm_hardening.text.writing import Part, json_text, names_a_string, quoted, quoted_parts

_VERB = re.compile(
    r"%(?P<flags>[-+ 0#]*)(?P<width>\d*)(?:\.(?P<precision>\d*))?(?:\[(?P<index>\d+)\])?(?P<verb>.)", re.DOTALL
)
_MAX_WIDTH_DIGITS = 3
_EXACT = 1e15


def fill(call: FunctionCall, pattern: str, args: Values) -> list[Part]:
    """Return the parts of the formatted text."""
    pieces: list[Part] = []
    position, used = 0, 0
    for verb in _VERB.finditer(pattern):
        pieces.append(pattern[position : verb.start()])
        position = verb.end()
        if verb["verb"] == "%":
            pieces.append("%")
            continue
        index = int(verb["index"]) - 1 if verb["index"] else used
        if not 0 <= index < len(args):
            refuse(call, "there are not enough arguments")
        used = index + 1
        pieces += _one(call, verb, args[index])
    if "%" in pattern[position:]:
        refuse(call, "the format verb is incomplete")
    if used < len(args) and "[" not in pattern:
        refuse(call, "there are too many arguments")
    return [*pieces, pattern[position:]]


def _one(call: FunctionCall, verb: re.Match[str], arg: Value[Datum]) -> Sequence[Part]:
    if isinstance(arg, Absent):
        unsupported(call, "null arguments are not supported")
    if max(len(verb["width"]), len(verb["precision"] or "")) > _MAX_WIDTH_DIGITS or "#" in verb["flags"]:
        unsupported(call)
    plain = not verb["flags"] and not verb["width"] and verb["precision"] is None
    if plain and verb["verb"] == "s":
        return parts(call, arg)
    if plain and verb["verb"] == "v":
        return tuple(_any(call, arg))
    if plain and verb["verb"] == "q":
        return tuple(quoted_parts(parts(call, arg)))
    return (_exact(call, verb, arg),)


def _any(call: FunctionCall, arg: Value[Datum]) -> Iterator[Part]:
    """Yield a value as `%v` writes it: scalars as text, all else as JSON."""
    match known_or(arg, None):
        case Reference() as reference if not names_a_string(reference):
            unsupported(call)
        case Record() | Items():
            yield from json_text(arg)
        case _:
            yield from parts(call, arg)


def _exact(call: FunctionCall, verb: re.Match[str], arg: Value[Datum]) -> str:
    """Return a literal argument as text."""
    match verb["verb"]:
        case "d" | "x" | "X" | "o" | "b" | "e" | "E" | "f" | "g" | "G":
            return _number(call, verb, arg)
        case "t" if not verb["width"]:
            return "true" if boolean(call, arg) else "false"
        case "t":
            return unsupported(call, "this width is ignored by Terraform")
        case "s" | "v":
            content = text(call, arg)
            precision = verb["precision"]
            if not content.isascii():
                unsupported(call)
            return _padded(verb, content if precision is None else content[: int(precision or 0)])
        case "q" if verb["precision"] is None:
            return _padded(verb, quoted(text(call, arg)))
        case "q":
            return unsupported(call)
        case _:
            return refuse(call, "the format verb is unknown")


def _number(call: FunctionCall, verb: re.Match[str], arg: Value[Datum]) -> str:
    kind, flags, precision = verb["verb"], verb["flags"], verb["precision"]
    whole = kind in "dxXob"
    value = integer(call, arg) if whole else number(call, arg)
    if (whole and precision is not None) or (kind in "gG" and precision is None and not isinstance(value, int)):
        unsupported(call)
    sign = "+" if "+" in flags else " " if " " in flags else ""
    if kind in "gG" and precision is None and abs(value) >= _EXACT:
        unsupported(call)
    digits = format(value, f"{sign}{f'.{precision or 0}' if precision is not None else ''}{kind}")
    if "0" in flags and "-" not in flags:
        return _zero_padded(digits, int(verb["width"] or 0))
    return _padded(verb, digits)


def _zero_padded(digits: str, width: int) -> str:
    return digits.zfill(width) if digits[:1] != " " else " " + digits[1:].zfill(width - 1)


def _padded(verb: re.Match[str], content: str) -> str:
    width = int(verb["width"] or 0)
    return content.ljust(width) if "-" in verb["flags"] else content.rjust(width)


def column(call: FunctionCall, arg: Value[Datum]) -> tuple[Value[Datum], ...] | None:
    """Return the members of a list argument of `formatlist`, or None for an argument that serves all rows."""
    if isinstance(known_or(arg, None), Items):
        return sequence(call, arg)
    if not isinstance(arg, Absent):
        # An unknown argument or a reference may be a list: nobody knows how many rows there are.
        text(call, arg)
    return None
