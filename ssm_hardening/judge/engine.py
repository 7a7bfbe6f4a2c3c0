"""Runs rules over accounts: every (rule, subject) ends in exactly one verdict."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import islice, product
from typing import Any

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Inventory, Unknown, Value, Why
from ssm_hardening.iam.examples import asked_of
from ssm_hardening.iam.requests import hearing
from ssm_hardening.judge.regions import JudgedTogether, Place, joined, places_of
from ssm_hardening.model import HOST, Account, Fact
from ssm_hardening.model.scope import by_account, region_of
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


def run(
    rules: Iterable[AnyRule], accounts: Iterable[Account], standard: Standard, *, known: Iterable[JudgedTogether] = ()
) -> Audit:
    """Judge every subject of every account by every rule that the standard leaves on.

    A rule about what belongs to an AWS account as a whole is asked in each Region that the account uses, and answers
    once for all of them. What is `known` was found by the same rules; it counts for roots of which that is all.
    """
    chosen = tuple(rule for rule in rules if rule.info.id not in standard.off)
    pictures = tuple(accounts)
    told = any(rule.over.unread_code for rule in chosen)
    settled = [each for each in known if each.is_all(pictures)]
    done = {id(account) for each in settled for account in each.accounts}
    left = tuple(account for account in pictures if id(account) not in done)
    findings = [finding for each in settled for finding in each.findings]
    findings += (
        finding for group in by_account(left) for finding in _of_account(chosen, group, left, standard, told=told)
    )
    findings += _of_unread_code(chosen, left, standard)
    return Audit(
        standard=standard.name,
        sources=tuple(dict.fromkeys(account.source for account in pictures)),
        findings=tuple(sorted(findings, key=_order)),
        rules=tuple(rule.info for rule in chosen),
    )


def _order(finding: Finding) -> tuple[str, str, str, str, str]:
    return (finding.root, finding.account, finding.region, finding.rule.id, finding.subject)


def _of_unread_code(rules: Sequence[AnyRule], pictures: Sequence[Account], standard: Standard) -> Iterator[Finding]:
    """Say once for each root module which parts of its code were not read."""
    first = {account.root: account for account in reversed(pictures)}
    for account in first.values():
        for rule in rules:
            if rule.over.unread_code:
                yield from _findings(rule, _context(account, pictures, standard), standard, told=True)


def _of_account(
    rules: Sequence[AnyRule], pictures: Sequence[Account], others: Sequence[Account], standard: Standard, *, told: bool
) -> Iterator[Finding]:
    """Judge the pictures of one AWS account; `told`: a rule of its own says which parts of the code were not read."""
    regional = [rule for rule in rules if rule.over.everywhere is None and not rule.over.unread_code]
    for account in pictures:
        context = _context(account, others, standard)
        for rule in regional:
            yield from _findings(rule, context, standard, told=told)
    whole = [rule for rule in rules if rule.over.everywhere is not None]
    places = places_of(pictures) if whole else ()
    contexts = [(place, _context(place.picture, others, standard)) for place in places]
    for rule in whole:
        yield from _everywhere(rule, contexts, pictures, standard, told=told)


def _context(account: Account, others: Sequence[Account], standard: Standard) -> Context:
    beside = tuple(each for each in others if each.root == account.root and each.region != account.region)
    return Context(account, standard.thresholds, standard.severities, beside)


def _findings(rule: AnyRule, context: Context, standard: Standard, *, told: bool) -> Iterator[Finding]:
    account = context.account
    silence = _silence(rule, account)
    if silence is not None:
        yield _finding(rule, account, account, NotApplicable(account.at, silence.detail, gap=silence), standard)
        return
    inventory = context.subjects(rule.over)
    own = tuple(each for each in inventory.items if isinstance(each, Account) or each.address not in account.guests)
    yield from _judged(rule, own, context, standard, told=told)
    yield from _of_list(rule, inventory, account, standard, told=told)


def _judged(
    rule: AnyRule, subjects: Iterable[Fact | Account], context: Context, standard: Standard, *, told: bool
) -> Iterator[Finding]:
    for subject in subjects:
        if _may_exist(subject):
            verdict = _judge(rule, subject, context)
            if told and isinstance(subject, Account):
                verdict = _said_once(verdict, subject)
            yield _finding(rule, context.account, subject, verdict, standard)


def _may_exist(subject: Fact | Account) -> bool:
    return isinstance(subject, Account) or known_or(subject.exists, True)


def _of_list(
    rule: AnyRule, inventory: Inventory[Any], account: Account, standard: Standard, *, told: bool
) -> Iterator[Finding]:
    """Say that there may be more subjects, or that there are none."""
    gap = inventory.gap
    if gap is not None and not (told and account.is_unread_part(gap)):
        yield _finding(rule, account, account, Undecided(gap.at, gap), standard)
    elif not any(_may_exist(each) for each in inventory.items):
        yield _finding(rule, account, account, _nothing(rule, account, gap), standard)


def _nothing(rule: AnyRule, account: Account, gap: Unknown | None) -> NotApplicable:
    """Return that there are no subjects, as far as the code was read."""
    nothing = f"there are no {rule.over.noun}"
    if gap is None:
        return NotApplicable(account.at, nothing)
    return NotApplicable(gap.at, f"{nothing} in the code that was read; {gap.detail}", gap=gap)


def _said_once(verdict: Verdict, account: Account) -> Verdict:
    """Return the verdict on an account; what code that was not read leaves open, the rule about that code says."""
    match verdict:
        case Undecided(at, gap, message) if account.is_unread_part(gap):
            return NotApplicable(at, f"{message}: {gap.detail}" if message else gap.detail, gap=gap)
        case _:
            return verdict


def _everywhere(
    rule: AnyRule,
    contexts: Sequence[tuple[Place, Context]],
    pictures: Sequence[Account],
    standard: Standard,
    *,
    told: bool,
) -> Iterator[Finding]:
    """Judge what belongs to an AWS account in each of its Regions, and say it once."""
    found: dict[str, list[tuple[Place, Finding]]] = {}
    of_account: list[tuple[Place, Finding]] = []
    selected: list[tuple[Place, Context, Inventory[Any]]] = []
    for place, context in contexts:
        silence = _silence(rule, place.picture)
        if silence is None:
            selected.append((place, context, context.subjects(rule.over)))
        else:
            about = NotApplicable(place.of.at, silence.detail, gap=silence)
            of_account.append((place, _finding(rule, place.of, place.of, about, standard)))
    bears = _bearing(rule, selected)
    for place, context, inventory in selected:
        for subject in (each for each in inventory.items if bears(each, place.picture)):
            found.setdefault(subject.address, []).extend(
                (place, finding) for finding in _judged(rule, (subject,), context, standard, told=told)
            )
        of_account += ((place, finding) for finding in _of_list(rule, inventory, place.of, standard, told=told))
    yield from (joined(each, pictures, asked=len(contexts)) for each in found.values() if each)
    if of_account:
        whole = joined(of_account, pictures, asked=len(contexts))
        if not found or not isinstance(whole.verdict, NotApplicable):
            yield whole


def _bearing(
    rule: AnyRule, selected: Sequence[tuple[Place, Context, Inventory[Any]]]
) -> Callable[[Fact, Account], bool]:
    """Return whether a subject is to be judged in a Region: where it bears, or everywhere if it bears nowhere."""
    is_of = rule.over.everywhere or (lambda _subject, _account: True)
    somewhere = {each.address for place, _, items in selected for each in items.items if is_of(each, place.picture)}
    return lambda subject, account: subject.address not in somewhere or is_of(subject, account)


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
        with hearing() as requests:
            verdict = rule.judge(subject, context)
        return replace(verdict, asked=asked_of(requests)) if isinstance(verdict, Passed) else verdict
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
        region=region_of(account),
        subject=subject.address if isinstance(subject, Fact) else "account",
        declaration=subject.declaration if isinstance(subject, Fact) else "account",
        origin=subject.origin if isinstance(subject, Fact) else subject.at,
        verdict=verdict,
        severity=severity.milder if standing is not None and standing.milder else severity,
    )
