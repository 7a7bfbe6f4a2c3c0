"""Values that Terraform calls sensitive: rules judge them as they are, and no output shows them."""

import json
import re
from pathlib import Path

import pytest

from ssm_hardening.report.formats import AUDIT
from tests.cli.conftest import Here
from tests.cli.running import operator, validator, write

CANARY = "falcon-project-records"
DOCUMENT = """\
resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName        = BUCKET
      s3EncryptionEnabled = false
    }
  })
}
resource "aws_s3_bucket" "records" {
  bucket = BUCKET
}
"""
SECRET = f'variable "bucket" {{\n  sensitive = true\n  default   = "{CANARY}"\n}}\n'
WITHOUT_DEFAULT = 'variable "bucket" {\n  type      = string\n  sensitive = true\n}\n'
MODULE = 'output "name" {\n  value     = "VALUE"\n  sensitive = true\n}\n'.replace("VALUE", CANARY)

SOURCES: dict[str, dict[str, str]] = {
    "default": {"v.tf": SECRET, "is": "var.bucket"},
    "ephemeral": {"v.tf": SECRET.replace("sensitive", "ephemeral"), "is": "var.bucket"},
    "tfvars": {"v.tf": WITHOUT_DEFAULT, "terraform.tfvars": f'bucket = "{CANARY}"\n', "is": "var.bucket"},
    "function": {"is": f'sensitive("{CANARY}")'},
    "output of a module": {"m/main.tf": MODULE, "v.tf": 'module "m" {\n  source = "./m"\n}\n', "is": "module.m.name"},
    "variable of a module": {
        "m/main.tf": 'variable "v" {\n  sensitive = true\n}\noutput "o" {\n  value = upper(lower(var.v))\n}\n',
        "v.tf": f'module "m" {{\n  source = "./m"\n  v      = "{CANARY}"\n}}\n',
        "is": "module.m.o",
    },
    "parameter": {
        "v.tf": f'resource "aws_ssm_parameter" "p" {{\n  name = "p"\n  type = "String"\n  value = "{CANARY}"\n}}\n',
        "is": "aws_ssm_parameter.p.value",
    },
}
BUCKETS: dict[str, str] = {
    "local": "local.derived",
    "interpolation": '"${var.bucket}"',
    "functions": 'lower(format("%s", join("-", split("-", var.bucket))))',
    "part": 'substr("x-${var.bucket}", 2, -1)',
    "decoded": "base64decode(base64encode(var.bucket))",
    "conditional": 'var.bucket != "" ? var.bucket : "other"',
    "for": "[for each in [var.bucket] : each][0]",
    "list": 'element(["a", var.bucket], 1)',
    "map": "{ a = var.bucket }.a",
    "merged": 'merge({ a = "x" }, { a = var.bucket }).a',
    "template": 'templatestring("$${b}", { b = var.bucket })',
    "json": "jsondecode(jsonencode({ a = var.bucket })).a",
    "try": "try(var.bucket, null)",
    "splat": "([{ a = var.bucket }][*].a)[0]",
    "coalesce": "coalesce(null, var.bucket)",
}


def code(bucket: str) -> str:
    return DOCUMENT.replace("BUCKET", bucket)


def judged(here: Here, *paths: str) -> dict[tuple[str, str], str]:
    """Return the verdicts, having seen that no command shows the value."""
    for command in (
        ("plan",),
        ("inspect",),
        ("inspect", "--format", "json"),
        ("check",),
        ("access", "--format", "json"),
    ):
        if command == ("check",) and "--plan-json" in paths:
            continue
        ran = here(*command, *paths)
        assert "falcon" not in (ran.out + ran.err).lower(), command
    ran = here("plan", "--format", "json", *paths)
    assert "falcon" not in (ran.out + ran.err).lower()
    audit = json.loads(ran.out)
    return {(each["rule"], each["subject"]): each["verdict"] for each in audit["verdicts"]}


def seen_as(here: Here, folder: Path, files: dict[str, str | bytes]) -> dict[tuple[str, str], str]:
    """Return the verdicts on the same code without anything sensitive."""
    texts = {name: str(text) for name, text in files.items()}
    plain = {name: text.replace("sensitive ", "# ").replace("ephemeral ", "# ") for name, text in texts.items()}
    write(folder / "plain", {name: text.replace("sensitive(", "lower(") for name, text in plain.items()})
    audit = json.loads(here("plan", "--format", "json", "plain").out)
    return {(each["rule"], each["subject"]): each["verdict"] for each in audit["verdicts"]}


@pytest.mark.parametrize("source", SOURCES)
def test_wherever_it_comes_from(source: str, tmp_path: Path, here: Here) -> None:
    files: dict[str, str | bytes] = {name: text for name, text in SOURCES[source].items() if name != "is"}
    files["main.tf"] = code(SOURCES[source]["is"])
    write(tmp_path / "code", files)
    found = judged(here, "code")
    assert found["PREF-05", "aws_ssm_document.preferences"] == "failed"
    assert found == seen_as(here, tmp_path, files)


@pytest.mark.parametrize("given", ["--var", "environment", "--var-file"])
def test_however_it_is_given(given: str, tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "code", {"main.tf": WITHOUT_DEFAULT + code("var.bucket")})
    write(tmp_path, {"x.tfvars": f'bucket = "{CANARY}"\n'})
    arguments = {"--var": ("--var", f"bucket={CANARY}"), "--var-file": ("--var-file", "x.tfvars")}.get(given, ())
    if given == "environment":
        monkeypatch.setenv("TF_VAR_bucket", CANARY)
    for command in ("plan", "inspect"):
        for form in ("table", "json"):
            ran = here(command, "code", *arguments, "--format", form)
            assert CANARY not in ran.out + ran.err


@pytest.mark.parametrize("word", AUDIT.words)
def test_in_every_format(word: str, tmp_path: Path, here: Here) -> None:
    write(tmp_path / "code", {"main.tf": SECRET + code("var.bucket")})
    for command in ("plan", "check"):
        ran = here(command, "code", "--format", word)
        assert ran.out
        assert CANARY not in ran.out + ran.err


@pytest.mark.parametrize("expression", BUCKETS)
def test_whatever_is_made_of_it(expression: str, tmp_path: Path, here: Here) -> None:
    files: dict[str, str | bytes] = {"main.tf": code(BUCKETS[expression]), "v.tf": SECRET}
    files["l.tf"] = "locals {\n  derived = trimspace(var.bucket)\n}\n"
    write(tmp_path / "code", files)
    assert judged(here, "code") == seen_as(here, tmp_path, files)
    told = json.loads(here("inspect", "--format", "json", "code").out)
    validator("account-1.schema.json").validate(told)
    held = told["accounts"][0]
    bucket = held["log_buckets"]["items"][0]["name"]
    assert (bucket["known"], bucket["withheld"]) == (True, "sensitive")
    assert "value" not in bucket


def test_small_values_are_withheld_where_they_stand(tmp_path: Path, here: Here) -> None:
    code = """\
variable "flag" {
  sensitive = true
  default   = true
}
variable "days" {
  sensitive = true
  default   = 17
}
resource "aws_cloudwatch_log_group" "sessions" {
  name              = "sessions"
  retention_in_days = var.days
}
"""
    write(tmp_path, {"main.tf": code + DOCUMENT.replace("= false", "= var.flag").replace("BUCKET", '"open-records"')})
    held = json.loads(here("inspect", "--format", "json").out)["accounts"][0]
    assert held["session_documents"]["items"][0]["s3_encryption_enabled"]["withheld"] == "sensitive"
    assert held["log_groups"]["items"][0]["retention_days"]["withheld"] == "sensitive"
    for command in ("plan", "check", "inspect"):
        assert "17 days" not in here(command).out
    assert "open-records" in here("inspect").out


def test_a_condition_is_not_told_by_what_it_chose(tmp_path: Path, here: Here) -> None:
    choice = f'var.bucket == "{CANARY}" ? "chosen-records" : "other-records"'
    write(tmp_path, {"main.tf": SECRET + code(choice)})
    assert "chosen-records" not in here("inspect", "--format", "json").out


def test_nonsensitive_shows_it(tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": SECRET + code("nonsensitive(var.bucket)")})
    held = json.loads(here("inspect", "--format", "json").out)["accounts"][0]
    assert held["log_buckets"]["items"][0]["name"]["value"] == CANARY


def test_members_beside_it_are_shown(tmp_path: Path, here: Here) -> None:
    pair = 'locals {\n  names = { open = "open-records", kept = var.bucket }\n}\n'
    write(tmp_path, {"main.tf": SECRET + pair + code("local.names.open")})
    assert '"open-records"' in here("inspect").out


def test_sensitive_keys_stand_in_no_address(tmp_path: Path, here: Here) -> None:
    many = f'variable "names" {{\n  sensitive = true\n  default   = ["{CANARY}"]\n}}\n' + code("each.key").replace(
        '"records" {', '"records" {\n  for_each = toset(var.names)'
    ).replace("= each.key\n      s3E", '= "x"\n      s3E')
    write(tmp_path, {"main.tf": many})
    judged(here)
    assert "aws_s3_bucket.records[*]" in here("inspect").out


def test_what_was_recorded_holds_none_and_is_open(tmp_path: Path, here: Here) -> None:
    write(tmp_path / "code", {"main.tf": SECRET + code("var.bucket")})
    (tmp_path / "recorded.json").write_text(here("inspect", "--format", "json", "code").out)
    audit = json.loads(here("plan", "--snapshot", "recorded.json", "--format", "json").out)
    verdicts = {each["verdict"] for each in audit["verdicts"] if each["rule"] in {"PREF-03", "S3-01"}}
    assert verdicts <= {"undecided"}


def test_no_generated_file_holds_it(tmp_path: Path, here: Here) -> None:
    write(tmp_path / "code", {"main.tf": SECRET + code("var.bucket")})
    for target in (("--out", "made"), ("--into", "code")):
        here("generate", "code", *target, "--terraform", "/nowhere", "--checkov", "/nowhere")
    made = [*(tmp_path / "made").rglob("*"), *(tmp_path / "code").rglob("*")]
    held = [path.name for path in made if path.is_file() and CANARY in path.read_text()]
    assert held == ["main.tf"]


def test_no_input_and_no_name_of_a_module_holds_it(tmp_path: Path, here: Here) -> None:
    preferences = code("var.bucket").partition('resource "aws_s3_bucket"')[0]
    roles = operator("one", "var.bucket") + operator("two", '"plain"')
    write(tmp_path / "code", {"main.tf": SECRET + preferences + roles})
    judged(here, "code")
    for shown in (("--full",), ("--format", "html"), ("--format", "markdown")):
        assert "falcon" not in here("plan", "code", *shown).out.lower()
    modules = [
        call
        for stage in json.loads(here("plan", "code", "--format", "json").out)["remediation"]["stages"]
        for call in stage["modules"]
    ]
    stores = [call["inputs"]["evidence_arns"] for call in modules if "evidence_arns" in call["inputs"]]
    assert stores[0]["expression"].startswith("[var.")
    assert len({call["label"] for call in modules if call["module"] == "operator-role"}) == 2
    for target in (("--out", "made"), ("--into", "code")):
        here("generate", "code", *target, "--terraform", "/nowhere", "--checkov", "/nowhere")
    made = [*(tmp_path / "made").rglob("*"), *(tmp_path / "code").rglob("*")]
    held = [path for path in made if path.is_file() and re.search("falcon.project", path.read_text().lower())]
    assert held == [tmp_path / "code" / "main.tf"]


def test_an_account_id_is_in_no_fingerprint(tmp_path: Path, here: Here) -> None:
    provider = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = [var.account]\n}\n'
    found = []
    for account in ("111122223333", "444455556666"):
        variable = SECRET.replace('"bucket"', '"account"').replace(CANARY, account)
        write(tmp_path, {"main.tf": variable + provider + code('"open-records"')})
        ran = here("plan", "--format", "json")
        assert account not in ran.out
        found.append([each["fingerprint"] for each in json.loads(ran.out)["verdicts"]])
    assert found[0] == found[1]


@pytest.mark.parametrize("state", [False, True])
def test_in_plans_and_states(state: bool, tmp_path: Path, here: Here) -> None:  # noqa: FBT001 - a parameter of a test
    inputs = {"s3BucketName": CANARY, "s3EncryptionEnabled": False}
    content = json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs})
    resources = [
        {"address": "aws_ssm_document.p", "mode": "managed", "type": "aws_ssm_document", "name": "p",
         "values": {"name": "SSM-SessionManagerRunShell", "document_type": "Session", "content": content},
         "sensitive_values": {"content": True}},
        {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
         "values": {"bucket": CANARY, "id": CANARY}, "sensitive_values": {"bucket": True}},
    ]  # fmt: skip
    held = {"root_module": {"resources": resources}}
    variables = {"variables": {"bucket": {"value": CANARY}}}
    configured = {"configuration": {"root_module": {"variables": {"bucket": {"sensitive": True}}}}}
    whole = {"values": held} if state else {"planned_values": held, **variables, **configured}
    write(tmp_path, {"plan.json": json.dumps({"format_version": "1.2", **whole})})
    found = judged(here, "--plan-json", "plan.json")
    assert found["PREF-05", "aws_ssm_document.p"] == "failed"
