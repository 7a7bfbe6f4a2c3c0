import ast
import json
import runpy
from collections import Counter
from dataclasses import field, make_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account
from ssm_hardening.model.facts import none_read
from ssm_hardening.read.snapshot import from_json, to_json
from ssm_hardening.rules.catalogue import rule_ids
from tests.rules import builders, builders_snapshot
from tests.rules.builders_people import role, staffed
from tests.rules.fixtures import (
    BESIDE,
    COMMENT,
    HERE,
    ONLY_WONDERS,
    Expectation,
    beside,
    complaints,
    expectations,
    fixture_folders,
    fixtures,
    judge,
    read,
)

CASES = [pytest.param(rule, path, id=f"{rule}-{path.stem}") for rule in fixture_folders() for path in fixtures(rule)]
ACCOUNTS = [case for case in CASES if str(case.values[1]).endswith(".py")]
SHARED = sorted(BESIDE.iterdir())
LONGEST = 40
MOST_JSON = 150 * 1024
"""Bytes. JSON below `tests` is what is about JSON: evidence of nodes, a golden report, code that is written in it."""
OPERATORS = Expectation("OPER-02", "passed", "", "role/operators", 0)


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
    if rule in ONLY_WONDERS and stem != "unknown":
        assert named == []
        return
    assert named, f"tests/rules/{rule} has no {stem} fixture"
    assert all(verdict in {item.verdict for item in expectations(path)} for path in named)


@pytest.mark.parametrize("folder", fixture_folders())
def test_every_folder_of_fixtures_belongs_to_a_rule(folder: str) -> None:
    assert folder in rule_ids()


@pytest.mark.parametrize("folder", fixture_folders())
def test_a_folder_holds_nothing_but_fixtures(folder: str) -> None:
    files = [path for path in (HERE / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sorted(files) == fixtures(folder)


@pytest.mark.parametrize("path", [*(case.values[1] for case in CASES), *SHARED], ids=str)
def test_a_fixture_is_short_enough_to_be_reviewed(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_code_that_other_tests_read_is_short_enough_too() -> None:
    files = [path for path in HERE.parent.rglob("*") if path.suffix in {".tf", ".hcl", ".tfvars", ".yaml", ".tftpl"}]
    assert len(files) > len(CASES) / 2
    assert [path for path in files if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST] == []


def test_what_stands_beside_fixtures_is_named_by_several_and_expects_nothing() -> None:
    whole = [case.values[1] for case in CASES if str(case.values[1]).endswith(".tf")]
    named = Counter(each for path in whole for each in beside(Path(str(path)).read_text(encoding="utf-8")))
    assert sorted(named) == SHARED
    assert min(named.values()) > 1
    assert [path for path in SHARED if expectations(path)] == []


def test_no_account_is_kept_as_json_and_what_is_json_is_small() -> None:
    files = list(HERE.parent.rglob("*.json"))
    assert [path for path in files if path.name.endswith(".account.json")] == []
    assert 0 < sum(path.stat().st_size for path in files) <= MOST_JSON


@pytest.mark.parametrize(("rule", "path"), ACCOUNTS)
def test_an_account_says_its_defect_and_is_made_of_builders_alone(rule: str, path: Path) -> None:
    title, *body = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(title, ast.Expr)
    assert title.lineno == title.end_lineno == 1
    imports = [each for each in body if not isinstance(each, ast.Assign)]
    assert all(isinstance(each, ast.ImportFrom) for each in imports)
    assert all(str(getattr(each, "module", "")).startswith("tests.rules.builders") for each in imports)
    assert path.name.endswith(f".{rule.lower().replace('-', '_')}.py")


@pytest.mark.parametrize(("rule", "path"), ACCOUNTS)
def test_what_an_account_expects_stands_on_the_line_of_a_fact(rule: str, path: Path) -> None:
    facts = [line for line in path.read_text(encoding="utf-8").splitlines() if COMMENT.search(line)]
    assert facts, rule
    assert not facts[0].lstrip().startswith("#")
    assert len(facts) == len(expectations(path))


@pytest.mark.parametrize(("rule", "path"), ACCOUNTS)
def test_an_account_is_what_its_snapshot_says_and_what_that_leaves_unsaid(
    rule: str, path: Path, tmp_path: Path
) -> None:
    accounts = read(path, tmp_path)
    snapshot = json.loads(json.dumps(to_json(accounts)))
    assert from_json(snapshot) == accounts, rule
    assert from_json(_said(snapshot)) == accounts


def _said(data: Any) -> Any:
    """Return what a snapshot mentions, without the gaps that stand for what it does not."""
    match data:
        case list():
            return [_said(each) for each in data]
        case dict():
            return {name: _said(member) for name, member in data.items() if not _is_silence(name, member)}
        case _:
            return data


def _is_silence(name: str, member: Any) -> bool:
    gap = (member.get("gap") or member) if isinstance(member, dict) else {}
    return gap.get("detail") == f"{name} is not in the snapshot"


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "failed"},
        {"severity": "low"},
        {"subject": "role/other"},
        {"subject": "account"},
        {"rule": "OPER-01"},
    ],
)
def test_an_expectation_that_nothing_meets_is_a_complaint(wrong: dict[str, str]) -> None:
    findings = judge("OPER-02", [staffed(role())])
    changes: dict[str, Any] = {**wrong}
    assert complaints([OPERATORS], findings) == []
    assert complaints([OPERATORS, replace(OPERATORS, **changes)], findings) != []


def test_a_subject_that_two_addresses_end_with_is_a_complaint() -> None:
    findings = judge("OPER-02", [staffed(role(), role(name="path/operators"))])
    assert complaints([OPERATORS], findings) == []
    assert complaints([replace(OPERATORS, subject="operators")], findings) != []


@pytest.mark.parametrize("text", ["OPER-02 passed", "OPER-02 passed low", "OPER-02 is fine", "passed role/operators"])
def test_an_account_names_whom_it_expects_a_verdict_on(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pass.oper_02.py"
    path.write_text(f"ACCOUNT = staffed(role())  # expect: {text}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not an expectation"):
        expectations(path)


def test_a_new_field_of_the_model_touches_no_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    more = [("novelties", Inventory[Any], field(default_factory=none_read))]
    newer = make_dataclass("Account", more, bases=(Account,), frozen=True, slots=True, kw_only=True)
    for module in (builders, builders_snapshot):
        monkeypatch.setattr(module, "Account", newer)
    for case in ACCOUNTS:
        rule, path = case.values
        account = runpy.run_path(str(path))["ACCOUNT"]
        assert account.novelties.gap is not None
        assert complaints(expectations(Path(str(path))), judge(str(rule), [account])) == [], path
