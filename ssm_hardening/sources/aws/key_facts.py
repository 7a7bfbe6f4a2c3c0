"""From what KMS says of a key to the fields of the model, and what of it could be imported."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ssm_hardening.iam.parsing import statements_of
from ssm_hardening.model import Holding, KeyGrant
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.data import first_gap, given, sent
from ssm_hardening.sources.converting import default, items, mapped, member, switch
from ssm_hardening.sources.terraform.facts.texts import json_document
from ssm_hardening.values import Absent, Inventory, Known, Record, Text, Unknown, Value, Why

_WINDOW = 30
"""The days that AWS waits before it deletes a key, where who schedules it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What KMS says of a key: each a record, Absent where there is no such thing; aliases as their entries."""

    arn: str
    metadata: Value[Any]
    rotation: Value[Any]
    policy: Value[Any]
    aliases: Inventory[Value[Any]]
    tags: Value[Any]
    grants: Inventory[Value[Any]]


def fields_of(answers: Answers) -> dict[str, Any]:
    """Return every field of the model that the answers tell, by name."""
    metadata = answers.metadata
    return {
        "enabled": mapped(sent(metadata, "KeyState"), lambda known: Known(known.value == "Enabled", known.at)),
        "rotation": default(sent(answers.rotation, "KeyRotationEnabled", convert=switch), fallback=False),
        "deletion_window_days": _window(metadata),
        "usage": sent(metadata, "KeyUsage"),
        "spec": sent(metadata, "KeySpec"),
        "aliases": aliases_of(answers.aliases),
        "statements": statements_of(_policy(answers), answers.policy.at),
        "grants": Inventory(tuple(_grant(each) for each in answers.grants), answers.grants.gap),
        "material": sent(metadata, "Origin"),
    }


def _grant(entry: Value[Any]) -> KeyGrant:
    """Return a grant; the name is its own where it has one, else its id."""
    name = given(entry, "Name")
    return KeyGrant(
        at=entry.at,
        name=sent(entry, "GrantId") if isinstance(name, Absent) else name,
        grantee=sent(entry, "GranteePrincipal"),
        operations=sent(entry, "Operations", convert=items),
    )


def _window(metadata: Value[Any]) -> Value[int]:
    """Return how long AWS would wait before it deletes the key.

    The window is chosen when deletion is scheduled; once it is, AWS says the day and not when that was.
    """
    match given(metadata, "DeletionDate"):
        case Known(date, at):
            return Unknown(Why.OUT_OF_SCOPE, at, f"the key is to be deleted on {date}, after a window that is not told")
        case Absent(at):
            return metadata if isinstance(metadata, Unknown) else Known(_WINDOW, at, defaulted=True)
        case Unknown() as gap:
            return gap


def _policy(answers: Answers) -> Value[Any]:
    return json_document(sent(answers.policy, "Policy"))


def aliases_of(found: Inventory[Value[Any]]) -> Inventory[Text]:
    """Return the names of a key's aliases, sorted."""
    names = [sent(each, "AliasName") for each in found]
    gaps = [each for each in names if isinstance(each, Unknown)]
    known = sorted(each.value for each in names if isinstance(each, Known))
    return Inventory(tuple(known), first_gap(found.gap, *gaps))


def holdings_of(answers: Answers) -> Iterator[Holding]:
    """Yield the key and its aliases, as Terraform would import them."""
    at = ApiOrigin(answers.arn, str(calls.DESCRIBE_KEY))
    id_ = answers.arn.rpartition("/")[2]
    settings = {
        "KeyMetadata": answers.metadata,
        "Policy": _policy(answers),
        "Tags": answers.tags,
        "Rotation": answers.rotation,
    }
    whole = Known(Record(settings), at)
    yield Holding(of=answers.arn, type=_type_of(answers.metadata), import_id=id_, at=at, settings=whole)
    listed = ApiOrigin(answers.arn, str(calls.LIST_KEY_ALIASES))
    for entry in answers.aliases:
        match sent(entry, "AliasName"):
            case Known(name):
                yield Holding(of=answers.arn, type="aws_kms_alias", import_id=name, at=listed, settings=entry)
            case Absent() | Unknown():
                continue


def _type_of(metadata: Value[Any]) -> str:
    match given(metadata, "Origin"), member(metadata, ("MultiRegionConfiguration", "MultiRegionKeyType")):
        case _, Known("REPLICA"):
            return "aws_kms_replica_key"
        case Known("EXTERNAL"), _:
            return "aws_kms_external_key"
        case _:
            return "aws_kms_key"
