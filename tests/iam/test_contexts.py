"""Questions over contexts against all contexts there are: small policies, and every value that they tell apart."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from random import Random
from re import IGNORECASE, fullmatch
from typing import Any

import pytest

from ssm_hardening.core.values import Absent, Known, Reference, Unknown
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Undetermined, decide, surely
from ssm_hardening.iam.requests import Caller, Request
from tests.iam.random_policies import seeded
from tests.iam.shapes import AT, GAP, policy, value

ACCOUNT = "111122223333"
PATTERNS = ("a", "b", "A", "a*", "*b", "?", "ab", "*a*", "*")
Context = dict[str, list[str]]


def _texts() -> list[str]:
    """Return one text for each set of patterns that match it, with and without regard to case."""
    found: dict[tuple[bool, ...], str] = {}
    for size in (1, 2, 3):
        for letters in product("abAx", repeat=size):
            text = "".join(letters)
            regular = [each.replace("*", ".*").replace("?", ".") for each in PATTERNS]
            kinds = [fullmatch(each, text) is not None for each in regular]
            kinds += [fullmatch(each, text, IGNORECASE) is not None for each in PATTERNS[:3]]
            # `?` and `*` are literal to StringEquals, and no text here is one of them.
            found.setdefault(tuple(kinds), text)
    return list(found.values())


def _sets() -> list[list[str]]:
    names = ("team", "cost", "other")
    return [list(each) for size in range(1, 4) for each in combinations(names, size)]


DOMAINS: Mapping[str, list[list[str]]] = {
    "aws:RequestTag/team": [[each] for each in _texts()],
    "aws:TagKeys": _sets(),
    "aws:MultiFactorAuthPresent": [["true"], ["false"]],
    "aws:MultiFactorAuthAge": [["9"], ["10"], ["11"], ["99"], ["100"], ["101"]],
    "aws:SourceIp": [["10.0.0.1"], ["10.1.0.1"], ["10.1.2.3"], ["192.0.2.1"], ["2001:db8::1"]],
    "aws:SourceVpce": [[each] for each in _texts()],
}
GROUPS = (
    ("aws:RequestTag/team", "aws:TagKeys"),
    ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"),
    ("aws:SourceIp", "aws:SourceVpce"),
    ("aws:RequestTag/team", "aws:MultiFactorAuthPresent"),
    ("aws:TagKeys", "aws:SourceIp"),
    ("aws:RequestTag/team", "aws:MultiFactorAuthAge", "aws:SourceIp"),
)


def _condition(chance: Random, key: str) -> tuple[str, Any]:
    ending = chance.choice(("", "", "IfExists"))
    negation = chance.choice(("", "Not"))
    if chance.random() < 0.15:
        return "Null", chance.choice(("true", "false"))
    match key:
        case "aws:TagKeys":
            form = chance.choice(("ForAllValues", "ForAnyValue"))
            return f"{form}:String{negation}Equals{ending}", chance.sample(("team", "cost"), chance.randint(1, 2))
        case "aws:MultiFactorAuthPresent":
            return f"Bool{ending}", chance.choice(("true", "false"))
        case "aws:MultiFactorAuthAge":
            kind = chance.choice(("LessThan", "GreaterThanEquals", "Equals", "NotEquals"))
            return f"Numeric{kind}{ending}", chance.choice(("10", "100"))
        case "aws:SourceIp":
            networks = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "2001:db8::/32")
            return f"{negation}IpAddress{ending}", chance.sample(networks, chance.randint(1, 2))
        case _:
            kind = chance.choice(("Like", "Equals", "EqualsIgnoreCase") if "Tag" in key else ("Like", "Equals"))
            patterns = PATTERNS[:3] if kind != "Like" else PATTERNS
            return f"String{negation}{kind}{ending}", chance.sample(patterns, chance.randint(1, 2))


def _statement(chance: Random, keys: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": chance.choice(("Allow", "Allow", "Deny")), "Action": "ec2:*", "Resource": "*"}
    conditions: dict[str, dict[str, Any]] = {}
    for key in chance.sample(keys, chance.randint(1, len(keys))):
        operator, wanted = _condition(chance, key)
        conditions.setdefault(operator, {})[key] = wanted
    return made | {"Condition": conditions}


def _contexts(keys: tuple[str, ...]) -> Iterator[Context]:
    for values in product(*([None, *DOMAINS[key]] for key in keys)):
        context = {key.lower(): each for key, each in zip(keys, values, strict=True) if each is not None}
        if _is_real(context, {each.lower() for each in keys}):
            yield context


def _is_real(context: Context, asked: set[str]) -> bool:
    if {"aws:requesttag/team", "aws:tagkeys"} <= asked:
        return ("aws:requesttag/team" in context) == ("team" in context.get("aws:tagkeys", []))
    if {"aws:multifactorauthpresent", "aws:multifactorauthage"} <= asked:
        return ("aws:multifactorauthage" in context) == (context.get("aws:multifactorauthpresent") == ["true"])
    if {"aws:sourceip", "aws:sourcevpce"} <= asked:
        return ("aws:sourceip" in context) != ("aws:sourcevpce" in context)
    return True


def asked(action: str = "ec2:RunInstances", **more: Any) -> Request:
    fields: dict[str, Any] = {"account": value(ACCOUNT), "region": value("eu-west-1"), "caller": Caller.PERSON}
    return Request(action=action, resource="*", **(fields | more))


def given(*statements: Any) -> Policies:
    return Policies(identity=policy(*statements))


def _in(context: Context, request: Request) -> Request:
    return replace(
        request,
        caller=Caller.UNTOLD,
        context={key: value(texts) for key, texts in context.items()},
        rest=Absent(AT),
    )


@pytest.mark.parametrize("cases", [250, pytest.param(10_000, marks=pytest.mark.corpus)])
def test_a_request_is_found_where_there_is_one_and_only_there(cases: int) -> None:
    chance, seen = seeded(11), {Allowed: 0, Denied: 0}
    for _ in range(cases):
        keys = chance.choice(GROUPS)
        policies = given(*(_statement(chance, keys) for _ in range(chance.randint(1, 4))))
        there = any(isinstance(decide(_in(each, asked()), policies), Allowed) for each in _contexts(keys))
        found = decide(asked(), policies)
        assert type(found) is (Allowed if there else Denied), policies
        seen[type(found)] += 1
        if isinstance(found, Allowed):
            _is_allowed_by_itself(found, policies)
    assert min(seen.values()) > cases / 20


def _is_allowed_by_itself(found: Allowed, policies: Policies) -> None:
    """What was found is allowed with nothing left to choose."""
    assert found.request is not None
    settled = replace(found.request, caller=Caller.UNTOLD, rest=Absent(AT))
    assert isinstance(decide(settled, policies), Allowed)
