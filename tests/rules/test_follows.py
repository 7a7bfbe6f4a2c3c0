"""Which failures follow from which: a rule names the causes, and a verdict the places of all that it follows from."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.report.grouping import Entry, entries
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules import scenarios_paths
from tests.rules.builders_live import live_account, session

FIXTURES = Path(__file__).parent
EXAMPLES = FIXTURES.parents[1] / "examples"
RULES = load_rules()


def found(accounts: Sequence[Account]) -> list[Entry]:
    return entries(run(RULES, accounts, BUILT_IN["strict"]).findings, None)


def following(accounts: Sequence[Account]) -> dict[str, list[str]]:
    """Return the rules that follow, by that which they follow from."""
    return {each.rule.id: [one.rule.id for one in each.following] for each in found(accounts) if each.following}


def alone(accounts: Sequence[Account]) -> set[str]:
    return {each.rule.id for each in found(accounts)}


def test_causes_are_rules_and_go_round_in_no_circle() -> None:
    causes = {rule.info.id: set(rule.info.follows) for rule in RULES if rule.info.follows}
    assert set().union(*causes.values()) <= {rule.info.id for rule in RULES}
    assert not causes.keys() & set().union(*causes.values())


def test_without_a_destination_the_path_and_the_switches_follow() -> None:
    assert following(read_terraform([EXAMPLES / "careless"]).accounts) == {"PREF-03": ["PATH-01", "PREF-14"]}


def test_a_document_that_names_another_store_follows_from_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes((FIXTURES / "PREF-14" / "fail.tf").read_bytes())
    accounts = read_terraform([tmp_path]).accounts
    assert "PREF-14" in alone(accounts)
    assert following(accounts) == {}


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("a path without preferences", "PREF-01"),
        ("a path without way out", "NET-03"),
        ("a path whose endpoint lets little through", ""),
        ("a path without rights", ""),
        ("a path to a key for nobody", ""),
        ("a path to DSSE", ""),
    ],
)
def test_a_path_follows_from_what_breaks_it(name: str, cause: str) -> None:
    account = scenarios_paths.scenarios()[name]
    assert following([account]).get(cause, []) == (["PATH-01"] if cause else [])
    assert ("PATH-01" in alone([account])) == (not cause)


def test_a_path_follows_from_a_role_that_lacks_rights(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes((FIXTURES / "PATH-01" / "fail.tf").read_bytes())
    assert following(read_terraform([tmp_path]).accounts) == {"ROLE-03": ["PATH-01"]}


def test_a_session_recorded_nowhere_follows_from_preferences_without_a_destination() -> None:
    lost = session(1, recording_object=None, recording_stream=None)
    nowhere = live_account(session_documents=[], sessions=[lost])
    assert following([nowhere])["PREF-03"] == ["REC-01"]
    # Where the document names a store, the upload failed, which no setting explains.
    assert "REC-01" in alone([live_account(sessions=[lost])])
