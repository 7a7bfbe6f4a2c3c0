"""Is every call of Session Manager on record: ACCT-02."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import certainly, flag, is_no, is_yes, setting, text_of
from ssm_hardening.core.values import Unknown
from ssm_hardening.model import LIVE, Account
from ssm_hardening.model.facts import exists
from ssm_hardening.rules.kit.checks import Check, Problem, gaps, is_set, unless, when, wrong
from ssm_hardening.rules.kit.sources import silent, told
from ssm_hardening.rules.kit.subjects import the_account
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Question, Related, Requirement, Severity, Undecided, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Trail

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
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
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
