from pathlib import Path

import pytest

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Known, Reference, Template, Unknown, Why
from ssm_hardening.model import Key
from ssm_hardening.model.joins import Found, Uncertain, join
from tests.read.facts.configurations import account_in, by_address, plain

AT = CodeOrigin("main.tf", 1)


def key_in(folder: Path, body: str, more: str = "", kind: str = "aws_kms_key") -> Key:
    (key,) = account_in(folder, f'resource "{kind}" "k" {{\n{body}\n}}\n{more}').keys
    return key


def test_a_key_as_aws_makes_it(tmp_path: Path) -> None:
    key = key_in(tmp_path, "")
    for name, value in (
        ("enabled", True),
        ("rotation", False),
        ("deletion_window_days", 30),
        ("usage", "ENCRYPT_DECRYPT"),
        ("spec", "SYMMETRIC_DEFAULT"),
    ):
        read = getattr(key, name)
        assert (read.value, read.defaulted) == (value, True), name
    assert plain(key.name) is None
    assert key.statements.items == ()
    assert key.statements.gap is None


def test_a_key_as_it_is_written(tmp_path: Path) -> None:
    body = """
      is_enabled               = false
      enable_key_rotation      = true
      deletion_window_in_days  = 7
      key_usage                = "SIGN_VERIFY"
      customer_master_key_spec = "RSA_2048"
      policy                   = jsonencode({ Statement = { Effect = "Allow", Action = "kms:*", Resource = "*" } })
    """
    key = key_in(tmp_path, body)
    read = [plain(value) for value in (key.enabled, key.rotation, key.deletion_window_days, key.usage, key.spec)]
    assert read == [False, True, 7, "SIGN_VERIFY", "RSA_2048"]
    assert [plain(each.actions) for each in key.statements] == [["kms:*"]]


def test_a_replica_takes_the_rest_from_its_primary(tmp_path: Path) -> None:
    key = key_in(tmp_path, 'primary_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/x"', kind="aws_kms_replica_key")
    assert plain(key.enabled) is True
    assert plain(key.rotation) is Why.COMPUTED


def test_a_replica_of_an_external_key_is_a_key(tmp_path: Path) -> None:
    argument = 'primary_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/x"\n enabled = false'
    key = key_in(tmp_path, argument, kind="aws_kms_replica_external_key")
    assert [plain(key.enabled), plain(key.rotation), plain(key.material)] == [False, Why.COMPUTED, "EXTERNAL"]


def test_a_policy_of_its_own(tmp_path: Path) -> None:
    more = """
resource "aws_kms_key_policy" "k" {
  key_id = aws_kms_key.k.id
  policy = jsonencode({ Statement = [{ Sid = "Root", Effect = "Allow", Action = "kms:*", Resource = "*" }] })
}
"""
    key = key_in(tmp_path, "", more)
    assert [plain(each.sid) for each in key.statements] == ["Root"]


ALIAS = """
resource "aws_kms_alias" "k" {
  name          = "alias/sessions"
  target_key_id = aws_kms_key.k.key_id
}
"""


@pytest.mark.parametrize(
    "name",
    [
        Reference("aws_kms_key.k", "arn"),
        Reference("aws_kms_alias.k", "arn"),
        Reference("aws_kms_alias.k", "target_key_arn"),
        "alias/sessions",
        "arn:aws:kms:eu-west-1:111122223333:alias/sessions",
    ],
    ids=str,
)
def test_a_key_is_meant_by_reference_or_alias(tmp_path: Path, name: str | Reference) -> None:
    keys = account_in(tmp_path, 'resource "aws_kms_key" "k" {}\nresource "aws_kms_key" "other" {}\n' + ALIAS).keys
    match join(Known(name, AT), keys):
        case Found(fact):
            assert fact.address == "aws_kms_key.k"
        case other:
            pytest.fail(str(other))


def test_the_arn_of_an_alias_with_holes_may_mean_the_key(tmp_path: Path) -> None:
    hole = Reference("data.aws_caller_identity.current", "account_id")
    name = Template(("arn:aws:kms:eu-west-1:", hole, ":alias/sessions"))
    assert isinstance(
        join(Known(name, AT), account_in(tmp_path, 'resource "aws_kms_key" "k" {}\n' + ALIAS).keys), Uncertain
    )


def test_an_alias_of_a_key_that_cannot_be_told(tmp_path: Path) -> None:
    key = key_in(tmp_path, "", 'variable "key" {}\n' + ALIAS.replace("aws_kms_key.k.key_id", "var.key"))
    assert key.aliases.items == ()
    assert key.aliases.gap is not None


def test_log_groups(tmp_path: Path) -> None:
    text = """
variable "days" {}
resource "aws_cloudwatch_log_group" "kept" {
  name              = "/ssm/sessions"
  retention_in_days = 365
  kms_key_id        = aws_kms_key.k.arn
}
resource "aws_cloudwatch_log_group" "forever" {
  name_prefix       = "/ssm/"
  retention_in_days = 0
}
resource "aws_cloudwatch_log_group" "unset" {
  name = "/ssm/unset"
}
resource "aws_cloudwatch_log_group" "unknown" {
  name              = "/ssm/unknown"
  retention_in_days = var.days
}
resource "aws_kms_key" "k" {}
"""
    groups = by_address(account_in(tmp_path, text).log_groups)
    kept = groups["aws_cloudwatch_log_group.kept"]
    assert [plain(kept.name), plain(kept.retention_days)] == ["/ssm/sessions", 365]
    assert plain(kept.kms_key) == "aws_kms_key.k.arn"
    assert plain(groups["aws_cloudwatch_log_group.forever"].retention_days) is None
    assert str(plain(groups["aws_cloudwatch_log_group.forever"].name)).startswith("/ssm/${")
    assert plain(groups["aws_cloudwatch_log_group.unset"].retention_days) is None
    assert isinstance(groups["aws_cloudwatch_log_group.unknown"].retention_days, Unknown)


def test_the_grants_of_a_key_say_who_may_do_what_and_whether_always(tmp_path: Path) -> None:
    def granting(name: str, more: str = "") -> str:
        return f"""
          resource "aws_kms_grant" "{name}" {{
            key_id            = aws_kms_key.k.key_id
            grantee_principal = "arn:aws:iam::111122223333:role/{name}"
            operations        = ["Decrypt"]
            {more}
          }}"""

    limit = 'constraints {\n encryption_context_equals = { a = "b" }\n }'
    perhaps = 'dynamic "constraints" {\n for_each = var.limits\n content {}\n }\n }\n variable "limits" {'
    found = key_in(tmp_path, "", granting("one") + granting("two", limit) + granting("three", perhaps)).grants
    read = {plain(each.grantee).rpartition("/")[2]: (plain(each.operations), plain(each.constrained)) for each in found}
    decrypt = ["Decrypt"]
    assert read == {"one": (decrypt, False), "two": (decrypt, True), "three": (decrypt, Why.UNRESOLVED_INPUT)}
