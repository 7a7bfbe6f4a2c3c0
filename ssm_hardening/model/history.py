"""What happened: the sessions of the last 30 days, and who wrote the documents they ran with."""

from dataclasses import dataclass

from ssm_hardening.core.values import Text, Value
from ssm_hardening.model.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Fact):
    """A session of the history. `name` is its id, `target` the node's id, `owner` the ARN of the person.

    Times are ISO 8601 in UTC; `ended` is Absent while it runs. `document` is Absent where the history names none: the
    preferences applied. `status` is the API's (`Terminated`, `Connected`, …), `max_duration` minutes, `output` the
    history's output location.

    `recording_object` and `recording_stream` tell what the stores hold, by listing alone: the object's or the stream's
    name, Absent where it was looked for and is not there or the session's document names no such store, Unknown where
    the store could not be looked into, the session still runs, or its document is not this account's. Where AWS's own
    documents run, other than tunnels, the stores of the preferences are looked into.
    """

    target: Value[Text]
    owner: Value[Text]
    document: Value[Text]
    status: Value[Text]
    reason: Value[Text]
    started: Value[Text]
    ended: Value[Text]
    max_duration: Value[int]
    output: Value[Text]
    recording_object: Value[Text]
    recording_stream: Value[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent(Fact):
    """A write of a session document that the trail remembers. `name` is the event's id, `document` the document's name.

    `event` is the API call (`UpdateDocument`), `principal` the ARN of who made it, `time` ISO 8601 in UTC.
    """

    document: Value[Text]
    event: Value[Text]
    principal: Value[Text]
    time: Value[Text]
