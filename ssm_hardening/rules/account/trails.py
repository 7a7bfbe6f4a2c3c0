"""Whether calls of Session Manager are on record, and who they say writes the preferences: ACCT-02 and ACCT-07."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import Answer, ask, certainly, flag, is_no, is_yes, known_or, mapped, setting, text_of
from ssm_hardening.core.values import Known, Text, Unknown, Value, Why
from ssm_hardening.model import LIVE, Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, gaps, is_set, unless, when, wrong
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


_WHAT = "whether calls of Session Manager are on record"
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
    title="Calls recorded by a trail of all Regions",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=the_account,
    manual=(
        "a trail is the whole account's, often the organization's: aws cloudtrail create-trail --is-multi-region-trail "
        "--enable-log-file-validation --kms-key-id KEY …, then aws cloudtrail start-logging, or aws_cloudtrail in code"
    ),
)
def has_a_trail_of_all_calls(account: Account, _context: Context) -> Verdict:
    """CloudTrail is the only record of who started a session, of every tunnel, and of who changed the preferences.

    One trail must cover all Regions, be logging, hold management events that write (StartSession is one) and not leave
    out those of Systems Manager. Without log file validation (medium) or a customer key (low) it is a weaker witness;
    of an organization's trail that is its owner's to say. A trail that code declares without management events is for
    something else and not judged.

    It cannot tell where a trail could not be read and none is as it should be, or where code declares none.

    Reference: AWS CloudTrail User Guide, "Security best practices in AWS CloudTrail".
    """
    trails = told(account, account.trails)
    judged = [_judge(trail) for trail in trails.items if not is_no(exists(trail)) and not _is_aside(trail, account)]
    for each in judged:
        if not each.problems and not each.gaps:
            return Passed(
                each.trail.origin, f"{each.trail.address} records the calls of Session Manager in all Regions"
            )
    for each in judged:
        if not each.problems or (each.gaps and _may_be_aside(each.trail, account)):
            return Undecided(each.trail.origin, each.gaps[0], f"{_WHAT} cannot be told")
    if trails.gap is not None:
        return Undecided(account.at, trails.gap, f"{_WHAT} cannot be told")
    if not judged:
        return _none(account)
    return _best(judged)


def _none(account: Account) -> Verdict:
    if account.source != LIVE:
        return silent(account, _WHAT)
    return Failed(account.at, "no trail records the calls of Session Manager")


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
    return Failed(worst.at, f"{best.trail.address}: {text}", severity=worst.severity, related=others)


def _is_aside(trail: "Trail", account: Account) -> bool:
    """Say whether code declares the trail for data events alone: it is then meant for something else."""
    return account.source != LIVE and certainly(trail.management_events, lambda kind: kind == "None")


def _may_be_aside(trail: "Trail", account: Account) -> bool:
    """Say whether it cannot be told that code declares the trail for management events, or at all."""
    untold = isinstance(trail.management_events, Unknown) or isinstance(trail.exists, Unknown)
    return account.source != LIVE and untold


def _judge(trail: "Trail") -> _Judged:
    checks = tuple(_checks(trail))
    problems = tuple(each for each in checks if isinstance(each, Problem))
    return _Judged(trail, problems, tuple(gaps(*checks)))


def _checks(trail: "Trail") -> Iterator[Check]:
    yield from gaps(trail.exists)
    yield from unless(flag(trail.multi_region, absent=False), "it covers one Region only")
    yield from unless(flag(trail.logging, absent=False), "it is not logging")
    yield from wrong(
        text_of(trail.management_events),
        lambda kind: "" if kind in _RECORDING else f"it holds no management events that write ({kind})",
        absent="it holds no management events",
    )
    yield from when(flag(trail.ssm_excluded, absent=False), "it leaves out the events of Systems Manager")
    yield from _witness(trail)


def _witness(trail: "Trail") -> Iterator[Check]:
    """Check what makes the record a good witness; of an organization's trail its owner answers for that."""
    organization = flag(trail.organization, absent=False)
    checks = () if is_yes(organization) else tuple(_validated_and_encrypted(trail))
    yield from (organization,) if checks and isinstance(organization, Unknown) else checks


def _validated_and_encrypted(trail: "Trail") -> Iterator[Check]:
    yield from unless(flag(trail.validation, absent=False), "its log files are not validated", Severity.MEDIUM)
    yield from unless(is_set(setting(trail.kms_key)), "its log files have no customer key", Severity.LOW)


_UNTOLD = "whether the preferences have one owner cannot be told"
_ASSUMED = re.compile(r"^(arn:[^:]*:)sts(::\d*:)assumed-role/([^/]+)/.*$")

_owned = Selector(
    preferences.noun, preferences.select, preferences.doubt, silence=only_live("who else writes the preferences")
)


@rule(
    id="ACCT-07",
    title="Preferences have one owner",
    severity=Severity.MEDIUM,
    confidence=Confidence.REPORTED,
    over=_owned,
    manual=(
        "the owners have to agree on one of them: take SSM-SessionManagerRunShell out of the others' stacks and code, "
        "and give everybody else a Deny on ssm:UpdateDocument for it"
    ),
)
def has_one_owner(document: SessionDocument, context: Context) -> Verdict:
    """There is one preferences document in a Region, and stacks that both bring it write over one another's.

    Users report it of landing zones beside application stacks: logging that was switched on is off after the next
    deployment of the other. Owners are told by tags (CloudFormation, StackSets, Quick Setup, Control Tower, Landing
    Zone Accelerator, Terraform), writers by the trail's events of the last 90 days; a role counts once, whoever holds
    it.

    It cannot tell where tags or the trail's events could not be read, or where neither names anybody.

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
    return Failed(document.origin, f"the document {what} {' and '.join(sorted(names))}", related=related)


def _single(document: SessionDocument, names: tuple[str, ...]) -> Verdict:
    if names:
        return Passed(document.origin, f"nobody but {names[0]} is known to write the document")
    nobody = Unknown(Why.OUT_OF_SCOPE, document.origin, "whose the document is: no tag and no event of the trail tells")
    return Undecided(document.origin, nobody, _UNTOLD)


def _owner(each: "Ownership") -> str | None:
    """Return the owner with his own name, as a person would read it; None where nobody is known."""
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
