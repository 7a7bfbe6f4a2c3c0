"""What the account itself holds sessions to: settings, trails, alerts, hybrid activations."""

from dataclasses import dataclass

from ssm_hardening.core.values import Items, Record, Text, Value
from ssm_hardening.model.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSetting(Fact):
    """A service setting of Systems Manager. `name` is its id (`/ssm/documents/console/public-sharing-permission`).

    `value` is `defaulted` where nobody set it, Absent where AWS has no default for it either (`$None`).
    """

    value: Value[Text]


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
