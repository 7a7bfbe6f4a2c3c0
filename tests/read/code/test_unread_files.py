"""Files of code that were not read: an override file may replace anything in its folder, another one only adds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ssm_hardening.core import limits
from ssm_hardening.verdicts.findings import Failed, Finding, Passed, Undecided
from tests.read.code.test_unread import BLOCKED, DOCUMENT, audited, bucket

OVER = 'resource "aws_s3_bucket_public_access_block" "records" {\n  block_public_acls = false\n}\n'


def _broken(path: Path) -> None:
    path.write_text("resource {", encoding="utf-8")


def _in_utf_16(path: Path) -> None:
    path.write_bytes(OVER.encode("utf-16"))


def _too_long(path: Path) -> None:
    path.write_text(OVER + "#" * limits.CODE, encoding="utf-8")


def _leading_out(path: Path) -> None:
    outside = path.parent.parent / "outside.tf"
    outside.write_text(OVER, encoding="utf-8")
    path.symlink_to(outside)


UNREAD: dict[str, Callable[[Path], None]] = {
    "broken": _broken,
    "in UTF-16": _in_utf_16,
    "too long": _too_long,
    "a link that leads out": _leading_out,
}
OVERRIDES = ("override.tf", "records_override.tf", "x_override.tf.json", "override.tofu")
Found = dict[tuple[str, str], Finding]


def decided(found: Found, rule: str, subject: str) -> bool:
    return not isinstance(found[rule, subject].verdict, Undecided)


@pytest.mark.parametrize("name", OVERRIDES)
@pytest.mark.parametrize("write", UNREAD.values(), ids=UNREAD)
def test_whatever_an_override_file_may_replace_is_undecided(
    write: Callable[[Path], None], name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "root"
    folder.mkdir()
    write(folder / name)
    found = audited(folder, main_tf=bucket())
    told = {key: type(each.verdict) for key, each in found.items() if isinstance(each.verdict, Passed | Failed)}
    assert told == {}
    assert not decided(found, "S3-03", "aws_s3_bucket.records")
    assert not decided(found, "PREF-05", "aws_ssm_document.preferences")
    assert [subject.rpartition("/")[2] for rule, subject in found if rule == "READ-01"] == [name]


def test_an_override_file_that_is_read_overrides(tmp_path: Path) -> None:
    found = audited(tmp_path, "S3-03", main_tf=bucket(), records_override_tf=OVER)
    assert isinstance(found["S3-03", "aws_s3_bucket.records"].verdict, Failed)


INNER = f'variable "name" {{}}\n{DOCUMENT}resource "aws_s3_bucket" "records" {{\n  bucket = var.name\n}}\n{BLOCKED}'


def test_an_override_file_of_one_folder_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    main = "".join(
        f'module "{each}" {{\n  source = "./{each}"\n  name = "{each}-logs"\n}}\n' for each in ("one", "two")
    )
    found = audited(tmp_path, main_tf=main, one__main_tf=INNER, two__main_tf=INNER, one__x_override_tf="resource {")
    assert not decided(found, "S3-03", "module.one.aws_s3_bucket.records")
    assert isinstance(found["S3-03", "module.two.aws_s3_bucket.records"].verdict, Passed)
    assert isinstance(found["PREF-05", "module.two.aws_ssm_document.preferences"].verdict, Passed)


def test_what_an_overridden_folder_hands_on_is_undecided(tmp_path: Path) -> None:
    main = 'locals { on = true }\nmodule "logs" {\n  source = "./logs"\n  on = local.on\n}\n'
    inner = INNER.replace('variable "name" {}', 'variable "on" {}').replace("var.name", '"a-name"')
    inner = inner.replace("block_public_policy = true", "block_public_policy = var.on")
    found = audited(tmp_path, "S3-03", main_tf=main, logs__main_tf=inner, override_tf="locals {")
    assert not decided(found, "S3-03", "module.logs.aws_s3_bucket.records")


def test_another_file_adds_and_replaces_nothing(tmp_path: Path) -> None:
    """What the document says of itself holds; what a resource of its own could say of the bucket is open."""
    found = audited(tmp_path, main_tf=bucket(), more_tf="resource {")
    assert isinstance(found["PREF-05", "aws_ssm_document.preferences"].verdict, Passed)
    assert isinstance(found["S3-03", "aws_s3_bucket.records"].verdict, Passed)
    for rule in ("S3-02", "S3-04", "S3-06", "S3-07"):
        assert not decided(found, rule, "aws_s3_bucket.records")
    undecided = [key for key, each in found.items() if isinstance(each.verdict, Undecided) and key[1] == "account"]
    assert undecided == []


def test_an_override_of_what_was_not_read_says_nothing_of_the_rest(tmp_path: Path) -> None:
    main = bucket().replace(BLOCKED, "")
    found = audited(tmp_path, "S3-03", main_tf=main, blocked_tf=f"{BLOCKED}\nresource {{", x_override_tf=OVER)
    assert not decided(found, "S3-03", "aws_s3_bucket.records")


@pytest.mark.parametrize(
    ("broken", "expected"), [("a.auto.tfvars", Passed), ("z.auto.tfvars", Undecided), ("terraform.tfvars", Passed)]
)
def test_a_file_of_values_that_was_not_read_may_set_what_stands_before_it(
    broken: str, expected: type, tmp_path: Path
) -> None:
    main = 'variable "on" { default = false }\n' + bucket().replace("Enabled = true", "Enabled = var.on")
    (tmp_path / "m.auto.tfvars").write_text("on = true\n", encoding="utf-8")
    (tmp_path / broken).write_text("on = {", encoding="utf-8")
    found = audited(tmp_path, "PREF-05", "S3-02", main_tf=main)
    assert isinstance(found["PREF-05", "aws_ssm_document.preferences"].verdict, expected)
    assert isinstance(found["S3-02", "aws_s3_bucket.records"].verdict, Passed)
    assert [rule for rule, _ in found].count("READ-01") == 1
