"""Statements of policies, their members three-valued one by one, and how they are read.

IAM reads the keys of a policy without regard to case and takes a single statement or text for a list of one. What
cannot be read becomes a gap, and nothing stops the rest. AWS's own policies are here as they were when the tool was
made, for sources that only name them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ssm_hardening.core.logic import as_items, chained, mapped
from ssm_hardening.core.origins import ApiOrigin, Origin
from ssm_hardening.core.values import (
    Absent,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.iam.texts import Spelling, spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of a bucket, key or role policy.

    `actions`, `resources` and their negations are lists of texts (a single text is a list of one), `principals`
    maps a type (`AWS`, `Service`, `Federated`, or `*` for everybody) to a list, `conditions` maps an operator
    (`StringEquals`) to a record of condition keys, each a list of texts. Absent where the statement has none.

    Texts mean what they mean in a policy of version 2012-10-17: where another version takes `${aws:username}` by the
    letter, `${$}{aws:username}` stands here.
    """

    at: Origin
    sid: Value[Text]
    effect: Value[Text]
    actions: Value[Items]
    not_actions: Value[Items]
    resources: Value[Items]
    not_resources: Value[Items]
    principals: Value[Record]
    not_principals: Value[Record]
    conditions: Value[Record]


_PRINCIPAL_TYPES = {name.casefold(): name for name in ("AWS", "Service", "Federated", "CanonicalUser")}


def statements_of(document: Value[Any], at: Origin) -> Inventory[Statement]:
    """Return the statements of a policy: `{"Version", "Statement": [...]}` as a Record, its members three-valued.

    Absent is no policy: no statements, no gap. `at` is the place of the argument that
    holds it.
    """
    listed = as_items(chained(document, lambda policy: _listed(policy, at)))
    spell = spelling(chained(document, _version))
    read = [_statement(item, spell) for item in listed.items]
    gaps = [item for item in (*read, listed.rest) if isinstance(item, Unknown)]
    return Inventory(tuple(item for item in read if isinstance(item, Statement)), gaps[0] if gaps else None)


def _listed(policy: Known[Any], at: Origin) -> Value[Items]:
    """Return the statements of a policy as a list; a single one may stand without."""
    if not isinstance(policy.value, Record):
        return _unreadable(at, "the policy is not an object")
    match _member(policy.value, "Statement", policy.at):
        case (Known(Items()) | Unknown()) as written:
            return written
        case Known(Record()) as single:
            return Known(Items((single,)), single.at)
        case Known(_, where):
            return _unreadable(where, "Statement is neither an object nor a list")
        case Absent():
            return _unreadable(policy.at, "the policy has no Statement")


def _version(policy: Known[Any]) -> Value[Any]:
    return _member(policy.value, "Version", policy.at) if isinstance(policy.value, Record) else policy


def _statement(item: Value[Any], spell: Spelling) -> Statement | Unknown:
    known = _object(item, "a statement is not an object")
    if isinstance(known, Unknown):
        return known
    body, at = known.value, known.at
    return Statement(
        at=at,
        sid=_text(_member(body, "Sid", at)),
        effect=_text(_member(body, "Effect", at)),
        actions=_texts(_member(body, "Action", at)),
        not_actions=_texts(_member(body, "NotAction", at)),
        resources=spell(_texts(_member(body, "Resource", at))),
        not_resources=spell(_texts(_member(body, "NotResource", at))),
        principals=chained(_member(body, "Principal", at), _principals),
        not_principals=chained(_member(body, "NotPrincipal", at), _principals),
        conditions=chained(_member(body, "Condition", at), lambda found: _conditions(found, spell)),
    )


def _object(value: Value[Any], otherwise: str) -> Known[Record] | Unknown:
    """Return what must be an object; `otherwise` says what is wrong where it is none."""
    match value:
        case Known(Record()) | Unknown():
            return value
        case Known(_, at) | Absent(at):
            return _unreadable(at, otherwise)


def _member(record: Record, key: str, at: Origin) -> Value[Any]:
    """Return the member whose key is `key` in any case."""
    found = [value for name, value in record.members.items() if name.casefold() == key.casefold()]
    if len(found) > 1:
        return _unreadable(at, f"{key} occurs more than once")
    return found[0] if found else record.get(key, at)


def _text(value: Value[Any]) -> Value[Text]:
    if isinstance(value, Known) and not isinstance(value.value, str | Reference | Template):
        return _unreadable(value.at, "a value that is not a string")
    return value


def _texts(value: Value[Any]) -> Value[Items]:
    """Return a list of texts; a single one becomes a list of one, numbers and booleans become text."""
    return chained(value, _listed_texts)


def _listed_texts(known: Known[Any]) -> Value[Items]:
    match known.value:
        case Items(items, rest):
            return Known(Items(tuple(_listed_text(item) for item in items), rest), known.at)
        case Record():
            return _unreadable(known.at, "an object instead of strings")
        case _:
            return Known(Items((_listed_text(known),)), known.at)


def _listed_text(value: Value[Any]) -> Value[Text]:
    match value:
        case Known(bool() as flag, at):
            return Known("true" if flag else "false", at)
        case Known(int() | float() as number, at):
            return Known(str(number), at)
        case Absent(at):
            return _unreadable(at, "null instead of a string")
        case Known() | Unknown():
            return _text(value)


def _principals(known: Known[Any]) -> Value[Record]:
    match known.value:
        case "*":
            return Known(Record({"*": Known(Items((known,)), known.at)}), known.at)
        case Record(members, rest):
            return _grouped(members, rest, known.at)
        case _:
            return _unreadable(known.at, "a principal is neither * nor an object")


def _grouped(members: Mapping[str, Value[Any]], rest: Unknown | None, at: Origin) -> Value[Record]:
    grouped: dict[str, Value[Any]] = {}
    for name, member in members.items():
        kind = _PRINCIPAL_TYPES.get(name.casefold(), name)
        if kind in grouped:
            return _unreadable(at, f"principals of type {kind} occur more than once")
        grouped[kind] = _texts(member)
    return Known(Record(grouped, rest), at)


def _conditions(known: Known[Any], spell: Spelling) -> Value[Record]:
    found = _object(known, "the conditions are not an object")
    return mapped(found, lambda operators: _of_each(operators, lambda each: _condition_keys(each, spell)))


def _condition_keys(value: Value[Any], spell: Spelling) -> Value[Record]:
    found = _object(value, "a condition is not an object")
    return mapped(found, lambda keys: _of_each(keys, lambda each: spell(_texts(each))))


def _of_each(record: Record, read: Callable[[Value[Any]], Value[Any]]) -> Record:
    return replace(record, members={key: read(member) for key, member in record.members.items()})


def _unreadable(at: Origin, detail: str) -> Unknown:
    return Unknown(Why.UNPARSEABLE, at, detail)


_DATA = Path(__file__).resolve().parent / "data" / "aws_managed_policies.json"
_OWNER = ":iam::aws:"


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy of AWS's: its version (`v2`), the day of that version (ISO), and what it says.

    The origin of the statements tells that they were not read from the account.
    """

    arn: str
    version: str
    updated: str
    statements: Inventory[Statement]


@cache
def managed_policy(arn: str) -> ManagedPolicy | None:
    """Return the policy of this ARN, in any partition; None where the tool does not carry it."""
    known = _shipped(arn)
    if known is None:
        return None
    at = _shipped_at(arn, known)
    statements = statements_of(_lifted(known["document"], at), at)
    return ManagedPolicy(arn, str(known["version"]), str(known["updated"]), statements)


def _shipped(arn: str) -> dict[str, Any] | None:
    _, found, name = arn.partition(_OWNER)
    return _policies().get(name) if found else None


def _shipped_at(arn: str, known: Mapping[str, Any]) -> ApiOrigin:
    return ApiOrigin(arn, f"{known['version']} of {known['updated']}, as it ships with ssm-harden")


def managed_arn(name: str, path: str = "", partition: str = "aws") -> str | None:
    """Return the ARN of the policy of this name whose path begins with `path`; None where the tool does not carry it.

    No two policies of AWS's have one name.
    """
    found = (each for each in _policies() if each.rpartition("/")[2] == name)
    known = next((each for each in found if f"/{each.partition('/')[2]}".startswith(path)), None)
    return None if known is None else f"arn:{partition}{_OWNER}{known}"


def managed_document(arn: str) -> Value[Any] | None:
    """Return the text of the policy of this ARN as data; None where the tool does not carry it."""
    found = _shipped(arn)
    return None if found is None else _lifted(found["document"], _shipped_at(arn, found))


@cache
def _policies() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return found


def _lifted(data: object, at: ApiOrigin) -> Value[Any]:
    match data:
        case dict():
            return Known(Record({str(key): _lifted(each, at) for key, each in data.items()}), at)
        case list():
            return Known(Items(tuple(_lifted(each, at) for each in data)), at)
        case _:
            return Known(data, at)
