"""The part of a configuration that cannot be read."""

from collections.abc import Iterator

from tests.constructed.axes import Configuration, Form, Node, Stores, Unread
from tests.constructed.holders import holder
from tests.constructed.stores import BUCKET
from tests.constructed.writing import block, setting

BROKEN = 'resource "aws_s3_bucket_public_access_block" "records" {\n  block_public_acls = false\n'
OTHER_FILE, OVERRIDE_FILE = "other.tf", "main_override.tf"


def unread_modules(case: Configuration) -> Iterator[str]:
    """Yield the calls of modules that are not here, and a local value that one of them is handed."""
    match case.unread:
        case Unread.NULL_MODULE:
            yield _call("extra", "example-org/label/null", setting("stage", "prod"))
        case Unread.BARE_MODULE:
            yield _call("extra", "example-org/thing/aws", setting("stage", "prod"))
        case Unread.HANDED_MODULE:
            yield from _handing(case, tuple(_objects(case)))
        case Unread.NAMED_MODULE:
            names = (setting("holder", _label(case)), setting("bucket", BUCKET))
            yield _call("extra", "example-org/thing/aws", *names)
        case Unread.MODULE_POLICY:
            yield _call("policies", "example-org/policies/aws")
        case Unread.BOUNDARY:
            yield _call("bounds", "example-org/bounds/aws")
        case _:
            return


def _call(name: str, source: str, *lines: str) -> str:
    return block(f'module "{name}"', setting("source", source), setting("version", "1.0.0"), *lines)


def _handing(case: Configuration, objects: tuple[str, ...]) -> Iterator[str]:
    """Yield a module that is handed the objects: each by itself, in an object of objects, or by a local value."""
    match case.stores:
        case Stores.KEPT:
            yield _call("extra", "example-org/thing/aws", *objects)
        case Stores.CARELESS:
            yield _call("extra", "example-org/thing/aws", block("settings =", block("objects =", *objects)))
        case Stores.UNSET:
            yield block("locals", block("handed =", *objects))
            yield _call("extra", "example-org/thing/aws", "settings = local.handed")


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


def _objects(case: Configuration) -> Iterator[str]:
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


def _label(case: Configuration) -> str:
    return "rights" if case.form is Form.NOWHERE else holder(case).label
