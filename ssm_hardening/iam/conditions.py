"""Which conditions keep strangers out: those that tie a wildcard principal to an account, an organization or a path."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from ssm_hardening.core.logic import Answer, as_record, every, some, unsupported
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, flat, gap_in, is_name, members

_ARN_KEYS = {"aws:sourcearn", "aws:principalarn", "s3:dataaccesspointarn"}
_PREFIX_KEYS = {"aws:userid", "aws:principalorgpaths", "kms:viaservice"}
_ID_KEYS = {
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
}
_SERVICE_KEYS = {"aws:principalisawsservice"}
_OPEN_KEYS = {
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:referer",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:useragent",
    "aws:viaawsservice",
    "kms:encryptionalgorithm",
    "kms:grantisforawsresource",
    "s3:prefix",
    "s3:delimiter",
    "s3:max-keys",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:authtype",
}
_OPEN_PREFIXES = ("s3:x-amz-", "kms:encryptioncontext")
_EXACT = {"stringequals", "stringequalsignorecase"}
_WILDCARD = {"stringlike", "arnequals", "arnlike"}
_ARN_FIELDS = 6
_ORGANIZATION = "o-"
"""What the path of every organization starts with: a pattern that says no more means all of them."""

_WIDEST = 8
"""Bits of a network's prefix: shorter ones are most of the internet."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: an operator without case, its key without case, and the values any of which satisfies it."""

    operator: str
    key: str
    values: Value[Items]
    at: Origin


def conditions_of(statement: Statement) -> Iterator[Condition | Unknown]:
    """Yield the conditions of a statement, all of which must hold, and what could not be read of them."""
    operators = as_record(statement.conditions)
    for operator, keys in operators.members.items():
        yield from _of_operator(operator.casefold(), keys)
    if operators.rest is not None:
        yield operators.rest


def _of_operator(operator: str, keys: Value[Any]) -> Iterator[Condition | Unknown]:
    match keys:
        case Known(Record(values, rest)):
            for key, value in values.items():
                yield Condition(operator, key.casefold(), value, value.at)
            yield from () if rest is None else (rest,)
        case Known(_, at) | Absent(at):
            yield unsupported(at, f"the condition {operator} is not an object")
        case Unknown() as gap:
            yield gap


def keeps_strangers_out(statement: Statement) -> Answer:
    """Say whether some condition bounds the principals; a condition we do not know leaves it open."""
    answers = [_bounds(item) if isinstance(item, Condition) else item for item in conditions_of(statement)]
    return some(answers, statement.at)


def concerns_callers(condition: Condition) -> bool:
    """Say whether the condition may tell callers apart, rather than how or what they ask."""
    return condition.key not in _OPEN_KEYS and not condition.key.startswith(_OPEN_PREFIXES)


def _bounds(condition: Condition) -> Answer:
    operator = condition.operator.removeprefix("foranyvalue:")
    if not concerns_callers(condition) or operator.startswith("forallvalues:") or operator.endswith("ifexists"):
        return Known(False, condition.at)
    if "not" in operator or operator == "null":
        return Known(False, condition.at)
    return every((_value_bounds(operator, condition.key, value) for value in members(condition.values)), condition.at)


def _value_bounds(operator: str, key: str, value: Known[Any] | Unknown) -> Answer:
    known_key = key in _ARN_KEYS | _PREFIX_KEYS | _ID_KEYS
    if operator in _EXACT and known_key:
        return Known(True, value.at)
    match value:
        case Unknown() as gap:
            return gap
        case Known(str() | Template() as text, at) if operator in _WILDCARD and known_key:
            return _pattern_bounds(key, flat(text), text, at)
        case Known(Reference() as reference, at) if operator in _WILDCARD and known_key:
            return Known(True, at) if is_name(reference) else gap_in(reference, at)
        case Known(str() as text, at) if operator == "bool" and key in _SERVICE_KEYS:
            return Known(text.casefold() == "true", at)
        case Known(str() as text, at) if operator == "ipaddress":
            return _network_bounds(text, at)
        case Known(_, at):
            return unsupported(at, f"the condition {operator} on {key}")


def _pattern_bounds(key: str, text: str, written: str | Template, at: Origin) -> Answer:
    if HOLE in text:
        return gap_in(written, at)
    if key in _ARN_KEYS:
        return Known(_arn_bounds(text), at)
    literal = min(text.find(mark) if mark in text else len(text) for mark in "*?")
    if key in _PREFIX_KEYS:
        return Known(literal > len(_ORGANIZATION), at)
    return Known(literal == len(text), at)


def _arn_bounds(text: str) -> bool:
    """Say whether an ARN pattern names one account, or (S3 has none in its ARNs) one bucket."""
    fields = text.split(":", _ARN_FIELDS - 1)
    if len(fields) < _ARN_FIELDS:
        return False
    if fields[4]:
        return not set(fields[4]) & set("*?")
    return fields[2] == "s3" and fields[5][:1] not in {"", "*", "?"}


def _network_bounds(text: str, at: Origin) -> Answer:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return unsupported(at, f"the address range {text}")
    return Known(network.prefixlen >= _WIDEST, at)
