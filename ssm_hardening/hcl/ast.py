"""The syntax tree of HCL: what a file says, before anything is evaluated.

Plain frozen nodes. Every node has a `Span`: its line and column (from 1) and its character offsets in
`SourceFile.text`, `end` exclusive and exact (no trailing blanks or comments), so that edits can keep the rest
of the file as it is.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text: line and column from 1, offsets in characters, `end` exclusive."""

    line: int
    column: int
    start: int
    end: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, boolean, null or a quoted string without interpolation (escapes already resolved)."""

    value: str | bool | int | float | None
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateExpr:
    """A quoted string with interpolations, or any heredoc.

    `parts` are literals (text) and expressions, in order; directives are `TemplateIf` and `TemplateFor`.
    A string that is one interpolation only (`"${x}"`) is not a template: the parser returns `x`.
    Text is final: escapes resolved, heredoc indentation (`<<-`) and strip markers (`~`) applied.
    """

    parts: tuple["Expr", ...]
    span: Span
    heredoc: bool = False


@dataclass(frozen=True, slots=True)
class TemplateIf:
    """`%{ if condition }then%{ else }otherwise%{ endif }`."""

    condition: "Expr"
    then: TemplateExpr
    otherwise: TemplateExpr | None
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateFor:
    """`%{ for key, value in collection }body%{ endfor }`."""

    key_name: str | None
    value_name: str
    collection: "Expr"
    body: TemplateExpr
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """The first word of a traversal: `var`, `local`, `aws_s3_bucket`, `each`, or a `for` variable."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Attr:
    """`target.name`; also the legacy index `target.0`, whose name is the digits."""

    target: "Expr"
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """`target[key]`."""

    target: "Expr"
    key: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class SplatItem:
    """The member that the body of a splat is about."""

    span: Span


@dataclass(frozen=True, slots=True)
class Splat:
    """`target[*].a[0]` is Splat(target, Index(Attr(SplatItem, a), 0)).

    The legacy form binds attributes only: `target.*.a[0]` is Index(Splat(target, Attr(SplatItem, a)), 0).
    """

    target: "Expr"
    body: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; `expand` is true where the last argument is followed by `...`."""

    name: str
    args: tuple["Expr", ...]
    expand: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` or `!x`."""

    operator: str
    operand: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison and logic, with Terraform's precedence already applied."""

    operator: str
    left: "Expr"
    right: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class TupleExpr:
    """`[a, b]`."""

    items: tuple["Expr", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """`key = value` or `key: value`; a bare word as key is a Literal string, `(expr)` the expression."""

    key: "Expr"
    value: "Expr"
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectExpr:
    """`{ key = value, … }`."""

    items: tuple[ObjectItem, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class For:
    """`[for k, v in c : value if condition]`, or `{for … : key => value...}` where `key` is not None."""

    key_name: str | None
    value_name: str
    collection: "Expr"
    key: "Expr | None"
    value: "Expr"
    grouping: bool
    condition: "Expr | None"
    span: Span


Expr: TypeAlias = (
    Literal
    | TemplateExpr
    | TemplateIf
    | TemplateFor
    | Name
    | Attr
    | Index
    | SplatItem
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | TupleExpr
    | ObjectExpr
    | For
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = value` in a body."""

    name: str
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" … { body }`; unquoted labels are accepted too."""

    type: str
    labels: tuple[str, ...]
    body: "Body"
    span: Span


@dataclass(frozen=True, slots=True)
class Body:
    """The content of a block or of a file, each list in source order."""

    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment without its marker (`#`, `//` or `/* */`), and the line it stands on."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its text as decoded (without a byte order mark), its body and its comments."""

    path: str
    text: str
    body: Body
    comments: tuple[Comment, ...]
