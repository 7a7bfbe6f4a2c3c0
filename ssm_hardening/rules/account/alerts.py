"""Does anybody hear of it: ACCT-03."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ssm_hardening.core.logic import (
    Answer,
    ask,
    each,
    every,
    flag,
    is_no,
    negated,
    some,
    text_of,
    unanswered,
    unsupported,
)
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, is_set
from ssm_hardening.rules.kit.sources import silent, told
from ssm_hardening.rules.kit.subjects import the_account
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Severity, Undecided, Verdict

if TYPE_CHECKING:
    from ssm_hardening.model import EventRule

Event: TypeAlias = Mapping[str, "str | Event"]
"""The fields that every event of a kind has, with the texts they all share."""


def matches(pattern: Record, event: Event, at: Origin, *, path: str = "") -> Answer:
    """Say whether the pattern matches all events of a kind.

    A field in which such events differ is unknown; so are filters that are not over texts.
    """
    answers = [
        _member(member, event.get(key), f"{path}{key}", at) if key != "$or" else unsupported(at, "$or in a pattern")
        for key, member in pattern.members.items()
    ]
    return every((*answers, *gaps(pattern.rest)), at)


def _member(member: Value[Any], field: "str | Event | None", path: str, at: Origin) -> Answer:
    match member:
        case Known(Record() as nested, place) if isinstance(field, Mapping):
            return matches(nested, field, place, path=f"{path}.")
        case Known(Items(), place) if isinstance(field, str):
            return some((_alternative(item, field, place) for item in each(member)), place)
        case Unknown() as gap:
            return unanswered(gap)
        case Known() | Absent():
            return Unknown(Why.OUT_OF_SCOPE, at, f"which events the pattern excludes with {path}")


def _alternative(item: Value[Any], text: str, at: Origin) -> Answer:
    match item:
        case Known(str() | Reference() | Template()):
            return ask(text_of(item), lambda wanted: wanted == text, absent=False)
        case Known(Record() as filters, place):
            answers = (_filter(name, of, text, place) for name, of in filters.members.items())
            return every((*answers, *gaps(filters.rest)), place)
        case Unknown() as gap:
            return unanswered(gap)
        case Known() | Absent():
            return Known(False, at)


def _filter(name: str, of: Value[Any], text: str, at: Origin) -> Answer:
    match name, of:
        case _, Unknown() as gap:
            return unanswered(gap)
        case "exists", Known(bool() as flag, place):
            return Known(flag, place)
        case "anything-but", Known(Items(), place):
            return negated(some((_alternative(item, text, place) for item in each(of)), place))
        case "anything-but", Known():
            return negated(_alternative(of, text, at))
        case _, Known(str() as wanted, place) if name in _TESTS:
            return Known(_TESTS[name](wanted, text), place)
        case _:
            return unsupported(at, f"the filter {name} in a pattern")


def _like(wanted: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), text, re.DOTALL) is not None


_TESTS = {
    "prefix": lambda wanted, text: text.startswith(wanted),
    "suffix": lambda wanted, text: text.endswith(wanted),
    "equals-ignore-case": lambda wanted, text: text.lower() == wanted.lower(),
    "wildcard": _like,
}
"""EventBridge's filters over texts."""


_WHAT = "whether anyone is alerted"


@dataclass(frozen=True, slots=True)
class _Occasion:
    """Something to be alerted to: the calls that bring it about, and how much it weighs (None: the rule's own)."""

    text: str
    service: str
    calls: tuple[str, ...]
    headline: str
    severity: Severity | None = None

    def events(self) -> Iterator[tuple[str, Event]]:
        for call in self.calls:
            detail: Event = {"eventSource": f"{self.service}.amazonaws.com", "eventName": call}
            if "Document" in call:
                detail = {**detail, "requestParameters": {"name": PREFERENCES_NAME}}
            kind = "AWS API Call via CloudTrail"
            yield call, {"source": f"aws.{self.service}", "detail-type": kind, "detail": detail}


_OCCASIONS = (
    _Occasion("the start of sessions", "ssm", ("StartSession",), "No alert when a session starts"),
    _Occasion(
        "changes to the session preferences",
        "ssm",
        ("UpdateDocument", "DeleteDocument"),
        "No alert when session preferences change",
    ),
    _Occasion("changes to service settings", "ssm", ("UpdateServiceSetting",), "No alert when service settings change"),
    _Occasion(
        "the disabling or deletion of a KMS key",
        "kms",
        ("DisableKey", "ScheduleKeyDeletion"),
        "No alert on KMS key disabling or deletion",
        Severity.LOW,
    ),
)


@rule(
    id="ACCT-03",
    title="Alerts cover sessions and changes to their settings",
    headline="Session activity raises no alert",
    severity=Severity.MEDIUM,
    may=(Severity.LOW,),
    over=the_account,
    manual=(
        "only you know who must be alerted: add a rule on the default event bus, with a target that someone reads (aws "
        'events put-rule --name NAME --event-pattern \'{"source":["aws.ssm"],"detail":{"eventName":[…]}}\', then aws '
        "events put-targets). If a SIEM raises the alerts, turn this rule off in the standard"
    ),
)
def alerts_on_sessions(account: Account, _context: Context) -> Verdict:
    """One API call turns off logging; with an immediate alert, there is still time to see what happens next.

    The rule requires enabled EventBridge rules on the default event bus, with a target, for StartSession, for
    UpdateDocument and DeleteDocument on the session preferences, for UpdateServiceSetting, and (low) for DisableKey and
    ScheduleKeyDeletion. These events need a trail (ACCT-02). Alerts that are raised elsewhere, such as by metric
    filters or a SIEM, are not visible to this rule.

    Undecided when a rule, its pattern, or its targets could not be read, or when a pattern filters on fields that
    differ between events. Not applicable to code that declares no such rule.

    Reference: AWS Systems Manager User Guide, "Monitoring session activity using Amazon EventBridge".
    """
    rules = told(account, account.event_rules)
    if account.source != LIVE:
        declared = some((*map(_is_meant, rules.items), *gaps(rules.gap)), account.at)
        if isinstance(declared, Unknown):
            return Undecided(account.at, declared, f"{_WHAT} is unknown")
        if is_no(declared):
            return silent(account, _WHAT)
    passed = Passed(account.at, "EventBridge rules alert on sessions and on changes to their settings")
    checks = (check for occasion in _OCCASIONS for check in _check(account, occasion, rules))
    return conclude(account.at, checks, passed=passed, undecided=f"{_WHAT} is unknown")


def _is_meant(event_rule: "EventRule") -> Answer:
    """Say whether the rule exists, and is for any of these events."""
    events = [event for occasion in _OCCASIONS for _, event in occasion.events()]
    about = some((_matches(event_rule, event) for event in events), event_rule.origin)
    return every((exists(event_rule), about), event_rule.origin)


def _check(account: Account, occasion: _Occasion, rules: "Inventory[EventRule]") -> Iterator[Check]:
    answers = {
        call: some((*(_alerts(item, event) for item in rules.items), *gaps(rules.gap)), account.at)
        for call, event in occasion.events()
    }
    silent_calls = [call for call, answer in answers.items() if is_no(answer)]
    if silent_calls:
        text = f"nothing alerts on {occasion.text} ({', '.join(silent_calls)})"
        yield Problem(account.at, text, occasion.severity, headline=occasion.headline)
    yield from gaps(*answers.values())


def _alerts(event_rule: "EventRule", event: Event) -> Answer:
    """Say whether the rule passes the event on to somebody; only the default bus hears of AWS's own events."""
    parts = (
        exists(event_rule),
        flag(event_rule.enabled, absent=True),
        ask(text_of(event_rule.bus), lambda name: name.rpartition("/")[2] == "default", absent=True),
        some((is_set(target) for target in each(event_rule.targets)), event_rule.targets.at),
        _matches(event_rule, event),
    )
    return every(parts, event_rule.origin)


def _matches(event_rule: "EventRule", event: Event) -> Answer:
    at = event_rule.pattern.at
    return ask(event_rule.pattern, lambda pattern: matches(pattern, event, at), absent=False)
