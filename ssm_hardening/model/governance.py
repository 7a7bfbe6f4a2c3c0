"""What the account itself holds sessions to, and what happened.

Control policies of its organization, settings, trails, alerts and hybrid activations; the sessions of the last 30 days,
and who wrote the documents they ran with.
"""

from dataclasses import dataclass

from ssm_hardening.core.values import Inventory, Items, Record, Text, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSetting(Fact):
    """A service setting of Systems Manager. `name` is its id (`/ssm/documents/console/public-sharing-permission`).

    `value` is `defaulted` where nobody set it, Absent where AWS has no default for it either (`$None`).
    """

    value: Value[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPolicy(Fact):
    """A policy of the organization that bears on the account. `kind` is `service` (an SCP) or `resource` (an RCP).

    `level` is the ID of the account, organizational unit or root that it is attached to. It is Absent where the policy
    was given by itself (a file): nothing tells then what else is attached there, and only its Deny statements count.
    """

    kind: Value[Text]
    level: Value[Text]
    statements: Inventory[Statement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail(Fact):
    """A CloudTrail trail. `management_events` is `All`, `ReadOnly`, `WriteOnly` or `None`.

    `ssm_excluded` says whether its selectors leave out events of Systems Manager. `kms_key` is the key of its log
    files, `bucket` where they go.
    """

    multi_region: Value[bool]
    organization: Value[bool]
    logging: Value[bool]
    management_events: Value[Text]
    ssm_excluded: Value[bool]
    validation: Value[bool]
    kms_key: Value[Text]
    bucket: Value[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule(Fact):
    """An EventBridge rule. `pattern` is its event pattern as data, Absent without one; `targets` lists ARNs.

    Live, those of the default bus that events of Systems Manager, KMS or CloudTrail may match.
    """

    bus: Value[Text]
    enabled: Value[bool]
    pattern: Value[Record]
    targets: Value[Items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation(Fact):
    """A hybrid activation. `name` is its id; `expires` is ISO 8601 in UTC; `used` and `limit` count registrations."""

    role: Value[Text]
    expires: Value[Text]
    expired: Value[bool]
    used: Value[int]
    limit: Value[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Association(Fact):
    """A State Manager association: what Systems Manager does to nodes by itself. `name` is its id or name.

    `document` is the name of the document it runs, `targets` what it is aimed at as `key=value,…` texts (`*` for all).
    """

    document: Value[Text]
    targets: Value[Items]


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
