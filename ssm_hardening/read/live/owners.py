"""Whose an object is, as its tags and its name tell: a stack, Quick Setup, Control Tower, other code."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Record, Unknown, Value
from ssm_hardening.model import OwnerKind, Ownership

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


def owner_of(of: str, name: str, tags: Value[Any]) -> Ownership:
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


def _by_tags(tags: Mapping[str, Value[Any]]) -> Iterator[_Sign]:
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
