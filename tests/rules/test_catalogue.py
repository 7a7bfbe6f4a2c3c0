import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.rules import kit
from ssm_hardening.rules.catalogue import load_rule, load_rules, rule_ids
from ssm_hardening.rules.kit.checks import Problem, conclude
from ssm_hardening.verdicts.findings import Confidence, Failed, Passed, Severity
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.builders import AT

_COMMAND = re.compile(r"(?:add|agree|ask|change|check|fix|remove|replace|restrict|run|set|use)\b")
LONGEST = 45
"""Characters of a headline: what one line of the first screen has room for."""


@pytest.mark.parametrize("rule", rule_ids())
def test_a_rule_explains_itself(rule: str) -> None:
    info = load_rule(rule).info
    assert info.id == rule
    undecided = r"^Undecided "
    assert re.search(undecided, info.explanation, re.MULTILINE)
    assert re.search(r"^Reference: ", info.explanation, re.MULTILINE)
    assert (info.remedy is None) != (info.manual is None)
    assert not _COMMAND.match(info.manual or ""), "`manual` completes the sentence: manual because …"


@pytest.mark.parametrize("rule", rule_ids())
def test_a_rule_has_a_headline_of_what_is_wrong(rule: str) -> None:
    info = load_rule(rule).info
    assert 0 < len(info.headline) <= LONGEST
    assert not info.headline.endswith(".")
    assert info.headline != info.title


@pytest.mark.parametrize("module", sorted(Path(kit.__file__).parents[1].rglob("*.py")), ids=lambda path: path.stem)
def test_headlines_of_single_failures_are_as_short(module: Path) -> None:
    for headline in _own_headlines(ast.parse(module.read_text(encoding="utf-8"))):
        assert 0 < len(headline) <= LONGEST
        assert not headline.endswith(".")


def _own_headlines(tree: ast.Module) -> Iterator[str]:
    """Yield the texts that are given as a headline, by keyword or to `headed`, those in a constant aside."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [each.value for each in node.keywords if each.arg == "headline"]
            if isinstance(node.func, ast.Name) and node.func.id == "headed":
                named.append(node.args[0])
            yield from (each.value for each in named if isinstance(each, ast.Constant) and isinstance(each.value, str))


@pytest.mark.parametrize("rule", rule_ids())
def test_what_is_only_reported_is_never_high(rule: str) -> None:
    info = load_rule(rule).info
    if info.confidence is Confidence.REPORTED:
        assert info.severity.rank >= Severity.MEDIUM.rank
        assert info.remedy is None


def test_standards_speak_only_of_rules_there_are() -> None:
    named = {rule for standard in BUILT_IN.values() for rule in (*standard.off, *standard.severities)}
    assert named <= set(rule_ids())


def test_ids_are_unique_and_each_family_is_in_order() -> None:
    identifiers = rule_ids()
    assert len(set(identifiers)) == len(identifiers)
    for family in {identifier.split("-")[0] for identifier in identifiers}:
        held = [identifier for identifier in identifiers if identifier.startswith(f"{family}-")]
        assert held == sorted(held)


def test_only_and_skip_choose() -> None:
    assert [rule.info.id for rule in load_rules(only=["PREF-03", "PREF-04"], skip=["PREF-04"])] == ["PREF-03"]


@pytest.mark.parametrize("words", [["PREF-03,kms-*"], ["pref-03", "KMS-*"], [" PREF-03 , KMS-*"]])
def test_rules_are_named_by_commas_and_patterns(words: list[str]) -> None:
    kms = {rule for rule in rule_ids() if rule.startswith("KMS-")}
    assert {rule.info.id for rule in load_rules(only=words)} == {"PREF-03", *kms}
    assert {rule.info.id for rule in load_rules(skip=words)} == set(rule_ids()) - {"PREF-03", *kms}


def test_a_check_takes_of_a_family_what_it_can_see_unless_that_is_nothing() -> None:
    stores = {rule.info.id for rule in load_rules(only=["S3-*"], documents_alone=True)}
    assert "S3-08" in stores
    assert "S3-09" not in stores
    assert [rule.info.id for rule in load_rules(only=["S3-09"], documents_alone=True)] == ["S3-09"]
    assert load_rules(only=["OPER-*"], documents_alone=True) == load_rules(only=["OPER-*"])


@pytest.mark.parametrize(
    ("word", "meant"), [("PREF", "PREF-*"), ("OPR-*", "OPER-*"), ("PREF-99", "PREF-09"), ("", ""), ("PREF-03,", "")]
)
def test_what_matches_no_rule_is_an_error_that_says_what_was_meant(word: str, meant: str) -> None:
    with pytest.raises(UsageError, match="does not exist") as told:
        load_rules(only=[word])
    assert meant in told.value.hint
    with pytest.raises(UsageError, match="does not exist"):
        load_rules(skip=[word])


@pytest.mark.parametrize("options", [{"only": ["PREF-99"]}, {"skip": ["PREF-99"]}])
def test_a_rule_that_is_not_there_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="PREF-99"):
        load_rules(**options)


def test_what_holds_of_several_statements_is_said_once() -> None:
    first, second = (Problem(AT, "its trust policy accepts any session name") for _ in range(2))
    verdict = conclude(AT, (first, second), passed=Passed(AT, ""), undecided="")
    assert isinstance(verdict, Failed)
    assert verdict.message == first.text
