"""The documents that the policies of people name."""

from collections.abc import Iterator

from ssm_hardening.access.requests import ACCESS_CHECK, listed, request
from ssm_hardening.iam.decisions import Request
from ssm_hardening.iam.logic import is_yes, unanswered
from ssm_hardening.iam.texts import members
from ssm_hardening.model import Account
from ssm_hardening.origins import Origin
from ssm_hardening.rules.operators import Caller, context_of, granting
from ssm_hardening.values import Absent, Known, Reference, Template, Unknown, Why


def documents_named(caller: Caller, action: str, account: Account) -> Iterator[tuple[Request, str] | Unknown]:
    """Yield the documents that statements name for an action: the request about each, and its name (or pattern)."""
    for statement, answer in granting(caller, action):
        for item in members(statement.resources):
            match item:
                case Known(str() | Reference() | Template() as text, at) if is_yes(answer):
                    name = _document_name(text, account, at)
                    address = text.address if isinstance(text, Reference) else None
                    if isinstance(name, Unknown):
                        yield name
                    elif name:
                        asked = request(account, caller.person.fact, action, text, address=address)
                        yield context_of(asked, {ACCESS_CHECK: listed(at, "true")}), name
                case Unknown() as gap:
                    yield gap
                case _:
                    yield from (answer,) if isinstance(answer, Unknown) else ()


def _document_name(text: str | Reference | Template, account: Account, at: Origin) -> str | Unknown:
    """Return the name in the ARN of a document; empty for anything else."""
    if isinstance(text, Reference):
        return _referred(text, account, at)
    tail = text if isinstance(text, str) else text.parts[-1]
    if isinstance(tail, str) and ":document/" in tail:
        return tail.rpartition(":document/")[2]
    written = "".join(part for part in text.parts if isinstance(part, str)) if isinstance(text, Template) else ""
    return Unknown(Why.COMPUTED, at, f"which document {text} is") if ":document/" in written else ""


def _referred(reference: Reference, account: Account, at: Origin) -> str | Unknown:
    for document in account.session_documents:
        if document.address == reference.address:
            match document.name:
                case Known(str() as name):
                    return name
                case Known(text):
                    return Unknown(Why.COMPUTED, at, f"the name of {reference.address}, {text}")
                case Unknown() as gap:
                    return unanswered(gap)
                case Absent():
                    return Unknown(Why.UNPARSEABLE, at, f"the name of {reference.address}")
    documents = "aws_ssm_document" in reference.address
    return Unknown(Why.OUT_OF_SCOPE, at, f"which document {reference.address} is") if documents else ""
