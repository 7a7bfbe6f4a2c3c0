from pathlib import Path

import pytest

from ssm_hardening.core.values import Absent, Items, Known, Reference, Template, Unknown, Why
from ssm_hardening.model import SessionDocument
from tests.read.facts.configurations import account_in, by_address, document_in, line, may_be, plain

FULL = """jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = "logs"
      s3KeyPrefix                 = "sessions"
      s3EncryptionEnabled         = true
      cloudWatchLogGroupName      = "/ssm/sessions"
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = "alias/sessions"
      runAsEnabled                = true
      runAsDefaultUser            = "operator"
      idleSessionTimeout          = "15"
      maxSessionDuration          = "60"
      shellProfile                = { linux = "exec bash", windows = "" }
    }
  })"""


def test_every_input_is_read(tmp_path: Path) -> None:
    document = document_in(tmp_path, FULL)
    read = {
        name: plain(getattr(document, name))
        for name in (
            "name", "document_type", "schema_version", "session_type", "s3_bucket", "s3_key_prefix",
            "s3_encryption_enabled", "cloudwatch_log_group", "cloudwatch_encryption_enabled",
            "cloudwatch_streaming_enabled", "kms_key", "run_as_enabled", "run_as_default_user", "idle_session_timeout",
            "max_session_duration", "shell_profile_linux", "shell_profile_windows", "content_error", "unknown_keys",
            "shared_with", "prevent_destroy", "exists", "parameters", "properties", "default_version",
        )
    }  # fmt: skip
    assert read == {
        "name": "SSM-SessionManagerRunShell",
        "document_type": "Session",
        "schema_version": "1.0",
        "session_type": "Standard_Stream",
        "s3_bucket": "logs",
        "s3_key_prefix": "sessions",
        "s3_encryption_enabled": True,
        "cloudwatch_log_group": "/ssm/sessions",
        "cloudwatch_encryption_enabled": True,
        "cloudwatch_streaming_enabled": True,
        "kms_key": "alias/sessions",
        "run_as_enabled": True,
        "run_as_default_user": "operator",
        "idle_session_timeout": 15,
        "max_session_duration": 60,
        "shell_profile_linux": "exec bash",
        "shell_profile_windows": None,
        "content_error": None,
        "unknown_keys": [],
        "shared_with": [],
        "prevent_destroy": False,
        "exists": True,
        "parameters": None,
        "properties": None,
        "default_version": Why.COMPUTED,
    }


def test_each_value_stands_where_it_was_written(tmp_path: Path) -> None:
    document = document_in(tmp_path, FULL)
    assert line(document.s3_bucket.at) == ("main.tf", 9)
    assert line(document.max_session_duration.at) == ("main.tf", 19)


def test_defaults_apply_where_nothing_is_written(tmp_path: Path) -> None:
    content = 'jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })'
    document = document_in(tmp_path, content)
    assert isinstance(document.idle_session_timeout, Known)
    assert (document.idle_session_timeout.value, document.idle_session_timeout.defaulted) == (20, True)
    assert isinstance(document.run_as_enabled, Known)
    assert (document.run_as_enabled.value, document.run_as_enabled.defaulted) == (False, True)
    assert plain(document.max_session_duration) is None
    assert plain(document.kms_key) is None
    assert plain(document.content_error) is None


def test_switches_and_numbers_written_as_text_keep_that_text(tmp_path: Path) -> None:
    document = document_in(tmp_path, FULL.replace("s3EncryptionEnabled         = true", 's3EncryptionEnabled = "true"'))
    assert isinstance(document.s3_encryption_enabled, Known)
    assert (document.s3_encryption_enabled.value, document.s3_encryption_enabled.raw) == (True, "true")
    assert isinstance(document.idle_session_timeout, Known)
    assert document.idle_session_timeout.raw == "15"


JSON_HEREDOC = """<<DOC
{
  "schemaVersion": "1.0",
  "sessionType": "Standard_Stream",
  "inputs": {
    "s3BucketName": "${aws_s3_bucket.logs.id}",
    "s3EncryptionEnabled": ${var.encrypted},
    "kmsKeyId": "${var.key}",
    "cloudWatchLogGroupName": "/ssm/${var.key}/x",
    "runAsDefaultUser": ""
  }
}
DOC
"""
VARIABLES = """
variable "key" {}
variable "encrypted" { default = true }
resource "aws_s3_bucket" "logs" {}
"""


def test_a_json_heredoc_is_read_member_by_member(tmp_path: Path) -> None:
    document = document_in(tmp_path, JSON_HEREDOC, VARIABLES)
    assert document.s3_bucket == Known(Reference("aws_s3_bucket.logs", "id"), document.s3_bucket.at)
    assert line(document.s3_bucket.at) == ("main.tf", 10)
    assert plain(document.s3_encryption_enabled) is True
    assert plain(document.kms_key) is Why.UNRESOLVED_INPUT
    assert isinstance(document.cloudwatch_log_group, Known)
    assert isinstance(document.cloudwatch_log_group.value, Template)
    assert plain(document.run_as_default_user) is None
    assert plain(document.session_type) == "Standard_Stream"


def test_yaml_by_its_format(tmp_path: Path) -> None:
    content = "<<DOC\nschemaVersion: '1.0'\nsessionType: Standard_Stream\ninputs:\n  s3BucketName: logs\nDOC\n"
    document = document_in(tmp_path, content + '  document_format = "YAML"')
    assert plain(document.s3_bucket) == "logs"
    assert line(document.s3_bucket.at) == ("main.tf", 9)
    assert plain(document.content_error) is None


def test_yaml_in_a_document_that_is_json(tmp_path: Path) -> None:
    document = document_in(
        tmp_path, 'yamlencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })'
    )
    assert plain(document.content_error) == "the content is YAML, but document_format is JSON"


def test_content_of_a_file_stands_in_that_file(tmp_path: Path) -> None:
    text = (
        '{\n  "schemaVersion": "1.0",\n  "sessionType": "Standard_Stream",\n  "inputs": {\n    "kmsKeyId": "alias/k"}}'
    )
    (tmp_path / "prefs.json").write_text(text, encoding="utf-8")
    document = document_in(tmp_path, 'file("${path.module}/prefs.json")')
    assert plain(document.kms_key) == "alias/k"
    assert line(document.kms_key.at) == ("prefs.json", 5)


@pytest.mark.parametrize("content", ["var.key", 'file("missing.json")', "aws_s3_bucket.logs.tags"])
def test_unreadable_content_makes_every_field_unknown(tmp_path: Path, content: str) -> None:
    document = document_in(tmp_path, content, VARIABLES)
    for name in ("kms_key", "s3_bucket", "idle_session_timeout", "run_as_enabled", "content_error", "unknown_keys"):
        assert isinstance(getattr(document, name), Unknown), name


def test_a_conditional_keeps_both_candidates(tmp_path: Path) -> None:
    content = """jsonencode({
      schemaVersion = "1.0"
      sessionType   = "Standard_Stream"
      inputs = {
        kmsKeyId           = var.key == "x" ? "alias/a" : ""
        idleSessionTimeout = var.key == "x" ? "15" : "15"
        maxSessionDuration = var.key == "x" ? "60" : ""
      }
    })"""
    document = document_in(tmp_path, content, VARIABLES)
    assert may_be(document.kms_key) == ["alias/a", None]
    assert plain(document.idle_session_timeout) == 15
    assert may_be(document.max_session_duration) == [60, None]


def test_a_choice_of_two_contents(tmp_path: Path) -> None:
    def content(key: str) -> str:
        return (
            'jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", '
            f'inputs = {{ s3BucketName = "logs", kmsKeyId = "{key}" }} }})'
        )

    document = document_in(tmp_path, f'var.key == "x" ? {content("alias/a")} : {content("")}', VARIABLES)
    assert plain(document.s3_bucket) == "logs"
    assert may_be(document.kms_key) == ["alias/a", None]
    assert plain(document.content_error) is None


ERRORS = {
    '{ schemaVersion = "2.2", sessionType = "Standard_Stream", inputs = {} }': 'schemaVersion is "2.2", not "1.0"',
    '{ sessionType = "Standard_Stream", inputs = {} }': "schemaVersion is missing",
    '{ schemaVersion = "1.0", inputs = {} }': "sessionType is missing",
    '{ schemaVersion = "1.0", sessionType = "Standard_Stream" }': "inputs is missing, which Standard_Stream needs",
    '{ schemaVersion = "1.0", sessionType = "Port" }': "properties is missing, which Port needs",
    '{ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = "x" }': (
        'inputs is the string "x", not an object'
    ),
    '{ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = { kmsKeyId = 1, idleSessionTimeout = "x" } }': (
        'inputs.kmsKeyId is the number 1, not a string; inputs.idleSessionTimeout is the string "x", not a whole number'
    ),
    '["x"]': "the content is a list, not an object",
}


@pytest.mark.parametrize(("content", "error"), ERRORS.items())
def test_what_aws_would_refuse(tmp_path: Path, content: str, error: str) -> None:
    assert plain(document_in(tmp_path, f"jsonencode({content})").content_error) == error


def test_a_member_of_another_type_is_unparseable(tmp_path: Path) -> None:
    document = document_in(tmp_path, FULL.replace('"15"', '"soon"').replace('"logs"', "7"))
    assert plain(document.idle_session_timeout) is Why.UNPARSEABLE
    assert plain(document.s3_bucket) is Why.UNPARSEABLE
    assert plain(document.max_session_duration) == 60


def test_broken_json_is_an_error_with_its_line(tmp_path: Path) -> None:
    document = document_in(tmp_path, '<<DOC\n{\n  "schemaVersion": "1.0",\n  "inputs": {,}\n}\nDOC\n')
    assert isinstance(document.content_error, Known)
    assert document.content_error.value.startswith("the content is not JSON")
    assert line(document.content_error.at) == ("main.tf", 8)
    assert plain(document.kms_key) is Why.UNPARSEABLE


def test_a_parameter_is_the_callers_choice(tmp_path: Path) -> None:
    document = document_in(tmp_path, FULL.replace('"logs"', '"{{ bucket }}"').replace('"15"', '"{{ idle }}"'))
    assert plain(document.s3_bucket) == "{{ bucket }}"
    assert isinstance(document.idle_session_timeout, Unknown)
    assert "{{ idle }}" in document.idle_session_timeout.detail
    assert isinstance(document.content_error, Unknown)


def test_keys_that_aws_does_not_define(tmp_path: Path) -> None:
    document = document_in(tmp_path, FULL.replace("kmsKeyId ", "kmsKeyID ").replace("windows =", "macos ="))
    assert plain(document.unknown_keys) == ["inputs.kmsKeyID", "inputs.shellProfile.macos"]
    assert isinstance(document.unknown_keys, Known)
    assert line(document.unknown_keys.value.items[0].at) == ("main.tf", 15)


def test_keys_that_cannot_be_told_leave_the_others_known(tmp_path: Path) -> None:
    content = """jsonencode({
      schemaVersion = "1.0"
      sessionType   = "Standard_Stream"
      inputs        = merge({ s3BucketName = "logs" }, var.key)
    })"""
    document = document_in(tmp_path, content, VARIABLES)
    assert isinstance(document.kms_key, Unknown)
    assert isinstance(document.content_error, Unknown)
    match document.unknown_keys:
        case Known(Items(rest=rest)):
            assert rest is not None
        case Absent() | Unknown():
            pytest.fail("the known keys were lost")


def test_sharing(tmp_path: Path) -> None:
    more = 'permissions = {\n type = "Share"\n account_ids = "111122223333, 444455556666"\n}\n'
    assert plain(document_in(tmp_path, FULL + "\n" + more).shared_with) == ["111122223333", "444455556666"]


def test_only_what_may_be_a_session_document_is_one(tmp_path: Path) -> None:
    text = """
locals { documents = { a = { type = "Session" }, b = { type = "Command" } } }
variable "kind" {}
resource "aws_ssm_document" "each" {
  for_each      = local.documents
  name          = each.key
  document_type = each.value.type
  content       = "{}"
}
resource "aws_ssm_document" "unknown" {
  name          = "unknown"
  document_type = var.kind
  content       = "{}"
}
resource "aws_ssm_document" "either" {
  name          = "either"
  document_type = var.kind == "x" ? "Command" : "Automation"
  content       = "{}"
}
"""
    documents = by_address(account_in(tmp_path, text).session_documents)
    assert sorted(documents) == ['aws_ssm_document.each["a"]', "aws_ssm_document.unknown"]
    assert plain(documents["aws_ssm_document.unknown"].document_type) is Why.UNRESOLVED_INPUT


def test_a_document_that_does_not_exist_says_so(tmp_path: Path) -> None:
    document = document_in(tmp_path, FULL + "\n  count = var.create ? 1 : 0", 'variable "create" { default = false }')
    assert plain(document.exists) is False


PLAIN = '{"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {INPUTS}}'


def written(folder: Path, inputs: str) -> SessionDocument:
    return document_in(folder, "<<-EOT\n" + PLAIN.replace("INPUTS", inputs) + "\nEOT\n")


SWITCHES = {'""': False, '"1"': True, '"T"': True, '"FALSE"': False, "null": False, '"yes"': None, "1": None}


@pytest.mark.parametrize("text", SWITCHES)
@pytest.mark.parametrize(
    ("key", "field"), [("runAsEnabled", "run_as_enabled"), ("s3EncryptionEnabled", "s3_encryption_enabled")]
)
def test_switches_as_the_agent_reads_them(text: str, key: str, field: str, tmp_path: Path) -> None:
    found = written(tmp_path, f'"{key}": {text}')
    value, wanted = getattr(found, field), SWITCHES[text]
    assert isinstance(value, Unknown) if wanted is None else plain(value) is wanted
    assert isinstance(found.content_error, Known) is (wanted is None)


@pytest.mark.parametrize("text", ["015", "+15", " 15", "1_5", "\u0661\u0665", "15.0"])
def test_a_timeout_is_written_in_plain_digits(text: str, tmp_path: Path) -> None:
    found = written(tmp_path, f'"idleSessionTimeout": "{text}", "maxSessionDuration": "{text}"')
    assert isinstance(found.idle_session_timeout, Unknown)
    assert isinstance(found.max_session_duration, Unknown)
    assert isinstance(found.content_error, Known)


def test_whether_a_timeout_that_is_a_number_applies_is_not_known(tmp_path: Path) -> None:
    found = written(tmp_path, '"idleSessionTimeout": 15, "maxSessionDuration": 60')
    assert may_be(found.idle_session_timeout) == [15, 20]
    assert may_be(found.max_session_duration) == [60, None]
    assert isinstance(found.content_error, Unknown)


REPEATED = {
    "twice": ('"runAsEnabled": true, "runAsEnabled": false', False, True),
    "twice the same": ('"runAsEnabled": true, "runAsEnabled": true', True, False),
    "in another case": ('"runAsEnabled": false, "RunAsEnabled": true', True, False),
    "around a hole": ('"kmsKeyId": "${timestamp()}", "runAsEnabled": true, "runAsEnabled": false', False, True),
    "in another case alone": ('"runasenabled": true', True, False),
}


@pytest.mark.parametrize("case", REPEATED)
def test_of_a_key_that_is_repeated_the_last_one_counts(case: str, tmp_path: Path) -> None:
    inputs, value, doubted = REPEATED[case]
    found = written(tmp_path, inputs)
    assert plain(found.run_as_enabled) is value
    assert isinstance(found.content_error, Unknown) is doubted


@pytest.mark.parametrize(
    ("inputs", "value"),
    [
        ("runAsEnabled = false, RunAsEnabled = true", False),
        ("RUNASENABLED = true, runAsEnabled = false", False),
        ("runasenabled = true, runAsEnabled = false", True),
    ],
)
def test_terraform_sorts_the_keys_of_which_the_last_counts(inputs: str, value: bool, tmp_path: Path) -> None:  # noqa: FBT001
    head = 'schemaVersion = "1.0"\nsessionType = "Standard_Stream"\n'
    found = document_in(tmp_path, f"jsonencode({{\n{head}inputs = {{ {inputs} }}\n}})")
    assert plain(found.run_as_enabled) is value


@pytest.mark.parametrize(("length", "error"), [(60_000, Absent), (66_000, Known)])
def test_a_content_has_64_kb_at_most(length: int, error: type, tmp_path: Path) -> None:
    (tmp_path / "profile.sh").write_text("# " + "x" * length, encoding="utf-8")
    inputs = 'inputs = { shellProfile = { linux = file("${path.module}/profile.sh") } }'
    head = 'schemaVersion = "1.0"\nsessionType = "Standard_Stream"\n'
    found = document_in(tmp_path, f"jsonencode({{\n{head}{inputs}\n}})")
    assert isinstance(found.content_error, error)
