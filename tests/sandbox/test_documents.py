"""Session documents: what AWS would take, and what it would not."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssm_hardening.sandbox.document_content import complaint
from tests.sandbox.conftest import Client

NAME = "SSM-SessionManagerRunShell"


def document(*, without: str = "", **inputs: Any) -> dict[str, Any]:
    whole = {"schemaVersion": "1.0", "description": "d", "sessionType": "Standard_Stream", "inputs": inputs}
    return {key: value for key, value in whole.items() if key != without}


GOOD = {
    "all inputs": document(
        s3BucketName="b", s3KeyPrefix="", s3EncryptionEnabled=True, cloudWatchLogGroupName="g",
        cloudWatchEncryptionEnabled=False, cloudWatchStreamingEnabled=True, kmsKeyId="alias/k", runAsEnabled=True,
        runAsDefaultUser="op", idleSessionTimeout="15", maxSessionDuration="1440", shellProfile={"linux": "cd"},
    ),
    "no input": document(),
    "times not set": document(idleSessionTimeout="", maxSessionDuration=""),
    "flags as text": document(s3EncryptionEnabled="true"),
    "a parameter": {**document(s3BucketName="{{ bucket }}"), "parameters": {"bucket": {"type": "String"}}},
    "Parameter Store": document(s3BucketName="{{ssm:bucket}}"),
    "a tunnel": {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "22"}},
}  # fmt: skip

BAD = {
    "schema": ({**document(), "schemaVersion": "2.2"}, "schemaVersion must be"),
    "schema as number": ({**document(), "schemaVersion": 1.0}, "schemaVersion must be"),
    "no type": (document(without="sessionType"), "sessionType must be one of"),
    "no inputs": (document(without="inputs"), "inputs are required"),
    "no properties": ({"schemaVersion": "1.0", "sessionType": "InteractiveCommands"}, "properties are required"),
    "unknown top": ({**document(), "mainSteps": []}, "Unknown elements: mainSteps"),
    "unknown input": (document(s3Bucket="b"), "Unknown input: s3Bucket"),
    "leading zero": (document(idleSessionTimeout="015"), "Invalid value for input idleSessionTimeout"),
    "other digits": (document(idleSessionTimeout="\u0661\u0665"), "Invalid value for input idleSessionTimeout"),
    "number too long": (document(idleSessionTimeout=61), "Invalid value for input idleSessionTimeout: 61"),
    "too long": (document(idleSessionTimeout="61"), "idleSessionTimeout"),
    "zero": (document(maxSessionDuration="0"), "maxSessionDuration"),
    "a day and a minute": (document(maxSessionDuration="1441"), "maxSessionDuration"),
    "flag": (document(runAsEnabled="yes"), "runAsEnabled"),
    "profile": (document(shellProfile={"macos": "x"}), "shellProfile"),
    "undeclared": (document(s3BucketName="{{ bucket }}"), "not declared: bucket"),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_taken(content: dict[str, Any]) -> None:
    assert complaint(json.dumps(content)) == ""


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_refused(content: dict[str, Any], said: str) -> None:
    assert said in complaint(json.dumps(content))


def test_what_is_no_object() -> None:
    assert complaint('{"schemaVersion": ') == "The content is not a valid JSON object"
    assert complaint("[]") == "The content is not a valid JSON object"
    assert complaint("a: [", yaml=True) == "The content is not a valid YAML object"
    assert complaint("schemaVersion: '1.0'\nsessionType: Standard_Stream\ninputs: {}\n", yaml=True) == ""


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return str(raised.value.response["Error"]["Code"])


def test_errors_as_aws_names_them(client: Client) -> None:
    ssm = client("ssm")
    good: dict[str, Any] = {"Name": NAME, "DocumentType": "Session", "Content": json.dumps(document())}
    assert refused(ssm.create_document, **good | {"Content": "{"}) == "InvalidDocumentContent"
    assert refused(ssm.create_document, **good | {"Content": json.dumps(document(x=1))}) == "InvalidDocumentContent"
    big = json.dumps(document(s3KeyPrefix="x" * 70_000))
    assert refused(ssm.create_document, **good | {"Content": big}) == "MaxDocumentSizeExceeded"
    assert refused(ssm.create_document, **good | {"Name": "amazon-mine"}) == "ValidationException"
    assert refused(ssm.get_document, Name=NAME) == "InvalidDocument"
    ssm.create_document(**good)
    assert refused(ssm.create_document, **good) == "DocumentAlreadyExists"
    wrong = json.dumps(document(idleSessionTimeout="90"))
    assert refused(ssm.update_document, Name=NAME, DocumentVersion="$LATEST", Content=wrong) == "InvalidDocumentContent"
    assert refused(ssm.get_document, Name=NAME, DocumentVersion="7") == "InvalidDocumentVersion"
    assert refused(ssm.describe_document_permission, Name=NAME, PermissionType="Other") == "InvalidPermissionType"


def test_default_and_latest_version_are_told_apart(client: Client) -> None:
    ssm = client("ssm")
    ssm.create_document(Name=NAME, DocumentType="Session", Content=json.dumps(document(idleSessionTimeout="10")))
    ssm.update_document(Name=NAME, DocumentVersion="$LATEST", Content=json.dumps(document(idleSessionTimeout="20")))

    def idle(version: str) -> str:
        content = ssm.get_document(Name=NAME, DocumentVersion=version)["Content"]
        return str(json.loads(content)["inputs"]["idleSessionTimeout"])

    assert (idle("$DEFAULT"), idle("$LATEST"), idle("1")) == ("10", "20", "10")
    described = ssm.describe_document(Name=NAME, DocumentVersion="$DEFAULT")["Document"]
    assert (described["DefaultVersion"], described["LatestVersion"]) == ("1", "2")
    assert described["PlatformTypes"] == ["Windows", "Linux", "MacOS"]
    versions = ssm.list_document_versions(Name=NAME)["DocumentVersions"]
    assert [(one["DocumentVersion"], one["IsDefaultVersion"]) for one in versions] == [("2", False), ("1", True)]


def test_lists_are_filtered_before_they_are_paged(client: Client) -> None:
    ssm = client("ssm")
    command = {"schemaVersion": "2.2", "mainSteps": []}
    for number in range(5):
        ssm.create_document(Name=f"session-{number}", DocumentType="Session", Content=json.dumps(document()))
        ssm.create_document(Name=f"command-{number}", DocumentType="Command", Content=json.dumps(command))
    pages = ssm.get_paginator("list_documents").paginate(
        Filters=[{"Key": "DocumentType", "Values": ["Session"]}, {"Key": "Owner", "Values": ["Self"]}],
        PaginationConfig={"PageSize": 2},
    )
    names = [one["Name"] for page in pages for one in page["DocumentIdentifiers"]]
    assert names == [f"session-{number}" for number in range(5)]


def test_documents_of_aws_are_there_and_belong_to_nobody_else(client: Client) -> None:
    ssm = client("ssm")
    described = ssm.describe_document(Name="AWS-StartPortForwardingSession")["Document"]
    assert (described["Owner"], described["DocumentType"]) == ("Amazon", "Session")
    content = json.loads(ssm.get_document(Name="AWS-StartSSHSession")["Content"])
    assert content["sessionType"] == "Port"
    listed = ssm.list_documents(Filters=[{"Key": "Owner", "Values": ["Amazon"]}])["DocumentIdentifiers"]
    assert len(listed) == 5
    wrong = {"Name": "AWS-StartSSHSession", "DocumentVersion": "1", "Content": json.dumps(document())}
    assert refused(ssm.update_document, **wrong) == "InvalidDocument"
