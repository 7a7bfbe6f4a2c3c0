"""What constructed configurations differ in: the axes, their values, and the pairs of values that cannot be."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Regions(StrEnum):
    """How the code says which Regions there are."""

    ONE = "one Region, in the provider"
    UNNAMED = "no Region in the provider"
    TWO = "two Regions by an alias"
    THREE = "three Regions by aliases"
    ARGUMENT = "Regions by the argument of resources"
    FOR_EACH = "Regions by for_each of a provider"


class Elsewhere(StrEnum):
    """What is in another Region or account than the preferences."""

    NOTHING = "everything beside the preferences"
    BUCKET = "bucket in another Region"
    GROUP = "group in another Region"
    KEY = "key in another Region"
    IDENTITIES = "roles and people through another Region"
    ACCOUNT = "people in another account"


class Node(StrEnum):
    """What the node is."""

    INSTANCE = "instance"
    TEMPLATE = "instance from a template"
    GROUP_DEFAULT = "group, default version kept up"
    GROUP_LATEST = "group, latest version"
    GROUP_OLD = "group, older default version"
    CONFIGURATION = "group, launch configuration"
    MIXED = "group, template overridden"
    SPOT = "spot request"
    SPOT_FLEET = "spot fleet"
    FLEET = "fleet"
    CLUSTER = "node group of a cluster"
    INTERFACE = "instance, interface apart"
    PRIMARY = "instance, primary interface apart"
    HYBRID = "hybrid activation"
    NO_PROFILE = "default management, no profile"
    BARE_PROFILE = "default management, profile without rights"
    HEARTBEAT = "default management, profile with the heartbeat alone"


class Exposure(StrEnum):
    """What leads to the node beside sessions."""

    CLOSED = "no inbound rule"
    INTERNAL = "HTTPS from the VPC"
    SSH = "SSH from the world"
    APART = "SSH from the world, by a rule apart"
    PUBLIC = "public address"
    KEY_PAIR = "key pair"


class Metadata(StrEnum):
    """What the code says of the instance metadata service."""

    REQUIRED = "tokens required"
    OPTIONAL = "tokens optional"
    DISABLED = "metadata service off"
    UNSET = "metadata options not set"


class Holder(StrEnum):
    """Who has the rights that are in question."""

    NODE = "role of the node"
    ROLE = "role of people"
    USER = "user"
    GROUP = "group"


class Form(StrEnum):
    """How the rights get to their holder."""

    BLOCK = "inline block"
    INLINE = "inline policy"
    ATTACHED = "attachment"
    SHARED = "attachment to several"
    ARGUMENT = "managed_policy_arns"
    EXCLUSIVE = "exclusive attachments"
    LOOKED_UP = "policy looked up by name"
    MODULE = "policy of a called module"
    NAMED_ROLE = "role known by its name"
    NAMED_USER = "user known by its name"
    NAMED_GROUP = "group known by its name"
    NOWHERE = "policy attached nowhere"
    PERMISSION_SET = "permission set"


class Rights(StrEnum):
    """What the policies allow."""

    ADMINISTRATOR = "everything"
    SYSTEMS_MANAGER = "everything of Systems Manager"
    REGION = "sessions on every node of the Region"
    MINIMAL = "what is needed"
    BOUNDED = "too much, within a boundary"
    DENIED = "too much, denied again"


class Stores(StrEnum):
    """How recordings and keys are kept."""

    KEPT = "kept with care"
    CARELESS = "kept without care"
    UNSET = "settings left out"


class Unread(StrEnum):
    """Which part of the code cannot be read."""

    NOTHING = "everything is read"
    NULL_MODULE = "module of names"
    BARE_MODULE = "module that is handed nothing"
    HANDED_MODULE = "module that is handed objects"
    NAMED_MODULE = "module that is handed names of objects"
    FILE = "file that does not parse"
    OVERRIDE = "override file that does not parse"
    ENCODED_OVERRIDE = "override file in UTF-16"
    POLICY = "policy of AWS without a known text"
    MODULE_POLICY = "policy of an unread module"
    BOUNDARY = "boundary of an unread module"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One value of each axis."""

    regions: Regions
    elsewhere: Elsewhere
    node: Node
    exposure: Exposure
    metadata: Metadata
    holder: Holder
    form: Form
    rights: Rights
    stores: Stores
    unread: Unread


@dataclass(frozen=True, slots=True)
class Excluded:
    """Values of two axes of which no pair can be, and why."""

    reason: str
    values: frozenset[StrEnum]
    others: frozenset[StrEnum]


def never(reason: str, values: Iterable[StrEnum], others: Iterable[StrEnum]) -> Excluded:
    return Excluded(reason, frozenset(values), frozenset(others))


SPREAD = frozenset({Regions.ARGUMENT, Regions.FOR_EACH})
"""Preferences, keys, and groups in each of two Regions."""

DEFAULT_MANAGEMENT = frozenset({Node.NO_PROFILE, Node.BARE_PROFILE, Node.HEARTBEAT})
NAMED = frozenset({Form.NAMED_ROLE, Form.NAMED_USER, Form.NAMED_GROUP})
INTERFACES = frozenset({Node.INTERFACE, Node.PRIMARY})
HANDED = frozenset({Unread.HANDED_MODULE, Unread.NAMED_MODULE})
ATTACHED = frozenset({Unread.POLICY, Unread.MODULE_POLICY})
"""The holder of the rights has one more policy, of which the text is not known."""

OVERRIDES = frozenset({Unread.OVERRIDE, Unread.ENCODED_OVERRIDE})

_ROLES_ONLY = (Form.BLOCK, Form.ARGUMENT, Form.NAMED_ROLE, Form.NOWHERE, Form.PERMISSION_SET)
_UNBOUNDED = (*NAMED, Form.NOWHERE, Form.PERMISSION_SET)

EXCLUDED = (
    never(
        "the code has one provider, which is of one Region",
        (Regions.ONE, Regions.UNNAMED),
        (Elsewhere.BUCKET, Elsewhere.GROUP, Elsewhere.IDENTITIES),
    ),
    never("resources of IAM have no argument for a Region", [Regions.ARGUMENT], [Elsewhere.IDENTITIES]),
    never("no code shows the network of a hybrid machine", [Node.HYBRID], set(Exposure) - {Exposure.CLOSED}),
    never("a hybrid machine has no metadata service", [Node.HYBRID], set(Metadata) - {Metadata.UNSET}),
    never("default management needs the metadata service", DEFAULT_MANAGEMENT, [Metadata.DISABLED]),
    never("an interface that exists gets an address from aws_eip alone", INTERFACES, [Exposure.PUBLIC]),
    never("the kind of node says what its role may do", DEFAULT_MANAGEMENT, [Holder.NODE]),
    never("a node and its role are of one account", [Holder.NODE], [Elsewhere.ACCOUNT]),
    never(
        "a node has a role",
        [Holder.NODE],
        (Form.NAMED_USER, Form.NAMED_GROUP, Form.NOWHERE, Form.PERMISSION_SET),
    ),
    never("a role is no user and no group", [Holder.ROLE], (Form.NAMED_USER, Form.NAMED_GROUP)),
    never("a user has no such form", [Holder.USER], (*_ROLES_ONLY, Form.NAMED_GROUP)),
    never("a group has no such form", [Holder.GROUP], (*_ROLES_ONLY, Form.NAMED_USER)),
    never("a group has no boundary", [Holder.GROUP], (Rights.BOUNDED, Unread.BOUNDARY)),
    never("the boundary is set where the principal is declared", _UNBOUNDED, (Rights.BOUNDED, Unread.BOUNDARY)),
    never("a principal has one boundary", [Rights.BOUNDED], [Unread.BOUNDARY]),
    never("nobody holds the policy", [Form.NOWHERE], ATTACHED),
    never("no policy of AWS is limited so", [Form.LOOKED_UP], (Rights.MINIMAL, Rights.REGION)),
    never("a node opens no sessions", [Holder.NODE], [Rights.REGION]),
)
"""Every pair of values that is in no configuration."""
