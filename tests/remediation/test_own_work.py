"""What an apply of ours attached is never told to be detached; what only looks like it still is."""

import re
from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.core import folders
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account, Policy
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.remediation.rights.nodes import ON_ALL, ON_ITS_STORES
from tests.remediation.proposing import allow, node_role, planned, weak_account
from tests.rules.builders import fact
from tests.rules.builders_live import OWNER

CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
LOGGING = f"arn:aws:iam::{OWNER}:policy/web-session-logging"
MINIMUM = f"arn:aws:iam::{OWNER}:policy/web-session-minimum"
BUCKET = "arn:aws:s3:::records"

OURS = [
    allow("s3:PutObject", on=f"{BUCKET}/sessions/*"),
    allow("s3:GetEncryptionConfiguration", on=BUCKET),
    allow("logs:DescribeLogGroups"),
]
LEAST = [allow("ssm:UpdateInstanceInformation"), allow("ssmmessages:OpenDataChannel", "ssmmessages:OpenControlChannel")]


def policy(arn: str, statements: list[Any], **overrides: Any) -> Policy:
    defaults = {
        "name": arn.rpartition("/")[2],
        "kind": "customer",
        "attached_to": [],
        "statements": Inventory(tuple(statements)),
    }
    made: Policy = fact(Policy, arn, defaults, overrides)
    return made


def plan_of(*policies: Policy, attached: list[str]) -> RemediationPlan:
    role = node_role("web", managed_policies=attached)
    role = replace(role, origin=ApiOrigin(role.address, "iam:GetRole"))
    account: Account = weak_account(roles=[role], policies=list(policies))
    return planned(account, ("ROLE-02", role), ("ROLE-04", role))


def detached(plan: RemediationPlan) -> str:
    return "\n".join(step.what for step in plan.manual if "ROLE-04" in step.closes)


def test_our_policies_stay() -> None:
    plan = plan_of(policy(LOGGING, OURS), policy(MINIMUM, LEAST), attached=[CORE, LOGGING, MINIMUM])
    assert "session-logging" not in detached(plan)
    assert "session-minimum" not in detached(plan)


def test_what_else_is_attached_is_still_named() -> None:
    other = f"arn:aws:iam::{OWNER}:policy/wide"
    plan = plan_of(policy(LOGGING, OURS), policy(other, [allow("s3:*")]), attached=[CORE, LOGGING, other])
    assert f"--policy-arn {other}" in detached(plan)
    assert LOGGING not in detached(plan)


@pytest.mark.parametrize(
    "statements",
    [
        [*OURS, allow("s3:*", on=BUCKET)],
        [*OURS, allow("s3:GetObject", on=f"{BUCKET}/*")],
        [allow("s3:PutObject")],
        [allow("kms:Decrypt")],
        [allow("ssm:GetParameter", on="arn:aws:ssm:eu-west-1:111122223333:parameter/*")],
        [allow("iam:*", on="arn:aws:iam::111122223333:role/x")],
        [],
    ],
    ids=["more actions", "a read", "every bucket", "every key", "every parameter", "other services", "nothing read"],
)
def test_a_policy_that_only_has_the_name_is_not_ours(statements: list[Any]) -> None:
    plan = plan_of(policy(LOGGING, statements), attached=[CORE, LOGGING])
    assert LOGGING in detached(plan)


def test_a_policy_that_was_not_read_is_not_ours() -> None:
    assert LOGGING in detached(plan_of(attached=[CORE, LOGGING]))


def test_what_our_module_writes_is_known_as_ours() -> None:
    """The list of actions is the module's: a new one there without one here would be told to be detached."""
    text = (folders.modules() / "instance-role" / "main.tf").read_text()
    written = set(re.findall(r'"((?:s3|kms|logs|ssm|ssmmessages|ec2messages):[A-Z]\w+)"', text)) - {"kms:ViaService"}
    assert written == ON_ALL | ON_ITS_STORES
