"""CloudTrail: the trails of the Region, whether they record, and which management events they take."""

from functools import partial

from ssm_hardening.model import Trail
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws.asking import Answered, Caller, Missing
from ssm_hardening.sources.aws.calls import DESCRIBE_TRAILS, GET_EVENT_SELECTORS, GET_TRAIL_STATUS, Call
from ssm_hardening.sources.aws.data import first_gap
from ssm_hardening.sources.aws.entry import Entry
from ssm_hardening.sources.aws.trail_selectors import selected
from ssm_hardening.values import Absent, Inventory, Known, Unknown


def trails(caller: Caller) -> Inventory[Trail]:
    """Return every trail that records this Region: those of other home Regions and the organization's among them."""
    answer = caller.all(DESCRIBE_TRAILS, "trailList", caller.who.root, {"includeShadowTrails": True})
    gap, found = answer.gap, []
    for data in answer:
        match Entry(data, ApiOrigin(caller.who.root, str(DESCRIBE_TRAILS))).text("TrailARN"):
            case Known(arn):
                found.append(Entry(data, ApiOrigin(str(arn), str(DESCRIBE_TRAILS))))
            case Absent() | Unknown() as unnamed:
                gap = first_gap(gap, unnamed if isinstance(unnamed, Unknown) else None)
    ordered = sorted(found, key=lambda each: each.at.arn)
    return Inventory(caller.each(partial(_trail, caller), ordered), gap)


def _trail(caller: Caller, entry: Entry) -> Trail:
    status = _asked(caller, GET_TRAIL_STATUS, entry, "Name")
    events, excluded = selected(_asked(caller, GET_EVENT_SELECTORS, entry, "TrailName"))
    return Trail(
        address=entry.at.arn,
        declaration=entry.at.arn,
        origin=entry.at,
        name=entry.text("Name"),
        exists=Known(True, entry.at),
        multi_region=entry.flag("IsMultiRegionTrail"),
        organization=entry.flag("IsOrganizationTrail"),
        logging=status.flag("IsLogging"),
        management_events=events,
        ssm_excluded=excluded,
        validation=entry.flag("LogFileValidationEnabled"),
        kms_key=entry.text_or_absent("KmsKeyId"),
        bucket=entry.text("S3BucketName"),
    )


def _asked(caller: Caller, call: Call, trail: Entry, parameter: str) -> Entry:
    """Ask about a trail in its home Region: other Regions show it, and know no more of it."""
    arn = trail.at.arn
    match caller.ask(call, arn, {parameter: arn}, region=_home(trail)):
        case Answered(data, at):
            return Entry(data, at)
        case Missing(at):
            return Entry({}, at)
        case Unknown() as gap:
            return Entry({}, ApiOrigin(arn, str(call)), gap)


def _home(trail: Entry) -> str | None:
    match trail.text("HomeRegion"):
        case Known(str() as region):
            return region
        case Known() | Absent() | Unknown():
            return None
