"""A second evaluation of policies, for the tests alone: literal policies, plain dicts, regular expressions.

It knows no holes and shares nothing with the engine, so that the two can disagree.
"""

import re
from typing import Any

Policy = list[dict[str, Any]]
Keys = dict[str, list[str]]

_VARIABLE = re.compile(r"\$\{([^},]+)(?:, '([^']*)')?\}")


class Unfilled(Exception):  # noqa: N818 - a variable without a value is no error of a policy's
    """A variable of a pattern has no value in this request."""


def decide(  # noqa: PLR0913 - one argument for each kind of policy
    action: str,
    resource: str,
    keys: Keys,
    identity: Policy,
    *,
    limits: tuple[Policy, ...] = (),
    guardrails: tuple[Policy, ...] = (),
    of_resource: Policy | None = None,
    principal: str = "",
) -> bool:
    """Say whether the request is allowed: no Deny anywhere, a grant, and every guardrail allows.

    `limits` are a permissions boundary and session policies: what the resource's policy gives to everybody, to a user
    or to a session needs none of them, what it gives to a role does.
    """
    layers = [identity, *limits, *guardrails]
    if any(_any(layer, "Deny", action, resource, keys) for layer in layers):
        return False
    direct: Policy = []
    if of_resource is not None:
        spoken = [each for each in of_resource if _denied(each, principal, bounded=bool(limits))]
        if _any(spoken, "Deny", action, resource, keys):
            return False
        direct = [each for each in of_resource if _named(each, principal)]
    outright = [each for each in direct if ":role/" not in principal or _everybody(each)]
    granted = _any(direct, "Allow", action, resource, keys) or _any(identity, "Allow", action, resource, keys)
    within = granted and all(_any(layer, "Allow", action, resource, keys) for layer in limits)
    given = within or _any(outright, "Allow", action, resource, keys)
    return given and all(_any(layer, "Allow", action, resource, keys) for layer in guardrails)


def _any(policy: Policy, effect: str, action: str, resource: str, keys: Keys) -> bool:
    return any(each["Effect"] == effect and _matches(each, action, resource, keys) for each in policy)


def _matches(statement: dict[str, Any], action: str, resource: str, keys: Keys) -> bool:
    lowered = action.lower()
    actions = [re.fullmatch(_regex(each.lower()), lowered) is not None for each in _list(statement, "Action")]
    if "NotAction" in statement:
        actions = [all(not re.fullmatch(_regex(each.lower()), lowered) for each in _list(statement, "NotAction"))]
    resources = [_like(each, resource, keys) for each in _list(statement, "Resource")]
    if "NotResource" in statement:
        resources = [all(not _like(each, resource, keys) for each in _list(statement, "NotResource"))]
    conditions = [
        _holds(operator, key, wanted if isinstance(wanted, list) else [wanted], keys)
        for operator, members in statement.get("Condition", {}).items()
        for key, wanted in members.items()
    ]
    return any(actions) and any(resources) and all(conditions)


def _list(statement: dict[str, Any], key: str) -> list[str]:
    found = statement.get(key, [])
    return found if isinstance(found, list) else [found]


def _regex(pattern: str) -> str:
    return "(?s)" + "".join({"*": ".*", "?": "."}.get(mark, re.escape(mark)) for mark in pattern)


def _like(pattern: str, text: str, keys: Keys, *, wildcards: bool = True) -> bool:
    try:
        return re.fullmatch(_with_variables(pattern, keys, wildcards=wildcards), text, re.DOTALL) is not None
    except Unfilled:
        return False


def _with_variables(pattern: str, keys: Keys, *, wildcards: bool) -> str:
    """Turn a pattern into a regular expression; what a variable stands for is taken by the letter."""
    parts, end = [], 0
    plain = (lambda text: _regex(text).removeprefix("(?s)")) if wildcards else re.escape
    for found in _VARIABLE.finditer(pattern):
        parts += [plain(pattern[end : found.start()]), re.escape(_value(found, keys))]
        end = found.end()
    return "".join([*parts, plain(pattern[end:])])


def _value(found: re.Match[str], keys: Keys) -> str:
    name, default = found[1], found[2]
    if name in {"*", "?", "$"}:
        return name
    values = keys.get(name.lower())
    if values:
        return values[0]
    if default is None:
        raise Unfilled
    return default


def _holds(operator: str, key: str, wanted: list[str], keys: Keys) -> bool:
    form, _, base = operator.rpartition(":")
    if_exists = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    given = keys.get(key.lower())
    if base == "Null":
        return any((each == "true") == (given is None) for each in wanted)
    negative = "Not" in base
    if given is None:
        return if_exists or form == "ForAllValues" or (negative and form == "")
    answers = [any(_same(base.replace("Not", ""), each, text, keys) for each in wanted) != negative for text in given]
    return all(answers) if form == "ForAllValues" else any(answers)


def _same(base: str, wanted: str, given: str, keys: Keys) -> bool:
    match base:
        case "StringEquals":
            return _like(wanted, given, keys, wildcards=False)
        case "StringEqualsIgnoreCase":
            lowered = {name: [each.lower() for each in values] for name, values in keys.items()}
            return _like(wanted.lower(), given.lower(), lowered, wildcards=False)
        case "StringLike":
            return _like(wanted, given, keys)
        case "ArnLike" | "ArnEquals":
            one, other = wanted.split(":", 5), given.split(":", 5)
            if len(one) != len(other) or len(one) < 6:
                return False
            return all(_like(field, text, keys) for field, text in zip(one, other, strict=True))
        case "Bool":
            return wanted.lower() == given.lower()
        case "NumericLessThan":
            return float(given) < float(wanted)
        case "NumericGreaterThanEquals":
            return float(given) >= float(wanted)
        case _:
            raise NotImplementedError(base)


def _named(statement: dict[str, Any], principal: str) -> bool:
    """Say whether an Allow gives something to the principal itself."""
    if "NotPrincipal" in statement:
        return principal not in _list(statement["NotPrincipal"], "AWS")
    return _everybody(statement) or principal in _list(statement["Principal"], "AWS")


def _everybody(statement: dict[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    return statement["Principal"] == "*" or "*" in _list(statement["Principal"], "AWS")


def _denied(statement: dict[str, Any], principal: str, *, bounded: bool) -> bool:
    """Say whether a Deny speaks of the principal: whoever has a boundary is never spared."""
    if "NotPrincipal" in statement:
        return bounded or principal not in _list(statement["NotPrincipal"], "AWS")
    return _named(statement, principal) or _of_account(statement["Principal"], principal)


def _of_account(listed: Any, principal: str) -> bool:
    """Say whether the account of the principal stands there as a whole."""
    account = principal.split(":")[4]
    return listed != "*" and any(each in {account, f"arn:aws:iam::{account}:root"} for each in _list(listed, "AWS"))
