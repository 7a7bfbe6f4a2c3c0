"""The pieces of a template to one expression: strip markers, heredoc indentation, directives.

The order is Terraform's: strip markers act on the neighbouring piece of text only (one line at most), then
`<<-` takes the common indentation away, then neighbouring texts are joined.
"""

import re
from dataclasses import dataclass, field, replace

from ssm_hardening.hcl.ast import Expr, Literal, TemplateExpr, TemplateFor, TemplateIf
from ssm_hardening.hcl.tokens import SourceText


@dataclass(slots=True)
class Text:
    """Literal text, at most one line of it in raw templates."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hole:
    """`${ expression }`; the flags are the strip markers."""

    value: Expr
    start: int
    end: int
    strip_before: bool
    strip_after: bool


@dataclass(frozen=True, slots=True)
class Directive:
    """`%{ word … }`; `value` is the condition or the collection, `names` those of a `for`."""

    word: str
    value: Expr | None
    names: tuple[str, ...]
    start: int
    end: int
    strip_before: bool
    strip_after: bool


Piece = Text | Hole | Directive


@dataclass(slots=True)
class _Open:
    """A sequence being filled: the template itself, or a part of a directive that is still open."""

    opener: Directive | None
    start: int
    parts: list[Expr] = field(default_factory=list)
    pending: list[Text] = field(default_factory=list)
    then: TemplateExpr | None = None


def assemble(source: SourceText, opening: str, pieces: list[Piece], start: int, end: int) -> Expr:
    """Return the expression that a template is. `opening` is `"`, `<<`, `<<-`, or empty for a whole text."""
    _strip(pieces)
    if opening == "<<-":
        _take_indentation(pieces)
    heredoc = opening.startswith("<<")
    if not heredoc and len(pieces) == 1 and isinstance(pieces[0], Hole):
        only = pieces[0].value
        return replace(only, span=source.span(start, end))
    parts = _nest(source, pieces, start)
    if not heredoc and all(isinstance(part, Literal) for part in parts):
        text = "".join(piece.value for piece in pieces if isinstance(piece, Text))
        if all(isinstance(piece, Text) for piece in pieces):
            return Literal(text, source.span(start, end))
    return TemplateExpr(tuple(parts), source.span(start, end), heredoc=heredoc)


def _strip(pieces: list[Piece]) -> None:
    for index, piece in enumerate(pieces):
        if isinstance(piece, Text):
            continue
        before = pieces[index - 1] if index else None
        after = pieces[index + 1] if index + 1 < len(pieces) else None
        if piece.strip_before and isinstance(before, Text):
            before.value = before.value.rstrip()
        if piece.strip_after and isinstance(after, Text):
            after.value = after.value.lstrip()


def _take_indentation(pieces: list[Piece]) -> None:
    """Take the indentation that all lines share away; blank lines have no say in it."""
    firsts = _line_starts(pieces)
    indented = [piece for piece in firsts if isinstance(piece, Text) and not _is_blank_line(piece.value)]
    widths = [len(piece.value) - len(piece.value.lstrip()) for piece in indented]
    if any(not isinstance(piece, Text) for piece in firsts):
        widths.append(0)
    width = min(widths, default=0)
    for piece in indented:
        piece.value = piece.value[width:]


def _line_starts(pieces: list[Piece]) -> list[Piece]:
    starts: list[Piece] = []
    fresh = True
    for piece in pieces:
        if fresh:
            starts.append(piece)
            fresh = False
        if isinstance(piece, Text) and piece.value.endswith("\n"):
            fresh = True
    return starts


def _is_blank_line(text: str) -> bool:
    return text.endswith("\n") and not text.strip()


def _nest(source: SourceText, pieces: list[Piece], start: int) -> list[Expr]:
    stack = [_Open(None, start)]
    for piece in pieces:
        match piece:
            case Text():
                stack[-1].pending.append(piece)
            case Hole(value):
                _flush(source, stack[-1])
                stack[-1].parts.append(value)
            case Directive():
                _flush(source, stack[-1])
                _direct(source, stack, piece)
    _flush(source, stack[-1])
    if stack[-1].opener is not None:
        word = stack[-1].opener.word
        raise source.broken(stack[-1].opener.start, f"`%{{ {word} }}` is not closed with `%{{ end{word} }}`")
    return stack[0].parts


def _flush(source: SourceText, sequence: _Open) -> None:
    """Join the texts that wait into one literal."""
    value = "".join(text.value for text in sequence.pending)
    if value:
        span = source.span(sequence.pending[0].start, sequence.pending[-1].end)
        sequence.parts.append(Literal(value, span))
    sequence.pending.clear()


MAX_DIRECTIVES = 50
"""Directives inside directives."""


def _direct(source: SourceText, stack: list[_Open], directive: Directive) -> None:
    opener = stack[-1].opener
    if directive.word in {"if", "for"}:
        if len(stack) > MAX_DIRECTIVES:
            raise source.broken(directive.start, f"directives are nested more than {MAX_DIRECTIVES} levels deep")
        stack.append(_Open(directive, directive.end))
    elif opener is None or (directive.word == "else") > (opener.word == "if" and stack[-1].then is None):
        raise source.broken(directive.start, f"`%{{ {directive.word} }}` has no matching directive")
    elif directive.word == "else":
        stack[-1].then = _body(source, stack[-1], directive.start)
        stack[-1].start, stack[-1].parts = directive.end, []
    elif directive.word == f"end{opener.word}":
        closed = stack.pop()
        stack[-1].parts.append(_close(source, closed, opener, directive))
    else:
        raise source.broken(directive.start, f"`%{{ {directive.word} }}` closes `%{{ {opener.word} }}`")


def _body(source: SourceText, sequence: _Open, end: int) -> TemplateExpr:
    return TemplateExpr(tuple(sequence.parts), source.span(sequence.start, end))


def _close(source: SourceText, closed: _Open, opener: Directive, closing: Directive) -> TemplateIf | TemplateFor:
    body = _body(source, closed, closing.start)
    span = source.span(opener.start, closing.end)
    if opener.value is None:
        raise source.broken(opener.start, f"`%{{ {opener.word} }}` has no expression")
    if opener.word == "for":
        key_name = opener.names[0] if len(opener.names) > 1 else None
        return TemplateFor(key_name, opener.names[-1], opener.value, body, span)
    if closed.then is None:
        return TemplateIf(opener.value, body, None, span)
    return TemplateIf(opener.value, closed.then, body, span)


_ESCAPE = re.compile(r"\\(?:([nrt\"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\$\$\{|%%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = "\ufffd"


def decode_quoted(text: str) -> str:
    """Resolve the escapes of a quoted string: backslashes, `$${` and `%%{`."""
    return _ESCAPE.sub(_resolve, text) if "\\" in text or "{" in text else text


def decode_raw(text: str) -> str:
    """Resolve the escapes of raw template text: `$${` and `%%{` only."""
    return text.replace("$${", "${").replace("%%{", "%{")


def _resolve(found: re.Match[str]) -> str:
    simple, short, long = found.groups()
    if simple is not None:
        return _SIMPLE[simple]
    digits = short or long
    return found[0][1:] if digits is None else _character(int(digits, 16))


def _character(code: int) -> str:
    """Return the character, or the replacement character where there is none (as Terraform does)."""
    return _REPLACEMENT if code > _LAST_CODE_POINT or code in _SURROGATES else chr(code)
