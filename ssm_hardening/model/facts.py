"""What every fact has: an address, a place, a name, and whether it exists at all."""

from dataclasses import dataclass

from ssm_hardening.origins import Origin
from ssm_hardening.values import Text, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One object of an account.

    `address` is the full instance address (`module.ssm.aws_s3_bucket.l["a"]`), `declaration` the same without
    instance keys (one source block, however many instances), `origin` the block or the API object. `exists` is
    false where `count`, `for_each` or `enabled` yields none, unknown where they cannot be told.
    """

    address: str
    declaration: str
    origin: Origin
    name: Value[Text]
    exists: Value[bool]
