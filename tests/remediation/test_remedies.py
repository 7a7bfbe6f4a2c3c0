"""The table of remedies: a row for each rule, and nothing in it that is said twice or by two rows at once."""

from collections import Counter

from ssm_hardening.core import folders
from ssm_hardening.remediation.cases import AccessGap, Aspect
from ssm_hardening.remediation.remedies import REMEDIES, TABLE
from ssm_hardening.rules.catalogue import load_rules, rule_ids

_ONLY_LIVE = {"ACCT-01", "ACCT-03"}
"""Rules that say by hand, since only for a live account a module closes them."""


def test_each_rule_has_one_row() -> None:
    assert Counter(each.rule for each in TABLE) == Counter(rule_ids())


def test_rows_name_the_modules_that_the_rules_name() -> None:
    named = {rule.info.id: rule.info.remedy for rule in load_rules() if rule.info.id not in _ONLY_LIVE}
    assert {each.rule: each.module for each in TABLE if each.rule not in _ONLY_LIVE} == named
    assert {each.module for each in TABLE} - {None} <= {each.name for each in folders.modules().iterdir()}


def test_what_a_module_changes_of_a_store_or_withholds_belongs_to_one_rule() -> None:
    assert Counter(each.aspect for each in TABLE if each.aspect is not None) == Counter(Aspect)
    switches = Counter(each.switch.key for each in TABLE if each.switch is not None)
    assert set(switches.values()) == {1}


def test_gaps_are_told_apart_by_those_who_make_calls_for_rights() -> None:
    assert {each.gap for each in TABLE} - {None} == set(AccessGap)
    assert all(each.rights is not None for each in TABLE if each.gap is not None)


def test_a_gap_is_closed_by_code_or_by_rights_never_by_both() -> None:
    assert not [each.rule for each in REMEDIES.values() if each.code is not None and each.rights is not None]
    assert not [each.rule for each in TABLE if each.aspect is not None and each.code is None]
