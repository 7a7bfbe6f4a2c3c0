"""Session documents: `aws_ssm_document` whose type is Session, or cannot be told."""

from typing import Any

from ssm_hardening.core.values import Absent, Items, Known, Reference, Template, Unknown, Value, Why
from ssm_hardening.model import SessionDocument
from ssm_hardening.read.embedded import decoded
from ssm_hardening.read.facts.arguments import argument_text, mapped, member, record
from ssm_hardening.read.graph import Resource
from ssm_hardening.read.session_content import content_facts


def session_document(resource: Resource) -> SessionDocument | None:
    """Return the document, or None where its type is known to be another one."""
    config = resource.config
    document_type = argument_text(config.get("document_type"), "document_type")
    if not may_be_session(document_type):
        return None
    return SessionDocument(
        address=resource.address,
        declaration=resource.declaration,
        origin=resource.at,
        exists=resource.exists,
        name=argument_text(config.get("name"), "name"),
        document_type=document_type,
        default_version=_computed(resource, "default_version"),
        latest_version=_computed(resource, "latest_version"),
        versions_agree=_computed(resource, "default_version"),
        changed=_computed(resource, "created_date"),
        shared_with=_shared_with(resource),
        prevent_destroy=resource.prevent_destroy,
        **content_facts(decoded(config.get("content"), config.get("document_format"))),
    )


def may_be_session(document_type: Value[Any]) -> bool:
    """Say whether a document of this type is, or may be, a session document."""
    match document_type:
        case Known(str() as literal):
            return literal == "Session"
        case Known(Template(parts)):
            return all(part in "Session" for part in parts if isinstance(part, str))
        case Known():
            return True
        case Absent():
            return False
        case Unknown(one_of=branches):
            return not branches or any(may_be_session(branch) for branch in branches)


def _computed(resource: Resource, attribute: str) -> Unknown:
    return Unknown(Why.COMPUTED, resource.at, f"{resource.address}.{attribute}")


def _shared_with(resource: Resource) -> Value[Items]:
    """Return the account ids of `permissions`, a map; without it the document is shared with nobody."""
    permissions = record(resource.config.get("permissions"), "permissions")
    ids = argument_text(member(permissions, ("account_ids",)), "account_ids")
    return mapped(ids, _accounts, absent=lambda absent: Known(Items(()), absent.at, defaulted=True))


def _accounts(ids: Known[Any]) -> Value[Items]:
    match ids.value:
        case str() as text:
            names = (name.strip() for name in text.split(","))
            return Known(Items(tuple(Known(name, ids.at) for name in names if name)), ids.at)
        case Reference() | Template() as text:
            return Known(Items((ids,), Unknown(Why.COMPUTED, ids.at, str(text))), ids.at)
        case other:
            return Unknown(Why.UNSUPPORTED, ids.at, f"account_ids: {other}")
