"""Rules that are about the same subjects look for them once in each picture of an account."""

from dataclasses import replace

from ssm_hardening.core.values import Inventory
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account, Role
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.rules.registry import Selector
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.builders_people import role, staffed


def test_a_selector_is_asked_once_for_each_picture_and_never_kept_beyond() -> None:
    asked: list[Account] = []

    def select(account: Account) -> Inventory[Role]:
        asked.append(account)
        return account.roles

    over = Selector("roles", select)
    rules = [replace(load_rule(rule), over=over) for rule in ("ROLE-01", "ROLE-02")]
    account, other = staffed(role()), staffed(role(), role(name="others"))
    audit = run(rules, [account], BUILT_IN["strict"])
    assert [each.subject for each in audit.findings] == [account.roles.items[0].address] * 2
    assert asked == [account]
    assert len(run(rules, [other], BUILT_IN["strict"]).findings) == 4
    assert asked == [account, other]
