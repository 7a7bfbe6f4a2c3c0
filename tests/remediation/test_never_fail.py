"""What is never called a failure: each line of the standards' list."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account
from ssm_hardening.verdicts.findings import Failed, Undecided
from tests.remediation.live import remedied_live
from tests.remediation.loop import remedied
from tests.remediation.networks import closed_subnet, network
from tests.rules.builders import key, root_statement, statement, tls_only_statement
from tests.rules.builders_live import (
    KEYS,
    LOG_BUCKET,
    OWNER,
    live_account,
    live_bucket,
    trail,
)

CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
EVERYBODY = {"*": ["*"]}


def failing(account: Account, *rules: str) -> list[str]:
    """Return what fails of these rules, or is handed to somebody by the plan, in an account judged by all of them."""
    live = remedied_live(account)
    found = [each.subject for each in live.audit.findings if each.rule.id in rules and isinstance(each.verdict, Failed)]
    return found + [step.what for step in live.plan.manual if set(step.closes) & set(rules)]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}},
        {"StringEquals": {"aws:PrincipalAccount": [OWNER]}},
    ],
)
def test_a_bucket_open_to_ones_own_organization_or_account(condition: dict[str, Any]) -> None:
    grant = statement(actions=["s3:GetObject"], resources=[f"{LOG_BUCKET}/*"], principals=EVERYBODY)
    bounded = statement(
        actions=["s3:GetObject"], resources=[f"{LOG_BUCKET}/*"], principals=EVERYBODY, conditions=condition
    )
    opened = live_bucket(statements=Inventory((tls_only_statement(), grant)))
    kept = live_bucket(statements=Inventory((tls_only_statement(), bounded)))
    assert not failing(live_account(log_buckets=[kept]), "S3-07")
    assert failing(live_account(log_buckets=[opened]), "S3-07")


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"kms:CallerAccount": [OWNER]}},
        {"StringEquals": {"kms:ViaService": ["s3.ap-southeast-2.amazonaws.com"], "kms:CallerAccount": [OWNER]}},
    ],
)
def test_a_key_open_to_ones_own_account_or_through_a_service(condition: dict[str, Any]) -> None:
    grant = {"actions": ["kms:Decrypt"], "resources": ["*"], "principals": EVERYBODY}
    kept = Inventory((root_statement(), statement(**grant, conditions=condition)))
    opened = Inventory((root_statement(), statement(**grant)))
    assert not failing(with_key(kept), "KMS-04")
    assert failing(with_key(opened), "KMS-04")


def with_key(statements: Inventory[Any]) -> Account:
    return live_account(keys=[key(address=KEYS["session"], name=KEYS["session"][-36:], statements=statements)])


def test_the_delegation_of_a_key_to_its_account() -> None:
    assert not failing(with_key(Inventory((root_statement(),))), "KMS-04", "KMS-06")


def test_the_trail_of_an_organization() -> None:
    assert not failing(live_account(trails=[trail(organization=True)]), "ACCT-02")
    assert failing(live_account(trails=[]), "ACCT-02")


@pytest.mark.parametrize("way_out", ["transit-gateway", "instance", "other"])
def test_endpoints_of_a_hub_and_proxies_are_undecided_and_nothing_is_made(way_out: str) -> None:
    account = network(subnets=[closed_subnet(way_out)])
    live = remedied_live(account)
    (verdict,) = [each.verdict for each in live.audit.findings if each.rule.id == "NET-03"]
    assert isinstance(verdict, Undecided)
    assert verdict.gap.detail
    assert "private-endpoints" not in {call.module for call in live.plan.modules}


_FRIENDS = """
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "exec" {
  name = "exec"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
      ]
      Resource = "*"
    }]
  })
}

resource "aws_iam_role" "etl" {
  name               = "etl"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "glue.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "etl" {
  name = "sessions"
  role = aws_iam_role.etl.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["glue:*", "s3:GetObject", "ssm:GetParameter"], Resource = "*" }]
  })
}

resource "aws_iam_role" "function" {
  name               = "function"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "parameters" {
  name = "parameters"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ssm:GetParameter*", "kms:Decrypt"], Resource = "*" }]
  })
}
"""


def test_ecs_exec_parameter_store_and_glue(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(_FRIENDS)
    loop = remedied(tmp_path, into=False, standard="strict")
    about = {"aws_iam_role.task", "aws_iam_role.etl", "aws_iam_role.function"}
    failed = [each for each in loop.audit.findings if isinstance(each.verdict, Failed) and each.subject in about]
    assert not [(each.rule.id, each.subject) for each in failed]
    assert not {call.module for call in loop.plan.modules} & {"instance-role", "operator-role"}
