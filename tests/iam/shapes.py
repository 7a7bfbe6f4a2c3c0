"""Values as Terraform evaluation yields them, from plain Python; and values of any shape at all."""

from typing import Any

from hypothesis import strategies as st

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement, statements_of

AT = CodeOrigin("policy.tf", 3)
GAP = Unknown(Why.UNRESOLVED_INPUT, AT, "var.missing has no default")
CALLER = Reference("data.aws_caller_identity.current", "account_id")
REGION = Reference("data.aws_region.current", "name")
BUCKET_ARN = Reference("aws_s3_bucket.logs", "arn")


def value(plain: Any) -> Value[Any]:
    """Wrap plain data; values stay what they are, None is null."""
    match plain:
        case Known() | Absent() | Unknown():
            return plain
        case None:
            return Absent(AT)
        case dict():
            return Known(Record({key: value(member) for key, member in plain.items()}), AT)
        case list():
            return Known(Items(tuple(value(item) for item in plain)), AT)
        case _:
            return Known(plain, AT)


def template(*parts: str | Reference | Unknown) -> Template:
    return Template(parts)


def policy(*statements: Any) -> Inventory[Statement]:
    return statements_of(value({"Version": "2012-10-17", "Statement": list(statements)}), AT)


_unknowns = st.builds(Unknown, st.sampled_from(Why), st.just(AT), st.text(max_size=3))
_names = st.sampled_from(
    ["Statement", "statement", "Effect", "Principal", "Action", "Resource", "Condition", "AWS", "*"]
)
_texts = st.sampled_from(["*", "Allow", "Deny", "s3:*", "kms:*", "arn:aws:iam::111122223333:root", "StringEquals", ""])
_references = st.builds(
    Reference, st.sampled_from(["aws_s3_bucket.b", "module.m.data.x.y[0]", ""]), st.text(max_size=3)
)
_templates = st.builds(Template, st.lists(st.one_of(_texts, _references, _unknowns), min_size=1, max_size=4).map(tuple))
_leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), _texts, _references, _templates
)


def _known(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.builds(Known, inner, st.just(AT)), st.just(Absent(AT)), _unknowns)


any_value = st.recursive(
    _known(_leaves),
    lambda inner: _known(
        st.one_of(
            st.builds(Items, st.lists(inner, max_size=4).map(tuple), st.none() | _unknowns),
            st.builds(Record, st.dictionaries(_names | st.text(max_size=3), inner, max_size=5), st.none() | _unknowns),
        )
    ),
    max_leaves=25,
)
