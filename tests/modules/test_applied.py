"""The modules for rights, network and guardrails, applied to the simulated account by real Terraform.

What policies then say is decided by our own reading of them: the simulated account enforces none.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.access.people import Person, person_of
from ssm_hardening.access.requests import (
    COMMANDS,
    UNRECORDED,
    may,
    may_start,
    on_any_node,
    on_anything,
    on_document,
    on_unknown_document,
    request,
)
from ssm_hardening.iam.decisions import Allowed, Decision, Denied
from ssm_hardening.model import PREFERENCES_NAME, Account
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.sandbox.server import Sandbox
from ssm_hardening.read.live.picture import read_account
from ssm_hardening.read.live.clients import AwsTarget
from ssm_hardening.core.values import Known, Record
from tests.modules.test_modules import MODULES
from tests.remediation.live import Terraform, audited

pytestmark = pytest.mark.terraform

ROOT = Path(__file__).parent / "data" / "applied"
CORE = "AmazonSSMManagedInstanceCore"
WIDE = {"Effect": "Allow", "Action": ["ssm:*", "ec2:*", "iam:*", "s3:*", "logs:*", "kms:*"], "Resource": "*"}


@pytest.fixture(scope="module")
def applied(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Apply everything before the canary."""
    make_roles(sandbox)
    folder = tmp_path_factory.mktemp("applied")
    shutil.copytree(ROOT, folder, dirs_exist_ok=True)
    shutil.copytree(MODULES, folder / "modules", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    say(folder, sandbox, canary_passed=False)
    with Terraform(folder, sandbox).served() as terraform:
        terraform.plan_and_apply()
        yield terraform


def say(folder: Path, sandbox: Sandbox, *, canary_passed: bool) -> None:
    values = {"account": sandbox.account, "canary_passed": canary_passed}
    (folder / "terraform.tfvars.json").write_text(json.dumps(values))


def make_roles(sandbox: Sandbox) -> None:
    """Make a node role with AWS's policy and an operator role that may do too much."""
    iam = client("iam", sandbox)
    trusts = {"node": {"Service": "ec2.amazonaws.com"}, "operator": {"AWS": f"arn:aws:iam::{sandbox.account}:root"}}
    for name, principal in trusts.items():
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(statement))
    iam.attach_role_policy(RoleName="node", PolicyArn=f"arn:aws:iam::aws:policy/{CORE}")
    iam.put_role_policy(RoleName="operator", PolicyName="wide", PolicyDocument=policy(WIDE))


def policy(statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def client(service: str, sandbox: Sandbox) -> Any:
    from boto3.session import Session

    return Session().client(service, region_name=sandbox.region)


def attached(sandbox: Sandbox, role: str) -> set[str]:
    answer = client("iam", sandbox).list_attached_role_policies(RoleName=role)
    return {each["PolicyName"] for each in answer["AttachedPolicies"]}


def test_before_the_canary_rights_are_only_added(applied: Terraform, sandbox: Sandbox) -> None:
    applied.second_plan()
    assert attached(sandbox, "node") == {CORE, "node-session-logging"}
    assert attached(sandbox, "operator") == {"operator-session-grants"}
    assert attached(sandbox, "new-node") == {"new-node-session-logging", "new-node-session-minimum"}


def test_after_the_canary_the_minimum_takes_the_place_and_the_guard_stands(
    applied: Terraform, sandbox: Sandbox
) -> None:
    say(applied.folder, sandbox, canary_passed=True)
    changes = {each["address"]: each["change"]["actions"] for each in applied.plan()["resource_changes"]}
    swapped = "module.existing_nodes.aws_iam_role_policy_attachment.minimum"
    assert changes[swapped] == ["create", "delete"], "the new policy is attached before the old one goes"
    applied.apply()
    applied.second_plan()
    assert attached(sandbox, "node") == {"node-session-minimum", "node-session-logging"}
    guards = {f"operator-session-guard-{about}" for about in ("sessions", "side-doors", "evidence")}
    assert attached(sandbox, "operator") == {"operator-session-grants", *guards}

    account = read_account(AwsTarget(region=sandbox.region))
    assert_the_node_records_and_reads_nothing(account)
    for name in ("operator", "new-operator"):
        assert_recorded_sessions_and_nothing_beyond(account, named(account, name))
    assert_the_account_has_no_such_gap(account)


def named(account: Account, name: str) -> Person:
    found = (each for each in account.roles if isinstance(each.name, Known) and each.name.value == name)
    return person_of(next(found), account)


def assert_the_node_records_and_reads_nothing(account: Account) -> None:
    node = named(account, "node")
    upload = request(account, node.fact, "s3:PutObject", "arn:aws:s3:::session-logs-of-the-test/session-logs/x.log")
    assert isinstance(may(node, upload), Allowed)
    assert isinstance(may(node, on_anything(account, node.fact, "ssmmessages:OpenDataChannel")), Allowed)
    assert isinstance(may(node, on_anything(account, node.fact, "ssm:GetDeployablePatchSnapshotForInstance")), Allowed)
    for action in ("ssm:GetParameter", "ssm:StartSession", "s3:GetObject", "iam:PassRole"):
        assert isinstance(may(node, on_anything(account, node.fact, action)), Denied), action


def assert_recorded_sessions_and_nothing_beyond(account: Account, person: Person) -> None:
    who, at = person.fact, account.at
    preferences = on_document(account, who, "ssm:StartSession", PREFERENCES_NAME)
    tags = Record({"SessionAccess": Known("operators", at)})
    assert isinstance(may_start(person, on_any_node(account, who, tags=tags), preferences), Allowed)

    others = (*UNRECORDED, *COMMANDS)
    tried: dict[str, Decision] = {
        "a node without the tag": may(person, on_any_node(account, who)),
        "a hybrid node": may(person, on_any_node(account, who, hybrid=True)),
        "a document of nobody's": may(person, on_unknown_document(account, who)),
        **{name: may(person, on_document(account, who, "ssm:StartSession", name, owned=False)) for name in others},
        "a command as root": may(person, on_any_node(account, who, "ssm:SendCommand", tags=tags)),
        "the preferences": may(person, on_document(account, who, "ssm:UpdateDocument", PREFERENCES_NAME)),
        "another profile": may(person, on_any_node(account, who, "ec2:AssociateIamInstanceProfile")),
        "an activation": may(person, on_anything(account, who, "ssm:CreateActivation")),
        "the guard": may(
            person, request(account, who, "iam:DetachRolePolicy", f"arn:aws:iam::{_id(account)}:role/{_name(person)}")
        ),
        "the recordings": may(
            person, request(account, who, "s3:DeleteObject", "arn:aws:s3:::session-logs-of-the-test/session-logs/x.log")
        ),
    }
    assert {what: decision for what, decision in tried.items() if not isinstance(decision, Denied)} == {}


def _id(account: Account) -> str:
    assert isinstance(account.account, Known)
    return str(account.account.value)


def _name(person: Person) -> str:
    assert isinstance(person.fact.name, Known)
    return str(person.fact.name.value)


def assert_the_account_has_no_such_gap(account: Account) -> None:
    verdicts = {each.rule.id: type(each.verdict).__name__ for each in audited(account).findings}
    assert load_rules()
    assert {verdicts["ACCT-01"], verdicts["ACCT-03"]} == {"Passed"}
