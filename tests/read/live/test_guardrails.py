"""Control policies of an organization: who may read them, what binds an account, and what nobody may read."""

import json
from typing import Any

import pytest

from ssm_hardening.access.people import person_of
from ssm_hardening.access.requests import may, request
from ssm_hardening.core.values import Why
from ssm_hardening.iam.decisions import Allowed, Decision, Denied
from ssm_hardening.model import Account
from ssm_hardening.read.live.clients import AwsTarget
from ssm_hardening.read.live.picture import read_account
from ssm_hardening.read.live.reach import read_all, targets
from ssm_hardening.read.snapshot import from_json, to_json
from ssm_hardening.sandbox.faults import Fault
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.access.samples import granting
from tests.access.samples import role as sample
from tests.read.live import fleet
from tests.read.live.organization import ROLE, attach, of_management

MEMBER = "200000000001"


def placed_in_unit(client: Any, account: str) -> tuple[str, str]:
    """Return the root, and a unit below it that holds the account now."""
    root = client.list_roots()["Roots"][0]["Id"]
    unit = client.create_organizational_unit(ParentId=root, Name="prod")["OrganizationalUnit"]["Id"]
    client.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    return root, unit


def decision(account: Account, action: str) -> Decision:
    who = sample("sre", granting("All", ["*"], ["*"]))
    return may(person_of(who, account), request(account, who, action, "*"))


def read(sandbox: Sandbox) -> Account:
    return read_account(AwsTarget(region=sandbox.region))


def test_an_account_without_an_organization_and_a_management_account_are_bound_by_none(sandbox: Sandbox) -> None:
    alone = read(sandbox)
    sandbox.put(organization={"accounts": [MEMBER], "role": ROLE})
    client = fleet.client("organizations")
    attach(client, "Nothing", client.list_roots()["Roots"][0]["Id"], Action="*")
    for found in (alone, read(sandbox)):
        assert (found.guardrails.items, found.guardrails.gap) == ((), None)
        assert isinstance(decision(found, "ssm:StartSession"), Allowed)


def test_a_member_that_may_not_read_its_policies_says_so_once(sandbox: Sandbox) -> None:
    of_management(sandbox)
    found = read(sandbox)
    gap = found.guardrails.gap
    assert gap is not None
    assert (gap.why, gap.detail) == (Why.DENIED, "organizations:ListPoliciesForTarget: AccessDeniedException")
    assert [each.detail for each in found.gaps if "organizations" in each.detail] == [gap.detail]
    assert isinstance(decision(found, "ssm:StartSession"), Allowed)


def test_a_delegated_administrator_reads_each_level_and_a_snapshot_keeps_them(sandbox: Sandbox) -> None:
    client = of_management(sandbox)
    root, unit = placed_in_unit(client, ACCOUNT)
    client.register_delegated_administrator(AccountId=ACCOUNT, ServicePrincipal="ssm.amazonaws.com")
    attach(client, "OfRoot", root, Action="ssm:UpdateDocument")
    attach(client, "OfUnit", unit, Action="ssm:SendCommand")
    attach(client, "OfAccount", ACCOUNT, Action="iam:Put*")
    attach(client, "OfResources", unit, kind="RESOURCE", Action=["s3:GetObject", "ssm:*"], Principal="*")
    found = read(sandbox)
    (kept,) = from_json(json.loads(json.dumps(to_json((found,)))))
    for each in (found, kept):
        assert each.guardrails.gap is None
        for action, name in (
            ("ssm:UpdateDocument", "OfRoot"), ("ssm:SendCommand", "OfUnit"), ("iam:PutRolePolicy", "OfAccount"),
            ("s3:GetObject", "OfResources"),
        ):  # fmt: skip
            denied = decision(each, action)
            assert isinstance(denied, Denied)
            assert denied.guardrail.endswith(f"control policy {name}")
        assert isinstance(decision(each, "ssm:StartSession"), Allowed)


def test_what_no_policy_of_a_level_allows_is_denied(sandbox: Sandbox) -> None:
    client = of_management(sandbox)
    _, unit = placed_in_unit(client, ACCOUNT)
    client.register_delegated_administrator(AccountId=ACCOUNT, ServicePrincipal="ssm.amazonaws.com")
    attach(client, "Some", unit, Effect="Allow", Action="ssm:*")
    assert isinstance(decision(read(sandbox), "iam:PutRolePolicy"), Allowed)
    client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
    found = read(sandbox)
    assert isinstance(decision(found, "ssm:StartSession"), Allowed)
    denied = decision(found, "iam:PutRolePolicy")
    assert denied == Denied(
        None, f"denied by the service control policies of {unit}", f"the service control policies of {unit}"
    )


def test_members_are_read_with_the_policies_that_the_management_account_lists(sandbox: Sandbox) -> None:
    sandbox.put(organization={"accounts": [MEMBER], "role": ROLE})
    client = fleet.client("organizations")
    attach(client, "Protect", client.list_roots()["Roots"][0]["Id"], Action="ssm:UpdateDocument")
    found = {str(each.root): each for each in read_all(targets(organization=True, role_name=ROLE))}
    assert isinstance(decision(found[f"{MEMBER}/{REGION}"], "ssm:UpdateDocument"), Denied)
    assert isinstance(decision(found[f"{ACCOUNT}/{REGION}"], "ssm:UpdateDocument"), Allowed)


@pytest.mark.parametrize("operation", ["DescribePolicy", "ListParents"])
def test_what_was_read_decides_beside_what_was_not(sandbox: Sandbox, operation: str) -> None:
    client = of_management(sandbox)
    client.register_delegated_administrator(AccountId=ACCOUNT, ServicePrincipal="ssm.amazonaws.com")
    attach(client, "Protect", ACCOUNT, Action="ssm:UpdateDocument")
    sandbox.set_faults([Fault(service="organizations", operation=operation)])
    found = read(sandbox)
    assert {each.detail for each in found.gaps} == {f"organizations:{operation}: AccessDeniedException"}
    expected = Denied if operation == "ListParents" else Allowed
    assert isinstance(decision(found, "ssm:UpdateDocument"), expected)
    assert isinstance(decision(found, "ssm:StartSession"), Allowed)
