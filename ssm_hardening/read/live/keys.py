"""The customer managed keys that documents, buckets and log groups name, by id, ARN or alias."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import statements_of
from ssm_hardening.model import Fact, Holding, Key, KeyGrant, LogBucket, LogGroup, Ownership, SessionDocument
from ssm_hardening.model.joins import name_in_arn
from ssm_hardening.read.converting import default, items, json_document, mapped, member, record, switch
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Read, answered, entries, first_gap, given, sent, tags_in
from ssm_hardening.read.live.asking import Caller
from ssm_hardening.read.live.destinations import named, used_by
from ssm_hardening.read.live.owners import owner_of

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


_GONE = ("NotFoundException",)
_NO_ROTATION = (*_GONE, "UnsupportedOperationException")
_AWS_OWN = re.compile(r"(?:^|:)alias/aws/")
_ARN = re.compile(r"arn:[^:]+:kms:(?P<region>[^:]*):(?P<account>[^:]*):.+")


def keys(
    caller: Caller,
    documents: Inventory[SessionDocument],
    buckets: Inventory[LogBucket],
    groups: Inventory[LogGroup],
) -> Read[Key]:
    """Return the keys that these name; one that is not there does not exist. Keys that AWS manages are left out.

    A key of another account is a gap: whether it works is for that account to say.
    """
    users: Inventory[Any] = Inventory(
        (*documents, *buckets, *groups), first_gap(documents.gap, buckets.gap, groups.gap)
    )
    names = named(users, _key_of)
    asked = [name for name in names if not _AWS_OWN.search(name)]
    told = dict(zip(asked, caller.each(partial(_metadata, caller), asked), strict=True))
    known = {name: _resolved(caller, name, metadata) for name, metadata in told.items()}
    gaps = [each for each in known.values() if isinstance(each, Unknown)]
    gap = first_gap(names.gap, *gaps)
    read = caller.each(partial(_answers, caller), _by_arn(known, told))
    there = [each for each in read if not isinstance(each.metadata, Absent)]
    return Read(
        facts=Inventory(tuple(_fact(each, users, known) for each in read), gap),
        holdings=Inventory(tuple(held for each in there for held in holdings_of(each)), gap),
        owners=Inventory(tuple(_owner(each) for each in there), gap),
    )


def _key_of(user: Any) -> Value[Any]:  # noqa: ANN401 - a document, bucket or log group
    value: Value[Any] = user.kms_key
    return value


def _arn_of(caller: Caller, name: str) -> str:
    """Return the ARN that a name stands for here; where it is an alias, the alias's own."""
    if _ARN.fullmatch(name):
        return name
    return caller.who.arn("kms", name if name.startswith("alias/") else f"key/{name}")


def _region_of(name: str) -> str | None:
    found = _ARN.fullmatch(name)
    return None if found is None else found["region"]


def _metadata(caller: Caller, name: str) -> Value[Any]:
    """Return what KMS says of the key that a name means; Absent where there is none."""
    arn = _arn_of(caller, name)
    found = _ARN.fullmatch(arn)
    if found is not None and found["account"] != caller.who.account:
        at = ApiOrigin(arn, str(calls.DESCRIBE_KEY))
        return Unknown(Why.OUT_OF_SCOPE, at, f"the key {name} belongs to account {found['account']}")
    answer = caller.ask(calls.DESCRIBE_KEY, arn, {"KeyId": name}, missing=_GONE, region=_region_of(name))
    return sent(answered(answer), "KeyMetadata", convert=record)


def _resolved(caller: Caller, name: str, metadata: Value[Any]) -> Value[Any]:
    """Return the ARN of the key that a name means; Absent where AWS manages it."""
    match sent(metadata, "KeyManager"), sent(metadata, "Arn"):
        case Known("AWS", at), _:
            return Absent(at)
        case Known(), arn:
            return arn
        case Absent(at), _:
            return Known(_arn_of(caller, name), at)
        case Unknown() as gap, _:
            return gap


def _by_arn(known: Mapping[str, Value[Any]], told: Mapping[str, Value[Any]]) -> list[tuple[str, Value[Any]]]:
    """Return each key once, however many names it goes by, with its metadata."""
    found = {arn.value: told[name] for name, arn in known.items() if isinstance(arn, Known)}
    return sorted(found.items(), key=lambda each: each[0])


def _answers(caller: Caller, key: tuple[str, Value[Any]]) -> Answers:
    arn, metadata = key
    if isinstance(metadata, Absent):
        return Answers(
            arn=arn,
            metadata=metadata,
            rotation=metadata,
            policy=metadata,
            aliases=Inventory(),
            tags=metadata,
            grants=Inventory(),
        )
    ask = partial(caller.ask, arn=arn, region=_region_of(arn))
    id_ = {"KeyId": arn}
    return Answers(
        arn=arn,
        metadata=metadata,
        rotation=answered(ask(calls.GET_KEY_ROTATION, parameters=id_, missing=_NO_ROTATION)),
        policy=answered(ask(calls.GET_KEY_POLICY, parameters={**id_, "PolicyName": "default"}, missing=_GONE)),
        aliases=_listed(caller, calls.LIST_KEY_ALIASES, "Aliases", arn),
        tags=_tags(caller, arn),
        grants=_listed(caller, calls.LIST_GRANTS, "Grants", arn),
    )


def _listed(caller: Caller, call: calls.Call, key: str, arn: str) -> Inventory[Value[Any]]:
    found = caller.all(call, key, arn, {"KeyId": arn}, region=_region_of(arn))
    return entries(found, ApiOrigin(arn, str(call)))


def _tags(caller: Caller, arn: str) -> Value[Any]:
    call = calls.LIST_KEY_TAGS
    found = caller.all(call, "Tags", arn, {"KeyId": arn}, region=_region_of(arn))
    return tags_in(found, ApiOrigin(arn, str(call)), key="TagKey", value="TagValue")


def _fact(answers: Answers, users: Inventory[Fact], known: Mapping[str, Value[Any]]) -> Key:
    origin = ApiOrigin(answers.arn, str(calls.DESCRIBE_KEY))

    def means(user: Fact) -> Value[Any]:
        """Return the ARN that the name stands for; a name that was not looked up means no key of this picture."""
        return mapped(_key_of(user), lambda name: known.get(str(name.value), Absent(name.at)))

    return Key(
        address=answers.arn,
        declaration=answers.arn,
        origin=origin,
        name=Known(name_in_arn(answers.arn), origin),
        exists=_exists(answers.metadata),
        used_by=used_by(answers.arn, users, means, origin),
        **fields_of(answers),
    )


def _exists(metadata: Value[Any]) -> Value[bool]:
    match metadata:
        case Known(at=at):
            return Known(True, at)
        case Absent(at):
            return Known(False, at)
        case Unknown():
            return metadata


def _owner(answers: Answers) -> Ownership:
    return owner_of(answers.arn, name_in_arn(answers.arn), answers.tags)
