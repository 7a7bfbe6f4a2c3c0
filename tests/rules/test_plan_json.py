"""The fixtures of all rules, planned by Terraform, get the same verdicts from the plan's JSON, or undecided ones."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ssm_hardening.cli.sources import read_sources
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.plan.reader import read_plans
from ssm_hardening.sandbox.server import Sandbox
from ssm_hardening.verdicts.findings import Finding
from tests import tools
from tests.rules.fixtures import fixture_folders, fixtures, judge, kind, read
from tests.rules.planning import Planner

pytestmark = pytest.mark.terraform

LEFT_OUT = {
    "KMS-01/unknown_template.tf": "Terraform refuses its function's argument, which is the point of it",
    "KMS-04/pass_literal_root.tf": "it is held to another account than the simulated one",
    "READ-01/unknown.tf": "its modules are nowhere",
}
"""Left out at once, since each refusal costs another plan; others that Terraform refuses are left out as they come."""

REWRITTEN = {"S3-01/unknown_name_behind_text.tf"}
"""Whose code makes another name of an object's; a plan tells only that the expression refers to the object (ADR 10)."""


def test_a_fixture_gets_the_same_verdicts_over_its_plan_or_undecided_ones(server: Sandbox, tmp_path: Path) -> None:
    """One test for all: one plan of all fixtures takes half a minute, and workers would each want their own."""
    terraform, plugins = tools.terraform(), tools.init_options()
    named = [path for rule in fixture_folders() for path in fixtures(rule) if path.suffix == ".tf"]
    (tmp_path / "all").mkdir()
    server.reset()
    planner = Planner(tmp_path / "all", terraform, plugins, server)
    plans = planner.plans([path for path in named if _name(path) not in LEFT_OUT])
    assert len(plans) > len(named) // 2
    harder, softer, apart, judged = [], [], [], 0
    for number, (path, plan) in enumerate(plans.items()):
        code, shown, both = _verdicts(path, plan, tmp_path / str(number))
        if both is None or _settled(code, shown) != {each: both.get(each) for each in _settled(code, shown)}:
            apart += [(_name(path), code, shown, both)] if both != code or _name(path) not in REWRITTEN else []
        harder += [(_name(path), each, code.get(each), shown.get(each)) for each in _harder(code, shown)]
        judged += len(code)
        softer += [each for each in code if code[each] != shown.get(each)]
    assert harder == []
    assert apart == []
    # A text with one part that is known after apply only is unknown as a whole: that is what makes verdicts softer.
    assert len(softer) < judged / 2, softer


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _settled(code: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """Return the verdicts that code and plan have together: those of the code, and the plan's where it has none."""
    told = {each: verdict for each, verdict in shown.items() if each in code and code[each] == "undecided"}
    return {**code, **told}


Verdicts = dict[str, str]


def _verdicts(path: Path, plan: Mapping[str, object], scratch: Path) -> tuple[Verdicts, Verdicts, Verdicts | None]:
    """Return the verdicts on each subject, over the code, over its plan, and over both; None where these are apart."""
    scratch.mkdir()
    rule, file = path.parent.name, scratch / "plan.json"
    shown = _by_subject(judge(rule, read(path, scratch)))
    file.write_text(json.dumps(plan), encoding="utf-8")
    both = read_sources([scratch], None, Inputs(), plans=[file], quiet=True)
    joined = _by_subject(judge(rule, both.accounts)) if both.joined else None
    return shown, _by_subject(judge(rule, read_plans([file]).accounts)), joined


def _by_subject(findings: tuple[Finding, ...]) -> dict[str, str]:
    return {finding.subject: kind(finding) for finding in findings}


def _harder(code: Mapping[str, str], plan: Mapping[str, str]) -> list[str]:
    """Return the subjects whose verdict over the plan contradicts the one over code; a plan may know what code asks."""
    return [
        subject
        for subject in {**code, **plan}
        if plan.get(subject) not in {code.get(subject), "undecided"}
        and (code.get(subject) != "undecided" or subject not in plan)
    ]
