"""The check on documents: a plain `start-session` then needs a right to the preferences document, by name."""

from collections.abc import Iterator

from ssm_hardening.access.people import Person
from ssm_hardening.access.requests import START, asks_for_document, may, on_document
from ssm_hardening.iam.decisions import Denied
from ssm_hardening.model import PREFERENCES_NAME, Account
from ssm_hardening.remediation.lockout.callers import callers, grants_sessions
from ssm_hardening.remediation.lockout.proposal import Proposal, granting, named
from ssm_hardening.remediation.plan import Lockout

_CHECK = "ssm:SessionDocumentAccessCheck"


def lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield who opens sessions today without any right to the preferences document."""
    if not proposal.closes("OPER-02"):
        return
    guards = proposal.call("operator-role")
    first = f"{granting(guards)} names the document before any Deny; for everybody else, " if guards else ""
    for account in proposal.accounts:
        found = [each.fact for each in callers(account) if _is_unnamed(account, each)]
        if found:
            yield Lockout(
                change=f"statements for {START} get the condition {_CHECK}; {named(found)} may use no document by name",
                stops=f"every session they start without naming a document: {PREFERENCES_NAME} is asked for then",
                avoided_by=f"{first}add the ARN of the document to the policy in the same change as the condition",
            )


def _is_unnamed(account: Account, person: Person) -> bool:
    """Say whether sessions open unchecked today, and surely would not with the check."""
    unchecked = any(grants_sessions(each) and not asks_for_document(each) for each in person.policies.identity)
    return unchecked and isinstance(may(person, on_document(account, person.fact, START, PREFERENCES_NAME)), Denied)
