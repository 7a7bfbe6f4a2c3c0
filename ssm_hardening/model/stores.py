"""Where sessions are recorded, and what they are encrypted with: buckets, log groups and KMS keys."""

from dataclasses import dataclass, field

from ssm_hardening.core.logic import each
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Items, Known, Text, Unknown, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model.facts import Fact, none_read, not_read, not_there


@dataclass(frozen=True, slots=True, kw_only=True)
class AclGrant:
    """A grant in a bucket's ACL: `grantee` is the URI of a group or a canonical user ID, `permission` like `READ`."""

    at: Origin
    grantee: Value[Text]
    permission: Value[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBucket(Fact):
    """A bucket, however its settings are spread (inline blocks or resources of their own).

    `encryption` is `AES256`, `aws:kms` or `aws:kms:dsse`; S3 encrypts every bucket with `AES256` where nobody says
    otherwise (`defaulted`). The four public-access switches and `ownership` are `defaulted` where nobody declares them:
    S3 sets them on buckets created since April 2023, older buckets may lack them; live, a switch is on where the bucket
    or the whole account has it on. Live, `exists` is false where this account holds no bucket of this name: it is gone,
    or another account's. `expiration_days` is the shortest expiry that reaches session logs, `noncurrent_days` the
    shortest time for which their noncurrent versions are kept; Absent where no rule deletes them. `acl_grants` lists
    the grants of the ACL, canned or explicit, to anyone except the owner. `used_by` lists the addresses of the session
    documents that name the bucket; unknown where a document's destination is unknown and
    might be this bucket. `replicates_to` lists the ARNs of the buckets that replication copies objects to,
    `access_points` the names of access points through which it is reached.
    """

    encryption: Value[Text]
    kms_key: Value[Text]
    block_public_acls: Value[bool]
    block_public_policy: Value[bool]
    ignore_public_acls: Value[bool]
    restrict_public_buckets: Value[bool]
    versioning: Value[bool]
    object_lock_days: Value[int]
    tls_only: Value[bool]
    expiration_days: Value[int]
    ownership: Value[Text]
    access_log_bucket: Value[Text]
    statements: Inventory[Statement]
    used_by: Value[Items]
    replicates_to: Value[Items] = field(default_factory=not_read)
    access_points: Value[Items] = field(default_factory=not_read)
    noncurrent_days: Value[int] = field(default_factory=not_read)
    acl_grants: Inventory[AclGrant] = field(default_factory=none_read)


DELIVERY = "DELIVERY"
"""The class of log groups that keep log events for one day, for deliveries of Lambda."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup(Fact):
    """A CloudWatch log group. `retention_days` is Absent where events never expire (0 or not set).

    `retention_policy` names the account-level policy that replaces the group's own retention period, if there is one.

    `copied_to` lists the ARNs that subscription filters, the group's own and the account's, send its events to.
    `log_class` is `STANDARD` where nobody says otherwise (`defaulted`); `DELIVERY` keeps events for one day, whatever
    the retention. `statements` are those of the resource policies of CloudWatch Logs in the group's Region, of the
    account and of the group, whether they are about this group or not.
    """

    kms_key: Value[Text]
    retention_days: Value[int]
    used_by: Value[Items]
    copied_to: Value[Items] = field(default_factory=not_read)
    log_class: Value[Text] = field(default_factory=not_read)
    retention_policy: Value[Text] = field(default_factory=not_there)
    statements: Inventory[Statement] = field(default_factory=none_read)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGrant:
    """A grant of a key: `grantee` is the ARN or service principal that may do the `operations` (`Decrypt`).

    `constrained`: only for the encryption contexts that the grant names.
    """

    at: Origin
    name: Value[Text]
    grantee: Value[Text]
    operations: Value[Items]
    constrained: Value[bool] = field(default_factory=not_read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Fact):
    """A customer managed key.

    `usage` is `ENCRYPT_DECRYPT` where nobody says otherwise, `spec` `SYMMETRIC_DEFAULT` (both `defaulted`).
    `rotation` defaults to false, `deletion_window_days` to 30. `aliases` lists the names or alias resources that
    point at the key. `statements` is the key policy; without one AWS delegates to the account root (empty, no gap).
    `used_by` lists addresses of the documents that use the key, and of the buckets and log groups of sessions that do.
    Live, `name` is the key's id; a key that one of them names and that is not there has `exists` false. `material` is
    where the key material comes from: `AWS_KMS`, `EXTERNAL` (imported), `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
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


def use_in_doubt(fact: LogBucket | LogGroup | Key) -> Unknown | None:
    """Say why it is unknown whether sessions or their logs use this object; None where it can."""
    users = each(fact.used_by)
    known = any(isinstance(user, Known) for user in users)
    return None if known else next((user for user in users if isinstance(user, Unknown)), None)


def may_be_used(fact: LogBucket | LogGroup | Key) -> bool:
    """Say whether sessions or their logs use this object, or may: only what is known to be used by nothing is not."""
    return len(each(fact.used_by)) > 0
