"""Which findings are to be remedied, and the facts they are about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.values import Inventory, Items, Known
from ssm_hardening.model import LIVE, Account, Fact, LogBucket
from ssm_hardening.verdicts.findings import Audit, Crashed, Failed, Finding, NotApplicable, Passed, Undecided
from ssm_hardening.verdicts.standards import Thresholds

_LAST = ("PREF-02",)
"""Rules that are remedied after the others: what those have set needs no mending of its form."""


@dataclass(frozen=True, slots=True)
class Case:
    """A finding, the account it is about, its subject (None for the account itself), and what to aim at."""

    finding: Finding
    account: Account
    fact: Fact | None
    thresholds: Thresholds

    @property
    def failed(self) -> bool:
        """Whether the verdict is a failure; otherwise it is undecided."""
        return isinstance(self.finding.verdict, Failed)


def cases(audit: Audit, accounts: Sequence[Account], thresholds: Thresholds) -> Iterator[Case]:
    """Yield what is open: failed or undecided, and not waived."""
    for finding in audit.findings:
        if finding.waiver is not None or not _is_open(finding):
            continue
        for account, fact in _subjects(finding, accounts):
            yield Case(finding, account, fact, thresholds)
            break


def _is_open(finding: Finding) -> bool:
    match finding.verdict:
        case Failed() | Undecided():
            return True
        case Passed() | NotApplicable() | Crashed():
            return False


def _subjects(finding: Finding, accounts: Sequence[Account]) -> Iterator[tuple[Account, Fact | None]]:
    found = [account for account in accounts if account.root == finding.root]
    if finding.subject == "account":
        yield from ((account, None) for account in found if account.at == finding.origin)
        return
    yield from ((account, fact) for account in found for fact in facts(account) if fact.address == finding.subject)
    if finding.rule.remedy is None:
        # A node, a session, an activation: the step is a person's, and needs no more than the finding.
        yield from ((account, None) for account in found)


def facts(account: Account) -> tuple[Fact, ...]:
    """Return every fact of an account that a remedy may be about."""
    inventories: tuple[Inventory[Any], ...] = (
        account.session_documents,
        account.log_buckets,
        account.log_groups,
        account.keys,
        account.roles,
        account.users,
        account.groups,
        account.instances,
        account.security_groups,
        account.vpc_endpoints,
        account.vpcs,
        account.subnets,
        account.hosts,
    )
    return tuple(fact for inventory in inventories for fact in inventory.items)


def turn(case: Case) -> tuple[bool, str, str, str]:
    """Return the order in which findings are taken: what others rely on comes first."""
    store_first = not case.finding.rule.id.startswith(("S3", "CW", "KMS-02", "KMS-03"))
    late = case.finding.rule.id in _LAST
    return (late or store_first, f"{late}{case.finding.rule.id}", case.finding.root, case.finding.subject)


def is_gap(case: Case) -> bool:
    """Say whether a rule is undecided for want of an object: there may be more, or this may be none of ours."""
    match case.fact:
        case None:
            return case.finding.rule.id != "PREF-01"
        case LogBucket(used_by=Known(Items(items))):
            return not any(isinstance(item, Known) for item in items)
        case LogBucket():
            return True
        case _:
            return False


def is_aside(case: Case, accounts: Sequence[Account]) -> bool:
    """Say whether code puts it under another provider or Region than the root's default, which comes first."""
    first = next((each for each in accounts if each.root == case.account.root), case.account)
    return case.account.source != LIVE and case.account is not first
