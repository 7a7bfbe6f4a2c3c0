"""A bucket of the account as a call of module `log-bucket`: what it has is kept, what is asked for is changed."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import certainly
from ssm_hardening.core.values import Known
from ssm_hardening.hcl.writing import quote
from ssm_hardening.model import LogBucket
from ssm_hardening.remediation.adoption.lifecycle import EXPIRATION, NONCURRENT, lengthened, module_rules
from ssm_hardening.remediation.adoption.objects import (
    Adopted,
    Data,
    Left,
    LiveSettings,
    NotAdoptableError,
    imports,
    listed,
    plain,
    record,
    texts,
)
from ssm_hardening.remediation.cases import Aspect
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.plan import AsJson, ModuleInput
from ssm_hardening.verdicts.standards import Thresholds

MODULE = "log-bucket"
RESOURCE = "aws_s3_bucket.this"
_FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_PLACES = {
    "aws_s3_bucket": RESOURCE,
    "aws_s3_bucket_ownership_controls": "aws_s3_bucket_ownership_controls.this",
    "aws_s3_bucket_public_access_block": "aws_s3_bucket_public_access_block.this",
    "aws_s3_bucket_versioning": "aws_s3_bucket_versioning.this",
    "aws_s3_bucket_server_side_encryption_configuration": "aws_s3_bucket_server_side_encryption_configuration.this",
    "aws_s3_bucket_lifecycle_configuration": 'aws_s3_bucket_lifecycle_configuration.this["rules"]',
    "aws_s3_bucket_policy": 'aws_s3_bucket_policy.this["policy"]',
}
_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
_LOCK = "aws_s3_bucket_object_lock_configuration"
_LOGGING = "aws_s3_bucket_logging"
_DELETES = "the owner decides how long recordings are kept, and an expiration rule would delete existing recordings"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRequest:
    """What is asked for a bucket, where it is called, and the prefixes under which sessions are recorded.

    `rules` names the rule of each aspect of a store, `asked` are the aspects that are to be changed.
    """

    label: str
    rules: Mapping[Aspect, str]
    asked: Container[Aspect]
    prefixes: tuple[str, ...]
    thresholds: Thresholds


@dataclass(slots=True)
class _Work:
    """The call as it grows."""

    bucket: LogBucket
    live: LiveSettings
    request: BucketRequest
    inputs: dict[str, ModuleInput] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=lambda: dict(_PLACES))
    closes: list[Aspect] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def data(self, kind: str, key: str) -> dict[str, object]:
        """Return an object that AWS answered; an empty one where the part is not there."""
        return dict(record(self.live.data(kind, key), f"{kind}.{key}"))

    def asks(self, aspect: Aspect) -> bool:
        """Say whether a change of the aspect is asked for."""
        return aspect in self.request.asked

    def demand(self, aspect: Aspect, change: str) -> None:
        """Note a change that the module makes and a finding asks for. Raises NotAdoptableError where none does."""
        if not self.asks(aspect):
            rule = self.request.rules[aspect]
            raise NotAdoptableError(f"module {MODULE} would {change}, and no finding of {rule} asks for that")
        self.closes.append(aspect)

    def leave(self, aspect: Aspect, what: str, why: str) -> None:
        """Leave an aspect to a person."""
        self.closes = [each for each in self.closes if each is not aspect]
        self.left.append(Left(self.request.rules[aspect], what, why))


def adopt_bucket(bucket: LogBucket, live: LiveSettings, request: BucketRequest) -> Adopted:
    """Return the call and the imports. Raises NotAdoptableError where something of the bucket would be lost."""
    live.demand_read()
    work = _Work(bucket, live, request)
    steps: Sequence[Callable[[_Work], None]] = (
        _identity, _encryption, _public_access, _versioning, _ownership, _policy, _lifecycle, _lock, _logging,
    )  # fmt: skip
    for step in steps:
        step(work)
    return Adopted(
        fact=bucket,
        label=request.label,
        module=MODULE,
        resource=RESOURCE,
        inputs=work.inputs,
        imports=imports(request.label, work.places, live),
        closes=tuple(request.rules[each] for each in dict.fromkeys(work.closes)),
        phase=Phase.STORES,
        note=(
            "Imports the bucket as it is. Every policy statement, lifecycle rule, and tag is kept, and this code "
            "deletes nothing."
        ),
        left=tuple(work.left),
    )


def _identity(work: _Work) -> None:
    if not isinstance(work.bucket.name, Known):
        raise NotAdoptableError("the bucket name is unknown")
    work.inputs["bucket_name"] = str(work.bucket.name.value)
    if len(work.request.prefixes) == 1 and work.request.prefixes[0]:
        work.inputs["key_prefix"] = work.request.prefixes[0]
    tags = texts(work.live.data("aws_s3_bucket", "Tags"))
    if tags:
        work.inputs["tags"] = tags


def _encryption(work: _Work) -> None:
    kind = "aws_s3_bucket_server_side_encryption_configuration"
    rules = listed(record(work.live.data(kind, "ServerSideEncryptionConfiguration"), kind).get("Rules"), kind)
    rule = record(rules[0], kind) if rules else {}
    default = record(rule.get("ApplyServerSideEncryptionByDefault"), kind)
    algorithm, key = default.get("SSEAlgorithm", "AES256"), default.get("KMSMasterKeyID")
    match algorithm:
        case "AES256":
            pass
        case "aws:kms:dsse":
            work.demand(Aspect.ENCRYPTION, "replace aws:kms:dsse encryption with aws:kms")
            work.inputs["kms_key_arn"] = key or "aws/s3"
        case "aws:kms":
            work.inputs["kms_key_arn"] = key or "aws/s3"
        case _:
            raise NotAdoptableError(f"the bucket uses {algorithm} encryption, which module {MODULE} does not support")
    work.inputs["bucket_key_enabled"] = bool(rule.get("BucketKeyEnabled", False))


def _public_access(work: _Work) -> None:
    flags = work.data("aws_s3_bucket_public_access_block", "PublicAccessBlockConfiguration")
    bucket = work.bucket
    effective = (
        bucket.block_public_acls, bucket.ignore_public_acls, bucket.block_public_policy, bucket.restrict_public_buckets,
    )  # fmt: skip
    # What the account blocks as a whole, the bucket may block itself: nothing changes by it.
    blocked = all(isinstance(each, Known) and each.value for each in effective)
    if not blocked and not all(flags.get(name) is True for name in _FLAGS):
        work.demand(Aspect.PUBLIC_ACCESS, "block public access")


def _versioning(work: _Work) -> None:
    if work.live.data("aws_s3_bucket_versioning", "Status") != "Enabled":
        work.demand(Aspect.VERSIONING, "enable versioning")


def _ownership(work: _Work) -> None:
    controls = work.data("aws_s3_bucket_ownership_controls", "OwnershipControls")
    rules = controls.get("Rules")
    first = rules[0] if isinstance(rules, list) and rules else {}
    now = first.get("ObjectOwnership", "ObjectWriter") if isinstance(first, dict) else "ObjectWriter"
    if now == "BucketOwnerEnforced":
        return
    obstacle = _acl_in_use(work) if work.asks(Aspect.OWNERSHIP) else None
    if not work.asks(Aspect.OWNERSHIP) or obstacle is not None:
        work.inputs["object_ownership"] = str(now)
        if obstacle is not None:
            what = (
                "move the grants of the bucket's ACL into the bucket policy, then set object_ownership to "
                "BucketOwnerEnforced"
            )
            work.leave(Aspect.OWNERSHIP, what, obstacle)
        return
    work.closes.append(Aspect.OWNERSHIP)


def _acl_in_use(work: _Work) -> str | None:
    """Return why ACLs may not be switched off; None where they grant nobody but the owner anything."""
    try:
        owner = record(plain(work.live.value("aws_s3_bucket", "Owner"), "the owner"), "the owner")
        grants = listed(plain(work.live.value("aws_s3_bucket", "Grants"), "the ACL"), "the ACL")
        others = [each for each in grants if _grantee(each) != owner.get("ID")]
    except NotAdoptableError as reason:
        return str(reason)
    if not grants:
        return "the ACL of the bucket was not read, so its grants are unknown"
    told = counted(len(others), "other grantee")
    return f"the ACL of the bucket gives access to {told}, and BucketOwnerEnforced removes it" if others else None


def _grantee(grant: object) -> object:
    grantee = grant.get("Grantee") if isinstance(grant, dict) else None
    return grantee.get("ID") if isinstance(grantee, dict) else None


def _policy(work: _Work) -> None:
    policy = record(work.live.data("aws_s3_bucket_policy", "Policy"), "its policy")
    if policy:
        work.inputs["existing_policy"] = AsJson(policy)
    if work.asks(Aspect.TRANSPORT):
        work.closes.append(Aspect.TRANSPORT)
    else:
        work.inputs["deny_weak_transport"] = False


def _lifecycle(work: _Work) -> None:
    smallest = work.live.data(_LIFECYCLE, "TransitionDefaultMinimumObjectSize")
    if smallest not in {None, "all_storage_classes_128K"}:
        raise NotAdoptableError(
            f"the lifecycle configuration transitions objects of any size ({smallest}), which module {MODULE} cannot "
            "keep"
        )
    rules = work.live.data(_LIFECYCLE, "Rules")
    if work.asks(Aspect.EXPIRY) or work.asks(Aspect.VERSIONING):
        rules = _retention(work, rules)
    given = module_rules(rules)
    if given:
        work.inputs["existing_lifecycle_rules"] = given
    # Nothing of ours deletes anything in a bucket that somebody else filled.
    work.inputs["abort_uploads_after_days"] = None
    work.inputs["retention_days"] = None


def _retention(work: _Work, rules: Data) -> list[Data]:
    least, prefixes = work.request.thresholds.retention_days_min, work.request.prefixes
    now, wider = lengthened(rules, prefixes, least, NONCURRENT)
    if work.asks(Aspect.VERSIONING):
        work.closes += [Aspect.VERSIONING] if now != (rules or []) else []
        _leave_wider(work, Aspect.VERSIONING, wider)
    if not work.asks(Aspect.EXPIRY):
        return now
    now, more = lengthened(now, prefixes, least, EXPIRATION)
    if now != (rules or []):
        work.closes.append(Aspect.EXPIRY)
    _leave_wider(work, Aspect.EXPIRY, tuple(dict.fromkeys((*wider, *more))))
    if Aspect.EXPIRY not in work.closes and not (wider or more):
        what = "decide when recordings expire, then set retention_days in the module call"
        work.leave(Aspect.EXPIRY, what, _DELETES)
    return now


def _leave_wider(work: _Work, aspect: Aspect, rules: Sequence[str]) -> None:
    """Leave rules to their owner that delete recordings and other objects."""
    least = work.request.thresholds.retention_days_min
    if rules:
        what = (
            f"keep recordings for at least {least} days; these lifecycle rules delete them sooner: {', '.join(rules)}"
        )
        why = "the rules also delete other objects, so only the owner of the bucket may change them"
        work.leave(aspect, what, why)


def _lock(work: _Work) -> None:
    lock = work.data(_LOCK, "ObjectLockConfiguration")
    rule = lock.get("Rule")
    default = rule.get("DefaultRetention") if isinstance(rule, dict) else None
    if isinstance(default, dict):
        mode = str(default.get("Mode", "GOVERNANCE"))
        times = {name: default[key] for name, key in (("days", "Days"), ("years", "Years")) if default.get(key)}
        work.inputs["object_lock"] = {"mode": mode, **times}
        work.places[_LOCK] = f"{_LOCK}.this[{quote(mode)}]"
        least = work.request.thresholds.retention_days_min
        short = certainly(work.bucket.object_lock_days, lambda days: days < least)
        if short and work.asks(Aspect.VERSIONING) and work.request.thresholds.object_lock_required:
            what = (
                f"decide whether to lock recordings for at least {least} days, then set object_lock in the module call"
            )
            work.leave(
                Aspect.VERSIONING, what, "Object Lock applies to every new object in the bucket, whoever writes it"
            )
    elif work.asks(Aspect.VERSIONING) and work.request.thresholds.object_lock_required:
        what = "decide whether to use Object Lock, then set object_lock in the module call"
        why = "Object Lock applies to every new object in the bucket, whoever writes it, and cannot be disabled later"
        work.leave(Aspect.VERSIONING, what, why)


def _logging(work: _Work) -> None:
    enabled = work.data(_LOGGING, "LoggingEnabled")
    if not enabled:
        return
    strange = [key for key, each in enabled.items() if key not in {"TargetBucket", "TargetPrefix"} and each]
    simple = enabled.get("TargetObjectKeyFormat") in (None, {}, {"SimplePrefix": {}})
    if [key for key in strange if key != "TargetObjectKeyFormat"] or not simple:
        raise NotAdoptableError(
            f"the access logging configuration has {', '.join(strange)}, which module {MODULE} cannot keep"
        )
    target = str(enabled.get("TargetBucket"))
    work.inputs["access_log_bucket"] = target
    work.inputs["access_log_prefix"] = str(enabled.get("TargetPrefix") or "")
    work.places[_LOGGING] = f"{_LOGGING}.this[{quote(target)}]"
