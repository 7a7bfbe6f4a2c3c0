"""What counts as a right of a node: by patterns, under conditions, in every partition, by policies looked up."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ssm_hardening.access.people import person_of
from ssm_hardening.access.stores import may_on_key, on_key
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Unknown, Why
from ssm_hardening.iam.decisions import Decision, Denied, Undetermined
from ssm_hardening.iam.powers import Holder, Power, Use, powers_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account, KeyGrant
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.rules.registry import Context
from ssm_hardening.verdicts.findings import Failed, Passed, Verdict
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.read.facts.configurations import account_in
from tests.rules.builders import statement
from tests.rules.builders_live import bare, live_preferences
from tests.rules.builders_people import role
from tests.rules.builders_readers import quiet_keys

AWS_POLICY = "arn:aws:iam::aws:policy/"

AGENT = [
    "ssm:UpdateInstanceInformation",
    *(f"ssmmessages:{how}{what}Channel" for how in ("Create", "Open") for what in ("Control", "Data")),
]
ROLE = """
provider "aws" {
  region              = REGION
  allowed_account_ids = ["111122223333"]
}
variable "region" {}
resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole",
                                                   Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "node" {
  role   = aws_iam_role.node.name
  policy = jsonencode({ Statement = STATEMENTS })
}
"""
STORES = """
resource "aws_ssm_document" "prefs" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = { INPUTS } })
}
resource "aws_s3_bucket" "logs" { bucket = "recordings" }
resource "aws_kms_key" "sessions" {}
resource "aws_kms_key" "other" {}
"""


def allow(*actions: str, on: str = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def verdict(folder: Path, rule: str, text: str) -> Verdict:
    account = account_in(folder, text)
    findings = run([load_rule(rule)], [account], BUILT_IN["baseline"]).findings
    (found,) = [each for each in findings if each.subject == "aws_iam_role.node"]
    return found.verdict


def judged(folder: Path, inputs: str, *statements: object, region: str = "eu-west-1", rule: str = "ROLE-03") -> str:
    text = ROLE.replace("STATEMENTS", json.dumps([allow(*AGENT), *statements])) + STORES.replace("INPUTS", inputs)
    named = "var.region" if region == "" else f'"{region}"'
    return type(verdict(folder, rule, text.replace("REGION", named))).__name__


BUCKET = "s3BucketName = aws_s3_bucket.logs.id"
LOOKS = allow("s3:GetEncryptionConfiguration")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringLike": {"s3:x-amz-acl": "bucket-owner-*"}}, "Passed"),
        ({"StringEquals": {"s3:x-amz-acl": ["bucket-owner-full-control", "private"]}}, "Passed"),
        ({"StringEquals": {"s3:x-amz-acl": "private"}}, "Failed"),
        ({"StringNotEquals": {"s3:x-amz-acl": "public-read"}}, "Passed"),
        ({"Null": {"s3:x-amz-grant-read": "true"}}, "Passed"),
        ({"StringEquals": {"s3:x-amz-storage-class": "STANDARD"}}, "Undecided"),
    ],
)
def test_the_agent_uploads_with_one_canned_acl(condition: object, expected: str, tmp_path: Path) -> None:
    put = allow("s3:Put*", on="arn:aws:s3:::recordings/*", Condition=condition)
    assert judged(tmp_path, BUCKET, put, LOOKS) == expected


def test_within_one_account_no_right_to_set_the_acl_is_needed(tmp_path: Path) -> None:
    assert judged(tmp_path, BUCKET, allow("s3:PutObject", on="arn:aws:s3:::recordings/*"), LOOKS) == "Passed"


KEY = "kmsKeyId = aws_kms_key.sessions.arn"


@pytest.mark.parametrize(
    ("region", "pattern", "expected"),
    [
        ("eu-west-1", "arn:aws:kms:eu-west-1:111122223333:key/*", "Passed"),
        ("eu-west-1", "arn:aws:kms:*:*:key/*", "Passed"),
        ("eu-west-1", "arn:aws:kms:eu-west-1:111122223333:alias/*", "Failed"),
        ("eu-west-1", "arn:aws:kms:us-east-1:111122223333:key/*", "Failed"),
        ("eu-west-1", "arn:aws:kms:eu-west-1:444455556666:key/*", "Failed"),
        ("eu-west-1", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "Undecided"),
        ("us-gov-west-1", "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/*", "Passed"),
        ("cn-north-1", "arn:aws-cn:kms:cn-north-1:111122223333:key/*", "Passed"),
        ("eusc-de-east-1", "arn:aws-eusc:kms:eusc-de-east-1:111122223333:key/*", "Passed"),
        ("", "arn:aws-us-gov:kms:*:111122223333:key/*", "Passed"),
        ("", "arn:aws-us-gov:kms:us-gov-east-1:111122223333:key/*", "Undecided"),
    ],
)
def test_patterns_of_keys_mean_each_key_of_their_region_and_account(
    region: str, pattern: str, expected: str, tmp_path: Path
) -> None:
    assert judged(tmp_path, KEY, allow("kms:Decrypt", on=pattern), region=region) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [("sessions.arn", "Passed"), ("other.arn", "Failed")],
)
def test_a_reference_means_its_own_key(key: str, expected: str, tmp_path: Path) -> None:
    text = ROLE.replace("STATEMENTS", json.dumps([allow(*AGENT), allow("kms:Decrypt", on="KEY")]))
    whole = text.replace("REGION", '"eu-west-1"').replace('"KEY"', f"aws_kms_key.{key}")
    assert type(verdict(tmp_path, "ROLE-03", whole + STORES.replace("INPUTS", KEY))).__name__ == expected


@pytest.mark.parametrize("name", ["key_id", "id"])
def test_an_arn_may_be_put_together_from_the_id_of_a_key(name: str, tmp_path: Path) -> None:
    built = f"arn:aws:kms:eu-west-1:111122223333:key/${{aws_kms_key.sessions.{name}}}"
    assert judged(tmp_path, KEY, allow("kms:Decrypt", on=built)) == "Passed"


def test_an_account_whose_region_is_unknown_may_be_in_any_partition(tmp_path: Path) -> None:
    put = allow("s3:PutObject", on="arn:aws-us-gov:s3:::recordings/*")
    assert judged(tmp_path, BUCKET, put, LOOKS, region="") == "Passed"


LOOKED_UP = """
variable "called" {}
data "aws_iam_policy" "all" { ARGUMENTS }
resource "aws_iam_role_policy_attachment" "all" {
  role       = aws_iam_role.node.name
  policy_arn = data.aws_iam_policy.all.arn
}
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('name = "AdministratorAccess"', "Failed"),
        ('arn = "arn:aws:iam::aws:policy/AdministratorAccess"', "Failed"),
        ('name = "AmazonEC2RoleforSSM"\n path_prefix = "/service-role/"', "Failed"),
        ('name = "AmazonEKSWorkerNodePolicy"', "Passed"),
        ('name = "AmazonEC2RoleforSSM"\n path_prefix = "/job-function/"', "Undecided"),
        ('name = "a-policy-of-ours"', "Undecided"),
        ("name = var.called", "Undecided"),
    ],
)
def test_a_policy_of_awss_is_known_by_its_name(arguments: str, expected: str, tmp_path: Path) -> None:
    text = ROLE.replace("STATEMENTS", json.dumps([allow(*AGENT)])).replace("REGION", '"eu-west-1"')
    found = verdict(tmp_path, "ROLE-01", text + LOOKED_UP.replace("ARGUMENTS", arguments))
    assert type(found).__name__ == expected


@pytest.mark.parametrize(
    ("name", "begins", "ways"),
    [
        ("AdministratorAccess", "AdministratorAccess grants full access to all services", 0),
        ("PowerUserAccess", "PowerUserAccess grants full access to all services other than IAM", 1),
        ("IAMFullAccess", "its policies let it extend its own permissions", 1),
    ],
)
def test_what_a_broad_policy_grants_is_said_as_it_is(name: str, begins: str, ways: int, tmp_path: Path) -> None:
    text = ROLE.replace("STATEMENTS", json.dumps([allow(*AGENT)])).replace("REGION", '"eu-west-1"')
    found = verdict(tmp_path, "ROLE-01", text + LOOKED_UP.replace("ARGUMENTS", f'name = "{name}"'))
    assert isinstance(found, Failed)
    first, *others = found.message.split("; ", 1)
    assert first.startswith(begins)
    assert found.message.count("let it extend its own permissions") == ways
    assert bool(others) == (name == "PowerUserAccess")


def test_the_text_of_a_policy_that_is_looked_up_is_its_own(tmp_path: Path) -> None:
    text = ROLE.replace("jsonencode({ Statement = STATEMENTS })", "data.aws_iam_policy.core.policy")
    core = 'data "aws_iam_policy" "core" { name = "AmazonSSMManagedInstanceCore" }\n'
    found = verdict(tmp_path, "ROLE-02", text.replace("REGION", '"eu-west-1"') + core)
    assert type(found).__name__ == "Failed"


@pytest.mark.parametrize(
    ("inputs", "action", "service", "expected"),
    [
        (KEY, "kms:Decrypt", "ssm.*.amazonaws.com", "Failed"),
        (BUCKET, "kms:GenerateDataKey", "s3.*.amazonaws.com", "Passed"),
        (BUCKET, "kms:GenerateDataKey", "s3.eu-west-1.amazonaws.com", "Undecided"),
        (BUCKET, "kms:GenerateDataKey", "ec2.*.amazonaws.com", "Failed"),
    ],
)
def test_the_agent_decrypts_by_itself_and_s3_encrypts_its_uploads(
    inputs: str, action: str, service: str, expected: str, tmp_path: Path
) -> None:
    encrypted = """
    resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
      bucket = aws_s3_bucket.logs.id
      rule {
        apply_server_side_encryption_by_default {
          sse_algorithm     = "aws:kms"
          kms_master_key_id = aws_kms_key.sessions.arn
        }
      }
    }
    """
    uses = allow(action, Condition={"StringLike": {"kms:ViaService": service}})
    text = ROLE.replace("STATEMENTS", json.dumps([allow(*AGENT), allow("s3:PutObject"), LOOKS, uses]))
    whole = text.replace("REGION", '"eu-west-1"') + STORES.replace("INPUTS", inputs) + encrypted
    assert type(verdict(tmp_path, "ROLE-03", whole)).__name__ == expected


ASKED = {
    "ROLE-02": (Use.READ_PARAMETERS,),
    "ROLE-04": (Use.READ_RECORDINGS, Use.ERASE_RECORDINGS, Use.CHANGE_KEYS),
}
HELD = [(rule, power) for rule, uses in ASKED.items() for power in powers_of(*uses, raises=Holder.NODES)]


def node(*statements: Statement, **keys: object) -> Account:
    agent = statement(actions=AGENT, resources=["*"])
    documents = [live_preferences(s3_bucket="example-session-logs")]
    runs = role(agent, *statements, name="node", kind="node")
    return bare(roles=[runs], keys=quiet_keys(**keys), session_documents=documents)


def of_node(rule: str, *statements: Statement) -> type[Verdict]:
    (found,) = run([load_rule(rule)], [node(*statements)], BUILT_IN["baseline"]).findings
    return type(found.verdict)


@pytest.mark.parametrize(("rule", "power"), HELD, ids=lambda each: each if isinstance(each, str) else each.id)
def test_a_node_has_none_of_the_powers_over_recordings_and_parameters(rule: str, power: Power) -> None:
    assert of_node(rule, statement(actions=list(power.actions), resources=["*"])) is Failed
    alone = {other.actions for _, other in HELD if len(other.actions) == 1}
    for missing in power.actions if len(power.actions) > 1 else ():
        rest = [each for each in power.actions if each != missing]
        grants = statement(actions=rest, resources=["*"])
        assert of_node(rule, grants) is (Failed if {(each,) for each in rest} & alone else Passed)


@pytest.mark.parametrize(
    ("rule", "statements", "expected"),
    [
        ("ROLE-02", [("ssm:GetParametersByPath", "arn:aws:ssm:*:*:parameter/web/*", "Allow")], Passed),
        ("ROLE-02", [("ssm:GetParametersByPath", "arn:aws:ssm:*:*:parameter/*", "Allow")], Failed),
        ("ROLE-02", [("ssm:Get*", "*", "Allow"), ("ssm:GetParameter", "*", "Deny")], Failed),
        ("ROLE-02", [("ssm:Get*", "*", "Allow"), ("ssm:GetParameter*", "*", "Deny")], Passed),
        ("ROLE-02", [("secretsmanager:Get*", "arn:aws:secretsmanager:*:*:secret:web/*", "Allow")], Passed),
        ("ROLE-02", [("secretsmanager:*", "arn:aws:secretsmanager:*:*:secret:*", "Allow")], Failed),
        ("ROLE-02", [("ssm:DescribeParameters", "*", "Allow")], Passed),
        ("ROLE-04", [("logs:StartQuery", "arn:aws:logs:*:*:log-group:/app/web:*", "Allow")], Passed),
        ("ROLE-04", [("logs:StartQuery", "arn:aws:logs:*:*:log-group:*:log-stream:*", "Allow")], Failed),
        ("ROLE-04", [("logs:GetQueryResults", "*", "Allow")], Passed),
        ("ROLE-04", [("s3:GetObject*", "arn:aws:s3:::web-assets/*", "Allow")], Passed),
        ("ROLE-04", [("s3:GetObjectVersion", "arn:aws:s3:::example-session-logs/*", "Allow")], Failed),
        ("ROLE-04", [("s3:PutObject", "*", "Allow"), ("s3:PutObjectAcl", "*", "Allow")], Passed),
        ("ROLE-04", [("kms:Decrypt", "*", "Allow"), ("kms:GenerateDataKey", "*", "Allow")], Passed),
        ("ROLE-04", [("kms:DisableKey", "arn:aws:kms:*:*:key/99999999-2222-3333-4444-555555555555", "Allow")], Passed),
    ],
)
def test_what_is_scoped_to_the_nodes_own_objects_passes(
    rule: str, statements: list[tuple[str, str, str]], expected: type[Verdict]
) -> None:
    made = [statement(actions=[action], resources=[on], effect=effect) for action, on, effect in statements]
    assert of_node(rule, *made) is expected


def test_a_grant_for_services_of_aws_alone_hands_no_key_on() -> None:
    for_services = {"Bool": {"kms:GrantIsForAWSResource": ["true"]}}
    assert (
        of_node("ROLE-04", statement(actions=["kms:CreateGrant"], resources=["*"], conditions=for_services)) is Passed
    )


@pytest.mark.parametrize(
    ("action", "expected"),
    [("kms:CreateGrant", Undetermined), ("kms:DisableKey", Denied), ("kms:PutKeyPolicy", Denied)],
)
def test_grants_that_were_not_read_leave_open_what_a_grant_can_allow(action: str, expected: type[Decision]) -> None:
    gap = Unknown(Why.DENIED, ApiOrigin("key", "kms:ListGrants"), "kms:ListGrants was denied")
    unread: Inventory[KeyGrant] = Inventory((), gap)
    account = node(grants=unread)
    (runs,), key = account.roles, account.keys.items[0]
    assert isinstance(may_on_key(person_of(runs, account), on_key(account, runs, action, key), key), expected)


def test_what_an_accepted_policy_lets_nodes_read_does_not_hide_another() -> None:
    core = statement(actions=["ssm:GetParameter"], resources=["*"], at=ApiOrigin(f"{AWS_POLICY}Core", "test"))
    own = statement(actions=["ssm:GetParametersByPath"], resources=["*"])
    limits = replace(BUILT_IN["baseline"].thresholds, accepted_node_policies=("Core",))
    judge, account = load_rule("ROLE-02").judge, node(core, own)
    assert isinstance(judge(account.roles.items[0], Context(account, limits, {})), Failed)
    assert isinstance(judge(node(core).roles.items[0], Context(node(core), limits, {})), Passed)
