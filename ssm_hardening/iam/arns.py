"""Patterns of ARNs, read field by field: those of log groups, and those that mean everybody of an account."""

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssm_hardening.core.logic import Answer, every, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.principals import HERE, Principal, is_account, is_region
from ssm_hardening.iam.texts import gap_in, glob, matches, resource_type

Part: TypeAlias = str | Reference | Unknown
Field: TypeAlias = str | Reference | Template | Unknown

_FIELDS = 6


@dataclass(frozen=True, slots=True)
class LogGroupPlace:
    """What makes up a log group's ARN; `address` is where its code is, for references to it."""

    address: str
    name: Value[Text]
    region: Value[Text]
    account: Value[Text]


def means_group(text: Text, group: LogGroupPlace, at: Origin) -> Answer:
    """Say whether an ARN pattern matches the group's ARN (`arn:aws:logs:REGION:ACCOUNT:log-group:NAME`)."""
    if text == "*":
        return Known(True, at)
    if isinstance(text, Reference):
        own = text.address == group.address and text.attribute == "arn"
        return Known(True, at) if own else gap_in(text, at)
    fields = split(text)
    if len(fields) < _FIELDS:
        return gap_in(text, at) if isinstance(text, Template) else Known(False, at)
    return every(
        [
            _matches(fields[0], "arn", at),
            _matches(fields[2], "logs", at),
            _means_region(fields[3], group.region, at),
            _means_account(fields[4], group.account, at),
            _means_name(fields[5], group, at),
        ],
        at,
    )


def split(text: str | Template) -> list[Field]:
    """Split at the first five colons of the literal parts."""
    fields: list[list[Part]] = [[]]
    for part in (text,) if isinstance(text, str) else text.parts:
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        first, *others = part.split(":", max(_FIELDS - len(fields), 0)) if len(fields) < _FIELDS else [part]
        fields[-1].append(first)
        fields += [[other] for other in others]
    return [_joined(parts) for parts in fields]


def _joined(parts: list[Part]) -> Field:
    kept = [part for part in parts if part != ""]
    if not kept:
        return ""
    if all(isinstance(part, str) for part in kept):
        return "".join(str(part) for part in kept)
    return kept[0] if len(kept) == 1 else Template(tuple(kept))


def _matches(field: Field, literal: str, at: Origin) -> Answer:
    return field if isinstance(field, Unknown) else matches(Known(field, at), literal)


def _means_region(field: Field, region: Value[Text], at: Origin) -> Answer:
    if isinstance(field, Unknown):
        same = isinstance(region, Unknown) and _same_input(field, region)
        return Known(True, at) if same else unanswered(field)
    if isinstance(field, Reference):
        return Known(True, at) if resource_type(field) == "aws_region" else gap_in(field, at)
    if isinstance(field, Template):
        return gap_in(field, at)
    match region:
        case Known(str() as literal, _):
            return Known(glob(field, literal), at)
        case Known() | Absent() | Unknown():
            return is_region(HERE if field == "*" else field, region, at)


def _means_account(field: Field, account: Value[Text], at: Origin) -> Answer:
    if field == "*":
        return Known(True, at)
    if isinstance(field, Unknown):
        same = isinstance(account, Unknown) and _same_input(field, account)
        return Known(True, at) if same else unanswered(field)
    return is_account(field, account, at)


def _same_input(one: Unknown, other: Unknown) -> bool:
    """Say whether both are the same input nobody gave, and so the same text."""
    return one.why is Why.UNRESOLVED_INPUT and (one.why, one.detail) == (other.why, other.detail)


def _means_name(field: Field, group: LogGroupPlace, at: Origin) -> Answer:
    if field in {"*", "log-group:*"}:
        return Known(True, at)
    match field:
        case Template(("log-group:", Reference(address, "name" | "id"))) if address == group.address:
            return Known(True, at)
        case Template(("log-group:", Unknown() as hole)) if isinstance(group.name, Unknown):
            return Known(True, at) if _same_input(hole, group.name) else unanswered(hole)
        case _:
            pass
    match group.name:
        case Known(str() as name, _):
            return _matches(field, f"log-group:{name}", at)
        case Known(Template(parts), _) if field == Template(("log-group:", *parts)):
            return Known(True, at)
        case Known(name, _):
            return gap_in(name, at)
        case Unknown() as gap:
            return unanswered(gap)
        case Absent():
            return Unknown(Why.COMPUTED, at, "the name of the log group, which the provider generates")


def account_meant(value: Known[Any] | Unknown) -> Principal | None:
    """Return the account of which an ARN pattern means everybody, or all roles or users."""
    if not isinstance(value, Known) or not isinstance(value.value, str | Template):
        return None
    fields = split(value.value)
    if len(fields) < _FIELDS:
        return None
    account, everything = fields[4], fields[5]
    if not isinstance(everything, str) or _EVERYBODY.fullmatch(everything) is None:
        return None
    if isinstance(account, Unknown):
        return Principal("AWS", account)
    if not account or (isinstance(account, str) and set(account) & set("*?")):
        return None
    partition = fields[1] if isinstance(fields[1], str) and not set(fields[1]) & set("*?") else "aws"
    before, after = f"arn:{partition}:iam::", ":root"
    holes = account.parts if isinstance(account, Template) else (account,)
    root = f"{before}{account}{after}" if isinstance(account, str) else Template((before, *holes, after))
    return Principal("AWS", Known(root, value.at))


_EVERYBODY = re.compile(r"\*+|(?:role|user|assumed-role|federated-user|accesspoint|vpc|[a-z-]+[/:])[/*?]*\*[/*?]*")
