"""HCL as our own syntax tree: the one door to the parser.

`parse` raises UnreadableError, and nothing else, for whatever cannot be read; it never guesses and never
skips. Only SsmHardenError can come beside it, where python-hcl2 itself is missing or has been overwritten.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import cast

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.grammar import tables
from ssm_hardening.hcl.lexing import Lexer
from ssm_hardening.hcl.tokens import SourceText

MAX_BYTES = limits.CODE
"""Larger files are refused: time must stay bounded."""

_SMALL = 16_384
_MOST_KEPT = 64
"""Texts of up to so many characters are kept parsed, the last ones read: memory must not grow with the repository."""
_MOST_LARGE = 1_500_000
"""Larger ones are kept as long as they have so many characters together."""


def parse(path: str, data: bytes) -> ast.SourceFile:
    """Read a `.tf`, `.tofu` or `.tfvars` file, or the `.json` form of one; `path` decides by its suffix."""
    text = _decode(path, data)
    with _collector_paused():
        if path.endswith(".json"):
            from ssm_hardening.hcl.json_syntax import parse_json  # noqa: PLC0415 - rare

            return parse_json(path, text)
        read = _kept if len(text) <= _SMALL else _kept_large
        try:
            body, comments = read(text)
        except UnreadableError as error:
            raise UnreadableError(path, error.line, error.reason, hint=error.hint) from error
        parsed = ast.SourceFile(path, text, body, comments)
    if path.endswith(".tfvars"):
        refuse_blocks(parsed)
    return parsed


def _read(text: str) -> tuple[ast.Body, tuple[ast.Comment, ...]]:
    source = SourceText("", text)
    lexer = Lexer(source)
    lexer.read_file()
    return _body(source, lexer), tuple(lexer.comments)


@lru_cache(maxsize=_MOST_KEPT)
def _kept(text: str) -> tuple[ast.Body, tuple[ast.Comment, ...]]:
    """Read a text once, in whatever files it stands: a remediation is read again in copies, with modules of ours."""
    return _read(text)


def _kept_large(text: str) -> tuple[ast.Body, tuple[ast.Comment, ...]]:
    """Read a large text once: what is found in it is edited in it."""
    found = _large.pop(text, None) or _read(text)
    _large[text] = found
    while sum(map(len, _large)) > _MOST_LARGE:
        del _large[next(iter(_large))]
    return found


_large: dict[str, tuple[ast.Body, tuple[ast.Comment, ...]]] = {}


def refuse_blocks(parsed: ast.SourceFile) -> None:
    """Raise UnreadableError where a file that gives values to variables holds a block."""
    for block in parsed.body.blocks[:1]:
        reason = "blocks are not allowed here; only variable values are"
        raise UnreadableError(parsed.path, block.span.line, reason, hint="write `name = value`")


def parse_expression(text: str, path: str, line: int = 1) -> ast.Expr:
    """Read a text that is one expression; `line` is the line of `path` it begins on."""
    return expression_of(SourceText(path, text, line))


def parse_template(text: str, path: str, line: int = 1) -> ast.Expr:
    """Read a whole text as a template with `${ }` and `%{ }`, as `templatefile` does."""
    return template_of(SourceText(path, text, line))


def expression_of(source: SourceText) -> ast.Expr:
    """Read a source that is one expression."""
    _refuse_large(source.path, len(source.text))
    lexer = Lexer(source)
    lexer.read_expression()
    return _body(source, lexer).attributes[0].value


def template_of(source: SourceText) -> ast.Expr:
    """Read a source that is one template."""
    _refuse_large(source.path, len(source.text))
    lexer = Lexer(source)
    lexer.read_template()
    return _body(source, lexer).attributes[0].value


def _body(source: SourceText, lexer: Lexer) -> ast.Body:
    return cast("ast.Body", tables().reduce(source, lexer.tokens))


def _decode(path: str, data: bytes) -> str:
    _refuse_large(path, len(data))
    if b"\0" in data:
        raise UnreadableError(path, 0, "the file is binary, not text", hint="remove or rename it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(path, line, "the file is not valid UTF-8", hint="save the file as UTF-8") from error


def _refuse_large(path: str, size: int) -> None:
    if size > MAX_BYTES:
        reason = f"the file has {size:,} bytes; the limit is {MAX_BYTES:,}"
        raise UnreadableError(path, 0, reason, hint="split the file")


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector: a tree that only grows gives it nothing to do."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
