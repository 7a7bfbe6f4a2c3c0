import json
from typing import Any

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Why
from ssm_hardening.model import Trail
from ssm_hardening.read.live.answers import Description
from ssm_hardening.read.live.asking import AccountInRegion, AwsApi
from ssm_hardening.read.live.clients import AwsTarget, Clients
from ssm_hardening.read.live.monitoring import selected, trails
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet
from tests.read.live.reading import only, plain

ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit"
AT = ApiOrigin(ARN, "cloudtrail:GetEventSelectors")


def made(**more: Any) -> None:
    fleet.client("s3").create_bucket(Bucket="trails", CreateBucketConfiguration={"LocationConstraint": REGION})
    fleet.client("cloudtrail").create_trail(Name="audit", S3BucketName="trails", **more)


def test_a_trail_that_records_everything(sandbox: Sandbox, caller: AwsApi) -> None:
    made(IsMultiRegionTrail=True, EnableLogFileValidation=True, KmsKeyId="alias/trail")
    fleet.client("cloudtrail").start_logging(Name="audit")

    found: Trail = only(trails(caller))

    said = plain(found)
    assert found.address == ARN
    assert (said["name"], said["bucket"]) == ("audit", "trails")
    assert [said[name] for name in ("multi_region", "logging", "validation", "organization")] == [
        True,
        True,
        True,
        False,
    ]
    assert (said["management_events"], said["ssm_excluded"]) == ("All", False)
    assert found.logging.at == ApiOrigin(ARN, "cloudtrail:GetTrailStatus")
    assert found.management_events.at == AT
    assert [call.operation for call in sandbox.calls()][-3:].count("GetEventSelectors") == 1


def test_a_trail_of_another_region_is_asked_about_there(sandbox: Sandbox) -> None:
    made(IsMultiRegionTrail=True)
    fleet.client("cloudtrail").start_logging(Name="audit")
    sandbox.reset_calls()

    elsewhere = "eu-west-1"
    caller = AwsApi(Clients(AwsTarget(region=elsewhere)), AccountInRegion(account=ACCOUNT, region=elsewhere))
    said = plain(only(trails(caller)))

    assert (said["name"], said["logging"], said["management_events"]) == ("audit", True, "All")
    asked = {call.operation: call.region for call in sandbox.calls()}
    assert (asked["DescribeTrails"], asked["GetEventSelectors"]) == (elsewhere, REGION)


def test_a_trail_that_was_never_started_and_takes_data_events_alone(caller: AwsApi) -> None:
    made()
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": []}
    fleet.client("cloudtrail").put_event_selectors(TrailName="audit", EventSelectors=[selector])

    said = plain(only(trails(caller)))

    assert (said["logging"], said["management_events"], said["kms_key"]) == (False, "None", None)


@pytest.mark.parametrize(
    ("operation", "fields"),
    [("GetTrailStatus", {"logging"}), ("GetEventSelectors", {"management_events", "ssm_excluded"})],
)
def test_what_is_denied_is_unknown(sandbox: Sandbox, caller: AwsApi, operation: str, fields: set[str]) -> None:
    made()
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="cloudtrail", operation=operation)])

    said = plain(only(trails(caller)))

    assert {name for name, value in said.items() if value is Why.DENIED} == fields


def test_denied_trails_are_a_gap(sandbox: Sandbox, caller: AwsApi) -> None:
    made()
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="cloudtrail")])
    found = trails(caller)
    assert (len(found), plain(found.gap)) == (0, Why.DENIED)


def field(name: str, **tests: list[str]) -> dict[str, Any]:
    return {"Field": name, **tests}


MANAGEMENT = field("eventCategory", Equals=["Management"])


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT, *fields]}]}


def basic(kind: str = "All", *, management: bool = True, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "ReadWriteType": kind,
        "IncludeManagementEvents": management,
        "DataResources": [],
        "ExcludeManagementEventSources": list(without),
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"EventSelectors": [basic()]}, ("All", False)),
        ({"EventSelectors": [basic("WriteOnly", without=("ssm.amazonaws.com",))]}, ("WriteOnly", True)),
        ({"EventSelectors": [basic("WriteOnly", without=("kms.amazonaws.com",))]}, ("WriteOnly", False)),
        ({"EventSelectors": [basic("ReadOnly"), basic("WriteOnly")]}, ("All", False)),
        ({"EventSelectors": [basic(management=False)]}, ("None", False)),
        (advanced(), ("All", False)),
        (advanced(field("readOnly", Equals=["false"])), ("WriteOnly", False)),
        (advanced(field("eventSource", NotEquals=["ssm.amazonaws.com", "kms.amazonaws.com"])), ("All", True)),
        (advanced(field("eventSource", NotEquals=["kms.amazonaws.com"])), ("All", False)),
        (advanced(field("eventSource", Equals=["iam.amazonaws.com"])), ("All", True)),
        (advanced(field("eventSource", NotStartsWith=["s"])), ("All", Why.UNSUPPORTED)),
        (advanced(field("eventName", NotEquals=["StartSession"])), (Why.UNSUPPORTED, Why.UNSUPPORTED)),
        (
            {"AdvancedEventSelectors": [{"FieldSelectors": [field("eventCategory", Equals=["Data"])]}]},
            ("None", False),
        ),
        ({}, (Why.UNPARSEABLE, Why.UNPARSEABLE)),
        ({"EventSelectors": [{}]}, (Why.UNPARSEABLE, False)),
    ],
    ids=json.dumps,
)
def test_selectors(answer: dict[str, Any], expected: tuple[object, object]) -> None:
    events, excluded = selected(Description(answer, AT))
    assert (plain(events), plain(excluded)) == expected
