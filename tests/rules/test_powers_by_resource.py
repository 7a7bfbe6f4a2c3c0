"""Permissions on named roles, users, groups, and policies: what they are decides whether somebody is raised by them."""

from collections.abc import Iterable
from typing import Any

import pytest

from ssm_hardening.access.people import person_of
from ssm_hardening.access.raising import Raising
from ssm_hardening.core.values import Inventory
from ssm_hardening.iam.powers import Use, powers_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Group, Policy, Role, User
from ssm_hardening.verdicts.findings import Failed, Passed, Undecided
from tests.rules.builders import fact, statement
from tests.rules.builders_live import OWNER, bare
from tests.rules.builders_people import allow, good, group, role, trust, user
from tests.rules.fixtures import judge

IAM = f"arn:aws:iam::{OWNER}"
LAMBDA = "lambda.amazonaws.com"
ANY = allow(["*"])
READS = allow(["s3:GetObject"])
OWN_KEYS = allow(
    ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateLoginProfile"], [f"{IAM}:user/${{aws:username}}"]
)
OWN_POLICY = allow(["iam:PutUserPolicy"], [f"{IAM}:user/${{aws:username}}"])


def on(action: str | list[str], name: str) -> Statement:
    return allow([action] if isinstance(action, str) else action, [f"{IAM}:{name}"])


def assumable(*statements: Statement, **more: Any) -> Role:
    return role(*statements, kind="other", **more)


def services(*names: str) -> Inventory[Statement]:
    return Inventory((trust(principals={"Service": list(names)}, conditions=None),))


def node(*statements: Statement, name: str = "node") -> Role:
    ec2 = "ec2.amazonaws.com"
    return role(*statements, name=name, kind="node", trust=services(ec2), trusted_services=[ec2])


def policy(name: str, *holders: str) -> Policy:
    made: Policy = fact(
        Policy,
        f"{IAM}:policy/{name}",
        {"name": name, "kind": "customer", "attached_to": list(holders), "statements": Inventory((READS,))},
        {},
    )
    return made


TRUSTING = assumable(READS, name="x", trust=Inventory((trust(principals={"AWS": [f"{IAM}:role/holder"]}),)))
ADMINISTRATOR, READER = assumable(ANY, name="admin"), assumable(READS, name="x")
ALL_BUT_ONE = statement(actions=["iam:PutRolePolicy"], resources=None, not_resources=[f"{IAM}:role/a"])
STARTS = allow(["ssm:StartSession"], [f"arn:aws:ec2:*:{OWNER}:instance/*"])
MEMBER = {"groups": [f"{IAM}:group/staff"]}
Principal = Role | User | Group

RAISED: dict[str, tuple[list[Statement], list[Any]]] = {
    "its own policies": ([on("iam:PutRolePolicy", "role/holder")], []),
    "its own policies, by a pattern": ([on("iam:PutRolePolicy", "role/h*")], []),
    "all roles but one": ([ALL_BUT_ONE], []),
    "a role that trusts it": ([on("iam:PutRolePolicy", "role/x")], [TRUSTING]),
    "a role that it may assume": ([on(["iam:PutRolePolicy", "sts:AssumeRole"], "role/x")], [READER]),
    "the role of nodes that it opens": ([on("iam:AttachRolePolicy", "role/node"), STARTS], [node(READS)]),
    "the trust of an administrator": ([on("iam:UpdateAssumeRolePolicy", "role/admin")], [ADMINISTRATOR]),
    "trust and policies": ([on(["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"], "role/x")], [READER]),
    "keys of an administrator": ([on("iam:CreateAccessKey", "user/root")], [user(ANY, name="root")]),
    "keys of a member of administrators": (
        [on("iam:CreateAccessKey", "user/root")],
        [user(name="root", statements=Inventory(), groups=[f"{IAM}:group/admins"]), group(ANY, name="admins")],
    ),
    "keys of a user whose policies it writes": (
        [on(["iam:CreateAccessKey", "iam:PutUserPolicy"], "user/bob")],
        [user(READS, name="bob")],
    ),
    "the group of administrators": ([on("iam:AddUserToGroup", "group/admins")], [group(ANY, name="admins")]),
    "a policy of its own": ([on("iam:CreatePolicyVersion", "policy/p")], [policy("p", f"{IAM}:role/holder")]),
    "a policy of a role that trusts it": (
        [on("iam:CreatePolicyVersion", "policy/p")],
        [policy("p", f"{IAM}:role/x"), TRUSTING],
    ),
}
NOT_RAISED: dict[str, tuple[list[Statement], list[Any]]] = {
    "a role that it cannot use": ([on("iam:PutRolePolicy", "role/x")], [READER]),
    "a role for services": (
        [on(["iam:PutRolePolicy", "sts:AssumeRole"], "role/x")],
        [assumable(READS, name="x", trust=services("lambda.amazonaws.com"))],
    ),
    "the role of nodes that it cannot open": ([on("iam:AttachRolePolicy", "role/node")], [node(READS)]),
    "the trust of a reader": ([on("iam:UpdateAssumeRolePolicy", "role/x")], [READER]),
    "the trust of its own role": ([on("iam:UpdateAssumeRolePolicy", "role/holder")], []),
    "keys of a reader": ([on("iam:CreateAccessKey", "user/bob")], [user(READS, name="bob")]),
    "policies of another user": ([on("iam:PutUserPolicy", "user/bob")], [user(READS, name="bob")]),
    "another group": ([on("iam:PutGroupPolicy", "group/staff")], [group(READS)]),
    "the group of readers": ([on("iam:AddUserToGroup", "group/staff")], [group(READS)]),
    "a policy of others": ([on("iam:CreatePolicyVersion", "policy/p")], [policy("p", f"{IAM}:role/x"), READER]),
    "a boundary that it does not have": ([on("iam:DeleteRolePermissionsBoundary", "role/holder")], []),
    "a role that was named to it": ([on("sts:AssumeRole", "role/admin")], [ADMINISTRATOR]),
}


def verdict(principal: Principal, others: Iterable[Any], *, rule: str = "OPER-07", source: str = "live") -> Any:
    facts = [principal, *others]
    kinds = {"roles": Role, "users": User, "groups": Group, "policies": Policy}
    account = bare(source=source, **{name: [f for f in facts if isinstance(f, kind)] for name, kind in kinds.items()})
    found = judge(rule, [account])
    return next(each.verdict for each in found if each.subject == principal.address)


@pytest.mark.parametrize("source", ["live", "terraform"])
@pytest.mark.parametrize("case", RAISED)
def test_what_leads_to_more_fails(case: str, source: str) -> None:
    statements, others = RAISED[case]
    assert isinstance(verdict(assumable(*statements, name="holder"), others, source=source), Failed)


@pytest.mark.parametrize("source", ["live", "terraform"])
@pytest.mark.parametrize("case", NOT_RAISED)
def test_what_leads_to_no_more_passes(case: str, source: str) -> None:
    statements, others = NOT_RAISED[case]
    assert isinstance(verdict(assumable(*statements, name="holder"), others, source=source), Passed)


@pytest.mark.parametrize("case", [case for case, (_, others) in {**RAISED, **NOT_RAISED}.items() if others])
def test_what_code_does_not_hold_is_never_a_pass(case: str) -> None:
    statements, _ = {**RAISED, **NOT_RAISED}[case]
    found = verdict(assumable(*statements, name="holder"), [], source="terraform")
    certain = case in {"policies of another user", "another group", "a role that was named to it"}
    assert isinstance(found, Passed if certain else (Undecided, Failed))


def test_a_failure_names_what_leads_to_more() -> None:
    found = verdict(assumable(*RAISED["keys of an administrator"][0], name="holder"), [user(ANY, name="root")])
    assert found.message.endswith(f"create access keys for users (iam:CreateAccessKey; {IAM}:user/root)")


def test_whether_the_nodes_that_it_opens_have_the_role_is_not_known() -> None:
    tagged = assumable(on("iam:AttachRolePolicy", "role/node"), *good(), name="holder")
    assert isinstance(verdict(tagged, [node(READS)]), Undecided)


@pytest.mark.parametrize("principal", [user(OWN_KEYS), group(OWN_KEYS)], ids=["user", "group"])
def test_people_may_manage_their_own_keys(principal: Principal) -> None:
    assert isinstance(verdict(principal, []), Passed)


@pytest.mark.parametrize(
    "principal",
    [
        user(OWN_POLICY),
        group(OWN_POLICY),
        user(on("iam:PutGroupPolicy", "group/staff"), **MEMBER),
        user(on("iam:PutUserPolicy", "user/alex")),
        group(on("iam:AttachGroupPolicy", "group/staff")),
        user(on("iam:DeleteUserPermissionsBoundary", "user/alex"), boundary="b", boundary_statements=Inventory((ANY,))),
    ],
    ids=["user", "group", "member", "by name", "group by name", "boundary"],
)
def test_people_raise_themselves(principal: Principal) -> None:
    others = [group(READS)] if isinstance(principal, User) and principal.groups != user().groups else []
    assert isinstance(verdict(principal, others), Failed)


def test_a_node_moves_on_by_the_role_that_it_may_assume() -> None:
    for name, others, expected in (
        ("admin", [ADMINISTRATOR], Failed),
        ("x", [READER], Passed),
        ("node", [], Passed),
        ("unknown", [], Undecided),
    ):
        found = verdict(node(on("sts:AssumeRole", f"role/{name}")), others, rule="ROLE-06", source="terraform")
        assert isinstance(found, expected), name


def test_a_role_of_another_account_may_lead_to_its_nodes() -> None:
    elsewhere = allow(["sts:AssumeRole"], ["arn:aws:iam::999999999999:role/x"])
    assert isinstance(verdict(node(elsewhere), [], rule="ROLE-06"), Undecided)
    assert isinstance(verdict(node(allow(["sts:AssumeRole"])), [], rule="ROLE-06"), Failed)


def test_a_way_keeps_the_grant_of_each_of_its_actions() -> None:
    runs, lends = allow(["lambda:CreateFunction", "lambda:InvokeFunction"]), on("iam:PassRole", "role/lent")
    lent = role(ANY, name="lent", kind="other", trust=services(LAMBDA), trusted_services=[LAMBDA])
    holder = assumable(runs, lends, name="holder")
    power = next(each for each in powers_of(Use.ESCALATION) if each.id == "lambda-create-and-invoke")
    account = bare(roles=[holder, lent], users=[], groups=[], policies=[])
    (way,) = Raising(account, person_of(holder, account)).ways([power])
    assert [each.by for each in way.grants] == [lends, runs, runs]
    assert way.by_means_of == lent.address
