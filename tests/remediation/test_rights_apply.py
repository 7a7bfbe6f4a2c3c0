"""The proof for rights: added first, restricted after the canary; a recorded session can be opened all along."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.access.people import Person, people
from ssm_hardening.access.requests import may_start, on_any_node, on_document, on_node
from ssm_hardening.iam.decisions import Allowed, Denied
from ssm_hardening.model import PREFERENCES_NAME, Account, Role
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.read.live.clients import AwsTarget, WantedStores
from ssm_hardening.read.live.picture import read_account
from ssm_hardening.remediation.planning import plan_remediation
from ssm_hardening.remediation.rendering import samples
from ssm_hardening.remediation.rights.result import CANARY
from ssm_hardening.sandbox.server import Sandbox, running
from tests.read.live import fleet
from tests.remediation.live import Live, Terraform, audited, failures, put, remedied_live
from tests.remediation.loop import read_text

WIDE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["ssm:StartSession", "ssm:TerminateSession", "ssm:ResumeSession", "ssm:SendCommand"],
            "Resource": "*",
        },
        {"Effect": "Allow", "Action": ["ssm:UpdateDocument", "ssm:CreateDocument"], "Resource": "*"},
    ],
}
TAG = {"Key": "SessionAccess", "Value": "operators"}
CLOSED = {"ROLE-02", "OPER-01", "OPER-02", "OPER-03", "OPER-04", "OPER-05", "OPER-06"}
KEPT = "AWS-GatherSoftwareInventory"


@pytest.fixture(scope="module")
def account() -> Iterator[Sandbox]:
    """Return the walkthrough's account with an operator role that may do too much, and nodes with tags."""
    with running("walkthrough") as sandbox, pytest.MonkeyPatch.context() as patch:
        for name, text in sandbox.environment().items():
            patch.setenv(name, text)
        iam, ec2 = fleet.client("iam"), fleet.client("ec2")
        trust = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{sandbox.account}:root"},
                "Action": "sts:AssumeRole",
            },
        }
        fleet.role("operators", trust=trust)
        iam.put_role_policy(RoleName="operators", PolicyName="wide", PolicyDocument=json.dumps(WIDE))
        fleet.role("break-glass", trust=trust)
        nodes = [each["InstanceId"] for page in ec2.describe_instances()["Reservations"] for each in page["Instances"]]
        ec2.create_tags(Resources=nodes, Tags=[TAG])
        association = {"AssociationId": "00000000-0000-4000-8000-000000000001", "Name": KEPT, "Targets": []}
        sandbox.put(associations=[association])
        yield sandbox


def read(sandbox: Sandbox) -> Account:
    bucket = f"session-manager-demo-{sandbox.account}-{sandbox.region}"
    return read_account(AwsTarget(region=sandbox.region), WantedStores(log_buckets=(bucket,)))


def operators(account: Account) -> Person:
    return next(each for each in people(account) if each.fact.address.endswith("role/operators"))


def node_role(account: Account) -> Role:
    return next(each for each in account.roles if each.address.endswith("session-manager-demo-default"))


def may_open_a_recorded_session(account: Account) -> bool:
    """Ask our own decisions, and moto's evaluation of the very policies that are attached."""
    person, (node, *_) = operators(account), account.instances.items
    start = "ssm:StartSession"
    document = on_document(account, person.fact, start, PREFERENCES_NAME)
    target = on_node(account, person.fact, start, node)
    ours = isinstance(may_start(person, target, document), Allowed)
    return ours and not by_moto_denied(str(document.resource))


def by_moto_denied(document: str) -> bool:
    """Say whether a statement without conditions of those attached denies the document, as moto judges it."""
    from moto.iam.access_control import IAMPolicy, PermissionResult

    plain = [each for policy in attached("operators") for each in policy["Statement"] if "Condition" not in each]
    policies = (IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": [each]})) for each in plain)
    return any(each.is_action_permitted("ssm:StartSession", document) is PermissionResult.DENIED for each in policies)


def attached(role: str) -> list[dict[str, Any]]:
    iam = fleet.client("iam")
    found = []
    for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
        answer = iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=version)
        found.append(answer["PolicyVersion"]["Document"])
    return found


def values(live: Live, sandbox: Sandbox, *, canary: bool) -> str:
    ours = {
        "break_glass_arns": json.dumps([f"arn:aws:iam::{sandbox.account}:role/break-glass"]),
        "operator_role_arns": json.dumps([f"arn:aws:iam::{sandbox.account}:role/operators"]),
        "node_tag_key": json.dumps(TAG["Key"]),
        "node_tag_values": json.dumps([TAG["Value"]]),
        CANARY: json.dumps(canary),
    }
    given = {name: text if "[" in text else json.dumps(text) for name, text in samples(live.plan).items()}
    return "".join(f"{name} = {text}\n" for name, text in {**given, **ours}.items())


@pytest.mark.terraform
def test_rights_are_added_then_restricted_and_sessions_stay_possible(account: Sandbox, tmp_path: Path) -> None:
    before = read(account)
    live = remedied_live(before)
    assert {rule for rule, _ in live.failed()} >= CLOSED
    assert {each.rule for each in live.plan.proved} >= CLOSED - {"OPER-02"}
    assert all(
        call.inputs.get("keep") == ["associations", "inventory"] for call in live.plan.modules if "keep" in call.inputs
    )
    put(tmp_path, live.generated)
    with Terraform(tmp_path, account).served() as terraform:
        (tmp_path / "terraform.tfvars").write_text(values(live, account, canary=False))
        terraform.plan_and_apply()
        terraform.second_plan()
        assert_rights_are_added(account, tmp_path)
        (tmp_path / "terraform.tfvars").write_text(values(live, account, canary=True))
        terraform.plan_and_apply()
        terraform.second_plan()
    assert_rights_are_restricted(account, live)


def assert_rights_are_added(account: Sandbox, code: Path) -> None:
    added = read(account)
    assert "AmazonSSMManagedInstanceCore" in str(node_role(added).managed_policies)
    assert may_open_a_recorded_session(added)
    assert not own_work_undone(added)
    assert not own_work_undone(*read_terraform([code]).accounts)
    assert not own_work_undone(added, *read_terraform([code]).accounts)
    still = {(rule, subject) for rule, subject in failures(audited(added)) if rule in CLOSED}
    assert {rule for rule, _ in still} >= {"OPER-01", "OPER-05"}


def assert_rights_are_restricted(account: Sandbox, live: Live) -> None:
    restricted = read(account)
    assert "AmazonSSMManagedInstanceCore" not in str(node_role(restricted).managed_policies)
    assert may_open_a_recorded_session(restricted)
    assert not isinstance(may_start_on_any_node(restricted), Allowed)
    assert not own_work_undone(restricted)
    left = failures(audited(restricted))
    assert {(each.rule, each.subject) for each in live.plan.proved} & left == set()
    assert {rule for rule, subject in left if subject.endswith(("role/operators", "demo-default"))} <= {
        "OPER-02",  # the condition alone, which is low: it belongs into statements that are not ours
        "OPER-08",  # no MFA condition in those statements
        "OPER-09",
        "OPER-10",
    }


def own_work_undone(*accounts: Account) -> list[str]:
    """Return the steps of another plan that would take away a policy that an apply of ours attached."""
    plan = plan_remediation(audited(*accounts), accounts, into=False, read_file=read_text)
    return [step.what for step in plan.manual if "-session-logging" in step.what or "-session-minimum" in step.what]


def may_start_on_any_node(account: Account) -> Allowed | Denied | Any:
    person = operators(account)
    document = on_document(account, person.fact, "ssm:StartSession", PREFERENCES_NAME)
    return may_start(person, on_any_node(account, person.fact), document)
