"""Facts of documents whose code leaves a choice: what both ways have in common is known, the rest lists both."""

from pathlib import Path
from typing import Any

import pytest

from ssm_hardening.core.values import Absent, Known, Unknown, Value
from tests.read.facts.configurations import document_in

FLAGS = """
variable "flag" {
  type = bool
}
variable "json" {
  type = bool
}
variable "kms" {
  type = string
}
variable "more" {
  type = map(string)
}
"""

HEAD = 'schemaVersion = "1.0", sessionType = "Standard_Stream"'


def _shown(value: Value[Any]) -> Any:
    match value:
        case Known(content):
            return content
        case Absent():
            return None
        case Unknown(one_of=choices):
            return {_shown(choice) for choice in choices} or "?"


def _document(tmp_path: Path, inputs: str) -> dict[str, Any]:
    return _facts(tmp_path, f"jsonencode({{ {HEAD}, inputs = {inputs} }})")


def _facts(tmp_path: Path, content: str) -> dict[str, Any]:
    document = document_in(tmp_path, content, FLAGS)
    names = ("session_type", "s3_bucket", "kms_key", "s3_encryption_enabled", "idle_session_timeout", "content_error")
    return {name: _shown(getattr(document, name)) for name in names}


@pytest.mark.parametrize(
    "merged",
    [
        'merge({ idleSessionTimeout = "5" }, var.flag ? { s3BucketName = "b" } : {})',
        'var.flag ? { idleSessionTimeout = "5", s3BucketName = "b" } : { idleSessionTimeout = "5" }',
        '{ for k, v in { idleSessionTimeout = "5", s3BucketName = var.flag ? "b" : null } : k => v }',
    ],
)
def test_an_input_that_may_be_missing(tmp_path: Path, merged: str) -> None:
    facts = _document(tmp_path, merged)
    assert facts["s3_bucket"] == {"b", None}
    assert facts["idle_session_timeout"] == 5
    assert facts["kms_key"] is None
    assert facts["content_error"] is None


def test_an_input_that_one_way_replaces(tmp_path: Path) -> None:
    facts = _document(tmp_path, '{ s3BucketName = "a", kmsKeyId = "k" }...'.removesuffix("..."))
    assert facts["s3_bucket"] == "a"
    facts = _document(tmp_path, 'merge({ s3BucketName = "a", kmsKeyId = "k" }, var.flag ? { s3BucketName = "b" } : {})')
    assert facts["s3_bucket"] == {"a", "b"}
    assert facts["kms_key"] == "k"


def test_an_unknown_map_may_replace_everything_before_it_and_nothing_after(tmp_path: Path) -> None:
    facts = _document(tmp_path, 'merge({ s3BucketName = "a" }, var.more, { kmsKeyId = "k" })')
    assert facts["s3_bucket"] == "?"
    assert facts["idle_session_timeout"] == "?"
    assert facts["kms_key"] == "k"


def test_a_conditional_makes_texts_of_switches_beside_texts(tmp_path: Path) -> None:
    facts = _document(tmp_path, 'true ? { s3EncryptionEnabled = false, s3BucketName = "b" } : {}')
    assert facts["s3_encryption_enabled"] is False
    document = document_in(
        tmp_path, f'jsonencode({{ {HEAD}, inputs = true ? {{ runAsEnabled = true, kmsKeyId = "k" }} : {{}} }})', FLAGS
    )
    assert isinstance(document.run_as_enabled, Known)
    assert document.run_as_enabled.raw == "true"


def test_two_contents(tmp_path: Path) -> None:
    one = f'{{ {HEAD}, inputs = {{ s3BucketName = "a", kmsKeyId = "k" }} }}'
    other = f'{{ {HEAD}, inputs = {{ s3BucketName = "b", s3EncryptionEnabled = true }} }}'
    for content in (
        f"var.json ? jsonencode({one}) : jsonencode({other})",
        f"jsonencode(var.json ? {one} : {other})",
        f'var.json ? jsonencode({one}) : "${{jsonencode({other})}}"',
    ):
        facts = _facts(tmp_path, content)
        assert facts["s3_bucket"] == {"a", "b"}
        assert facts["kms_key"] == {"k", None}
        assert facts["s3_encryption_enabled"] == {False, True}
        assert facts["session_type"] == "Standard_Stream"


def test_a_text_that_is_chosen_in_a_template(tmp_path: Path) -> None:
    content = """<<EOT
{"schemaVersion": "1.0", "sessionType": "Standard_Stream",
 "inputs": {"s3BucketName": "${var.flag ? "a" : "b"}", "kmsKeyId": "${var.kms}",
 "s3EncryptionEnabled": ${var.flag}%{ if var.json }, "idleSessionTimeout": "5"%{ endif }}}
EOT
"""
    facts = _facts(tmp_path, content)
    assert facts["s3_bucket"] in ({"a", "b"}, "?")
    assert facts["kms_key"] == "?"
    assert facts["idle_session_timeout"] in ({5, 20}, "?")
