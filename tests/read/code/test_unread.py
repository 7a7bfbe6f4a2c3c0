"""What code that was not read leaves open: what it is handed or can name, each part said once."""

from collections import Counter
from pathlib import Path

import pytest

from ssm_hardening.judge.engine import run
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.code.unread import is_of_another_provider
from ssm_hardening.rules.catalogue import load_rule, load_rules
from ssm_hardening.verdicts.findings import Failed, Finding, NotApplicable, Passed, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN

DOCUMENT = """
resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = { s3BucketName = aws_s3_bucket.records.id, s3EncryptionEnabled = true }
  })
}
"""
NAMED, GENERATED = 'bucket = "records-of-sessions"', 'bucket_prefix = "records-"'
BLOCKED = """
resource "aws_s3_bucket_public_access_block" "records" {
  bucket = aws_s3_bucket.records.id
  block_public_acls = true
  block_public_policy = true
  ignore_public_acls = true
  restrict_public_buckets = true
}
"""


def bucket(name: str = NAMED) -> str:
    return f'{DOCUMENT}\nresource "aws_s3_bucket" "records" {{\n  {name}\n}}\n{BLOCKED}'


def call(*arguments: str, source: str = "example-org/logs/aws", name: str = "other") -> str:
    body = "".join(f"  {each}\n" for each in arguments)
    return f'module "{name}" {{\n  source = "{source}"\n{body}}}\n'


def audited(folder: Path, *rules: str, **files: str) -> dict[tuple[str, str], Finding]:
    """Return the findings by rule and subject; `_` stands for the dot of a file's name."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/").rpartition("_")[0] + "." + name.rpartition("_")[2])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    chosen = [load_rule(each) for each in (*rules, "READ-01")] if rules else list(load_rules())
    findings = run(chosen, read_terraform([folder]).accounts, BUILT_IN["baseline"]).findings
    return {(each.rule.id, each.subject): each for each in findings}


HANDED = {
    "a reference": "bucket = aws_s3_bucket.records.id",
    "its ARN": "arn = aws_s3_bucket.records.arn",
    "the whole object": "it = aws_s3_bucket.records",
    "in a template": 'path = "s3://${aws_s3_bucket.records.id}/x"',
    "in a list": "buckets = [aws_s3_bucket.records.id]",
    "in an object": "settings = { deep = { bucket = aws_s3_bucket.records.id } }",
    "in a policy": "policy = jsonencode({ Resource = aws_s3_bucket.records.arn })",
    "through a local value": "bucket = local.bucket",
    "through another module": "bucket = module.read.bucket",
    "through a module that was not read": "bucket = module.between.anything",
    "through what is attached to it": "bucket = aws_s3_bucket_public_access_block.records.id",
    "through a data source": "bucket = data.aws_s3_bucket.records.id",
    "in an expression that is not evaluated": "text = templatefile(var.file, { bucket = aws_s3_bucket.records.id })",
    "for each of it": "bucket = each.value\n  for_each = toset([aws_s3_bucket.records.id])",
    "through terraform_data": "bucket = terraform_data.bucket.output",
    "through what waits for it": 'bucket = time_sleep.bucket.triggers["bucket"]',
    "in one branch": 'bucket = var.which ? aws_s3_bucket.records.id : "other"',
}
AROUND = """
locals { bucket = aws_s3_bucket.records.id }
variable "which" { type = bool }
variable "file" { type = string }
variable "size" { type = number }
variable "stage" { type = string }
data "aws_s3_bucket" "records" { bucket = aws_s3_bucket.records.id }
resource "terraform_data" "bucket" { input = aws_s3_bucket.records.id }
resource "time_sleep" "bucket" { triggers = { bucket = aws_s3_bucket.records.id } }
module "read" {
  source = "./read"
  bucket = aws_s3_bucket.records.id
}
module "between" {
  source = "example-org/between/null"
  bucket = aws_s3_bucket.records.id
}
"""
READ = 'variable "bucket" {}\noutput "bucket" { value = var.bucket }\n'


def encryption(found: dict[tuple[str, str], Finding]) -> object:
    return found["S3-02", "aws_s3_bucket.records"].verdict


@pytest.mark.parametrize("name", [NAMED, GENERATED], ids=["named", "generated"])
@pytest.mark.parametrize("argument", HANDED.values(), ids=HANDED)
def test_a_module_may_change_what_it_is_handed(argument: str, name: str, tmp_path: Path) -> None:
    main = f"{bucket(name)}{AROUND}{call(argument)}"
    verdict = encryption(audited(tmp_path, "S3-02", main_tf=main, read__main_tf=READ))
    assert isinstance(verdict, Undecided)
    assert "module.other" in verdict.gap.detail


NOT_HANDED = {
    "nothing": "",
    "a constant": 'stage = "prod"',
    "a word that is part of its name": 'stage = "records"',
    "a number that is not known": "size = var.size",
    "another object": "key = aws_kms_key.other.arn",
    "what it depends on": "depends_on = [aws_s3_bucket.records]",
    "providers": "providers = { aws = aws }",
}


@pytest.mark.parametrize("name", [NAMED, GENERATED], ids=["named", "generated"])
@pytest.mark.parametrize("argument", NOT_HANDED.values(), ids=NOT_HANDED)
def test_a_module_that_is_handed_nothing_of_an_object_does_not_change_it(
    argument: str, name: str, tmp_path: Path
) -> None:
    main = f'{bucket(name)}{AROUND}\nresource "aws_kms_key" "other" {{}}\n{call(argument)}'
    assert isinstance(encryption(audited(tmp_path, "S3-02", main_tf=main, read__main_tf=READ)), Passed)


@pytest.mark.parametrize(
    "argument",
    [
        'bucket = "records-of-sessions"',
        'arn = "arn:aws:s3:::records-of-sessions"',
        'objects = "arn:aws:s3:::records-of-sessions/*"',
        "stage = var.stage",
        'bucket = "${var.stage}-of-sessions"',
    ],
)
def test_a_module_may_name_what_has_a_name_and_not_what_gets_one_later(argument: str, tmp_path: Path) -> None:
    for name, verdict in ((NAMED, Undecided), (GENERATED, Passed)):
        folder = tmp_path / verdict.__name__
        folder.mkdir()
        main = f"{bucket(name)}{AROUND}{call(argument)}"
        assert isinstance(encryption(audited(folder, "S3-02", main_tf=main, read__main_tf=READ)), verdict)


def test_what_a_module_within_a_module_is_handed_counts(tmp_path: Path) -> None:
    inner = f'variable "bucket" {{}}\n{call("bucket = var.bucket", name="inner")}'
    main = f"{bucket(GENERATED)}{call('bucket = aws_s3_bucket.records.id', source='./outer', name='outer')}"
    found = audited(tmp_path, "S3-02", main_tf=main, outer__main_tf=inner)
    assert isinstance(encryption(found), Undecided)
    assert isinstance(found["READ-01", "module.outer.module.inner"].verdict, Undecided)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("cloudposse/label/null", True),
        ("hashicorp/x/random//modules/y", True),
        ("app.terraform.io/example/certificate/tls", True),
        ("localhost:8080/example/x/null", True),
        ("terraform-aws-modules/vpc/aws", False),
        ("example/x/awscc", False),
        ("github.com/example/x/null", False),
        ("git::https://example.com/label/null", False),
        ("./modules/label/null", False),
        ("../label/null", False),
        ("s3::https://s3.amazonaws.com/bucket/null", False),
    ],
)
def test_only_a_registry_tells_of_which_provider_a_module_is(source: str, expected: bool) -> None:  # noqa: FBT001
    assert is_of_another_provider(source) is expected


def test_a_module_of_another_provider_leaves_nothing_open(tmp_path: Path) -> None:
    with_it, without = tmp_path / "with", tmp_path / "without"
    with_it.mkdir()
    without.mkdir()
    labels = call("bucket = aws_s3_bucket.records.id", 'stage = "prod"', source="cloudposse/label/null")
    more, fewer = audited(with_it, main_tf=bucket() + labels), audited(without, main_tf=bucket())
    assert {key: type(each.verdict) for key, each in more.items()} == {
        key: type(each.verdict) for key, each in fewer.items()
    }


def test_each_part_is_said_once_however_many_regions_a_root_has(tmp_path: Path) -> None:
    providers = 'provider "aws" { region = "eu-west-1" }\nprovider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\n'
    again = DOCUMENT.replace('"preferences" {', '"again" {\n  provider = aws.us')
    main = f"{providers}{bucket()}{again}{call()}"
    (tmp_path / "main.tf").write_text(main, encoding="utf-8")
    findings = run(load_rules(), read_terraform([tmp_path]).accounts, BUILT_IN["baseline"]).findings
    told = [each.subject for each in findings if each.rule.id == "READ-01"]
    assert told == ["module.other"]
    assert [each for each in findings if each.subject == "account" and isinstance(each.verdict, Undecided)] == []


def test_where_nothing_was_found_the_rule_says_what_was_not_read(tmp_path: Path) -> None:
    found = audited(tmp_path, "KMS-02", main_tf=bucket() + call())
    verdict = found["KMS-02", "account"].verdict
    assert isinstance(verdict, NotApplicable)
    assert verdict.gap is not None
    assert "module.other" in verdict.message


def test_without_the_rule_about_code_each_rule_says_it_itself(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(bucket() + call(), encoding="utf-8")
    accounts = read_terraform([tmp_path]).accounts
    (finding,) = run([load_rule("KMS-02")], accounts, BUILT_IN["baseline"]).findings
    assert isinstance(finding.verdict, Undecided)


def repository(folder: Path, modules: int, handed: int) -> dict[tuple[str, str], Finding]:
    """Return the findings on a root with many modules that were not read, some of them handed a bucket of their own."""
    own = "".join(f'resource "aws_s3_bucket" "n{i}" {{\n  bucket_prefix = "n-"\n}}\n' for i in range(handed))
    calls = "".join(
        call(f"bucket = aws_s3_bucket.n{i}.id" if i < handed else f'stage = "s{i}"', name=f"m{i}")
        for i in range(modules)
    )
    logging = "".join(
        DOCUMENT.replace("aws_s3_bucket.records", f"aws_s3_bucket.n{i}")
        .replace('"preferences"', f'"d{i}"')
        .replace("SSM-SessionManagerRunShell", f"sessions-{i}")
        for i in range(handed)
    )
    return audited(folder, main_tf=f"{bucket(GENERATED)}{own}{logging}{calls}")


def test_forty_modules_leave_open_what_they_may_change_and_each_is_said_once(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    few.mkdir()
    many.mkdir()
    without, found = repository(few, 0, 5), repository(many, 40, 5)
    open_before = {key for key, each in without.items() if isinstance(each.verdict, Undecided)}
    new = {key for key, each in found.items() if isinstance(each.verdict, Undecided)} - open_before
    by_rule = Counter(rule for rule, _ in new)
    assert by_rule.pop("READ-01") == 40
    handed = {f"aws_s3_bucket.n{i}" for i in range(5)}
    documents = {f"aws_ssm_document.d{i}" for i in range(5)}
    assert handed <= {subject for rule, subject in new if rule != "READ-01"} <= handed | documents
    assert all(number <= 5 for number in by_rule.values())
    failed = {key for key, each in without.items() if isinstance(each.verdict, Failed)}
    assert {subject for key in failed if not isinstance(found[key].verdict, Failed) for subject in key[1:]} <= handed


def test_a_module_that_was_not_read_holds_no_second_preferences(tmp_path: Path) -> None:
    """A Region has one document of a name: what the known preferences ask of nodes' roles is decided."""
    role = """
resource "aws_iam_role" "node" {
  name_prefix = "node-"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}
"""
    custom = DOCUMENT.replace('"preferences"', '"custom"').replace("SSM-SessionManagerRunShell", "custom")
    found = audited(tmp_path, "ROLE-03", "PREF-11", main_tf=bucket(GENERATED) + custom + role + call())
    verdict = found["ROLE-03", "aws_iam_role.node"].verdict
    assert isinstance(verdict, Failed)
    assert "s3:PutObject" in verdict.message
    assert not isinstance(found["PREF-11", "aws_ssm_document.custom"].verdict, Undecided)
