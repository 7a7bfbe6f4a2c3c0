"""Which findings are to be remedied, and the facts they are about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.findings import Audit, Crashed, Failed, Finding, NotApplicable, Passed, Undecided
from ssm_hardening.model import Account, Fact
from ssm_hardening.standards import Thresholds


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
    inventories = (account.session_documents, account.log_buckets, account.log_groups, account.keys)
    return tuple(fact for inventory in inventories for fact in inventory.items)
