"""Session documents: `aws_ssm_document` whose type is Session, or cannot be told."""

from ssm_hardening.core.values import Inventory, Items, Known, Template, Text, Unknown, Value, Why
from ssm_hardening.model import SessionDocument
from ssm_hardening.read.converting import by_branch, decoded, member, record
from ssm_hardening.read.facts.arguments import argument_text, fact_of, text_in
from ssm_hardening.read.graph import Resource, Root
from ssm_hardening.read.session_content import Described, session_document

DOCUMENT = "aws_ssm_document"


def session_documents_of(root: Root) -> Inventory[tuple[Resource, SessionDocument]]:
    """Return every document with its resource that is, or may be, a session document."""
    resources = root.resources(DOCUMENT)
    found = ((each, text_in(each.config, "document_type")) for each in resources)
    return Inventory(
        tuple((each, _document(each, type_)) for each, type_ in found if _may_be_session(type_)), resources.gap
    )


def _document(resource: Resource, document_type: Value[Text]) -> SessionDocument:
    config, fact = resource.config, fact_of(resource, text_in(resource.config, "name"))
    described = Described(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        document_type=document_type,
        default_version=_computed(resource, "default_version"),
        latest_version=_computed(resource, "latest_version"),
        versions_agree=_computed(resource, "default_version"),
        changed=_computed(resource, "created_date"),
        shared_with=_shared_with(resource),
        prevent_destroy=resource.prevent_destroy,
    )
    return session_document(described, decoded(config.get("content"), config.get("document_format")))


def _may_be_session(document_type: Value[Text]) -> bool:
    """Say whether a document of this type is, or may be, a session document."""
    if isinstance(document_type, Unknown):
        return not document_type.one_of or any(map(_may_be_session, document_type.one_of))
    return isinstance(document_type, Known) and _may_read_session(document_type.value)


def _may_read_session(text: Text) -> bool:
    match text:
        case str():
            return text == "Session"
        case Template(parts):
            return all(part in "Session" for part in parts if isinstance(part, str))
        case _:
            return True


def _computed(resource: Resource, attribute: str) -> Unknown:
    return Unknown(Why.COMPUTED, resource.at, f"{resource.address}.{attribute}")


def _shared_with(resource: Resource) -> Value[Items]:
    """Return the account ids of `permissions`, a map; without it the document is shared with nobody."""
    permissions = record(resource.config.get("permissions"), "permissions")
    ids = argument_text(member(permissions, ("account_ids",)), "account_ids")
    return by_branch(ids, _accounts, absent=lambda absent: Known(Items(()), absent.at, defaulted=True))


def _accounts(ids: Known[Text]) -> Value[Items]:
    if isinstance(ids.value, str):
        names = (name.strip() for name in ids.value.split(","))
        return Known(Items(tuple(Known(name, ids.at) for name in names if name)), ids.at)
    return Known(Items((ids,), Unknown(Why.COMPUTED, ids.at, str(ids.value))), ids.at)
