"""Session documents (`aws_ssm_document` whose type is Session, or cannot be told), and CloudWatch log groups."""

from collections.abc import Iterator, Sequence

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Template, Text, Unknown, Value, Why
from ssm_hardening.model import LogGroup, SessionDocument
from ssm_hardening.read.converting import by_branch, decoded, json_document, member, record
from ssm_hardening.read.facts.arguments import argument_text, fact_of, named_fact, number_in, read_each, text_in
from ssm_hardening.read.facts.attachments import Attachments, attachments, gathered, said
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


GROUP = "aws_cloudwatch_log_group"
FILTER = "aws_cloudwatch_log_subscription_filter"
ACCOUNT_POLICY = "aws_cloudwatch_log_account_policy"

_SUBSCRIPTION = "SUBSCRIPTION_FILTER_POLICY"


def log_groups_of(root: Root) -> Inventory[tuple[Resource, LogGroup]]:
    """Return every log group with its resource, used by nobody yet."""
    filters = attachments(root.resources(FILTER), "log_group_name")
    everywhere = [*_account_wide(root.resources(ACCOUNT_POLICY))]
    return read_each(root.resources(GROUP), lambda each: _log_group(each, filters, everywhere))


def _account_wide(policies: Inventory[Resource]) -> Iterator[Value[Text]]:
    """Yield where subscription policies of the whole account send every group's events."""
    for each in policies:
        kind = text_in(each.config, "policy_type")
        if isinstance(kind, Known) and kind.value != _SUBSCRIPTION:
            continue
        document = json_document(each.config.get("policy_document"))
        yield argument_text(member(document, ("DestinationArn",)), "DestinationArn")
    if policies.gap is not None:
        yield policies.gap


def _log_group(resource: Resource, filters: Attachments, everywhere: Sequence[Value[Text]]) -> LogGroup:
    fact = named_fact(resource, "name")
    own = said(filters.of(fact), lambda config: text_in(config, "destination_arn"))
    return LogGroup(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        kms_key=text_in(resource.config, "kms_key_id"),
        retention_days=by_branch(number_in(resource.config, "retention_in_days"), _unless_forever),
        used_by=Known(Items(()), resource.at),
        copied_to=gathered((*own, *everywhere), resource.at),
    )


def _unless_forever(days: Known[int]) -> Value[int]:
    return Absent(days.at) if days.value == 0 else days
