"""Runs rules over accounts: every (rule, subject) ends in exactly one verdict."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from itertools import islice, product
from typing import Any

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Unknown, Value, Why
from ssm_hardening.model import HOST, Account, Fact
from ssm_hardening.rules.registry import AnyRule, Context, Standing
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    Related,
    Undecided,
    Verdict,
)
from ssm_hardening.verdicts.standards import Standard

_MOST_BRANCHES = 32
"""How many combinations of undecided branches are tried before a verdict stays undecided."""


def run(rules: Iterable[AnyRule], accounts: Iterable[Account], standard: Standard) -> Audit:
    """Judge every subject of every account by every rule that the standard leaves on."""
    chosen = tuple(rule for rule in rules if rule.info.id not in standard.off)
    pictures = tuple(accounts)
    findings = [
        finding
        for account in pictures
        for rule in chosen
        for finding in _findings(rule, account, Context(account, standard.thresholds, standard.severities), standard)
    ]
    return Audit(
        standard=standard.name,
        sources=tuple(dict.fromkeys(account.source for account in pictures)),
        findings=tuple(sorted(findings, key=_order)),
        rules=tuple(rule.info for rule in chosen),
    )


def _order(finding: Finding) -> tuple[str, str, str, str, str]:
    return (finding.root, finding.account, finding.region, finding.rule.id, finding.subject)


def _findings(rule: AnyRule, account: Account, context: Context, standard: Standard) -> Iterator[Finding]:
    silence = _silence(rule, account)
    if silence is not None:
        yield _finding(rule, account, account, NotApplicable(account.at, silence.detail, gap=silence), standard)
        return
    inventory = rule.over.select(account)
    judged = [subject for subject in inventory.items if isinstance(subject, Account) or known_or(subject.exists, True)]
    for subject in judged:
        yield _finding(rule, account, subject, _judge(rule, subject, context), standard)
    if inventory.gap is not None:
        yield _finding(rule, account, account, Undecided(inventory.gap.at, inventory.gap), standard)
    elif not judged:
        nothing = NotApplicable(account.at, f"there are no {rule.over.noun}")
        yield _finding(rule, account, account, nothing, standard)


def _silence(rule: AnyRule, account: Account) -> Unknown | None:
    """Say why this source never tells of the rule's subjects; None where it does."""
    if account.source == HOST and not rule.over.inside:
        return Unknown(
            Why.OUT_OF_SCOPE, account.at, "evidence from inside a node does not show this; audit the account as well"
        )
    return rule.over.silence(account)


def _judge(rule: AnyRule, subject: Fact | Account, context: Context) -> Verdict:
    verdict, preface = _decide(rule, subject, context), rule.over.preface(subject)
    if isinstance(subject, Fact) and isinstance(subject.exists, Unknown):
        verdict = _weakened(verdict, subject.exists, preface or "if it exists: ", "whether it exists is unknown:")
    elif preface:
        verdict = _prefaced(verdict, preface)
    standing = rule.over.standing(subject)
    if standing is not None:
        verdict = _of_a_part(verdict, standing, rule)
    doubt = rule.over.doubt(subject)
    if doubt is not None:
        verdict = _weakened(verdict, doubt, f"if it is one of the {rule.over.noun}: ", "whether it is one is unknown:")
    return verdict


def _prefaced(verdict: Verdict, preface: str) -> Verdict:
    match verdict:
        case Crashed():
            return verdict
        case Passed(_, message) | Failed(_, message) | Undecided(_, _, message) | NotApplicable(_, message):
            return replace(verdict, message=f"{preface}{message}")


def _of_a_part(verdict: Verdict, standing: Standing, rule: AnyRule) -> Verdict:
    """Say no more than what was found of a subject of which only a part was read."""
    match verdict:
        case Passed(at, message) if standing.matters:
            return Undecided(at, standing.gap, f"{message}, as far as they were read")
        case Passed(at, message):
            return NotApplicable(at, f"{message}, as far as they were read", gap=standing.gap)
        case Failed(_, message):
            headline = verdict.headline or rule.info.headline
            marked = f"{headline} {standing.mark}" if standing.mark else verdict.headline
            return replace(verdict, message=f"{message}{standing.unless}", headline=marked)
        case NotApplicable(gap=None):
            return replace(verdict, gap=standing.gap)
        case Undecided() | NotApplicable() | Crashed():
            return verdict


def _weakened(verdict: Verdict, doubt: Unknown, condition: str, question: str) -> Verdict:
    """Weaken what was found about an object that may not exist, or not be what the rule is about."""
    match verdict:
        case Passed(at, message) | Failed(at, message):
            note = Related(doubt.at, f"{question} {doubt.detail}")
            return Undecided(at, doubt, f"{condition}{message}", related=(note,))
        case Undecided() | NotApplicable() | Crashed():
            return verdict


def _decide(rule: AnyRule, subject: Fact | Account, context: Context) -> Verdict:
    """Judge the subject; where branches of conditionals are open, decide if all of them agree."""
    verdict = _call(rule, subject, context)
    if not isinstance(verdict, Undecided) or isinstance(subject, Account):
        return verdict
    branches = list(islice(_branches(subject), _MOST_BRANCHES + 1))
    if not 1 < len(branches) <= _MOST_BRANCHES:
        return verdict
    verdicts = [_call(rule, branch, context) for branch in branches]
    first = verdicts[0]
    if isinstance(first, Undecided | Crashed) or any(type(other) is not type(first) for other in verdicts):
        return verdict
    return first


def _branches(subject: Fact) -> Iterator[Fact]:
    open_fields: dict[str, tuple[Value[Any], ...]] = {}
    for field in fields(subject):
        value = getattr(subject, field.name)
        if isinstance(value, Unknown) and len(value.one_of) > 1 and field.name != "exists":
            open_fields[field.name] = value.one_of
    if not open_fields:
        return
    for combination in product(*open_fields.values()):
        chosen: dict[str, Any] = dict(zip(open_fields, combination, strict=True))
        yield replace(subject, **chosen)


def _call(rule: AnyRule, subject: Fact | Account, context: Context) -> Verdict:
    try:
        return rule.judge(subject, context)
    except Exception as error:  # noqa: BLE001 - a crashed rule is a verdict of its own and stops no other
        at = subject.at if isinstance(subject, Account) else subject.origin
        return Crashed(at, f"{type(error).__name__}: {error}")


def _finding(rule: AnyRule, account: Account, subject: Fact | Account, verdict: Verdict, standard: Standard) -> Finding:
    named = verdict.severity if isinstance(verdict, Failed) else None
    severity = standard.severity_of(rule.info, named)
    standing = None if isinstance(subject, Account) else rule.over.standing(subject)
    return Finding(
        rule=rule.info,
        account=str(known_or(account.account, "")),
        root=account.root,
        region=str(known_or(account.region, "")),
        subject=subject.address if isinstance(subject, Fact) else "account",
        declaration=subject.declaration if isinstance(subject, Fact) else "account",
        origin=subject.origin if isinstance(subject, Fact) else subject.at,
        verdict=verdict,
        severity=severity.milder if standing is not None and standing.milder else severity,
    )
