"""Inputs of modules, in every form that shows them: an expression of ours may stand at any depth of other data."""

import json
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssm_hardening.core.redaction import Redactor, Sensitive
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.hcl.writing import Encodable, Expression
from ssm_hardening.remediation.plan import AsJson, ModuleCall, ModuleInput, RemediationPlan, Stage
from ssm_hardening.remediation.rendering import render
from ssm_hardening.remediation.secrecy import withheld
from ssm_hardening.report.audit_json import remediation_json
from ssm_hardening.report.style import Style
from ssm_hardening.report.table_plan import remediation_lines

CANARY = "correct-horse-battery"
LEAVES = st.sampled_from([CANARY, f"arn:aws:s3:::{CANARY}/*", "plain", "", 1, 1.5, True, None, Expression("var.kept")])
NAMES = st.sampled_from(["a_b", "a b", "Resource", "${x}"])
VALUES: st.SearchStrategy[Encodable] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=8,
)


def plan_of(given: ModuleInput) -> RemediationPlan:
    """Return a plan of one module with one input."""
    call = ModuleCall(label="bucket", module="log-bucket", inputs={"given": given}, closes=("S3-01",), note="")
    return RemediationPlan(stages=(Stage(number=1, title="Stores", modules=(call,)),))


def shown(plan: RemediationPlan) -> str:
    """Return all forms of a plan together, having parsed what is to be parsed."""
    files = render(plan).files
    parse("main.tf", files["main.tf"].encode())
    table = "\n".join(remediation_lines(plan, Style(width=10_000)))
    return "\n".join([table, json.dumps(remediation_json(plan)), *files.values()])


def held(value: Encodable) -> Iterator[Encodable]:
    """Yield every leaf of a value."""
    match value:
        case Mapping():
            for each in value.values():
                yield from held(each)
        case Sequence() if not isinstance(value, str):
            for each in value:
                yield from held(each)
        case _:
            yield value


@pytest.mark.parametrize("wrapped", [False, True])
@given(value=VALUES)
def test_at_any_depth(*, wrapped: bool, value: Encodable) -> None:
    plan = plan_of(AsJson(value) if wrapped else value)
    kept = withheld(plan, Redactor(Sensitive(frozenset({CANARY, "var", "kept"}))))
    secrets = [each for each in held(value) if isinstance(each, str) and CANARY in each]
    assert len(kept.variables) == len(secrets)
    text = shown(kept)
    assert CANARY not in text
    assert all(f"var.{variable.name}" in text for variable in kept.variables)
    assert text.count("var.kept") >= 3 * sum(isinstance(each, Expression) for each in held(value))


def test_on_one_line_as_json_has_it() -> None:
    policy: Encodable = {"Statement": [{"Resource": Expression("var.given_0"), "Action": ["s3:é"]}]}
    lines = remediation_lines(plan_of(AsJson(policy)), Style(width=200))
    told = 'given  = jsonencode({"Statement": [{"Resource": var.given_0, "Action": ["s3:é"]}]})'
    assert [line for line in lines if line.strip() == told]


def test_names_that_are_alike_once_written_as_variables() -> None:
    kept = withheld(plan_of({"a b": f"{CANARY}1", "a_b": f"{CANARY}2"}), Redactor(Sensitive(frozenset({CANARY}))))
    assert len(kept.variables) == 2
