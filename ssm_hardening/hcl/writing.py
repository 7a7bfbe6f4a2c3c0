"""Values as HCL text, and expressions as one short line for people: what a message calls them by."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.hcl import ast


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of our own making among other people's values: written as it is."""

    text: str


Encodable: TypeAlias = "str | bool | int | float | Sequence[Encodable] | Mapping[str, Encodable] | Expression | None"

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "${": "$${", "%{": "%%{"}
_SPECIAL = re.compile(r'[\\"]|\$\{|%\{|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]')
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_RESERVED = frozenset({"for", "true", "false", "null"})

LENGTH = 80

_STRENGTH = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5}
_STRONGEST = 6
_ENOUGH = 40
"""Members of a collection that are written at most; more would be cut off anyway."""


def quote(text: str) -> str:
    """Return the text as an HCL string literal: nothing in it is ever interpolated."""
    return '"' + _SPECIAL.sub(_escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}"


def encode(value: Encodable, *, indent: int = 0) -> str:
    """Return a plain value as HCL text, lists and objects over several lines; `indent` is that of its line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case Expression(text):
            return text
        case int():
            return repr(value)
        case float():
            return _number(value)
        case Mapping():
            members = [(key(name), encode(item, indent=indent + 2)) for name, item in value.items()]
            return _enclose("{}", aligned(members), indent, "")
        case Sequence():
            return _enclose("[]", [encode(item, indent=indent + 2) for item in value], indent, ",")


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} has no form in HCL")
    return repr(value)


def aligned(members: Iterable[tuple[str, str]]) -> list[str]:
    """Return `name = value` lines as `terraform fmt` sets them out: `=` under one another among lines in a row."""
    lines: list[str] = []
    chain: list[tuple[str, str]] = []
    for name, value in members:
        if "\n" in value:
            lines += [*_padded(chain), f"{name} = {value}"]
            chain = []
        else:
            chain.append((name, value))
    return [*lines, *_padded(chain)]


def _padded(chain: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in chain), default=0)
    return [f"{name.ljust(width)} = {value}" for name, value in chain]


def _enclose(brackets: str, lines: Sequence[str], indent: int, separator: str) -> str:
    if not lines:
        return brackets
    inner = "".join(f"\n{' ' * (indent + 2)}{line}{separator}" for line in lines)
    return f"{brackets[0]}{inner}\n{' ' * indent}{brackets[1]}"


def key(name: str) -> str:
    """Return the key of an object: a bare word where it can be one."""
    return name if _IDENTIFIER.fullmatch(name) and name not in _RESERVED else quote(name)


def describe(expr: ast.Expr, *, length: int = LENGTH) -> str:
    """Return the expression as one line of at most `length` characters."""
    try:
        text = " ".join(_write(expr).split())
    except RecursionError:
        return "…"
    return text if len(text) <= length else text[: length - 1] + "…"


def _write(expr: ast.Expr) -> str:
    match expr:
        case ast.Literal(value):
            return _literal(value)
        case ast.TemplateExpr() | ast.TemplateIf() | ast.TemplateFor():
            return f'"{_template(expr)}"'
        case ast.Name(name):
            return name
        case ast.SplatItem():
            return ""
        case ast.Attr() | ast.Index() | ast.Splat() | ast.Call():
            return _access(expr)
        case ast.Unary() | ast.Binary() | ast.Conditional():
            return _operation(expr)
        case ast.TupleExpr(items):
            return f"[{_list(items)}]"
        case ast.ObjectExpr(items):
            members = (f"{_key(item.key)} = {_write(item.value)}" for item in items[:_ENOUGH])
            return f"{{ {', '.join(members)} }}" if items else "{}"
        case ast.For():
            return _for(expr)


def _literal(value: object) -> str:
    if isinstance(value, str):
        return quote(value)
    return "null" if value is None else str(value).lower()


def _list(items: Iterable[ast.Expr]) -> str:
    return ", ".join(_write(item) for item in tuple(items)[:_ENOUGH])


def _key(expr: ast.Expr) -> str:
    if isinstance(expr, ast.Literal):
        return key(str(expr.value))
    return f"({_write(expr)})" if isinstance(expr, ast.Name) else _write(expr)


def _access(expr: ast.Attr | ast.Index | ast.Splat | ast.Call) -> str:
    match expr:
        case ast.Attr(target, name):
            return f"{_operand(target)}.{name}"
        case ast.Index(target, index):
            return f"{_operand(target)}[{_write(index)}]"
        case ast.Splat(target, body):
            return f"{_operand(target)}[*]{_write(body)}"
        case ast.Call(name, args, expand):
            return f"{name}({_list(args)}{'...' if expand else ''})"


def _operand(expr: ast.Expr, *, stronger_than: int = _STRONGEST) -> str:
    """Write an operand, in parentheses where it would otherwise bind differently."""
    text = _write(expr)
    return f"({text})" if _strength(expr) <= stronger_than else text


def _strength(expr: ast.Expr) -> int:
    match expr:
        case ast.Conditional():
            return 0
        case ast.Binary(operator):
            return _STRENGTH.get(operator, _STRONGEST)
        case _:
            return _STRONGEST + 1


def _operation(expr: ast.Unary | ast.Binary | ast.Conditional) -> str:
    match expr:
        case ast.Unary(operator, operand):
            return f"{operator}{_operand(operand)}"
        case ast.Binary(operator, left, right):
            strength = _strength(expr)
            before = _operand(left, stronger_than=strength - 1)
            return f"{before} {operator} {_operand(right, stronger_than=strength)}"
        case ast.Conditional(condition, then, otherwise):
            return f"{_operand(condition, stronger_than=0)} ? {_write(then)} : {_write(otherwise)}"


def _template(expr: ast.Expr) -> str:
    """Write a template's content, without the quotes around it."""
    match expr:
        case ast.Literal(str() as text):
            return quote(text)[1:-1]
        case ast.TemplateExpr(parts):
            return "".join(_template(part) for part in parts[:_ENOUGH])
        case ast.TemplateIf(condition, then, otherwise):
            rest = "" if otherwise is None else f"%{{ else }}{_template(otherwise)}"
            return f"%{{ if {_write(condition)} }}{_template(then)}{rest}%{{ endif }}"
        case ast.TemplateFor(key_name, value_name, collection, body):
            names = value_name if key_name is None else f"{key_name}, {value_name}"
            return f"%{{ for {names} in {_write(collection)} }}{_template(body)}%{{ endfor }}"
        case _:
            return f"${{{_write(expr)}}}"


def _for(expr: ast.For) -> str:
    names = expr.value_name if expr.key_name is None else f"{expr.key_name}, {expr.value_name}"
    condition = "" if expr.condition is None else f" if {_write(expr.condition)}"
    intro = f"for {names} in {_write(expr.collection)} :"
    if expr.key is None:
        return f"[{intro} {_write(expr.value)}{condition}]"
    grouping = "..." if expr.grouping else ""
    return f"{{{intro} {_write(expr.key)} => {_write(expr.value)}{grouping}{condition}}}"
