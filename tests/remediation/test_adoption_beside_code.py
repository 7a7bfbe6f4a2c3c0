"""Code beside the account: which side fails decides the remedy."""

import json
from pathlib import Path

import pytest

from ssm_hardening.model import Account
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.sandbox.server import Sandbox
from tests.remediation import acme
from tests.remediation.changing import imported, modules, steps
from tests.remediation.live import read_account, remedied_live


@pytest.fixture(scope="module")
def account(sandbox: Sandbox) -> Account:
    sandbox.reset("empty")
    acme.seed(sandbox)
    return read_account(sandbox)


RIGHT = {"idleSessionTimeout": "15", "maxSessionDuration": "60"}


def code(folder: Path, **changes: str) -> Account:
    content = {**acme.CONTENT, "inputs": {**acme.CONTENT["inputs"], **changes}}  # type: ignore[dict-item]
    text = json.dumps(content, indent=2).replace("${", "$${")
    (folder / "main.tf").write_text(
        'resource "aws_ssm_document" "prefs" {\n'
        f'  name = "{acme.PREFERENCES}"\n  document_type = "Session"\n  content = jsonencode({text})\n}}\n'
    )
    (found,) = read_terraform([folder]).accounts
    return found


def test_what_fails_in_code_is_edited_there_and_its_twin_is_not_imported(account: Account, tmp_path: Path) -> None:
    plan = remedied_live(account, code(tmp_path)).plan
    assert any(edit.file.endswith("main.tf") and '"15"' in edit.after for edit in plan.edits)
    assert not any("aws_ssm_document" in each for each in imported(plan))
    assert "session_preferences" not in modules(plan)


def test_what_is_right_in_code_is_to_be_applied(account: Account, tmp_path: Path) -> None:
    plan = remedied_live(account, code(tmp_path, **RIGHT)).plan
    assert f"apply the code: aws_ssm_document.prefs is correct at {tmp_path}" in steps(plan, "PREF-07")
    assert not any("aws_ssm_document" in each for each in imported(plan))


def test_what_is_in_the_account_alone_is_imported_beside_code(account: Account, tmp_path: Path) -> None:
    plan = remedied_live(account, code(tmp_path, **RIGHT)).plan
    assert any("aws_s3_bucket.this" in each for each in imported(plan))


def test_code_whose_name_is_not_told_may_be_the_twin(account: Account, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "name" {}\nresource "aws_s3_bucket" "logs" {\n  bucket = var.name\n}\n'
        'resource "aws_ssm_document" "d" {\n  name = "other-doc"\n  document_type = "Session"\n'
        '  content = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = '
        "{ s3BucketName = aws_s3_bucket.logs.id } })\n}\n"
    )
    (found,) = read_terraform([tmp_path]).accounts
    plan = remedied_live(account, found).plan
    assert not any("aws_s3_bucket" in each for each in imported(plan))
    assert any(acme.BUCKET in question for question in plan.questions)


def test_code_that_was_not_applied_is_not_made_again(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset("empty")
    sandbox.put(
        sessions=[{"SessionId": "a-1", "Target": "i-1", "Status": "Terminated", "Owner": "arn:aws:iam::1:user/a"}]
    )
    empty = read_account(sandbox)
    plan = remedied_live(empty, code(tmp_path)).plan
    assert "is declared at" in steps(plan, "PREF-01")
    assert "session_preferences" not in modules(plan)
