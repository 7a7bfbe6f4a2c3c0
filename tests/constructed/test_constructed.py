"""Configurations made of every pair of values of their axes, whose right verdicts follow from how they were made.

`python -m tests.constructed 47` prints one of them.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.constructed.axes import Configuration, Rights, Unread
from tests.constructed.bounds import Bound, Value
from tests.constructed.counting import complaints, table
from tests.constructed.covering import ACCESS, pairs_of
from tests.constructed.expecting import SILENT, Expected
from tests.constructed.families import FAMILIES, Family, everything
from tests.constructed.files import write
from tests.constructed.judging import Judged, Outcome, verdicts_on
from tests.constructed.plan_forms import DESIGN, PlanForm, Source
from tests.constructed.plan_resources import files, read
from tests.constructed.provider_values import COMPUTED, DEFAULTS
from tests.recorder.plans import PLANS
from tests.tables import TABLE

pytestmark = pytest.mark.corpus

RecordProperty = Callable[[str, object], None]
Results = Sequence[tuple[int, Judged]]
"""What came of the configurations of a family, with their numbers."""

Verdicts = Mapping[tuple[str, str, str], Sequence[str]]
"""The kinds of verdicts, by rule, subject, and Region."""

FEWEST = 650

DECIDED = 0.95
"""So many of the verdicts that the construction decides must be decided."""

DECIDES = {"access": 0.9}
"""So many of all verdicts are decided by the construction, where everything is read; 0.75 in the other families."""


@pytest.fixture(params=FAMILIES, ids=lambda family: family.name, scope="module")
def family(request: pytest.FixtureRequest) -> Family:
    found: Family = request.param
    return found


@pytest.fixture(scope="module")
def results(family: Family, tmp_path_factory: pytest.TempPathFactory) -> Results:
    own = [(number, case) for number, (of, case) in enumerate(everything()) if of is family]
    return [(number, family.judged(case, tmp_path_factory.mktemp("constructed"))) for number, case in own]


def test_there_are_enough() -> None:
    assert len(everything()) >= FEWEST
    assert [len(family.design.cases) >= family.design.fewest for family in FAMILIES] == [True] * len(FAMILIES)


def test_each_pair_of_values_occurs(family: Family) -> None:
    rows = [[getattr(case, axis) for axis in family.design.axes] for case in family.design.cases]
    seen = set(chain.from_iterable(pairs_of(row) for row in rows))
    assert family.design.possible() <= seen
    assert not family.design.impossible & seen


def test_every_excluded_pair_has_a_reason_and_its_values_occur_elsewhere(family: Family) -> None:
    used = set(chain.from_iterable(family.design.possible()))
    for each in family.design.excluded:
        assert each.reason
        assert each.values | each.others <= used


def test_no_two_values_have_one_name(family: Family) -> None:
    names = [value for kind in family.design.axes.values() for value in kind]
    assert len(names) == len(set(map(str, names)))


def test_what_is_expected_does_not_come_from_the_product() -> None:
    folder = Path(__file__).parent
    shared = ("expecting.py", "bounds.py", "key_uses.py", "store_forms.py", "networks.py", "plan_forms.py")
    evaluator = [folder.parent / "evaluation" / name for name in ("conditions.py", "evaluator.py")]
    files_of_references = [*folder.glob("reference_*.py"), *(folder / name for name in shared), *evaluator]
    assert [path.name for path in files_of_references if "ssm_hardening" in path.read_text()] == []


def test_the_construction_decides_most_verdicts(family: Family) -> None:
    expected = list(_of_read_parts(family))
    assert sum(each.is_decided for each in expected) / len(expected) > DECIDES.get(family.name, 0.75)


def _of_read_parts(family: Family) -> Iterator[Expected]:
    for case in family.design.cases:
        if family.design is ACCESS and case.unread is not Unread.NOTHING:
            continue
        if isinstance(case, Bound) and case.value is Value.UNKNOWN:
            continue
        yield from family.reference(case)


def test_every_verdict_that_the_construction_decides_is_given(
    family: Family, results: Results, record_property: RecordProperty
) -> None:
    record_property(TABLE, "\n".join(table(family.name, family.design.axes, [each for _, each in results])))
    wrong = complaints(results, about=lambda _case, _outcome: True)
    assert not wrong, "\n".join(wrong)


def test_few_verdicts_that_the_construction_decides_are_left_undecided(results: Results) -> None:
    decided = [each for _, case in results for each in case.outcomes if each.expected.is_decided]
    left = sum(each.is_left_undecided for each in decided)
    assert 1 - left / len(decided) >= DECIDED


def test_bounds_that_hold_pass(results: Results) -> None:
    wrong = complaints(results, about=_is_bounded)
    assert not wrong, "\n".join(wrong)


def _is_bounded(each: Judged, outcome: Outcome) -> bool:
    """Say whether the outcome is about a right that a boundary or a denial takes away."""
    case: Any = each.case
    is_limited = isinstance(case, Configuration) and case.rights in {Rights.BOUNDED, Rights.DENIED}
    return is_limited and outcome.expected.verdicts <= SILENT and outcome.expected.rule.startswith(("OPER", "ROLE-0"))


def test_doubt_about_the_account_is_not_repeated(results: Results) -> None:
    repeated = [f"{number}: {', '.join(each.repeated)}" for number, each in results if each.repeated]
    assert not repeated, "\n".join(repeated)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Mapping[Source, Verdicts]]:
    """Every verdict on each configuration of the family of plans: from its code, from its plan, and from both."""

    def verdicts(case: PlanForm, source: Source) -> Verdicts:
        folder = tmp_path_factory.mktemp("sources")
        write(files(replace(case, source=source)), folder)
        return verdicts_on(read(replace(case, source=source), folder))

    return [{source: verdicts(case, source) for source in Source} for case in DESIGN.cases]


def test_a_plan_takes_no_verdict_from_its_code_and_repeats_none(sources: Sequence[Mapping[Source, Verdicts]]) -> None:
    wrong = []
    for number, found in enumerate(sources):
        code, both = found[Source.CODE], found[Source.BOTH]
        wrong += [f"{number}: {key}: only beside the plan" for key in both.keys() - code.keys()]
        decided = [key for key, verdicts in code.items() if "undecided" not in verdicts]
        wrong += [f"{number}: {key}: {code[key]}, {both.get(key)}" for key in decided if code[key] != both.get(key)]
    assert not wrong, "\n".join(wrong)


def test_a_plan_alone_contradicts_no_code(sources: Sequence[Mapping[Source, Verdicts]]) -> None:
    wrong = [
        f"{number}: {key}: {verdicts}, {found[Source.PLAN][key]}"
        for number, found in enumerate(sources)
        for key, verdicts in found[Source.CODE].items()
        if {"passed", "failed"} <= {*verdicts, *found[Source.PLAN].get(key, ())}
    ]
    assert not wrong, "\n".join(wrong)


def test_what_the_provider_plans_is_what_terraform_printed() -> None:
    checked = {each["type"] for each in _created() if each["type"] in DEFAULTS}
    assert checked >= {"aws_ssm_document", "aws_s3_bucket", "aws_iam_role", "aws_instance", "aws_security_group"}


def _created() -> Iterator[Mapping[str, Any]]:
    """Yield what recorded plans create, once what they say of arguments that nobody set is what is built here."""
    for path in sorted(PLANS.glob("*-planned.json.gz")):
        shown = json.loads(gzip.decompress(path.read_bytes()))
        written = {each["address"]: each for each in shown["configuration"]["root_module"]["resources"]}
        for each in shown["resource_changes"]:
            if each["change"]["actions"] == ["create"] and each["type"] in DEFAULTS and each["address"] in written:
                given = written[each["address"]].get("expressions", {})
                _same(each["type"], each["change"], given)
                yield each


def _same(type_: str, change: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    set_or_said = {*given, *(["tags_all"] if "tags" in given else [])}
    unset = {name: value for name, value in change["after"].items() if name not in set_or_said}
    assert unset == {name: DEFAULTS[type_].get(name, "unknown") for name in unset}, type_
    unknown = {name for name, is_new in change["after_unknown"].items() if is_new is True and name not in given}
    assert sorted(unknown - set(COMPUTED[type_])) == [], type_
