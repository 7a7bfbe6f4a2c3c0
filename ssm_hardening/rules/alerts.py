"""Does anybody hear of it: ACCT-03."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssm_hardening.findings import Passed, Question, Requirement, Severity, Undecided, Verdict
from ssm_hardening.iam.logic import Answer, every, is_no, some, unanswered
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account
from ssm_hardening.rules.event_patterns import Event, matches
from ssm_hardening.rules.fleet import exists
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.rules.settings import Check, Problem, conclude, literal
from ssm_hardening.rules.sources import silent, told
from ssm_hardening.rules.subjects import the_account
from ssm_hardening.values import Absent, Inventory, Items, Known, Unknown

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import EventRule

_WHAT = "whether anybody is alerted"


@dataclass(frozen=True, slots=True)
class _Occasion:
    """Something to be alerted of: the calls that bring it about, and how much it weighs (None: the rule's own)."""

    text: str
    service: str
    calls: tuple[str, ...]
    severity: Severity | None = None

    def events(self) -> Iterator[tuple[str, Event]]:
        for call in self.calls:
            detail: Event = {"eventSource": f"{self.service}.amazonaws.com", "eventName": call}
            if "Document" in call:
                detail = {**detail, "requestParameters": {"name": PREFERENCES_NAME}}
            kind = "AWS API Call via CloudTrail"
            yield call, {"source": f"aws.{self.service}", "detail-type": kind, "detail": detail}


_OCCASIONS = (
    _Occasion("the start of sessions", "ssm", ("StartSession",)),
    _Occasion("changes of the preferences", "ssm", ("UpdateDocument", "DeleteDocument")),
    _Occasion("changes of service settings", "ssm", ("UpdateServiceSetting",)),
    _Occasion("the end of a key", "kms", ("DisableKey", "ScheduleKeyDeletion"), Severity.LOW),
)


@rule(
    id="ACCT-03",
    title="Alerts on sessions and on changes of their settings",
    severity=Severity.MEDIUM,
    may=(Severity.LOW,),
    over=the_account,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual=(
        "who is to be told is yours to say: add a rule on the default bus with a target that somebody reads (aws "
        'events put-rule --name NAME --event-pattern \'{"source":["aws.ssm"],"detail":{"eventName":[…]}}\', aws events '
        "put-targets). Where a SIEM raises the alerts, switch this rule off in the standard"
    ),
)
def acct_03(account: Account, _context: Context) -> Verdict:
    """Logging can be switched off with one call; who is told of it at once can still see what happens next.

    Asked for is an enabled EventBridge rule of the default bus, with a target, for StartSession, for UpdateDocument and
    DeleteDocument on the preferences, for UpdateServiceSetting, and (low) for DisableKey and ScheduleKeyDeletion. They
    come by way of a trail (ACCT-02). Alerts that are raised elsewhere, by metric filters or a SIEM, are not seen.

    It cannot tell where a rule, its pattern or its targets could not be read, where a pattern filters by what events
    differ in, or where code declares no such rule.

    Reference: AWS Systems Manager User Guide, "Monitoring session activity using Amazon EventBridge".
    """
    rules = told(account, account.event_rules)
    if account.source != LIVE:
        declared = some((*(_is_meant(each) for each in rules.items), *_more(rules)), account.at)
        if isinstance(declared, Unknown):
            return Undecided(account.at, declared, f"{_WHAT} cannot be told")
        if is_no(declared):
            return silent(account, _WHAT)
    passed = Passed(account.at, "rules of EventBridge alert on sessions and on changes of their settings")
    checks = (check for occasion in _OCCASIONS for check in _check(account, occasion, rules))
    return conclude(account.at, checks, passed=passed, undecided=f"{_WHAT} cannot be told")


def _is_meant(event_rule: "EventRule") -> Answer:
    """Say whether the rule is there, and for any of these events."""
    events = [event for occasion in _OCCASIONS for _, event in occasion.events()]
    about = some((_matches(event_rule, event) for event in events), event_rule.origin)
    return every((exists(event_rule), about), event_rule.origin)


def _more(rules: "Inventory[EventRule]") -> Iterator[Unknown]:
    if rules.gap is not None:
        yield unanswered(rules.gap)


def _check(account: Account, occasion: _Occasion, rules: "Inventory[EventRule]") -> Iterator[Check]:
    answers = {
        call: some((*(_alerts(each, event) for each in rules.items), *_more(rules)), account.at)
        for call, event in occasion.events()
    }
    silent_calls = [call for call, answer in answers.items() if is_no(answer)]
    if silent_calls:
        text = f"nothing alerts on {occasion.text} ({', '.join(silent_calls)})"
        yield Problem(account.at, text, occasion.severity)
    yield from (answer for answer in answers.values() if isinstance(answer, Unknown))


def _alerts(event_rule: "EventRule", event: Event) -> Answer:
    """Say whether the rule passes the event on to somebody."""
    parts = (exists(event_rule), _enabled(event_rule), _on_default_bus(event_rule), _has_target(event_rule))
    return every((*parts, _matches(event_rule, event)), event_rule.origin)


def _matches(event_rule: "EventRule", event: Event) -> Answer:
    match event_rule.pattern:
        case Known(pattern, at):
            return matches(pattern, event, at)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return unanswered(gap)


def _enabled(event_rule: "EventRule") -> Answer:
    match event_rule.enabled:
        case Known() as flag:
            return flag
        case Absent(at):
            return Known(True, at)
        case Unknown() as gap:
            return unanswered(gap)


def _on_default_bus(event_rule: "EventRule") -> Answer:
    """Only the default bus hears of AWS's own events."""
    match event_rule.bus:
        case Known() as bus:
            name = literal(bus)
            if isinstance(name, Unknown):
                return unanswered(name)
            return Known(name.rpartition("/")[2] == "default", bus.at)
        case Absent(at):
            return Known(True, at)
        case Unknown() as gap:
            return unanswered(gap)


def _has_target(event_rule: "EventRule") -> Answer:
    match event_rule.targets:
        case Known(Items(items, rest), at):
            if any(isinstance(item, Known) for item in items):
                return Known(True, at)
            gap = next((item for item in (*items, rest) if isinstance(item, Unknown)), None)
            return Known(False, at) if gap is None else unanswered(gap)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return unanswered(gap)
