"""What people read is written in plain English: the words of `words` stand nowhere in it, and the grammar holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ssm_hardening.core.values import Unknown
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Undecided
from tests.docs.words import AREAS, misprints, misworded, slips
from tests.rules.fixtures import fixture_folders, fixtures, judge, read

REASONS = "why it is unknown"
FAMILIES = (*sorted({rule.split("-")[0] for rule in fixture_folders()}), REASONS)
GOLDEN = Path(__file__).parents[1] / "report" / "golden"


@pytest.mark.parametrize("area", sorted(AREAS))
def test_no_such_word_stands_in_what_people_read(area: str) -> None:
    found = list(slips(area))

    assert not found, "\n".join(f"{each.place}: {each.found!r}: write {each.instead}" for each in found[:40])


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return what the verdicts on all fixtures say, by the family of their rule, and the reasons of what is unknown."""
    texts: dict[str, set[str]] = {family: set() for family in FAMILIES}
    for rule in fixture_folders():
        for finding in _findings(rule, tmp_path_factory.mktemp(rule)):
            texts[rule.split("-")[0]].update(_texts(finding))
            texts[REASONS].update(_reasons(finding))
    return texts


@pytest.mark.parametrize("family", FAMILIES)
def test_what_rules_say_of_their_fixtures_is_grammatical(family: str, said: dict[str, set[str]]) -> None:
    wrong = {f"{text}: {each}" for text in said[family] for each in misprints(text)}

    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("family", FAMILIES)
def test_what_rules_say_of_their_fixtures_has_no_such_word(family: str, said: dict[str, set[str]]) -> None:
    wrong = {f"{text}: {each}" for text in said[family] for each in misworded(text)}

    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.iterdir()))
def test_no_such_word_stands_in_reports(name: str) -> None:
    lines = (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    wrong = [f"{name}:{number}: {each}" for number, line in enumerate(lines, 1) for each in misworded(line)]

    assert not wrong, "\n".join(wrong)


def _findings(rule: str, scratch: Path) -> Iterator[Finding]:
    for path in fixtures(rule):
        folder = scratch / path.name
        folder.mkdir()
        yield from judge(rule, read(path, folder))


def _texts(finding: Finding) -> Iterator[str]:
    yield finding.verdict.message
    match finding.verdict:
        case Passed(related=related) | Failed(related=related) | Undecided(related=related):
            yield from (each.note for each in related)
        case NotApplicable() | Crashed():
            pass


def _reasons(finding: Finding) -> Iterator[str]:
    match finding.verdict:
        case Undecided(gap=gap):
            yield gap.detail
        case NotApplicable(gap=Unknown(detail=detail)):
            yield detail
        case _:
            pass
