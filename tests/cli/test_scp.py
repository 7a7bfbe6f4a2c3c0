"""Control policies from files: which decide, whom they bind, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.access.guardrails import apart, bound_only_by, limits_anything, organization_of
from ssm_hardening.access.people import person_of
from ssm_hardening.access.requests import may, request
from ssm_hardening.cli.sources import unread
from ssm_hardening.core.limits import CONTROL_POLICY
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.iam.decisions import Allowed, Denied
from ssm_hardening.judge.engine import run
from ssm_hardening.model import ControlPolicy
from ssm_hardening.read.control_policies import control_policy, read_control_policies, with_control_policies
from ssm_hardening.read.live.callers import gap_of
from ssm_hardening.report.matrix import control_policies_not_read
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.standards import load_standard
from tests.access.samples import ACCOUNT, granting
from tests.access.samples import role as sample
from tests.cli.conftest import Here
from tests.cli.running import write
from tests.rules.builders import account
from tests.rules.builders_people import allow, staffed
from tests.rules.builders_people import deny as denied
from tests.rules.builders_people import role as role_of

ROLE = """\
resource "aws_iam_role" "LABEL" {
  name = "LABEL"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { PRINCIPAL } }]
  })
}
resource "aws_iam_role_policy" "LABEL" {
  role = aws_iam_role.LABEL.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ACTIONS, Resource = "*" }] })
}
"""
PERSON = 'AWS = "arn:aws:iam::111122223333:root"'
NODE = 'Service = "ec2.amazonaws.com"'
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
GRANT = granting("Start", ["ssm:StartSession"], ["*"])
CHANGES, GROWS = ["ssm:UpdateDocument"], ["iam:PutRolePolicy"]


def role(label: str, *actions: str, principal: str = PERSON) -> str:
    return ROLE.replace("LABEL", label).replace("ACTIONS", json.dumps(actions)).replace("PRINCIPAL", principal)


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def deny(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Resource": "*", **({"Action": list(actions)} if actions else {}), **more}


def but_for(*patterns: str) -> dict[str, Any]:
    return {"ArnNotLike": {"aws:PrincipalArn": list(patterns)}}


BREAK_GLASS = "arn:aws:iam::*:role/break-glass"
OUTSIDE = {"StringNotEquals": {"aws:RequestedRegion": ["us-west-2"]}}
INSIDE = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
OTHERS = ["iam:*", "organizations:*", "sts:*", "support:*"]
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def verdicts(here: Here, folder: Path, code: str, rule: str, **policies: Any) -> dict[str, Any]:
    """Return the verdict on each role under policies in files of these names."""
    files = {f"{name}.json": json.dumps(content) for name, content in policies.items()}
    write(folder, {"code/main.tf": PROVIDER + code, **files})
    given = [word for name in files for word in ("--scp", name)]
    ran = here("plan", "code", *given, "--only", rule, "--format", "json", "--no-remediation", cwd=folder)
    assert ran.err == ""
    return {each["subject"].rpartition(".")[2]: each for each in json.loads(ran.out)["verdicts"]}


def kinds(found: dict[str, Any]) -> dict[str, str]:
    return {name: each["verdict"] for name, each in found.items()}


def test_a_policy_protects_the_preferences_but_for_one_role_and_is_named(here: Here, tmp_path: Path) -> None:
    code = role("sre", *CHANGES) + role("break-glass", *CHANGES)
    protects = policy(FULL, deny("ssm:UpdateDocument", Condition=but_for(BREAK_GLASS)))
    found = verdicts(here, tmp_path, code, "OPER-06", ProtectPreferences=protects, Other=policy(deny("ec2:Run*")))
    assert kinds(found) == {"sre": "passed", "break-glass": "failed"}
    assert found["sre"]["message"].endswith("; denied by the service control policy ProtectPreferences")
    assert found["sre"]["related"][-1]["at"]["file"] == "ProtectPreferences.json"
    assert "control policy" not in found["break-glass"]["message"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(deny("organizations:LeaveOrganization"), "failed", id="leaving the organization"),
        pytest.param(
            deny("ec2:RunInstances", Condition={"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}}),
            "failed",
            id="IMDSv2",
        ),
        pytest.param(deny(NotAction=OTHERS, Condition=OUTSIDE), "passed", id="another Region"),
        pytest.param(deny(NotAction=OTHERS, Condition=INSIDE), "failed", id="Regions in use"),
        pytest.param(deny(NotAction=["ssm:*"]), "failed", id="what is left"),
        pytest.param(deny("ssm:*", Resource="arn:aws:ssm:*:*:document/Other"), "failed", id="another document"),
        pytest.param({**FULL, "Action": "ec2:*"}, "failed", id="an Allow list, of which nobody knows what is beside"),
    ],
)
def test_samples_on_who_changes_preferences(
    here: Here, tmp_path: Path, statement: dict[str, Any], expected: str
) -> None:
    write(tmp_path, {"scp.json": json.dumps(policy(statement)), "code/main.tf": PROVIDER + role("sre", *CHANGES)})
    ran = here("plan", "code", "--scp", "scp.json", "--only", "OPER-06", "--format", "json", "--no-remediation")
    assert [each["verdict"] for each in json.loads(ran.out)["verdicts"]] == [expected]
    assert ("only the Deny statements are evaluated" in ran.err) is (statement["Effect"] == "Allow")


@pytest.mark.parametrize("rule", ["OPER-07", "ROLE-01"])
def test_a_policy_that_protects_roles_keeps_people_and_nodes_from_raising_themselves(
    here: Here, tmp_path: Path, rule: str
) -> None:
    person, node = role("sre", "ssm:StartSession", *GROWS), role("node", "ssm:UpdateInstanceInformation", *GROWS)
    node = node.replace(PERSON, NODE)
    protects = policy(deny("iam:Put*", Condition=but_for("arn:aws:iam::*:role/pipeline")))
    guarded = verdicts(here, tmp_path / "guarded", person + node, rule, Roles=protects)
    others = verdicts(here, tmp_path / "others", person + node, rule, Regions=policy(deny("ec2:*", Condition=OUTSIDE)))
    raised = {"OPER-07": "sre", "ROLE-01": "node"}[rule]
    assert (guarded[raised]["verdict"], others[raised]["verdict"]) == ("passed", "failed")
    assert "service control policy Roles" in guarded[raised]["message"]


def test_service_linked_roles_are_bound_by_none(tmp_path: Path) -> None:
    path = tmp_path / "All.json"
    write(tmp_path, {"All.json": json.dumps(policy(deny("*")))})
    found = account(guardrails=Inventory(read_control_policies([path])))
    linked = sample("AWSServiceRoleForX", GRANT, address=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.com/A")
    for who, expected in ((sample("sre", GRANT), Denied), (linked, Allowed)):
        decision = may(person_of(who, found), request(found, who, "ssm:StartSession", "*"))
        assert isinstance(decision, expected)
        assert not isinstance(decision, Denied) or decision.guardrail == "the service control policy All"


def test_a_resource_control_policy_binds_only_requests_to_services_that_have_them(tmp_path: Path) -> None:
    write(tmp_path, {"Own.json": json.dumps([policy(deny("*", Principal="*"))])})
    found = account(guardrails=Inventory(read_control_policies([tmp_path / "Own.json"])))
    who = sample("sre", granting("All", ["*"], ["*"]))
    for action, expected in (
        ("ssm:StartSession", Allowed), ("s3:GetObject", Denied), ("logs:GetLogEvents", Denied),
        ("kms:Decrypt", Denied), ("kms:RetireGrant", Allowed), ("iam:PutRolePolicy", Allowed),
    ):  # fmt: skip
        assert isinstance(may(person_of(who, found), request(found, who, action, "*")), expected), action


DESCRIBED = {
    "Policy": {
        "PolicySummary": {"Name": "Protect", "Type": "SERVICE_CONTROL_POLICY"},
        "Content": json.dumps(policy(deny("ssm:UpdateDocument"))),
    }
}


def test_what_the_command_line_of_aws_prints_is_read_and_a_list_of_it(here: Here, tmp_path: Path) -> None:
    code = role("sre", *CHANGES)
    for number, form in enumerate((DESCRIBED, [DESCRIBED["Policy"], policy(deny("ec2:*"))])):
        found = verdicts(here, tmp_path / str(number), code, "OPER-06", printed=form)
        assert kinds(found) == {"sre": "passed"}


BROKEN: dict[str, tuple[str, str]] = {
    "no JSON": ("{'Statement'", "not JSON"),
    "a list of nothing": ("[]", "holds no policy"),
    "a text": ('"secret-text"', "not a policy document"),
    "no Statement": ("{}", "the policy has no Statement"),
    "no statements": (json.dumps(policy()), "the policy has no statements"),
    "no Effect": (json.dumps(policy({"Action": "*", "Resource": "*"})), "Effect is neither Allow nor Deny"),
    "no Action": (json.dumps(policy(deny())), "either Action or NotAction"),
    "no Resource": (json.dumps(policy({"Effect": "Deny", "Action": "*"})), "either Resource or NotResource"),
    "NotPrincipal": (json.dumps(policy(deny("*", NotPrincipal="*"))), "NotPrincipal"),
    "a bucket policy": (json.dumps(policy(deny("*", Principal={"AWS": "secret-text"}))), 'is always "*"'),
    "a grant": (json.dumps(policy({**FULL, "Action": "s3:*", "Principal": "*"})), "only denies"),
    "both kinds": (json.dumps(policy(deny("*"), deny("*", Principal="*"))), "neither a service control policy"),
    "another type": (json.dumps(DESCRIBED).replace("SERVICE_CONTROL", "TAG"), "of another type"),
    "another kind": (json.dumps(DESCRIBED).replace("SERVICE_CONTROL", "RESOURCE_CONTROL"), "neither a service"),
    "not UTF-8": ("\udcff", "not valid UTF-8"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "huge": (" " * (CONTROL_POLICY + 1), "larger than the limit"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_holds_no_control_policy_ends_the_run(here: Here, tmp_path: Path, case: str) -> None:
    text, reason = BROKEN[case]
    write(tmp_path, {"code/main.tf": PROVIDER})
    (tmp_path / "scp.json").write_bytes(text.encode(errors="surrogateescape"))
    ran = here("plan", "code", "--scp", "scp.json")
    assert (ran.code, ran.out) == (2, "")
    assert "scp.json" in ran.err
    assert reason in ran.err
    assert "secret-text" not in ran.err


def test_a_file_that_is_not_there_ends_the_run(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"code/main.tf": PROVIDER})
    ran = here("plan", "code", "--scp", "none.json")
    assert ran.code == 2
    assert "none.json: cannot be read: No such file" in ran.err


def test_an_identity_perimeter_holds_off_nobody_of_its_own_organization(tmp_path: Path) -> None:
    own = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    summary = {"Name": "Perimeter", "Arn": "arn:aws:organizations::900000000001:policy/ORG/resource_control_policy/p-1"}
    who = sample("sre", granting("All", ["*"], ["*"]))
    for number, (organization, expected) in enumerate((("o-abcdefghij", Allowed), ("o-zyxwvutsrq", Denied))):
        told = {**summary, "Arn": summary["Arn"].replace("ORG", organization), "Type": "RESOURCE_CONTROL_POLICY"}
        content = json.dumps(policy(deny("s3:*", Principal="*", Condition=own)))
        write(tmp_path, {f"{number}.json": json.dumps({"PolicySummary": told, "Content": content})})
        found = account(guardrails=Inventory(read_control_policies([tmp_path / f"{number}.json"])))
        assert isinstance(may(person_of(who, found), request(found, who, "s3:GetObject", "*")), expected)


def test_files_do_not_bind_an_account_whose_own_policies_were_read(tmp_path: Path) -> None:
    write(tmp_path, {"Own.json": json.dumps(policy(deny("*")))})
    policies = read_control_policies([tmp_path / "Own.json"])
    management, unread = account(root="management", guardrails=Inventory()), account()
    (first, second), notes = with_control_policies((management, unread), policies)
    assert first is management
    assert second.guardrails.items == policies
    assert second.guardrails.gap is not None
    assert notes == ("management: --scp has no effect, because the control policies of the account were read",)


NOT_READ = "service and resource control policies, which can deny grants"


def test_what_was_not_read_is_said_once_and_is_no_error(here: Here, tmp_path: Path) -> None:
    code = PROVIDER + role("sre", *CHANGES) + role("other", *CHANGES)
    write(tmp_path, {"code/main.tf": code, "second/main.tf": code, "p.json": json.dumps(policy(deny("ec2:Run*")))})
    screen = here("plan", "code", "second", cwd=tmp_path)
    assert screen.out.count(NOT_READ) == 1
    assert f"Not read       {NOT_READ} (plan --scp FILE)" in screen.out
    for words in (("--full",), ("--format", "json"), ("--format", "sarif"), ("--format", "html")):
        told = here("plan", "code", "second", *words, cwd=tmp_path)
        assert (told.out.count(NOT_READ), told.err) == (1, ""), words
    files = here("plan", "code", "--scp", "p.json", cwd=tmp_path).out
    assert files.count(f"other {NOT_READ}") == files.count(NOT_READ) == 1


def test_nothing_is_said_of_control_policies_where_no_verdict_rests_on_a_grant(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"code/main.tf": PROVIDER + 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'})
    for line in (("plan", "code"), ("plan", "code", "--format", "json"), ("check", "code")):
        ran = here(*line, cwd=tmp_path)
        assert NOT_READ not in ran.out + ran.err


def test_to_be_refused_the_control_policies_of_an_account_is_no_error() -> None:
    at = ApiOrigin("arn:aws:iam::111122223333:root", "organizations:ListPoliciesForTarget")
    refused = Unknown(Why.DENIED, at, f"{at.call}: AccessDeniedException")
    found = staffed(role_of(allow(CHANGES)), guardrails=Inventory((), refused), gaps=(gap_of(refused),))
    audit = run([load_rule("OPER-06")], [found], load_standard("baseline"))
    assert unread([found]) == ()
    (told,) = control_policies_not_read([found], audit.findings)
    assert told == (
        "service and resource control policies of 111122223333, which can deny grants: only the management account "
        "and delegated administrators can list them (plan --scp FILE)"
    )


def test_who_can_do_what_names_the_policy_that_denies_it(here: Here, tmp_path: Path) -> None:
    files = {"P.json": policy(deny("ssm:UpdateDocument")), "Q.json": policy(deny("ec2:Run*"))}
    code = PROVIDER + role("sre", "ssm:StartSession", *CHANGES) + role("writer", *CHANGES)
    write(tmp_path, {"code/main.tf": code, **{name: json.dumps(each) for name, each in files.items()}})
    given = ("code", "--scp", "P.json", "--scp", "Q.json")
    told = here("access", *given, cwd=tmp_path).out
    for name in ("sre", "writer"):
        assert f"role {name}: settings denied by the service control policy P\n" in told
    (found,) = json.loads(here("access", *given, "--format", "json", cwd=tmp_path).out)["accounts"]
    answers = {each["person"]: each["answers"]["preferences"] for each in found["people"]}
    assert {name: (each["answer"], each["denied_by"]) for name, each in answers.items()} == {
        name: ("no", ["the service control policy P"]) for name in ("role sre", "role writer")
    }
    one = here("access", *given, "--can", "sre", "ssm:UpdateDocument", "*", cwd=tmp_path).out
    assert "because    denied by the service control policy P" in one
    assert "by         a statement (P.json:1)" in one
    assert "Passed by      the service control policy P: OPER-06" in here("plan", *given, "-v", cwd=tmp_path).out


def of_level(name: str, address: str, *statements: Any) -> ControlPolicy:
    level = Known("ou-1", CodeOrigin("organization", 1))
    return control_policy(address, name=name, kind="service", level=level, statements=Inventory(statements))


def test_without_its_policies_an_account_is_still_of_its_organization() -> None:
    arn = f"arn:aws:organizations::{ACCOUNT}:policy/o-abcdefghij/service_control_policy/p-1"
    free = bound_only_by(account(guardrails=Inventory((of_level("Other", arn, denied(["ec2:Run*"])),))))
    assert organization_of(free) == "o-abcdefghij"
    assert not limits_anything(free)


def test_a_level_that_allows_some_denies_as_a_whole() -> None:
    attached = {"A": allow(["ssm:*"]), "B": allow(["iam:*"]), "C": denied(["iam:Put*"])}
    found = account(guardrails=Inventory(tuple(of_level(name, name, each) for name, each in attached.items())))
    who = sample("sre", granting("All", ["*"], ["*"]))
    denying = {
        action: [
            title
            for title, alone in apart(found).items()
            if isinstance(may(person_of(who, bound_only_by(found, alone)), request(found, who, action, "*")), Denied)
        ]
        for action in ("ssm:StartSession", "iam:PutRolePolicy", "ec2:RunInstances")
    }
    assert denying == {
        "ssm:StartSession": [],
        "iam:PutRolePolicy": ["the service control policy C"],
        "ec2:RunInstances": ["the service control policies of ou-1"],
    }


DECLARED = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias               = "management"
  region              = "eu-west-1"
  allowed_account_ids = ["900000000001"]
}
data "aws_iam_policy_document" "protect" {
  statement {
    effect    = "Deny"
    actions   = ["ssm:UpdateDocument"]
    resources = ["*"]
  }
}
resource "aws_organizations_policy" "protect" {
  provider = PROVIDER
  name     = "Protect"
  content  = data.aws_iam_policy_document.protect.json
}
resource "aws_organizations_policy_attachment" "protect" {
  provider  = PROVIDER
  policy_id = aws_organizations_policy.protect.id
  target_id = "TARGET"
}
"""


@pytest.mark.parametrize(
    ("target", "provider", "expected"),
    [
        pytest.param("111122223333", "aws.management", "passed", id="this account"),
        pytest.param("222233334444", "aws.management", "failed", id="another account"),
        pytest.param("ou-abcd-12345678", "aws.management", "failed", id="a unit that may hold it"),
        pytest.param("111122223333", "aws", "failed", id="the account that manages the organization"),
    ],
)
def test_a_policy_that_code_attaches_binds_the_account_that_it_names(
    here: Here, tmp_path: Path, target: str, provider: str, expected: str
) -> None:
    code = DECLARED.replace("TARGET", target).replace("PROVIDER", provider) + role("sre", *CHANGES)
    write(tmp_path, {"code/main.tf": code})
    ran = here("plan", "code", "--only", "OPER-06", "--format", "json", "--no-remediation", cwd=tmp_path)
    told = json.loads(ran.out)
    (found,) = told["verdicts"]
    assert found["verdict"] == expected
    binds = found["message"].endswith("; denied by the service control policy Protect")
    open_ = "aws_organizations_policy.protect binds the account is unknown" in "".join(told["notes"])
    assert (binds, open_) == (expected == "passed", expected == "failed")
