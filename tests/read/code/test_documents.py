"""JSON and YAML texts with holes."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.text import reading
from ssm_hardening.text.documents import decode_json, decode_yaml
from ssm_hardening.text.reading import names_spelled

AT = CodeOrigin("main.tf", 10)
BUCKET = Reference("aws_s3_bucket.logs", "id")
VAR = Unknown(Why.UNRESOLVED_INPUT, AT, "var.x")
FLAG = Unknown(Why.UNRESOLVED_INPUT, AT, "var.on ? true : false", (Known("true", AT), Known(False, AT)))


def text(*parts: str | Reference | Unknown) -> Known[Any]:
    return Known(Template(parts), AT)


def line(number: int) -> CodeOrigin:
    return CodeOrigin("main.tf", number)


def record(value: Value[Any]) -> Record:
    assert isinstance(value, Known)
    assert isinstance(value.value, Record)
    return value.value


def listing(value: Value[Any]) -> Items:
    assert isinstance(value, Known)
    assert isinstance(value.value, Items)
    return value.value


SESSION = text(
    '{\n  "schemaVersion": "1.0",\n  "inputs": {\n    "s3BucketName": "',
    BUCKET,
    '",\n    "kmsKeyId": "arn:',
    VAR,
    '",\n    "s3EncryptionEnabled": ',
    FLAG,
    ',\n    "idle": 20, "none": null\n  }\n}\n',
)


def test_each_member_has_its_line() -> None:
    inputs = record(record(decode_json(SESSION, AT, first_line=11)).members["inputs"]).members
    assert inputs["s3BucketName"] == Known(BUCKET, line(14))
    assert inputs["kmsKeyId"] == Known(Template(("arn:", VAR)), line(15))
    assert inputs["idle"] == Known(20, line(17))
    assert inputs["none"] == Absent(line(17))
    assert record(decode_json(SESSION, AT, first_line=11)).members["inputs"].at == line(13)


def test_without_a_first_line_every_member_stands_where_the_text_does() -> None:
    assert record(decode_json(Known('{\n"a":\n1}', AT), AT)).members["a"] == Known(1, AT)


def test_a_bare_hole_is_one_value() -> None:
    inputs = record(record(decode_json(SESSION, AT)).members["inputs"]).members
    flag = inputs["s3EncryptionEnabled"]
    assert isinstance(flag, Unknown)
    assert [each.value for each in flag.one_of if isinstance(each, Known)] == [True, False]
    assert record(decode_json(text('{"a": ', VAR, "}"), AT)).members["a"] == VAR
    assert record(decode_json(text('{"a": ', BUCKET, "}"), AT)).members["a"] == Known(BUCKET, AT)


def test_a_bare_hole_in_a_list_may_be_many() -> None:
    found = listing(decode_json(text('["a", ', VAR, "]"), AT))
    assert found == Items((Known("a", AT),), VAR)


def test_an_unknown_key_may_be_any_key_it_fits() -> None:
    document = record(decode_json(text('{"x:sub": 1, "aud": 2, "', VAR, ':sub": 3}'), AT))
    assert isinstance(document.members["x:sub"], Unknown)
    assert document.members["aud"] == Known(2, AT)
    assert document.rest is not None


@pytest.mark.parametrize(
    "broken",
    [
        "{", '{"a"}', '{"a":1,}', "[1 2]", "", "nul", '{"a":1} x', "{'a': 1}", '"\\x"', "01",
        "[", '{"a":tru}', '"a\nb"',
        "// no", "NaN", "+1", "1.", "{a: 1}",
    ],
)  # fmt: skip
def test_what_is_no_json_says_where(broken: str) -> None:
    found = decode_json(Known(broken, AT), AT, first_line=5)
    assert isinstance(found, Unknown)
    assert found.why is Why.UNPARSEABLE
    assert isinstance(found.at, CodeOrigin)
    assert found.at.line >= 5


@pytest.mark.parametrize("decode", [decode_json, decode_yaml])
def test_limits(decode: Any) -> None:
    assert decode(Known("[" * 10_000 + "]" * 10_000, AT), AT).why is Why.UNSUPPORTED
    assert decode(Known("1" * 1_000_001, AT), AT).why is Why.UNSUPPORTED
    assert decode(Known("\U000f0000", AT), AT).why is Why.UNSUPPORTED
    assert decode(VAR, AT) is VAR
    assert decode(Known(BUCKET, AT), AT).why is Why.COMPUTED
    assert decode(Known("1e999", AT), AT) != Known(float("inf"), AT)


def test_yaml() -> None:
    document = decode_yaml(
        text('schemaVersion: "1.0"\ninputs:\n  s3BucketName: ', BUCKET, "\n  prefix: a/", VAR, "\n  idle: 20\n"
             "  on: ", FLAG, "\n  list: [a, ", VAR, "]\n  none: ~\n  flag: yes\n  arn: arn:aws:s3:::b\n"),
        AT,
        first_line=11,
    )  # fmt: skip
    assert record(document).members["schemaVersion"] == Known("1.0", line(11))
    inputs = record(record(document).members["inputs"])
    assert inputs.members["s3BucketName"] == Known(BUCKET, line(13))
    assert inputs.members["prefix"] == Known(Template(("a/", VAR)), line(14))
    assert inputs.members["idle"] == Known(20, line(15))
    assert listing(inputs.members["list"]) == Items((Known("a", line(17)), VAR))
    assert inputs.members["none"] == Absent(line(18))
    assert inputs.members["flag"] == Known(True, line(19))
    assert inputs.members["arn"] == Known("arn:aws:s3:::b", line(20))
    assert inputs.rest is not None  # `on` is a boolean to some readers


@pytest.mark.parametrize("scalar", ["010", "0x1F", "1_000", "2012-10-17", "y", ".inf", "1:30", "1e3", "+1"])
def test_what_yaml_versions_read_differently_is_unknown(scalar: str) -> None:
    found = record(decode_yaml(Known(f"a: {scalar}", AT), AT)).members["a"]
    assert isinstance(found, Unknown)


@pytest.mark.parametrize(
    "broken",
    [
        "a: [",
        "a: b: c",
        "\ta: 1",
        "'x",
        "a: !!python/object:os.system x",
        "a: !!str 12",
        'a: !!int "3"',
        "a: !x {}",
        "- a\nb: 1",
        "\x01",
    ],
)
def test_what_is_no_yaml(broken: str) -> None:
    found = decode_yaml(Known(broken, AT), AT, first_line=5)
    inner = record(found).members["a"] if isinstance(found, Known) else found
    assert isinstance(inner, Unknown)


def test_aliases_do_not_grow_without_bound() -> None:
    levels = "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(8))
    found = decode_yaml(Known(f"a: &a [x]\n{levels}\n", AT), AT)
    assert isinstance(found, Unknown)
    assert found.why is Why.UNSUPPORTED


@pytest.mark.parametrize(
    ("spelling", "names"),
    [
        (("a", VAR), ["a", "ab", "aba"]),
        ((VAR, "a"), ["a", "aba"]),
        (("a", VAR, "a"), ["aba"]),
        ((VAR, "b", VAR), ["ab", "aba", "b"]),
        (("ab", VAR, "ba"), []),
        ((VAR,), ["a", "ab", "aba", "b"]),
        (("ab",), ["ab"]),
    ],
)
def test_the_names_that_a_key_with_holes_may_be(spelling: tuple[Any, ...], names: list[str]) -> None:
    assert names_spelled(["a", "ab", "aba", "b"], spelling) == names


def test_a_key_with_very_many_holes_is_compared_at_once() -> None:
    # As a regular expression, this is tried in more ways than there is time for.
    assert names_spelled(["x" * 400], (*(VAR, "x") * 200, "y")) == []
    assert names_spelled(["x" * 400], (VAR, "x") * 200) == ["x" * 400]


def test_the_lines_of_a_document_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []

    def ends(whole: str) -> Sequence[int]:
        counted.append(whole)
        return [match.start() for match in re.finditer("\n", whole)]

    monkeypatch.setattr(reading, "_line_ends", Memory(ends, most=8))
    members = ",\n".join(f'"k{n}": {n}' for n in range(500))
    found = record(decode_json(Known(f"{{{members}}}", AT), AT, first_line=1)).members
    assert found["k499"] == Known(499, line(500))
    assert len(counted) == 1
