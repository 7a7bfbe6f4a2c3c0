"""What is unknown stays unknown, and takes nothing with it that is known."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Encoded, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.code.functions.arguments import FunctionCall
from ssm_hardening.read.code.functions.table import call_function
from ssm_hardening.read.code.values import Invalid, SetItems
from ssm_hardening.text.writing import as_text

AT = CodeOrigin("main.tf", 7)
BUCKET = Reference("aws_s3_bucket.logs", "id")
SUBNETS = Reference("data.aws_subnets.all", "ids")
VAR = Unknown(Why.UNRESOLVED_INPUT, CodeOrigin("variables.tf", 1), "var.x has no default")
A, B, EMPTY, NULL = Known("a", AT), Known("b", AT), Known("", AT), Absent(AT)
REF = Known(BUCKET, AT)
GROUP = Known(Reference("module.logs.aws_cloudwatch_log_group.this", "arn"), AT)
EITHER = Unknown(Why.UNRESOLVED_INPUT, AT, "var.on ? ...", (A, B))
WRONG = Invalid(Why.UNRESOLVED_INPUT, AT, "local.x.missing")


def run(name: str, *args: Value[Any], text: str = "") -> Value[Any]:
    return call_function(FunctionCall(name, AT, text or f"{name}(...)", Path(), Path()), args)


def items(*members: Value[Any], rest: Unknown | None = None) -> Known[Items]:
    return Known(Items(members, rest), AT)


def record(members: Mapping[str, Value[Any]], rest: Unknown | None = None) -> Known[Record]:
    return Known(Record(members, rest), AT)


def members(value: Value[Any]) -> Mapping[str, Value[Any]]:
    assert isinstance(value, Known)
    assert isinstance(value.value, Record)
    return value.value.members


def rest(value: Value[Any]) -> Unknown | None:
    assert isinstance(value, Known)
    assert isinstance(value.value, Record | Items)
    return value.value.rest


def test_names() -> None:
    assert run("core::max", Known(1, AT), Known(2, AT)) == Known(2, AT)
    assert run("provider::aws::arn_parse", A, text="provider::aws::arn_parse(x)") == Unknown(
        Why.UNSUPPORTED, AT, "provider::aws::arn_parse(x)"
    )
    assert run("timestamp") == Unknown(Why.COMPUTED, AT, "timestamp(...)")
    assert isinstance(run("lower"), Invalid)


@pytest.mark.parametrize("name", ["sensitive", "nonsensitive", "ephemeralasnull"])
@pytest.mark.parametrize("value", [A, REF, VAR, NULL], ids=["literal", "reference", "unknown", "null"])
def test_marks_change_nothing(name: str, value: Value[Any]) -> None:
    assert run(name, value) is value


TEXT = Known(Template(("arn:aws:s3:::", BUCKET, "/*")), AT)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (run("join", Known("-", AT), items(A, REF, VAR)), Known(Template(("a-", BUCKET, "-", VAR)), AT)),
        (run("join", Known("-", AT), items(REF)), REF),
        (run("format", Known("x-%s", AT), REF), Known(Template(("x-", BUCKET)), AT)),
        (run("format", Known("%s", AT), REF), REF),
        (run("replace", Known("x{}y", AT), Known("{}", AT), REF), Known(Template(("x", BUCKET, "y")), AT)),
        (run("trimprefix", TEXT, Known("arn:", AT)), Known(Template(("aws:s3:::", BUCKET, "/*")), AT)),
        (run("trimprefix", TEXT, Known("x", AT)), TEXT),
        (run("trimsuffix", TEXT, Known("/*", AT)), Known(Template(("arn:aws:s3:::", BUCKET)), AT)),
        (run("trimsuffix", GROUP, Known(":*", AT)), GROUP),
        (run("trimspace", Known(Template((" a ", BUCKET, " b ")), AT)), Known(Template(("a ", BUCKET, " b")), AT)),
        (run("chomp", Known(Template((BUCKET, "x\n")), AT)), Known(Template((BUCKET, "x")), AT)),
        (run("startswith", TEXT, Known("arn:aws", AT)), Known(True, AT)),
        (run("startswith", TEXT, Known("http", AT)), Known(False, AT)),
        (run("endswith", TEXT, Known("/*", AT)), Known(True, AT)),
        (run("strcontains", TEXT, Known("s3", AT)), Known(True, AT)),
        (run("substr", TEXT, Known(0, AT), Known(3, AT)), Known("arn", AT)),
        (run("indent", Known(2, AT), Known(Template(("a\n", BUCKET)), AT)), Known(Template(("a\n  ", BUCKET)), AT)),
        (run("formatlist", Known("%s/*", AT), items(REF)), items(Known(Template((BUCKET, "/*")), AT))),
        (run("tostring", REF), REF),
        (run("format", Known("%v", AT), REF), REF),
        (run("format", Known("%q", AT), TEXT), Known(Template(('"arn:aws:s3:::', BUCKET, '/*"')), AT)),
        (run("sort", items(B, A, REF)), items(B, A, REF, rest=Unknown(Why.COMPUTED, AT, "sort(...)"))),
        (run("sort", items(B, rest=VAR)), items(B, rest=VAR)),
        (run("reverse", items(A, B, rest=VAR)), items(B, A, rest=VAR)),
        (run("keys", record({"b": A, "a": B}, VAR)), items(A, B, rest=VAR)),
        (run("values", record({"b": A, "a": B}, VAR)), items(B, A, rest=VAR)),
        (run("lookup", record({"a": A}), VAR, B), replace(VAR, one_of=(A, B))),
        (run("lookup", record({"a": A}), VAR), A),
        (run("lookup", record({"a_x": A, "b": B}), Known(Template((VAR, "_x")), AT), A), A),
        (run("lookup", record({"a": A}, VAR), VAR), VAR),
    ],
)  # fmt: skip
def test_texts_keep_their_holes(result: Value[Any], expected: Value[Any]) -> None:
    assert result == expected


@pytest.mark.parametrize(
    "result",
    [
        run("lower", REF), run("split", Known(":", AT), TEXT), run("startswith", TEXT, Known("arn:aws:s3:::b", AT)),
        run("endswith", TEXT, Known("logs/*", AT)), run("strcontains", TEXT, Known("logs", AT)), run("length", REF),
        run("trimprefix", TEXT, Known("arn:aws:s3:::b", AT)), run("trimsuffix", TEXT, Known("s/*", AT)),
        run("trimsuffix", REF, Known(":*", AT)), run("trimsuffix", GROUP, Known("*", AT)),
        run("substr", TEXT, Known(0, AT), Known(30, AT)), run("regex", Known("a", AT), TEXT), run("md5", REF),
        run("base64encode", TEXT), run("trimspace", REF), run("substr", Known("é", AT), Known(0, AT), Known(1, AT)),
        run("length", items(A, rest=VAR)), run("length", Known(SUBNETS, AT)),
        run("element", items(A, rest=VAR), Known(0, AT)),
        run("contains", items(A, VAR), B), run("contains", items(A, REF), B), run("index", items(VAR, A), A),
        run("lookup", record({"a": A}, VAR), B, A), run("lookup", record({"a": A}), REF),
        run("contains", items(A), VAR),
        run("alltrue", items(Known(True, AT), VAR)), run("setsubtract", items(A, B), items(REF)),
        run("join", A, items(rest=VAR)),
        run("formatlist", A, VAR), run("coalesce", VAR, A), run("try", VAR, A), run("can", VAR),
        run("sum", items(VAR)),
        run("coalescelist", NULL, items(A)), run("format", Known("%s", AT), NULL),
    ],
)  # fmt: skip
def test_unknown_where_the_hole_decides(result: Value[Any]) -> None:
    assert isinstance(result, Unknown)
    assert not isinstance(result, Invalid)
    assert result.one_of == ()


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (run("contains", items(VAR, A), A), True),
        (run("alltrue", items(VAR, Known(False, AT))), False),
        (run("anytrue", items(VAR, Known(True, AT))), True),
        (run("contains", items(REF), REF), True),
        (run("length", items(A, VAR)), 2),
    ],
)
def test_one_known_member_decides(result: Value[Any], expected: object) -> None:
    assert result == Known(expected, AT)


def test_lists_keep_their_known_members() -> None:
    joined = run("concat", items(A), VAR, items(B))
    assert joined == items(A, B, rest=VAR)
    assert run("flatten", items(items(A), VAR, B)) == items(A, B, rest=VAR)
    assert rest(run("flatten", items(A, Known(SUBNETS, AT)))) is not None
    assert run("flatten", items(items(REF), A)) == items(REF, A)
    assert run("compact", items(A, VAR, EMPTY, NULL)) == items(A, rest=VAR)
    assert run("compact", items(REF)) == items(REF)
    for name in ("distinct", "toset"):
        assert rest(run(name, items(A, REF))) == Unknown(Why.COMPUTED, AT, f"{name}(...)")
    assert run("distinct", items(REF)) == items(REF)
    assert run("toset", items(REF)) == Known(SetItems((REF,)), AT)
    assert run("distinct", items(REF, REF)) == items(REF)
    assert rest(run("setunion", items(A), VAR)) == VAR


def test_a_number_beside_an_unknown_may_become_a_string() -> None:
    result = run("tolist", items(Known(22, AT), VAR))
    assert isinstance(result, Known)
    port = result.value.items[0]
    assert isinstance(port, Unknown)
    assert port.one_of == (Known(22, AT), Known("22", AT))


def test_merge() -> None:
    one, two = record({"a": A, "b": A}), record({"b": B})
    assert members(run("merge", one, NULL, two)) == {"a": A, "b": B}
    shadowed = run("merge", one, VAR, two)
    assert members(shadowed) == {"a": VAR, "b": B}
    assert rest(shadowed) == VAR
    assert rest(run("merge", one, record({"c": B}, VAR))) == VAR


def test_merge_with_a_choice_leaves_other_members_known() -> None:
    choice = Unknown(Why.UNRESOLVED_INPUT, AT, "var.encrypt ? ...", (record({"key": B}), record({})))
    merged = run("merge", record({"a": A, "key": EMPTY}), choice)
    assert members(merged)["a"] == A
    key = members(merged)["key"]
    assert isinstance(key, Unknown)
    assert key.one_of == (B, EMPTY)
    assert rest(merged) is None
    added = run("merge", record({"a": A}), choice)
    assert members(added)["a"] == A
    assert rest(added) is not None
    looked_up = run("lookup", added, Known("key", AT), A)
    assert isinstance(looked_up, Unknown)
    assert looked_up.one_of == (B, NULL, A)


def test_lookup() -> None:
    assert run("lookup", record({"a": A}, VAR), A) == A
    assert run("lookup", record({"a": VAR}), A) == VAR
    assert isinstance(run("lookup", record({}), A), Invalid)


def test_coalesce_and_try() -> None:
    assert run("coalesce", NULL, EMPTY, REF, A) == REF
    chosen = run("coalesce", EITHER, A)
    assert isinstance(chosen, Unknown)
    assert chosen.one_of == (A, B, A)
    assert run("try", WRONG, A) == A
    assert run("try", NULL, A) == NULL
    assert run("try", record({"x": WRONG}), A) == A
    assert isinstance(run("try", WRONG, WRONG), Invalid)
    tried = run("try", EITHER, WRONG, REF, VAR)
    assert isinstance(tried, Unknown)
    assert tried.one_of == (A, B, REF)
    assert run("can", WRONG) == Known(False, AT)
    assert run("can", A) == Known(True, AT)
    assert run("lower", WRONG) is WRONG


def test_a_function_of_a_choice_is_a_choice() -> None:
    upper = run("upper", EITHER)
    assert isinstance(upper, Unknown)
    assert upper.one_of == (Known("A", AT), Known("B", AT))
    number = Unknown(Why.UNRESOLVED_INPUT, AT, "x", (Known("1", AT), Known("no", AT)))
    only = run("tonumber", number)
    assert isinstance(only, Unknown)
    assert only.one_of == (Known(1, AT),)


def test_encoded_values_stay_readable() -> None:
    value = record({"key": VAR, "bucket": REF, "on": Known(True, AT)})
    text = run("jsonencode", value)
    assert text == Known(Encoded("json", value), AT)
    assert as_text(text) == Known(Template(('{"bucket":"', BUCKET, '","key":', VAR, ',"on":true}')), AT)
    assert run("jsondecode", text) is value
    assert as_text(run("yamlencode", record({"b": REF}))) == Known(Template(('"b": "', BUCKET, '"\n')), AT)
    assert isinstance(as_text(run("yamlencode", record({"k": Known("long " * 40, AT)}))), Unknown)
    assert run("base64decode", run("base64encode", run("jsonencode", record({"a": A})))) == Known('{"a":"a"}', AT)
    assert run("length", run("jsonencode", record({"a": A}))) == Known(9, AT)


@pytest.mark.parametrize(
    "result",
    [
        run("range", Known(10**9, AT)), run("format", Known("%1000000d", AT), Known(1, AT)),
        run("indent", Known(10**9, AT), Known("a\nb", AT)), run("join", Known("x" * 10**6, AT), items(A, A, A)),
        run("setproduct", *[items(*[Known(n, AT) for n in range(100)])] * 2),
        run("replace", Known("a" * 10_000, AT), A, Known("b" * 10_000, AT)),
        run("split", Known(",", AT), Known("," * 5_000, AT)), run("pow", Known(10, AT), Known(10**9, AT)),
        run("regex", Known("(a+)+$", AT), Known("a" * 40 + "!", AT)),
        run("regex", Known("(a|a)*$", AT), Known("a" * 40 + "!", AT)),
        run("regex", Known("a*a*a*a*a*b", AT), Known("a" * 500, AT)), run("regex", Known("(?=a)a", AT), A),
        run("regex", Known("[[:alpha:]]", AT), A), run("regex", Known("(a)\\1", AT), A),
        run("concat", *[items(A)] * 1_001),
        run("regex", Known("((a?){30}){30}", AT), A), run("regex", Known("\\p{L}", AT), A),
    ],
)  # fmt: skip
def test_what_would_grow_without_bound_is_not_evaluated(result: Value[Any]) -> None:
    assert isinstance(result, Unknown)
    assert result.why is Why.UNSUPPORTED


SMALL = ["", "a", "b", "ab", "aba", "aab-"]


@pytest.mark.parametrize("wanted", ["a", "ab", "aa", "aba", "abab", "b-a", "/a/", "/a+/", "/[^b]/", "/a|-/"])
def test_a_text_with_holes_is_replaced_as_whatever_stands_there(wanted: str) -> None:
    with_ = "" if "+" in wanted else "x"
    for first, second, last in itertools.product(SMALL, ["", "a", "ba", "-"], SMALL):
        subject = Known(Template(tuple(part for part in (first, VAR, second, VAR, last) if part != "")), AT)
        result = as_text(run("replace", subject, Known(wanted, AT), Known(with_, AT)))
        if isinstance(result, Unknown):
            continue
        assert isinstance(result, Known)
        parts = result.value.parts if isinstance(result.value, Template) else (str(result.value),)
        pattern = re.compile("".join(re.escape(part) if isinstance(part, str) else ".*" for part in parts), re.DOTALL)
        for one, other in itertools.product(SMALL, repeat=2):
            whole = run("replace", Known(first + one + second + other + last, AT), Known(wanted, AT), Known(with_, AT))
            assert isinstance(whole, Known)
            assert pattern.fullmatch(str(whole.value)), (first, one, second, other, last, parts)


KEY = Reference("aws_kms_key.k", "arn")
POLICY = Known(Template(('{"Who": "WHO", "Key": "', KEY, '", "v": "${x}"}')), AT)


@pytest.mark.parametrize(
    ("wanted", "with_", "expected"),
    [
        ("WHO", A, ('{"Who": "a", "Key": "', KEY, '", "v": "${x}"}')),
        ("WHO", REF, ('{"Who": "', BUCKET, '", "Key": "', KEY, '", "v": "${x}"}')),
        ("WHO", VAR, ('{"Who": "', VAR, '", "Key": "', KEY, '", "v": "${x}"}')),
        ("${x}", A, ('{"Who": "WHO", "Key": "', KEY, '", "v": "a"}')),
        ("/\\\\s/", EMPTY, ('{"Who":"WHO","Key":"', KEY, '","v":"${x}"}')),
        ("/\\\\s+/", EMPTY, ('{"Who":"WHO","Key":"', KEY, '","v":"${x}"}')),
    ],
)
def test_a_reference_stays_where_no_match_can_be(wanted: str, with_: Value[Any], expected: tuple[Any, ...]) -> None:
    assert run("replace", POLICY, Known(wanted.replace("\\\\", "\\"), AT), with_) == Known(Template(expected), AT)


def test_a_reference_in_which_a_match_can_be_is_not_known() -> None:
    found = run("replace", Known(Template(("x/", KEY, "/y")), AT), Known("key/", AT), Known("", AT))
    assert plain_parts(found) == ["x/", None, "y"]
    found = run("replace", Known(Template(("x/", KEY, "/y")), AT), Known("a/y", AT), Known("", AT))
    assert plain_parts(found) == ["x/", None]


def plain_parts(value: Value[Any]) -> list[str | None]:
    assert isinstance(value, Known)
    return [part if isinstance(part, str) else None for part in value.value.parts]
