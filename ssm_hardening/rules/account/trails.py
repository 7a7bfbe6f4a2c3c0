"""Whether calls of Session Manager are on record, and who they say writes the preferences: ACCT-02 and ACCT-07."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import (
    Answer,
    ask,
    every,
    flag,
    is_no,
    is_yes,
    known_or,
    mapped,
    negated,
    setting,
    some,
    text_of,
)
from ssm_hardening.core.values import Known, Text, Unknown, Value, Why
from ssm_hardening.model import LIVE, Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, gaps, headed, is_set, unless, when, wrong
from ssm_hardening.rules.kit.sources import only_live, silent, told
from ssm_hardening.rules.kit.subjects import preferences, the_account
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import (
    Confidence,
    Failed,
    Passed,
    Related,
    Severity,
    Undecided,
    Verdict,
)

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import DocumentEvent, Ownership, Trail


_WHAT = "whether Session Manager calls are logged"
_RECORDING = frozenset({"All", "WriteOnly"})


@dataclass(frozen=True, slots=True)
class _Judged:
    """A trail, what is wrong with it for certain, and what is not known."""

    trail: "Trail"
    problems: tuple[Problem, ...]
    gaps: tuple[Unknown, ...]

    @property
    def mildness(self) -> tuple[int, int, str]:
        """What the best of several trails has most of; a problem of the rule's own severity weighs most."""
        worst = min((-1 if each.severity is None else each.severity.rank for each in self.problems), default=0)
        return (worst, -len(self.problems), self.trail.address)


@rule(
    id="ACCT-02",
    title="A multi-Region trail logs Session Manager calls",
    headline="Trail does not log all calls",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=the_account,
    manual=(
        "a trail covers the whole account, often the whole organization: run aws cloudtrail create-trail "
        "--is-multi-region-trail --enable-log-file-validation --kms-key-id KEY …, then aws cloudtrail start-logging, "
        "or use aws_cloudtrail in code"
    ),
)
def has_a_trail_of_all_calls(account: Account, _context: Context) -> Verdict:
    """Only CloudTrail shows who started each session and tunnel, and who changed the session preferences.

    One trail must cover all Regions, have logging turned on, and record write management events (StartSession is one),
    including those of Systems Manager. It should also have log file validation (medium) and a customer managed KMS key
    (low); for an organization trail, these are up to its owner. A trail that code declares for another purpose (it
    records no write events, or only the write events of one Region) is not evaluated, because the trail for all calls
    may be declared elsewhere.

    Undecided when a trail could not be read and no other trail meets these requirements. Not applicable to code that
    declares no trail for all calls.

    Reference: AWS CloudTrail User Guide, "Security best practices in AWS CloudTrail".
    """
    trails = told(account, account.trails)
    judged = [_judge(trail) for trail in trails.items if not is_no(exists(trail)) and not _is_aside(trail, account)]
    for each in judged:
        if not each.problems and not each.gaps:
            return Passed(each.trail.origin, f"{each.trail.address} logs Session Manager calls in all Regions")
    for each in judged:
        if not each.problems or (each.gaps and _may_be_aside(each.trail, account)):
            return Undecided(each.trail.origin, each.gaps[0], f"{_WHAT} is unknown")
    if trails.gap is not None:
        return Undecided(account.at, trails.gap, f"{_WHAT} is unknown")
    if not judged:
        return _none(account)
    return _best(judged)


def _none(account: Account) -> Verdict:
    if account.source != LIVE:
        return silent(account, _WHAT)
    return Failed(account.at, "no trail logs Session Manager calls", headline="No trail logs Session Manager calls")


def _best(judged: list[_Judged]) -> Verdict:
    best = max(judged, key=lambda each: each.mildness)
    worst = min(best.problems, key=lambda each: -1 if each.severity is None else each.severity.rank)
    text = "; ".join(each.text for each in best.problems)
    others = tuple(
        Related(other.trail.origin, f"{other.trail.address}: {problem.text}")
        for other in judged
        if other is not best
        for problem in other.problems
    )
    text = f"{best.trail.address}: {text}"
    return Failed(worst.at, text, severity=worst.severity, related=others, headline=worst.headline)


def _is_aside(trail: "Trail", account: Account) -> bool:
    """Say whether code declares the trail for some events alone: the trail of all calls may be declared elsewhere."""
    return account.source != LIVE and is_yes(_selects(trail))


def _may_be_aside(trail: "Trail", account: Account) -> bool:
    """Say whether it is unknown that code declares the trail for all calls, or at all."""
    untold = isinstance(_selects(trail), Unknown) or isinstance(trail.exists, Unknown)
    return account.source != LIVE and untold


def _selects(trail: "Trail") -> Answer:
    """Say whether a trail is for one purpose: it records no writes, or only writes, of one Region.

    A trail that is meant to be the only one, and falls short of it, records all management events or covers all
    Regions.
    """
    at, kind, whole = trail.origin, text_of(trail.management_events), flag(trail.multi_region, absent=False)
    no_writes = ask(kind, lambda known: known not in _RECORDING, absent=True)
    some_writes = ask(kind, lambda known: known == "WriteOnly", absent=False)
    own = negated(flag(trail.organization, absent=False))
    return some((no_writes, every((some_writes, own, negated(whole)), at)), at)


def _judge(trail: "Trail") -> _Judged:
    checks = tuple(_checks(trail))
    problems = tuple(each for each in checks if isinstance(each, Problem))
    return _Judged(trail, problems, tuple(gaps(*checks)))


def _checks(trail: "Trail") -> Iterator[Check]:
    yield from gaps(trail.exists)
    one_region = unless(flag(trail.multi_region, absent=False), "it covers only one Region")
    yield from headed("Trail covers only one Region", one_region)
    yield from headed("Trail is not logging", unless(flag(trail.logging, absent=False), "it is not logging"))
    events = wrong(
        text_of(trail.management_events),
        lambda kind: "" if kind in _RECORDING else f"it records no write management events ({kind})",
        absent="it records no management events",
    )
    yield from headed("Trail records no write management events", events)
    excluded = when(flag(trail.ssm_excluded, absent=False), "it excludes the events of Systems Manager")
    yield from headed("Trail excludes Systems Manager events", excluded)
    yield from _witness(trail)


def _witness(trail: "Trail") -> Iterator[Check]:
    """Check what makes the record a good witness; for an organization's trail, its owner is responsible."""
    organization = flag(trail.organization, absent=False)
    checks = () if is_yes(organization) else tuple(_validated_and_encrypted(trail))
    yield from (organization,) if checks and isinstance(organization, Unknown) else checks


def _validated_and_encrypted(trail: "Trail") -> Iterator[Check]:
    plain = unless(flag(trail.validation, absent=False), "log file validation is off", Severity.MEDIUM)
    yield from headed("Trail has no log file validation", plain)
    keyless = unless(is_set(setting(trail.kms_key)), "its log files have no customer managed KMS key", Severity.LOW)
    yield from headed("Trail has no customer managed KMS key", keyless)


_UNTOLD = "whether the session preferences have one owner is unknown"
_ASSUMED = re.compile(r"^(arn:[^:]*:)sts(::\d*:)assumed-role/([^/]+)/.*$")

_owned = Selector(
    preferences.noun,
    preferences.select,
    preferences.doubt,
    silence=only_live("who else writes the session preferences"),
)


@rule(
    id="ACCT-07",
    title="Session preferences have one owner",
    headline="Session preferences have several owners",
    severity=Severity.MEDIUM,
    confidence=Confidence.REPORTED,
    over=_owned,
    manual=(
        "the owners have to agree on one owner: remove SSM-SessionManagerRunShell from the stacks and code of the "
        "others, and deny ssm:UpdateDocument on it to everyone else"
    ),
)
def has_one_owner(document: SessionDocument, context: Context) -> Verdict:
    """A Region has only one preferences document, so two stacks that both manage it overwrite each other's settings.

    Users report this for landing zones next to application stacks: one turns logging on, and the next deployment of the
    other turns it off. Owners are identified by tags (CloudFormation, StackSets, Quick Setup, Control Tower, Landing
    Zone Accelerator, Terraform), and writers by CloudTrail events of the last 90 days. A role counts as one writer,
    whoever assumes it.

    Undecided when the tags or the CloudTrail events could not be read, or when neither names an owner.

    Reference: awslabs/landing-zone-accelerator-on-aws#29 and #867; aws-samples/pcluster-manager#325.
    """
    owners = [each for each in context.account.owners.items if each.of == document.address]
    writers = [each for each in context.account.document_events.items if not is_no(_is_about(each, document))]
    claims = {name: each for each in owners if (name := _owner(each)) is not None}
    hands = {hand: each for each in writers if is_yes(_is_about(each, document)) and (hand := _hand(each)) is not None}
    if len(claims) > 1:
        return _contested(document, "is claimed by", tuple(claims), ())
    if len(hands) > 1:
        events = tuple(
            Related(each.origin, f"{known_or(each.event, 'a write')} by {hand}") for hand, each in hands.items()
        )
        return _contested(document, "was written by", tuple(hands), events)
    for gap in _gaps(context.account, owners, writers):
        return Undecided(document.origin, gap, _UNTOLD)
    return _single(document, (*claims, *hands))


def _contested(document: SessionDocument, what: str, names: tuple[str, ...], related: tuple[Related, ...]) -> Verdict:
    return Failed(document.origin, f"the document {what} {listed(sorted(names), 'and')}", related=related)


def _single(document: SessionDocument, names: tuple[str, ...]) -> Verdict:
    if names:
        return Passed(document.origin, f"only {names[0]} is known to write the document")
    nobody = Unknown(
        Why.OUT_OF_SCOPE, document.origin, "who owns the document: no tag and no CloudTrail event names an owner"
    )
    return Undecided(document.origin, nobody, _UNTOLD)


def _owner(each: "Ownership") -> str | None:
    """Return the owner with its own name, as a person would read it; None where no owner is known."""
    if not isinstance(each.owner, Known) or isinstance(each.name, Unknown):
        return None
    return f"{each.owner.value}{known_or(mapped(each.name, ' ({})'.format), '')}"


def _hand(event: "DocumentEvent") -> str | None:
    return known_or(mapped(event.principal, lambda text: _ASSUMED.sub(r"\1iam\2role/\3", str(text))), None)


def _is_about(event: "DocumentEvent", document: SessionDocument) -> Answer:
    """Say whether the event wrote this document."""
    name = text_of(document.name)
    return ask(
        text_of(event.document),
        lambda written: name if isinstance(name, Unknown) else written.rpartition("/")[2] == known_or(name, None),
        absent=False,
    )


def _gaps(account: Account, owners: "list[Ownership]", writers: "list[DocumentEvent]") -> Iterator[Unknown]:
    values: list[Value[Text]] = [value for each in owners for value in (each.owner, each.name)]
    values += [value for each in writers for value in (each.document, each.principal)]
    yield from gaps(*values, account.owners.gap, account.document_events.gap)
