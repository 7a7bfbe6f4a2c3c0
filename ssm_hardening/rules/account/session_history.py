"""What the sessions of the last 30 days tell: ACCT-05."""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import is_no, known_or, text_of
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.placeholders import fixed_setting
from ssm_hardening.rules.account.recordings import Tunnel, changed_since, document_of, moment
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, unless, wrong
from ssm_hardening.rules.kit.sources import only_live
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Failed,
    NotApplicable,
    Passed,
    Related,
    Severity,
    Verdict,
)
from ssm_hardening.verdicts.standards import Thresholds

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Session

_MOST_SHOWN = 10

an_account_with_history: Selector[Account] = Selector(
    "accounts", lambda account: Inventory((account,)), silence=only_live("which sessions took place")
)


@rule(
    id="ACCT-05",
    title="Session history meets the standard",
    headline="Past sessions do not meet the standard",
    severity=Severity.MEDIUM,
    over=an_account_with_history,
    manual=(
        "only the people named here know what the sessions were for: ask them, then deny the documents that record "
        "nothing (ssm:StartSession on document/AWS-StartSSHSession and similar) to everyone who does not need them, "
        "and end disconnected sessions (aws ssm terminate-session --session-id ID)"
    ),
)
def history_conforms(account: Account, context: Context) -> Verdict:
    """The session history shows what people really did: tunnels, unrecorded shells, long sessions, unexpected users.

    The rule looks for tunnels, for sessions whose document records nothing, for sessions that lasted longer than
    `duration_minutes_max` of the standard, for disconnected sessions that did not end, and for owners that match none
    of `session_owners` (if the list is empty, all owners are accepted). The history covers 30 days.

    Undecided when the history could not be read completely, or when the document, the times, or the owner of a
    session is unknown and the known sessions meet the standard.

    Reference: AWS Systems Manager User Guide, "View session history"; API reference, DescribeSessions.
    """
    sessions = [session for session in account.sessions.items if not is_no(exists(session))]
    gap = account.sessions.gap
    if not sessions and gap is None:
        return NotApplicable(account.at, "there were no sessions in the last 30 days")
    found = [(session, check) for session in sessions for check in _checks(session, account, context.thresholds)]
    checks = (*_summed(found, len(sessions)), *gaps(gap))
    passed = Passed(account.at, f"{_all(len(sessions))} of the last 30 days meets the standard")
    undecided = "whether all sessions of the last 30 days meet the standard is unknown"
    verdict = conclude(account.at, checks, passed=passed, undecided=undecided)
    return replace(verdict, related=tuple(_shown(found))) if isinstance(verdict, Failed) else verdict


def _all(number: int) -> str:
    return "the only session" if number == 1 else f"each of the {number} sessions"


def _summed(found: "list[tuple[Session, Check]]", total: int) -> Iterator[Check]:
    """Yield one problem for each kind, with the number of its sessions, and every gap."""
    counts: dict[str, int] = {}
    for _, check in found:
        if isinstance(check, Problem):
            counts[check.text] = counts.get(check.text, 0) + 1
        else:
            yield check
    for session, check in found:
        if isinstance(check, Problem) and check.text in counts:
            text = f"{counts.pop(check.text)} of {counted(total, 'session')} {check.text}"
            yield Problem(session.origin, text, headline=check.headline)


def _shown(found: "list[tuple[Session, Check]]") -> Iterator[Related]:
    problems = [(session, check) for session, check in found if isinstance(check, Problem)]
    for session, check in problems[:_MOST_SHOWN]:
        who, where = _told(session.owner), _told(session.target)
        yield Related(check.at, f"{_told(session.name)}: {who} on {where}, {_told(session.started)}: {check.text}")
    if len(problems) > _MOST_SHOWN:
        session, _ = problems[_MOST_SHOWN]
        yield Related(session.origin, f"and {len(problems) - _MOST_SHOWN} more")


def _told(value: Value[Text]) -> str:
    return str(known_or(value, "?"))


def _checks(session: "Session", account: Account, thresholds: Thresholds) -> Iterator[Check]:
    if isinstance(session.exists, Unknown):
        yield session.exists
        return
    yield from _recordable(session, account)
    yield from _overlong(session, thresholds.duration_minutes_max)
    yield from _left_open(session)
    yield from _by_whom(session, thresholds.session_owners)


def _recordable(session: "Session", account: Account) -> Iterator[Check]:
    document = document_of(session, account)
    match document:
        case Tunnel(name):
            text = f"opened a tunnel, which is never recorded ({name.rpartition('/')[2]})"
            yield Problem(session.origin, text, headline="Unrecorded tunnels were opened")
        case SessionDocument():
            yield from _names_a_store(session, document)
        case Unknown() as gap:
            yield gap


def _names_a_store(session: "Session", document: SessionDocument) -> Iterator[Check]:
    stores = [fixed_setting(document.s3_bucket), fixed_setting(document.cloudwatch_log_group)]
    if any(isinstance(store, Known) for store in stores):
        return
    for gap in gaps(*stores):
        yield gap
        return
    text = "ran with a document that records nothing"
    checks = unless(changed_since(session, document), text, at=session.origin)
    yield from headed("Sessions were not recorded", checks)


def _overlong(session: "Session", limit: int) -> Iterator[Check]:
    if isinstance(session.ended, Absent):
        return
    start, end = moment(session.started), moment(session.ended)
    if isinstance(start, Unknown):
        yield start
    elif isinstance(end, Unknown):
        yield end
    elif (end - start).total_seconds() > limit * 60:
        text = f"lasted longer than {counted(limit, 'minute')}"
        yield Problem(session.ended.at, text, headline="Sessions lasted too long")


def _left_open(session: "Session") -> Iterator[Check]:
    text = "disconnected without ending"
    left = wrong(session.status, lambda status: text if status == "Disconnected" else "")
    return headed("Disconnected sessions are still open", left)


def _by_whom(session: "Session", expected: tuple[str, ...]) -> Iterator[Check]:
    def stranger(owner: str) -> str:
        known = any(fnmatchcase(owner, pattern) for pattern in expected)
        return "" if known else "had an owner that the standard does not expect"

    if expected:
        checks = wrong(text_of(session.owner), stranger, absent="had no known owner")
        yield from headed("Unexpected people started sessions", checks)
