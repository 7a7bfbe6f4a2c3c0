"""No function crashes on any shape of arguments, and none returns anything but a value."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Encoded, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.code.functions.arguments import FunctionCall
from ssm_hardening.read.code.functions.table import TABLE, call_function
from ssm_hardening.text.writing import as_text

AT = CodeOrigin("main.tf", 1)
GAP = Unknown(Why.COMPUTED, AT, "x")
CHOICE = Unknown(Why.COMPUTED, AT, "y", (Known("a", AT), Known(2, AT)))
BUCKET = Reference("aws_s3_bucket.logs", "id")
LITERALS = [
    1, -1, 0, 2.5, 10**60, 1e300, True, False, "", "a", "é", "/a(/", "%s%d", "[]", "10.0.0.0/8", "{", "- a", "\0",
    '"\ud800"', BUCKET, Reference("aws_x.y", "list"), Template(("a", BUCKET)), Template((GAP, "b")),
]  # fmt: skip
leaves: st.SearchStrategy[Value[Any]] = st.one_of(
    st.sampled_from(LITERALS).map(lambda literal: Known(literal, AT)), st.sampled_from([Absent(AT), GAP, CHOICE])
)


def nested(inner: st.SearchStrategy[Value[Any]]) -> st.SearchStrategy[Value[Any]]:
    rests = st.sampled_from([None, None, GAP])
    return st.one_of(
        st.builds(lambda items, rest: Known(Items(tuple(items), rest), AT), st.lists(inner, max_size=4), rests),
        st.builds(
            lambda members, rest: Known(Record(members, rest), AT),
            st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            rests,
        ),
        inner.map(lambda value: Known(Encoded("json", value), AT)),
        inner.map(lambda value: Known(Encoded("yaml", value), AT)),
    )


@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(args=st.lists(st.recursive(leaves, nested, max_leaves=6), max_size=3))
def test_no_shape_crashes(name: str, tmp_path: Path, args: list[Value[Any]]) -> None:
    result = call_function(FunctionCall(name, AT, name, tmp_path, tmp_path), args)
    assert isinstance(as_text(result), Known | Absent | Unknown)
