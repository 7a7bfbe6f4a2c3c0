"""Whether there is a Region of a name: one that does not exist would read as an account of which nothing is known."""

from collections.abc import Sequence

from ssm_hardening.core.errors import UsageError, did_you_mean
from ssm_hardening.read.live.asking import AccountInRegion, AwsApi
from ssm_hardening.read.live.calls import DESCRIBE_REGIONS
from ssm_hardening.read.live.clients import AwsTarget, Clients, shipped_regions

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
