"""What ties an object to others: who names and uses it, and whose it is, as its tags and its name tell."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ssm_hardening.core.logic import chained
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Fact, OwnerKind, Ownership
from ssm_hardening.read.live.answers import first_gap, known_texts

F = TypeVar("F", bound=Fact)

_PARAMETER = re.compile(r"\{\{.*\}\}", re.DOTALL)
_BUCKET_NAME = re.compile(r"[a-zA-Z0-9._-]{1,255}")


def literal(value: Value[Text]) -> Value[str]:
    """Return the name as one that can be looked up; a parameter (`{{ name }}`) stands for what the caller chooses."""
    return chained(value, _literal)


def _literal(known: Known[Text]) -> Value[str]:
    if not isinstance(known.value, str):
        return Unknown(Why.UNSUPPORTED, known.at, "not a literal name")
    if _PARAMETER.search(known.value):
        return Unknown(Why.COMPUTED, known.at, f"the caller's parameter {known.value}")
    return Known(known.value, known.at)


def can_be_bucket(name: str) -> bool:
    """Say whether a bucket can have this name; boto3 asks about no other."""
    return _BUCKET_NAME.fullmatch(name) is not None


def named(users: Inventory[F], what: Callable[[F], Value[Text]], wanted: Iterable[str] = ()) -> Inventory[str]:
    """Return the names to look up, sorted; the gap says why users may name more.

    What a caller may choose is no gap: it is no store of the account's choice.
    """
    values = [what(user) for user in users]
    names = known_texts(map(literal, values))
    return Inventory(tuple(sorted({*names, *wanted})), first_gap(users.gap, *values))


def used_by(name: str, users: Inventory[F], what: Callable[[F], Value[Text]], origin: Origin) -> Value[Items]:
    """Return the addresses of the users that name an object; open-ended where what one names cannot be told."""
    found: list[Known[str]] = []
    doubt = users.gap
    for user in users:
        match what(user):
            case Known(text, at) if text == name:
                found.append(Known(user.address, at))
            case Unknown(why, at, detail) if doubt is None:
                doubt = Unknown(why, at, f"whether {user.address} uses {name}: {detail}")
            case Known() | Absent() | Unknown():
                pass
    if found or doubt is None:
        return Known(Items(tuple(found), doubt), origin)
    return doubt


_STACK = "aws:cloudformation:stack-name"
_STACK_ID = "aws:cloudformation:stack-id"

_PREFIXES: tuple[tuple[str, OwnerKind], ...] = (
    ("stackset-awscontroltower", OwnerKind.CONTROL_TOWER),
    ("awscontroltower", OwnerKind.CONTROL_TOWER),
    ("aws-controltower", OwnerKind.CONTROL_TOWER),
    ("stackset-aws-quicksetup", OwnerKind.QUICK_SETUP),
    ("aws-quicksetup", OwnerKind.QUICK_SETUP),
    ("awsaccelerator-", OwnerKind.LANDING_ZONE_ACCELERATOR),
    ("aws-accelerator-", OwnerKind.LANDING_ZONE_ACCELERATOR),
    ("awsreservedsso_", OwnerKind.IDENTITY_CENTER),
    ("stackset-", OwnerKind.STACK_SET),
)
"""How the names begin that these owners give, in small letters; the narrower ones first."""

_TAGS: Mapping[str, OwnerKind] = {
    "aws-control-tower": OwnerKind.CONTROL_TOWER,
    "accelerator": OwnerKind.LANDING_ZONE_ACCELERATOR,
    "accel-p": OwnerKind.LANDING_ZONE_ACCELERATOR,
    "quicksetupdocument": OwnerKind.QUICK_SETUP,
    "quicksetupid": OwnerKind.QUICK_SETUP,
    "quicksetuptype": OwnerKind.QUICK_SETUP,
    "quicksetupversion": OwnerKind.QUICK_SETUP,
}
"""Tags that these owners give, in small letters, whatever their values."""

_MANAGERS = frozenset({"managedby", "createdby", "provisionedby", "provisioner", "deployedby", "iac"})
_CODE = re.compile(r"terraform|opentofu|\btofu\b", re.IGNORECASE)
_YES = frozenset({"true", "yes", "1"})


@dataclass(frozen=True, slots=True)
class _Sign:
    """Something that tells an owner; `name` is the owner's own name, where the sign says it."""

    owner: OwnerKind
    evidence: str
    name: str | None = None


def owner_of(of: str, name: str, tags: Value[Datum]) -> Ownership:
    """Return whose the object `of` (an address) is, by its name and its tags (a record of texts).

    What the name tells holds even where the tags could not be read; otherwise that is why the owner is Unknown.
    """
    by_name = _by_prefix(name, f"its name, {name}")
    match tags:
        case Known(Record(members), at):
            return _ownership(of, at, next(_by_tags(members), by_name))
        case Known(_, at) | Absent(at):
            return _ownership(of, at, by_name)
        case Unknown() as gap:
            if by_name is not None:
                return _ownership(of, gap.at, by_name)
            return Ownership(of=of, at=gap.at, owner=gap, name=gap, evidence=gap)


def _ownership(of: str, at: Origin, sign: _Sign | None) -> Ownership:
    if sign is None:
        return Ownership(of=of, at=at, owner=Absent(at), name=Absent(at), evidence=Absent(at))
    return Ownership(
        of=of,
        at=at,
        owner=Known(sign.owner.value, at),
        name=Absent(at) if sign.name is None else Known(sign.name, at),
        evidence=Known(sign.evidence, at),
    )


def _by_tags(tags: Mapping[str, Value[Datum]]) -> Iterator[_Sign]:
    """Yield what the tags tell: a stack first, since it is what would undo a change."""
    texts = {key: value.value for key, value in tags.items() if isinstance(value, Known)}
    stack = str(texts.get(_STACK, "")) or _stack_in(str(texts.get(_STACK_ID, "")))
    if stack:
        evidence = f"the tag {_STACK} = {stack}"
        known = _by_prefix(stack, evidence)
        yield _Sign(known.owner if known else OwnerKind.CLOUDFORMATION, evidence, stack)
    for key, text in sorted(texts.items()):
        owner = _TAGS.get(key.lower()) or (OwnerKind.TERRAFORM if _means_code(key, str(text)) else None)
        if owner is not None:
            yield _Sign(owner, f"the tag {key} = {text}")


def _stack_in(arn: str) -> str:
    """Return the name in the ARN of a stack (`arn:…:stack/NAME/ID`); empty where there is none."""
    _, _, name = arn.partition(":stack/")
    return name.partition("/")[0]


def _means_code(key: str, text: str) -> bool:
    """Say whether a tag is one that Terraform's users give: `managed-by = terraform`, `Terraform = true`."""
    plain = re.sub(r"[^a-z]", "", key.lower())
    if plain in _MANAGERS:
        return _CODE.search(text) is not None
    return plain in {"terraform", "opentofu"} and text.lower() in _YES


def _by_prefix(name: str, evidence: str) -> _Sign | None:
    plain = name.lower()
    owners = (owner for prefix, owner in _PREFIXES if plain.startswith(prefix))
    owner = next(owners, None)
    return None if owner is None else _Sign(owner, evidence)
