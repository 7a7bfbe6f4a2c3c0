"""Code beside its own plan: one picture, with what either decides; small plans, written by hand."""

import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.cli.sources import inputs_of, read_sources
from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Known, Reference, Unknown
from ssm_hardening.model import Account
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.graph import Reading
from ssm_hardening.read.plan.telling import open_plans
from tests.read.code.test_plan_json import block, change, plan

NAMED = """
variable "days" { type = number }
resource "aws_cloudwatch_log_group" "logs" {
  name              = "/ssm/sessions"
  retention_in_days = var.days
}
resource "aws_ssm_document" "p" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0", sessionType = "Standard_Stream"
    inputs = { cloudWatchLogGroupName = aws_cloudwatch_log_group.logs.name }
  })
}
"""
DOCUMENT = block(
    "aws_ssm_document.p", name={}, document_type={}, content={"references": ["aws_cloudwatch_log_group.logs"]}
)


def group(days: int | None = 400, **more: Any) -> dict[str, Any]:
    return change("aws_cloudwatch_log_group.logs", {"name": "/ssm/sessions", "retention_in_days": days}, **more)


def named_plan(*, days: int | None = 400, **more: Any) -> dict[str, Any]:
    """Return the plan of a first deployment of NAMED."""
    document = {"name": "SSM-SessionManagerRunShell", "document_type": "Session"}
    told = change("aws_ssm_document.p", document, after_unknown={"content": True})
    written = block("aws_cloudwatch_log_group.logs", retention_in_days={"references": ["var.days"]})
    given = {"variables": {"days": {"value": days}}, "configuration": {"resources": [written, DOCUMENT]}}
    return plan(group(days), told, **{**given, **more})


def read(folder: Path, code: str | dict[str, str], *plans: dict[str, Any], inputs: Inputs | None = None) -> Reading:
    for name, text in ({"main.tf": code} if isinstance(code, str) else code).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    files = [folder / f"{number}.json" for number, _ in enumerate(plans)]
    for file, data in zip(files, plans, strict=True):
        file.write_text(json.dumps(data))
    return read_sources([folder], None, inputs or Inputs(), plans=files, quiet=True)


def only(reading: Reading) -> Account:
    (account,) = reading.accounts
    return account


def test_the_code_is_read_with_the_variables_that_the_plan_was_made_with(tmp_path: Path) -> None:
    account = only(read(tmp_path, NAMED, named_plan()))
    (found,) = account.log_groups
    assert known_or(found.retention_days, None) == 400
    (document,) = account.session_documents
    assert known_or(document.cloudwatch_log_group, None) == Reference("aws_cloudwatch_log_group.logs", "name")
    assert account.source == "terraform"
    assert str(found.origin).endswith("main.tf:3")


def test_a_variable_given_beside_a_plan_has_no_effect_and_a_note_says_so(tmp_path: Path) -> None:
    reading = read(tmp_path, NAMED, named_plan(), inputs=inputs_of(["days=1"], None, environment=False)[0])
    (found,) = only(reading).log_groups
    assert known_or(found.retention_days, None) == 400
    assert [each for each in reading.notes if "days" in each and "--var" in each]


def test_a_sensitive_variable_of_a_plan_is_withheld(tmp_path: Path) -> None:
    code = NAMED.replace("type = number", "type = number\n  sensitive = true")
    code = code.replace("{ type", "{\n  type").replace("true }", "true\n}")
    reading = read(tmp_path, code, named_plan(days=731))
    (found,) = only(reading).log_groups
    assert isinstance(found.retention_days, Known)
    assert found.retention_days.at_sensitive
    assert "731" in reading.sensitive.texts


@pytest.mark.parametrize("actions", [["no-op"], ["create"]])
def test_an_instance_whose_count_only_the_plan_knows_exists(tmp_path: Path, actions: list[str]) -> None:
    code = """
    data "aws_ssm_parameter" "on" { name = "/logging/on" }
    resource "aws_cloudwatch_log_group" "logs" {
      count             = data.aws_ssm_parameter.on.value == "yes" ? 2 : 0
      name              = "/aws/ssm/session-manager-${count.index}"
      retention_in_days = 400
    }
    """
    made = [change("aws_cloudwatch_log_group.logs", {"name": f"/aws/ssm/session-manager-{n}", "retention_in_days": 400},
            actions=actions) | {"address": f"aws_cloudwatch_log_group.logs[{n}]"} for n in range(2)]  # fmt: skip
    written = block("aws_cloudwatch_log_group.logs", retention_in_days={"constant_value": 400})
    data = block("aws_ssm_parameter.on") | {"mode": "data", "address": "data.aws_ssm_parameter.on"}
    reading = read(tmp_path, code, plan(*made, configuration={"resources": [written, data]}))
    found = only(reading).log_groups.items
    assert [each.address for each in found] == [f"aws_cloudwatch_log_group.logs[{n}]" for n in range(2)]
    assert [known_or(each.name, None) for each in found] == [f"/aws/ssm/session-manager-{n}" for n in range(2)]


MODULE = """
module "store" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 4.0"
}
resource "aws_ssm_document" "p" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream"
    inputs = { s3BucketName = module.store.bucket_id, s3EncryptionEnabled = true } })
}
"""


def module_plan(**more: Any) -> dict[str, Any]:
    document = {"name": "SSM-SessionManagerRunShell", "document_type": "Session"}
    told = change("aws_ssm_document.p", document, after_unknown={"content": True})
    bucket = change("module.store.aws_s3_bucket.this", {"bucket": "records"}, module_address="module.store",
                    after_unknown={"id": True, "arn": True})  # fmt: skip
    inner = {
        "resources": [block("aws_s3_bucket.this", bucket={"references": ["var.bucket"]})],
        "outputs": {"bucket_id": {"expression": {"references": ["aws_s3_bucket.this.id", "aws_s3_bucket.this"]}}},
    }
    written = block("aws_ssm_document.p", content={"references": ["module.store.bucket_id", "module.store"]})
    calls = {"store": {"source": "terraform-aws-modules/s3-bucket/aws", "module": inner}}
    return plan(told, bucket, **{"configuration": {"resources": [written], "module_calls": calls}, **more})


def test_the_plan_stands_for_a_module_that_was_not_downloaded(tmp_path: Path) -> None:
    account = only(read(tmp_path, MODULE, module_plan()))
    assert account.gaps == ()
    (bucket,) = account.log_buckets
    assert (bucket.address, known_or(bucket.name, None)) == ("module.store.aws_s3_bucket.this", "records")
    (document,) = account.session_documents
    assert known_or(document.s3_bucket, None) == Reference("module.store.aws_s3_bucket.this", "id")


def test_an_incomplete_plan_does_not_stand_for_a_module(tmp_path: Path) -> None:
    reading = read(tmp_path, MODULE, module_plan(complete=False))
    account = only(reading)
    assert [each for each in reading.notes if "the plan is incomplete" in each]
    assert [each.kind for each in account.gaps] == ["module"]


def test_an_incomplete_plan_does_not_say_that_something_does_not_exist(tmp_path: Path) -> None:
    code = NAMED.replace("  name  ", "  count = length(data.aws_vpcs.all.ids)\n  name  ", 1).replace(
        "logs.name", "logs[0].name"
    )
    code += '\ndata "aws_vpcs" "all" {}\n'
    data = block("aws_vpcs.all") | {"mode": "data", "address": "data.aws_vpcs.all"}
    configuration = {"resources": [block("aws_cloudwatch_log_group.logs"), DOCUMENT, data]}
    made = named_plan(configuration=configuration, complete=False)
    made["resource_changes"] = made["resource_changes"][1:]
    (found,) = only(read(tmp_path, code, made)).log_groups
    assert found.address == "aws_cloudwatch_log_group.logs[*]"


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("var.days", "1", "aws_cloudwatch_log_group.logs: retention_in_days"),
        ('"/ssm/sessions"', '"/ssm/others"', "aws_cloudwatch_log_group.logs: name"),
        ('"logs" {', '"logs" {\n  count = 2', "aws_cloudwatch_log_group.logs"),
        ('resource "aws_ssm', 'resource "aws_kms_key" "k" {}\nresource "aws_ssm', "aws_kms_key.k"),
    ],
)
def test_a_plan_of_other_code_is_an_account_of_its_own(tmp_path: Path, before: str, after: str, place: str) -> None:
    reading = read(tmp_path, NAMED.replace(before, after, 1), named_plan())
    assert sorted(each.source for each in reading.accounts) == ["plan", "terraform"]
    assert [each for each in reading.notes if place in each and "does not match the code" in each]


def test_what_one_of_code_and_stale_plan_gets_wrong_still_fails_there(tmp_path: Path) -> None:
    reading = read(tmp_path, NAMED.replace("var.days", "1"), named_plan())
    days = {each.source: known_or(each.log_groups.items[0].retention_days, None) for each in reading.accounts}
    assert days == {"plan": 400, "terraform": 1}


def test_two_plans_are_of_two_roots(tmp_path: Path) -> None:
    code = {f"{name}/main.tf": NAMED.replace("/ssm/sessions", f"/ssm/{name}") for name in ("dev", "live")}
    plans = []
    for name, days in (("live", 400), ("dev", 30)):
        text = json.dumps(named_plan(days=days)).replace("/ssm/sessions", f"/ssm/{name}")
        made = json.loads(text)
        made["configuration"]["root_module"]["resources"][0]["expressions"]["name"] = {"constant_value": f"/ssm/{name}"}
        plans.append(made)
    reading = read(tmp_path, code, *plans)
    assert [each.root.rpartition("/")[2] for each in reading.accounts] == ["dev", "live"]
    assert [known_or(each.log_groups.items[0].retention_days, None) for each in reading.accounts] == [30, 400]


def test_a_plan_that_fits_several_roots_is_of_none(tmp_path: Path) -> None:
    reading = read(tmp_path, {"a/main.tf": NAMED, "b/main.tf": NAMED}, named_plan())
    assert sorted(each.source for each in reading.accounts) == ["plan", "terraform", "terraform"]
    assert [each for each in reading.notes if "fits several root modules" in each]


def test_the_values_of_variables_tell_two_copies_of_a_root_apart(tmp_path: Path) -> None:
    values = {"a/terraform.tfvars": "days = 1", "b/terraform.tfvars": "days = 400"}
    code = {"a/main.tf": NAMED, "b/main.tf": NAMED, **values}
    reading = read(tmp_path, code, named_plan())
    assert [each.source for each in reading.accounts] == ["terraform", "terraform"]
    assert tuple(reading.joined) == (f"{tmp_path}/0.json",)


def test_two_plans_of_one_root_are_accounts_of_their_own(tmp_path: Path) -> None:
    reading = read(tmp_path, NAMED, named_plan(), named_plan(days=7))
    assert sorted(each.source for each in reading.accounts) == ["plan", "plan", "terraform"]


def test_a_plan_of_another_root_says_what_does_not_fit(tmp_path: Path) -> None:
    other = plan(change("aws_kms_key.k", {}), configuration={"resources": [block("aws_kms_key.k")]})
    reading = read(tmp_path, NAMED, other)
    assert [each for each in reading.notes if "aws_kms_key.k" in each and "none of the root modules" in each]
    assert "terraform" in {each.source for each in reading.accounts}


def test_a_plan_is_read_from_a_pipe_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(json.dumps(named_plan())))
    writer.start()
    (tmp_path / "main.tf").write_text(NAMED)
    reading = read_sources([tmp_path], None, Inputs(), plans=[pipe], quiet=True)
    writer.join()
    assert tuple(reading.joined) == (f"{tmp_path}/pipe",)


@pytest.mark.parametrize("text", ["", "   ", '{"format_version": "1.2", "planned_values": {'])
def test_half_a_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(UsageError):
        read_sources([tmp_path], None, Inputs(), plans=[tmp_path / "p.json"], quiet=True)


def test_a_data_source_that_was_read_gives_its_value(tmp_path: Path) -> None:
    code = NAMED.replace("var.days", "data.aws_ssm_parameter.days.value").replace(
        "variable", 'data "aws_ssm_parameter" "days" { name = "/days" }\nvariable'
    )
    data = {"address": "data.aws_ssm_parameter.days", "mode": "data", "type": "aws_ssm_parameter", "name": "days",
            "values": {"name": "/days", "value": "90"}}  # fmt: skip
    made = named_plan(prior_state={"values": {"root_module": {"resources": [data]}}})
    made["resource_changes"][0] = group(None, after_unknown={"retention_in_days": True})
    written = block("aws_cloudwatch_log_group.logs", retention_in_days={"references": ["data.aws_ssm_parameter.days"]})
    source = block("aws_ssm_parameter.days") | {"mode": "data", "address": "data.aws_ssm_parameter.days"}
    made["configuration"]["root_module"]["resources"] = [written, DOCUMENT, source]
    (found,) = only(read(tmp_path, code, made)).log_groups
    assert not isinstance(found.retention_days, Unknown)
    assert str(known_or(found.retention_days, None)) == "90"


def test_a_plan_with_another_default_or_region_is_of_other_code(tmp_path: Path) -> None:
    code = NAMED.replace("number }", "number\n  default = 30\n}").replace("{ type", "{\n  type")
    code += 'provider "aws" {\n  region = "eu-west-1"\n}\n'
    made = named_plan(days=400)
    made["configuration"]["root_module"]["variables"] = {"days": {"default": 400}}
    made["configuration"]["provider_config"] = {"aws": {"expressions": {"region": {"constant_value": "eu-west-2"}}}}
    (note,) = read(tmp_path, code, made).notes
    assert "provider aws: region, var.days: default" in note


def test_a_plan_that_destroys_everything_is_no_picture_of_the_code(tmp_path: Path) -> None:
    made = named_plan()
    for each in made["resource_changes"]:
        each["change"] |= {"actions": ["delete"], "before": each["change"]["after"], "after": None}
    reading = read(tmp_path, NAMED, made)
    assert "terraform" in {each.source for each in reading.accounts}
    assert [each for each in reading.notes if "does not match the code" in each]


@pytest.mark.parametrize(("planned", "is_joined"), [(["10.0.0.0/8", "10.0.0.0/8"], True), (["0.0.0.0/0"], False)])
def test_lists_are_compared_whatever_their_order(tmp_path: Path, planned: list[str], is_joined: bool) -> None:  # noqa: FBT001 - a parameter
    code = (
        NAMED
        + """
    locals { nets = ["10.0.0.0/8"] }
    resource "aws_vpc_endpoint" "ssm" {
      vpc_id             = "vpc-1"
      service_name       = "com.amazonaws.eu-west-1.ssm"
      security_group_ids = local.nets
    }
    """
    )
    made = named_plan()
    values = {"vpc_id": "vpc-1", "service_name": "com.amazonaws.eu-west-1.ssm", "security_group_ids": planned}
    made["resource_changes"].append(change("aws_vpc_endpoint.ssm", values))
    written: dict[str, Any] = {
        "vpc_id": {"constant_value": "vpc-1"},
        "security_group_ids": {"references": ["local.nets"]},
    }
    made["configuration"]["root_module"]["resources"].append(block("aws_vpc_endpoint.ssm", **written, service_name={}))
    assert bool(read(tmp_path, code, made).joined) is is_joined


def test_a_plan_that_is_given_twice_is_one_plan(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(NAMED)
    (tmp_path / "plan.json").write_text(json.dumps(named_plan()))
    (tmp_path / "link.json").symlink_to("plan.json")
    plans = [tmp_path / "plan.json", tmp_path / "link.json"]
    reading = read_sources([tmp_path], None, Inputs(), plans=plans, quiet=True)
    assert tuple(reading.joined) == (f"{tmp_path}/plan.json",)


def test_a_module_that_was_not_downloaded_below_instances_of_another_one(tmp_path: Path) -> None:
    made = json.loads(json.dumps(module_plan()).replace("module.store", r"module.of[\"a.b\"].module.store"))
    inner = made["configuration"]["root_module"]
    written = json.loads(json.dumps(inner).replace(r"module.of[\"a.b\"].", ""))
    made["configuration"]["root_module"] = {"module_calls": {"of": {"for_each_expression": {}, "module": written}}}
    made["resource_changes"][0] |= {
        "address": 'module.of["a.b"].aws_ssm_document.p',
        "module_address": 'module.of["a.b"]',
    }
    code = {"main.tf": 'module "of" {\n  source   = "./of"\n  for_each = toset(["a.b"])\n}\n', "of/main.tf": MODULE}
    account = only(read(tmp_path, code, made))
    (document,) = account.session_documents
    assert known_or(document.s3_bucket, None) == Reference('module.of["a.b"].module.store.aws_s3_bucket.this', "id")
    assert [each.address for each in account.log_buckets] == ['module.of["a.b"].module.store.aws_s3_bucket.this']


def test_values_from_a_pipe_reach_every_root_beside_a_plan(tmp_path: Path) -> None:
    pipe = tmp_path / "values"
    os.mkfifo(pipe)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(NAMED.replace("/ssm/sessions", f"/ssm/{name}"))
    made = json.loads(json.dumps(named_plan()).replace("/ssm/sessions", "/ssm/a"))
    made["configuration"]["root_module"]["resources"][0]["expressions"]["name"] = {"constant_value": "/ssm/a"}
    (tmp_path / "plan.json").write_text(json.dumps(made))
    writer = threading.Thread(target=lambda: pipe.write_text("days = 7"))
    writer.start()
    reading = read_sources([tmp_path], None, Inputs(files=(pipe,)), plans=[tmp_path / "plan.json"], quiet=True)
    writer.join()
    groups = [each for account in reading.accounts for each in account.log_groups]
    days = {(known_or(each.name, None), known_or(each.retention_days, None)) for each in groups}
    assert days == {("/ssm/a", 400), ("/ssm/b", 7)}


def test_what_leaves_terraforms_hands_is_a_gap_beside_code_too(tmp_path: Path) -> None:
    made = named_plan()
    made["resource_changes"].append(change("aws_kms_key.k", None, actions=["forget"], before={}))
    (gap,) = only(read(tmp_path, NAMED, made)).gaps
    assert gap.affects == ("aws_kms_key.k",)


@pytest.mark.parametrize("actions", [["update"], ["create"]])
def test_what_code_does_not_write_is_what_an_object_has_today(tmp_path: Path, actions: list[str]) -> None:
    made = named_plan()
    group = made["resource_changes"][0]["change"]
    group |= {"actions": actions, "before": {} if actions == ["update"] else None}
    group["after"]["kms_key_id"] = "arn:aws:kms:eu-west-1:123456789012:key/1"
    (found,) = only(read(tmp_path, NAMED, made)).log_groups
    assert isinstance(found.kms_key, Known) is (actions == ["update"])


def test_what_is_no_file_and_no_pipe_is_refused_by_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {tmp_path: "a folder", Path("/dev/zero"): "neither a file nor a pipe", tmp_path / "x": "no such"}
    for place, words in other.items():
        with pytest.raises(UsageError, match=words):
            read_sources([tmp_path], None, Inputs(), plans=[place], quiet=True)
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UsageError, match="stdin is closed"):
        read_sources([tmp_path], None, Inputs(), plans=[Path("-")], quiet=True)


def test_a_plan_comes_through_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text(NAMED)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(named_plan()).encode())))
    reading = read_sources([tmp_path], None, Inputs(), plans=[Path("-")], quiet=True)
    assert tuple(reading.joined) == ("stdin",)


BUCKET = """
resource "aws_s3_bucket" "b" {
  bucket = "session-records"
}
"""
OWNER = {"id": "75aa57", "type": "CanonicalUser", "permissions": ["FULL_CONTROL"], "uri": ""}
ANOTHER = {**OWNER, "id": "b0b0b0"}
ALL = {"id": "", "type": "Group", "permissions": ["READ"], "uri": "http://acs.amazonaws.com/groups/global/AllUsers"}


@pytest.mark.parametrize(("listed", "left"), [([OWNER], 0), ([OWNER, ALL], 1), ([OWNER, ANOTHER], 2)])
def test_the_grant_that_s3_gives_to_the_owner_is_none_of_the_code(
    tmp_path: Path, listed: list[dict[str, Any]], left: int
) -> None:
    made = named_plan()
    values = {"bucket": "session-records", "grant": listed}
    made["resource_changes"].append(change("aws_s3_bucket.b", values, actions=["no-op"], before=values))
    name = {"constant_value": "session-records"}
    made["configuration"]["root_module"]["resources"].append(block("aws_s3_bucket.b", bucket=name))
    (found,) = only(read(tmp_path, NAMED + BUCKET, made)).log_buckets
    assert len(found.acl_grants.items) == left


def test_a_plan_beside_code_is_not_told_to_be_read_beside_its_code(tmp_path: Path) -> None:
    (note,) = read(tmp_path, NAMED.replace("/ssm/sessions", "/ssm/others"), named_plan()).notes
    assert "does not match the code" in note


@pytest.mark.parametrize(("changed", "places"), [("a", ["a", "b"]), ("b", ["b"]), ("", ["b"])])
def test_the_root_of_a_plan_is_read_beside_it_though_it_did_not_change(
    tmp_path: Path, changed: str, places: list[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(NAMED.replace("/ssm/sessions", f"/ssm/{name}"))
    made = json.loads(json.dumps(named_plan()).replace("/ssm/sessions", "/ssm/b"))
    made["configuration"]["root_module"]["resources"][0]["expressions"]["name"] = {"constant_value": "/ssm/b"}
    (tmp_path / "plan.json").write_text(json.dumps(made))
    plans = open_plans([tmp_path / "plan.json"])
    files = [tmp_path / changed / "main.tf"] if changed else []
    reading = read_terraform([tmp_path], changed=files, plans=plans)
    assert tuple(reading.joined) == (f"{tmp_path}/plan.json",)
    assert [Path(each.root).name for each in reading.accounts] == places


EACH = """
variable "days" { type = map(number) }
resource "aws_cloudwatch_log_group" "logs" {
  for_each          = var.days
  name              = "/ssm/sessions"
  retention_in_days = each.value
}
resource "aws_ssm_document" "p" {
  for_each      = var.days
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0", sessionType = "Standard_Stream"
    inputs = { cloudWatchLogGroupName = aws_cloudwatch_log_group.logs[each.key].name }
  })
}
"""


@pytest.mark.parametrize(
    ("key", "quoted"),
    [("a${b}", "a$${b}"), ("%{if}", "%%{if}"), ("q$${z}", "q$$${z}"), ("x$", "x$"), ('a"]b', 'a\\"]b'), ("ü", "ü"),
     ("e\x1b", "e\\u001b"), ("a\\b.c[0]", "a\\\\b.c[0]")],
)  # fmt: skip
def test_keys_of_instances_are_quoted_as_terraform_quotes_them(tmp_path: Path, key: str, quoted: str) -> None:
    made = named_plan(variables={"days": {"value": {key: 400}}})
    for each in made["resource_changes"]:
        each["address"] += f'["{quoted}"]'
    for each in made["configuration"]["root_module"]["resources"]:
        each["for_each_expression"] = {"references": ["var.days"]}
    logs = made["configuration"]["root_module"]["resources"][0]["expressions"]
    logs["retention_in_days"] = {"references": ["each.value"]}
    reading = read(tmp_path, EACH, made)
    assert reading.joined
    (found,), (document,) = only(reading).log_groups, only(reading).session_documents
    assert found.address == f'aws_cloudwatch_log_group.logs["{quoted}"]'
    assert known_or(found.retention_days, None) == 400
    assert known_or(document.cloudwatch_log_group, None) == Reference(found.address, "name")


def test_a_state_beside_code_is_an_account_of_its_own_and_a_note_says_so(tmp_path: Path) -> None:
    told = change("aws_ssm_document.p", {"name": "SSM-SessionManagerRunShell", "document_type": "Session"})
    kept = {"values": told.pop("change")["after"], **told}
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [kept]}}}
    reading = read(tmp_path, NAMED, state)
    assert [each.source for each in reading.accounts] == ["plan", "terraform"]
    (note,) = reading.notes
    assert "a state does not contain the configuration" in note
