"""What happened: the sessions of the last 30 days, and who wrote the documents they ran with."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ssm_hardening.core.logic import ask, is_no, known_or, mapped
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Datum, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import PREFERENCES_NAME, DocumentEvent, Session, SessionDocument
from ssm_hardening.read.converting import member, number
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import entries, first_gap, given, known_texts, sent, value_of
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.recordings import RecordingFolder, Stores, recorded_objects, recorded_streams, stores_of

MOST = 20_000
"""How many sessions of each state are read."""

_PAGE = 200
_RUNNING, _ENDED = "Active", "History"

P = TypeVar("P", RecordingFolder, str)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A session as the history describes it, and where it should be recorded."""

    id: str
    data: Value[Datum]
    stores: Stores

    @property
    def started(self) -> int:
        """When it began, in milliseconds since 1970; the beginning of time where that is not told."""
        moment = known_or(sent(self.data, "StartDate"), None)
        return int(datetime.fromisoformat(moment).timestamp() * 1000) if isinstance(moment, str) else 0


def sessions(aws: AwsApi, documents: Inventory[SessionDocument]) -> Inventory[Session]:
    """Return the running sessions and those of the history, which AWS keeps for 30 days, sorted by id.

    For each one that ended, the object and the stream that should hold it are looked for, by listing names alone.
    """
    running, ended = aws.each(lambda state: _listed(aws, state), (_RUNNING, _ENDED))
    found = {each.id: each for each in (*_of_running(running), *_of_ended(ended, documents))}
    objects, streams = aws.each(lambda look: look(aws, tuple(found.values())), (_objects, _streams))
    facts = (_fact(found[id_], objects[id_], streams[id_]) for id_ in sorted(found))
    return Inventory(tuple(facts), first_gap(running.gap, ended.gap))


def _listed(aws: AwsApi, state: str) -> Inventory[tuple[str, Value[Datum]]]:
    """Return the sessions of a state by their ids."""
    call, root = calls.DESCRIBE_SESSIONS, aws.who.root
    parameters = {"State": state, "PaginationConfig": {"PageSize": _PAGE}}
    listed = aws.all(call, "Sessions", root, parameters, most=MOST)
    named = [(each["SessionId"], each) for each in listed if isinstance(each.get("SessionId"), str)]
    unnamed = Unknown(Why.UNPARSEABLE, call.at(root), f"{call}: a session has no ID")
    gap = first_gap(listed.gap, None if len(named) == len(listed) else unnamed)
    at = {id_: call.at(aws.who.arn("ssm", f"session/{id_}")) for id_, _ in named}
    return Inventory(tuple((id_, value_of(each, at[id_])) for id_, each in named), gap)


def _of_running(listed: Iterable[tuple[str, Value[Datum]]]) -> Iterator[_Entry]:
    for id_, data in listed:
        unfinished = Unknown(Why.OUT_OF_SCOPE, data.at, "the session is still running")
        yield _Entry(id_, data, Stores(unfinished, unfinished))


def _of_ended(listed: Iterable[tuple[str, Value[Datum]]], documents: Inventory[SessionDocument]) -> Iterator[_Entry]:
    for id_, data in listed:
        yield _Entry(id_, data, stores_of(given(data, "DocumentName"), documents))


def _objects(aws: AwsApi, found: Sequence[_Entry]) -> Mapping[str, Value[Text]]:
    """Return what the buckets hold of each session."""

    def look(folder: RecordingFolder, there: Sequence[_Entry]) -> Mapping[str, Value[Text]]:
        return recorded_objects(aws, folder, [each.id for each in there])

    return _looked_up(aws, [(each, each.stores.folder) for each in found], look)


def _streams(aws: AwsApi, found: Sequence[_Entry]) -> Mapping[str, Value[Text]]:
    """Return what the log groups hold of each session."""

    def look(group: str, there: Sequence[_Entry]) -> Mapping[str, Value[Text]]:
        return recorded_streams(aws, group, {each.id: each.started for each in there})

    return _looked_up(aws, [(each, each.stores.group) for each in found], look)


def _looked_up(
    aws: AwsApi,
    placed: Iterable[tuple[_Entry, Value[P]]],
    look: Callable[[P, Sequence[_Entry]], Mapping[str, Value[Text]]],
) -> Mapping[str, Value[Text]]:
    """Look into each place once, for all sessions that belong there."""
    told: dict[str, Value[Text]] = {}
    by_place: dict[P, list[_Entry]] = defaultdict(list)
    for entry, place in placed:
        if isinstance(place, Known):
            by_place[place.value].append(entry)
        else:
            told[entry.id] = place
    for each in aws.each(lambda place: look(place, by_place[place]), tuple(by_place)):
        told.update(each)
    return told


def _fact(entry: _Entry, recorded: Value[Text], streamed: Value[Text]) -> Session:
    at, data = entry.data.at, entry.data
    address = at.arn if isinstance(at, ApiOrigin) else entry.id
    return Session(
        address=address,
        declaration=address,
        origin=at,
        name=Known(entry.id, at),
        exists=Known(True, at),
        target=sent(data, "Target"),
        owner=sent(data, "Owner"),
        document=given(data, "DocumentName"),
        status=sent(data, "Status"),
        reason=given(data, "Reason"),
        started=sent(data, "StartDate"),
        ended=given(data, "EndDate"),
        max_duration=given(data, "MaxSessionDuration", convert=number),
        output=_output(data),
        recording_object=recorded,
        recording_stream=streamed,
    )


def _output(data: Value[Datum]) -> Value[Text]:
    """Return where AWS says that the output went, which it says of S3 first."""
    url = given(data, "OutputUrl", "S3OutputUrl")
    return given(data, "OutputUrl", "CloudWatchOutputUrl") if isinstance(url, Absent) else url


_DELETED = "DeleteDocument"

WRITES = (
    "CreateDocument",
    _DELETED,
    "ModifyDocumentPermission",
    "UpdateDocument",
    "UpdateDocumentDefaultVersion",
)

MOST_EVENTS = 500
"""How many events of each kind are read: AWS answers this call twice a second, with 50 events at most."""


def document_events(aws: AwsApi, documents: Inventory[SessionDocument]) -> Inventory[DocumentEvent]:
    """Return the writes of session documents, and of the preferences even where they are gone; latest first.

    One call for each kind of write, whatever the number of documents, one after the other. Where there is no document,
    and none was deleted, there was none to write to: the other kinds are not asked for.
    """
    names = {PREFERENCES_NAME, *known_texts(each.name for each in documents)}
    deleted = _entries(aws, _DELETED)
    there_was_none = not documents.items and not deleted.items and first_gap(documents.gap, deleted.gap) is None
    read = [deleted, *(_entries(aws, kind) for kind in WRITES if kind != _DELETED and not there_was_none)]
    found = (event for kind in read for each in kind for event in _events(each, names))
    ordered = sorted(found, key=_order, reverse=True)
    return Inventory(tuple(ordered), first_gap(*(kind.gap for kind in read), documents.gap))


def _order(event: DocumentEvent) -> tuple[str, str]:
    return str(known_or(event.time, "")), event.address


def _entries(aws: AwsApi, kind: str) -> Inventory[Value[Datum]]:
    """Return the events of a kind of write, of every document."""
    call = calls.LOOKUP_EVENTS
    attribute = {"AttributeKey": "EventName", "AttributeValue": kind}
    found = aws.all(call, "Events", aws.who.root, {"LookupAttributes": [attribute]}, most=MOST_EVENTS)
    return entries(found, call.at(aws.who.root))


def _events(entry: Value[Datum], names: Collection[str]) -> Iterator[DocumentEvent]:
    """Yield the event where it is a write that took place, on a session document."""
    record = _record(entry)
    name = _document(record)
    is_session = member(record, ("requestParameters", "documentType")) == Known("Session", entry.at)
    is_ours = ask(name, lambda written: str(written) in names or is_session, absent=False)
    if is_no(is_ours) or isinstance(given(record, "errorCode"), Known):
        return
    id_ = sent(entry, "EventId")
    address = str(known_or(id_, "event without an ID"))
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


def _record(entry: Value[Datum]) -> Value[Datum]:
    """Return the event as CloudTrail recorded it, which is a JSON text within the entry."""
    text = sent(entry, "CloudTrailEvent")
    if not isinstance(text, Known):
        return text
    try:
        data = json.loads(str(text.value))
    except (ValueError, RecursionError):
        return Unknown(Why.UNPARSEABLE, text.at, "an event of the trail is not valid JSON")
    return value_of(data if isinstance(data, Mapping) else {}, text.at)


def _document(record: Value[Datum]) -> Value[Text]:
    """Return the name of the document that was written, which may be told as an ARN."""
    return mapped(given(record, "requestParameters", "name"), lambda name: str(name).rpartition(":document/")[2])


def _principal(record: Value[Datum]) -> Value[Text]:
    """Return the ARN of who wrote, or the AWS service that did."""
    arn = given(record, "userIdentity", "arn")
    return given(record, "userIdentity", "invokedBy") if isinstance(arn, Absent) else arn
