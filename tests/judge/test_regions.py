"""People, roles and policies belong to the AWS account: one finding for all of its Regions, and none left out."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ssm_hardening.access.view import access_views
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.judge.engine import run
from ssm_hardening.judge.waiver_files import FileWaiver, apply
from ssm_hardening.model import Account
from ssm_hardening.report.audit_json import audit_document
from ssm_hardening.report.baseline import baseline_in, notes_on, since
from ssm_hardening.report.diff import Item, Side, compare
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.matrix import matrix
from ssm_hardening.report.verdicts import fingerprint, former, numbered, order_key, verdict_name
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Audit, Failed, Finding, Severity, Since, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.read.facts.configurations import accounts_in

OWN = 'allowed_account_ids = ["111122223333"]'


def provider(region: str, alias: str = "", more: str = OWN) -> str:
    named = f'alias = "{alias}"\n' if alias else ""
    place = f'region = "{region}"\n' if region else ""
    return f'provider "aws" {{\n{named}{place}{more}\n}}\n'


def document(alias: str = "", more: str = "") -> str:
    chosen = f"provider = aws.{alias}\n" if alias else ""
    return f"""resource "aws_ssm_document" "preferences_{alias}" {{
  {chosen}{more}
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({{ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {{ s3BucketName = "x" }} }})
}}
"""


def operator(*resources: str, alias: str = "") -> str:
    chosen = f"provider = aws.{alias}\n" if alias else ""
    return f"""resource "aws_iam_role" "operator" {{
  {chosen}
  name = "operator"
  assume_role_policy = jsonencode({{
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "111122223333" }} }}]
  }})
}}
resource "aws_iam_role_policy" "operator" {{
  {chosen}
  role = aws_iam_role.operator.name
  policy = jsonencode({{
    Statement = [{{ Effect = "Allow", Action = "ssm:StartSession", Resource = {json.dumps(resources)} }}]
  }})
}}
"""


def nodes(region: str, account: str = "111122223333") -> str:
    return f"arn:aws:ec2:{region}:{account}:instance/*"


def judged(accounts: tuple[Account, ...], rule: str = "OPER-01") -> tuple[Finding, ...]:
    return run([load_rule(rule)], accounts, BUILT_IN["strict"]).findings


def the_one(folder: Path, *parts: str, rule: str = "OPER-01") -> Finding:
    (found,) = judged(accounts_in(folder, "\n".join(parts)), rule)
    return found


US, EU = provider("us-east-1"), provider("eu-west-1", "eu")


def test_a_role_of_the_default_provider_is_judged_in_the_region_of_the_documents(tmp_path: Path) -> None:
    found = the_one(tmp_path, US, EU, document("eu"), operator(nodes("eu-west-1")))
    assert isinstance(found.verdict, Failed)
    assert (found.region, found.subject) == ("global", "aws_iam_role.operator")
    assert found.regions[0] == "eu-west-1"
    assert set(found.regions) == {"us-east-1", "eu-west-1"}


def test_what_holds_in_some_regions_only_names_them(tmp_path: Path) -> None:
    three = (US, EU, provider("eu-central-1", "de"), document(), document("eu"), document("de"))
    found = the_one(tmp_path, *three, operator(nodes("eu-west-1"), nodes("eu-central-1")))
    assert found.verdict.message.startswith("in eu-central-1 and eu-west-1: its policies allow")
    assert set(found.holds_in) == {"eu-central-1", "eu-west-1"}


def test_what_holds_everywhere_is_said_once_and_names_no_region(tmp_path: Path) -> None:
    found = the_one(tmp_path, US, EU, document(), document("eu"), operator("*"))
    assert found.verdict.message.startswith("its policies allow")
    assert found.verdict.message.count("instance") == 1


def test_one_region_changes_nothing_but_its_name(tmp_path: Path) -> None:
    found = the_one(tmp_path, provider("eu-west-1"), document(), operator("*"))
    assert (found.region, found.regions, found.holds_in) == ("global", ("eu-west-1",), ("eu-west-1",))


def test_no_people_is_said_once_for_an_account(tmp_path: Path) -> None:
    found = the_one(tmp_path, US, EU, document(), document("eu"))
    assert (found.region, found.subject, verdict_name(found)) == ("global", "account", "not_applicable")


@pytest.mark.parametrize(
    "more",
    [
        'assume_role { role_arn = "arn:aws:iam::444455556666:role/deploy" }',
        'profile = "other"',
        'allowed_account_ids = ["444455556666"]',
        'endpoints { sts = "http://localhost:4566" }',
    ],
)
def test_people_of_another_account_are_not_judged_there(tmp_path: Path, more: str) -> None:
    mine = provider("us-east-1", more="") if "allowed" not in more else US
    accounts = accounts_in(
        tmp_path, "\n".join((mine, provider("eu-west-1", "eu", more), document("eu"), operator(nodes("*", "*"))))
    )
    eu = next(each for each in accounts if each.region == Known("eu-west-1", each.region.at))
    assert eu.roles == Inventory()
    assert {(each.subject, verdict_name(each)) for each in judged(accounts)} == {
        ("account", "not_applicable"),
        ("aws_iam_role.operator", "failed"),
    }


def test_two_roles_of_one_account_lead_to_one_account(tmp_path: Path) -> None:
    def deploy(name: str) -> str:
        return f'assume_role {{ role_arn = "arn:aws:iam::111122223333:role/{name}" }}'

    parts = (provider("us-east-1", more=deploy("a")), provider("eu-west-1", "eu", deploy("b")), document("eu"))
    assert isinstance(the_one(tmp_path, *parts, operator(nodes("eu-west-1", "*"))).verdict, Failed)


def test_where_the_account_is_in_doubt_it_is_judged_and_said(tmp_path: Path) -> None:
    role = "assume_role { role_arn = var.role }"
    parts = ('variable "role" {}', provider("us-east-1", more=""), provider("eu-west-1", "eu", role), document("eu"))
    found = the_one(tmp_path, *parts, operator(nodes("eu-west-1", "*")))
    assert isinstance(found.verdict, Failed)
    assert any("leads to the same AWS account" in each.note for each in found.verdict.related)


def test_the_same_input_is_the_same_account_and_no_doubt(tmp_path: Path) -> None:
    role = "assume_role { role_arn = var.role }"
    parts = (provider("us-east-1", more=role), provider("eu-west-1", "eu", role), document("eu"))
    found = the_one(tmp_path, 'variable "role" {}', *parts, operator(nodes("eu-west-1", "*")))
    assert isinstance(found.verdict, Failed)
    assert not any("leads to the same AWS account" in each.note for each in found.verdict.related)


def test_a_partition_is_an_account_of_its_own(tmp_path: Path) -> None:
    gov = provider("us-gov-west-1", "gov", "")
    accounts = accounts_in(tmp_path, "\n".join((provider("us-east-1", more=""), gov, document("gov"), operator("*"))))
    assert len({str(each.identity) for each in accounts}) == 2


def test_a_region_that_only_a_policy_names_is_asked_about(tmp_path: Path) -> None:
    found = the_one(tmp_path, provider(""), document(), operator(nodes("us-east-1")))
    assert isinstance(found.verdict, Failed)
    assert found.verdict.message.startswith("in us-east-1: ")
    assert found.regions == ("",)


def test_a_region_that_no_provider_leads_to_is_asked_about_where_a_policy_names_it(tmp_path: Path) -> None:
    found = the_one(tmp_path, provider("eu-west-1"), document(), operator(nodes("us-east-1")))
    assert isinstance(found.verdict, Failed)
    assert found.verdict.message.startswith("in us-east-1: ")
    assert found.regions == ("eu-west-1",)


IN_REGIONS = {
    "one that a condition names": ("*", {"StringEquals": {"aws:RequestedRegion": "ap-south-1"}}, "ap-south-1"),
    "several of a condition": ("*", {"StringLikeIfExists": {"AWS:requestedregion": ["us-*", "x"]}}, "us-east-1"),
    "a pattern of nodes": (nodes("us-*"), {}, "us-east-1"),
    "a narrow pattern": (nodes("eu-nor??-*"), {}, "eu-north-1"),
}


@pytest.mark.parametrize(("resource", "condition", "region"), IN_REGIONS.values(), ids=IN_REGIONS)
def test_a_grant_is_found_wherever_its_region_is_told(
    resource: str, condition: object, region: str, tmp_path: Path
) -> None:
    granting = f'Action = "ssm:StartSession", Condition = {json.dumps(condition)}, Resource'
    written = operator(resource).replace('Action = "ssm:StartSession", Resource', granting)
    found = the_one(tmp_path, provider("eu-west-1"), document(), written)
    assert isinstance(found.verdict, Failed)
    assert f"in {region}: " in found.verdict.message


def test_the_region_that_a_deny_excepts_is_asked_about(tmp_path: Path) -> None:
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "ap-south-1"}}
    deny = f'{{ Effect = "Deny", Action = "*", Resource = "*", Condition = {json.dumps(elsewhere)} }}'
    written = operator("*").replace('["*"] }]', f'["*"] }}, {deny}]')
    found = the_one(tmp_path, provider("eu-west-1"), document(), written)
    assert isinstance(found.verdict, Failed)
    assert found.verdict.message.startswith("in ap-south-1: ")


def test_a_policy_that_nobody_has_is_asked_about_where_it_grants(tmp_path: Path) -> None:
    granted = f'[{{ Effect = "Allow", Action = "ssm:StartSession", Resource = "{nodes("us-east-1")}" }}]'
    policy = f'resource "aws_iam_policy" "p" {{\n  policy = jsonencode({{ Statement = {granted} }})\n}}\n'
    found = the_one(tmp_path, provider("eu-west-1"), document(), policy)
    assert (found.subject, verdict_name(found)) == ("aws_iam_policy.p", "failed")


def test_a_node_of_an_example_is_a_node_like_any_other(tmp_path: Path) -> None:
    listed = nodes("us-east-1").replace("*", "i-0123456789abcdef0")
    found = the_one(tmp_path, provider("us-east-1"), document(), operator(listed))
    assert verdict_name(found) == "passed"


def test_an_arn_with_the_callers_account_is_of_this_account(tmp_path: Path) -> None:
    caller = 'data "aws_caller_identity" "x" {}\n'
    arn = "arn:aws:ec2:us-east-1:${data.aws_caller_identity.x.account_id}:instance/*"
    for place in (provider("", more=""), provider("us-east-1", more=""), US + EU + document("eu")):
        found = the_one(tmp_path, caller, place, document(), operator(arn))
        assert isinstance(found.verdict, Failed), place


NODE = """
resource "aws_iam_role" "node" {
  name = "node"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy" "node" {
  role = aws_iam_role.node.name
  policy = jsonencode({ Statement = [
    { Effect = "Allow", Resource = "*", Action = ["ssm:UpdateInstanceInformation", "ssmmessages:*"] },
  ] })
}
resource "aws_iam_instance_profile" "node" { role = aws_iam_role.node.name }
resource "aws_s3_bucket" "x" {
  provider = aws.eu
  bucket   = "x"
}
"""
MACHINE = """
resource "aws_instance" "n" {
  provider             = aws.WHERE
  iam_instance_profile = aws_iam_instance_profile.node.id
}
"""


def test_roles_of_nodes_are_asked_about_where_their_nodes_are(tmp_path: Path) -> None:
    parts = (US, EU, provider("eu-central-1", "de"), document("eu"), NODE)
    there = the_one(tmp_path, *parts, MACHINE.replace("WHERE", "eu"), rule="ROLE-03")
    assert isinstance(there.verdict, Failed)
    assert "s3:PutObject" in there.verdict.message
    elsewhere = the_one(tmp_path, *parts, MACHINE.replace("WHERE", "de"), rule="ROLE-03")
    assert verdict_name(elsewhere) == "undecided"
    assert "SSM-SessionManagerRunShell" in str(elsewhere.verdict)


def test_a_role_of_a_node_reaches_the_region_that_its_policy_names(tmp_path: Path) -> None:
    far = """
resource "aws_iam_role_policy" "far" {
  role = aws_iam_role.node.name
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "ssm:StartSession", Resource = "*"
    Condition = { StringEquals = { "aws:RequestedRegion" = "ap-south-1" } }
  }] })
}
"""
    found = the_one(tmp_path, US, EU, document("eu"), NODE, MACHINE.replace("WHERE", "eu"), far, rule="ROLE-06")
    assert isinstance(found.verdict, Failed)
    assert found.verdict.message.startswith("in ap-south-1: ")
    assert found.subject == "aws_iam_role.node"


# What was told once for each Region


def told_before(found: Finding) -> tuple[Finding, ...]:
    return former(found, found.regions)


def whole(folder: Path, *policies: str) -> Audit:
    accounts = accounts_in(folder, "\n".join((US, EU, document(), document("eu"), operator(*policies))))
    return run([load_rule("OPER-01")], accounts, BUILT_IN["strict"])


def old_baseline(*findings: Finding, base: Path) -> dict[str, object]:
    entries = [
        {
            "rule": each.rule.id,
            "where": f"{each.account}/{each.region}",
            "subject": each.subject,
            "verdict": "failed",
            "severity": each.severity.value,
            "fingerprint": fingerprint(each, base=base),
        }
        for each in findings
    ]
    return {"schema": "ssm-harden/baseline/1", "standard": "strict", "failed": entries, "undecided": []}


def test_a_baseline_of_findings_by_region_knows_the_finding(tmp_path: Path) -> None:
    audit = whole(tmp_path, "*")
    old = baseline_in(old_baseline(*told_before(audit.findings[0]), base=tmp_path), "b.json")
    assert {each.where for each in old.entries} == {"111122223333/us-east-1", "111122223333/eu-west-1"}
    assert since(audit, old, base=tmp_path) == (Since.KNOWN,)
    assert notes_on(audit, old, base=tmp_path) == ()


def test_a_baseline_that_lacks_a_region_does_not_hide_it(tmp_path: Path) -> None:
    audit = whole(tmp_path, "*")
    old = baseline_in(old_baseline(told_before(audit.findings[0])[0], base=tmp_path), "b.json")
    assert since(audit, old, base=tmp_path) == (Since.NEW,)


def test_a_report_tells_the_regions_and_the_fingerprints_of_before(tmp_path: Path) -> None:
    audit = whole(tmp_path, "*")
    report = AuditReport(audit=audit, plan=None, notes=(), accounts=())
    (verdict,) = audit_document(report, base=tmp_path)["verdicts"]
    olds = [fingerprint(each, base=tmp_path) for each in told_before(audit.findings[0])]
    assert sorted(verdict["former_fingerprints"]) == sorted(olds)
    assert verdict["fingerprint"] not in olds
    assert verdict["regions"] == ["eu-west-1", "us-east-1"]


def test_alerts_keep_the_mark_of_the_first_region(tmp_path: Path) -> None:
    (found,) = whole(tmp_path, "*").findings
    ((_, mark),) = numbered([found], base=tmp_path)
    assert mark == f"{fingerprint(former(found, ['eu-west-1'])[0], base=tmp_path)}:1"


def waived(audit: Audit, *regions: str) -> bool:
    waivers = [
        FileWaiver(file="w.toml", line=1, rule="OPER-01", reason="known", region=each, subject="*") for each in regions
    ]
    noted, _ = apply(audit, waivers, today=date(2026, 11, 23))
    return noted.findings[0].waiver is not None


def test_a_waiver_that_names_a_region_is_about_the_account(tmp_path: Path) -> None:
    everywhere, there = whole(tmp_path, "*"), whole(tmp_path, nodes("eu-west-1"))
    assert waived(there, "eu-west-1")
    assert waived(everywhere, "eu-west-1", "us-east-1")
    assert waived(everywhere, "global")
    assert not waived(everywhere, "eu-west-1")
    assert not waived(there, "ap-south-1")


def test_a_report_by_region_is_compared_with_one_by_account(tmp_path: Path) -> None:
    (found,) = whole(tmp_path, "*").findings

    def item(each: Finding, *before: str) -> Item:
        mark = fingerprint(each, base=tmp_path)
        return Item("OPER-01", each.region, each.subject, "failed", Severity.HIGH, mark, "", "", before)

    olds = told_before(found)
    old = Side("a.json", "ssm-harden/audit/1", "strict", tuple(map(item, olds)))
    marks = [fingerprint(each, base=tmp_path) for each in olds]
    new = Side("b.json", "ssm-harden/audit/1", "strict", (item(found, *marks),))
    diff = compare(old, new)
    assert (diff.unchanged, diff.new, diff.gone, diff.fixed) == (1, (), (), ())


# Snapshots, in which every Region has a reading of IAM of its own


def snapshot(account: Account, region: str) -> Account:
    at = ApiOrigin("arn:aws:iam::111122223333:root", "sts:GetCallerIdentity")
    return replace(
        account,
        source="live",
        root=f"111122223333/{region}",
        at=at,
        account=Known("111122223333", at),
        region=Known(region, at),
    )


def test_readings_of_one_account_are_one_account(tmp_path: Path) -> None:
    (code,) = accounts_in(tmp_path, provider("eu-west-1") + document() + operator("*"))
    readings = tuple(snapshot(code, region) for region in ("eu-west-1", "us-east-1"))
    (found,) = judged(readings)
    assert (found.region, found.root) == ("global", "111122223333/eu-west-1")


def test_what_one_region_could_not_read_another_one_tells(tmp_path: Path) -> None:
    (code,) = accounts_in(tmp_path, provider("eu-west-1") + document() + operator("*"))
    gap = Unknown(Why.DENIED, code.at, "access denied")
    blind = replace(snapshot(code, "ap-south-1"), roles=Inventory((), gap))
    (found,) = judged((blind, snapshot(code, "eu-west-1")))
    assert isinstance(found.verdict, Failed)
    (doubt,) = judged((blind, replace(blind, region=Known("eu-west-1", code.at), root="111122223333/eu-west-1")))
    assert isinstance(doubt.verdict, Undecided)


def test_live_regions_without_sessions_are_not_asked_about(tmp_path: Path) -> None:
    (code,) = accounts_in(tmp_path, provider("eu-west-1") + document() + operator("*"))
    idle = replace(snapshot(code, "ap-south-1"), session_documents=Inventory(), instances=Inventory())
    (found,) = judged((idle, snapshot(code, "eu-west-1")))
    assert found.holds_in == ("eu-west-1",)
    assert sorted(found.regions) == ["ap-south-1", "eu-west-1"]


def test_findings_keep_a_stable_order(tmp_path: Path) -> None:
    findings = whole(tmp_path, "*").findings
    assert list(findings) == sorted(findings, key=order_key)


def test_what_belongs_to_the_account_is_counted_once_among_its_regions(tmp_path: Path) -> None:
    (code,) = accounts_in(tmp_path, provider("eu-west-1") + document() + operator("*"))
    readings = tuple(snapshot(code, region) for region in ("eu-west-1", "us-east-1"))
    cells = {cell.region: sum(cell.failed.values()) for cell in matrix(readings, judged(readings))}
    assert cells == {"global": 1, "eu-west-1": 0, "us-east-1": 0}
    assert [view.region for view in access_views(readings)] == ["eu-west-1", "us-east-1"]
