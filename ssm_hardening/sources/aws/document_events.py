"""Who wrote the session documents, as far as the event history of CloudTrail remembers (90 days)."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ssm_hardening.model import PREFERENCES_NAME, DocumentEvent, SessionDocument
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.asking import Caller
from ssm_hardening.sources.aws.data import first_gap, given, sent, value_of
from ssm_hardening.sources.converting import member
from ssm_hardening.values import Absent, Inventory, Known, Unknown, Value, Why

WRITES = (
    "CreateDocument",
    "DeleteDocument",
    "ModifyDocumentPermission",
    "UpdateDocument",
    "UpdateDocumentDefaultVersion",
)

MOST = 500
"""How many events of each kind are read: AWS answers this call twice a second, with 50 events at most."""


def document_events(caller: Caller, documents: Inventory[SessionDocument]) -> Inventory[DocumentEvent]:
    """Return the writes of session documents, and of the preferences even where they are gone; latest first.

    One call for each kind of write, whatever the number of documents, one after the other.
    """
    names = {PREFERENCES_NAME, *(str(each.name.value) for each in documents if isinstance(each.name, Known))}
    read = [_of_kind(caller, kind, names) for kind in WRITES]
    found = sorted((event for kind in read for event in kind), key=_order, reverse=True)
    return Inventory(tuple(found), first_gap(*(kind.gap for kind in read), documents.gap))


def _order(event: DocumentEvent) -> tuple[str, str]:
    return (str(event.time.value) if isinstance(event.time, Known) else "", event.address)


def _of_kind(caller: Caller, kind: str, names: Collection[str]) -> Inventory[DocumentEvent]:
    call = calls.LOOKUP_EVENTS
    attribute = {"AttributeKey": "EventName", "AttributeValue": kind}
    found = caller.all(call, "Events", caller.who.root, {"LookupAttributes": [attribute]}, most=MOST)
    at = ApiOrigin(caller.who.root, str(call))
    events = [event for each in found for event in _events(value_of(each, at), names)]
    return Inventory(tuple(events), found.gap)


def _events(entry: Value[Any], names: Collection[str]) -> Iterator[DocumentEvent]:
    """Yield the event where it is a write that took place, on a session document."""
    record = _record(entry)
    name = _document(record)
    is_session = member(record, ("requestParameters", "documentType")) == Known("Session", entry.at)
    about = isinstance(name, Unknown) or (isinstance(name, Known) and (name.value in names or is_session))
    if not about or isinstance(given(record, "errorCode"), Known):
        return
    id_ = sent(entry, "EventId")
    address = str(id_.value) if isinstance(id_, Known) else "event without an id"
    yield DocumentEvent(
        address=address,
        declaration=address,
        origin=entry.at,
        name=id_,
        exists=Known(True, entry.at),
        document=name,
        event=sent(entry, "EventName"),
        principal=_principal(record),
        time=sent(entry, "EventTime"),
    )


def _record(entry: Value[Any]) -> Value[Any]:
    """Return the event as CloudTrail recorded it, which is a JSON text within the entry."""
    text = sent(entry, "CloudTrailEvent")
    if not isinstance(text, Known):
        return text
    try:
        data = json.loads(str(text.value))
    except (ValueError, RecursionError):
        return Unknown(Why.UNPARSEABLE, text.at, "an event of the trail that is no JSON")
    return value_of(data if isinstance(data, Mapping) else {}, text.at)


def _document(record: Value[Any]) -> Value[Any]:
    """Return the name of the document that was written, which may be told as an ARN."""
    match given(record, "requestParameters", "name"):
        case Known(text, at):
            return Known(str(text).rpartition(":document/")[2], at)
        case Absent() | Unknown() as other:
            return other


def _principal(record: Value[Any]) -> Value[Any]:
    """Return the ARN of who wrote, or the AWS service that did."""
    arn = given(record, "userIdentity", "arn")
    return given(record, "userIdentity", "invokedBy") if isinstance(arn, Absent) else arn
