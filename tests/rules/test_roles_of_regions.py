"""A role belongs to the account, its nodes to Regions: what a Region's key needs is asked of roles that work there."""

import pytest

from ssm_hardening.core.values import Inventory, Items, Known, Unknown, Why
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.verdicts import verdict_name
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.remediation.proposing import call_of, lockout, node_role, planned, preferences_of, weak_account
from tests.rules.builders_live import AT, HOST_ROLE, OWNER, activation, instance, setting
from tests.rules.builders_readers import START, allow, quiet_account, role

HERE, ELSEWHERE = instance(1).address, f"arn:aws:ec2:us-west-2:{OWNER}:instance/i-00000000000000009"
DENIED = Unknown(Why.DENIED, AT, "ssm:DescribeInstanceInformation was denied")
MORE = Known(Items((Known(ELSEWHERE, AT),), DENIED), AT)
AGENT = allow("ssm:UpdateInstanceInformation", "ssmmessages:*")
OPERATORS = role("operators", START, allow("kms:GenerateDataKey"), kind="operator")


def region(run_with: object, **overrides: object) -> Account:
    nodes = role("node", allow("s3:PutObject"), kind="node", instances=run_with)
    return quiet_account(nodes, OPERATORS, **{"instances": [instance(1)], **overrides})


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (region([HERE]), "failed"),
        (region([HERE, ELSEWHERE]), "failed"),
        (region([]), "failed"),
        (region([ELSEWHERE]), "passed"),
        (region(MORE), "undecided"),
        (region([ELSEWHERE], instances=Inventory((), DENIED)), "undecided"),
        (region([ELSEWHERE], settings=[setting(HOST_ROLE, "node")]), "failed"),
        (region([ELSEWHERE], activations=[activation(role="node")]), "failed"),
    ],
)
def test_a_key_is_needed_by_roles_whose_nodes_run_in_its_region(found: Account, verdict: str) -> None:
    findings = run([load_rule("KMS-07")], [found], BUILT_IN["strict"]).findings
    (session,) = (each for each in findings if each.subject.endswith("key/11111111-2222-3333-4444-555555555555"))
    assert verdict_name(session) == verdict


def plan_with(*instances: str) -> RemediationPlan:
    web, jobs = node_role("web", AGENT), node_role("jobs", AGENT, instances=list(instances))
    account = weak_account(roles=[web, jobs], instances=[instance(1, role="web", profile="web")])
    return planned(account, ("KMS-01", preferences_of(account)), ("PREF-05", preferences_of(account)))


@pytest.mark.parametrize(("instances", "named"), [([ELSEWHERE], ["web"]), ([], ["jobs", "web"])])
def test_a_plan_for_a_region_is_about_the_roles_that_work_there(instances: list[str], named: list[str]) -> None:
    plan = plan_with(*instances)
    roles = [f"arn:aws:iam::{OWNER}:role/{each}" for each in named]
    assert call_of(plan, "session-keys").inputs["node_role_arns"] == roles
    assert ("jobs" in lockout(plan, "requires kms:Decrypt").change) is ("jobs" in named)
    given = [each.inputs["role_name"] for each in plan.modules if each.module == "instance-role"]
    assert sorted(map(str, given)) == named
