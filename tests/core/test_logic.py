"""What is asked of values: an unknown passes through with its reason, and absence means what the asker says."""

from typing import Any

import pytest

from ssm_hardening.core.logic import (
    as_items,
    as_record,
    ask,
    certainly,
    chained,
    contents,
    each,
    flag,
    known_or,
    literal,
    mapped,
    setting,
    text_of,
    unanswered,
)
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Text, Unknown, Value, Why

AT = CodeOrigin("main.tf", 3)
NEXT = CodeOrigin("main.tf", 4)
GAP = Unknown(Why.DENIED, AT, "s3:GetBucketPolicy", (Known("a", AT), Absent(AT)))
LOGS = Reference("aws_s3_bucket.logs", "id")


def long(text: str) -> bool:
    return len(text) > 3


@pytest.mark.parametrize("absent", [True, False])
def test_a_question_is_answered_where_it_was_read(*, absent: bool) -> None:
    assert ask(Known("logs", AT), long, absent=absent) == Known(True, AT)
    assert ask(Known("log", AT), long, absent=absent) == Known(False, AT)
    assert ask(Absent(AT), long, absent=absent) == Known(absent, AT)
    assert flag(Known(True, AT), absent=absent) == Known(True, AT)
    assert flag(Absent(AT), absent=absent) == Known(absent, AT)


def test_an_answer_keeps_the_reason_and_loses_the_branches() -> None:
    told = Unknown(Why.DENIED, AT, "s3:GetBucketPolicy")
    assert ask(GAP, long, absent=False) == flag(GAP, absent=True) == told
    assert ask(Known("logs", NEXT), lambda _text: GAP, absent=False) == told


def test_an_answer_of_another_place_keeps_it() -> None:
    assert ask(Known("logs", AT), lambda _text: Known(False, NEXT), absent=True) == Known(False, NEXT)


def test_what_is_unknown_is_never_certain() -> None:
    assert not certainly(GAP, long)
    assert not certainly(GAP, long, absent=True)
    assert certainly(Absent(AT), long, absent=True)
    assert certainly(Known("logs", AT), long)


def test_what_is_not_known_passes_through_a_change() -> None:
    nothing: list[Value[str]] = [GAP, Absent(AT)]
    for value in nothing:
        assert mapped(value, str.upper) is value
        assert chained(value, lambda known: Known(known.value, NEXT)) is value
        assert known_or(value, "?") == "?"
    assert mapped(Known("a", AT), str.upper) == Known("A", AT)
    assert chained(Known("a", AT), lambda _known: Absent(NEXT)) == Absent(NEXT)
    assert known_or(Known("a", AT), "?") == "a"


def test_the_unknown_rest_of_a_list_is_its_last_member() -> None:
    one = Known("a", AT)
    assert each(Known(Items((one,)), AT)) == (one,)
    assert each(Known(Items((one,), GAP), AT)) == (one, GAP)
    assert each(Absent(AT)) == ()
    assert each(GAP) == (GAP,)


def test_members_that_are_not_known_are_the_rest() -> None:
    one = Known("a", AT)
    assert as_items(Known(Items((one,), GAP), AT)) == Items((one,), GAP)
    assert as_items(Absent(AT)) == Items(())
    assert as_items(GAP) == Items((), GAP)
    assert as_record(Known(Record({"key": one}, GAP), AT)) == Record({"key": one}, GAP)
    assert as_record(Absent(AT)) == Record({})
    assert as_record(GAP) == Record({}, GAP)
    assert contents(Known(Items((one, GAP, Absent(AT)), GAP), AT)) == ("a",)
    assert contents(GAP) == contents(Absent(AT)) == ()


@pytest.mark.parametrize("value", [GAP, Absent(AT), Known(LOGS, AT), Known(Template(("a", LOGS)), AT), Known(True, AT)])
def test_only_a_text_without_holes_is_literal(value: Value[Any]) -> None:
    assert literal(value) is None
    assert literal(Known("", AT)) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (Known("a", AT, defaulted=True, raw="A"), Known("a", AT, defaulted=True, raw="A")),
        (Known(LOGS, AT), Unknown(Why.COMPUTED, AT, "aws_s3_bucket.logs.id, known after apply")),
        (
            Known(Template(("s3://", LOGS)), AT),
            Unknown(Why.COMPUTED, AT, "s3://${aws_s3_bucket.logs.id}, known after apply"),
        ),
        (Known(Template(("s3://", GAP, LOGS)), AT), unanswered(GAP)),
        (Absent(AT), Absent(AT)),
        (GAP, GAP),
    ],
)
def test_a_text_is_one_only_where_every_part_is_known(text: Value[Text], expected: Any) -> None:
    assert text_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (Known(" ", AT), Absent(AT)),
        (Known("a", AT), Known("a", AT)),
        (Known(Template((GAP, "")), AT), unanswered(GAP)),
        (Known(Template((GAP, "-logs")), AT), Known(Template((GAP, "-logs")), AT)),
        (Known(LOGS, AT), Known(LOGS, AT)),
    ],
)
def test_a_blank_text_is_no_setting(text: Value[Text], expected: Any) -> None:
    assert setting(text) == expected


@pytest.mark.parametrize("content", [5, 2.5, True, Items(()), Record({"a": Known("b", AT)}), "text"])
def test_what_stands_in_the_wrong_place_is_unknown(content: Any) -> None:
    value = Known(content, AT)
    texts, items, record = text_of(value), as_items(value), as_record(value)
    if not isinstance(content, str):
        assert isinstance(texts, Unknown)
        assert texts.why is Why.UNPARSEABLE
        assert texts.detail.endswith("expected a string")
    if not isinstance(content, Items):
        assert isinstance(items.rest, Unknown)
        assert each(value) == (items.rest,)
    if not isinstance(content, Record):
        assert isinstance(record.rest, Unknown)


def test_any_content_may_be_looked_for_in_a_set() -> None:
    content: object = Record({"a": Known(Items((Known("b", AT),)), AT)})
    assert content not in {"false", True}
    assert len({Record({"a": Known("b", AT)}), Record({"a": Known("b", AT)})}) == 1
