"""The customer managed keys that documents, buckets and log groups name, by id, ARN or alias."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from ssm_hardening.core.logic import ask, chained, mapped
from ssm_hardening.core.values import Absent, Datum, Inventory, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import statements_of
from ssm_hardening.model import Holding, Key, KeyGrant, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.joins import name_in_arn
from ssm_hardening.read.converting import default, items, json_document, member, record, switch
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Read, answered, entries, first_gap, given, known_texts, sent, tags_in
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.relations import named, owner_of, used_by

_WINDOW = 30
"""The days that AWS waits before it deletes a key, where who schedules it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAnswers:
    """What KMS says of a key: each a record, Absent where there is no such thing; aliases as their entries."""

    arn: str
    metadata: Value[Record]
    rotation: Value[Datum]
    policy: Value[Datum]
    aliases: Inventory[Value[Datum]]
    tags: Value[Record]
    grants: Inventory[Value[Datum]]


def _grant(entry: Value[Datum]) -> KeyGrant:
    """Return a grant; the name is its own where it has one, else its id."""
    name = given(entry, "Name")
    return KeyGrant(
        at=entry.at,
        name=sent(entry, "GrantId") if isinstance(name, Absent) else name,
        grantee=sent(entry, "GranteePrincipal"),
        operations=sent(entry, "Operations", convert=items),
        constrained=_constrained(entry),
    )


def _constrained(entry: Value[Datum]) -> Value[bool]:
    """Say whether the grant has constraints, which the API leaves out where there are none."""
    found = given(entry, "Constraints", convert=record)
    return Known(False, found.at) if isinstance(found, Absent) else mapped(found, lambda each: bool(each.members))


def _window(metadata: Value[Record]) -> Value[int]:
    """Return how long AWS would wait before it deletes the key.

    The window is chosen when deletion is scheduled; once it is, AWS says the day and not when that was.
    """
    match given(metadata, "DeletionDate"):
        case Known(date, at):
            return Unknown(
                Why.OUT_OF_SCOPE, at, f"the key is scheduled for deletion on {date}; the waiting period is unknown"
            )
        case Absent(at):
            return metadata if isinstance(metadata, Unknown) else Known(_WINDOW, at, defaulted=True)
        case Unknown() as gap:
            return gap


def _aliases(found: Inventory[Value[Datum]]) -> Inventory[Text]:
    """Return the names of a key's aliases, sorted."""
    names = known_texts((sent(each, "AliasName") for each in found), found.gap)
    return Inventory(tuple(sorted(names)), names.gap)


def _holdings(answers: KeyAnswers) -> Iterator[Holding]:
    """Yield the key and its aliases, as Terraform would import them."""
    at = calls.DESCRIBE_KEY.at(answers.arn)
    settings: dict[str, Value[Datum]] = {
        "KeyMetadata": answers.metadata,
        "Policy": answers.policy,
        "Tags": answers.tags,
        "Rotation": answers.rotation,
    }
    id_ = answers.arn.rpartition("/")[2]
    whole = Known(Record(settings), at)
    yield Holding(of=answers.arn, type=_type_of(answers.metadata), import_id=id_, at=at, settings=whole)
    listed = calls.LIST_KEY_ALIASES.at(answers.arn)
    for entry in answers.aliases:
        for name in known_texts([sent(entry, "AliasName")]):
            alias = record(entry, "the alias")
            yield Holding(of=answers.arn, type="aws_kms_alias", import_id=name, at=listed, settings=alias)


def _type_of(metadata: Value[Record]) -> str:
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


_User: TypeAlias = SessionDocument | LogBucket | LogGroup


def keys(
    aws: AwsApi,
    documents: Inventory[SessionDocument],
    buckets: Inventory[LogBucket],
    groups: Inventory[LogGroup],
) -> Read[Key]:
    """Return the keys that these name; one that is not there does not exist. Keys that AWS manages are left out.

    A key of another account is a gap: whether it works is for that account to say.
    """
    users: Inventory[_User] = Inventory(
        (*documents, *buckets, *groups), first_gap(documents.gap, buckets.gap, groups.gap)
    )
    names = named(users, lambda user: user.kms_key)
    asked = [name for name in names if not _AWS_OWN.search(name)]
    told = dict(zip(asked, aws.each(partial(_metadata, aws), asked), strict=True))
    known = {name: _resolved(aws, name, metadata) for name, metadata in told.items()}
    gap = first_gap(names.gap, *known.values())
    read = aws.each(partial(_answers, aws), _by_arn(known, told))
    there = [each for each in read if not isinstance(each.metadata, Absent)]
    return Read(
        facts=Inventory(tuple(_fact(each, users, known) for each in read), gap),
        holdings=Inventory(tuple(held for each in there for held in _holdings(each)), gap),
        owners=Inventory(tuple(owner_of(each.arn, name_in_arn(each.arn), each.tags) for each in there), gap),
    )


def _arn_of(aws: AwsApi, name: str) -> str:
    """Return the ARN that a name stands for here; where it is an alias, the alias's own."""
    if _ARN.fullmatch(name):
        return name
    return aws.who.arn("kms", name if name.startswith("alias/") else f"key/{name}")


def _region_of(name: str) -> str | None:
    found = _ARN.fullmatch(name)
    return None if found is None else found["region"]


def _metadata(aws: AwsApi, name: str) -> Value[Record]:
    """Return what KMS says of the key that a name means; Absent where there is none."""
    arn = _arn_of(aws, name)
    found = _ARN.fullmatch(arn)
    if found is not None and found["account"] != aws.who.account:
        at = calls.DESCRIBE_KEY.at(arn)
        return Unknown(Why.OUT_OF_SCOPE, at, f"the key {name} belongs to account {found['account']}")
    answer = aws.ask(calls.DESCRIBE_KEY, arn, {"KeyId": name}, missing=_GONE, region=_region_of(name))
    return sent(answered(answer), "KeyMetadata", convert=record)


def _resolved(aws: AwsApi, name: str, metadata: Value[Record]) -> Value[Text]:
    """Return the ARN of the key that a name means; Absent where AWS manages it."""
    match sent(metadata, "KeyManager"), sent(metadata, "Arn"):
        case Known("AWS", at), _:
            return Absent(at)
        case Known(), arn:
            return arn
        case Absent(at), _:
            return Known(_arn_of(aws, name), at)
        case Unknown() as gap, _:
            return gap


def _by_arn(known: Mapping[str, Value[Text]], told: Mapping[str, Value[Record]]) -> list[tuple[str, Value[Record]]]:
    """Return each key once, however many names it goes by, with its metadata."""
    found = {str(arn.value): told[name] for name, arn in known.items() if isinstance(arn, Known)}
    return sorted(found.items(), key=lambda each: each[0])


def _answers(aws: AwsApi, key: tuple[str, Value[Record]]) -> KeyAnswers:
    arn, gone = key
    if isinstance(gone, Absent):
        return KeyAnswers(
            arn=arn, metadata=gone, rotation=gone, policy=gone, aliases=Inventory(), tags=gone, grants=Inventory()
        )
    id_, region = {"KeyId": arn}, _region_of(arn)
    rotation = aws.ask(calls.GET_KEY_ROTATION, arn, id_, missing=_NO_ROTATION, region=region)
    policy = aws.ask(calls.GET_KEY_POLICY, arn, {**id_, "PolicyName": "default"}, missing=_GONE, region=region)
    aliases = aws.all(calls.LIST_KEY_ALIASES, "Aliases", arn, id_, region=region)
    tags = aws.all(calls.LIST_KEY_TAGS, "Tags", arn, id_, region=region)
    grants = aws.all(calls.LIST_GRANTS, "Grants", arn, id_, region=region)
    return KeyAnswers(
        arn=arn,
        metadata=key[1],
        rotation=answered(rotation),
        policy=json_document(sent(answered(policy), "Policy")),
        aliases=entries(aliases, calls.LIST_KEY_ALIASES.at(arn)),
        tags=tags_in(tags, calls.LIST_KEY_TAGS.at(arn), key="TagKey", value="TagValue"),
        grants=entries(grants, calls.LIST_GRANTS.at(arn)),
    )


def _fact(answers: KeyAnswers, users: Inventory[_User], known: Mapping[str, Value[Text]]) -> Key:
    origin, metadata = calls.DESCRIBE_KEY.at(answers.arn), answers.metadata

    def means(user: _User) -> Value[Text]:
        """Return the ARN that the name stands for; a name that was not looked up means no key of this picture."""
        return chained(user.kms_key, lambda name: known.get(str(name.value), Absent(name.at)))

    return Key(
        address=answers.arn,
        declaration=answers.arn,
        origin=origin,
        name=Known(name_in_arn(answers.arn), origin),
        exists=ask(metadata, lambda _: True, absent=False),
        enabled=mapped(sent(metadata, "KeyState"), lambda state: state == "Enabled"),
        rotation=default(sent(answers.rotation, "KeyRotationEnabled", convert=switch), fallback=False),
        deletion_window_days=_window(metadata),
        usage=sent(metadata, "KeyUsage"),
        spec=sent(metadata, "KeySpec"),
        aliases=_aliases(answers.aliases),
        statements=statements_of(answers.policy, answers.policy.at),
        used_by=used_by(answers.arn, users, means, origin),
        grants=Inventory(tuple(_grant(each) for each in answers.grants), answers.grants.gap),
        material=sent(metadata, "Origin"),
    )
