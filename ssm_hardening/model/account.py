"""The picture of one account and Region (for code: one root module and provider alias)."""

from dataclasses import dataclass, field

from ssm_hardening.model.keys import Key
from ssm_hardening.model.logs import LogBucket, LogGroup
from ssm_hardening.model.session import SessionDocument
from ssm_hardening.origins import Origin
from ssm_hardening.values import Inventory, Text, Value, Why


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read, and which addresses it may affect (none: anything).

    `kind` says what was not read: `file`, `module`, `call`, `block`.
    """

    kind: str
    why: Why
    detail: str
    at: Origin
    affects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UsageSign:
    """A sign that Session Manager is in use here (a policy, an endpoint, a document)."""

    detail: str
    at: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one source knows of one account and Region.

    `source` is `terraform`, `plan`, `live`, `snapshot` or `host`; `root` the folder, file or account it was read
    from; `at` that place as an origin.
    """

    source: str
    root: str
    at: Origin
    account: Value[Text]
    region: Value[Text]
    session_documents: Inventory[SessionDocument] = field(default_factory=Inventory)
    log_buckets: Inventory[LogBucket] = field(default_factory=Inventory)
    log_groups: Inventory[LogGroup] = field(default_factory=Inventory)
    keys: Inventory[Key] = field(default_factory=Inventory)
    usage_signs: Inventory[UsageSign] = field(default_factory=Inventory)
    gaps: tuple[Gap, ...] = ()
