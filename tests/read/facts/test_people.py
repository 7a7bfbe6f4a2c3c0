"""Users, groups, permission sets, and what stands around them, in every form that code has for it."""

from pathlib import Path

import pytest

from ssm_hardening.core.values import Unknown
from ssm_hardening.model import Account, Group, Role, User
from tests.read.facts.configurations import account_in, by_address, plain

USER = 'resource "aws_iam_user" "alice" {\nname = "alice"\nBODY\n}\n'
GROUP = 'resource "aws_iam_group" "staff" {\nname = "staff"\n}\n'
OWN = 'resource "aws_iam_policy" "own" {\nname = "own"\npolicy = POLICY\n}\n'
POLICY = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }] })'
SET = (
    'resource "aws_ssoadmin_permission_set" "ops" {\nname = "Operators"\ninstance_arn = "arn:aws:sso:::instance/i"\n}\n'
)


def read(folder: Path, *blocks: str) -> Account:
    text = "\n".join(blocks).replace("POLICY", POLICY)
    found: Account = account_in(folder, text)
    return found


def block(kind: str, *lines: str) -> str:
    return "\n".join((f'resource "{kind}" "a" {{', *lines, "}\n"))


def actions(fact: User | Group | Role) -> list[str]:
    return sorted(str(action) for each in fact.statements for action in plain(each.actions))


HELD = {
    "inline": ("policy = POLICY", 'name = "p"'),
    "attachment": ("policy_arn = aws_iam_policy.own.arn",),
    "shared": ("policy_arn = aws_iam_policy.own.arn", 'name = "x"'),
    "exclusive": ("policy_arns = [aws_iam_policy.own.arn]",),
}


@pytest.mark.parametrize("form", HELD)
@pytest.mark.parametrize("kind", ["user", "group"])
def test_every_form_of_a_policy(kind: str, form: str, tmp_path: Path) -> None:
    address = "aws_iam_user.alice" if kind == "user" else "aws_iam_group.staff"
    types = {
        "inline": f"aws_iam_{kind}_policy",
        "attachment": f"aws_iam_{kind}_policy_attachment",
        "shared": "aws_iam_policy_attachment",
        "exclusive": f"aws_iam_{kind}_policy_attachments_exclusive",
    }
    names = {"shared": f"{kind}s = [{address}.name]", "exclusive": f"{kind}_name = {address}.name"}
    named = names.get(form, f"{kind} = {address}.name")
    account = read(tmp_path, USER.replace("BODY", ""), GROUP, OWN, block(types[form], named, *HELD[form]))
    fact = by_address(account.users if kind == "user" else account.groups)[address]
    assert actions(fact) == ["ssm:StartSession"]
    assert fact.statements.gap is None


@pytest.mark.parametrize("kind", ["user", "group"])
def test_an_inline_policy_that_code_only_names_is_a_gap(kind: str, tmp_path: Path) -> None:
    address = "aws_iam_user.alice" if kind == "user" else "aws_iam_group.staff"
    named = (f"{kind}_name = {address}.name", 'policy_names = ["made-elsewhere"]')
    account = read(tmp_path, USER.replace("BODY", ""), GROUP, block(f"aws_iam_{kind}_policies_exclusive", *named))
    fact = by_address(account.users if kind == "user" else account.groups)[address]
    assert isinstance(fact.statements.gap, Unknown)
    assert "made-elsewhere" in fact.statements.gap.detail


MEMBERSHIPS = {
    "by the user": block(
        "aws_iam_user_group_membership", "user = aws_iam_user.alice.name", "groups = [aws_iam_group.staff.name]"
    ),
    "by the group": block(
        "aws_iam_group_membership", 'name = "m"', 'users = ["alice"]', "group = aws_iam_group.staff.name"
    ),
}


@pytest.mark.parametrize("form", MEMBERSHIPS)
def test_users_and_groups_know_of_each_other(form: str, tmp_path: Path) -> None:
    account = read(tmp_path, USER.replace("BODY", ""), GROUP, MEMBERSHIPS[form])
    (user,), (group,) = account.users, account.groups
    assert plain(user.groups) == ["aws_iam_group.staff"]
    assert plain(group.members) == ["aws_iam_user.alice"]


def test_a_group_of_somebody_elses_code_keeps_its_name(tmp_path: Path) -> None:
    joined = block("aws_iam_user_group_membership", "user = aws_iam_user.alice.name", 'groups = ["elsewhere"]')
    (user,) = read(tmp_path, USER.replace("BODY", ""), joined).users
    assert plain(user.groups) == ["elsewhere"]


def test_a_boundary_and_tags_with_those_of_the_provider(tmp_path: Path) -> None:
    body = 'permissions_boundary = aws_iam_policy.own.arn\ntags = { SSMSessionRunAs = "alice" }'
    provider = 'provider "aws" {\ndefault_tags {\ntags = { team = "ops" }\n}\n}'
    (user,) = read(tmp_path, provider, USER.replace("BODY", body), OWN).users
    tags = user.tags.value  # type: ignore[union-attr] # it is known
    assert {key: plain(each) for key, each in tags.members.items()} == {"SSMSessionRunAs": "alice", "team": "ops"}
    assert [plain(each.actions) for each in user.boundary_statements] == [["ssm:StartSession"]]


def test_tags_of_a_provider_that_cannot_be_told_leave_the_others_known(tmp_path: Path) -> None:
    provider = 'variable "tags" {}\nprovider "aws" {\ndefault_tags {\ntags = var.tags\n}\n}'
    (user,) = read(tmp_path, provider, USER.replace("BODY", 'tags = { a = "b" }')).users
    assert user.tags.value.members.keys() == {"a"}  # type: ignore[union-attr] # it is known
    assert isinstance(user.tags.value.rest, Unknown)  # type: ignore[union-attr] # as above


PERMISSIONS = {
    "inline": block("aws_ssoadmin_permission_set_inline_policy", "inline_policy = POLICY"),
    "managed": block("aws_ssoadmin_managed_policy_attachment", "managed_policy_arn = aws_iam_policy.own.arn"),
    "customer": block(
        "aws_ssoadmin_customer_managed_policy_attachment", 'customer_managed_policy_reference {\nname = "own"\n}'
    ),
}


@pytest.mark.parametrize("form", PERMISSIONS)
def test_a_permission_set_is_an_operators_role(form: str, tmp_path: Path) -> None:
    held = PERMISSIONS[form].replace("{\n", "{\npermission_set_arn = aws_ssoadmin_permission_set.ops.arn\n", 1)
    (role,) = read(tmp_path, SET, OWN, held).roles
    assert [plain(each) for each in (role.name, role.form, role.kind)] == ["Operators", "permission-set", "operator"]
    assert actions(role) == ["ssm:StartSession"]


def test_a_vpc_with_the_providers_defaults(tmp_path: Path) -> None:
    (vpc,) = read(tmp_path, 'resource "aws_vpc" "this" {\ncidr_block = "10.0.0.0/16"\n}').vpcs
    assert [plain(each) for each in (vpc.cidrs, vpc.dns_support, vpc.dns_hostnames)] == [["10.0.0.0/16"], True, False]
    assert isinstance(vpc.workloads, Unknown)


def test_an_association_and_what_it_is_aimed_at(tmp_path: Path) -> None:
    text = 'name = "AWS-RunPatchBaseline"\ntargets {\nkey = "tag:env"\nvalues = ["dev", "test"]\n}'
    (found,) = read(tmp_path, block("aws_ssm_association", text)).associations
    assert (plain(found.document), plain(found.targets)) == ("AWS-RunPatchBaseline", ["tag:env=dev,test"])
