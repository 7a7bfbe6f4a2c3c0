"""Values to HCL text and back; expressions as short text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse, parse_expression
from ssm_hardening.hcl.writing import Encodable, describe, encode, quote

AWKWARD = ["$", "%", "{", "}", "${", "%{", "$${", '"', "\\", "\n", "\r", "\0", "a", "~", "\u2028", "\ufeff"]
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.sampled_from(AWKWARD)).map("".join)


def plain(node: ast.Expr) -> object:
    """Return the plain value that a tree of literals stands for."""
    match node:
        case ast.Literal(value):
            return value
        case ast.Unary("-", ast.Literal(int() | float() as number)):
            return -number
        case ast.TupleExpr(items):
            return [plain(item) for item in items]
        case ast.ObjectExpr(items):
            return {plain(item.key): plain(item.value) for item in items}
        case _:
            raise AssertionError(describe(node))


@settings(deadline=None)
@given(TEXT)
def test_quoted_text_comes_back(text: str) -> None:
    node = parse_expression(quote(text), "x.tf")
    assert isinstance(node, ast.Literal)
    assert node.value == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('x"\n}', r'"x\"\n}"'),
        ('${file("/etc/passwd")}', r'"$${file(\"/etc/passwd\")}"'),
        ("%{ if true }", '"%%{ if true }"'),
        ("$${x}", '"$$${x}"'),
        ("\b\f\0", r'"\u0008\u000c\u0000"'),
        ("ä 😀", '"ä 😀"'),
    ],
)
def test_quote(text: str, expected: str) -> None:
    assert quote(text) == expected


VALUES: st.SearchStrategy[Encodable] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES)
def test_encoded_values_come_back(value: Encodable) -> None:
    (attribute,) = parse("x.tf", f"x = {encode(value)}\n".encode()).body.attributes
    assert plain(attribute.value) == value


ENCODED = """{
  a = 1
  b-c = [
    true,
    null,
  ]
  "d e" = {}
  "for" = []
  f = {
    g = "h"
  }
}"""


def test_encode_is_laid_out_for_people() -> None:
    value: Encodable = {"a": 1, "b-c": (True, None), "d e": {}, "for": [], "f": {"g": "h"}}
    assert encode(value) == ENCODED
    assert encode(["a"], indent=4) == '[\n      "a",\n    ]'


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_encode_refuses_what_hcl_cannot_say(number: float) -> None:
    with pytest.raises(ValueError, match="no form in HCL"):
        encode(number)


@pytest.mark.parametrize(
    "text",
    [
        "aws_s3_bucket.logs[0].arn",
        'lookup(var.a, "b", null)',
        "(a + b) * c",
        "a - (b - c)",
        "a || b && !c",
        "(a || b) && c",
        "(a ? b : c) ? d : e",
        "a[*].b[0].c",
        "(a + b)[0]",
        "merge(a, b...)",
        '{ a = 1, "b c" = [true], (d) = -2 }',
        "[for k, v in a : v if k != 1.5]",
        "{for k, v in a : k => v... if v}",
        '"a $${b} ${c.d} %{ if e }f%{ else }g%{ endif }%{ for h in i }${h}%{ endfor }"',
        "{}",
        "[]",
    ],
)
def test_describe_writes_what_was_read(text: str) -> None:
    assert describe(parse_expression(text, "x.tf")) == text


def test_describe_is_short() -> None:
    members = "".join(f"  key_{number} = var.v\n" for number in range(99))
    text = describe(parse_expression(f"jsonencode({{\n{members}}})", "x.tf"))
    assert text.startswith("jsonencode({ key_0 = var.v, key_1")
    assert len(text) == 80
    assert text.endswith("…")
