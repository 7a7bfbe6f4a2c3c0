"""Axes of configurations as code, as a plan, and as both: what is planned, and what is known before it is applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.constructed.axes import never
from tests.constructed.covering import Design
from tests.constructed.places import HOME
from tests.constructed.stores import BUCKET


class Source(StrEnum):
    """What is read."""

    CODE = "code"
    PLAN = "plan alone"
    BOTH = "code and its plan"


class Stage(StrEnum):
    """What is there already."""

    NEW = "everything is created"
    KEPT = "bucket exists"
    UPDATED = "everything exists, and is updated"
    REPLACED = "bucket exists, and is replaced"
    REMOVED = "bucket exists, its public access block is deleted"


class Named(StrEnum):
    """How the preferences name the bucket."""

    LITERAL = "bucket as a literal"
    NAME = "bucket by its argument"
    ID = "bucket by its id"
    INPUT = "bucket by a variable"


class Switch(StrEnum):
    """Whether the preferences ask for encryption."""

    ON = "encryption on"
    OFF = "encryption off"
    INPUT = "encryption by a variable"


class Many(StrEnum):
    """How the bucket is declared."""

    ONE = "one bucket"
    COUNT = "bucket with count"
    EACH = "bucket with for_each"


class Where(StrEnum):
    """Where the bucket is declared."""

    ROOT = "bucket in the root module"
    MODULE = "bucket in a called module"


class Blocks(StrEnum):
    """The public access block."""

    ON = "public access blocked"
    OFF = "public access not blocked"
    UNSET = "public access block not set"


class Versions(StrEnum):
    """What becomes of what is overwritten."""

    ENABLED = "versions kept"
    UNSET = "versioning not set"


class Expiry(StrEnum):
    """When recordings expire."""

    LONG = "expiry after 400 days"
    SHORT = "expiry after 30 days"
    UNSET = "no expiry"


class Metadata(StrEnum):
    """What is said of the instance metadata service."""

    REQUIRED = "tokens required"
    OPTIONAL = "tokens optional"
    UNSET = "metadata options not set"


class Rights(StrEnum):
    """What the node's role may do."""

    MINIMAL = "what is needed"
    EVERYTHING = "everything"


class Port(StrEnum):
    """What is open on the node."""

    NONE = "no inbound rule"
    SSH = "SSH from the world"


class Joined(StrEnum):
    """How the bucket's settings name it."""

    DIRECT = "settings name the bucket itself"
    LOCAL = "settings name the bucket by a local value"


class Region(StrEnum):
    """How the provider names its Region."""

    CONSTANT = "Region as a constant"
    INPUT = "Region by a variable"


class Granted(StrEnum):
    """How the node's role gets its rights."""

    APART = "policy apart"
    BLOCK = "policy in the role's block"


@dataclass(frozen=True, slots=True)
class PlanForm:
    """One value of each axis."""

    source: Source
    stage: Stage
    named: Named
    switch: Switch
    many: Many
    where: Where
    blocks: Blocks
    versions: Versions
    expiry: Expiry
    metadata: Metadata
    rights: Rights
    port: Port
    joined: Joined
    region: Region
    granted: Granted


DESIGN = Design(
    PlanForm,
    (never("what is deleted is not in the code", [Stage.REMOVED], [Blocks.ON, Blocks.OFF]),),
)


def variables(case: PlanForm) -> Mapping[str, str]:
    """Return the values that are given on the command line."""
    bucket = {"bucket": BUCKET} if case.named is Named.INPUT else {}
    region = {"region": HOME} if case.region is Region.INPUT else {}
    return bucket | region | ({"encrypted": "true"} if case.switch is Switch.INPUT else {})
