"""What the parser makes of HCL: structure, precedence, places, comments."""

import dataclasses
from collections.abc import Iterator

import pytest

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse, parse_expression


def shape(node: object) -> object:
    """Return a node as nested tuples without its places."""
    if isinstance(node, tuple):
        return tuple(shape(item) for item in node)
    if not dataclasses.is_dataclass(node):
        return node
    names = [item.name for item in dataclasses.fields(node) if item.name != "span"]
    return (type(node).__name__, *(shape(getattr(node, name)) for name in names))


def grouped(node: ast.Expr) -> str:  # noqa: C901 - one case for each node
    """Return operators with every group in parentheses."""
    match node:
        case ast.Binary(operator, left, right):
            return f"({grouped(left)} {operator} {grouped(right)})"
        case ast.Unary(operator, operand):
            return f"({operator}{grouped(operand)})"
        case ast.Conditional(condition, then, otherwise):
            return f"({grouped(condition)} ? {grouped(then)} : {grouped(otherwise)})"
        case ast.Name(name):
            return name
        case ast.Literal(value):
            return str(value)
        case ast.Attr(target, name):
            return f"{grouped(target)}.{name}"
        case ast.Index(target, key):
            return f"{grouped(target)}[{grouped(key)}]"
        case ast.Splat(target, body):
            return f"splat({grouped(target)}, {grouped(body)})"
        case ast.SplatItem():
            return "@"
        case ast.Call(name, args, expand):
            return f"{name}({', '.join(grouped(arg) for arg in args)}{'...' if expand else ''})"
        case _:
            return type(node).__name__


def nodes(node: object) -> Iterator[object]:
    """Return a node and all nodes in it."""
    if isinstance(node, tuple):
        for item in node:
            yield from nodes(item)
    elif dataclasses.is_dataclass(node) and not isinstance(node, ast.Span):
        yield node
        for item in dataclasses.fields(node):
            yield from nodes(getattr(node, item.name))


def read(text: str) -> ast.SourceFile:
    return parse("main.tf", text.encode())


def value(text: str) -> ast.Expr:
    return read(f"x = {text}\n").body.attributes[0].value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 * 2 + 3", "((1 * 2) + 3)"),
        ("8 - 4 - 2", "((8 - 4) - 2)"),
        ("8 / 4 % 3", "((8 / 4) % 3)"),
        ("a || b && c == d < e + f", "(a || (b && (c == (d < (e + f)))))"),
        ("a == b != c", "((a == b) != c)"),
        ("(a || b) && c", "((a || b) && c)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a == 1 ? b + 1 : !c", "((a == 1) ? (b + 1) : (!c))"),
        ("!!a", "(!(!a))"),
        ("- -a", "(-(-a))"),
        ("!a.b == c", "((!a.b) == c)"),
        ("a -12", "(a - 12)"),
        ("a-12", "a-12"),
        ("-12", "(-12)"),
        ("a - -1", "(a - (-1))"),
        ("f(-1, [2])", "f((-1), TupleExpr)"),
        ("a[-1]", "a[(-1)]"),
        ("1.5e3 + 2E-1", "(1500.0 + 0.2)"),
        ("a.b.0.c[1].d", "a.b.0.c[1].d"),
        ("a.0.1", "a.0.1"),
        ("a[*].b[0].c", "splat(a, @.b[0].c)"),
        ("a.*.b.c[0].d", "splat(a, @.b.c)[0].d"),
        ("a.*", "splat(a, @)"),
        ("a[*]", "splat(a, @)"),
        ("f(a, b...)", "f(a, b...)"),
        ("f()", "f()"),
        ("f(a,)", "f(a)"),
        ("core::max(a)", "core::max(a)"),
        ("provider::aws::arn_parse(a).x", "provider::aws::arn_parse(a).x"),
        ("größe.名前", "größe.名前"),
        ("a.for.in.if.null", "a.for.in.if.null"),
        ("(a\n  .b\n  .c)", "a.b.c"),
        ("f(a,\n  b\n)", "f(a, b)"),
        ("(a\n  && b\n  || c)", "((a && b) || c)"),
        ("(a\n  ? b\n  : c\n)", "(a ? b : c)"),
        ("a /* why */ + /* because\n */ b // end", "(a + b)"),
        ('"${a}"', "a"),
        ('"${\n a\n}"', "a"),
        ('"${a ? "x" : "${b}"}"', "(a ? x : b)"),
    ],
)
def test_expression(text: str, expected: str) -> None:
    assert grouped(value(text)) == expected


def test_collections_with_every_separator() -> None:
    text = '{ a = 1, b: 2\n  "c" = 3,\n  (d) = 4\n  (e.f): 5\n  for_each = 6, if = 7, null = 8, true = 9\n}'
    node = value(text)
    assert isinstance(node, ast.ObjectExpr)
    keys = [shape(item.key) for item in node.items]
    assert keys[:3] == [("Literal", key) for key in "abc"]
    assert keys[3:5] == [("Name", "d"), ("Attr", ("Name", "e"), "f")]
    assert keys[5:] == [("Literal", key) for key in ("for_each", "if", "null", "true")]
    assert [shape(item.value) for item in node.items] == [("Literal", number) for number in range(1, 10)]


@pytest.mark.parametrize(
    ("text", "count"),
    [("[]", 0), ("[1, 2]", 2), ("[1, 2,]", 2), ("[\n  1,\n  # two\n  2,\n]", 2), ("[1,\n 2\n]", 2)],
)
def test_tuples(text: str, count: int) -> None:
    node = value(text)
    assert isinstance(node, ast.TupleExpr)
    assert [shape(item) for item in node.items] == [("Literal", 1), ("Literal", 2)][:count]


@pytest.mark.parametrize(
    "text",
    [
        "{for k, v in c : k => v... if v}",
        "{\n  for k, v in c :\n  k\n  =>\n  v...\n  if v\n}",
        "{ # all\n  for k, v in c : k => v... if v\n}",
    ],
)
def test_for_object(text: str) -> None:
    name = {letter: ("Name", letter) for letter in "ckv"}
    assert shape(value(text)) == ("For", "k", "v", name["c"], name["k"], name["v"], True, name["v"])


def test_for_tuple() -> None:
    node = value("[for x in if_a : x.if if x != null]")
    assert isinstance(node, ast.For)
    assert (node.key_name, node.value_name, node.key, node.grouping) == (None, "x", None, False)
    assert node.condition is not None
    assert (grouped(node.collection), grouped(node.value)) == ("if_a", "x.if")
    assert grouped(node.condition) == "(x != None)"


def test_blocks_and_labels() -> None:
    text = """
    resource "a" b /* c */ "d" {
      for_each = x
      in { for = 1 }
      empty {}
    }
    provisioner "local-exec" { command = "x" }
    """
    resource, provisioner = read(text).body.blocks
    assert (resource.type, resource.labels) == ("resource", ("a", "b", "d"))
    assert [item.name for item in resource.body.attributes] == ["for_each"]
    assert [block.type for block in resource.body.blocks] == ["in", "empty"]
    assert resource.body.blocks[0].body.attributes[0].name == "for"
    assert provisioner.labels == ("local-exec",)
    assert grouped(provisioner.body.attributes[0].value) == "x"


def test_legacy_syntax() -> None:
    text = 'module m {\n  source = "./m"\n  vars {\n    a = "${var.x}"\n    b = "${map("k", "v")}"\n  }\n}\n'
    (block,) = read(text).body.blocks
    (nested,) = block.body.blocks
    assert block.labels == ("m",)
    assert [grouped(item.value) for item in nested.body.attributes] == ["var.x", "map(k, v)"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_line_endings_and_byte_order_mark(ending: str) -> None:
    lines = ["a = 1", "b {", "  c = <<DOC", "x", "DOC", "}"]
    source = parse("main.tf", b"\xef\xbb\xbf" + (ending or "\n").join(lines).encode() + ending.encode())
    assert source.text.startswith("a = 1")
    assert source.body.attributes[0].span == ast.Span(1, 1, 0, 5, 1)
    assert source.body.blocks[0].span.line == 2
    assert source.body.blocks[0].span.end_line == 6


def test_comments_are_collected_with_their_lines() -> None:
    text = """# ssm-harden:skip=PREF-07 we use ours
a = "# no" // yes
b = <<DOC
# no ${x /* inside */}
DOC
/* two
   lines */ c = 1 # end"""
    assert [(comment.line, comment.text) for comment in read(text).comments] == [
        (1, "ssm-harden:skip=PREF-07 we use ours"),
        (2, "yes"),
        (4, "inside"),
        (6, "two\n   lines"),
        (7, "end"),
    ]


PLACES = (
    "\n"
    'resource "a" "b" {   # comment\n'
    "  sum = 1 + x.y[0]  // trailing blanks and a comment\n"
    "\n"
    "  neg  = ! -z   # more\n"
    '  call = f(a, "t ${u + v} w")   \n'
    "  doc  = <<-DOC\n"
    "    text ${jsonencode({ k = m.n })}\n"
    "    DOC   \n"
    "  cond = (p\n"
    "    ? q : r)\n"
    "  list = [for i in j : i.k if i]\n"
    "  nested { s = t.*.u[0] }\n"
    "}\n"
)


def test_places_are_exact() -> None:
    source = read(PLACES)
    texts = {source.text[span.start : span.end] for span in spans(source.body)}
    expected = {
        "sum = 1 + x.y[0]",
        "1 + x.y[0]",
        "x.y[0]",
        "! -z",
        "-z",
        'f(a, "t ${u + v} w")',
        '"t ${u + v} w"',
        "u + v",
        "<<-DOC\n    text ${jsonencode({ k = m.n })}\n    DOC",
        "k = m.n",
        "(p\n    ? q : r)",
        "[for i in j : i.k if i]",
        "t.*.u[0]",
        "nested { s = t.*.u[0] }",
    }
    assert expected - texts == set()
    exempt = (ast.Body, ast.Literal)  # what lies between braces, and the text of templates
    strict = [node for node in nodes(source.body) if not isinstance(node, exempt)]
    assert [text for text in map(source.text.__getitem__, slices(strict)) if text != text.strip()] == []


def spans(node: object) -> list[ast.Span]:
    found = [getattr(inner, "span", None) for inner in nodes(node)]
    return [span for span in found if isinstance(span, ast.Span)]


def slices(found: list[object]) -> list[slice]:
    return [slice(span.start, span.end) for node in found for span in spans(node)[:1]]


def test_lines_and_columns() -> None:
    source = read(PLACES)
    for span in spans(source.body):
        before = source.text[: span.start]
        assert span.line == before.count("\n") + 1
        assert span.column == span.start - (before.rfind("\n") + 1) + 1
        assert span.end_line == source.text.count("\n", 0, max(span.start, span.end - 1)) + 1


def test_an_expression_begins_on_its_line() -> None:
    node = parse_expression("a +\n  b.c", "f.tf", line=7)
    assert isinstance(node, ast.Binary)
    assert (node.span.line, node.right.span.line, node.right.span.column) == (7, 8, 3)
    with pytest.raises(UnreadableError) as caught:
        parse_expression("a +\n )", "f.tf", line=7)
    assert (caught.value.file, caught.value.line) == ("f.tf", 8)
