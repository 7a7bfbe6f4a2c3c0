"""Principals that code names and does not declare: one for each name, known by what this code attaches to it."""

from pathlib import Path

import pytest

from ssm_hardening.core.logic import contents
from ssm_hardening.core.values import Inventory, Unknown
from ssm_hardening.model import Account, Group, Role, User
from ssm_hardening.model.identity import elsewhere, is_only_named
from tests.read.facts.configurations import account_in, by_address, plain

POLICY = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }] })'
OWN = 'resource "aws_iam_policy" "own" {\nname = "own"\npolicy = POLICY\n}\n'
FORMS = {
    "inline": ("aws_iam_KIND_policy", "KIND = WHO", 'name = "p"', "policy = POLICY"),
    "attachment": ("aws_iam_KIND_policy_attachment", "KIND = WHO", "policy_arn = aws_iam_policy.own.arn"),
    "shared": ("aws_iam_policy_attachment", "KINDs = [WHO]", 'name = "x"', "policy_arn = aws_iam_policy.own.arn"),
    "exclusive": (
        "aws_iam_KIND_policy_attachments_exclusive",
        "KIND_name = WHO",
        "policy_arns = [aws_iam_policy.own.arn]",
    ),
}


def block(form: str, kind: str, who: str, label: str = "a") -> str:
    type_, *lines = (text.replace("KIND", kind).replace("WHO", who) for text in FORMS[form])
    return "\n".join((f'resource "{type_}" "{label}" {{', *lines, "}\n"))


def read(folder: Path, *blocks: str) -> Account:
    found: Account = account_in(folder, "\n".join(blocks).replace("POLICY", POLICY))
    return found


def actions(fact: User | Group | Role) -> list[str]:
    return sorted(str(action) for each in fact.statements for action in plain(each.actions))


def named(account: Account) -> dict[str, Role | User | Group]:
    kinds: tuple[Inventory[Role] | Inventory[User] | Inventory[Group], ...]
    kinds = (account.roles, account.users, account.groups)
    return {fact.address: fact for inventory in kinds for fact in inventory if is_only_named(fact)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_what_is_attached_in_any_form_is_known_and_the_rest_is_a_gap(kind: str, form: str, tmp_path: Path) -> None:
    account = read(tmp_path, OWN, block(form, kind, '"ops"'))
    type_ = FORMS[form][0].replace("KIND", kind)
    ((address, fact),) = named(account).items()
    assert address == f"{kind} ops (named in {type_}.a)"
    assert actions(fact) == ["ssm:StartSession"]
    assert fact.statements.gap == elsewhere(fact)
    if not isinstance(fact, Group):
        assert isinstance(fact.boundary, Unknown)
    attached = {plain(each.name): plain(each.attached_to) for each in account.policies}
    assert attached["own"] == ([] if form == "inline" else [address])


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:policy/own",
        "arn:aws:iam::${data.aws_caller_identity.me.account_id}:policy/own",
        "arn:${data.aws_partition.here.partition}:iam::${data.aws_caller_identity.me.account_id}:policy/teams/own",
    ],
)
def test_a_policy_of_the_own_account_is_attached_by_its_arn(arn: str, tmp_path: Path) -> None:
    me = 'data "aws_caller_identity" "me" {}\ndata "aws_partition" "here" {}\n'
    attachment = block("attachment", "user", '"ops"').replace("aws_iam_policy.own.arn", f'"{arn}"')
    (fact,) = named(read(tmp_path, me, OWN, attachment)).values()
    assert actions(fact) == ["ssm:StartSession"]


@pytest.mark.parametrize("arn", ["arn:aws:iam::${var.account}:policy/own", "arn:aws:iam::aws:policy/${var.account}"])
def test_an_arn_with_another_open_part_may_mean_another_policy(arn: str, tmp_path: Path) -> None:
    attachment = block("attachment", "user", '"ops"').replace("aws_iam_policy.own.arn", f'"{arn}"')
    (fact,) = named(read(tmp_path, 'variable "account" {}\n', OWN, attachment)).values()
    assert actions(fact) == []


DATA = 'data "aws_iam_role" "ops" {\nname = "ops"\n}\nlocals {\nids = { one = "ops" }\n}\n'


@pytest.mark.parametrize(
    "who",
    [
        "data.aws_iam_role.ops.name",
        "data.aws_iam_role.ops.id",
        'split("/", "arn:aws:iam::111122223333:role/ops")[1]',
        'local.ids["one"]',
    ],
)
def test_one_name_is_one_principal_however_it_is_written(who: str, tmp_path: Path) -> None:
    account = read(tmp_path, OWN, DATA, block("inline", "role", '"ops"'), block("attachment", "role", who, "b"))
    (fact,) = named(account).values()
    assert actions(fact) == ["ssm:StartSession"] * 2
    assert len(plain(fact.named_in)) == 2


def test_each_name_of_a_for_each_is_a_principal(tmp_path: Path) -> None:
    many = block("inline", "user", "each.key").replace("{\n", '{\nfor_each = toset(["alice", "bob"])\n', 1)
    found = named(read(tmp_path, many))
    assert sorted(found) == [
        'user alice (named in aws_iam_user_policy.a["alice"])',
        'user bob (named in aws_iam_user_policy.a["bob"])',
    ]


@pytest.mark.parametrize(
    ("who", "called"),
    [
        ("${var.who}-ops", "role ${var.who}-ops (named in aws_iam_role_policy.a)"),
        ("${timestamp()}-ops", "the role that aws_iam_role_policy.a names"),
    ],
)
def test_a_name_with_an_unknown_part_is_shown_as_it_is_written(who: str, called: str, tmp_path: Path) -> None:
    found = named(read(tmp_path, 'variable "who" {}\n', block("inline", "role", f'"{who}"')))
    assert list(found) == [called]


def test_an_input_without_a_value_names_one_principal(tmp_path: Path) -> None:
    account = read(
        tmp_path,
        'variable "who" {}\n',
        OWN,
        block("inline", "role", "var.who"),
        block("attachment", "role", "var.who", "b"),
    )
    ((address, fact),) = named(account).items()
    assert address == "role var.who (named in aws_iam_role_policy.a)"
    assert actions(fact) == ["ssm:StartSession"] * 2


def test_a_name_that_cannot_be_told_is_a_principal_of_its_resource(tmp_path: Path) -> None:
    found = named(read(tmp_path, DATA, block("inline", "role", 'split("/", data.aws_iam_role.ops.arn)[1]')))
    assert list(found) == ["the role that aws_iam_role_policy.a names"]
    assert [actions(each) for each in found.values()] == [["ssm:StartSession"]]


ROLE = 'resource "aws_iam_role" "ops" {\nname = "ops"\nassume_role_policy = POLICY\n}\n'


@pytest.mark.parametrize("who", ["aws_iam_role.ops.name", '"ops"', "aws_iam_role.ops.id", "data.aws_iam_role.ops.name"])
def test_a_role_that_is_declared_is_not_named_only(who: str, tmp_path: Path) -> None:
    account = read(tmp_path, ROLE, DATA, block("inline", "role", who))
    assert not named(account)
    assert actions(by_address(account.roles)["aws_iam_role.ops"]) == ["ssm:StartSession"]


def test_a_condition_that_may_choose_a_declared_role_is_a_doubt_of_that_role(tmp_path: Path) -> None:
    who = 'var.make ? aws_iam_role.ops.name : "elsewhere"'
    account = read(tmp_path, ROLE, 'variable "make" {}\n', block("inline", "role", who))
    assert not named(account)
    assert by_address(account.roles)["aws_iam_role.ops"].statements.gap is not None


def test_a_condition_between_two_names_grants_neither_for_sure(tmp_path: Path) -> None:
    found = named(read(tmp_path, 'variable "a" {}\n', block("inline", "role", 'var.a ? "one" : "two"')))
    assert len(found) == 2
    assert all(actions(each) == [] and each.statements.gap != elsewhere(each) for each in found.values())


def test_known_and_unknown_names_in_one_list(tmp_path: Path) -> None:
    shared = block("shared", "user", '"alice", var.more')
    found = named(read(tmp_path, OWN, 'variable "more" {}\n', shared))
    assert sorted(found) == [
        "user alice (named in aws_iam_policy_attachment.a)",
        "user var.more (named in aws_iam_policy_attachment.a)",
    ]


def test_nothing_is_named_by_what_does_not_exist(tmp_path: Path) -> None:
    assert not named(read(tmp_path, block("inline", "user", '"alice"').replace("{\n", "{\ncount = 0\n", 1)))


@pytest.mark.parametrize("name", ['"a\\u001b[31m"', '"x\\n(named in y)"'])
def test_a_name_that_iam_refuses_is_not_shown(name: str, tmp_path: Path) -> None:
    assert list(named(read(tmp_path, block("inline", "user", name)))) == ["the user that aws_iam_user_policy.a names"]


def test_groups_and_their_members_know_of_each_other(tmp_path: Path) -> None:
    joins = 'resource "aws_iam_user_group_membership" "m" {\nuser = "alice"\ngroups = ["ops"]\n}\n'
    account = read(tmp_path, joins, block("inline", "group", '"ops"'))
    (user,), (group,) = account.users, account.groups
    assert plain(group.members) == [user.address]
    assert contents(user.groups) == (group.address,)


SETS = "aws_ssoadmin_permission_set_inline_policy"


@pytest.mark.parametrize("arn", ['"arn:aws:sso:::permissionSet/i/ps-0123"', "data.aws_ssoadmin_permission_set.ops.arn"])
def test_a_permission_set_that_is_named_by_its_arn(arn: str, tmp_path: Path) -> None:
    data = 'data "aws_ssoadmin_permission_set" "ops" {\nname = "Operators"\n}\n'
    inline = f'resource "{SETS}" "a" {{\npermission_set_arn = {arn}\ninline_policy = POLICY\n}}\n'
    (role,) = read(tmp_path, data, inline).roles
    assert role.address.startswith("permission set ")
    assert (plain(role.form), plain(role.kind), actions(role)) == ("permission-set", "operator", ["ssm:StartSession"])


def test_what_a_role_is_for_is_known_where_a_node_here_runs_with_it(tmp_path: Path) -> None:
    profile = 'resource "aws_iam_instance_profile" "p" {\nrole = "ops"\n}\n'
    node = 'resource "aws_instance" "n" {\niam_instance_profile = aws_iam_instance_profile.p.name\n}\n'
    (role,) = read(tmp_path, block("inline", "role", '"ops"'), profile, node).roles
    assert plain(role.kind) == "node"
    (other,) = read(tmp_path, block("inline", "role", '"other"'), profile, node).roles
    assert isinstance(other.kind, Unknown)
