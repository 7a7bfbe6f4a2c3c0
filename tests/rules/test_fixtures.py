from pathlib import Path

import pytest

from ssm_hardening.rules.catalogue import rule_ids
from tests.rules.fixtures import complaints, expectations, fixture_folders, fixtures, judge, read

CASES = [pytest.param(rule, path, id=f"{rule}-{path.stem}") for rule in fixture_folders() for path in fixtures(rule)]


@pytest.mark.parametrize(("rule", "path"), CASES)
def test_a_fixture_gets_exactly_the_verdicts_it_names(rule: str, path: Path, tmp_path: Path) -> None:
    findings = judge(rule, read(path, tmp_path))
    assert complaints(expectations(path), findings) == []


@pytest.mark.parametrize(("rule", "path"), CASES)
def test_a_fixture_speaks_only_of_its_rule(rule: str, path: Path) -> None:
    assert {item.rule for item in expectations(path)} == {rule}


@pytest.mark.parametrize("rule", rule_ids())
@pytest.mark.parametrize(("stem", "verdict"), [("fail", "failed"), ("pass", "passed"), ("unknown", "undecided")])
def test_every_rule_is_seen_to_fail_pass_and_wonder(rule: str, stem: str, verdict: str) -> None:
    named = [path for path in fixtures(rule) if path.name.startswith(stem)]
    assert named, f"tests/rules/{rule} has no {stem} fixture"
    assert all(verdict in {item.verdict for item in expectations(path)} for path in named)


@pytest.mark.parametrize("folder", fixture_folders())
def test_every_folder_of_fixtures_belongs_to_a_rule(folder: str) -> None:
    assert folder in rule_ids()
