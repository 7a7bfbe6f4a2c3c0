"""Every form in which session documents are found in the wild, and what must be read from it."""

from collections.abc import Mapping
from typing import Any

import pytest

from ssm_hardening.core.values import Unknown, Why
from tests.read.facts.configurations import by_address, fixture, line, plain

SHELL = 'module.documents.module.document.aws_ssm_document.this["Example-Shell"]'

FORMS: Mapping[tuple[str, str], dict[str, Any]] = {
    ("jsonencode", "aws_ssm_document.mixed_keys"): {
        "s3_bucket": ("aws_s3_bucket.logs.id", "main.tf", 13),
        "s3_encryption_enabled": (True, "main.tf", 14),
        "idle_session_timeout": (20, "main.tf", 15),
        "kms_key": (None, "main.tf", 16),
    },
    ("jsonencode", "aws_ssm_document.in_a_local"): {
        "cloudwatch_log_group": ("/example/sessions", "main.tf", 23),
        "run_as_enabled": (True, "main.tf", 24),
        "max_session_duration": (60, "main.tf", 29),
    },
    ("heredocs", "aws_ssm_document.plain"): {
        "cloudwatch_log_group": ("aws_cloudwatch_log_group.sessions.name", "main.tf", 22),
        "cloudwatch_encryption_enabled": (True, "main.tf", 23),
        "cloudwatch_streaming_enabled": (True, "main.tf", 24),
        "idle_session_timeout": (Why.UNRESOLVED_INPUT, "main.tf", 6),
        "run_as_default_user": ("${user}", "main.tf", 26),
    },
    ("heredocs", "aws_ssm_document.indented"): {
        "s3_bucket": (None, "indented.tf", 9),
        "s3_encryption_enabled": (True, "indented.tf", 10),
        "kms_key": ("arn:aws:kms:eu-west-1:111122223333:key/${var.timeout has no default}", "indented.tf", 11),
    },
    ("heredocs", "aws_ssm_document.yaml"): {
        "s3_bucket": ("example-logs", "yaml.tf", 9),
        "s3_encryption_enabled": True,
        "shell_profile_linux": "set -u\numask 077\n",
        "content_error": None,
    },
    ("templates", "aws_ssm_document.template_file"): {
        "s3_bucket": "example-logs",
        "kms_key": "aws_kms_key.session.arn",
    },
    ("templates", "aws_ssm_document.templatefile"): {
        "s3_bucket": ("example-logs", "prefs.json.tpl", 5),
        "kms_key": ("aws_kms_key.session.arn", "prefs.json.tpl", 6),
    },
    ("templates", "aws_ssm_document.yamlencode"): {
        "s3_bucket": ("example-logs", "main.tf", 34),
        "kms_key": ("aws_kms_key.session.arn", "main.tf", 35),
    },
    ("modules", SHELL): {"idle_session_timeout": (10, "Example-Shell.json", 5), "document_type": "Session"},
    ("modules", 'module.ssm["b"].aws_ssm_document.this[0]'): {
        "name": "Example-b",
        "s3_bucket": "module.logs.module.bucket.aws_s3_bucket.this.id",
    },
    ("tf_json", "aws_ssm_document.prefs"): {"kms_key": ("alias/sessions", "main.tf.json", 2)},
    ("legacy", "aws_ssm_document.prefs"): {"s3_bucket": "example-logs", "s3_encryption_enabled": True},
    ("remote", "aws_ssm_document.prefs"): {
        "s3_bucket": Why.OUT_OF_SCOPE,
        "s3_encryption_enabled": (True, "main.tf", 12),
    },
}


@pytest.mark.parametrize(("name", "address"), FORMS)
def test_each_form_is_read(name: str, address: str) -> None:
    document = by_address(fixture(name).session_documents)[address]
    for field, expected in FORMS[name, address].items():
        value = getattr(document, field)
        found = (plain(value), *line(value.at)) if isinstance(expected, tuple) else plain(value)
        assert found == expected, field


def test_what_no_file_tells_is_unknown() -> None:
    document = by_address(fixture("templates").session_documents)["aws_ssm_document.missing"]
    assert isinstance(document.kms_key, Unknown)
    assert isinstance(document.content_error, Unknown)


def test_neither_comments_nor_command_lines_are_documents() -> None:
    assert len(fixture("heredocs").session_documents) == 3
    templates = fixture("templates")
    assert "aws_ssm_document.by_command_line" not in by_address(templates.session_documents)
    assert "SSM-SessionManagerRunShell" in {sign.detail for sign in templates.usage_signs}


def test_the_bucket_three_modules_down_is_used_by_both_documents() -> None:
    (bucket,) = fixture("modules").log_buckets
    assert bucket.address == "module.logs.module.bucket.aws_s3_bucket.this"
    assert plain(bucket.name) == "example-logs"
    assert plain(bucket.used_by) == [f'module.ssm["{key}"].aws_ssm_document.this[0]' for key in ("a", "b")]


def test_two_instances_of_one_block_share_its_declaration() -> None:
    documents = [each for each in fixture("modules").session_documents if each.address.startswith("module.ssm")]
    assert {each.declaration for each in documents} == {"module.ssm.aws_ssm_document.this"}


def test_a_remote_module_may_hold_anything() -> None:
    account = fixture("remote")
    assert [gap.kind for gap in account.gaps] == ["module"]
    assert account.session_documents.gap is not None


def test_legacy_syntax_leaves_the_policy_readable() -> None:
    (bucket,) = fixture("legacy").log_buckets
    (statement,) = bucket.statements
    assert plain(statement.resources) == ["arn:aws:s3:::example-logs/${aws:username}/*"]
    assert plain(bucket.used_by) == ["aws_ssm_document.prefs"]
