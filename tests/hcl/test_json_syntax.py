"""Terraform's JSON syntax."""

import pytest

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.hcl.writing import describe

TEXT = """{
  "//": "ssm-harden:skip=PREF-07 ours",
  "resource": {
    "aws_ssm_document": {
      "prefs": {
        "//": "a note",
        "name": "${var.name}-\\u00e4",
        "count": 1,
        "provider": "aws.west",
        "depends_on": ["aws_s3_bucket.a", "module.b"],
        "tags": {"a": null, "b": [true, -1.5e1]},
        "literal": "$${x}"
      },
      "two": [{"name": "x"}, {"name": "y"}]
    }
  },
  "locals": [{"a": 1}, {"b": "${local.a}"}],
  "variable": {"name": {"default": "d"}},
  "module": {"m": {"source": "./m", "providers": {"aws": "aws.east"}}},
  "terraform": {"required_version": ">= 1.5"}
}
"""


def read(text: str, path: str = "main.tf.json") -> ast.SourceFile:
    return parse(path, text.encode())


def test_blocks_and_labels() -> None:
    blocks = read(TEXT).body.blocks
    assert [(block.type, *block.labels) for block in blocks] == [
        ("resource", "aws_ssm_document", "prefs"),
        ("resource", "aws_ssm_document", "two"),
        ("resource", "aws_ssm_document", "two"),
        ("locals",),
        ("locals",),
        ("variable", "name"),
        ("module", "m"),
        ("terraform",),
    ]


def test_attributes_are_expressions_on_their_lines() -> None:
    document, *_, module, _ = read(TEXT).body.blocks
    found = {item.name: (item.span.line, describe(item.value)) for item in document.body.attributes}
    assert found == {
        "name": (7, '"${var.name}-ä"'),
        "count": (8, "1"),
        "provider": (9, "aws.west"),
        "depends_on": (10, "[aws_s3_bucket.a, module.b]"),
        "tags": (11, "{ a = null, b = [true, -15.0] }"),
        "literal": (12, '"$${x}"'),
    }
    assert describe(module.body.attributes[1].value) == "{ aws = aws.east }"


def test_places_are_exact() -> None:
    source = read(TEXT)
    attribute = source.body.blocks[0].body.attributes[0]
    assert source.text[attribute.span.start : attribute.span.end] == '"name": "${var.name}-\\u00e4"'
    assert source.text[attribute.value.span.start : attribute.value.span.end] == '"${var.name}-\\u00e4"'


def test_comment_keys_are_comments() -> None:
    assert read(TEXT).comments == (
        ast.Comment(2, "ssm-harden:skip=PREF-07 ours"),
        ast.Comment(6, "a note"),
    )


def test_variables_are_no_templates() -> None:
    (attribute,) = read('{"a": "${not.read}"}', "x.auto.tfvars.json").body.attributes
    assert attribute.value == ast.Literal("${not.read}", attribute.value.span)


def test_a_key_given_twice_is_kept_twice() -> None:
    blocks = read('{"resource": {"a": {"b": {}}}, "resource": {"a": {"c": {}}}}').body.blocks
    assert [block.labels for block in blocks] == [("a", "b"), ("a", "c")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("[", 1),
        ('{"a"', 1),
        ('{"locals": {"a": 1,}}', 1),
        ('{"locals":\n {"a" 1}}', 2),
        ('{"locals": {"a": "b\n"}}', 1),
        ('{"locals": {"a": "\\q"}}', 1),
        ('{"locals": {\n"a": "${"}}', 2),
        ('{"locals": {\n"a": tru}}', 2),
        ('{"locals": 1}', 1),
        ('{"resource": {"a": "b"}}', 1),
        ('{"resources": {}}', 1),
        ('{"${a}": {}}', 1),
        ("{} {}", 1),
        ('{"resource": {"a": {"b": {"provider": "not a name"}}}}', 1),
    ],
)
def test_broken_json(text: str, line: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(text)
    assert caught.value.line == line
