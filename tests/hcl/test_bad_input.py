"""Whatever a file holds, the answer is a tree or an UnreadableError that names file and line."""

import json
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssm_hardening.core.errors import UnreadableError
from ssm_hardening.hcl.syntax import MAX_BYTES, parse, parse_expression, parse_template
from ssm_hardening.hcl.writing import describe

DEEP = 10_000


def unreadable(data: bytes, path: str = "bad.tf") -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        parse(path, data)
    assert caught.value.file == path
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = \n", 1),
        ("a = 1\nb = = 2\n", 2),
        ("a = 1 b = 2\n", 1),
        ("a = 1\nresource {\n", 2),
        ("a = 1\n}\n", 2),
        ("a = [1, 2\nb = 3\n", 1),
        ("a = (1]\n", 1),
        ("a = { b = 1 c = 2 }\n", 1),
        ("a = 1\n/* open\n\n", 2),
        ("a = @\n", 1),
        ('resource "${a}" {}\n', 1),
        ("a = 1e999\n", 1),
        ("a = " + "9" * 5000 + "\n", 1),
        ("a = b\n  && c\n", 2),
        ("just words\n", 1),
        ("\n\na = {{{\n", 3),
        ("a = ~}\n", 1),
    ],
)
def test_broken_syntax_names_the_line(text: str, line: int) -> None:
    assert unreadable(text.encode()).line == line


def test_binary() -> None:
    assert "binary" in unreadable(b"\x7fELF\x02\x00\x00").reason


def test_not_utf8() -> None:
    error = unreadable(b'a = 1\nb = "\xe4"\n')
    assert error.line == 2
    assert "UTF-8" in error.reason


def test_too_large() -> None:
    assert "5,000,000" in unreadable(b"a = 1\n" * 833_333 + b"\n\n").reason


def test_largest_allowed_file_is_read() -> None:
    line = "a{:06} = 1 # some filling, so that this stays a quick test, and more of the same filling\n"
    many = MAX_BYTES // len(line.format(0))
    data = "".join(line.format(number) for number in range(many)).encode()
    assert len(parse("main.tf", data).body.attributes) == many


def test_too_dense() -> None:
    assert "tokens" in unreadable(b"a = [" + b"1," * 450_000 + b"]").reason


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * DEEP + "]" * DEEP,
        "a = " + "(" * DEEP + "1" + ")" * DEEP,
        "a = " + "{ a = " * DEEP + "1" + " }" * DEEP,
        "a {\n" * DEEP + "}\n" * DEEP,
        "a = " + '"${' * DEEP + "1" + '}"' * DEEP,
        "a = " + "f(" * DEEP + ")" * DEEP,
        "a = " + "!" * DEEP + "b",
        "a = b" + ".c" * DEEP,
        "a = b" + "[0]" * DEEP,
        "a = b" + "[*]" * DEEP,
        "a = 1" + " + 1" * DEEP,
        "a = " + "b ? c : " * DEEP + "d",
        "a = " + "[for b in " * DEEP,
        'a = "' + "%{ if b }" * DEEP + "%{ endif }" * DEEP + '"',
    ],
)
def test_deep_nesting(text: str) -> None:
    assert "levels deep" in unreadable(text.encode() + b"\n").reason


@pytest.mark.parametrize("text", ["[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP])
def test_deep_nesting_in_json(text: str) -> None:
    assert "levels deep" in unreadable(text.encode(), "bad.tf.json").reason


def test_long_is_not_deep() -> None:
    items = ", ".join(f"a.b.c[{number}].d || e" for number in range(2000))
    node = parse_expression(f"[{items}, {' || '.join(['a.b.c == d'] * 150)}]", "x.tf")
    assert len(describe(node)) <= 80


def attempt(action: Callable[[], object], path: str) -> None:
    """Run it; either it works, or the error is ours and names the file."""
    try:
        action()
    except UnreadableError as error:
        assert error.file == path  # noqa: PT017 - both outcomes are right


WORDS = [
    *("a", "=", '"', "${", "%{", "}", "{", "[", "]", "(", ")", "for", "in", "if", "else", "endif", "endfor"),
    *(":", "?", ",", ".", "*", "[*]", ".*", "-", "!", "=>", "...", "1", "//", "/*", "*/", "\\", "~", "$$"),
    *("null", "::", "é", "'", "\\u00", "&&", "<", "#"),
]
FRAGMENTS = st.sampled_from([*WORDS, "\n", "<<D\n", "D\n", "<<-D\n", " ", "\r", "\t", "for a in b:", "x = "])
PATHS = st.sampled_from(["x.tf", "x.tfvars", "x.tf.json", "x.tfvars.json"])


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map("".join), PATHS)
def test_any_text_is_read_or_unreadable(text: str, path: str) -> None:
    attempt(lambda: parse(path, text.encode()), path)
    attempt(lambda: parse(path, b"a = " + text.encode()), path)
    attempt(lambda: describe(parse_expression(text, path)), path)
    attempt(lambda: describe(parse_template(text, path)), path)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), PATHS)
def test_any_bytes_are_read_or_unreadable(data: bytes, path: str) -> None:
    attempt(partial(parse, path, data), path)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("//"), inner),
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json_is_read_or_unreadable(value: object) -> None:
    path = "x.tf.json"
    for document in (value, {"resource": value}, {"resource": {"a": {"b": value}}}, {"locals": value}):
        attempt(partial(parse, path, json.dumps(document).encode()), path)


def test_the_same_text_in_two_files_is_told_of_each() -> None:
    for path in ("a.tf", "b.tf"):
        assert parse(path, b"x = 1\n").path == path
        with pytest.raises(UnreadableError) as told:
            parse(path, b"x = 1\ny = = 1\n")
        assert (told.value.file, told.value.line) == (path, 2)
    assert parse("a.tf", b"x {}\n").body.blocks
    with pytest.raises(UnreadableError, match="blocks are not allowed here"):
        parse("a.tfvars", b"x {}\n")
