"""Policies and requests by chance, small enough that they often have to do with each other."""

from dataclasses import dataclass
from random import Random
from typing import Any

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/operators"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/others"
USER = f"arn:aws:iam::{ACCOUNT}:user/alex"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ACTIONS = ("ssm:StartSession", "ssm:SendCommand", "ssm:TerminateSession", "kms:Decrypt", "s3:GetObject")
ACTION_PATTERNS = (*ACTIONS, "*", "ssm:*", "SSM:start*", "ssm:?endCommand", "s3:Get*", "*:*Session")
RESOURCES = (
    f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1",
    f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-2",
    "arn:aws:ssm:eu-west-1::document/AWS-StartSSHSession",
    f"arn:aws:ssm:eu-west-1:{ACCOUNT}:document/SSM-SessionManagerRunShell",
    f"arn:aws:ssm:eu-west-1:{ACCOUNT}:session/alex-1",
    "arn:aws:s3:::logs/sessions/alex",
)
RESOURCE_PATTERNS = (
    *RESOURCES,
    "*",
    "arn:aws:ec2:*:*:instance/*",
    "arn:*:ssm:*:*:document/AWS-*",
    f"arn:aws:ssm:*:{ACCOUNT}:document/*",
    "arn:aws:ec2:eu-west-1:??????????33:instance/i-?",
    "arn:aws:ssm:*:*:session/${aws:username}-*",
    "arn:aws:s3:::logs/${aws:PrincipalTag/team, 'sessions'}/*",
    "arn:aws:s3:::logs/*/${*}",
)
KEYS: dict[str, tuple[str, ...]] = {
    "aws:username": ("alex", "kim", "a*"),
    "aws:PrincipalTag/team": ("red", "blue", "sessions"),
    "ssm:resourceTag/env": ("prod", "test"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:MultiFactorAuthAge": ("10", "4000"),
    "aws:SourceArn": (ROLE, RESOURCES[0]),
}
SETS: dict[str, tuple[str, ...]] = {"aws:TagKeys": ("env", "team", "cost"), "aws:PrincipalOrgPaths": ("o-1/a", "o-1/b")}
_VALUES = {
    "String": ("alex", "ALEX", "a*", "prod", "${aws:username}", "red", "*", "??d", "true", "${aws:PrincipalTag/team}"),
    "Arn": ("arn:aws:iam::*:role/*", "arn:aws:*:*:*:*", ROLE, "arn:aws:ec2:eu-west-?:*:instance/${aws:username}*"),
    "Bool": ("true", "false"),
    "Numeric": ("100", "10"),
}
_SINGLE = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike"),
    *("ArnLike", "ArnNotEquals", "Bool", "NumericLessThan", "NumericGreaterThanEquals"),
)


@dataclass(frozen=True)
class Case:
    """A request and what bears on it; `of_resource` is None where the resource has no policy.

    The first of `limits` is the permissions boundary, the others are guardrails.
    """

    action: str
    resource: str
    keys: dict[str, list[str]]
    identity: list[dict[str, Any]]
    limits: tuple[list[dict[str, Any]], ...]
    of_resource: list[dict[str, Any]] | None
    principal: str = ROLE


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same cases each time, no secret


def case(chance: Random) -> Case:
    limits = tuple(policy(chance, widely=True) for _ in range(chance.choice((0, 0, 0, 1, 2))))
    return Case(
        chance.choice(ACTIONS),
        chance.choice(RESOURCES),
        {key.lower(): found for key, found in _context(chance)},
        policy(chance),
        limits,
        policy(chance, principals=True) if chance.random() < 0.4 else None,
        chance.choice((ROLE, USER)),
    )


def _context(chance: Random) -> list[tuple[str, list[str]]]:
    single = [(key, [chance.choice(values)]) for key, values in KEYS.items() if chance.random() < 0.6]
    several = [
        (key, chance.sample(values, chance.randint(1, 2))) for key, values in SETS.items() if chance.random() < 0.6
    ]
    return single + several


def policy(chance: Random, *, widely: bool = False, principals: bool = False) -> list[dict[str, Any]]:
    wide = [{"Effect": "Allow", "Action": "*", "Resource": "*"}] if widely and chance.random() < 0.7 else []
    return wide + [statement(chance, principals=principals) for _ in range(chance.randint(1, 3))]


def statement(chance: Random, *, principals: bool = False, conditions: bool = True) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Effect": "Deny" if chance.random() < 0.25 else "Allow",
        "NotAction" if chance.random() < 0.1 else "Action": _some(chance, ACTION_PATTERNS),
        "NotResource" if chance.random() < 0.1 else "Resource": _some(chance, RESOURCE_PATTERNS),
    }
    if principals:
        named = chance.sample((ROLE, OTHER, USER, ROOT, ACCOUNT, "*"), chance.randint(1, 2))
        made["Principal"] = "*" if chance.random() < 0.2 else {"AWS": named}
        if chance.random() < 0.1:
            # Only what is documented: a Deny spares a user that is named with its account.
            del made["Principal"]
            made["NotPrincipal"] = {"AWS": [USER, ROOT] if made["Effect"] == "Deny" else [OTHER]}
    if conditions and chance.random() < 0.5:
        made["Condition"] = dict(_condition(chance) for _ in range(chance.randint(1, 2)))
    return made


def _condition(chance: Random) -> tuple[str, dict[str, Any]]:
    ending = "IfExists" if chance.random() < 0.3 else ""
    if chance.random() < 0.15:
        return "Null", {chance.choice([*KEYS, *SETS]): chance.choice(("true", "false"))}
    if chance.random() < 0.25:
        form, base = chance.choice(("ForAllValues", "ForAnyValue")), chance.choice(("StringEquals", "StringLike"))
        key = chance.choice(list(SETS))
        return f"{form}:{base}{ending}", {key: chance.sample((*SETS[key], "*", "e*"), 2)}
    operator = chance.choice(_SINGLE)
    kind = next(each for each in _VALUES if operator.startswith(each))
    keys = {"Arn": ["aws:SourceArn"], "Bool": ["aws:MultiFactorAuthPresent"], "Numeric": ["aws:MultiFactorAuthAge"]}
    key = chance.choice(keys.get(kind, ["aws:username", "aws:PrincipalTag/team", "ssm:resourceTag/env"]))
    return f"{operator}{ending}", {key: _some(chance, _VALUES[kind])}


def _some(chance: Random, among: tuple[str, ...]) -> Any:
    return chance.choice(among) if chance.random() < 0.6 else chance.sample(among, min(2, len(among)))
