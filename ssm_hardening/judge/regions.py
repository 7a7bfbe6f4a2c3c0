"""One verdict on what belongs to an AWS account, out of what was found in each of its Regions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from ssm_hardening.core.errors import listed
from ssm_hardening.core.values import Inventory, Known, Unknown
from ssm_hardening.iam.places import regions_named
from ssm_hardening.model import HOST, LIVE, Account
from ssm_hardening.model.account import KINDS
from ssm_hardening.model.scope import GLOBAL, IAM, in_use, region_of, with_whole_iam
from ssm_hardening.verdicts.findings import (
    Crashed,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    Related,
    Undecided,
    Verdict,
)

_STRONGEST_FIRST = (Crashed, Failed, Undecided, Passed, NotApplicable)


@dataclass(frozen=True, slots=True)
class Place:
    """A Region in which a question about an account is asked: its picture, and the one that findings are of."""

    picture: Account
    of: Account

    @property
    def region(self) -> str:
        """The Region; empty where it is not known."""
        return region_of(self.picture)


@dataclass(frozen=True, slots=True)
class JudgedTogether:
    """Pictures that were judged together, and what was found in them."""

    accounts: tuple[Account, ...]
    findings: tuple[Finding, ...]

    def is_all(self, pictures: Sequence[Account]) -> bool:
        """Say whether these are the pictures of their roots: another one may be of the same AWS account."""
        roots = {each.root for each in self.accounts}
        return {id(each) for each in pictures if each.root in roots} == set(map(id, self.accounts))


def places_of(pictures: Sequence[Account]) -> tuple[Place, ...]:
    """Return where to ask about what belongs to an account: each Region that it uses, and that its policies name.

    Of a live account, Regions that were not read are left out: what is granted there is granted on nothing known.
    """
    whole = with_whole_iam(pictures)
    used = in_use(whole)
    found = [Place(each, each) for each in used]
    if used[0].source in {LIVE, HOST}:
        return tuple(found)
    told = {region_of(each) for each in used}
    return (*found, *(_named(region, whole, used) for region in _names(used[0]) if region not in told))


def _names(picture: Account) -> list[str]:
    """Return the Regions that policies name, attached or not."""
    holders = (holder for kind in IAM for holder in getattr(picture, kind).items)
    return sorted({region for holder in holders for region in regions_named(holder.statements.items)})


def _named(region: str, whole: Sequence[Account], used: Sequence[Account]) -> Place:
    """Return the picture of a Region that a policy names: the one there is, or one that may be of it, or nothing."""
    there = next((each for each in whole if region_of(each) == region), None)
    if there is not None:
        return Place(there, there)
    perhaps = next((each for each in used if not isinstance(each.region, Known)), None)
    base = used[0] if perhaps is None else perhaps
    told = Known(region, base.at)
    if perhaps is not None:
        return Place(replace(base, region=told), base)
    # Not `Inventory[object]()`: Python 3.11 cannot give a frozen object its type arguments.
    nothing: dict[str, Any] = {kind: Inventory() for kind in KINDS if kind not in IAM}
    return Place(replace(base, region=told, **nothing), base)


def joined(found: Sequence[tuple[Place, Finding]], pictures: Sequence[Account], *, asked: int) -> Finding:
    """Return one finding on a subject: the strongest that was found in any Region, which holds for the account.

    `asked` is in how many Regions it was asked for.
    """
    kind = next(kind for kind in _STRONGEST_FIRST for _, each in found if isinstance(each.verdict, kind))
    holding = [(place, each) for place, each in found if isinstance(each.verdict, kind)]
    first, worst = min(holding, key=lambda each: each[1].severity.rank if kind is Failed else 0)
    covered = dict.fromkeys((region_of(first.of), *(region_of(each) for each in pictures)))
    return replace(
        worst,
        region=GLOBAL,
        regions=tuple(covered),
        holds_in=tuple(dict.fromkeys(region_of(place.of) for place, _ in holding)),
        verdict=_with_doubts(_verdict(worst.verdict, holding, everywhere=len(holding) == asked), pictures),
    )


def _verdict(worst: Verdict, holding: Sequence[tuple[Place, Finding]], *, everywhere: bool) -> Verdict:
    message = _message(holding, everywhere=everywhere)
    verdicts = [each.verdict for _, each in holding]
    match worst:
        case Failed():
            follows = tuple(dict.fromkeys(at for each in verdicts if isinstance(each, Failed) for at in each.follows))
            others = tuple(Related(each.at, each.message) for each in verdicts if each.at != worst.at)
            related = (*_related(verdicts), *others)
            return replace(worst, message=message, related=tuple(dict.fromkeys(related)), follows=follows)
        case Passed():
            asked = [each.asked for each in verdicts if isinstance(each, Passed) and each.asked is not None]
            together = reduce(or_, asked) if asked else None
            return replace(worst, message=message, related=_related(verdicts), asked=together)
        case Undecided():
            return replace(worst, message=message, related=_related(verdicts))
        case NotApplicable() | Crashed():
            return worst


def _related(verdicts: Iterable[Verdict]) -> tuple[Related, ...]:
    found = (note for each in verdicts if isinstance(each, Failed | Passed | Undecided) for note in each.related)
    return tuple(dict.fromkeys(found))


def _message(holding: Sequence[tuple[Place, Finding]], *, everywhere: bool) -> str:
    """Return what was found, each thing once; what holds in some Regions only names them."""
    said: dict[str, list[str]] = {}
    for place, finding in holding:
        said.setdefault(finding.verdict.message, []).append(place.region)
    if everywhere and len(said) == 1:
        return next(iter(said))
    return "; ".join(_where(message, regions) for message, regions in said.items())


def _where(message: str, regions: Sequence[str]) -> str:
    named = [each for each in dict.fromkeys(regions) if each]
    return f"in {listed(named, 'and')}: {message}" if named and message and len(named) == len(set(regions)) else message


def _with_doubts(verdict: Verdict, pictures: Sequence[Account]) -> Verdict:
    """Note where it cannot be told whether a Region's code is of the same account."""
    notes = tuple(_doubts(pictures)) if len(pictures) > 1 else ()
    if notes and isinstance(verdict, Failed | Passed | Undecided):
        return replace(verdict, related=(*verdict.related, *notes))
    return verdict


def _doubts(pictures: Iterable[Account]) -> Iterator[Related]:
    for each in pictures:
        if isinstance(each.identity, Unknown) and each.identity.one_of:
            yield Related(each.identity.at, f"{each.identity.detail}; it was evaluated as if it does")
