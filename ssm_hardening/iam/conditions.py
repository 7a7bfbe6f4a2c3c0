"""Which conditions keep strangers out: those that tie a wildcard principal to an account, an organization or a path."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import collapse_addresses, ip_network
from typing import Any

from ssm_hardening.core.logic import Answer, as_record, certainly, every, is_yes, literal, some, unsupported
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value
from ssm_hardening.iam.arns import account_meant
from ssm_hardening.iam.principals import Principal, number_of, speaks_of_everybody
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, flat, gap_in, is_name, members

_ARN_KEYS = {
    *("aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn"),
    *("ec2:sourceinstancearn", "lambda:sourcefunctionarn", "s3:dataaccesspointarn"),
}
_PREFIX_KEYS = {
    "aws:userid": ":",
    "aws:principalorgpaths": "/",
    "aws:sourceorgpaths": "/",
    "aws:vpceorgpaths": "/",
}
"""Keys whose values begin with an ID, and what ends it: a pattern that breaks off before means IDs of others, too."""

_ACCOUNT_KEYS = {
    *("aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount"),
    *("kms:calleraccount", "s3:dataaccesspointaccount"),
}
"""Keys whose value is an account: of the caller, of what a service acts for, of the way by which a request comes."""

_NETWORK_KEYS = {
    *("aws:ec2instancesourcevpc", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce"),
    *("aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"),
}
"""Keys that say by which way a request comes, whoever makes it."""

_ID_KEYS = {
    *_ACCOUNT_KEYS,
    *_NETWORK_KEYS,
    "aws:principalorgid",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceorgid",
} - set(_PREFIX_KEYS)
_OWN_VARIABLES = {"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"}
"""What is the owner's in every request; whoever asks chooses the value of any other variable."""

_CALLERS_OWN = {
    "aws:resourceaccount": {"aws:principalaccount", "kms:calleraccount"},
    "s3:resourceaccount": {"aws:principalaccount"},
    "aws:resourceorgid": {"aws:principalorgid"},
}
"""Keys of the owner, and the variables that are the caller's: compared with these, they bound as the reverse does."""

_VARIABLE = re.compile(r"\$\{\s*([^},*?$]+?)\s*(?:,[^}]*)?\}")
_OPEN_KEYS = {
    *("aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:viaawsservice", "kms:viaservice"),
    *("aws:currenttime", "aws:epochtime", "aws:multifactorauthpresent", "aws:multifactorauthage"),
    *("aws:referer", "aws:requestedregion", "aws:securetransport", "aws:useragent"),
    *("kms:encryptionalgorithm", "kms:grantisforawsresource"),
    *("s3:prefix", "s3:delimiter", "s3:max-keys", "s3:signatureversion", "s3:tlsversion", "s3:authtype"),
}
_OPEN_PREFIXES = ("s3:x-amz-", "kms:encryptioncontext")
_ANYBODYS = (
    *("aws:principaltag/", "aws:principaltype", "aws:sourceidentity", "aws:tokenissuetime", "aws:vpcsourceip"),
    *("aws:resource", "s3:resourceaccount", "s3:existingobjecttag/"),
)
"""What strangers give themselves (tags of their roles, addresses of private networks), and what is the resource's."""

_EXACT = {"stringequals", "stringequalsignorecase"}
_WILDCARD = {"stringlike", "arnequals", "arnlike"}
_ARN_FIELDS = 6
_OF_A_TYPE = 4
"""Letters that all IDs of a type begin with, such as AROA for roles."""

_IPV6 = 6
_WIDEST = {4: 8, _IPV6: 32}
"""Bits of the prefix of an address range, by the version of IP: wider ones, and several as wide, bound nothing."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: an operator without case, its key without case, and the values any of which satisfies it.

    `name` is the key as it is written.
    """

    operator: str
    key: str
    values: Value[Items]
    at: Origin
    name: str


def conditions_of(statement: Statement) -> Iterator[Condition | Unknown]:
    """Yield the conditions of a statement, all of which must hold, and what could not be read of them."""
    operators = as_record(statement.conditions)
    seen: set[tuple[str, str]] = set()
    for operator, keys in operators.members.items():
        for found in _of_operator(operator.casefold(), keys):
            which = (found.operator, found.key) if isinstance(found, Condition) else None
            yield found if which not in seen else unsupported(found.at, f"two conditions {operator} on one key")
            seen |= set() if which is None else {which}
    if operators.rest is not None:
        yield operators.rest


def _of_operator(operator: str, keys: Value[Any]) -> Iterator[Condition | Unknown]:
    match keys:
        case Known(Record(values, rest), at):
            for key, value in values.items():
                yield Condition(operator, key.casefold(), value, value.at, key)
            if not values or rest is not None:
                yield unsupported(at, f"the condition {operator} without keys") if rest is None else rest
        case Known(_, at) | Absent(at):
            yield unsupported(at, f"the condition {operator} is not an object")
        case Unknown() as gap:
            yield gap


def _binding(statement: Statement) -> Iterator[Condition | Unknown]:
    """Yield the conditions as they bind: beside `Null` with `false`, a key is present, so `IfExists` spares nobody."""
    found = [*conditions_of(statement)]
    present = {each.key for each in found if isinstance(each, Condition) and _asks_for_presence(each)}
    for each in found:
        if isinstance(each, Condition) and each.key in present and each.operator != "null":
            yield replace(each, operator=each.operator.removeprefix("forallvalues:").removesuffix("ifexists"))
        else:
            yield each


def _asks_for_presence(condition: Condition) -> bool:
    values = [literal(value) for value in members(condition.values)]
    return condition.operator == "null" and {str(value).casefold() for value in values} == {"false"}


def keeps_strangers_out(statement: Statement) -> Answer:
    """Say whether some condition bounds the principals; a condition we do not know leaves it open."""
    answers = [_bounds(item) if isinstance(item, Condition) else item for item in _binding(statement)]
    return some(answers, statement.at)


def bounded_by_network(statement: Statement) -> Answer:
    """Say whether some condition leaves only those who call from a network, whoever they are."""
    found = (each for each in conditions_of(statement) if isinstance(each, Condition) and each.key in _NETWORK_KEYS)
    return some(map(_bounds, found), statement.at)


def accounts_tied(statement: Statement) -> list[tuple[Principal, ...]]:
    """Return the accounts that each condition on accounts leaves."""
    return [each for each in map(_accounts, _binding(statement)) if each]


def accounts_admitted(statement: Statement) -> tuple[Principal, ...]:
    """Return the accounts to which conditions tie a wildcard principal, as principals: each stands for a whole account.

    A condition on the ARN of the caller that names single roles or users ties it to these, and to no account.
    """
    tied = accounts_tied(statement)
    if not tied:
        return ()
    first, *others = sorted(tied, key=len)
    return tuple(each for each in first if all(may_be_among(each, other) for other in others))


def callers_named(statement: Statement) -> Iterator[Principal]:
    """Yield the callers that conditions on their ARN name one by one."""
    for condition in _binding(statement):
        if isinstance(condition, Condition) and condition.key == "aws:principalarn" and is_yes(_bounds(condition)):
            for value in members(condition.values):
                if isinstance(value, Known) and not set(str(value.value)) & set("*?"):
                    yield Principal("AWS", value)


def bounds_otherwise(statement: Statement) -> Answer:
    """Say whether a condition that names no account bounds the principals."""
    items = (item for item in _binding(statement) if isinstance(item, Unknown) or not _accounts(item))
    return some((_bounds(item) if isinstance(item, Condition) else item for item in items), statement.at)


def _accounts(condition: Condition | Unknown) -> tuple[Principal, ...]:
    """Return the accounts that a condition names as a whole; none where it names none, or not only such."""
    if isinstance(condition, Unknown):
        return ()
    operator = condition.operator.removeprefix("foranyvalue:")
    if operator not in _EXACT | _WILDCARD or any(map(_is_chosen_by_callers, members(condition.values))):
        return ()
    if condition.key in _ACCOUNT_KEYS:
        return tuple(Principal("AWS", value) for value in members(condition.values))
    if condition.key in _ARN_KEYS and operator in _WILDCARD:
        found = [account_meant(value) for value in members(condition.values)]
        return tuple(each for each in found if each is not None)
    return ()


def may_be_among(principal: Principal, others: tuple[Principal, ...]) -> bool:
    """Say whether an account is one of others, or may be one."""
    names = [number_of(each) for each in (principal, *others)]
    return None in names or names[0] in names[1:]


def concerns_callers(condition: Condition) -> bool:
    """Say whether the condition may tell callers apart, rather than how or what they ask."""
    return condition.key not in _OPEN_KEYS and not condition.key.startswith(_OPEN_PREFIXES)


def bounds_told(statements: Iterable[Statement]) -> str:
    """Say what limits those statements that speak of everybody: who the callers are, or by which way they come."""
    bounding = [
        condition
        for statement in statements
        if certainly(statement.effect, lambda effect: effect == "Allow") and is_yes(speaks_of_everybody(statement))
        for condition in _binding(statement)
        if isinstance(condition, Condition) and is_yes(_bounds(condition))
    ]
    ways = sorted({each.name for each in bounding if each.key in _NETWORK_KEYS})
    callers = sorted({each.name for each in bounding if each.key not in _NETWORK_KEYS})
    told = f"; conditions limit who the callers are ({', '.join(callers)})" if callers else ""
    return f"{told}; conditions limit the network, whoever calls ({', '.join(ways)})" if ways else told


def _bounds(condition: Condition) -> Answer:
    operator = condition.operator.removeprefix("foranyvalue:")
    if not concerns_callers(condition) or operator.startswith("forallvalues:") or operator.endswith("ifexists"):
        return Known(False, condition.at)
    if "not" in operator or operator == "null":
        return Known(False, condition.at)
    if operator in _EXACT and _is_reversed(condition):
        return Known(True, condition.at)
    if condition.key.startswith(_ANYBODYS):
        return Known(False, condition.at)
    if not list(members(condition.values)):
        return unsupported(condition.at, f"a condition on {condition.name} without values")
    if operator == "ipaddress" and condition.key == "aws:sourceip":
        return _networks_bound(condition)
    return every((_value_bounds(operator, condition.key, value) for value in members(condition.values)), condition.at)


def _is_reversed(condition: Condition) -> bool:
    """Say whether the owner of the resource must be the caller's own account or organization."""
    named = [_VARIABLE.fullmatch(literal(value) or "") for value in members(condition.values)]
    callers = _CALLERS_OWN.get(condition.key, set())
    return bool(named) and all(each is not None and each[1].casefold() in callers for each in named)


def _value_bounds(operator: str, key: str, value: Known[Any] | Unknown) -> Answer:
    known_key = key in {*_ARN_KEYS, *_PREFIX_KEYS, *_ID_KEYS}
    if known_key and operator in _EXACT | _WILDCARD and _is_chosen_by_callers(value):
        return Known(False, value.at)
    if operator in _EXACT and known_key:
        return Known(True, value.at)
    match value:
        case Unknown() as gap:
            return gap
        case Known(str() | Template() as text, at) if operator in _WILDCARD and known_key:
            return _pattern_bounds(key, flat(text), text, at)
        case Known(Reference() as reference, at) if operator in _WILDCARD and known_key:
            return Known(True, at) if is_name(reference) else gap_in(reference, at)
        case Known(str() as text, at) if (operator, key) == ("bool", "aws:principalisawsservice"):
            return Known(text.casefold() == "true", at)
        case Known(_, at):
            return unsupported(at, f"the condition {operator} on {key}")


def _is_chosen_by_callers(value: Known[Any] | Unknown) -> bool:
    """Say whether a value is a variable that any caller fills with a value of its own."""
    text = value.value if isinstance(value, Known) else ""
    named = _VARIABLE.findall(flat(text)) if isinstance(text, str | Template) else []
    return any(each.casefold() not in _OWN_VARIABLES for each in named)


def _pattern_bounds(key: str, text: str, written: str | Template, at: Origin) -> Answer:
    if HOLE in text:
        return gap_in(written, at)
    if key in _ARN_KEYS:
        return Known(_arn_bounds(text), at)
    literal = min(text.find(mark) if mark in text else len(text) for mark in "*?")
    if key in _PREFIX_KEYS:
        return Known(literal == len(text) or text[:literal].find(_PREFIX_KEYS[key]) > _OF_A_TYPE, at)
    return Known(literal == len(text), at)


def _arn_bounds(text: str) -> bool:
    """Say whether an ARN pattern names one account, or (S3 has none in its ARNs) one bucket."""
    fields = text.split(":", _ARN_FIELDS - 1)
    if len(fields) < _ARN_FIELDS:
        return False
    if fields[4]:
        return not set(fields[4]) & set("*?")
    return fields[2] == "s3" and fields[5][:1] not in {"", "*", "?"}


def _networks_bound(condition: Condition) -> Answer:
    """Say whether the address ranges together are narrow enough; private ones reach no service over the internet."""
    found: dict[int, list[Any]] = {}
    for value in members(condition.values):
        if isinstance(value, Unknown):
            return value
        try:
            network = ip_network(value.value, strict=False)
        except (ValueError, TypeError):
            return unsupported(value.at, f"the address range {value.value}")
        found.setdefault(network.version, []).append(network)
    return Known(all(_is_narrow(version, networks) for version, networks in found.items()), condition.at)


def _is_narrow(version: int, networks: list[Any]) -> bool:
    counted = [each for each in networks if version == _IPV6 or not any(each.subnet_of(one) for one in _PRIVATE)]
    together = sum(each.num_addresses for each in collapse_addresses(counted))
    return not counted or together <= 2 ** (counted[0].max_prefixlen - _WIDEST[version])


_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
