"""What the sessions of the last 30 days tell: ACCT-05."""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import is_no, known_or, text_of
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.placeholders import fixed_setting
from ssm_hardening.rules.account.recordings import Tunnel, changed_since, document_of, moment
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, unless, wrong
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
    "accounts", lambda account: Inventory((account,)), silence=only_live("which sessions there were")
)


@rule(
    id="ACCT-05",
    title="Session history conforms",
    severity=Severity.MEDIUM,
    over=an_account_with_history,
    manual=(
        "only the people named here know what the sessions were for: ask them, then deny the documents that record "
        "nothing (ssm:StartSession on document/AWS-StartSSHSession and the like) to those who need none, and end what "
        "is left open (aws ssm terminate-session --session-id ID)"
    ),
)
def history_conforms(account: Account, context: Context) -> Verdict:
    """The history shows what policies allowed: tunnels and unrecorded shells, sessions without end, unexpected people.

    Looked for are sessions through tunnels or with a document that names no store, sessions longer than the standard's
    `duration_minutes_max`, sessions left disconnected, and owners that match none of `session_owners` (empty: anybody
    may). The history goes back 30 days.

    It cannot tell where the history could not be read to its end, or a session's document, times or owner are not
    known, and what is known conforms.

    Reference: AWS Systems Manager User Guide, "View session history"; API reference, DescribeSessions.
    """
    sessions = [session for session in account.sessions.items if not is_no(exists(session))]
    gap = account.sessions.gap
    if not sessions and gap is None:
        return NotApplicable(account.at, "there were no sessions in the last 30 days")
    found = [(session, check) for session in sessions for check in _checks(session, account, context.thresholds)]
    checks = (*_summed(found, len(sessions)), *gaps(gap))
    passed = Passed(account.at, f"all {len(sessions)} sessions of the last 30 days conform")
    undecided = "whether all sessions of the last 30 days conform cannot be told"
    verdict = conclude(account.at, checks, passed=passed, undecided=undecided)
    return replace(verdict, related=tuple(_shown(found))) if isinstance(verdict, Failed) else verdict


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
            yield Problem(session.origin, f"{counts.pop(check.text)} of {total} sessions {check.text}")


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
            yield Problem(session.origin, f"were tunnels, which are never recorded ({name.rpartition('/')[2]})")
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
    yield from unless(changed_since(session, document), text, at=session.origin)


def _overlong(session: "Session", limit: int) -> Iterator[Check]:
    if isinstance(session.ended, Absent):
        return
    start, end = moment(session.started), moment(session.ended)
    if isinstance(start, Unknown):
        yield start
    elif isinstance(end, Unknown):
        yield end
    elif (end - start).total_seconds() > limit * 60:
        yield Problem(session.ended.at, f"lasted longer than {limit} minutes")


def _left_open(session: "Session") -> Iterator[Check]:
    return wrong(session.status, lambda status: "are open with nobody connected" if status == "Disconnected" else "")


def _by_whom(session: "Session", expected: tuple[str, ...]) -> Iterator[Check]:
    def stranger(owner: str) -> str:
        known = any(fnmatchcase(owner, pattern) for pattern in expected)
        return "" if known else "were opened by somebody the standard does not expect"

    if expected:
        yield from wrong(text_of(session.owner), stranger, absent="were opened by nobody known")
