"""The verdicts that follow for preferences, bucket, groups, and keys."""

from collections.abc import Iterator

from tests.constructed.axes import SPREAD, Configuration, Elsewhere, Regions, Stores, Unread
from tests.constructed.expecting import (
    FAILED,
    NOT_PASSED,
    PASSED,
    UNDECIDED,
    UNSURE,
    Expected,
    is_overridden,
    may_set,
)
from tests.constructed.places import BOTH, HOME, THIRD, layout
from tests.constructed.stores import names_foreign_key

DOCUMENT, BUCKET = "aws_ssm_document.preferences", "aws_s3_bucket.records"
GROUP, KEY, GROUP_KEY = "aws_cloudwatch_log_group.records", "aws_kms_key.sessions", "aws_kms_key.records"


def of_sessions(case: Configuration) -> Iterator[Expected]:
    """Yield the verdicts on everything that belongs to the preferences."""
    for region in _regions(case):
        yield from _document(case, region)
        if case.elsewhere is not Elsewhere.GROUP:
            yield from _log_group(case, region)
        if case.elsewhere is not Elsewhere.KEY:
            yield _of(case, "KMS-02", KEY, region, PASSED)
            yield _of(case, "KMS-03", KEY, region, PASSED if case.stores is Stores.KEPT else FAILED)
    if case.regions is Regions.THREE:
        yield from _third_document(case)
    yield from _bucket(case)


def _regions(case: Configuration) -> tuple[str, ...]:
    """Return the Regions of the preferences."""
    if case.regions in SPREAD:
        return BOTH
    return ("*",) if case.regions is Regions.UNNAMED else (HOME,)


def _of(case: Configuration, rule: str, address: str, region: str, right: frozenset[str]) -> Expected:
    """Expect a verdict that depends on the resource alone. An override may have other instances of it."""
    if is_overridden(case):
        return Expected(rule, f"{address}*", "*" if case.regions in SPREAD else region, UNDECIDED)
    return Expected(rule, f'{address}["{region}"]' if case.regions in SPREAD else address, region, right)


def _document(case: Configuration, region: str) -> Iterator[Expected]:
    switched = PASSED if case.stores is Stores.KEPT else FAILED
    yield _of(case, "PREF-03", DOCUMENT, region, PASSED)
    yield _of(case, "PREF-05", DOCUMENT, region, switched)
    yield _of(case, "PREF-06", DOCUMENT, region, switched)
    yield _of(case, "S3-01", DOCUMENT, region, PASSED)
    yield _of(case, "KMS-01", DOCUMENT, region, _key(case, region))
    yield _of(case, "CW-01", DOCUMENT, region, _group(case, region))
    if case.elsewhere is not Elsewhere.KEY:
        yield _of(case, "PREF-14", DOCUMENT, region, _matched(case, region))


def _is_away(case: Configuration, region: str, what: Elsewhere) -> bool:
    """Say whether the object is in another Region than this one of the preferences."""
    return case.elsewhere is what and layout(case).other_region != region


def _key(case: Configuration, region: str) -> frozenset[str]:
    if names_foreign_key(case):
        return UNDECIDED if case.regions is Regions.UNNAMED else FAILED
    return FAILED if _is_away(case, region, Elsewhere.KEY) else PASSED


def _group(case: Configuration, region: str) -> frozenset[str]:
    if not _is_away(case, region, Elsewhere.GROUP):
        return PASSED
    # A group of the same name may be in the file that is not read.
    return NOT_PASSED if case.unread is Unread.FILE else FAILED


def _matched(case: Configuration, region: str) -> frozenset[str]:
    """Return whether the stores fit the document: what is not read may encrypt the bucket in a way that is refused."""
    group = _group(case, region)
    return UNDECIDED if group == PASSED and case.stores is Stores.KEPT and may_set(case) else group


def _third_document(case: Configuration) -> Iterator[Expected]:
    right = {
        "PREF-03": PASSED,
        "PREF-05": PASSED if case.stores is Stores.KEPT else FAILED,
        "KMS-01": FAILED,
        "S3-01": PASSED,
    }
    for rule, verdicts in right.items():
        yield _of(case, rule, "aws_ssm_document.third", THIRD, verdicts)


def _log_group(case: Configuration, region: str) -> Iterator[Expected]:
    yield _of(case, "CW-02", GROUP, region, PASSED)
    yield _of(case, "CW-03", GROUP, region, PASSED if case.stores is Stores.KEPT else FAILED)
    yield _of(case, "KMS-02", GROUP_KEY, region, PASSED)
    yield _of(case, "KMS-03", GROUP_KEY, region, PASSED)


def _bucket(case: Configuration) -> Iterator[Expected]:
    for rule, left_out in (("S3-03", UNDECIDED), ("S3-04", FAILED)):
        right = {Stores.KEPT: PASSED, Stores.CARELESS: FAILED, Stores.UNSET: left_out}[case.stores]
        yield Expected(rule, BUCKET, "*", _companion(case, right))


def _companion(case: Configuration, right: frozenset[str]) -> frozenset[str]:
    """Return what is right about a setting of the bucket that is a resource of its own."""
    if is_overridden(case):
        return UNDECIDED
    if not may_set(case) or (right == FAILED and case.stores is Stores.CARELESS):
        return right
    return UNSURE if right == PASSED else UNDECIDED
