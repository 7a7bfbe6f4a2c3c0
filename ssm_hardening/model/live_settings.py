"""What exists in the account and could be adopted: as Terraform would import it, and whose it is."""

from dataclasses import dataclass
from enum import StrEnum

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Record, Text, Value


class OwnerKind(StrEnum):
    """Who manages an object, as its tags and name tell."""

    CLOUDFORMATION = "cloudformation"
    STACK_SET = "stack_set"
    QUICK_SETUP = "quick_setup"
    CONTROL_TOWER = "control_tower"
    LANDING_ZONE_ACCELERATOR = "landing_zone_accelerator"
    IDENTITY_CENTER = "identity_center"
    TERRAFORM = "terraform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One thing that exists in the account and that Terraform could import.

    `of` is the address of the fact it belongs to, `type` the Terraform resource type (`aws_s3_bucket_policy`),
    `import_id` what an import block takes. `settings` is the API's own answer, as data, keys in the API's spelling.
    """

    of: str
    type: str
    import_id: str
    at: Origin
    settings: Value[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who manages a fact (`of` is its address). `owner` is one of OwnerKind, Absent where nothing names anybody.

    `name` is the owner's own name (a stack's), `evidence` the tag or name that tells.
    """

    of: str
    at: Origin
    owner: Value[Text]
    name: Value[Text]
    evidence: Value[Text]
