"""The picture of one account and Region (for code: one root module and provider configuration)."""

from dataclasses import MISSING, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Text, Unknown, Value, Why
from ssm_hardening.model.facts import none_read
from ssm_hardening.model.session import SessionDocument
from ssm_hardening.model.stores import Key, LogBucket, LogGroup

if TYPE_CHECKING:
    # Loaded on demand, see ssm_hardening.model; ssm_hardening.model.facts.hints_of resolves the names.
    from ssm_hardening.model.governance import (
        Activation,
        Association,
        ControlPolicy,
        DocumentEvent,
        EventRule,
        ServiceSetting,
        Session,
        Trail,
    )
    from ssm_hardening.model.identity import Group, Policy, Role, User
    from ssm_hardening.model.live_settings import Holding, Ownership
    from ssm_hardening.model.network import SecurityGroup, Subnet, Vpc, VpcEndpoint
    from ssm_hardening.model.nodes import Host, Instance

FAULT = "fault"
LINK = "link"
"""The kind of a gap that a fault of ours left; the run ends with the code that says so, after its report."""

INPUTS = "inputs"
"""The kind of a gap where another tool provides the variables of a root module."""

STACK = "stack"
"""The kind of a gap that a resource leaves which creates others: by CloudFormation, or by another provider's API."""

LIVE = "live"
"""The source of an account that was read from AWS; a snapshot of one keeps it."""

HOST = "host"
"""The source of what evidence from inside nodes tells where no account that was read holds them."""


_NOT_CODE = Absent(CodeOrigin("", 0))


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read, and which addresses it may affect (none: anything).

    `kind` says what was not read: `file`, `module`, `call`, `block`, a link that leads out of the repository (LINK),
    what another tool provides (INPUTS), what a resource creates (STACK); or that it is an internal error of the tool
    (FAULT).
    """

    kind: str
    why: Why
    detail: str
    at: Origin
    affects: tuple[str, ...] = ()

    def text(self) -> str:
        """Return what could not be read, and why, on one line."""
        return f"{self.at}: cannot be read: {self.detail}"


@dataclass(frozen=True, slots=True)
class UsageSign:
    """A sign that Session Manager is in use here (a policy, an endpoint, a document)."""

    detail: str
    at: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one source knows of one account and Region.

    `source` is `terraform`, `plan`, `live` or `host` (a snapshot keeps what it was taken from); `root` the folder, file
    or account it was read from; `at` that place as an origin. What a source does not read has a gap.

    Every picture of one AWS account holds all of its roles, users, groups and policies, and its `guardrails`: the
    control policies of its organization, whole and empty where none binds it (the management account). `identity` is
    what code tells of which AWS account it is: the first provider configuration of the root that leads to the same one;
    where that is in doubt, an unknown with that configuration as its branch. `guests` lists the addresses of buckets
    that stand in another Region's picture, where they are judged, and that documents of this one use.
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
    roles: "Inventory[Role]" = field(default_factory=none_read)
    users: "Inventory[User]" = field(default_factory=none_read)
    groups: "Inventory[Group]" = field(default_factory=none_read)
    policies: "Inventory[Policy]" = field(default_factory=none_read)
    guardrails: "Inventory[ControlPolicy]" = field(default_factory=none_read)
    instances: "Inventory[Instance]" = field(default_factory=none_read)
    security_groups: "Inventory[SecurityGroup]" = field(default_factory=none_read)
    vpc_endpoints: "Inventory[VpcEndpoint]" = field(default_factory=none_read)
    subnets: "Inventory[Subnet]" = field(default_factory=none_read)
    vpcs: "Inventory[Vpc]" = field(default_factory=none_read)
    associations: "Inventory[Association]" = field(default_factory=none_read)
    hosts: "Inventory[Host]" = field(default_factory=none_read)
    settings: "Inventory[ServiceSetting]" = field(default_factory=none_read)
    trails: "Inventory[Trail]" = field(default_factory=none_read)
    event_rules: "Inventory[EventRule]" = field(default_factory=none_read)
    activations: "Inventory[Activation]" = field(default_factory=none_read)
    sessions: "Inventory[Session]" = field(default_factory=none_read)
    document_events: "Inventory[DocumentEvent]" = field(default_factory=none_read)
    holdings: "Inventory[Holding]" = field(default_factory=none_read)
    owners: "Inventory[Ownership]" = field(default_factory=none_read)
    usage_signs: Inventory[UsageSign] = field(default_factory=Inventory)
    gaps: tuple[Gap, ...] = ()
    identity: Value[Text] = _NOT_CODE
    guests: tuple[str, ...] = ()

    @property
    def unread_parts(self) -> tuple[Gap, ...]:
        """The parts of code, or of a plan, that were not read, each once."""
        parts = (each for each in self.gaps if each.kind in _PARTS or _is_refused(each))
        return () if self.source == LIVE else tuple(dict.fromkeys(parts))

    def is_unread_part(self, gap: Unknown) -> bool:
        """Say whether a gap is that a part of the code was not read."""
        return any((each.why, each.at, each.detail) == (gap.why, gap.at, gap.detail) for each in self.unread_parts)

    def unread(self, gap: Unknown) -> "Account":
        """Return the account with every list empty, for the reason `gap`; hosts aside, which no account tells of."""
        nothing: dict[str, Any] = dict.fromkeys(KINDS, Inventory((), gap))
        return replace(self, **{**nothing, "hosts": self.hosts})


_PARTS = frozenset({"file", "module", LINK})


def _is_refused(gap: Gap) -> bool:
    """Say whether it is a block that could not be read; others are told of, and no part of the code is missing."""
    return gap.kind == "block" and gap.why is Why.UNPARSEABLE


def is_override(name: str) -> bool:
    """Say whether Terraform merges a file of this name over the other files of its folder."""
    stem = name.split(".", 1)[0]
    return stem == "override" or stem.endswith("_override")


KINDS = tuple(each.name for each in fields(Account) if each.default_factory is not MISSING)
"""The names of the lists of an account: one for each kind of object, and the signs of use."""
