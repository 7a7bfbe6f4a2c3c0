"""What is asked for each object does not grow with their number: counted, not timed."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ssm_hardening.judge.engine import run
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.standards import load_standard

_PREFERENCES = """resource "aws_ssm_document" "preferences" {
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = {} })
}
"""
_DOCUMENT = """resource "aws_ssm_document" "d@" {
  name          = "d@"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = { s3BucketName = aws_s3_bucket.b@.id }
  })
}
resource "aws_s3_bucket" "b@" { bucket = "b-@" }
"""
_NODE = """resource "aws_vpc" "v@" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s@" {
  vpc_id     = aws_vpc.v@.id
  cidr_block = "10.0.0.0/24"
}
resource "aws_security_group" "g@" { vpc_id = aws_vpc.v@.id }
resource "aws_instance" "i@" {
  ami                    = "ami-1"
  subnet_id              = aws_subnet.s@.id
  vpc_security_group_ids = [aws_security_group.g@.id]
}
"""
_STATEMENTS = """resource "aws_s3_bucket_policy" "p@" {
  bucket = aws_s3_bucket.b@.id
  policy = jsonencode({ Statement = [
    { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" },
    { Effect = "Deny", Principal = "*", Action = "s3:PutObject", Resource = "*" },
  ] })
}
resource "aws_s3_bucket" "b@" { bucket = "b-@" }
"""
_PERSON = """resource "aws_iam_user" "u@" { name = "u@" }
resource "aws_iam_user_policy" "p@" {
  user   = aws_iam_user.u@.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "*" }] })
}
"""


@pytest.mark.parametrize("text", [_DOCUMENT, _NODE, _STATEMENTS, _PERSON])
def test_steps_grow_as_the_number_of_objects(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    some, more = (_steps(partial(_audited, text, count, tmp_path)) for count in (40, 160))
    # Four times as many take four times the steps and what comes with an audit; of a square, there would be sixteen.
    assert more < 8 * some


def _audited(text: str, count: int, folder: Path) -> None:
    objects = (text.replace("@", str(number)) for number in range(count))
    (folder / "main.tf").write_text("".join((_PREFERENCES, *objects)))
    run(load_rules(), read_terraform([folder]).accounts, load_standard("baseline", known=frozenset()))


def _steps(act: Callable[[], object]) -> int:
    calls = 0

    def counted(_frame: object, event: str, _value: object) -> None:
        nonlocal calls
        calls += event == "call"

    act()  # what is loaded once is not counted
    sys.setprofile(counted)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls
