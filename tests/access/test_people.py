"""Who counts as a person, and that nothing which was not read is taken for nothing."""

from typing import Any

import pytest

from ssm_hardening.access.people import people
from ssm_hardening.access.requests import may, on_any_node
from ssm_hardening.core.values import Inventory, Unknown
from ssm_hardening.iam.decisions import Allowed, Undetermined
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Group
from tests.access.samples import SSM, granting, role, user
from tests.rules.builders import account, fact, statement

START = granting("Start", ["ssm:StartSession"], ["*"])


def group(name: str, *statements: Any) -> Group:
    defaults = {"name": name, "managed_policies": [], "statements": Inventory(statements), "members": []}
    made: Group = fact(Group, f"aws_iam_group.{name}", defaults, {})
    return made


def with_people(**people_of: Any) -> Account:
    kinds = {"roles": (), "users": (), "groups": (), **people_of}
    return account(**{name: Inventory(tuple(items)) for name, items in kinds.items()})


def trusting(kind: str, name: str) -> Inventory[Statement]:
    return Inventory((statement(actions=["sts:AssumeRole"], principals={kind: [name]}),))


def test_a_user_gets_what_its_groups_grant() -> None:
    member = user("alice", granting("Own", ["s3:ListBucket"], ["*"]), groups=["aws_iam_group.staff"])
    found = with_people(users=[member], groups=[group("staff", START)])
    (alice,) = (each for each in people(found) if each.title == "user alice")
    assert isinstance(may(alice, on_any_node(found, alice.fact)), Allowed)


@pytest.mark.parametrize("own", [(), (granting("Own", ["s3:ListBucket"], ["*"]),)])
def test_a_group_that_was_not_read_leaves_its_members_open(own: tuple[Any, ...]) -> None:
    found = with_people(users=[user("alice", *own, groups=["made-elsewhere"])])
    (alice,) = people(found)
    decision = may(alice, on_any_node(found, alice.fact))
    assert isinstance(decision, Undetermined)
    assert "made-elsewhere" in decision.why.detail


def test_a_user_with_nothing_of_its_own_is_its_groups() -> None:
    found = with_people(users=[user("alice", groups=["aws_iam_group.staff"])], groups=[group("staff", START)])
    assert [each.title for each in people(found)] == ["group staff"]


def test_a_name_alone_makes_no_role_a_services() -> None:
    posing = role("AWSServiceRoleForNobody", START, trust=trusting("AWS", "arn:aws:iam::111122223333:root"))
    assert [each.title for each in people(with_people(roles=[posing]))] == ["role AWSServiceRoleForNobody"]


def test_a_role_that_services_alone_assume_is_nobody() -> None:
    linked = role("AWSServiceRoleForAmazonSSM", START, trust=trusting("Service", "ssm.amazonaws.com"))
    assert people(with_people(roles=[linked])).items == ()


def test_who_was_not_read_is_a_gap() -> None:
    assert isinstance(people(account()).gap, Unknown)
    assert SSM
