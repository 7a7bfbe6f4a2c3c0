"""The comparison itself: what it must not let pass."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Unknown, Value, Why
from ssm_hardening.model import Account
from ssm_hardening.read.code.reader import read_terraform
from tests.parity.comparing import KINDS, Comparison

HARDENED = Path(__file__).parent / "hardened"


@pytest.fixture(scope="module")
def account() -> Account:
    (found,) = read_terraform([HARDENED]).accounts
    return found


def differing(code: Account, live: Account, kind: str) -> set[tuple[str, str]]:
    return {(each.fact, each.field) for each in Comparison(code, live, {}).of(kind).differences}


def test_an_account_is_equal_to_itself(account: Account) -> None:
    for kind in KINDS:
        outcome = Comparison(account, account, {}).of(kind)
        assert (outcome.differences, outcome.only_in_code, outcome.only_live) == ((), frozenset(), frozenset())


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("log_buckets", "tls_only", False),
        ("log_buckets", "used_by", Items(())),
        ("security_groups", "label", "other"),
        ("settings", "value", "Enable"),
        ("instances", "key_name", "door"),
        ("roles", "managed_policies", Items(())),
    ],
)
def test_one_changed_value_is_seen(kind: str, field: str, value: object, account: Account) -> None:
    first, *others = getattr(account, kind).items
    changed = replace(first, **{field: Known(value, first.origin)})
    listed: dict[str, Any] = {kind: Inventory((changed, *others))}
    live = replace(account, **listed)
    assert differing(account, live, kind) == {(first.address, field)}


AT = ApiOrigin("arn:aws:cloudtrail:ap-southeast-2:123456789012:trail/all-regions", "cloudtrail:DescribeTrails")


@pytest.mark.parametrize("value", [Known("", AT), Absent(AT), Unknown(Why.DENIED, AT, "denied")])
def test_what_the_account_does_not_tell_is_a_difference(value: Value[Any], account: Account) -> None:
    first, *others = account.trails.items
    live = replace(account, trails=Inventory((replace(first, bucket=value), *others)))
    assert differing(account, live, "trails") == {(first.address, "bucket")}


def test_a_rule_that_the_account_adds_is_seen(account: Account) -> None:
    first, *others = account.security_groups.items
    more = Inventory((*first.outbound, *others[0].inbound))
    live = replace(account, security_groups=Inventory((replace(first, outbound=more), *others)))
    assert differing(account, live, "security_groups") == {(first.address, "outbound")}
    hidden = Inventory(first.outbound.items, Unknown(Why.DENIED, first.origin, "ec2:DescribeSecurityGroupRules"))
    live = replace(account, security_groups=Inventory((replace(first, outbound=hidden), *others)))
    assert differing(account, live, "security_groups") == {(first.address, "outbound")}


def test_a_fact_that_only_one_side_has_is_named(account: Account) -> None:
    fewer = replace(account, subnets=Inventory(account.subnets.items[1:]))
    assert Comparison(account, fewer, {}).of("subnets").only_in_code == {account.subnets.items[0].address}
    assert len(Comparison(fewer, account, {}).of("subnets").only_live) == 1
