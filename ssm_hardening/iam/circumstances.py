"""Conditions of a statement against what is known of a request, as IAM evaluates them.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context keys".
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from ssm_hardening.core.logic import Answer, every, negated, some, unanswered, unsupported
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Reference, Template, Text, Unknown, Value
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.matching import arn_like, as_spelled, concrete, like, pattern_of
from ssm_hardening.iam.requests import Request
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import gap_in, members


@dataclass(frozen=True, slots=True)
class _Operator:
    """An operator without its set form and ending: what compares two texts, and whether it is turned round."""

    compare: Callable[[Text, Text, Request, Origin], Answer]
    negative: bool = False


def conditions_hold(statement: Statement, request: Request) -> Answer:
    """Say whether all conditions of a statement hold for the request."""
    answers = (holds(item, request) if isinstance(item, Condition) else item for item in conditions_of(statement))
    return every(answers, statement.at)


def holds(condition: Condition, request: Request) -> Answer:
    """Say whether one condition holds for the request."""
    if not list(members(condition.values)):
        return unsupported(condition.at, f"a condition on {condition.key} without values")
    given = _asked_of(request, condition.key)
    if condition.operator == "null":
        return _is_null(condition, given)
    name, if_exists = condition.operator.removesuffix("ifexists"), condition.operator.endswith("ifexists")
    form, _, base = name.rpartition(":")
    operator = _OPERATORS.get(base) if form in {"", "forallvalues", "foranyvalue"} else None
    if operator is None:
        return unsupported(condition.at, f"the condition operator {condition.operator}")
    match given:
        case Unknown() as gap:
            return _about(gap, condition)
        case Absent():
            return Known(_without_key(form, operator, if_exists=if_exists), condition.at)
        case Known():
            return _of_values(condition, operator, form, list(members(given)), request)


def _asked_of(request: Request, key: str) -> Value[Items]:
    """Return the values of a key; an empty list of them is no key at all."""
    given = request.value(key)
    match given:
        case Known(Items((), None), at):
            return Absent(at)
        case _:
            return given


def _about(gap: Unknown, condition: Condition) -> Unknown:
    return Unknown(gap.why, condition.at, f"{condition.key} of the request ({gap.detail})")


def _without_key(form: str, operator: _Operator, *, if_exists: bool) -> bool:
    if form == "foranyvalue":
        return if_exists
    return form == "forallvalues" or if_exists or operator.negative


def _is_null(condition: Condition, given: object) -> Answer:
    wanted = list(members(condition.values))
    answers: list[Answer] = []
    for each in wanted:
        match each, given:
            case Known(str() as text, at), Known() | Absent() if text.casefold() in {"true", "false"}:
                answers.append(Known(isinstance(given, Absent) == (text.casefold() == "true"), at))
            case Known(str(), at), Unknown() as gap:
                answers.append(Unknown(gap.why, at, f"whether the request has {condition.key} ({gap.detail})"))
            case Known(_, at), _:
                answers.append(unsupported(at, f"the condition Null on {condition.key}"))
            case Unknown() as gap, _:
                answers.append(unanswered(gap))
    return some(answers, condition.at)


def _of_values(
    condition: Condition, operator: _Operator, form: str, given: list[Known[Text] | Unknown], request: Request
) -> Answer:
    answers = [_of_value(condition, operator, each, request) for each in given]
    if form == "forallvalues":
        return every(answers, condition.at)
    if form == "foranyvalue":
        return some(answers, condition.at)
    if len(answers) == 1:
        return answers[0]
    return unsupported(condition.at, f"{condition.operator} on {condition.key}, which has several values")


def _of_value(condition: Condition, operator: _Operator, given: Known[Text] | Unknown, request: Request) -> Answer:
    """Compare one value of the request with all of the policy's, any of which is enough."""
    matched = some(_compared(condition, operator, given, request), condition.at)
    return negated(matched) if operator.negative else matched


def _compared(
    condition: Condition, operator: _Operator, given: Known[Text] | Unknown, request: Request
) -> Iterator[Answer]:
    for wanted in members(condition.values):
        match wanted, given:
            case Unknown() as gap, _:
                yield unanswered(gap)
            case _, Unknown() as gap:
                yield _about(gap, condition)
            case Known(str() | Reference() | Template() as one, at), Known(str() | Reference() | Template() as other):
                yield operator.compare(one, as_spelled(other, one, request), request, at)
            case Known(_, at), _:
                yield unsupported(at, f"a value of {condition.key} that is not a string")


def _texts(*, wildcards: bool, any_case: bool = False) -> Callable[[Text, Text, Request, Origin], Answer]:
    def compare(wanted: Text, given: Text, request: Request, at: Origin) -> Answer:
        pattern = pattern_of(wanted, request, wildcards=wildcards)
        if pattern is None:
            return Known(False, at)
        return like(pattern, concrete(given, request), wanted, at, any_case=any_case)

    return compare


def _arns(wanted: Text, given: Text, request: Request, at: Origin) -> Answer:
    pattern = pattern_of(wanted, request, wildcards=True)
    return Known(False, at) if pattern is None else arn_like(pattern, concrete(given, request), wanted, at)


def _literals(compare: Callable[[str, str], bool | None], what: str) -> Callable[[Text, Text, Request, Origin], Answer]:
    """Compare two texts that are known letter by letter; None where they are not of the kind."""

    def compared(wanted: Text, given: Text, request: Request, at: Origin) -> Answer:
        pattern = pattern_of(wanted, request, wildcards=True)
        text = concrete(given, request)
        if pattern is None:
            return Known(False, at)
        if not isinstance(wanted, str) or not isinstance(given, str):
            return gap_in(given if isinstance(wanted, str) else wanted, at)
        answer = compare(pattern, text)
        return unsupported(at, f"{wanted} as {what}") if answer is None else Known(answer, at)

    return compared


_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?")


def _number(test: Callable[[float, float], bool]) -> _Operator:
    def compare(wanted: str, given: str) -> bool | None:
        if not _NUMBER.fullmatch(wanted):
            return None
        return test(float(given), float(wanted)) if _NUMBER.fullmatch(given) else False

    return _Operator(_literals(compare, "a number"))


def _date(test: Callable[[float, float], bool]) -> _Operator:
    def compare(wanted: str, given: str) -> bool | None:
        limit, asked = moment(wanted), moment(given)
        return None if limit is None or asked is None else test(asked, limit)

    return _Operator(_literals(compare, "a date"))


def moment(text: str) -> float | None:
    """Return a date or a number as seconds since 1970; None where the text is neither."""
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _same_flag(wanted: str, given: str) -> bool | None:
    return wanted.casefold() == given.casefold() if wanted.casefold() in {"true", "false"} else None


def _same_bytes(wanted: str, given: str) -> bool | None:
    try:
        return b64decode(wanted, validate=True) == b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return None


def _in_network(wanted: str, given: str) -> bool | None:
    try:
        network, address = ip_network(wanted, strict=False), ip_address(given)
    except ValueError:
        return None
    return network.version == address.version and address in network


_STRING, _STRING_ANY_CASE, _LIKE = (
    _texts(wildcards=False),
    _texts(wildcards=False, any_case=True),
    _texts(wildcards=True),
)
_ADDRESS = _literals(_in_network, "an address range")
_OPERATORS = {
    "stringequals": _Operator(_STRING),
    "stringnotequals": _Operator(_STRING, negative=True),
    "stringequalsignorecase": _Operator(_STRING_ANY_CASE),
    "stringnotequalsignorecase": _Operator(_STRING_ANY_CASE, negative=True),
    "stringlike": _Operator(_LIKE),
    "stringnotlike": _Operator(_LIKE, negative=True),
    "arnequals": _Operator(_arns),
    "arnlike": _Operator(_arns),
    "arnnotequals": _Operator(_arns, negative=True),
    "arnnotlike": _Operator(_arns, negative=True),
    "bool": _Operator(_literals(_same_flag, "a boolean")),
    "binaryequals": _Operator(_literals(_same_bytes, "base64")),
    "ipaddress": _Operator(_ADDRESS),
    "notipaddress": _Operator(_ADDRESS, negative=True),
    "numericequals": _number(lambda given, limit: given == limit),
    "numericnotequals": _Operator(_number(lambda given, limit: given == limit).compare, negative=True),
    "numericlessthan": _number(lambda given, limit: given < limit),
    "numericlessthanequals": _number(lambda given, limit: given <= limit),
    "numericgreaterthan": _number(lambda given, limit: given > limit),
    "numericgreaterthanequals": _number(lambda given, limit: given >= limit),
    "dateequals": _date(lambda given, limit: given == limit),
    "datenotequals": _Operator(_date(lambda given, limit: given == limit).compare, negative=True),
    "datelessthan": _date(lambda given, limit: given < limit),
    "datelessthanequals": _date(lambda given, limit: given <= limit),
    "dategreaterthan": _date(lambda given, limit: given > limit),
    "dategreaterthanequals": _date(lambda given, limit: given >= limit),
}
