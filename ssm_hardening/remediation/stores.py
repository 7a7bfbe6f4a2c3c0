"""Remedies for log buckets and log groups that the user's code declares."""

from collections.abc import Iterator
from typing import Any

from ssm_hardening.core.logic import certainly
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Unknown, Value
from ssm_hardening.model import DELIVERY, Key, LogBucket, LogGroup, SessionDocument
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import (
    Append,
    ByHand,
    Change,
    MergeStatement,
    NeedPart,
    Output,
    Part,
    Phase,
    Plain,
    ReplaceValue,
    SetArgument,
    SetBeside,
    known_text,
    known_texts,
)
from ssm_hardening.remediation.code_texts import lifecycle, lifecycle_rule

_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
ACCEPTED_RETENTION = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_YEAR = 365
_OWNER_DECIDES = (
    "the owner decides how long recordings are kept, and an expiration rule would delete existing recordings"
)


def _bucket(case: Case) -> LogBucket:
    if not isinstance(case.fact, LogBucket):
        raise TypeError(f"{case.rule} is about a bucket, not {case.finding.subject}")
    return case.fact


def missing_store(case: Case) -> Iterator[Change]:
    """S3-01, CW-01: a name that means nothing is the owner's to correct; a new store under it would be a guess."""
    message = case.message
    why = "only the owner knows whether the name or the missing store is wrong"
    at = case.at
    yield ByHand(what=f"declare the store or correct its name: {message}", why=why, at=at, phase=Phase.STORES)


def encryption(case: Case) -> Iterator[Change]:
    """S3-02: aws:kms in place of DSSE."""
    yield from replace_dsse(_bucket(case))


def replace_dsse(bucket: LogBucket) -> Iterator[Change]:
    """Yield the change of a bucket whose encryption the agent takes for none; nothing where it is accepted."""
    if certainly(bucket.encryption, lambda algorithm: algorithm == "aws:kms:dsse"):
        yield ReplaceValue(fact=bucket, at=bucket.encryption.at, names=("sse_algorithm",), values=("aws:kms",))


def is_named(case: Case) -> bool:
    """Say whether the case is about a bucket that a document surely names: others may be none of ours."""
    bucket = case.fact
    return isinstance(bucket, LogBucket) and certainly(
        bucket.used_by, lambda users: any(isinstance(each, Known) for each in users.items)
    )


def public_access(case: Case) -> Iterator[Change]:
    """S3-03: all four switches."""
    bucket = _bucket(case)
    flags: dict[str, Value[bool]] = {name: getattr(bucket, name) for name in _FLAGS}
    written = [value.at for value in flags.values() if _is_written(value)]
    if not written:
        if all(isinstance(value, Known) for value in flags.values()):
            yield from _public_access(bucket, flags)
        return
    for name, value in flags.items():
        match value:
            case Known(True):
                pass
            case Known(False, at, defaulted=False):
                yield ReplaceValue(fact=bucket, at=at, names=(name,), values=(True,))
            case Known() | Absent():
                block = "aws_s3_bucket_public_access_block"
                yield SetBeside(fact=bucket, at=written[0], block=block, name=name, value=True)
            case Unknown(_, at, detail):
                what = f"make sure that {name} is true ({detail})"
                yield ByHand(what=what, why="the value is set elsewhere", at=at, phase=Phase.STORES)


def _public_access(bucket: LogBucket, flags: dict[str, Value[bool]]) -> Iterator[Change]:
    """Add the block, or complete the one that says nothing."""
    at = flags[_FLAGS[0]].at
    if at == bucket.origin:
        yield Append(fact=bucket, kind="public_access_block")
        return
    for name in _FLAGS:
        block = "aws_s3_bucket_public_access_block"
        yield SetBeside(fact=bucket, at=at, block=block, name=name, value=True)


def _is_written(value: Value[Any]) -> bool:
    return isinstance(value, Unknown) or (isinstance(value, Known) and not value.defaulted)


def versioning(case: Case) -> Iterator[Change]:
    """S3-04: versioning, and a default retention where the standard asks for Object Lock."""
    bucket = _bucket(case)
    match bucket.versioning:
        case Known(True) | Unknown():
            pass
        case Known(False, at, defaulted=False):
            yield ReplaceValue(fact=bucket, at=at, names=("status", "enabled"), values=("Enabled", True))
        case Known() | Absent():
            yield Append(fact=bucket, kind="versioning")
    least = case.thresholds.retention_days_min
    yield from _keep_versions(bucket, least)
    if case.thresholds.object_lock_required:
        yield from _lock(bucket, least)


def _keep_versions(bucket: LogBucket, least: int) -> Iterator[Change]:
    """Keep old versions as long as recordings, where a rule deletes them earlier."""
    if certainly(bucket.noncurrent_days, lambda days: days < least):
        at, names = bucket.noncurrent_days.at, ("noncurrent_days", "days")
        yield ReplaceValue(fact=bucket, at=at, names=names, values=(least, least))


def _lock(bucket: LogBucket, least: int) -> Iterator[Change]:
    if isinstance(bucket.object_lock_days, Absent):
        yield Append(fact=bucket, kind="object_lock", days=least)
    if certainly(bucket.object_lock_days, lambda days: days < least):
        what = f"{bucket.address}: set the default retention of Object Lock to at least {least} days"
        why = "Object Lock applies to every new object in the bucket, whoever writes it"
        yield ByHand(what=what, why=why, at=bucket.object_lock_days.at, phase=Phase.STORES)


def retention(case: Case) -> Iterator[Change]:
    """S3-05: a longer expiry; never a first one, which would delete what is kept."""
    bucket = _bucket(case)
    least = case.thresholds.retention_days_min
    yield from _keep_versions(bucket, least)
    match bucket.expiration_days:
        case Known(days, at):
            if days < least:
                yield ReplaceValue(fact=bucket, at=at, names=("days",), values=(least,))
        case Absent(at):
            yield from _first_expiry(bucket, at, case)
        case Unknown():
            return


def _first_expiry(bucket: LogBucket, at: Origin, case: Case) -> Iterator[Change]:
    """Hand the owner the lines of an expiry: the first apply would delete whatever is older than its days."""
    prefixes = {_prefix_of(document) for document in _users(bucket, case)}
    prefix = next(iter(prefixes)) if len(prefixes) == 1 else None
    days = max(_YEAR, case.thresholds.retention_days_min)
    what = (
        f"{bucket.address}: add a lifecycle rule for the prefix of the recordings, with the number of days that your "
        "retention policy requires"
    )
    if prefix is None:
        what += ", and replace PREFIX with the prefix: without one, the rule applies to every object in the bucket"
    given = prefix or "PREFIX"
    name = bucket.declaration.rpartition(".")[2]
    lines = lifecycle(name, given, days) if at == bucket.origin else lifecycle_rule(given, days)
    yield ByHand(what=what, why=_OWNER_DECIDES, at=at, phase=Phase.STORES, lines=lines)


def _users(bucket: LogBucket, case: Case) -> list[SessionDocument]:
    complete = certainly(bucket.used_by, lambda users: users.rest is None)
    names = set(known_texts(bucket.used_by)) if complete else set()
    return [each for each in case.account.session_documents.items if each.address in names]


def _prefix_of(document: SessionDocument) -> str | None:
    return (known_text(document.s3_key_prefix) or "").strip("/") or None


def transport(case: Case) -> Iterator[Change]:
    """S3-06: two statements that deny plain transport, beside every statement there is."""
    bucket = _bucket(case)
    if bucket.statements.gap is not None:
        what = "add a statement to the bucket policy that denies requests with aws:SecureTransport = false"
        why = (
            f"the policy could not be read completely ({bucket.statements.gap.detail}), and policies are never replaced"
        )
        yield ByHand(what=what, why=why, at=bucket.statements.gap.at, phase=Phase.STORES)
    elif bucket.statements.items:
        yield MergeStatement(fact=bucket, at=bucket.statements.items[0].at)
    else:
        yield Append(fact=bucket, kind="transport_policy")


def policy_by_hand(case: Case) -> Iterator[Change]:
    """S3-07, KMS-04: who needs what in an existing policy only its owner knows."""
    message = case.message
    module = case.finding.rule.remedy
    what = f"restrict the policy{'' if module is None else f' as module {module} does'}: {message}"
    why = "existing policies are never replaced, because the code does not show who relies on a statement"
    phase = Phase.KEYS if isinstance(case.fact, Key) else Phase.STORES
    yield ByHand(what=what, why=why, at=case.at, phase=phase)


def ownership(case: Case) -> Iterator[Change]:
    """S3-08: the bucket owner owns every object."""
    bucket = _bucket(case)
    right = "BucketOwnerEnforced"
    match bucket.ownership:
        case Known(value, at, defaulted=False):
            if value != right:
                yield ReplaceValue(fact=bucket, at=at, names=("object_ownership",), values=(right,))
        case Known() | Absent():
            yield Append(fact=bucket, kind="ownership_controls")
        case Unknown():
            return


def group_key(case: Case) -> Iterator[Change]:
    """CW-02: a key for the group."""
    if isinstance(case.fact, LogGroup):
        yield from give_key(case.fact)


def give_key(group: LogGroup) -> Iterator[Change]:
    """Yield the key, and the group's argument that names it."""
    yield NeedPart(Part.LOGS_KEY)
    at = group.kms_key.at
    yield SetArgument(fact=group, path=("kms_key_id",), value=Output.LOGS_KEY, phase=Phase.STORES, read_at=at)


def group_retention(case: Case) -> Iterator[Change]:
    """CW-03: a longer retention; never a first one, which would delete what is kept."""
    group = case.fact
    if not isinstance(group, LogGroup):
        return
    obstacle = fixed_retention(group)
    if obstacle:
        what, why = obstacle
        yield ByHand(what=what, why=why, at=case.at, phase=Phase.STORES)
        return
    match group.retention_days:
        case Known(_, at):
            least = case.thresholds.retention_days_min
            path, days = ("retention_in_days",), Plain(accepted_retention(least))
            yield SetArgument(fact=group, path=path, value=days, phase=Phase.STORES, read_at=at)
        case Absent(at):
            what = "set retention_in_days to the period that your retention policy requires, at least 365"
            yield ByHand(what=what, why=_OWNER_DECIDES, at=at, phase=Phase.STORES)
        case Unknown():
            return


def fixed_retention(group: LogGroup) -> tuple[str, str] | None:
    """Return the step, and why it is a person's, where the group's own retention period decides nothing."""
    if certainly(group.log_class, lambda name: name == DELIVERY):
        what = "create a log group of the class STANDARD, and name it in the session documents"
        return what, "the class of a log group cannot be changed"
    policy = known_text(group.retention_policy)
    if policy is not None:
        what = f"change the account-level retention policy {policy}, which sets the retention period of the log group"
        return what, "the policy applies to other log groups too"
    return None


def accepted_retention(least: int) -> int:
    """Return the shortest retention of at least so many days that CloudWatch Logs accepts."""
    return next((each for each in ACCEPTED_RETENTION if each >= least), ACCEPTED_RETENTION[-1])
