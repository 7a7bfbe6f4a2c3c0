"""The buckets that session documents name, and those that the user means to record into."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ssm_hardening.core.logic import Answer, ask, certainly, chained, each, is_no, mapped
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.iam.resource_policies import denies_plaintext
from ssm_hardening.iam.statements import statements_of
from ssm_hardening.model import AclGrant, Holding, LogBucket, SessionDocument
from ssm_hardening.read.converting import default, items, json_document, member, number, or_else, record, same, switch
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Read, answered, given, items_of, names_in, sent, tags_in
from ssm_hardening.read.live.asking import Answered, AwsApi, Missing
from ssm_hardening.read.live.clients import WantedStores
from ssm_hardening.read.live.relations import can_be_bucket, named, owner_of, used_by
from ssm_hardening.read.selection import Expiry, ExpiryRule, Prefixes, expiry, noncurrent_expiry, shortest

_NO_BLOCK = ("NoSuchPublicAccessBlockConfiguration",)
_NO_BUCKET = ("404", "NoSuchBucket", "NotFound")

_SETTINGS: Mapping[str, tuple[calls.ApiCall, tuple[str, ...]]] = {
    "encryption": (calls.GET_BUCKET_ENCRYPTION, ("ServerSideEncryptionConfigurationNotFoundError",)),
    "public_access": (calls.GET_BUCKET_PUBLIC_ACCESS_BLOCK, _NO_BLOCK),
    "versioning": (calls.GET_BUCKET_VERSIONING, ()),
    "object_lock": (calls.GET_BUCKET_OBJECT_LOCK, ("ObjectLockConfigurationNotFoundError",)),
    "lifecycle": (calls.GET_BUCKET_LIFECYCLE, ("NoSuchLifecycleConfiguration",)),
    "policy": (calls.GET_BUCKET_POLICY, ("NoSuchBucketPolicy",)),
    "ownership": (calls.GET_BUCKET_OWNERSHIP, ("OwnershipControlsNotFoundError",)),
    "logging": (calls.GET_BUCKET_LOGGING, ()),
    "replication": (calls.GET_BUCKET_REPLICATION, ("ReplicationConfigurationNotFoundError",)),
    "acl": (calls.GET_BUCKET_ACL, ()),
    "tags": (calls.GET_BUCKET_TAGGING, ("NoSuchTagSet",)),
}
"""What is asked about a bucket, and the error codes that mean that nothing is set."""

_EVERYWHERE = "account_public_access"
"""What is asked once about the account, and holds for every bucket."""


@dataclass(frozen=True, slots=True)
class _Bucket:
    """What S3 says of a bucket. `exists` is false where the account holds none of this name.

    `by_setting` holds its answers (`encryption`, `public_access`, …): each a record, Absent where nothing is set.
    """

    name: str
    arn: str
    exists: Answer
    by_setting: Mapping[str, Value[Datum]]
    access_points: Value[Items]

    @property
    def tags(self) -> Value[Record]:
        """Return the tags as one record."""
        at = calls.GET_BUCKET_TAGGING.at(self.arn)
        return tags_in(sent(self.by_setting["tags"], "TagSet", convert=items), at)

    @property
    def policy(self) -> Value[Datum]:
        """Return the policy as data; Absent where there is none."""
        return json_document(sent(self.by_setting["policy"], "Policy"))


def log_buckets(aws: AwsApi, documents: Inventory[SessionDocument], wanted: WantedStores) -> Read[LogBucket]:
    """Return the buckets that documents name, and those of `wanted`.

    A bucket of which it is known that the account holds none of this name is one that does not exist: it may be gone,
    or a stranger's.
    """
    names = named(documents, lambda document: document.s3_bucket, wanted.log_buckets)
    everywhere = _account_block(aws, asked=len(names) > 0)
    found = aws.each(partial(_bucket, aws, everywhere), names.items)
    there = [each for each in found if not is_no(each.exists)]
    return Read(
        facts=Inventory(tuple(_fact(each, documents) for each in found), names.gap),
        holdings=Inventory(tuple(held for each in there for held in _holdings(each)), names.gap),
        owners=Inventory(tuple(owner_of(each.arn, each.name, each.tags) for each in there), names.gap),
    )


def _account_block(aws: AwsApi, *, asked: bool) -> Value[Datum]:
    """Return the public access block of the whole account, which adds to that of each bucket; none where not asked."""
    call, account = calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK, {"AccountId": aws.who.account}
    if not asked:
        return Absent(call.at(aws.who.root))
    return answered(aws.ask(call, aws.who.root, account, missing=_NO_BLOCK, region=aws.home))


def _bucket(aws: AwsApi, everywhere: Value[Datum], name: str) -> _Bucket:
    arn = aws.who.arn("s3", name, region=False, account=False)
    exists, region = _head(aws, arn, name)
    if is_no(exists):
        nothing = Absent(exists.at)
        return _Bucket(name, arn, exists, dict.fromkeys((*_SETTINGS, _EVERYWHERE), nothing), nothing)

    def answer(setting: str) -> Value[Datum]:
        call, missing = _SETTINGS[setting]
        return answered(aws.ask(call, arn, _owned(aws, name), missing=missing, region=region))

    told = dict(zip(_SETTINGS, aws.each(answer, tuple(_SETTINGS)), strict=True))
    return _Bucket(name, arn, exists, {**told, _EVERYWHERE: everywhere}, _access_points(aws, arn, name, region))


def _access_points(aws: AwsApi, arn: str, name: str, region: str) -> Value[Items]:
    """Return the names of the access points through which the bucket is reached."""
    call = calls.LIST_ACCESS_POINTS
    asked = {"AccountId": aws.who.account, "Bucket": name}
    found = aws.all(call, "AccessPointList", arn, asked, region=region)
    at = call.at(arn)
    names = names_in(found, "Name", at)
    return items_of(names, names.gap, at)


def _owned(aws: AwsApi, name: str) -> Mapping[str, str]:
    """Return what asks about a bucket of this account only."""
    return {"Bucket": name, "ExpectedBucketOwner": aws.who.account}


def _head(aws: AwsApi, arn: str, name: str) -> tuple[Answer, str]:
    """Return whether the account holds a bucket of this name, and the Region to ask about it.

    S3 refuses to speak of another account's bucket as it refuses who has no right to one's own. Where it answers as
    soon as no owner is demanded, the bucket is another account's.
    """
    if not can_be_bucket(name):
        return Known(False, calls.HEAD_BUCKET.at(arn)), aws.home
    answer = aws.ask(calls.HEAD_BUCKET, arn, _owned(aws, name), missing=_NO_BUCKET, region=aws.home)
    match answer:
        case Answered(data, at):
            return Known(True, at), str(data.get("BucketRegion") or aws.home)
        case Missing(at):
            return Known(False, at), aws.home
        case Unknown(why) as gap if why is not Why.DENIED:
            return gap, aws.home
        case Unknown() as gap:
            anybodys = aws.ask(calls.HEAD_BUCKET, arn, {"Bucket": name}, missing=_NO_BUCKET, region=aws.home)
            return (Known(False, anybodys.at) if isinstance(anybodys, Answered) else gap), aws.home


_YEAR = 365
_NARROWER = ("Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
_BY_DEFAULT = "ApplyServerSideEncryptionByDefault"


def _fact(bucket: _Bucket, documents: Inventory[SessionDocument]) -> LogBucket:
    may_write = [ask(each.s3_bucket, lambda name: name == bucket.name, absent=False) for each in documents]
    writers = [each for each, may in zip(documents, may_write, strict=True) if not is_no(may)]
    told = bucket.by_setting
    at, policy_at = calls.HEAD_BUCKET.at(bucket.arn), told["policy"].at
    statements = statements_of(bucket.policy, policy_at)
    encryption = _first_rule(told["encryption"], "ServerSideEncryptionConfiguration", "Rules")
    ownership = sent(_first_rule(told["ownership"], "OwnershipControls", "Rules"), "ObjectOwnership")
    return LogBucket(
        address=bucket.arn,
        declaration=bucket.arn,
        origin=at,
        name=Known(bucket.name, at),
        exists=bucket.exists,
        # S3 encrypts with AES256 where nothing is set.
        encryption=default(given(encryption, _BY_DEFAULT, "SSEAlgorithm"), "AES256"),
        kms_key=given(encryption, _BY_DEFAULT, "KMSMasterKeyID"),
        block_public_acls=_blocked(told, "BlockPublicAcls"),
        block_public_policy=_blocked(told, "BlockPublicPolicy"),
        ignore_public_acls=_blocked(told, "IgnorePublicAcls"),
        restrict_public_buckets=_blocked(told, "RestrictPublicBuckets"),
        # A bucket that never had versions has no status.
        versioning=default(_is_enabled(given(told["versioning"], "Status")), fallback=False),
        object_lock_days=_lock_days(told["object_lock"]),
        tls_only=denies_plaintext(statements, policy_at, name=Known(bucket.name, policy_at)),
        expiration_days=_shortest(told["lifecycle"], writers, expiry),
        acl_grants=_acl_grants(told["acl"]),
        noncurrent_days=_shortest(told["lifecycle"], writers, noncurrent_expiry),
        # Buckets older than the controls leave what is written to the writer.
        ownership=default(ownership, "ObjectWriter"),
        access_log_bucket=given(told["logging"], "LoggingEnabled", "TargetBucket"),
        statements=statements,
        used_by=used_by(bucket.name, documents, lambda document: document.s3_bucket, at),
        replicates_to=_replicas(told["replication"]),
        access_points=bucket.access_points,
    )


def _acl_grants(acl: Value[Datum]) -> Inventory[AclGrant]:
    """Return what the ACL gives to others than the owner."""
    grants, owner = sent(acl, "Grants", convert=items), given(acl, "Owner", "ID")
    if not isinstance(grants, Known):
        return Inventory((), grants if isinstance(grants, Unknown) else None)
    read = []
    for grant in each(grants):
        canonical = given(grant, "Grantee", "ID")
        grantee = or_else(given(grant, "Grantee", "URI"), canonical)
        if not same(canonical, owner):
            read.append(AclGrant(at=grants.at, grantee=grantee, permission=sent(grant, "Permission")))
    return Inventory(tuple(read))


def _replicas(replication: Value[Datum]) -> Value[Items]:
    """Return the ARNs of the buckets that enabled rules copy objects to."""
    rules = given(replication, "ReplicationConfiguration", "Rules", convert=items)
    if isinstance(rules, Unknown):
        return rules
    enabled = [rule for rule in each(rules) if not certainly(given(rule, "Status"), lambda told: told == "Disabled")]
    return Known(Items(tuple(given(rule, "Destination", "Bucket") for rule in enabled)), rules.at)


def _is_enabled(status: Value[Text]) -> Value[bool]:
    return mapped(status, lambda told: told == "Enabled")


def _first_rule(answer: Value[Datum], *path: str) -> Value[Record]:
    """Return the first rule of a list, of which S3 takes one; Unknown where there is none."""

    def first(rules: Known[Items]) -> Value[Record]:
        found = rules.value.items
        return (
            record(found[0], "Rules") if found else Unknown(Why.UNPARSEABLE, rules.at, "the response contains no rule")
        )

    return chained(sent(answer, *path, convert=items), first)


def _blocked(told: Mapping[str, Value[Datum]], key: str) -> Value[bool]:
    """Return whether a switch is on, for the bucket or for the whole account."""
    own, everywhere = (
        default(sent(told[setting], "PublicAccessBlockConfiguration", key, convert=switch), fallback=False)
        for setting in ("public_access", "account_public_access")
    )
    for switched in (own, everywhere):
        if certainly(switched, bool):
            return switched
    return everywhere if isinstance(own, Known) and isinstance(everywhere, Unknown) else own


def _lock_days(answer: Value[Datum]) -> Value[int]:
    """Return the default retention in days, or years of 365; S3 has no retention of none."""
    rule = ("ObjectLockConfiguration", "Rule", "DefaultRetention")
    days, years = (given(answer, *rule, unit, convert=number) for unit in ("Days", "Years"))
    if isinstance(days, Absent) or certainly(days, lambda found: found == 0):
        return mapped(years, lambda found: found * _YEAR)
    return days


def _shortest(
    answer: Value[Datum],
    writers: Sequence[SessionDocument],
    expires: Callable[[ExpiryRule, Prefixes], Expiry | None],
) -> Value[int]:
    """Return the shortest expiry that reaches session logs."""
    rules, prefixes = sent(answer, "Rules", convert=items), [each.s3_key_prefix for each in writers]
    if isinstance(rules, Absent | Unknown):
        return rules
    return shortest([expires(_rule(rule), prefixes) for rule in rules.value.items], Absent(rules.at))


def _rule(rule: Value[Datum]) -> ExpiryRule:
    noncurrent = "NoncurrentVersionExpiration"
    return ExpiryRule(
        enabled=_is_enabled(sent(rule, "Status")),
        days=given(rule, "Expiration", "Days", convert=number),
        date=given(rule, "Expiration", "Date"),
        noncurrent=given(rule, noncurrent, "NoncurrentDays", convert=number),
        newest=given(rule, noncurrent, "NewerNoncurrentVersions", convert=number),
        prefix=_prefix(rule),
        narrower=_narrower(rule),
    )


def _prefix(rule: Value[Datum]) -> Value[Text]:
    """Return the prefix, wherever the rule writes it."""
    value: Value[Text] = Absent(rule.at)
    for path in (("Filter", "Prefix"), ("Filter", "And", "Prefix"), ("Prefix",)):
        if isinstance(value, Absent):
            value = given(rule, *path)
    return value


def _narrower(rule: Value[Datum]) -> Unknown | None:
    """Say what but the prefix may keep a rule from session logs."""
    for path in (("Filter",), ("Filter", "And")):
        for key in (*_NARROWER, "Tags"):
            if not isinstance(member(rule, (*path, key)), Absent):
                return Unknown(Why.UNSUPPORTED, rule.at, f"a rule with the filter {key}")
    return None


_S3 = "aws_s3_bucket"
_SMALLEST = "TransitionDefaultMinimumObjectSize"


def _holdings(bucket: _Bucket) -> tuple[Holding, ...]:
    """Return one holding for each resource that exists; what could not be read has Unknown settings."""
    at = calls.HEAD_BUCKET.at(bucket.arn)
    acl = bucket.by_setting["acl"]
    members: dict[str, Value[Datum]] = {
        "Tags": bucket.tags,
        "Grants": sent(acl, "Grants", convert=items),
        "Owner": sent(acl, "Owner", convert=record),
    }
    whole: Value[Record] = Known(Record(members), at)
    parts = ((f"{_S3}_{kind}", value) for kind, value in _parts(bucket) if not isinstance(value, Absent))
    return tuple(
        Holding(of=bucket.arn, type=kind, import_id=bucket.name, at=settings.at, settings=settings)
        for kind, settings in ((_S3, whole), *parts)
    )


def _parts(bucket: _Bucket) -> Iterator[tuple[str, Value[Record]]]:
    """Yield the settings by the type that they are imported as."""

    def part(setting: str, key: str) -> Value[Record]:
        return _under(key, sent(bucket.by_setting[setting], key, convert=record))

    lifecycle, logging, versioning = (bucket.by_setting[each] for each in ("lifecycle", "logging", "versioning"))
    # From which size on objects move belongs to a lifecycle, and is not among its rules.
    smallest = {_SMALLEST: given(lifecycle, _SMALLEST)}
    yield "lifecycle_configuration", _under("Rules", sent(lifecycle, "Rules", convert=items), smallest)
    yield "logging", _under("LoggingEnabled", given(logging, "LoggingEnabled", convert=record))
    yield "object_lock_configuration", part("object_lock", "ObjectLockConfiguration")
    yield "ownership_controls", part("ownership", "OwnershipControls")
    yield "policy", _under("Policy", bucket.policy)
    yield "public_access_block", part("public_access", "PublicAccessBlockConfiguration")
    yield "server_side_encryption_configuration", part("encryption", "ServerSideEncryptionConfiguration")
    yield "versioning", _under("Status", given(versioning, "Status"))


def _under(key: str, value: Value[Datum], more: Mapping[str, Value[Datum]] | None = None) -> Value[Record]:
    return mapped(value, lambda _: Record({key: value, **(more or {})}))
