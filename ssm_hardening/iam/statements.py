"""One policy statement, its members three-valued one by one."""

from dataclasses import dataclass

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Items, Record, Text, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of a bucket, key or role policy.

    `actions`, `resources` and their negations are lists of texts (a single text is a list of one), `principals`
    maps a type (`AWS`, `Service`, `Federated`, or `*` for everybody) to a list, `conditions` maps an operator
    (`StringEquals`) to a record of condition keys, each a list of texts. Absent where the statement has none.
    """

    at: Origin
    sid: Value[Text]
    effect: Value[Text]
    actions: Value[Items]
    not_actions: Value[Items]
    resources: Value[Items]
    not_resources: Value[Items]
    principals: Value[Record]
    not_principals: Value[Record]
    conditions: Value[Record]
