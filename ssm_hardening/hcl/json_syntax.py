"""Terraform's JSON syntax (`.tf.json`, `.tofu.json`, `.tfvars.json`) as the same syntax tree.

Which members are blocks follows from the top-level names; inside a body, objects and arrays stay expressions
(attributes), because only the provider's schema could tell an argument from a nested block.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from json import JSONDecodeError, JSONDecoder

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import expression_of, template_of
from ssm_hardening.hcl.tokens import SourceText

_BLANKS = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_DECODER = JSONDecoder()
_LONGEST_NUMBER = 400
_MAX_DEPTH = 100
"""Objects and arrays inside each other (reading them recurses)."""
_COMMENT = "//"

_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "check": 1,
    "locals": 0,
    "terraform": 0,
    "moved": 0,
    "import": 0,
    "removed": 0,
}
"""How many levels of names each top-level block has."""

_TRAVERSALS = frozenset({"provider", "providers", "depends_on"})
"""Arguments of blocks whose strings name objects (`"aws.west"`) instead of being templates."""


@dataclass(slots=True)
class _Reader:
    """Reads one text; `literal` is set for `.tfvars.json`, where strings are no templates."""

    source: SourceText
    literal: bool
    position: int = 0
    depth: int = 0
    comments: list[ast.Comment] = field(default_factory=list)

    def document(self) -> ast.Expr:
        node = self.value()
        if self._peek():
            raise self._unexpected()
        return node

    def value(self) -> ast.Expr:
        character = self._peek()
        if character == "{":
            return self._object()
        if character == "[":
            return self._array()
        return self._text() if character == '"' else self._word()

    def _peek(self) -> str:
        """Skip blanks and return the character that follows; empty at the end."""
        found = _BLANKS.match(self.source.text, self.position)
        self.position = found.end() if found else self.position
        return self.source.text[self.position : self.position + 1]

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise self._unexpected(f", expected `{wanted}`")
        self.position += 1

    def _unexpected(self, where: str = "") -> UnreadableError:
        found = self._peek()
        return self.source.broken(self.position, f"unexpected `{found}`{where}" if found else "unexpected end of file")

    def _members(self, closer: str) -> Iterator[None]:
        """Walk over the members of an object or array; the caller reads each one."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            reason = f"nested more than {_MAX_DEPTH} levels deep"
            raise UnreadableError(
                self.source.path, self.source.line(self.position), reason, hint="split the value into local values"
            )
        self.position += 1
        first = True
        while self._peek() != closer:
            if not first:
                self._take(",")
            first = False
            yield
        self.position += 1
        self.depth -= 1

    def _object(self) -> ast.ObjectExpr:
        start = self.position
        items: list[ast.ObjectItem] = []
        for _ in self._members("}"):
            item = self._item()
            if not (isinstance(item.key, ast.Literal) and item.key.value == _COMMENT):
                items.append(item)
            elif isinstance(item.value, ast.Literal):
                self.comments.append(ast.Comment(item.value.span.line, str(item.value.value)))
        return ast.ObjectExpr(tuple(items), self.source.span(start, self.position))

    def _array(self) -> ast.TupleExpr:
        start = self.position
        items = tuple(self.value() for _ in self._members("]"))
        return ast.TupleExpr(items, self.source.span(start, self.position))

    def _item(self) -> ast.ObjectItem:
        if self._peek() != '"':
            raise self._unexpected(", expected a key")
        start = self.position
        key = self._text()
        self._take(":")
        value = self.value()
        return ast.ObjectItem(key, value, self.source.span(start, value.span.end))

    def _text(self) -> ast.Expr:
        start = self.position
        try:
            text, self.position = _DECODER.raw_decode(self.source.text, start)
        except JSONDecodeError as error:
            raise self.source.broken(error.pos, f"invalid string: {error.msg}") from error
        text = _SURROGATE.sub("\ufffd", text)
        span = self.source.span(start, self.position)
        if self.literal or ("${" not in text and "%{" not in text):
            return ast.Literal(text, span)
        return self._template(text, span)

    def _template(self, text: str, span: ast.Span) -> ast.Expr:
        """Read a template; where the text has escapes, its parts stand where the whole string stands."""
        node = template_of(SourceText(self.source.path, text, pinned=span))
        return replace(node, span=span)

    def _word(self) -> ast.Literal:
        found = _WORD.match(self.source.text, self.position)
        if found is None:
            raise self._unexpected()
        if len(found[0]) > _LONGEST_NUMBER:
            raise self.source.broken(self.position, "the number has too many digits")
        self.position = found.end()
        return ast.Literal(_constant(found[0]), self.source.span(found.start(), found.end()))


def _constant(text: str) -> bool | int | float | None:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    try:
        return int(text)
    except ValueError:
        return float(text)


def parse_json(path: str, text: str) -> ast.SourceFile:
    """Read a text in the JSON syntax."""
    source = SourceText(path, text)
    variables = path.endswith(".tfvars.json")
    reader = _Reader(source, literal=variables)
    document = reader.document()
    body = _Structure(source).variables(document) if variables else _Structure(source).file(document)
    return ast.SourceFile(path, text, body, tuple(reader.comments))


@dataclass(frozen=True, slots=True)
class _Structure:
    """Blocks and attributes out of nested objects."""

    source: SourceText

    def variables(self, document: ast.Expr) -> ast.Body:
        body = self._body(document)
        self.source.refuse_twice(body.attributes)
        return body

    def file(self, document: ast.Expr) -> ast.Body:
        blocks: list[ast.Block] = []
        for item in self._members(document):
            kind = self._name(item.key)
            if kind not in _LABELS:
                raise self.source.broken(item.span.start, f"`{kind}` is not a top-level block type")
            blocks.extend(self._blocks(kind, (), item, _LABELS[kind]))
        return ast.Body((), tuple(blocks), document.span)

    def _members(self, node: ast.Expr) -> Iterator[ast.ObjectItem]:
        """Yield the members of an object, or of each object of an array; null stands for no block."""
        match node:
            case ast.ObjectExpr(items):
                yield from items
            case ast.TupleExpr(nodes):
                for inner in nodes:
                    yield from self._members(inner)
            case ast.Literal(None):
                return
            case _:
                raise self.source.broken(node.span.start, "expected an object")

    def _name(self, key: ast.Expr) -> str:
        if isinstance(key, ast.Literal):
            return str(key.value)
        raise self.source.broken(key.span.start, "a name must be plain text")

    def _blocks(self, kind: str, labels: tuple[str, ...], item: ast.ObjectItem, levels: int) -> Iterator[ast.Block]:
        if levels:
            for member in self._members(item.value):
                yield from self._blocks(kind, (*labels, self._name(member.key)), member, levels - 1)
            return
        bodies = item.value.items if isinstance(item.value, ast.TupleExpr) else (item.value,)
        for body in bodies:
            if not (isinstance(body, ast.Literal) and body.value is None):
                yield ast.Block(kind, labels, self._body(body), item.span)

    def _body(self, node: ast.Expr) -> ast.Body:
        attributes = tuple(self._attribute(item) for item in self._members(node))
        return ast.Body(attributes, (), node.span)

    def _attribute(self, item: ast.ObjectItem) -> ast.Attribute:
        name = self._name(item.key)
        value = self._traversals(item.value) if name in _TRAVERSALS else item.value
        return ast.Attribute(name, value, item.span)

    def _traversals(self, node: ast.Expr) -> ast.Expr:
        match node:
            case ast.Literal(str() as text, span):
                pinned = SourceText(self.source.path, text, pinned=span)
                return expression_of(pinned)
            case ast.TupleExpr(items):
                return replace(node, items=tuple(self._traversals(item) for item in items))
            case ast.ObjectExpr(members):
                changed = (replace(item, value=self._traversals(item.value)) for item in members)
                return replace(node, items=tuple(changed))
            case _:
                return node
