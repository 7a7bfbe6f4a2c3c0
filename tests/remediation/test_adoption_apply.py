"""The proof: real Terraform takes over what exists, changes only what is meant, and loses nothing."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.remediation.rendering import samples
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.sandbox.server import Sandbox
from ssm_hardening.verification.planned import Action, PlannedChange, plan_check, planned_changes
from ssm_hardening.verification.reaudit import Reaudit, reaudit
from ssm_hardening.verification.runner import CheckOutcome
from tests.remediation import acme
from tests.remediation.live import BASELINE, Live, Terraform, audited, failures, put, read_account, remedied_live

CLOSED = {
    "RUNAS-01",
    *(f"PREF-0{number}" for number in range(4, 9)),
    *("KMS-01", "CW-02", "S3-04", "S3-05", "S3-06", "S3-08"),
}


@pytest.fixture(scope="module")
def live(sandbox: Sandbox) -> Live:
    sandbox.reset("empty")
    acme.seed(sandbox)
    return remedied_live(read_account(sandbox))


def by_address(changes: tuple[PlannedChange, ...]) -> dict[str, PlannedChange]:
    return {each.address: each for each in changes}


def test_the_generated_code_closes_the_gaps_by_our_own_rules(live: Live) -> None:
    assert {rule for rule, _ in live.failed()} == CLOSED
    assert {target.rule for target in live.plan.targets} == CLOSED
    again = Reaudit(before=live.audit, rules=load_rules(), standard=BASELINE)
    check = reaudit(live.plan, live.generated, again, into=None, progress=lambda _: None)
    assert check.outcome is CheckOutcome.PASSED, check.details


@pytest.mark.terraform
def test_the_first_plan_imports_and_changes_only_what_is_meant_and_the_second_is_empty(
    live: Live, sandbox: Sandbox, tmp_path: Path
) -> None:
    put(tmp_path, live.generated)
    values = {name: text if "[" in text else json.dumps(text) for name, text in samples(live.plan).items()}
    (tmp_path / "terraform.tfvars").write_text("".join(f"{name} = {text}\n" for name, text in values.items()))
    acme.make_roles(sandbox, "node-role", "operator-role")
    with Terraform(tmp_path, sandbox).served() as terraform:
        assert terraform.run("fmt", "-check", "-recursive", "-diff", codes=(0, 3)) == ""
        assert_only_what_is_meant(terraform.plan(), live)
        terraform.apply()
        terraform.second_plan()
    assert_nothing_is_lost(sandbox)
    after = failures(audited(read_account(sandbox)))
    assert {(rule, subject) for rule, subject in after if rule in CLOSED} == set()


def assert_only_what_is_meant(plan: dict[str, Any], live: Live) -> None:
    changes = planned_changes(plan)
    assert plan_check(plan).outcome is CheckOutcome.PASSED
    assert {each.address for each in changes if each.imported} == {each.to for each in live.plan.imports}
    updates = {each.address: each.changed for each in changes if each.action is Action.UPDATE}
    assert updates == {
        'module.log_bucket.aws_s3_bucket_lifecycle_configuration.this["rules"]': {"rule"},
        "module.log_bucket.aws_s3_bucket_ownership_controls.this": {"rule"},
        'module.log_bucket.aws_s3_bucket_policy.this["policy"]': {"policy"},
        "module.log_group.aws_cloudwatch_log_group.this": {"kms_key_id", "skip_destroy"},
        "module.session_preferences.aws_ssm_document.this": updates["module.session_preferences.aws_ssm_document.this"],
    }
    created = {each.address for each in changes if each.action is Action.CREATE}
    assert {each for each in created if "session_keys" not in each} == {
        "module.log_bucket.aws_s3_bucket_versioning.this"
    }


def assert_nothing_is_lost(sandbox: Sandbox) -> None:
    statements = acme.bucket_policy(sandbox)
    assert acme.STATEMENT in statements
    assert [each["Sid"] for each in statements] == ["DenyPlainHttp", "DenyPlainHttp2", "DenyOldTls"]
    rules = {each["ID"]: each for each in acme.lifecycle(sandbox)}
    assert set(rules) == {"archive", "sessions", "scratch"}
    assert rules["archive"]["Transitions"] == acme.RULES[0]["Transitions"]
    assert rules["sessions"]["Expiration"]["Days"] == 365
    # Old versions of recordings are kept as long as the recordings.
    assert rules["sessions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 365}
    assert rules["scratch"]["Filter"]["And"]["Tags"] == [{"Key": "class", "Value": "scratch"}]
    account = read_account(sandbox)
    (group,) = account.log_groups.items
    assert replace(group.retention_days, at=group.origin).value == 731  # type: ignore[union-attr] # it is known
