"""The verdicts that follow from whom a grant admits: tried with callers of other accounts, one by one.

Whom a condition admits is asked of the evaluator in `tests/evaluation`, which knows nothing of the product.
"""

from collections.abc import Iterator, Mapping

from tests.constructed.bounds import (
    EVERYBODY,
    Bound,
    Form,
    Key,
    On,
    Quantifier,
    Value,
    Who,
    operator,
    partition,
    wanted,
)
from tests.constructed.expecting import FAILED, NOT_PASSED, PASSED, UNDECIDED, UNSURE, Expected
from tests.constructed.places import STRANGER
from tests.evaluation.conditions import Doubt, Doubts, Reader, SpoiledError, holds

ANYTHING = FAILED | UNDECIDED | PASSED
"""A verdict on what AWS or the standard leaves open."""

_SUBJECTS = {
    On.BUCKET: ("S3-07", "aws_s3_bucket.records"),
    On.KEY: ("KMS-04", "aws_kms_key.main"),
    On.GROUP: ("CW-04", "aws_cloudwatch_log_group.records"),
    On.ROLE: ("OPER-12", "aws_iam_role.operator"),
}
_OF_SERVICES = UNDECIDED | {"not_applicable"}
"""Only services take the policies of CloudWatch Logs, and code does not show who else may read: it never passes."""

_CHOSEN = {Key.VIA, Key.TAG, Key.REQUESTED}
"""Callers choose the values of these."""

_BY_ACCOUNT = {Key.ACCOUNT, Key.CALLER, Key.ARN, Key.USER_ID}
_NO_ORGANIZATION: tuple[tuple[str, ...], ...] = ((), ("o-yy88yy88yy",), ("o-a9z9z9z9z9",))
_NEGATED = {Form.NOT, Form.NOT_LIKE}


def of_bound(case: Bound) -> Iterator[Expected]:
    """Yield the verdict on what has the policy."""
    rule, subject = _SUBJECTS[case.on]
    yield Expected(rule, subject, "*", _right(case), once=True)


def _right(case: Bound) -> frozenset[str]:
    if case.who in EVERYBODY:
        return _of_everybody(case)
    if case.on is On.GROUP:
        return _OF_SERVICES
    if case.who is Who.CANONICAL:
        return UNDECIDED if case.key is Key.NONE else ANYTHING
    if case.who in {Who.OTHER_ID, Who.OTHER_ROOT, Who.BOTH}:
        return FAILED if _admits_all_of_other(case) else ANYTHING
    if case.on is On.ROLE and case.who in {Who.OTHER_ROLE, Who.OTHER_USER}:
        return FAILED if case.key is Key.NONE else ANYTHING
    return ANYTHING | {"none"} if case.on is On.ROLE and case.who is Who.SERVICE else PASSED


def _of_everybody(case: Bound) -> frozenset[str]:
    """Return what is right about a grant to everybody: whom else than the own account does its condition admit?"""
    if case.key is Key.NONE:
        return FAILED
    if _is_open(case):
        return ANYTHING | {"not_applicable"}
    in_one, in_other = (_admits(case, _strangers(case), reading) for reading in (False, True))
    if in_one != in_other or (case.value is Value.UNKNOWN and (in_one or case.key in _CHOSEN)):
        return NOT_PASSED | {"not_applicable"} if case.on is On.GROUP else NOT_PASSED
    if in_one:
        return FAILED
    if case.on is On.GROUP:
        return _OF_SERVICES
    if case.value is Value.UNKNOWN:
        return UNSURE if _is_fixed(case) else UNDECIDED
    return FAILED if case.key in _BY_ACCOUNT and _admits(case, _others(case), reading=False) else PASSED


def _admits_all_of_other(case: Bound) -> bool:
    """Say whether the condition leaves it to the other account whom of its people it admits."""
    if case.key is Key.NONE or case.value is Value.UNKNOWN:
        return case.key is Key.NONE
    if case.key in _CHOSEN:
        return _admits(case, _strangers(case), reading=False)
    return case.key in _BY_ACCOUNT and _admits(case, _others(case), reading=False)


def _is_fixed(case: Bound) -> bool:
    """Say whether every value that the policy may ask for is one network, one organization, or one principal."""
    is_exact = case.form in {Form.EQUALS, Form.IGNORING_CASE} and not operator(case).endswith("ArnEquals")
    return is_exact and case.key not in {Key.ACCOUNT, Key.CALLER, Key.ADDRESS}


def _is_open(case: Bound) -> bool:
    """Say whether neither AWS nor the standard says that such a bound is one.

    It is the network of another account, or asks for a key that each request of KMS or STS has as if it could lack it.
    """
    network = case.key is Key.VPCE_ACCOUNT and case.value in {Value.FOREIGN, Value.TWO} and case.form not in _NEGATED
    lacking = case.key in _BY_ACCOUNT and (case.form is Form.IF_EXISTS or case.quantifier is Quantifier.ALL)
    return network or (lacking and case.on in {On.KEY, On.ROLE})


def _admits(case: Bound, callers: tuple[tuple[str, ...], ...], reading: bool) -> bool:  # noqa: FBT001 - one of two
    doubts = Doubts(dict.fromkeys(Doubt, reading))
    return any(_holds(case, values, doubts) for values in callers)


def _holds(case: Bound, values: tuple[str, ...], doubts: Doubts) -> bool:
    context: Mapping[str, tuple[str, ...]] = {case.key.lower(): values} if values else {}
    try:
        return holds(operator(case), case.key, wanted(case) or ("?",), Reader(context, variables=True, doubts=doubts))
    except SpoiledError:
        return False


def _strangers(case: Bound) -> tuple[tuple[str, ...], ...]:
    """Return the values of the key with callers of accounts that nobody named; none where the request lacks the key."""
    nobody: tuple[tuple[str, ...], ...] = ((),) if case.on in {On.BUCKET, On.GROUP} else ()
    arn = f"arn:{partition(case)}:iam::999988887777"
    found: Mapping[Key, tuple[tuple[str, ...], ...]] = {
        Key.ACCOUNT: (("999988887777",), ("111199998888",), *nobody),
        Key.CALLER: (("999988887777",), ("111199998888",)),
        Key.ORGANIZATION: _NO_ORGANIZATION,
        Key.PATHS: tuple(tuple(f"{each}/r-ab12/ou-ab12-11111111/" for each in one) for one in _NO_ORGANIZATION),
        Key.ARN: ((f"{arn}:role/reader",), (f"{arn}:role/anything",), (f"{arn}:user/anybody",), *nobody),
        Key.USER_ID: (("AROAZZZZZZZZZZZZZZZZZ:me",), ("AIDAZZZZZZZZZZZZZZZZZ",), *nobody),
        Key.VPC: ((), ("vpc-0aaaaaaaaaaaaaaaa",)),
        Key.ENDPOINT: ((), ("vpce-0aaaaaaaaaaaaaaaa",)),
        Key.VPCE_ACCOUNT: ((), ("999988887777",), ("111199998888",)),
        Key.VPCE_ORGANIZATION: _NO_ORGANIZATION,
        Key.ADDRESS: ((), ("198.51.100.7",), ("9.9.9.9",)),
        Key.VIA: ((), ("s3.eu-west-1.amazonaws.com",), ("ec2.ap-south-1.amazonaws.com",)),
        Key.TAG: ((), ("payments",), ("another",)),
        Key.REQUESTED: (("eu-west-1",), ("us-east-1",), ("cn-north-1",), ("ap-south-1",)),
    }
    return found[case.key]


def _others(case: Bound) -> tuple[tuple[str, ...], ...]:
    """Return the values of the key with anybody of the other account."""
    if case.key is Key.ARN:
        return ((f"arn:{partition(case)}:iam::{STRANGER}:role/anything",),)
    return () if case.key is Key.USER_ID else ((STRANGER,),)
