"""Plans as JSON without Terraform: small ones, written by hand, each with one thing to see."""

import json
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.values import Absent, Items, Known, Reference, Unknown, Why
from ssm_hardening.model import Account
from ssm_hardening.read.plan.reader import read_plans
from ssm_hardening.read.snapshot import to_json

ROLE_TRUST = '{"Version":"2012-10-17","Statement":[]}'
SESSION = '{"schemaVersion":"1.0","sessionType":"Standard_Stream","inputs":{"kmsKeyId":"%s"}}'
KEY_ID = "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
KEY_ARN = f"arn:aws:kms:eu-west-1:123456789012:key/{KEY_ID}"


def change(address: str, after: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    """Return an entry of resource_changes; `more` are marks, actions and the module."""
    told: dict[str, Any] = {key: more.pop(key) for key in ("module_address", "deposed") if key in more}
    type_, name = address.removeprefix(f"{told.get('module_address', '')}.").split(".")
    return {
        "address": address,
        "mode": "managed",
        "type": type_,
        "name": name,
        **told,
        "change": {"actions": ["create"], "before": None, "after": after, **more},
    }


def plan(*changes: dict[str, Any], configuration: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "configuration": {"root_module": configuration or {}},
        **more,
    }


def block(address: str, key: str = "aws", **expressions: Any) -> dict[str, Any]:
    type_, name = address.split(".")
    return {
        "address": address, "mode": "managed", "type": type_, "name": name,
        "provider_config_key": key, "expressions": expressions,
    }  # fmt: skip


def document(content: Any, **more: Any) -> dict[str, Any]:
    values = {"name": "SSM-SessionManagerRunShell", "document_type": "Session", "content": content}
    return change("aws_ssm_document.p", values, **more)


def read(folder: Path, data: dict[str, Any] | str | bytes) -> tuple[Account, ...]:
    file = folder / "plan.json"
    raw = data if isinstance(data, bytes) else (data if isinstance(data, str) else json.dumps(data)).encode()
    file.write_bytes(raw)
    return read_plans([file]).accounts


def test_a_value_known_after_apply_is_unknown_and_not_absent(tmp_path: Path) -> None:
    (account,) = read(tmp_path, plan(document(None, after_unknown={"content": True})))
    (found,) = account.session_documents
    assert isinstance(found.kms_key, Unknown)
    assert found.kms_key.why is Why.COMPUTED
    assert (account.source, str(found.origin)) == ("plan", f"{tmp_path}/plan.json: aws_ssm_document.p")


def test_a_number_that_aws_gave_is_a_reference_to_its_object(tmp_path: Path) -> None:
    key = change("aws_kms_key.k", {"id": KEY_ID, "key_id": KEY_ID, "arn": KEY_ARN}, actions=["no-op"], before={})
    (account,) = read(tmp_path, plan(document(SESSION % KEY_ARN), key))
    (found,) = account.session_documents
    assert isinstance(found.kms_key, Known)
    assert found.kms_key.value == Reference("aws_kms_key.k", "arn")
    (declared,) = account.keys
    assert isinstance(declared.used_by, Known)
    assert declared.used_by.value == Items((Known("aws_ssm_document.p", found.origin),))


BUCKET = change("aws_s3_bucket.logs", {"bucket": "logs"}, after_unknown={"id": True, "arn": True})
VERSIONING = change(
    "aws_s3_bucket_versioning.v",
    {"versioning_configuration": [{"status": "Enabled"}]},
    after_unknown={"bucket": True, "versioning_configuration": [{}]},
)


def versioning(*references: str) -> dict[str, Any]:
    written = [{"status": {"constant_value": "Enabled"}}]
    return block("aws_s3_bucket_versioning.v", bucket={"references": references}, versioning_configuration=written)


def versioned(folder: Path, *resources: dict[str, Any], changes: tuple[dict[str, Any], ...] = ()) -> object:
    data = plan(document("{}"), BUCKET, VERSIONING, *changes, configuration={"resources": list(resources)})
    (account,) = read(folder, data)
    return next(each.versioning for each in account.log_buckets if each.address == "aws_s3_bucket.logs")


def test_an_unknown_argument_that_refers_to_one_object_means_it(tmp_path: Path) -> None:
    found = versioned(tmp_path, block("aws_s3_bucket.logs"), versioning("aws_s3_bucket.logs.id", "aws_s3_bucket.logs"))
    assert isinstance(found, Known)
    assert found.value is True


@pytest.mark.parametrize(
    "references",
    [
        ("aws_s3_bucket.logs.id", "aws_s3_bucket.logs", "var.other"),
        ("local.bucket",),
        ("aws_s3_bucket.logs.tags", "aws_s3_bucket.logs"),
        ("aws_kms_key.logs.id", "aws_kms_key.logs"),
        (),
    ],
)
def test_an_expression_of_more_than_one_reference_is_not_guessed(tmp_path: Path, references: tuple[str, ...]) -> None:
    assert isinstance(versioned(tmp_path, block("aws_s3_bucket.logs"), versioning(*references)), Unknown)


def test_a_bucket_that_another_one_is_named_after_is_not_guessed(tmp_path: Path) -> None:
    """`bucket = "${aws_s3_bucket.logs.id}-copy"` refers to one object, and means another."""
    copy = change("aws_s3_bucket.copy", {}, after_unknown={"id": True, "bucket": True})
    named = block("aws_s3_bucket.copy", bucket={"references": ["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]})
    resources = (block("aws_s3_bucket.logs"), named, versioning("aws_s3_bucket.logs.id", "aws_s3_bucket.logs"))
    assert isinstance(versioned(tmp_path, *resources, changes=(copy,)), Unknown)


def test_references_lead_through_variables_and_outputs_to_instances(tmp_path: Path) -> None:
    made = change('module.s["a"].aws_s3_bucket.b', {"bucket": "logs"}, module_address='module.s["a"]')
    rule = change("module.u.aws_s3_bucket_versioning.v", VERSIONING["change"]["after"], module_address="module.u")
    rule["change"]["after_unknown"] = {"bucket": True}
    output = {"expression": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}
    given = {"references": ['module.s["a"].id', 'module.s["a"]', "module.s"]}
    store = {"resources": [block("aws_s3_bucket.b")], "outputs": {"id": output}}
    user = {"resources": [versioning("var.bucket")]}
    calls = {
        "s": {"module": store, "for_each_expression": {}},
        "u": {"module": user, "expressions": {"bucket": given}},
    }
    (account,) = read(tmp_path, plan(document("{}"), made, rule, configuration={"module_calls": calls}))
    (bucket,) = account.log_buckets
    assert bucket.address == 'module.s["a"].aws_s3_bucket.b'
    assert isinstance(bucket.versioning, Known)
    assert bucket.versioning.value is True


def test_what_a_plan_deletes_does_not_exist_and_deposed_objects_are_no_facts(tmp_path: Path) -> None:
    values = document(SESSION % "")["change"]["after"]
    gone = change("aws_ssm_document.p", None, actions=["delete"], before=values)
    old = change("aws_ssm_document.q", None, actions=["delete"], before=values, deposed="0a1b2c3d")
    (account,) = read(tmp_path, plan(gone, old, VERSIONING))
    (found,) = account.session_documents
    assert isinstance(found.exists, Known)
    assert found.exists.value is False


def test_what_a_plan_forgets_is_a_gap(tmp_path: Path) -> None:
    values = document(SESSION % "")["change"]["after"]
    (account,) = read(tmp_path, plan(change("aws_ssm_document.p", None, actions=["forget"], before=values)))
    assert [each.affects for each in account.gaps] == [("aws_ssm_document.p",)]


@pytest.mark.parametrize("mark", [{"errored": True}, {"complete": False}, {"deferred_changes": [{}]}])
def test_an_unfinished_plan_leaves_every_list_open(tmp_path: Path, mark: dict[str, Any]) -> None:
    (account,) = read(tmp_path, plan(document(SESSION % ""), **mark))
    assert account.session_documents.gap is not None
    assert account.roles.gap is not None


def test_a_plan_that_lacks_what_its_configuration_declares_is_unfinished(tmp_path: Path) -> None:
    written = [block("aws_ssm_document.p"), block("aws_iam_role.many") | {"count_expression": {}}]
    for more, is_whole in ((), True), ((block("aws_iam_role.r"),), False):
        data = plan(document(SESSION % ""), configuration={"resources": [*written, *more]})
        (account,) = read(tmp_path, data)
        assert (account.roles.gap is None) == is_whole


def test_a_for_each_of_constants_that_no_configuration_tells_leaves_a_plan_whole(tmp_path: Path) -> None:
    module = {"module": {"resources": [block("aws_iam_role.r")]}}
    keyed = change("aws_iam_role.r", {"name": "r"})
    keyed |= {"address": 'module.m["a"].aws_iam_role.r', "module_address": 'module.m["a"]'}
    data = plan(document(SESSION % ""), keyed, configuration={"module_calls": {"m": module}})
    (account,) = read(tmp_path, data)
    assert account.roles.gap is None


def test_sensitive_values_are_never_shown(tmp_path: Path) -> None:
    secret = SESSION % "hunter2"
    accounts = read(tmp_path, plan(document(secret, after_sensitive={"content": True})))
    (found,) = accounts[0].session_documents
    # Rules judge it; what is recorded says that it is known, and not what it is.
    assert isinstance(found.kms_key, Known)
    assert found.kms_key.at_sensitive
    assert "hunter2" not in json.dumps(to_json(accounts))


def test_one_account_results_for_each_provider_with_its_region(tmp_path: Path) -> None:
    other = change("aws_ssm_document.q", {"name": "q", "document_type": "Session", "content": SESSION % ""})
    resources = [block("aws_ssm_document.p"), block("aws_ssm_document.q", key="aws.far")]
    providers = {
        "aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}},
        "aws.far": {"name": "aws", "alias": "far", "expressions": {"region": {"references": ["var.far"]}}},
    }
    data = plan(document(SESSION % ""), other, configuration={"resources": resources})
    data["configuration"]["provider_config"] = providers
    data["variables"] = {"far": {"value": "us-west-2"}}
    found = {getattr(each.region, "value", None): len(each.session_documents) for each in read(tmp_path, data)}
    assert found == {"eu-west-1": 1, "us-west-2": 1}


def test_a_state_alone_is_read_and_tells_its_region(tmp_path: Path) -> None:
    values = {"name": "a", "document_type": "Session", "content": SESSION % "", "permissions": None}
    values["arn"] = "arn:aws:ssm:eu-west-1:123456789012:document/a"
    resource = {"address": "aws_ssm_document.p", "mode": "managed", "type": "aws_ssm_document", "name": "p"}
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [{**resource, "values": values}]}}}
    (account,) = read(tmp_path, state)
    (found,) = account.session_documents
    assert isinstance(found.kms_key, Absent)
    assert isinstance(found.prevent_destroy, Unknown)
    assert isinstance(account.region, Known)
    assert account.region.value == "eu-west-1"


def test_an_account_without_sessions_is_told_by_a_note(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan(change("aws_sqs_queue.q", {"name": "q"}))), encoding="utf-8")
    reading = read_plans([tmp_path / "plan.json"])
    assert (reading.accounts, len(reading.notes)) == ((), 1)


def test_deep_values_are_unknown_and_not_a_crash(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = {"a": deep}
    (account,) = read(tmp_path, plan(document(SESSION % ""), change("aws_instance.i", {"tags": deep})))
    assert len(account.instances) == 1


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ("{", "invalid JSON"),
        ("[]", "not a plan in JSON format"),
        ("{}", "format_version"),
        (b"PK\x03\x04rest", "binary plan file"),
        ('{"format_version": "2.0", "planned_values": {}}', "unsupported format_version"),
        ('{"format_version": "0.2", "planned_values": {}}', "unsupported format_version"),
        ('{"format_version": "1.2"}', "neither a plan nor a state"),
        ('{"version": 4, "lineage": "a", "resources": []}', "this is a raw state file"),
        ('{"format_version": "1.2", "planned_values": {"root_module": []}}', "root_module is not an object"),
        ('{"format_version": "1.2", "planned_values": {}, "resource_changes": {}}', "is not a list"),
        ('{"format_version": "1.2", "planned_values": {}, "resource_changes": [{"change": 1}]}', "is not an object"),
        ('{"format_version": "1.2", "planned_values": {"a": NaN}}', "NaN"),
        ('{"format_version": "1.2", "planned_values": {"a": "\\ud800"}}', "invalid JSON"),
        ("[" * 100_000, "nested too deep"),
        ('{"@level":"info"}\n{"@level":"info"}', "invalid JSON"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, data: str | bytes, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        read(tmp_path, data)


def test_what_windows_writes_is_read(tmp_path: Path) -> None:
    (account,) = read(tmp_path, json.dumps(plan(document(SESSION % ""))).encode("utf-16"))
    assert isinstance(account.session_documents.items[0].shared_with, Known)
    assert account.session_documents.items[0].shared_with.value == Items(())


def test_a_group_of_a_first_deployment_launches_nodes_from_its_template(tmp_path: Path) -> None:
    reference = {"references": ["aws_launch_template.t.latest_version", "aws_launch_template.t"]}
    written = {"id": {"references": ["aws_launch_template.t.id", "aws_launch_template.t"]}, "version": reference}
    data = plan(
        document(SESSION % ""),
        change(
            "aws_launch_template.t",
            {"key_name": "door", "metadata_options": [{"http_tokens": "optional"}]},
            after_unknown={"id": True, "latest_version": True, "default_version": True},
        ),
        change(
            "aws_autoscaling_group.g",
            {"max_size": 2, "launch_template": [{}]},
            after_unknown={"launch_template": [{"id": True, "version": True}], "mixed_instances_policy": True},
        ),
        configuration={
            "resources": [
                block(
                    "aws_launch_template.t",
                    key_name={"constant_value": "door"},
                    metadata_options=[{"http_tokens": {"constant_value": "optional"}}],
                ),
                block("aws_autoscaling_group.g", max_size={"constant_value": 2}, launch_template=[written]),
            ]
        },
    )
    (account,) = read(tmp_path, data)
    (node,) = account.instances
    assert node.address == "aws_autoscaling_group.g"
    assert isinstance(node.template, Known)
    assert (node.key_name, node.imds_tokens) == (
        Known("door", node.key_name.at),
        Known("optional", node.imds_tokens.at),
    )


@pytest.mark.parametrize(("action", "shown"), [("ssm:Start*", 1), ("*", 1), ("s3:Get*", 0)])
def test_a_plan_is_shown_if_a_policy_in_it_may_grant_sessions(action: str, shown: int, tmp_path: Path) -> None:
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
    accounts = read(tmp_path, plan(change("aws_iam_policy.p", {"name": "p", "policy": policy})))
    assert len(accounts) == shown
    assert [sign for account in accounts for sign in account.usage_signs] == []
