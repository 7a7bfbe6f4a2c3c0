from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given as drawn
from hypothesis import strategies as st

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Record, Unknown, Why
from ssm_hardening.read.converting import number, switch
from ssm_hardening.read.live.answers import answered, given, iso, names_in, sent, tags_in, value_of
from ssm_hardening.read.live.asking import Answered, Missing
from tests.read.live.reading import plain

AT = ApiOrigin("arn:aws:kms:eu-west-1:123456789012:key/k", "kms:DescribeKey")

json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@drawn(json_like)
def test_data_keeps_its_shape(data: object) -> None:
    assert plain(value_of(data, AT)) == data


def test_every_member_has_the_origin_of_the_call() -> None:
    assert value_of({"a": [1]}, AT) == Known(Record({"a": value_of([1], AT)}), AT)


def test_times_are_utc() -> None:
    there = datetime(2025, 1, 31, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    assert iso(there) == iso(there.astimezone(UTC)) == iso(datetime(2025, 1, 31, 9, 30)) == "2025-01-31T09:30:00Z"  # noqa: DTZ001 - what has no zone is the case


def test_an_answer_is_a_record_without_what_botocore_adds() -> None:
    assert plain(answered(Answered({"a": 1, "ResponseMetadata": {"RetryAttempts": 0}}, AT))) == {"a": 1}
    assert answered(Missing(AT)) == Absent(AT)


def test_what_aws_always_sends_is_never_absent() -> None:
    value = value_of({"a": {"b": "x"}}, AT)
    assert sent(value, "a", "b") == Known("x", AT)
    assert sent(value, "a", "c") == Unknown(Why.UNPARSEABLE, AT, "kms:DescribeKey: a.c is missing from the response")
    assert given(value, "a", "c") == Absent(AT)
    assert sent(Absent(AT), "a") == Absent(AT)


def test_a_member_of_another_type_cannot_be_read() -> None:
    value = value_of({"flag": [], "count": {}, "text": 1}, AT)
    for read in (sent(value, "flag", convert=switch), given(value, "count", convert=number), sent(value, "text")):
        assert plain(read) is Why.UNPARSEABLE


def test_tags_are_one_record() -> None:
    pairs = [{"Key": "b", "Value": ""}, {"Key": "a", "Value": "1"}]
    assert plain(tags_in(value_of(pairs, AT), AT)) == {"a": "1", "b": ""}
    assert plain(tags_in(Inventory(tuple(pairs)), AT)) == {"a": "1", "b": ""}
    gap = Unknown(Why.DENIED, AT, "kms:ListResourceTags")
    assert tags_in(Inventory(tuple(pairs), gap), AT) == gap
    assert plain(tags_in(value_of([{"Value": "1"}], AT), AT)) is Why.UNPARSEABLE


def test_entries_without_a_name_are_a_gap() -> None:
    found = names_in(Inventory(({"Name": "b"}, {}, {"Name": "a"})), "Name", AT)
    assert found.items == ("a", "b")
    assert found.gap is not None
