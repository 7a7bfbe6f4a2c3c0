"""KMS keys that sessions, buckets and log groups are encrypted with."""

from dataclasses import dataclass, field

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Items, Text, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model.facts import Fact, none_read, not_read


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGrant:
    """A grant of a key: `grantee` is the ARN or service principal that may do the `operations` (`Decrypt`)."""

    at: Origin
    name: Value[Text]
    grantee: Value[Text]
    operations: Value[Items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Fact):
    """A customer managed key.

    `usage` is `ENCRYPT_DECRYPT` where nobody says otherwise, `spec` `SYMMETRIC_DEFAULT` (both `defaulted`).
    `rotation` defaults to false, `deletion_window_days` to 30. `aliases` lists the names or alias resources that
    point at the key. `statements` is the key policy; without one AWS delegates to the account root (empty, no gap).
    `used_by` lists addresses of the documents, buckets and log groups that use the key. Live, `name` is the key's id;
    a key that one of them names and that is not there has `exists` false.
    `material` is where the key material comes from: `AWS_KMS`, `EXTERNAL` (imported),
    `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    """

    enabled: Value[bool]
    rotation: Value[bool]
    deletion_window_days: Value[int]
    usage: Value[Text]
    spec: Value[Text]
    aliases: Inventory[Text]
    statements: Inventory[Statement]
    used_by: Value[Items]
    grants: Inventory[KeyGrant] = field(default_factory=none_read)
    material: Value[Text] = field(default_factory=not_read)
