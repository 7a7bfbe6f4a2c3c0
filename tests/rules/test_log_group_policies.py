"""Log groups by class, by retention policy of the account, and by resource policy of CloudWatch Logs."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Inventory
from ssm_hardening.verdicts.findings import Failed, Severity, Undecided
from tests.read.facts.configurations import accounts_in, plain
from tests.rules.builders import account, gap, log_group, preferences_document, statement, unknown
from tests.rules.builders_live import OWNER, live_group
from tests.rules.builders_readers import crowd, quiet_account
from tests.rules.judging import verdict_on


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("STANDARD", "Passed"), ("INFREQUENT_ACCESS", "Passed"), ("ESSENTIALS", "Passed"), ("DELIVERY", "Failed"),
     (unknown(), "Undecided")],
)  # fmt: skip
def test_the_class_delivery_keeps_one_day(name: Any, verdict: str) -> None:
    assert type(verdict_on("CW-03", log_group(log_class=name, retention_days=400))).__name__ == verdict


ROOT = """
provider "aws" {{
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}}
provider "aws" {{
  alias               = "far"
  region              = "eu-north-1"
  allowed_account_ids = ["111122223333"]
}}
variable "unknown" {{}}
resource "aws_cloudwatch_log_group" "g" {{
  name              = "/sessions/all"
  retention_in_days = 400
}}
{more}
"""


def policy(document: str, more: str = "", name: str = "p", kind: str = '"RETENTION_POLICY"') -> str:
    return (
        f'resource "aws_cloudwatch_log_account_policy" "{name}" {{\n policy_name = "{name}"\n policy_type = {kind}\n'
        f" {more}\n policy_document = jsonencode({{ {document} }})\n}}\n"
    )


ALL = 'enforcementMode = "RETROACTIVE"'


@pytest.mark.parametrize(
    ("more", "days"),
    [
        (policy(f"retentionInDays = 30, {ALL}"), 30),
        (policy(f"retentionInDays = 731, {ALL}"), 731),
        (policy(f'retentionInDays = "NEVER_EXPIRE", {ALL}'), None),
        (policy(f"retentionInDays = 30, {ALL}") + policy(f"retentionInDays = 90, {ALL}", name="q"), 90),
        (policy(f"retentionInDays = 30, {ALL}", "provider = aws.far"), 400),
        (policy(f"retentionInDays = 30, {ALL}", "count = 0"), 400),
        (policy(f"retentionInDays = 30, {ALL}", r'selection_criteria = "LogGroupNamePrefix IN [\"/other\"]"'), 400),
        (policy(f"retentionInDays = 30, {ALL}", r'selection_criteria = "LogGroupNamePrefix IN [\"/sessions\"]"'), 30),
        (policy(f"retentionInDays = 9, {ALL}", r'selection_criteria = "LogGroupName NOT IN [\"/sessions/all\"]"'), 400),
        (policy(f"retentionInDays = 731, {ALL}", r'selection_criteria = "LogGroupName NOT IN [\"/sessions\"]"'), 731),
        (policy(f"retentionInDays = 731, {ALL}", r'selection_criteria = "LogGroupName IN [\"/sessions\"]"'), 400),
        (policy(f"retentionInDays = 30, {ALL}", kind='"DATA_PROTECTION_POLICY"'), 400),
    ],
)
def test_a_retention_policy_of_the_account_takes_the_place_of_the_groups_own(
    tmp_path: Path, more: str, days: int | None
) -> None:
    (group,) = by_region(tmp_path, more)
    assert plain(group.retention_days) == days
    assert (plain(group.retention_policy) is not None) == (days != 400)


@pytest.mark.parametrize(
    "more",
    [
        policy('retentionInDays = 30, enforcementMode = "NEW_ONLY"'),
        policy(f"retentionInDays = 30, {ALL}", "selection_criteria = var.unknown"),
        policy(f"retentionInDays = 30, {ALL}", r'selection_criteria = "Field IN [\"/sessions/all\"]"'),
        policy(f"retentionInDays = 30, {ALL}", 'count = var.unknown == "a" ? 1 : 0'),
        policy(f"retentionInDays = 30, {ALL}", kind="var.unknown"),
        policy(f"retentionInDays = var.unknown, {ALL}"),
    ],
)
def test_a_policy_that_may_apply_leaves_the_retention_open(tmp_path: Path, more: str) -> None:
    (group,) = by_region(tmp_path, more)
    assert type(verdict_on("CW-03", group)).__name__ == "Undecided"


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ("", "Failed"),
        (r'selection_criteria = "LogGroupName NOT IN [\"/other\"]"', "Failed"),
        (r'selection_criteria = "LogGroupName NOT IN [\"/other\", \"/sessions/all\"]"', "NotApplicable"),
        ("selection_criteria = var.unknown", "Undecided"),
        ('count = var.unknown == "a" ? 1 : 0', "Undecided"),
    ],
)
def test_a_subscription_of_the_account_sends_the_groups_that_it_selects(
    tmp_path: Path, more: str, verdict: str
) -> None:
    sent = policy('DestinationArn = "arn:aws:logs:eu-west-1:999999999999:destination:d"', more,
                  kind='"SUBSCRIPTION_FILTER_POLICY"')  # fmt: skip
    (group,) = by_region(tmp_path, sent)
    assert type(verdict_on("CW-04", group)).__name__ == verdict


def by_region(folder: Path, more: str) -> list[Any]:
    return [group for picture in accounts_in(folder, ROOT.format(more=more)) for group in picture.log_groups]


OWN_ARN = "arn:aws:logs:ap-southeast-2:111122223333:log-group:/example/sessions:*"
EVERYBODY = {"*": ["*"]}


def allowing(principals: Any, resource: str = "*", **more: Any) -> Any:
    return statement(actions=["logs:*"], resources=[resource], principals=principals, **more)


@pytest.mark.parametrize(
    ("policies", "verdict"),
    [
        ([allowing(EVERYBODY)], "Failed"),
        ([allowing({"AWS": ["*"]})], "Failed"),
        ([allowing(EVERYBODY, OWN_ARN)], "Failed"),
        ([allowing(EVERYBODY, "arn:aws:logs:*:*:log-group:/example/*")], "Failed"),
        ([allowing(EVERYBODY, "arn:aws:logs:*:*:log-group:/aws/route53/*")], "Passed"),
        ([allowing({"Service": ["es.amazonaws.com", "delivery.logs.amazonaws.com"]})], "Passed"),
        ([allowing(EVERYBODY, conditions={"StringEquals": {"aws:SourceAccount": ["111122223333"]}})], "Passed"),
        ([allowing(EVERYBODY, conditions={"StringEquals": {"aws:PrincipalOrgID": ["o-example"]}})], "Passed"),
        ([allowing(EVERYBODY, conditions={"ArnLike": {"aws:SourceArn": ["arn:aws:es:*:*:x/*"]}})], "Failed"),
        ([allowing({"AWS": ["arn:aws:iam::999999999999:root"]})], "Undecided"),
        ([allowing({"AWS": ["arn:aws:iam::111122223333:root"]})], "Passed"),
        (Inventory((), gap()), "Undecided"),
        ([], "Passed"),
    ],
)  # fmt: skip
def test_resource_policies_of_logs(policies: Any, verdict: str) -> None:
    group = live_group(copied_to=[], statements=policies)
    found = verdict_on("CW-04", group, within=quiet_account(log_groups=[group], log_buckets=[], keys=[]))
    assert type(found).__name__ == verdict
    assert not isinstance(found, Failed) or found.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("who", "more", "verdict"),
    [
        ("role/example", {}, "Undecided"),
        ("role/another", {}, "Passed"),
        ("role/example", {"conditions": {"StringEquals": {"aws:SourceAccount": ["111122223333"]}}}, "Passed"),
        ("role/example", {"effect": "Deny"}, "Passed"),
    ],
)
def test_a_resource_policy_that_names_people_may_let_them_read(who: str, more: Any, verdict: str) -> None:
    named = {"AWS": [f"arn:aws:iam::{OWNER}:{who}-{number}" for number in range(1, 7)]}
    group = live_group(copied_to=[], statements=[allowing(named, **more)])
    within = quiet_account(*crowd(6), log_groups=[group], log_buckets=[], keys=[])
    found = verdict_on("CW-04", group, within=within)
    assert type(found).__name__ == verdict
    assert not isinstance(found, Undecided) or "which is not an AWS service" in found.gap.detail


def resource_policy(more: str = "", principal: str = '"*"', document: str | None = None) -> str:
    allow = f'Effect = "Allow", Principal = {principal}, Action = "logs:*", Resource = "*"'
    text = document or f"jsonencode({{ Statement = [{{ {allow} }}] }})"
    body = f'policy_name = "p"\n {more}\n policy_document = {text}'
    return f'resource "aws_cloudwatch_log_resource_policy" "p" {{\n {body}\n}}'


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        (resource_policy(), "Failed"),
        (resource_policy("provider = aws.far"), "NotApplicable"),
        (resource_policy("resource_arn = aws_cloudwatch_log_group.g.arn"), "Failed"),
        (resource_policy('resource_arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/other"'), "NotApplicable"),
        (resource_policy(principal='{ Service = "es.amazonaws.com" }'), "NotApplicable"),
        (resource_policy("count = 0"), "NotApplicable"),
        (resource_policy('count = var.unknown == "a" ? 1 : 0'), "Undecided"),
        (resource_policy(document="var.unknown"), "Undecided"),
    ],
)
def test_code_declares_resource_policies_for_its_region(tmp_path: Path, more: str, verdict: str) -> None:
    picture = next(each for each in accounts_in(tmp_path, ROOT.format(more=more)) if each.log_groups.items)
    (group,) = picture.log_groups
    assert type(verdict_on("CW-04", group, within=picture)).__name__ == verdict


@pytest.mark.parametrize(
    ("switch", "key", "verdict"),
    [
        (True, None, "Failed"),
        (True, "arn:aws:kms:ap-southeast-2:111122223333:key/a", "Passed"),
        (True, unknown(), "Undecided"),
        (False, None, "Passed"),
        (unknown(), None, "Undecided"),
    ],
)
def test_a_switch_agrees_with_the_key_of_the_group(switch: Any, key: Any, verdict: str) -> None:
    document, group = preferences_document(cloudwatch_encryption_enabled=switch), log_group(kms_key=key)
    within = account(session_documents=[document], log_groups=[group])
    found, cause = verdict_on("PREF-14", document, within=within), verdict_on("CW-02", group, within=within)
    assert type(found).__name__ == verdict
    assert not isinstance(found, Failed) or (isinstance(cause, Failed) and found.follows == (cause.at,))


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("CW-03", policy(f"retentionInDays = 30, {ALL}")),
        ("CW-04", resource_policy()),
        ("CW-04", policy('DestinationArn = "arn:aws:logs:eu-west-1:999999999999:destination:d"',
                         kind='"SUBSCRIPTION_FILTER_POLICY"')),
    ],
)  # fmt: skip
def test_policies_that_stand_alone_in_a_module_are_read(tmp_path: Path, rule: str, body: str) -> None:
    module = tmp_path / "baseline"
    module.mkdir()
    module.joinpath("main.tf").write_text(body, encoding="utf-8")
    (group,) = by_region(tmp_path, 'module "baseline" {\n  source = "./baseline"\n}\n')
    assert isinstance(verdict_on(rule, group), Failed)
