"""The part of a configuration that cannot be read."""

from collections.abc import Iterator

from tests.constructed.axes import Configuration, Form, Node, Unread
from tests.constructed.holders import holder
from tests.constructed.writing import block, setting

BROKEN = 'resource "aws_s3_bucket_public_access_block" "records" {\n  block_public_acls = false\n'
OTHER_FILE, OVERRIDE_FILE = "other.tf", "main_override.tf"

_VERSION = setting("version", "1.0.0")


def unread_modules(case: Configuration) -> Iterator[str]:
    """Yield the calls of modules that are not here."""
    match case.unread:
        case Unread.NULL_MODULE:
            yield block(
                'module "extra"', setting("source", "example-org/label/null"), _VERSION, setting("stage", "prod")
            )
        case Unread.BARE_MODULE:
            yield block(
                'module "extra"', setting("source", "example-org/thing/aws"), _VERSION, setting("stage", "prod")
            )
        case Unread.HANDED_MODULE:
            yield block('module "extra"', setting("source", "example-org/thing/aws"), _VERSION, *_handed(case))
        case Unread.MODULE_POLICY:
            yield block('module "policies"', setting("source", "example-org/policies/aws"), _VERSION)
        case Unread.BOUNDARY:
            yield block('module "bounds"', setting("source", "example-org/bounds/aws"), _VERSION)
        case _:
            return


def unread_files(case: Configuration) -> Iterator[tuple[str, bytes]]:
    """Yield the files that cannot be read."""
    match case.unread:
        case Unread.FILE:
            yield OTHER_FILE, BROKEN.encode()
        case Unread.OVERRIDE:
            yield OVERRIDE_FILE, BROKEN.encode()
        case Unread.ENCODED_OVERRIDE:
            yield OVERRIDE_FILE, f"{BROKEN}}}\n".encode("utf-16")
        case _:
            return


def _handed(case: Configuration) -> Iterator[str]:
    yield f"holder = {_holder(case)}"
    yield "bucket = aws_s3_bucket.records.id"
    if case.node is not Node.HYBRID:
        yield "security_group = aws_security_group.node.id"


def _holder(case: Configuration) -> str:
    match case.form:
        case Form.NOWHERE:
            return "aws_iam_policy.rights.arn"
        case Form.PERMISSION_SET:
            return "aws_ssoadmin_permission_set.operator.arn"
        case _:
            return holder(case).name
