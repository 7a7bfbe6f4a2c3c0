"""Who counts as a person, and that nothing which was not read is taken for nothing."""

from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.access.answers import Told, Topic
from ssm_hardening.access.people import people
from ssm_hardening.access.requests import may, on_any_node
from ssm_hardening.access.view import access_view, row_cell
from ssm_hardening.core.values import Inventory, Known, Unknown
from ssm_hardening.iam.decisions import Allowed, Undetermined
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Group
from tests.access.samples import SSM, granting, role, user
from tests.rules.builders import account, fact, preferences_document, statement
from tests.rules.builders_live import OWNER
from tests.rules.builders_people import MFA, admitting, allow, staffed
from tests.rules.builders_people import user as of_account

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


def _chained(*, mfa: bool) -> Account:
    """Return an account in which alice may assume the role ops, which may assume the role break-glass."""
    ops, glass = f"arn:aws:iam::{OWNER}:role/ops", f"arn:aws:iam::{OWNER}:role/break-glass"
    plain = admitting("break-glass", "AWS", f"arn:aws:iam::{OWNER}:root")
    whole = admitting("break-glass", "AWS", f"arn:aws:iam::{OWNER}:root", Bool=MFA["Bool"]) if mfa else plain
    nothing = allow(["s3:GetObject"])
    between = replace(
        admitting("ops", "AWS", f"arn:aws:iam::{OWNER}:user/alice"),
        kind=Known("other", whole.origin),
        statements=Inventory((allow(["sts:AssumeRole"], [glass]),)),
    )
    back = replace(whole, statements=Inventory((*whole.statements, allow(["sts:AssumeRole"], [ops]))))
    return staffed(between, back, users=[of_account(nothing, name=each) for each in ("alice", "bob")])


@pytest.mark.parametrize("mfa", [False, True], ids=["without-mfa", "mfa"])
def test_a_person_reaches_sessions_by_two_roles_and_a_session_of_a_role_holds_no_mfa(mfa: bool) -> None:  # noqa: FBT001
    rows = {row.title: row for row in access_view(_chained(mfa=mfa)).rows}
    assert sorted(rows) == ["role break-glass", "role ops", "user alice"]
    (chain,) = rows["user alice"].chains
    assert (chain.roles, chain.barred) == (("role ops", "role break-glass"), mfa)
    assert Topic.NODES in chain.reaches
    assert rows["role break-glass"].chains == ()


@pytest.mark.parametrize(
    ("conditions", "root"),
    [({}, Told.YES), ({"StringEquals": {"aws:RequestTag/SSMSessionRunAs": ["ops"]}}, Told.NO)],
    ids=["any-user", "one-user"],
)
def test_whoever_may_tag_the_session_chooses_the_user(conditions: dict[str, Any], root: Told) -> None:
    alice = f"arn:aws:iam::{OWNER}:user/alice"
    operators = admitting("operators", "AWS", alice, also="sts:TagSession", **conditions)
    document = preferences_document(run_as_enabled=True, run_as_default_user="ops")
    (row,) = access_view(staffed(operators, session_documents=[document])).rows
    assert row_cell(row, Topic.ROOT).told is root
