"""A text of HCL and its words: places, patterns, token types (named as in python-hcl2's grammar), open brackets."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import NamedTuple

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl.ast import Attribute, Span

_NEWLINE = re.compile("\n")
BROKEN_HINT = "fix the syntax error (`terraform validate` shows such errors), then run again"


@dataclass(frozen=True)
class SourceText:
    """A text with its name; `first_line` is the line its first character stands on.

    `pinned` is set where offsets in the text say nothing about the file (a JSON string with escapes):
    everything read from it then stands at that one place.
    """

    path: str
    text: str
    first_line: int = 1
    pinned: Span | None = None

    @cached_property
    def _newlines(self) -> list[int]:
        return [found.start() for found in _NEWLINE.finditer(self.text)]

    def line(self, offset: int) -> int:
        """Return the line of an offset."""
        if self.pinned is not None:
            return self.pinned.line
        return self.first_line + bisect_left(self._newlines, offset)

    def span(self, start: int, end: int) -> Span:
        """Return the span from `start` to `end` (exclusive)."""
        if self.pinned is not None:
            return self.pinned
        newlines = self._newlines
        row = bisect_left(newlines, start)
        column = start - (newlines[row - 1] if row else -1)
        last_row = bisect_left(newlines, max(start, end - 1))
        return Span(self.first_line + row, column, start, end, self.first_line + last_row)

    def refuse_twice(self, attributes: Sequence[Attribute]) -> None:
        """Raise where one body sets an argument twice: which of the two counts, Terraform does not say."""
        first: dict[str, int] = {}
        for attribute in attributes:
            if attribute.name in first:
                reason = f"`{attribute.name}` is set more than once; it is already set on line {first[attribute.name]}"
                raise self.broken(attribute.span.start, reason)
            first[attribute.name] = attribute.span.line

    def broken(self, offset: int, reason: str) -> UnreadableError:
        """Return the error for text that is not HCL."""
        return UnreadableError(self.path, self.line(offset), reason, hint=BROKEN_HINT)


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
