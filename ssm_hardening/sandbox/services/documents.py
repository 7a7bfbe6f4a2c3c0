"""Systems Manager's documents, as strict as AWS about Session documents; those of AWS's own among them."""

import json
from functools import cache

from moto.core.responses import ActionResult
from moto.ssm.models import Document
from moto.ssm.models import Documents as MotoDocuments
from moto.ssm.models import _document_filter_match as filter_match
from moto.ssm.responses import SimpleSystemManagerResponse

from ssm_hardening.sandbox.document_content import MOST_BYTES, RESERVED, complaint
from ssm_hardening.sandbox.services.state import Item, Refusal, page

_SHELL = {"type": "String", "description": "The command to run."}
_PORTS = {"portNumber": {"type": "String", "default": "80"}, "localPortNumber": {"type": "String", "default": "0"}}

_CONTENTS = {
    "AWS-StartInteractiveCommand": ("InteractiveCommands", {"command": _SHELL}),
    "AWS-StartNonInteractiveCommand": ("NonInteractiveCommands", {"command": _SHELL}),
    "AWS-StartPortForwardingSession": ("Port", _PORTS),
    "AWS-StartPortForwardingSessionToRemoteHost": ("Port", {**_PORTS, "host": {"type": "String"}}),
    "AWS-StartSSHSession": ("Port", {"portNumber": {"type": "String", "default": "22"}}),
}
"""Name → type of session, parameters; the texts are ours, the shapes AWS's."""


@cache
def amazon_documents() -> dict[str, MotoDocuments]:
    """Return them by name. Nobody may change them, so all accounts share one copy."""
    return {name: MotoDocuments(_document(name)) for name in _CONTENTS}


def _document(name: str) -> Document:
    session_type, parameters = _CONTENTS[name]
    content = {
        "schemaVersion": "1.0",
        "description": f"Simulated copy of {name}",
        "sessionType": session_type,
        "parameters": parameters,
        "properties": {parameter: f"{{{{ {parameter} }}}}" for parameter in parameters},
    }
    # moto declares its own class abstract, and makes objects of it all the same.
    return Document(  # type: ignore[abstract]
        account_id="Amazon",
        name=name,
        version_name="",
        content=json.dumps(content),
        document_type="Session",
        document_format="JSON",
        requires=[],
        attachments=[],
        target_type="",
    )


_PLATFORMS = ["Windows", "Linux", "MacOS"]


class Documents(SimpleSystemManagerResponse):
    """moto's documents with the checks and answers that it lacks."""

    def create_document(self) -> ActionResult:
        """Refuse what AWS would refuse."""
        name = str(self._get_param("Name"))
        if name.startswith(RESERVED):
            raise Refusal("ValidationException", f"Document name {name} starts with a reserved prefix")
        if self._get_param("DocumentType") == "Session":
            self._check_content()
        result = super().create_document()
        _name_platforms(self._documents(name))
        return result

    def update_document(self) -> ActionResult:
        """Refuse what AWS would refuse."""
        name = str(self._get_param("Name"))
        if self._documents(name).get_latest_version().document_type == "Session":
            self._check_content()
        result = super().update_document()
        _name_platforms(self._documents(name))
        return result

    def get_document(self) -> ActionResult:
        """Return one version's content; `$DEFAULT` is what AWS calls the version that none is named for."""
        document = self._documents(str(self._get_param("Name")))
        version = document.find(self._version(document), self._get_param("VersionName"))
        # moto's public way knows no documents of AWS's.
        written = self.ssm_backend._generate_document_information(version, self._get_param("DocumentFormat", "JSON"))
        return ActionResult({**written, "CreatedDate": version.created_date})

    def describe_document(self) -> ActionResult:
        """Describe one version."""
        document = self._documents(str(self._get_param("Name")))
        tags = self.ssm_backend._get_documents_tags(document.get_default_version().name)
        described = document.describe(self._version(document), self._get_param("VersionName"), tags)
        return ActionResult({"Document": described})

    def list_documents(self) -> ActionResult:
        """List documents by name, AWS's included; moto pages wrongly where it filters."""
        filters = self._get_param("Filters") or []
        all_of_them = {**amazon_documents(), **self.ssm_backend._documents}
        documents = [documents.get_default_version() for _, documents in sorted(all_of_them.items())]
        found = [one for one in documents if filter_match(self.current_account, filters, one)]
        described = [{**one.list_describe(), "CreatedDate": one.created_date} for one in found]
        paged = page(described, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"DocumentIdentifiers": paged["items"], "NextToken": paged["NextToken"]})

    def list_document_versions(self) -> ActionResult:
        """Versions of one document, latest first."""
        document = self._documents(str(self._get_param("Name")))
        numbers = sorted(document.versions, key=int, reverse=True)
        versions = [_version_of(document, number) for number in numbers]
        paged = page(versions, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"DocumentVersions": paged["items"], "NextToken": paged["NextToken"]})

    def describe_document_permission(self) -> ActionResult:
        """Tell whom a document is shared with; AWS knows only one type of permission, and demands that it be named."""
        if self._get_param("PermissionType") != "Share":
            raise Refusal("InvalidPermissionType", "The permission type is not supported. Use Share.")
        document = self._documents(str(self._get_param("Name")))
        return ActionResult(document.describe_permissions())

    def _documents(self, name: str) -> MotoDocuments:
        short = name.split(":document/", 1)[-1]
        found = self.ssm_backend._documents.get(short) or amazon_documents().get(short)
        if found is None:
            raise Refusal("InvalidDocument", f"Document with name {name} does not exist.")
        return found

    def _version(self, document: MotoDocuments) -> str:
        """Return the version asked for as moto takes it; empty for the default one."""
        wanted = self._get_param("DocumentVersion") or ""
        if wanted in {"", "$DEFAULT"}:
            return "" if self._get_param("VersionName") else document.default_version
        if wanted != "$LATEST" and wanted not in document.versions:
            raise Refusal("InvalidDocumentVersion", "The document version is not valid or does not exist.")
        return str(wanted)

    def _check_content(self) -> None:
        content = self._get_param("Content") or ""
        if len(content.encode()) > MOST_BYTES:
            raise Refusal("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")
        found = complaint(content, yaml=self._get_param("DocumentFormat") == "YAML")
        if found:
            raise Refusal("InvalidDocumentContent", f"{found}.")


def _name_platforms(document: MotoDocuments) -> None:
    """Fill in what moto leaves as a stub: Session documents are for all platforms."""
    for version in document.versions.values():
        version.platform_types = list(_PLATFORMS)


def _version_of(document: MotoDocuments, number: str) -> Item:
    version = document.versions[number]
    return {
        "Name": version.name,
        "DocumentVersion": number,
        "VersionName": version.version_name,
        "CreatedDate": version.created_date,
        "IsDefaultVersion": number == document.default_version,
        "DocumentFormat": version.document_format,
        "Status": version.status,
        "ReviewStatus": "NOT_REVIEWED" if version.document_type == "ChangeCalendar" else None,
    }
