"""A policy that was not read may deny what nodes need, and grant what nobody should have: it earns no pass."""

from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.access.people import people
from ssm_hardening.core.logic import contents
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Inventory, Unknown, Why
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Failed, NotApplicable, Passed, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.scenarios import scenarios

GAP = Unknown(Why.OUT_OF_SCOPE, CodeOrigin("main.tf", 7), "the statements of other are not in the code")
DEPENDING = (
    "ROLE-01", "ROLE-02", "ROLE-03", "ROLE-04", "ROLE-06", "KMS-07", "PATH-01",
    *(f"OPER-{number:02}" for number in range(1, 12)),
)  # fmt: skip
"""The rules whose passes rest on all policies of a role, user, or group."""


def beside_an_unread_policy(account: Account) -> Account:
    """Return the account whose every role, user and group has one more policy, which was not read."""

    def less(found: Inventory[Any]) -> Inventory[Any]:
        items = tuple(replace(each, statements=Inventory(each.statements.items, GAP)) for each in found)
        return Inventory(items, found.gap)

    return replace(account, roles=less(account.roles), users=less(account.users), groups=less(account.groups))


@pytest.mark.parametrize("rule", DEPENDING)
def test_an_unread_policy_leaves_failures_and_earns_no_pass(rule: str) -> None:
    judged = 0
    for name, account in scenarios().items():
        if rule == "KMS-07" and not people(account).items:
            continue
        before = {each.subject: each for each in run([load_rule(rule)], [account], BUILT_IN["strict"]).findings}
        after = run([load_rule(rule)], [beside_an_unread_policy(account)], BUILT_IN["strict"]).findings
        for each in after:
            judged += 1
            found = before.get(each.subject)
            if isinstance(each.verdict, Passed):
                assert rests_on_no_policy(each.verdict.message), (name, each.subject, each.verdict.message)
            elif found is not None and isinstance(found.verdict, Failed):
                assert isinstance(each.verdict, Failed | Undecided), (name, each.subject, each.verdict)
    assert judged > 0


def rests_on_no_policy(message: str) -> bool:
    """Say whether a pass names the one thing that it rests on, and that is no policy of whoever is judged."""
    return any(words in message for words in ("the standard lists it", "the session history shows"))


def test_what_a_failure_rests_on_is_named_once() -> None:
    account = beside_an_unread_policy(scenarios()["an administrator"])
    (finding,) = (
        each
        for each in run([load_rule("OPER-06")], [account], BUILT_IN["strict"]).findings
        if isinstance(each.verdict, Failed)
    )
    told = "unless a policy that was not read denies it (main.tf:7: the statements of other are not in the code)"
    assert finding.verdict.message.count(told) == 1


def test_an_administrator_beside_an_unread_policy_is_told_of_once() -> None:
    account = beside_an_unread_policy(scenarios()["an administrator"])
    rules = [load_rule(f"OPER-{number:02}") for number in range(1, 12)]
    found = {
        each.rule.id: type(each.verdict)
        for each in run(rules, [account], BUILT_IN["baseline"]).findings
        if each.subject in {role.address for role in account.roles if "admin" in role.address}
    }
    assert found.pop("OPER-06") is Failed
    assert set(found.values()) == {NotApplicable}


def with_unread_statements(account: Account) -> Account:
    """Return the account whose every bucket, key, and endpoint has statements in its policy that were not read."""

    def less(found: Inventory[Any]) -> Inventory[Any]:
        return Inventory(
            tuple(replace(each, statements=Inventory(each.statements.items, GAP)) for each in found), found.gap
        )

    return replace(
        account,
        log_buckets=less(account.log_buckets),
        keys=less(account.keys),
        vpc_endpoints=less(account.vpc_endpoints),
    )


def asked_for(account: Account) -> set[str]:
    """Return the keys whose policy must let somebody in: those of documents and log groups."""
    users = {each.address for each in (*account.session_documents, *account.log_groups)}
    return {key.address for key in account.keys if users & set(map(str, contents(key.used_by)))}


@pytest.mark.parametrize("rule", ["S3-07", "KMS-04", "KMS-05", "NET-05"])
def test_statements_of_a_resource_that_were_not_read_earn_no_pass(rule: str) -> None:
    judged = 0
    for name, account in scenarios().items():
        before = {each.subject: each for each in run([load_rule(rule)], [account], BUILT_IN["strict"]).findings}
        for each in run([load_rule(rule)], [with_unread_statements(account)], BUILT_IN["strict"]).findings:
            if rule == "KMS-05" and each.subject not in asked_for(account):
                continue
            judged += 1
            assert not isinstance(each.verdict, Passed), (name, each.subject, each.verdict)
            if rule in {"S3-07", "KMS-04"} and isinstance(before[each.subject].verdict, Failed):
                assert isinstance(each.verdict, Failed), (name, each.subject, each.verdict)
    assert judged > 0
