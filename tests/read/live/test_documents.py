import json

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Why
from ssm_hardening.model import SessionDocument
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.documents import session_documents
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import stores
from tests.read.live.reading import plain

ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/{stores.PREFERENCES}"


def one(caller: AwsApi) -> SessionDocument:
    (found,) = session_documents(caller).facts
    return found


def updated(text: str) -> None:
    """Write a new latest version; the default one stays."""
    stores.client("ssm").update_document(Name=stores.PREFERENCES, Content=text, DocumentVersion="$LATEST")


def test_the_preferences_are_read_field_by_field(caller: AwsApi) -> None:
    stores.document(s3BucketName="logs", s3KeyPrefix="", cloudWatchStreamingEnabled=True, idleSessionTimeout="15")
    found = one(caller)
    assert (found.address, found.declaration, plain(found.name)) == (ARN, ARN, stores.PREFERENCES)
    assert found.s3_bucket == Known("logs", ApiOrigin(ARN, "ssm:GetDocument"))
    assert found.idle_session_timeout == Known(15, ApiOrigin(ARN, "ssm:GetDocument"), raw="15")
    assert isinstance(found.s3_key_prefix, Absent)
    assert found.s3_encryption_enabled == Known(False, ApiOrigin(ARN, "ssm:GetDocument"), defaulted=True)
    assert [plain(each) for each in (found.default_version, found.latest_version)] == ["1", "1"]
    assert found.versions_agree == Known(True, ApiOrigin(ARN, "ssm:DescribeDocument"))
    assert plain(found.shared_with) == []
    assert isinstance(found.content_error, Absent)
    assert isinstance(found.changed, Known)
    assert str(found.changed.value).endswith("Z")


def test_only_session_documents_of_the_account_are_read(caller: AwsApi) -> None:
    stores.document()
    stores.document("Custom-Shell")
    run = {"schemaVersion": "2.2", "mainSteps": []}
    stores.client("ssm").create_document(Name="Run-It", Content=json.dumps(run), DocumentType="Command")
    found = session_documents(caller).facts
    assert [plain(each.name) for each in found] == ["Custom-Shell", stores.PREFERENCES]
    assert found.gap is None


def test_many_documents_are_on_many_pages(caller: AwsApi) -> None:
    for number in range(55):
        stores.document(f"Custom-{number:02}")
    assert len(session_documents(caller).facts) == 55


def test_a_document_in_yaml(caller: AwsApi) -> None:
    text = "schemaVersion: '1.0'\nsessionType: Standard_Stream\ninputs:\n  runAsEnabled: true\n"
    stores.written(stores.PREFERENCES, text, DocumentFormat="YAML")
    found = session_documents(caller)
    assert plain(found.facts.items[0].run_as_enabled) is True
    assert isinstance(found.facts.items[0].content_error, Absent)
    (held,) = found.holdings
    settings = plain(held.settings)
    assert isinstance(settings, dict)
    assert settings["DocumentFormat"] == "YAML"


def test_versions_agree_as_data(caller: AwsApi) -> None:
    stores.document(s3BucketName="logs", idleSessionTimeout="15")
    content = stores.content(idleSessionTimeout="15", s3BucketName="logs")
    updated(json.dumps(content, indent=4, sort_keys=True))
    found = one(caller)
    assert [plain(each) for each in (found.default_version, found.latest_version)] == ["1", "2"]
    assert plain(found.versions_agree) is True


def test_versions_that_differ(caller: AwsApi) -> None:
    stores.document(s3BucketName="logs")
    updated(json.dumps(stores.content(s3BucketName="elsewhere")))
    found = one(caller)
    assert found.versions_agree == Known(False, ApiOrigin(ARN, "ssm:GetDocument"))
    assert plain(found.s3_bucket) == "elsewhere"


def test_a_document_that_is_shared(caller: AwsApi) -> None:
    stores.document()
    share = {"Name": stores.PREFERENCES, "PermissionType": "Share"}
    stores.client("ssm").modify_document_permission(**share, AccountIdsToAdd=["210987654321", "111122223333"])
    assert plain(one(caller).shared_with) == ["111122223333", "210987654321"]
    stores.client("ssm").modify_document_permission(**share, AccountIdsToRemove=["210987654321", "111122223333"])
    stores.client("ssm").modify_document_permission(**share, AccountIdsToAdd=["all"])
    assert plain(one(caller).shared_with) == ["All"]


def test_what_could_be_imported(caller: AwsApi) -> None:
    stores.document(tags={"managed-by": "Terraform"}, s3BucketName="logs")
    found = session_documents(caller)
    (held,) = found.holdings
    assert (held.of, held.type, held.import_id) == (ARN, "aws_ssm_document", stores.PREFERENCES)
    assert plain(held.settings) == {
        "Content": stores.content(s3BucketName="logs"),
        "DocumentFormat": "JSON",
        "DocumentVersion": "1",
        "DefaultVersion": "1",
        "Tags": {"managed-by": "Terraform"},
        "Permissions": [],
    }
    (owner,) = found.owners
    assert (owner.of, plain(owner.owner)) == (ARN, "terraform")


def test_no_documents(caller: AwsApi) -> None:
    found = session_documents(caller)
    assert found.facts == Inventory()
    assert caller.refused == []


@pytest.mark.parametrize("kind", [FaultKind.DENIED, FaultKind.MALFORMED, FaultKind.TRUNCATED])
@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("GetDocument", ("s3_bucket", "content_error", "unknown_keys", "session_type")),
        ("DescribeDocument", ("default_version", "latest_version", "versions_agree")),
        ("ListDocumentVersions", ("changed",)),
        ("DescribeDocumentPermission", ("shared_with",)),
    ],
)
def test_what_is_refused_is_unknown(
    sandbox: Sandbox, caller: AwsApi, kind: FaultKind, operation: str, fields: tuple[str, ...]
) -> None:
    stores.document(s3BucketName="logs")
    sandbox.set_faults([Fault(kind=kind, service="ssm", operation=operation)])
    found = one(caller)
    for name in fields:
        value = getattr(found, name)
        assert isinstance(value, Unknown), (name, value)
        assert f"ssm:{operation}" in value.detail
    assert plain(found.exists) is True


def test_the_preferences_are_read_where_the_list_is_denied(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.document(s3BucketName="logs")
    stores.document("Custom-Shell")
    sandbox.set_faults([Fault(service="ssm", operation="ListDocuments")])
    found = session_documents(caller).facts
    assert [plain(each.name) for each in found] == [stores.PREFERENCES]
    assert found.gap is not None
    assert (found.gap.why, found.gap.detail) == (Why.DENIED, "ssm:ListDocuments: AccessDeniedException")


def test_nothing_is_made_up_where_all_is_denied(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.document(s3BucketName="logs")
    sandbox.set_faults([Fault(service="ssm")])
    found = session_documents(caller).facts
    assert found.items == ()
    assert found.gap is not None


def test_denied_tags_leave_the_owner_unknown(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.document()
    sandbox.set_faults([Fault(service="ssm", operation="ListTagsForResource")])
    (owner,) = session_documents(caller).owners
    assert plain(owner.owner) == Why.DENIED
