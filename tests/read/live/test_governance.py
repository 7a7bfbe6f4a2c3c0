"""Service settings, activations, and who wrote the documents."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Why
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.documents import session_documents
from ssm_hardening.read.live.history import WRITES, document_events
from ssm_hardening.read.live.systems_manager import IDS, activations, settings
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import stores
from tests.read.live.reading import plain

SHARING, TIER, ROLE = IDS
NOW = datetime.now(UTC).replace(microsecond=0)


def test_settings_that_nobody_set_are_defaults(caller: AwsApi) -> None:
    found = {str(plain(each.name)): each for each in settings(caller)}
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:servicesetting{SHARING}"
    assert found[SHARING].address == arn
    assert found[SHARING].value == Known("Enable", ApiOrigin(arn, "ssm:GetServiceSetting"), defaulted=True)
    assert plain(found[TIER].value) == "standard"
    assert isinstance(found[ROLE].value, Absent)


def test_settings_that_somebody_set(caller: AwsApi) -> None:
    ssm = stores.client("ssm")
    ssm.update_service_setting(SettingId=SHARING, SettingValue="Disable")
    ssm.update_service_setting(
        SettingId=ROLE, SettingValue="service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"
    )
    found = {str(plain(each.name)): each.value for each in settings(caller)}
    assert plain(found[ROLE]) == "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:servicesetting{SHARING}"
    assert found[SHARING] == Known("Disable", ApiOrigin(arn, "ssm:GetServiceSetting"))


@pytest.mark.parametrize("kind", [FaultKind.DENIED, FaultKind.MALFORMED])
def test_settings_that_may_not_be_read(sandbox: Sandbox, caller: AwsApi, kind: FaultKind) -> None:
    sandbox.set_faults([Fault(kind=kind, service="ssm", operation="GetServiceSetting")])
    for each in settings(caller):
        assert isinstance(each.value, Unknown)
        assert "ssm:GetServiceSetting" in each.value.detail


def test_activations(caller: AwsApi) -> None:
    expires = NOW + timedelta(days=1)
    made = stores.client("ssm").create_activation(IamRole="hybrid", RegistrationLimit=5, ExpirationDate=expires)
    (found,) = activations(caller)
    assert plain(found.name) == made["ActivationId"]
    assert (plain(found.role), plain(found.used), plain(found.limit)) == ("hybrid", 0, 5)
    assert plain(found.expired) is False
    assert plain(found.expires) == expires.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_activations_that_may_not_be_listed(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.set_faults([Fault(service="ssm", operation="DescribeActivations")])
    found = activations(caller)
    assert found.items == ()
    assert found.gap is not None
    assert found.gap.why is Why.DENIED


def written(id_: str, kind: str, document: str, **more: Any) -> dict[str, Any]:
    """Return an event as CloudTrail's history has it."""
    record = {
        "eventSource": "ssm.amazonaws.com",
        "eventName": kind,
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice"},
        "requestParameters": {"name": document},
        **more,
    }
    return {
        "EventId": id_,
        "EventName": kind,
        "EventTime": NOW - timedelta(hours=int(id_[-1])),
        "EventSource": "ssm.amazonaws.com",
        "CloudTrailEvent": json.dumps(record),
    }


def test_writers_of_session_documents(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.document("Custom")
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/Custom"
    sandbox.put(
        events=[
            written("e-1", "UpdateDocument", "Custom"),
            written("e-2", "DeleteDocument", stores.PREFERENCES),
            written(
                "e-3", "UpdateDocumentDefaultVersion", arn, userIdentity={"invokedBy": "cloudformation.amazonaws.com"}
            ),
            written("e-4", "CreateDocument", "Gone", requestParameters={"name": "Gone", "documentType": "Session"}),
            written("e-5", "UpdateDocument", "Run-Command-Document"),
            written("e-6", "UpdateDocument", "Custom", errorCode="AccessDenied"),
            written("e-7", "GetDocument", "Custom"),
        ]
    )
    found = document_events(caller, session_documents(caller).facts)
    assert [(plain(each.name), plain(each.document)) for each in found] == [
        ("e-1", "Custom"),
        ("e-2", stores.PREFERENCES),
        ("e-3", "Custom"),
        ("e-4", "Gone"),
    ]
    assert [plain(each.principal) for each in found][:3] == [
        f"arn:aws:iam::{ACCOUNT}:user/alice",
        f"arn:aws:iam::{ACCOUNT}:user/alice",
        "cloudformation.amazonaws.com",
    ]
    assert [plain(each.event) for each in found][1] == "DeleteDocument"
    assert plain(found.items[0].time) == (NOW - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert found.gap is None


def test_the_calls_do_not_grow_with_the_documents(sandbox: Sandbox, caller: AwsApi) -> None:
    for number in range(8):
        stores.document(f"Custom-{number}")
    documents = session_documents(caller).facts
    sandbox.reset_calls()
    document_events(caller, documents)
    assert [each.operation for each in sandbox.calls()] == ["LookupEvents"] * len(WRITES)


def test_without_documents_and_deletions_nothing_was_written(sandbox: Sandbox, caller: AwsApi) -> None:
    documents = session_documents(caller).facts
    sandbox.put(events=[written("e-1", "UpdateDocument", "Run-Command-Document")])
    sandbox.reset_calls()
    assert document_events(caller, documents) == Inventory()
    assert len(sandbox.calls()) == 1


def test_what_was_deleted_was_written_before(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.put(events=[written("e-1", "DeleteDocument", "Gone"), written("e-2", "UpdateDocument", stores.PREFERENCES)])
    (found,) = document_events(caller, session_documents(caller).facts)
    assert plain(found.document) == stores.PREFERENCES


@pytest.mark.parametrize("denied", ["ListDocuments", "LookupEvents"])
def test_where_documents_or_deletions_are_not_told_every_kind_of_write_is_asked_for(
    sandbox: Sandbox, caller: AwsApi, denied: str
) -> None:
    sandbox.set_faults([Fault(operation=denied, times=1)])
    documents = session_documents(caller).facts
    sandbox.reset_calls()
    assert document_events(caller, documents).gap is not None
    assert [each.operation for each in sandbox.calls()] == ["LookupEvents"] * len(WRITES)


def test_an_event_that_cannot_be_read_may_be_about_any_document(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.document("Custom")
    sandbox.put(events=[{**written("e-1", "UpdateDocument", "Custom"), "CloudTrailEvent": "{"}])
    (found,) = document_events(caller, session_documents(caller).facts)
    assert isinstance(found.document, Unknown)


def test_a_trail_that_may_not_be_read_is_a_gap(sandbox: Sandbox, caller: AwsApi) -> None:
    sandbox.set_faults([Fault(service="cloudtrail", operation="LookupEvents")])
    found = document_events(caller, session_documents(caller).facts)
    assert found.items == ()
    assert found.gap is not None
    assert found.gap.why is Why.DENIED
