"""The words of HCL: patterns, token types (named as in python-hcl2's grammar) and open brackets."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

MAX_DEPTH = 200
"""Brackets, templates, operators and accesses on the way from a file to its innermost expression."""

MAX_TOKENS = 400_000
"""A megabyte of ordinary code has 300,000; more of them would take longer than anybody waits."""

_NAME = r"[^\W\d][\w-]*"
CODE = re.compile(
    rf"""[ \t\r]*(?:
      (?P<newline>\n)
    | (?P<line_comment>(?:\#|//)[^\n]*)
    | (?P<block_comment>/\*)
    | (?P<name>{_NAME}(?:::{_NAME})*)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<quote>")
    | (?P<heredoc><<-?{_NAME}(?:\.[\w.-]*)?[ \t]*\r?\n)
    | (?P<splat>\[[ \t]*\*[ \t]*\]|\.\*)
    | (?P<opening>[(\[{{])
    | (?P<closing>~?\}}|[)\]])
    | (?P<operator>&&|\|\||==|!=|<=|>=|=>|\.\.\.|[-+*/%<>!?:=.,])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
DIGITS = re.compile(r"[ \t\r]*(?P<number>[0-9]+)")
QUOTED = re.compile(
    r"""(?:[^"\\$%\n]++|\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\$\$\{|%%\{|\$(?!\{)|%(?!\{))++""",
)
RAW_LINE = re.compile(r"(?:[^$%\n]++|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*+\n?")
DIRECTIVE = re.compile(r"(?P<opening>%\{~?)\s*(?P<word>if|else|endif|for|endfor)\b")

OPERATORS = {
    "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE",
    "==": "DOUBLE_EQ",
    "!=": "NEQ",
    "<=": "LEQ",
    ">=": "GEQ",
    "<": "LT",
    ">": "GT",
    "=>": "FOR_OBJECT_ARROW",
    "...": "ELLIPSIS",
    "-": "MINUS",
    "+": "PLUS",
    "*": "ASTERISK",
    "/": "SLASH",
    "%": "PERCENT",
    "!": "NOT",
    "?": "QMARK",
    ":": "COLON",
    "=": "EQ",
    ".": "DOT",
    ",": "COMMA",
}
DEEPENING = frozenset({"&&", "||", "+", "-", "*", "/", "%", "?", "!"})
SEPARATING = frozenset({",", "=", "=>"})
INTERPOLATION = "${}"
"""Closes with `}` or `~}`."""
BRACKETS = {"(": ("LPAR", ")"), "[": ("LSQB", "]"), "{": ("LBRACE", "}")}
CLOSERS = {")": "RPAR", "]": "RSQB", "}": "RBRACE", "~}": "RBRACE"}
CLOSABLE = {")": (")",), "]": ("]",), "}": ("}", INTERPOLATION), "~}": (INTERPOLATION,)}
CONSTANTS = {"true": "TRUE", "false": "FALSE", "null": "NULL"}
OPERAND_ENDS = frozenset(
    {"NAME", "INT_LITERAL", "FLOAT_LITERAL", "TRUE", "FALSE", "NULL", "DBLQUOTE", "RPAR", "RSQB", "RBRACE"}
    | {"ATTR_SPLAT", "FULL_SPLAT_START"},
)


class Token(NamedTuple):
    """One word of the language; `value` is its final text (escapes resolved), `start:end` its place."""

    type: str
    start: int
    end: int
    value: str


class ForStage(Enum):
    """How far a frame is in a `for`: its names, then the rest; or no `for` at all."""

    PLAIN = auto()
    INTRO = auto()
    REST = auto()


@dataclass(slots=True)
class Frame:
    """An open bracket or template. `closer` is what ends it: a bracket, `"`, a heredoc's marker, or nothing."""

    closer: str
    start: int
    quiet: bool = False
    template: str = ""
    fresh: bool = True
    stage: ForStage = ForStage.PLAIN
    operators: int = 0
    accesses: int = 0
