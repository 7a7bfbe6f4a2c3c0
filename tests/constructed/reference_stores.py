"""The verdicts that follow from the forms of the log bucket and the log group."""

from collections.abc import Iterator

from tests.constructed.expecting import FAILED, NOT_PASSED, PASSED, UNDECIDED, UNSURE, Expected
from tests.constructed.places import HOME
from tests.constructed.store_forms import (
    Acl,
    Blocks,
    Class,
    Encryption,
    Expiry,
    Key,
    Ownership,
    Readers,
    Retention,
    StoreForm,
    Switch,
    Versions,
)

DOCUMENT, BUCKET, GROUP = "aws_ssm_document.preferences", "aws_s3_bucket.records", "aws_cloudwatch_log_group.records"


def of_stores(case: StoreForm) -> Iterator[Expected]:
    """Yield the verdicts on the preferences, the bucket, and the log group."""
    yield from _document(case)
    for rule, right in _bucket(case).items():
        yield Expected(rule, BUCKET, "*", right, once=True)
    yield _with_key(case)
    yield Expected("CW-03", GROUP, HOME, _kept(case), once=True)
    # Who else may read is in no code; a grant to everybody is enough to know.
    right = FAILED if case.readers is Readers.EVERYBODY else UNDECIDED | {"not_applicable"}
    yield Expected("CW-04", GROUP, HOME, right, once=True)


def _document(case: StoreForm) -> Iterator[Expected]:
    is_on = case.switch is Switch.ON
    yield Expected("S3-01", DOCUMENT, HOME, PASSED, once=True)
    yield Expected("PREF-05", DOCUMENT, HOME, PASSED if is_on else FAILED, once=True)
    yield Expected("PREF-06", DOCUMENT, HOME, PASSED if is_on else FAILED, once=True)
    if is_on and case.key is Key.NONE:
        yield Expected("PREF-14", DOCUMENT, HOME, FAILED, once=True)
    elif not is_on or case.encryption is not Encryption.DUAL:
        yield Expected("PREF-14", DOCUMENT, HOME, PASSED, once=True)


def _bucket(case: StoreForm) -> dict[str, frozenset[str]]:
    return {
        "S3-02": FAILED if case.encryption is Encryption.DUAL else PASSED,
        "S3-03": {Blocks.ON: PASSED, Blocks.UNSET: UNDECIDED}.get(case.blocks, FAILED),
        "S3-04": _versions(case),
        "S3-05": _expiry(case),
        "S3-06": PASSED,
        "S3-07": _granted(case),
        "S3-08": {Ownership.ENFORCED: PASSED, Ownership.PREFERRED: FAILED, Ownership.UNSET: UNDECIDED}[case.ownership],
    }


def _granted(case: StoreForm) -> frozenset[str]:
    """Return what is right about grants to others, of which the ACL alone has any.

    None counts where the owner is enforced. Where public ACLs are ignored, those to everybody do not count either; one
    to another account does. Buckets since April 2023 enforce and ignore where nothing is set, older ones do neither.
    """
    if case.acl in {Acl.UNSET, Acl.PRIVATE} or case.ownership is Ownership.ENFORCED:
        return PASSED
    if case.acl is not Acl.FOREIGN:
        if case.blocks in {Blocks.ON, Blocks.PARTLY}:
            return PASSED
        if case.blocks is Blocks.UNSET:
            return UNDECIDED
    return FAILED if case.ownership is Ownership.PREFERRED else UNDECIDED


def _versions(case: StoreForm) -> frozenset[str]:
    """Return what is right about what is overwritten. A bucket with Object Lock has versions, and keeps them."""
    match case.versions:
        case Versions.LOCKED:
            return UNSURE if case.expiry is Expiry.HASTY else PASSED
        case Versions.ENABLED:
            return NOT_PASSED if case.expiry is Expiry.HASTY else PASSED
        case Versions.SUSPENDED | Versions.UNSET:
            return FAILED


def _expiry(case: StoreForm) -> frozenset[str]:
    match case.expiry:
        case Expiry.LONG | Expiry.PREFIXES:
            return PASSED
        case Expiry.SHORT:
            # What is locked for 400 days outlives the rule, but not for those who read the bucket.
            return FAILED
        case Expiry.HASTY:
            if case.versions is Versions.ENABLED:
                return NOT_PASSED
            return UNSURE if case.versions is Versions.UNSET else UNSURE | FAILED
        case Expiry.OTHERS | Expiry.DISABLED | Expiry.UNSET:
            return FAILED  # recordings never expire


def _with_key(case: StoreForm) -> Expected:
    if case.key is Key.OWN:
        return Expected("CW-02", GROUP, HOME, PASSED, once=True)
    return Expected("CW-02", GROUP, HOME, FAILED, "high" if case.switch is Switch.ON else "low", once=True)


def _kept(case: StoreForm) -> frozenset[str]:
    """Return what is right about the retention, which a group for deliveries does not heed: it keeps one day."""
    return PASSED if case.retention is Retention.LONG and case.group_class is not Class.DELIVERY else FAILED
