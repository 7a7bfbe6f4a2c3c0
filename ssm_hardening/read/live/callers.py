"""Who asks in an account: whose credentials these are; and the picture of an account that lets nobody in."""

from collections.abc import Sequence

from ssm_hardening.core.errors import SsmHardenError, UsageError, did_you_mean
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Known, Text, Unknown, Value, Why
from ssm_hardening.model import FAULT, LIVE, Account, Gap
from ssm_hardening.read.live.asking import AccountInRegion, Answered, AwsApi, Missing
from ssm_hardening.read.live.calls import ASSUME_ROLE, DESCRIBE_REGIONS, GET_CALLER_IDENTITY
from ssm_hardening.read.live.clients import AwsTarget, Clients, shipped_regions


def nobody(target: AwsTarget) -> AccountInRegion:
    """Return what is known of a target before it was asked."""
    return AccountInRegion(account=target.account or "", region=target.region)


def introduced(strangers: Sequence[AwsApi]) -> tuple[AccountInRegion | None, list[Unknown]]:
    """Return whose credentials these are, as the first Region tells that answers, and why those before it did not.

    A role that cannot be assumed is refused in every Region.
    """
    refusals: list[Unknown] = []
    for each in strangers:
        told = whose(each)
        if isinstance(told, AccountInRegion):
            return told, refusals
        if told.at == ASSUME_ROLE.at(each.who.root):
            return None, [told] * len(strangers)
        refusals.append(told)
    return None, refusals


def whose(aws: AwsApi) -> AccountInRegion | Unknown:
    """Return whose credentials these are, as the caller's Region tells."""
    match aws.ask(GET_CALLER_IDENTITY, aws.who.root):
        case Answered({"Arn": str(arn), "Account": str(account)}):
            return AccountInRegion(account=account, region=aws.who.region, partition=arn.split(":")[1])
        case Answered(_, at):
            return Unknown(Why.UNPARSEABLE, at, f"{at.call}: the account ID is missing from the response")
        case Missing(at):
            raise AssertionError(f"sts:GetCallerIdentity has nothing to be missing ({at})")
        case Unknown() as gap:
            return gap


def failed_account(who: AccountInRegion, error: BaseException) -> Account:
    """Return the picture of an account whose reading failed, so that it never takes the others with it."""
    at = GET_CALLER_IDENTITY.at(who.root)
    if isinstance(error, SsmHardenError):
        return unread_account(who, Unknown(Why.UNAVAILABLE, at, error.message))
    return unread_account(who, fault_of(at, error), fault=True)


def fault_of(at: ApiOrigin, error: BaseException) -> Unknown:
    """Return that nothing was learned, because we failed."""
    told = f"internal error of ssm-harden or of the worker: {type(error).__name__}: {error}"
    return Unknown(Why.UNAVAILABLE, at, told)


def unread_account(who: AccountInRegion, gap: Unknown, *, fault: bool = False) -> Account:
    """Return the picture of an account of which nothing could be read; `fault` says that the fault is ours."""
    at = ApiOrigin(who.root, gap.at.call if isinstance(gap.at, ApiOrigin) else str(GET_CALLER_IDENTITY))
    account = Known(who.account, at) if who.account else gap
    return bare_account(who, at, account, (gap_of(gap, FAULT if fault else "call"),)).unread(gap)


def bare_account(who: AccountInRegion, at: ApiOrigin, account: Value[Text], gaps: tuple[Gap, ...]) -> Account:
    """Return the account without its lists."""
    return Account(source=LIVE, root=_root(who), at=at, account=account, region=Known(who.region, at), gaps=gaps)


def _root(who: AccountInRegion) -> str:
    return f"{who.account or 'account unknown'}/{who.region}"


def gap_of(gap: Unknown, kind: str = "call") -> Gap:
    """Return what could not be learned as a gap of the picture."""
    return Gap(kind, gap.why, gap.detail, gap.at)


_ANY = "us-east-1"
"""A Region to ask which ones there are: the user's own may be the one that does not exist."""


def check_regions(profile: str | None, names: Sequence[str]) -> None:
    """Refuse a Region that botocore does not know, unless AWS lists it: there are new ones. Raises UsageError."""
    shipped = shipped_regions()
    strange = [each for each in dict.fromkeys(names) if each not in shipped]
    if not strange:
        return
    nobody = AccountInRegion(account="", region=_ANY)
    aws = AwsApi(Clients(AwsTarget(region=_ANY, profile=profile)), nobody)
    found = aws.all(DESCRIBE_REGIONS, "Regions", nobody.root, {"AllRegions": True})
    known = shipped | {str(each.get("RegionName")) for each in found}
    for each in strange:
        if each in known:
            continue
        hint = did_you_mean(each, sorted(known), otherwise="check --region, AWS_REGION, and the profile")
        if found.gap is None:
            raise UsageError(f"there is no Region {each!r}", hint=hint)
        raise UsageError(f"cannot determine whether the Region {each!r} exists: {found.gap.detail}", hint=hint)
