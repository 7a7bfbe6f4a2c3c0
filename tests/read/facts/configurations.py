"""Reads a configuration as a user's folder would be read: from files, by the reader itself."""

from pathlib import Path
from typing import Any

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Items, Known, Unknown, Value
from ssm_hardening.model import Account, Fact, LogBucket, SessionDocument
from ssm_hardening.read.code.reader import read_terraform

FIXTURES = Path(__file__).parents[1] / "code" / "fixtures"


ANOTHER_DOCUMENT = """
resource "aws_ssm_document" "command" {
  name          = "a-command"
  document_type = "Command"
  content       = "{}"
}
"""
"""Makes a folder one of interest, though it is no session document."""


def accounts_in(folder: Path, text: str) -> tuple[Account, ...]:
    (folder / "command.tf").write_text(ANOTHER_DOCUMENT, encoding="utf-8")
    (folder / "main.tf").write_text(text, encoding="utf-8")
    return read_terraform([folder]).accounts


def account_in(folder: Path, text: str) -> Account:
    (account,) = accounts_in(folder, text)
    return account


def fixture(name: str) -> Account:
    (account,) = read_terraform([FIXTURES / name]).accounts
    return account


def document_in(folder: Path, content: str, more: str = "") -> SessionDocument:
    """Return the one document of a configuration whose `content` argument is this expression."""
    text = f"""
resource "aws_ssm_document" "prefs" {{
  name          = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content       = {content}
}}
{more}
"""
    (document,) = account_in(folder, text).session_documents
    return document


def bucket_in(folder: Path, more: str, body: str = "") -> LogBucket:
    """Return the one bucket of a configuration, `body` within it and `more` beside it."""
    (bucket,) = account_in(
        folder, f'resource "aws_s3_bucket" "logs" {{\n  bucket = "logs"\n{body}\n}}\n{more}'
    ).log_buckets
    return bucket


def by_address(facts: Any) -> dict[str, Any]:
    found: dict[str, Fact] = {fact.address: fact for fact in facts}
    return found


def plain(value: Value[Any]) -> Any:
    """Return what is known as plain Python, references and texts with holes as text, None for absent."""
    match value:
        case Known(Items(items, None)):
            return [plain(item) for item in items]
        case Known(bool() | int() | str() as content):
            return content
        case Known(content):
            return str(content)
        case Absent():
            return None
        case Unknown(why=why):
            return why


def may_be(value: Value[Any]) -> list[Any]:
    """Return the candidates of something that is not known."""
    assert isinstance(value, Unknown)
    return [plain(each) for each in value.one_of]


def line(origin: Origin) -> tuple[str, int]:
    assert isinstance(origin, CodeOrigin)
    return Path(origin.file).name, origin.line
