"""The roles of a live account's nodes are inputs where all of them are known, and a question otherwise."""

from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account, Role
from ssm_hardening.remediation.plan import FromVariable, ModuleInput
from tests.remediation.live import remedied_live
from tests.rules.builders import fact, hidden, known, unknown
from tests.rules.builders_live import OWNER, bare, instance

WEB, JOBS = (f"arn:aws:iam::{OWNER}:role/{name}" for name in ("web", "jobs"))


def role(arn: str, **overrides: Any) -> Role:
    made: Role = fact(
        Role,
        arn,
        {
            "name": arn.rpartition("/")[2],
            "kind": "node",
            "trusted_services": ["ec2.amazonaws.com"],
            "trust": Inventory(),
            "managed_policies": [],
            "statements": Inventory(),
            "boundary": None,
            "instances": [],
        },
        overrides,
    )
    return made


def account(*roles: Role, **overrides: Any) -> Account:
    found = bare(instances=[instance(1)], **overrides)
    return replace(found, roles=Inventory(roles))


def given(found: Account) -> ModuleInput:
    (keys,) = [call for call in remedied_live(found).plan.modules if call.label == "session_keys"]
    return keys.inputs["node_role_arns"]


def test_the_roles_of_the_nodes_are_named() -> None:
    other = role(f"arn:aws:iam::{OWNER}:role/operators", kind="operator")
    assert given(account(role(WEB), role(JOBS), other)) == sorted([WEB, JOBS])


@pytest.mark.parametrize(
    "found",
    [
        account(),
        account(role(WEB, kind=unknown())),
        account(role(WEB), role(JOBS, exists=known(False))),
        replace(account(role(WEB)), roles=Inventory((role(WEB),), hidden(known(1)))),
    ],
    ids=["no roles", "a kind that is not known", "a role that is gone", "a list with a gap"],
)
def test_where_one_may_be_missing_it_is_asked(found: Account) -> None:
    assert isinstance(given(found), FromVariable)


def test_nodes_to_come_are_a_question() -> None:
    assert [text for text in remedied_live(account(role(WEB))).plan.questions if "roles other than web" in text]
