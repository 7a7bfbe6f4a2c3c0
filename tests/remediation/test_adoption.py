"""What the planner takes over, what it leaves to somebody, and why."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import ssm_hardening
from ssm_hardening.core.values import Inventory, Items, Known, Record
from ssm_hardening.model import Account, OwnerKind
from ssm_hardening.read.live.clients import WantedStores
from ssm_hardening.remediation.adoption.documents import module_inputs
from ssm_hardening.remediation.adoption.objects import NotAdoptableError
from ssm_hardening.remediation.plan import AsJson, FromExpression
from ssm_hardening.report.audit_json import remediation_json
from ssm_hardening.report.style import Style
from ssm_hardening.report.table_plan import remediation_lines
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.sandbox.server import Sandbox
from ssm_hardening.verdicts.standards import BUILT_IN
from ssm_hardening.verification.reaudit import Reaudit, reaudit
from ssm_hardening.verification.runner import CheckOutcome
from tests.remediation import acme
from tests.remediation.changing import address, denied, holdings, imported, inputs, modules, owned, steps, with_member
from tests.remediation.live import BASELINE, read_account, remedied_live
from tests.rules.builders_live import session

POLICY, LIFECYCLE = "aws_s3_bucket_policy", "aws_s3_bucket_lifecycle_configuration"
DOCUMENT = "aws_ssm_document"


@pytest.fixture(scope="module")
def account(sandbox: Sandbox) -> Account:
    sandbox.reset("empty")
    acme.seed(sandbox)
    return read_account(sandbox)


def test_imports_are_for_exactly_what_exists(account: Account) -> None:
    live = remedied_live(account)
    assert {(each.of, each.id) for each in live.plan.imports} <= {
        (each.of, each.import_id) for each in account.holdings
    }
    kinds = {each.type for each in account.holdings}
    assert {each.to.split(".")[2].split("[")[0] for each in live.plan.imports} == kinds
    assert "aws_s3_bucket_versioning" not in kinds
    assert "imports.tf" in live.generated.files


def test_what_is_not_there_is_not_imported(account: Account) -> None:
    rest = tuple(each for each in account.holdings if each.type != LIFECYCLE)
    plan = remedied_live(replace(account, holdings=Inventory(rest))).plan
    assert not any(LIFECYCLE in each for each in imported(plan))
    assert any("aws_s3_bucket.this" in each for each in imported(plan))


def test_inputs_are_the_live_values_and_the_intended_changes(account: Account) -> None:
    live = remedied_live(account)
    document = inputs(live, "session_preferences")
    assert document["idle_session_timeout_minutes"] == 15
    assert document["shell_profile"] == {"linux": "cd ~"}
    assert document["description"] == "Acme's own"
    assert document["run_as_enabled"] is True
    assert document["s3_bucket_name"] == FromExpression("module.log_bucket.bucket_name")
    bucket = inputs(live, "log_bucket")
    assert bucket["retention_days"] is None
    assert bucket["abort_uploads_after_days"] is None
    assert isinstance(bucket["existing_policy"], AsJson)
    assert bucket["existing_policy"].data == {"Version": "2012-10-17", "Statement": [acme.STATEMENT]}
    assert inputs(live, "log_group")["retention_in_days"] == 731


def test_hostile_tags_arrive_as_text(account: Account) -> None:
    text = remedied_live(account).generated.files["main.tf"]
    assert r'Team = "x\"\n}$${path.module}"' in text


@pytest.mark.parametrize("kind", [POLICY, LIFECYCLE, "aws_s3_bucket_public_access_block"])
def test_a_part_that_cannot_be_read_blocks_the_bucket_and_says_why(account: Account, kind: str) -> None:
    plan = remedied_live(holdings(account, kind, denied(account))).plan
    assert "log_bucket" not in modules(plan)
    assert not any("log_bucket" in each for each in imported(plan))
    assert "s3:GetBucketPolicy: access denied" in steps(plan, "S3-06")
    assert "session_preferences" in modules(plan)


def test_holdings_that_may_lack_something_block_everything(account: Account) -> None:
    plan = remedied_live(replace(account, holdings=Inventory(account.holdings.items, denied(account)))).plan
    assert imported(plan) == set()
    assert "access denied" in steps(plan, "PREF-07")


@pytest.mark.parametrize(
    ("owner", "name", "told"),
    [
        (OwnerKind.CLOUDFORMATION, "sessions-prod", "the CloudFormation stack sessions-prod"),
        (OwnerKind.LANDING_ZONE_ACCELERATOR, None, "the Landing Zone Accelerator"),
        (OwnerKind.TERRAFORM, None, "run plan on that code"),
    ],
)
def test_what_somebody_owns_is_told_and_never_taken(
    account: Account, owner: OwnerKind, name: str | None, told: str
) -> None:
    foreign = owned(account, address(account, "document"), Known(owner.value, account.at), name)
    plan = remedied_live(foreign).plan
    assert "session_preferences" not in modules(plan)
    assert not any("aws_ssm_document" in each for each in imported(plan))
    assert told in steps(plan, "PREF-07")
    assert 'set inputs.idleSessionTimeout to "15"' in steps(plan, "PREF-07")


def test_an_owner_who_cannot_be_told_is_a_question_first(account: Account) -> None:
    doubtful = owned(account, address(account, "bucket"), denied(account, "s3:GetBucketTagging"))
    plan = remedied_live(doubtful).plan
    assert not any("log_bucket" in each for each in imported(plan))
    assert any(acme.BUCKET in question for question in plan.questions)


def test_a_document_of_a_stack_is_not_imported(sandbox: Sandbox, account: Account) -> None:
    assert account.source == "live"
    sandbox.reset("empty")
    acme.seed(sandbox, tags=[{"Key": "aws:cloudformation:stack-name", "Value": "prefs"}])
    plan = remedied_live(read_account(sandbox)).plan
    assert not any("aws_ssm_document" in each for each in imported(plan))
    assert "the CloudFormation stack prefs" in steps(plan, "PREF-07")


def test_content_that_the_module_cannot_keep_blocks_the_document(account: Account) -> None:
    (holding,) = (each for each in account.holdings if each.type == DOCUMENT)
    at = holding.at
    assert isinstance(holding.settings, Known)
    content = holding.settings.value.members["Content"]
    assert isinstance(content, Known)
    strange = Known(Record({**content.value.members, "parameters": Known(Record({"x": Known("y", at)}), at)}), at)
    plan = remedied_live(with_member(account, DOCUMENT, "Content", strange)).plan
    assert "session_preferences" not in modules(plan)
    assert "parameters" in steps(plan, "PREF-07")


def test_a_default_version_behind_the_latest_is_promoted_by_hand_first(account: Account) -> None:
    plan = remedied_live(with_member(account, DOCUMENT, "DefaultVersion", Known("0", account.at))).plan
    assert "aws ssm update-document-default-version" in steps(plan, "PREF-07")
    assert "session_preferences" not in modules(plan)


def test_an_acl_that_grants_others_keeps_ownership_as_it_is(account: Account) -> None:
    at = account.at
    grant = Record({"Grantee": Known(Record({"URI": Known("http://acs.amazonaws.com/groups/s3/LogDelivery", at)}), at)})
    plan_of = remedied_live(with_member(account, "aws_s3_bucket", "Grants", Known(Items((Known(grant, at),)), at)))
    assert inputs(plan_of, "log_bucket")["object_ownership"] == "BucketOwnerPreferred"
    assert "the ACL of the bucket gives access to 1 other grantee" in steps(plan_of.plan, "S3-08")


def test_object_lock_on_an_adopted_bucket_is_its_owners_decision(account: Account) -> None:
    live = remedied_live(account, standard=BUILT_IN["strict"])
    assert "object_lock" not in inputs(live, "log_bucket")
    assert "cannot be disabled later" in steps(live.plan, "S3-04")


def test_what_no_finding_asks_for_is_not_changed_even_by_the_module(account: Account) -> None:
    open_block = Known(Record({"BlockPublicAcls": Known(False, account.at)}), account.at)
    kind = "aws_s3_bucket_public_access_block"
    public = replace(account, log_buckets=Inventory(tuple(_open(each) for each in account.log_buckets)))
    changed = with_member(public, kind, "PublicAccessBlockConfiguration", open_block)
    assert "log_bucket" in modules(remedied_live(changed).plan)
    plan = remedied_live(changed, standard=replace(BASELINE, off=frozenset({"S3-03"}))).plan
    assert "log_bucket" not in modules(plan)
    assert "no finding of S3-03 asks for" in steps(plan, "S3-06")


def _open(bucket: Any) -> Any:
    return replace(bucket, block_public_acls=Known(False, bucket.origin))


def test_without_preferences_all_modules_are_called(sandbox: Sandbox) -> None:
    sandbox.reset("empty")
    plan = remedied_live(read_account(sandbox)).plan
    assert modules(plan) == {"session_keys", "log_bucket", "log_group", "session_preferences"}
    assert imported(plan) == set()


def test_the_new_preferences_stand_for_the_defaults_of_aws(sandbox: Sandbox) -> None:
    sandbox.reset("empty")
    ended = replace(read_account(sandbox), sessions=Inventory((session(),)))
    live = remedied_live(ended)
    assert {"PREF-01", "PREF-03", "KMS-01"} <= {target.rule for target in live.plan.targets}
    again = Reaudit(before=live.audit, rules=load_rules(), standard=BASELINE)
    check = reaudit(live.plan, live.generated, again, into=None, progress=lambda _: None)
    assert check.outcome is CheckOutcome.PASSED, check.details


def test_a_bucket_and_a_group_that_the_user_names_become_the_stores(sandbox: Sandbox) -> None:
    sandbox.reset("empty")
    acme.seed(sandbox)
    named = WantedStores(log_buckets=(acme.BUCKET,), log_groups=(acme.GROUP,))
    found = read_account(sandbox, named)
    bare = replace(
        found,
        session_documents=Inventory(),
        log_buckets=Inventory(
            tuple(replace(each, used_by=Known(Items(()), each.origin)) for each in found.log_buckets)
        ),
        log_groups=Inventory(tuple(replace(each, used_by=Known(Items(()), each.origin)) for each in found.log_groups)),
    )
    live = remedied_live(bare)
    assert modules(live.plan) == {"session_keys", "log_bucket", "log_group", "session_preferences"}
    assert inputs(live, "log_bucket")["bucket_name"] == acme.BUCKET
    assert inputs(live, "session_keys")["purposes"] == ["session", "logs"]
    assert inputs(live, "session_keys")["log_group_name"] == acme.GROUP
    assert not any("aws_ssm_document" in each for each in imported(live.plan))
    assert "var.log_bucket_name" not in live.generated.files["main.tf"]


def test_a_named_bucket_of_a_stack_is_named_and_not_touched(sandbox: Sandbox) -> None:
    sandbox.reset("walkthrough")
    found = read_account(
        sandbox, WantedStores(log_buckets=(f"session-manager-demo-{sandbox.account}-{sandbox.region}",))
    )
    foreign = owned(found, address(found, "bucket"), Known("cloudformation", found.at), "lab")
    live = remedied_live(foreign)
    assert "log_bucket" not in modules(live.plan)
    assert inputs(live, "session_preferences")["s3_bucket_name"].startswith("session-manager-demo-")
    assert any("the CloudFormation stack lab" in step.why for step in live.plan.manual)


def test_json_and_table_show_the_imports(account: Account) -> None:
    plan = remedied_live(account).plan
    schema = json.loads((Path(ssm_hardening.__file__).parent / "schemas" / "audit-1.schema.json").read_text())
    written = json.loads(json.dumps(remediation_json(plan)))
    jsonschema.Draft202012Validator(
        {**schema, "$ref": "#/$defs/remediation", "properties": {}, "required": [], "additionalProperties": True}
    ).validate(written)
    assert [each["id"] for stage in written["stages"] for each in stage["imports"]] == [
        each.id for each in plan.imports
    ]
    lines = "\n".join(remediation_lines(plan, Style(width=100)))
    assert f"{len(plan.imports)} objects to import" in lines
    assert "as module.log_bucket.aws_s3_bucket.this" in lines


def test_the_readme_says_what_the_first_plan_must_show(account: Account) -> None:
    live = remedied_live(account)
    readme = live.generated.files["README.md"]
    assert f'"{len(live.plan.imports)} to import" and "0 to destroy"' in readme
    assert "import them instead of deleting them" not in readme
    assert "existing objects of `123456789012/ap-southeast-2`" in readme


def test_into_a_root_of_ones_own_imports_stand_beside_the_companion(account: Account) -> None:
    live = remedied_live(account, into=True)
    assert "to = module.ssm_harden_log_bucket.aws_s3_bucket.this" in live.generated.files["ssm_harden_imports.tf"]
    assert "module.ssm_harden_session_keys." in live.generated.files["ssm_harden.tf"]


def test_another_document_and_its_bucket_have_calls_of_their_own(sandbox: Sandbox) -> None:
    sandbox.reset("empty")
    acme.seed(sandbox)
    acme.add_document(sandbox, "Acme-Admins", bucket="acme-admin-logs")
    live = remedied_live(read_account(sandbox))
    assert {"session_preferences_acme_admins", "log_bucket_acme_admin_logs"} <= modules(live.plan)
    other = inputs(live, "session_preferences_acme_admins")
    assert other["document_name"] == "Acme-Admins"
    assert other["s3_bucket_name"] == FromExpression("module.log_bucket_acme_admin_logs.bucket_name")
    assert "module.log_bucket_acme_admin_logs.aws_s3_bucket.this" in imported(live.plan)
    again = Reaudit(before=live.audit, rules=load_rules(), standard=BASELINE)
    check = reaudit(live.plan, live.generated, again, into=None, progress=lambda _: None)
    assert check.outcome is CheckOutcome.PASSED, check.details


def test_a_document_with_a_number_of_minutes_is_not_taken_over() -> None:
    held: dict[str, Any] = {"s3BucketName": "records", "idleSessionTimeout": 20}
    with pytest.raises(NotAdoptableError, match="idleSessionTimeout of the document is 20, which is not a number"):
        module_inputs({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": held}, {})
