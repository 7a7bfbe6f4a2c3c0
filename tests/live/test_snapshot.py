"""What is judged live is judged the same from its snapshot, anywhere and later."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.errors import ExitCode
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import Sandbox
from tests.live.conftest import Here

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
LIVE = ("--live", "--region", "ap-southeast-2")


@pytest.mark.parametrize("denied", ["", "DescribeSessions", "GetRole"])
def test_a_plan_of_the_snapshot_equals_the_live_one(denied: str, sandbox: Sandbox, here: Here) -> None:
    if denied:
        sandbox.set_faults([Fault(kind=FaultKind.DENIED, operation=denied)])
    live = here("plan", *LIVE, "--format", "json", "-q")
    taken = here("snapshot", *LIVE, "--out", "account.json", "-q")
    again = here("plan", "--snapshot", "account.json", "--format", "json", "-q")
    assert live.code == again.code == ExitCode.GAPS
    assert taken.code == ExitCode.OK
    assert again.out == live.out
    assert json.loads(live.out)["verdicts"]


def test_a_snapshot_overwrites_nothing_and_is_its_owners_alone(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    assert sandbox.calls() == []
    there = tmp_path / "account.json"
    there.write_text("mine")
    refused = here("snapshot", *LIVE, "--out", "account.json")
    assert refused.code == ExitCode.USAGE
    assert "account.json already exists" in refused.err
    assert there.read_text() == "mine"
    assert sandbox.calls() == []
    assert here("snapshot", *LIVE, "--out", "new.json", "-q").code == ExitCode.OK
    assert stat.S_IMODE((tmp_path / "new.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["account.json", "new.json"]


def test_a_snapshot_needs_a_folder_that_exists(sandbox: Sandbox, here: Here) -> None:
    assert sandbox.region
    failed = here("snapshot", *LIVE, "--out", "nowhere/account.json", "-q")
    assert failed.code == ExitCode.USAGE
    assert "nowhere/account.json: cannot be written" in failed.err


def test_code_is_no_live_account(here: Here, sandbox: Sandbox) -> None:
    assert sandbox.region
    assert "add --live" in here("snapshot", "--out", "account.json").err
    for option in (["--region", "eu-west-1"], ["--organization"], ["--log-bucket", "b"]):
        told = here("plan", *option)
        assert told.code == ExitCode.USAGE
        assert f"{option[0]} applies to live accounts only" in told.err


def test_nothing_secret_travels(sandbox: Sandbox, here: Here) -> None:
    import boto3

    ssm: Any = boto3.client("ssm")
    ssm.put_parameter(Name="/prod/password", Value="hunter2-parameter", Type="SecureString")
    iam: Any = boto3.client("iam")
    iam.create_role(RoleName="unrelated", AssumeRolePolicyDocument=json.dumps(_TRUST))
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="unrelated", PolicyName="secret-policy", PolicyDocument=json.dumps(policy))
    bucket = f"session-manager-demo-{sandbox.account}-{sandbox.region}"
    boto3.client("s3").put_object(Bucket=bucket, Key="alice-0a1b2c3d4e5f60711.log", Body=b"typed-in-session")
    sandbox.reset_calls()
    here("snapshot", *LIVE, "--log-bucket", bucket, "--out", "account.json", "-q")
    text = Path("account.json").read_text(encoding="utf-8")
    assert bucket in text
    assert "secret-policy" in text  # whoever may do something to sessions is read with all policies
    for secret in ("hunter2", "typed-in-session"):
        assert secret not in text
    made = {f"{call.service}:{call.operation}" for call in sandbox.calls()}
    assert made.isdisjoint({"s3:GetObject", "ssm:GetParameter", "ssm:GetParameters", "logs:GetLogEvents"})
