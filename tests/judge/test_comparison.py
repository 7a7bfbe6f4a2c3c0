"""Code and account side by side: the same object by identity, what differs key by key, and what cannot be told."""

from dataclasses import fields, replace
from typing import Any

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Reference, Unknown, Why
from ssm_hardening.judge.comparison import Comparison, Drift, Pair, compare
from ssm_hardening.model import LIVE, Account, LogBucket, LogGroup
from tests.rules.builders import (
    BUCKET,
    account,
    bucket,
    gap,
    group_key,
    key,
    log_group,
    preferences_document,
    statement,
    unknown,
)

REGION, NUMBER = "ap-southeast-2", "111122223333"
BUCKET_ARN = "arn:aws:s3:::example-logs"
KEY_ID = "22222222-2222-3333-4444-555555555555"
KEY_ARN = f"arn:aws:kms:{REGION}:{NUMBER}:key/{KEY_ID}"
EMPTY: dict[str, Any] = {"session_documents": [], "log_buckets": [], "log_groups": [], "keys": []}


def code(**overrides: Any) -> Account:
    return account(**EMPTY | {"root": "infra"} | overrides)


def live(**overrides: Any) -> Account:
    at = ApiOrigin(NUMBER, "sts:GetCallerIdentity")
    fields = EMPTY | {"source": LIVE, "root": f"{NUMBER}/{REGION}", "at": at, "account": NUMBER} | overrides
    return account(**fields)


def unread(kind: type[LogBucket | LogGroup]) -> tuple[str, ...]:
    """Return the fields that not every source reads, and the builders leave alone."""
    made = bucket() if kind is LogBucket else log_group()
    return tuple(each.name for each in fields(kind) if isinstance(getattr(made, each.name), Unknown))


def only(comparison: Comparison) -> Pair:
    (pair,) = comparison.pairs
    return pair


def deployed_bucket(**overrides: Any) -> Any:
    defaults = {"address": BUCKET_ARN, "kms_key": None, "access_log_bucket": None}
    return bucket(**defaults | overrides)


def declared_bucket(**overrides: Any) -> Any:
    return bucket(**{"kms_key": None, "access_log_bucket": None} | overrides)


def test_an_object_of_one_name_on_both_sides_is_equal() -> None:
    pair = only(compare([code(log_buckets=[declared_bucket()]), live(log_buckets=[deployed_bucket()])]))
    assert pair.standing is Drift.EQUAL
    assert (pair.root, pair.live_root) == ("infra", f"{NUMBER}/{REGION}")


def test_what_differs_is_told_key_by_key() -> None:
    pair = only(compare([code(log_buckets=[declared_bucket()]), live(log_buckets=[deployed_bucket(versioning=False)])]))
    assert pair.standing is Drift.DIFFERS
    (difference,) = pair.differences
    assert difference.key == "versioning"
    assert isinstance(difference.deployed, Known)
    assert difference.deployed.value is False


def test_policies_are_compared_as_data() -> None:
    one = statement(actions=["s3:GetObject", "s3:ListBucket"])
    other = replace(statement(actions=["s3:ListBucket", "s3:GetObject"]), sid=Known("Other", one.at))
    left = declared_bucket(statements=Inventory((one,)))
    right = deployed_bucket(statements=Inventory((other,)))
    assert only(compare([code(log_buckets=[left]), live(log_buckets=[right])])).standing is Drift.EQUAL


@pytest.mark.parametrize(
    ("left", "right", "standing"),
    [
        ([declared_bucket()], [], Drift.DECLARED_ONLY),
        ([], [deployed_bucket()], Drift.DEPLOYED_ONLY),
    ],
)
def test_what_is_on_one_side_only_says_so(left: list[Any], right: list[Any], standing: Drift) -> None:
    assert only(compare([code(log_buckets=left), live(log_buckets=right)])).standing is standing


def test_a_name_that_cannot_be_told_is_uncertain_on_either_side() -> None:
    pair = only(compare([code(log_buckets=[declared_bucket(name=unknown())]), live(log_buckets=[deployed_bucket()])]))
    assert pair.standing is Drift.UNCERTAIN
    assert pair.doubt is not None
    assert BUCKET in pair.doubt.detail


def test_code_that_was_not_read_leaves_what_is_deployed_uncertain() -> None:
    pair = only(
        compare(
            [
                code(log_buckets=Inventory((), gap("module.remote is not vendored"))),
                live(log_buckets=[deployed_bucket()]),
            ]
        )
    )
    assert pair.standing is Drift.UNCERTAIN


def test_code_of_another_region_is_another_object() -> None:
    group = log_group(kms_key=None)
    comparison = compare(
        [
            code(log_groups=[group], region="eu-west-1"),
            live(log_groups=[replace(group, address="arn:aws:logs:x")]),
        ]
    )
    assert {pair.standing for pair in comparison.pairs} == {Drift.DECLARED_ONLY, Drift.DEPLOYED_ONLY}


def test_code_that_names_no_region_is_uncertain_among_several_accounts() -> None:
    document = preferences_document()
    accounts = [
        code(session_documents=[document], region=unknown()),
        live(session_documents=[document]),
        live(session_documents=[document], region="eu-west-1", root=f"{NUMBER}/eu-west-1"),
    ]
    assert {pair.standing for pair in compare(accounts).pairs} == {Drift.UNCERTAIN}
    assert compare(accounts[:2]).pairs[0].standing is not Drift.UNCERTAIN


def test_a_key_is_known_by_its_alias_and_a_reference_means_it() -> None:
    alias = "alias/logs"
    declared_key = group_key(name=unknown("computed", Why.COMPUTED), aliases=Inventory((alias,)))
    deployed_key = group_key(address=KEY_ARN, name=KEY_ID, aliases=Inventory((alias,)))
    comparison = compare(
        [
            code(log_groups=[log_group()], keys=[declared_key]),
            live(log_groups=[log_group(address="arn:group", kms_key=KEY_ARN)], keys=[deployed_key]),
        ]
    )
    standings = {pair.kind: pair.standing for pair in comparison.pairs}
    assert standings == {"log_groups": Drift.EQUAL, "keys": Drift.EQUAL}


def test_another_key_behind_a_reference_is_a_difference() -> None:
    alias = "alias/logs"
    declared_key = group_key(name=unknown("computed", Why.COMPUTED), aliases=Inventory((alias,)))
    deployed_key = group_key(address=KEY_ARN, name=KEY_ID, aliases=Inventory((alias,)))
    other = KEY_ARN.replace("2222-3333", "9999-9999")
    comparison = compare(
        [
            code(log_groups=[log_group()], keys=[declared_key]),
            live(log_groups=[log_group(address="arn:group", kms_key=other)], keys=[deployed_key]),
        ]
    )
    (pair,) = (each for each in comparison.pairs if each.kind == "log_groups")
    assert [each.key for each in pair.differences] == ["kms_key"]


def test_what_either_side_does_not_know_stays_open() -> None:
    left = declared_bucket(versioning=unknown())
    pair = only(compare([code(log_buckets=[left]), live(log_buckets=[deployed_bucket(versioning=False)])]))
    assert pair.standing is Drift.EQUAL
    assert pair.unread == ("versioning", *unread(LogBucket))


def test_code_that_makes_nothing_declares_nothing() -> None:
    pair = only(compare([code(log_buckets=[declared_bucket(exists=False)]), live(log_buckets=[deployed_bucket()])]))
    assert pair.standing is Drift.DEPLOYED_ONLY


def test_a_reference_to_nothing_that_was_read_is_open() -> None:
    left = log_group(kms_key=Known(Reference("aws_kms_key.elsewhere", "arn"), key().origin))
    pair = only(compare([code(log_groups=[left]), live(log_groups=[log_group(address="arn:g", kms_key=KEY_ARN)])]))
    assert pair.unread == ("kms_key", *unread(LogGroup))


def test_one_side_alone_is_no_comparison() -> None:
    assert compare([code(log_buckets=[declared_bucket()])]).pairs == ()
