"""Configurations made of every pair of values of their axes, whose right verdicts follow from how they were made.

`python -m tests.constructed 47` prints one of them.
"""

from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from tests.constructed.axes import AXES, EXCLUDED, Rights, Unread
from tests.constructed.counting import complaints, table
from tests.constructed.covering import FEWEST, configurations, impossible, pairs_of, possible
from tests.constructed.expecting import SILENT, Expected
from tests.constructed.judging import Judged, judged, reference
from tests.tables import TABLE

pytestmark = pytest.mark.corpus

RecordProperty = Callable[[str, object], None]

DECIDED = 0.95
"""So many of the verdicts that the construction decides must be decided."""

DECIDES = 0.9
"""So many of all verdicts are decided by the construction, where everything is read."""


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Judged, ...]:
    return tuple(judged(case, tmp_path_factory.mktemp("constructed")) for case in configurations())


def test_each_pair_of_values_occurs() -> None:
    rows = [[getattr(case, axis) for axis in AXES] for case in configurations()]
    seen = set(chain.from_iterable(pairs_of(row) for row in rows))
    assert len(rows) >= FEWEST >= 200
    assert possible() <= seen
    assert not impossible() & seen


def test_every_excluded_pair_has_a_reason_and_its_values_occur_elsewhere() -> None:
    used = set(chain.from_iterable(possible()))
    for each in EXCLUDED:
        assert each.reason
        assert each.values | each.others <= used


def test_no_two_values_have_one_name() -> None:
    names = [value for kind in AXES.values() for value in kind]
    assert len(names) == len(set(map(str, names)))


def test_the_construction_decides_most_verdicts() -> None:
    expected = list(_of_read_parts())
    assert sum(each.is_decided for each in expected) / len(expected) > DECIDES


def _of_read_parts() -> Iterator[Expected]:
    for case in configurations():
        if case.unread is Unread.NOTHING:
            yield from reference(case)


def test_every_verdict_that_the_construction_decides_is_given(
    everything: tuple[Judged, ...], record_property: RecordProperty
) -> None:
    record_property(TABLE, "\n".join(table(everything)))
    wrong = complaints(everything)
    assert not wrong, "\n".join(wrong)


def test_few_verdicts_that_the_construction_decides_are_left_undecided(everything: tuple[Judged, ...]) -> None:
    decided = [each for case in everything for each in case.outcomes if each.expected.is_decided]
    left = sum(each.is_left_undecided for each in decided)
    assert 1 - left / len(decided) >= DECIDED


def test_bounds_that_hold_pass(everything: tuple[Judged, ...]) -> None:
    bounded = [each for each in everything if each.case.rights in {Rights.BOUNDED, Rights.DENIED}]
    about = [each for case in bounded for each in case.outcomes if each.expected.rule.startswith(("OPER", "ROLE-0"))]
    wrong = [f"{each.expected}: {each.wrong}" for each in about if each.wrong and each.expected.verdicts <= SILENT]
    assert not wrong, "\n".join(wrong)


def test_doubt_about_the_account_is_not_repeated(everything: tuple[Judged, ...]) -> None:
    repeated = [f"{number}: {', '.join(each.repeated)}" for number, each in enumerate(everything) if each.repeated]
    assert not repeated, "\n".join(repeated)
