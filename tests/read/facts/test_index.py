from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.model import Fact
from ssm_hardening.read.facts.index import NameIndex, Objects, means

AT = CodeOrigin("main.tf", 1)
HOLE = Unknown(Why.COMPUTED, AT, "hole")
ADDRESSES = ("aws_s3_bucket.a", "aws_s3_bucket.b[0]", "aws_s3_bucket.b[*]", "aws_s3_bucket.b")
NAMES: tuple[Value[Any], ...] = (
    *(Known(name, AT) for name in ("logs", "logs-x", "arn:aws:s3:::logs", "")),
    *(Known(Reference(address, "id"), AT) for address in ADDRESSES),
    *(Known(Template(parts), AT) for parts in (("logs-", HOLE), (HOLE,), ("x", Reference(ADDRESSES[0], "id")))),
    Absent(AT),
    HOLE,
    Unknown(Why.COMPUTED, AT, "either", (Known("logs", AT), Absent(AT))),
)


@given(st.sampled_from(ADDRESSES), st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=6))
def test_nothing_that_may_name_an_object_is_passed_over(
    address: str, name: Value[Any], named: list[Value[Any]]
) -> None:
    fact = Fact(address=address, declaration=address, origin=AT, name=name, exists=Known(True, AT))
    found = {number for _, number in NameIndex((value, n) for n, value in enumerate(named)).candidates(fact)}
    assert {n for n, value in enumerate(named) if means(value, fact) is not False} <= found


def test_what_names_another_object_is_not_compared() -> None:
    fact = Fact(address="aws_s3_bucket.a", declaration="", origin=AT, name=Known("logs", AT), exists=Known(True, AT))
    named: list[tuple[Value[Text], int]] = [
        (Known("other", AT), 1),
        (Known("arn:aws:s3:::logs", AT), 2),
        (Known(Reference("aws_s3_bucket.a", "id"), AT), 3),
    ]
    assert [number for _, number in NameIndex(named).candidates(fact)] == [2, 3]


OBJECTS = st.lists(st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(NAMES)), max_size=6)


@given(OBJECTS, st.sampled_from(NAMES))
def test_no_object_that_may_be_meant_is_passed_over(held: list[tuple[str, Value[Any]]], value: Value[Any]) -> None:
    there = Known(True, AT)
    facts = [Fact(address=at, declaration=at, origin=AT, name=name, exists=there) for at, name in held]
    found = Objects(facts).candidates(value)
    if isinstance(value, Known) and isinstance(value.value, Reference) and value.value.address in dict(held):
        assert all(means(value, each) is True for each in found)
        assert len(found) == 1
    else:
        assert [each for each in facts if means(value, each) is not False and each not in found] == []


def test_other_names_are_passed_over() -> None:
    there = Known(True, AT)
    named = ("own", "other", "own-too")
    facts = [Fact(address=f"r.{n}", declaration="", origin=AT, name=Known(n, AT), exists=there) for n in named]
    arn = Known("arn:aws:iam::123456789012:role/path/own", AT)
    assert [each.address for each in Objects(facts).candidates(arn)] == ["r.own"]
    by_reference = Known(Reference("r.other", "arn"), AT)
    assert [each.address for each in Objects(facts).candidates(by_reference)] == ["r.other"]
