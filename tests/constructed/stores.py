"""The preferences of a configuration, and the bucket, groups, and keys that they name."""

from collections.abc import Iterator

from tests.constructed.axes import SPREAD, Configuration, Elsewhere, Regions, Stores
from tests.constructed.places import HOME, OTHER, OWNER, THIRD, layout
from tests.constructed.writing import Place, allow, block, policy, preferences, resource, setting

BUCKET = "records-of-sessions"
FOREIGN_KEY = f"arn:aws:kms:{OTHER}:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

_SWITCHES = {Stores.KEPT: "true", Stores.CARELESS: "false", Stores.UNSET: ""}
_ROTATION = {
    Stores.KEPT: ("enable_key_rotation = true", "deletion_window_in_days = 30"),
    Stores.CARELESS: ("enable_key_rotation = false", "deletion_window_in_days = 7"),
    Stores.UNSET: (),
}
_RETENTION = {Stores.KEPT: "retention_in_days = 400", Stores.CARELESS: "retention_in_days = 7", Stores.UNSET: ""}

_KEY_POLICY = policy(
    {**allow("kms:*"), "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}},
    {
        **allow(["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]),
        "Principal": {"Service": [f"logs.{region}.amazonaws.com" for region in (HOME, OTHER, THIRD)]},
    },
)


def session_parts(case: Configuration) -> Iterator[str]:
    """Yield the documents and everything that they name."""
    where = layout(case)
    place = where.each or where.home
    yield _document("preferences", place, case, _key(case), _group(case))
    if where.third is not None:
        yield _document("third", where.third, case, "", "")
    yield from _bucket(where.other if case.elsewhere is Elsewhere.BUCKET else where.home, case)
    away = case.elsewhere is Elsewhere.GROUP
    yield from _log_group(where.other if away else place, case, "" if away or where.each is None else "[each.value]")
    if not names_foreign_key(case):
        key_place = where.other if case.elsewhere is Elsewhere.KEY else place
        yield resource("aws_kms_key", "sessions", key_place, *_ROTATION[case.stores])


def names_foreign_key(case: Configuration) -> bool:
    """Say whether the preferences name a key of another Region by its ARN, for want of a second provider."""
    return case.elsewhere is Elsewhere.KEY and case.regions in {Regions.ONE, Regions.UNNAMED}


def _key(case: Configuration) -> str:
    if names_foreign_key(case):
        return f'"{FOREIGN_KEY}"'
    return f"aws_kms_key.sessions{_instance(case, Elsewhere.KEY)}.arn"


def _group(case: Configuration) -> str:
    return f"aws_cloudwatch_log_group.records{_instance(case, Elsewhere.GROUP)}.name"


def _instance(case: Configuration, away: Elsewhere) -> str:
    return "[each.value]" if case.regions in SPREAD and case.elsewhere is not away else ""


def _document(label: str, place: Place, case: Configuration, key: str, group: str) -> str:
    switch = _SWITCHES[case.stores]
    inputs = [
        "s3BucketName = aws_s3_bucket.records.id",
        switch and f"s3EncryptionEnabled = {switch}",
        group and f"cloudWatchLogGroupName = {group}",
        group and switch and f"cloudWatchEncryptionEnabled = {switch}",
        key and f"kmsKeyId = {key}",
    ]
    return preferences(label, place, *inputs)


def _bucket(place: Place, case: Configuration) -> Iterator[str]:
    bucket = "bucket = aws_s3_bucket.records.id"
    yield resource("aws_s3_bucket", "records", place, setting("bucket", BUCKET))
    if case.stores is Stores.UNSET:
        return
    switch = _SWITCHES[case.stores]
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    block_all = (f"{name} = {switch}" for name in names)
    yield resource("aws_s3_bucket_public_access_block", "records", place, bucket, *block_all)
    status = setting("status", "Enabled" if case.stores is Stores.KEPT else "Suspended")
    yield resource("aws_s3_bucket_versioning", "records", place, bucket, block("versioning_configuration", status))


def _log_group(place: Place, case: Configuration, instance: str) -> Iterator[str]:
    key = f"kms_key_id = aws_kms_key.records{instance}.arn"
    yield resource(
        "aws_cloudwatch_log_group", "records", place, setting("name", "/sessions/records"), key, _RETENTION[case.stores]
    )
    yield resource("aws_kms_key", "records", place, *_ROTATION[Stores.KEPT], f"policy = {_KEY_POLICY}")
