"""Where the recordings of a session go, by the document that it ran with."""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssm_hardening.model import PREFERENCES_NAME, SessionDocument
from ssm_hardening.origins import Origin
from ssm_hardening.sources.aws.destinations import literal
from ssm_hardening.values import Absent, Inventory, Known, Unknown, Value, Why

_AWS_OWN = re.compile(r"^(?:aws|amazon|amzn)", re.IGNORECASE)
"""How the names of documents begin that only AWS may make."""

_TUNNELS = re.compile(r"^AWS-Start(?:SSHSession|PortForwarding)")


@dataclass(frozen=True, slots=True)
class Folder:
    """A place in a bucket; `prefix` ends with a slash, or is empty for the bucket's root."""

    bucket: str
    prefix: str

    def key(self, session: str) -> str:
        """Return the key of a session's recording, as the agent writes it."""
        return f"{self.prefix}{session}.log"


AFolder: TypeAlias = Folder | Absent | Unknown
AGroup: TypeAlias = str | Absent | Unknown


@dataclass(frozen=True, slots=True)
class Stores:
    """Where a session should be recorded; Absent where its document names no such store."""

    folder: AFolder
    group: AGroup


def stores_of(document: Value[Any], documents: Inventory[SessionDocument]) -> Stores:
    """Return the stores of a session by the document that the history names; without one the preferences applied.

    So they may where AWS's own documents run; what is found in their stores is recorded in any case. A tunnel has none.
    """
    match document:
        case Known(name, at):
            return _by_name(str(name), at, documents)
        case Absent(at):
            return _of_preferences(at, documents)
        case Unknown() as gap:
            return Stores(gap, gap)


def _by_name(name: str, at: Origin, documents: Inventory[SessionDocument]) -> Stores:
    """Look a document up by its name, or by its ARN: another account's may have the same name."""
    own = _find(name, documents)
    if own is not None:
        return _of_document(own)
    short = name.rpartition(":document/")[2]
    if _TUNNELS.match(short):
        return Stores(Absent(at), Absent(at))
    if _AWS_OWN.match(short) or name == PREFERENCES_NAME:
        return _of_preferences(at, documents)
    gone = Unknown(Why.OUT_OF_SCOPE, at, f"{name} is no session document of this account today")
    gap = gone if documents.gap is None else documents.gap
    return Stores(gap, gap)


def _find(name: str, documents: Inventory[SessionDocument]) -> SessionDocument | None:
    return next((each for each in documents if name in {each.address, _name_of(each)}), None)


def _name_of(document: SessionDocument) -> str | None:
    match document.name:
        case Known(str() as name):
            return name
        case Known() | Absent() | Unknown():
            return None


def _of_preferences(at: Origin, documents: Inventory[SessionDocument]) -> Stores:
    found = _find(PREFERENCES_NAME, documents)
    if found is not None:
        return _of_document(found)
    nothing = Absent(at) if documents.gap is None else documents.gap
    return Stores(nothing, nothing)


def _of_document(document: SessionDocument) -> Stores:
    match document.session_type:
        case Known("Port", at):
            return Stores(Absent(at), Absent(at))
        case _:
            return Stores(_folder(document), _group(document))


def _folder(document: SessionDocument) -> AFolder:
    match literal(document.s3_bucket):
        case Known(bucket):
            return _in_bucket(str(bucket), literal(document.s3_key_prefix))
        case Absent() | Unknown() as nothing:
            return nothing


def _in_bucket(bucket: str, prefix: Value[Any]) -> AFolder:
    match prefix:
        case Known(text):
            return Folder(bucket, str(text).strip("/") + "/")
        case Absent():
            return Folder(bucket, "")
        case Unknown():
            return prefix


def _group(document: SessionDocument) -> AGroup:
    match literal(document.cloudwatch_log_group):
        case Known(name):
            return str(name)
        case Absent() | Unknown() as nothing:
            return nothing
