"""Hypothesis strategies: every shape of value and account that a source may yield."""

from dataclasses import fields
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from hypothesis import strategies as st

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.redaction import WITHHELD
from ssm_hardening.core.values import (
    Absent,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.iam.requests import Asked, Counterexample
from ssm_hardening.model import Account, Gap
from ssm_hardening.model.facts import hints_of
from ssm_hardening.report.verdicts import order_key
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    Question,
    Related,
    Requirement,
    RuleInfo,
    Severity,
    Since,
    Undecided,
    Verdict,
    Waiver,
    WaiverKind,
)

Strategy = st.SearchStrategy[Any]

texts = st.text(max_size=8)
addresses = st.sampled_from(["aws_s3_bucket.logs", 'module.m["a"].aws_kms_key.k[0]', "aws_ssm_document.prefs[*]"])
code_origins = st.builds(
    CodeOrigin,
    st.sampled_from(["main.tf", "infra/prod.tf.json"]),
    st.integers(0, 40),
    st.sampled_from([0, 41]),
    st.sampled_from(["", 'module.ssm["a"]']),
)
origins: st.SearchStrategy[Origin] = code_origins | st.builds(
    ApiOrigin, st.just("arn:aws:s3:::logs"), st.just("s3:GetBucket")
)
references = st.builds(Reference, addresses, st.sampled_from(["id", "arn", ""]))
scalars = texts | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)


def unknowns(branch: Strategy | None = None) -> st.SearchStrategy[Unknown]:
    """Return what could not be learned, with branches of this strategy."""
    branches = st.just(()) if branch is None else st.lists(branch, max_size=2).map(tuple)
    return st.builds(Unknown, st.sampled_from(Why), origins, texts, branches)


templates = st.builds(Template, st.lists(texts | references | unknowns(), min_size=1, max_size=3).map(tuple))
set_texts: st.SearchStrategy[Text] = texts | references | templates


def values(content: Strategy) -> st.SearchStrategy[Value[Any]]:
    """Return values of which the known ones hold `content`."""
    known = st.builds(Known, content, origins, defaulted=st.booleans(), raw=st.none() | texts)
    plain = known | st.builds(Absent, origins)
    return plain | unknowns(plain)


def _containers(inner: Strategy) -> Strategy:
    rest = st.none() | unknowns()
    items = st.builds(Items, st.lists(inner, max_size=3).map(tuple), rest)
    records = st.builds(Record, st.dictionaries(texts, inner, max_size=3), rest)
    return values(items | records)


def _literals_at(origin: Origin) -> Strategy:
    """Return values as plain JSON gives them: all at one place."""
    absent: Strategy = st.just(Absent(origin))
    known = st.builds(Known, scalars, st.just(origin))
    wrapped = lambda inner: st.builds(  # noqa: E731 - recursive() wants a function
        Known,
        st.builds(Items, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Record, st.dictionaries(texts, inner, max_size=3)),
        st.just(origin),
    )
    return st.recursive(absent | known, wrapped, max_leaves=5)


any_values: Strategy = st.recursive(values(scalars | references | templates), _containers, max_leaves=6)
literal_values: Strategy = origins.flatmap(_literals_at)
members = any_values | literal_values
items = st.builds(Items, st.lists(members, max_size=2).map(tuple), st.none() | unknowns())
records = st.builds(Record, st.dictionaries(texts, members, max_size=2), st.none() | unknowns())

_CONTENTS: dict[Any, Strategy] = {
    bool: st.booleans(),
    int: st.integers(),
    str: texts,
    Text: set_texts,
    Items: items,
    Record: records,
}


@cache
def of_type(hint: Any) -> Strategy:
    """Return whatever a field of the model with this type may hold."""
    if hint in {Origin, Text, str}:
        return {Origin: origins, Text: set_texts, str: texts}[hint]
    if get_origin(hint) in {Union, UnionType}:
        known = next(part for part in get_args(hint) if get_origin(part) is Known)
        return values(_CONTENTS[get_args(known)[0]])
    if get_origin(hint) is Inventory:
        found = st.lists(of_type(get_args(hint)[0]), max_size=1).map(tuple)
        return st.builds(Inventory, found, st.none() | unknowns())
    if get_origin(hint) is tuple:
        return st.lists(of_type(get_args(hint)[0]), max_size=1).map(tuple)
    return instances(hint)


def instances(cls: type) -> Strategy:
    """Return objects of a class of the model."""
    hints = hints_of(cls)
    return st.builds(cls, **{field.name: of_type(hints[field.name]) for field in fields(cls)})


gaps = st.builds(
    Gap, st.sampled_from(["file", "call"]), st.sampled_from(Why), texts, origins, st.lists(texts, max_size=2).map(tuple)
)


_ACTING = '=@#|`<>[]()&*_:%,\\"\r\n\0\x1b\u202e\ufffe\ud800'
anything = st.text(st.characters() | st.sampled_from(_ACTING), max_size=12)
"""Texts with what acts in some format, and with halves of characters."""
_request = {
    "principal": anything,
    "action": anything,
    "resource": anything,
    "context": st.lists(st.tuples(anything, st.lists(anything, max_size=1).map(tuple)), max_size=1).map(tuple),
    "by": st.lists(origins, max_size=1).map(tuple),
}
examples = st.builds(Counterexample, **_request) | st.builds(
    Counterexample, **_request, also=st.tuples(st.builds(Counterexample, **_request))
)
asked = st.builds(Asked, actions=st.tuples(anything), resources=st.tuples(anything), requests=st.just(1))
verdicts: st.SearchStrategy[Verdict] = (
    st.builds(Passed, origins, anything, asked=st.none() | asked)
    | st.builds(
        Failed,
        origins,
        anything,
        related=st.lists(st.builds(Related, origins, anything), max_size=2).map(tuple),
        follows=st.lists(origins, max_size=1).map(tuple),
        example=st.none() | examples,
    )
    | st.builds(Undecided, origins, unknowns(), anything)
    | st.builds(NotApplicable, origins, anything)
    | st.builds(Crashed, origins, anything)
)
rules = st.sampled_from(
    [
        RuleInfo(
            id=identifier,
            title=f"Title of {identifier}",
            severity=severity,
            question=Question.AUDIT,
            requirement=Requirement.AUDITING,
            remedy=remedy,
            explanation="Why it matters. More.",
            follows=follows,
        )
        for identifier, severity, remedy, follows in (
            ("PREF-03", Severity.HIGH, "log-bucket", ()),
            ("S3-03", Severity.CRITICAL, None, ("PREF-03", "NET-01")),
            ("NET-01", Severity.LOW, None, ("S3-03",)),
        )
    ]
)
findings = st.builds(
    Finding,
    rule=rules,
    account=st.sampled_from(["", "111122223333", WITHHELD]),
    root=st.sampled_from([".", "infra/prod"]),
    region=st.sampled_from(["", "eu-central-1"]),
    subject=addresses | anything,
    declaration=addresses,
    origin=origins,
    verdict=verdicts,
    severity=st.sampled_from(Severity),
    waiver=st.none() | st.builds(Waiver, anything, origins, kind=st.sampled_from(WaiverKind)),
    since=st.none() | st.sampled_from(Since),
)
audits = st.lists(findings, max_size=6, unique_by=order_key).map(
    lambda found: Audit(
        standard="baseline",
        sources=("terraform",),
        findings=tuple(found),
        rules=tuple(dict.fromkeys(each.rule for each in found)),
    )
)
"""Audits of findings that were never judged, with names and messages of any text."""


_FILLED = 4
"""How many kinds of facts an account of the tests has at once: all of them would take seconds to draw."""


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Draw accounts, every field of every fact of any shape, a few kinds of facts at a time."""
    hints = {name: hint for name, hint in hints_of(Account).items() if name not in {"source", "gaps"}}
    kinds = [name for name, hint in hints.items() if get_origin(hint) is Inventory]
    filled = draw(st.sets(st.sampled_from(kinds), max_size=_FILLED))
    empty: dict[str, Any] = {name: Inventory() for name in kinds if name not in filled}
    chosen = {name: draw(of_type(hint)) for name, hint in hints.items() if name not in empty}
    source = draw(st.sampled_from(["terraform", "plan", "live", "snapshot", "host"]))
    return Account(**chosen, **empty, source=source, gaps=tuple(draw(st.lists(gaps, max_size=2))))
