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
    of_resource: Policy | None = None,
    principal: str = "",
) -> bool:
    """Say whether the request is allowed: no Deny anywhere, a grant, and every limit allows."""
    layers = [identity, *limits]
    if any(_any(layer, "Deny", action, resource, keys) for layer in layers):
        return False
    direct = False
    if of_resource is not None:
        named = [each for each in of_resource if _named(each, principal)]
        whole = [each for each in of_resource if _named(each, principal) or _of_account(each, principal)]
        if _any(whole, "Deny", action, resource, keys):
            return False
        direct = _any(named, "Allow", action, resource, keys)
    granted = direct or _any(identity, "Allow", action, resource, keys)
    return granted and all(_any(layer, "Allow", action, resource, keys) for layer in limits)


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
    listed = statement["Principal"]
    return listed == "*" or any(each in {"*", principal} for each in _list(listed, "AWS"))


def _of_account(statement: dict[str, Any], principal: str) -> bool:
    """Say whether the account of the principal stands there as a whole."""
    account = principal.split(":")[4]
    listed = statement["Principal"]
    return listed != "*" and any(each in {account, f"arn:aws:iam::{account}:root"} for each in _list(listed, "AWS"))
