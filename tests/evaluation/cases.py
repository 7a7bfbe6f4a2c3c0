"""Random policies and requests from a small domain, so that they often meet; and the product's answer to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Value
from ssm_hardening.iam import decisions
from ssm_hardening.iam.statements import Statement, statements_of
from tests.evaluation.conditions import Request
from tests.evaluation.evaluator import Document, Policies, caller_of

OWN, OTHER = "111122223333", "444455556666"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
AT = CodeOrigin("policy.json", 1)
REGIONS = ("eu-central-1", "us-east-1")
ACTIONS = {
    "ssm:StartSession": ("arn:aws:ec2:eu-central-1:111122223333:instance/i-0a", "arn:aws:ssm:*:*:document/SSM-*"),
    "ssm:SendCommand": ("arn:aws:ssm:eu-central-1::document/AWS-RunShellScript",),
    "s3:GetObject": ("arn:aws:s3:::logs/sessions/alice/1.log", "arn:aws:s3:::logs/x"),
    "s3:PutObject": ("arn:aws:s3:::logs/x",),
    "kms:Decrypt": ("arn:aws:kms:eu-central-1:111122223333:key/1",),
    "iam:PassRole": ("arn:aws:iam::111122223333:role/admin",),
    "logs:GetLogEvents": ("arn:aws:logs:eu-central-1:111122223333:log-group:/ssm:log-stream:a",),
}
ACTION_PATTERNS = (
    "*", "ssm:*", "s3:*", "SSM:startsession", "s3:Get*", "s3:?etObject", "kms:Decrypt", "ssm:S*", "iam:*Role", "logs:*",
)  # fmt: skip
RESOURCE_PATTERNS = (
    "*", "arn:aws:*:*:*:*", "arn:aws:s3:::logs/*", "arn:aws:s3:::logs/sessions/${aws:username}/*",
    "arn:aws:s3:::logs/${aws:PrincipalTag/team, 'x'}", "arn:aws:s3:::logs/sessions/*/?.log",
    "arn:aws:ec2:*:111122223333:instance/*", "arn:aws:ec2:*:*:instance/i-0?", "arn:aws:ssm:*:*:document/*",
    "arn:aws:ssm:eu-central-1::document/AWS-*", "arn:aws:kms:*:111122223333:key/1", "arn:aws:kms:*:444455556666:key/*",
    "arn:aws:iam::*:role/${aws:PrincipalTag/team}", "arn:aws:iam::111122223333:role/adm*",
    "arn:aws:logs:*:*:log-group:*", "arn:aws:s3:::LOGS/*", "arn:aws:s3:::logs/${*}",
)  # fmt: skip
CALLERS = (
    f"arn:aws:iam::{OWN}:user/alice", f"arn:aws:iam::{OWN}:user/Alice", f"arn:aws:sts::{OWN}:assumed-role/ops/alice",
    f"arn:aws:sts::{OWN}:federated-user/alice", f"arn:aws:iam::{OTHER}:user/bob",
    f"arn:aws:sts::{OTHER}:assumed-role/ops/bob",
)  # fmt: skip
PRINCIPALS = (
    *({"AWS": caller} for caller in CALLERS),
    *({"AWS": f"arn:aws:iam::{account}:{tail}"} for account in (OWN, OTHER) for tail in ("root", "role/ops")),
    "*", "*", {"AWS": "*"}, {"AWS": [OWN]}, {"AWS": OTHER}, {"Service": "ssm.amazonaws.com"},
    {"CanonicalUser": CANONICAL},
    {"AWS": [f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OWN}:user/alice"]},
    {"AWS": [f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OWN}:role/ops", f"arn:aws:sts::{OWN}:assumed-role/ops/alice"]},
    {"AWS": "AROAEXAMPLEID"}, {"Federated": "arn:aws:iam::111122223333:saml-provider/corp"},
)  # fmt: skip

TEXT = (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
    "StringNotLike",
)  # fmt: skip
ARN = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")
ORDERED = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


@dataclass(frozen=True, slots=True)
class Key:
    """A condition key: what a request holds, what policies ask for, and with which operators."""

    values: tuple[str, ...]
    wanted: tuple[str, ...]
    operators: tuple[str, ...]
    many: bool = False


KEYS: Mapping[str, Key] = {
    "aws:RequestedRegion": Key(REGIONS, (*REGIONS, "eu-*", "EU-central-1", "*"), TEXT),
    "aws:PrincipalTag/team": Key(("admin", "ops", "x"), ("admin", "OPS", "o?s", "${aws:RequestTag/team}", "*"), TEXT),
    "aws:RequestTag/team": Key(("admin", "ops"), ("${aws:PrincipalTag/team}", "admin", "${aws:username, 'ops'}"), TEXT),
    "aws:username": Key(("alice", "Alice", "bob"), ("alice", "ALICE", "a*", "${aws:PrincipalTag/team}"), TEXT),
    "ssm:resourceTag/mark": Key(("any", "*", "${*}"), ("${*}", "*", "${$}{${*}}"), TEXT),
    "aws:SourceIp": Key(
        ("10.1.2.3", "203.0.113.7", "2001:db8::1"),
        ("10.0.0.0/8", "203.0.113.7", "2001:db8::/32", "0.0.0.0/0", "::/0"),
        ("IpAddress", "NotIpAddress"),
    ),
    "aws:SecureTransport": Key(("true", "false"), ("true", "false"), ("Bool",)),
    "aws:MultiFactorAuthAge": Key(
        ("60", "3600", "60.5"), ("60", "3600", "1000", "60.50"), tuple(f"Numeric{name}" for name in ORDERED)
    ),
    "aws:CurrentTime": Key(
        ("2026-12-01T10:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-12-01T10:00:00Z", "2026-12-01T11:00:00+01:00", "1796119200", "2026-12-31"),
        tuple(f"Date{name}" for name in ORDERED),
    ),
    "aws:PrincipalArn": Key(
        (), (f"arn:aws:iam::{OWN}:role/ops", f"arn:aws:iam::{OWN}:*", f"arn:aws:iam::*:user/{'${aws:username}'}",
             "arn:aws:iam::*:role/*", f"arn:aws:sts::{OWN}:assumed-role/ops/*"), (*ARN, *TEXT),
    ),
    "aws:PrincipalAccount": Key((), (OWN, OTHER, "1111*"), TEXT),
    "aws:SourceArn": Key(
        ("arn:aws:s3:::logs", "arn:aws:sns:eu-central-1:111122223333:a:b"),
        ("arn:aws:s3:::logs", "arn:aws:sns:*:111122223333:a*", "arn:*:111122223333:a:b", "arn:aws:s3:::LOGS"), ARN,
    ),
    "aws:TagKeys": Key(("team", "cost", "Team"), ("team", "c*", "TEAM", "other"), TEXT, many=True),
    "kms:Blob": Key(("aGk=", "aG8="), ("aGk=", "aGs="), ("BinaryEquals",)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and the policies that bear on it."""

    request: Request
    policies: Policies


class Making:
    """Makes cases; the same seed makes the same ones."""

    def __init__(self, seed: int, keys: Mapping[str, Key] = KEYS, actions: Sequence[str] = ACTION_PATTERNS) -> None:
        self.keys, self.actions = keys, actions
        self.random = Random(seed)  # noqa: S311 - cases, no secrets
        self.chance: Callable[[float], bool] = lambda share: self.random.random() < share

    def case(self) -> Case:
        pick, chance = self.random.choice, self.chance
        action = pick(tuple(ACTIONS))
        resource = pick([each for each in ACTIONS[action] if "*" not in each])
        caller = pick(CALLERS if chance(0.3) else CALLERS[:4])
        own = caller_of(caller).account == OWN
        key = action == "kms:Decrypt" and chance(0.7)
        session = ("assumed-role" in caller and chance(0.3)) or "federated-user" in caller
        policies = Policies(
            identity=[self.document("Allow", 0.85) for _ in range(pick((0, 1, 1, 2)))] if own else [EVERYTHING],
            boundary=self._limit() if own and chance(0.25) else None,
            session=self._limit() if own and session else None,
            levels=[self._level() for _ in range(pick((0, 0, 0, 1, 2)))],
            resource=self.document("Allow", 0.85, principal=True) if key or not own or chance(0.5) else None,
            alone=key,
        )
        return Case(Request(action, resource, OWN, caller, self._context(caller)), policies)

    def _limit(self) -> Document:
        return EVERYTHING if self.chance(0.3) else self.document("Allow", 0.9)

    def _level(self) -> list[Document]:
        return [EVERYTHING, self.document("Deny", 0.8)] if self.chance(0.7) else [self.document("Allow", 0.9)]

    def _context(self, caller: str) -> dict[str, tuple[str, ...]]:
        who = caller_of(caller)
        context: dict[str, tuple[str, ...]] = {}
        for name, key in KEYS.items():
            if key.values and self.chance(0.75):
                count = self.random.randint(1, 3) if key.many else 1
                context[name.lower()] = tuple(self.random.sample(key.values, count))
        context["aws:requestedregion"] = (self.random.choice(REGIONS),)
        context["aws:principalaccount"] = (who.account,)
        context["aws:principalarn"] = (who.behind if who.behind and "assumed-role" in caller else caller,)
        if ":user/" in caller:
            context["aws:username"] = (caller.rpartition("/")[2],)
        else:
            context.pop("aws:username", None)
        return context

    def document(self, effect: str, share: float, *, principal: bool = False) -> dict[str, Any]:
        """Return a policy of which this share of statements has the effect."""
        other = "Deny" if effect == "Allow" else "Allow"
        statements = [
            self._statement(effect if self.chance(share) else other, principal=principal)
            for _ in range(self.random.choice((1, 1, 2, 3)))
        ]
        version = self.random.choice(("2012-10-17",) * 8 + ("2008-10-17", ""))
        return {**({"Version": version} if version else {}), "Statement": statements}

    def _statement(self, effect: str, *, principal: bool) -> dict[str, Any]:
        chance, wide = self.chance, effect == "Allow"
        statement: dict[str, Any] = {"Effect": effect}
        statement["NotAction" if chance(0.1) else "Action"] = self._few((*self.actions, *("*",) * (8 * wide)))
        statement["NotResource" if chance(0.1) else "Resource"] = self._few((*RESOURCE_PATTERNS, *("*",) * (12 * wide)))
        if principal:
            negated = chance(0.15 if effect == "Deny" else 0.05)
            statement["NotPrincipal" if negated else "Principal"] = self.random.choice(PRINCIPALS)
        if chance(0.45):
            statement["Condition"] = self._condition()
        return statement

    def _few(self, all_of: Sequence[str]) -> Any:
        some = self.random.sample(all_of, self.random.choice((1, 1, 2)))
        return some[0] if len(some) == 1 and self.chance(0.5) else some

    def _condition(self) -> dict[str, Any]:
        condition: dict[str, Any] = {}
        for _ in range(self.random.choice((1, 1, 2))):
            name = self.random.choice(tuple(self.keys))
            key = self.keys[name]
            if self.chance(0.1):
                operator, wanted = "Null", self.random.choice(("true", "false"))
            else:
                operator, wanted = self.random.choice(key.operators), self._few(key.wanted)
                operator += "IfExists" if self.chance(0.2) else ""
                quantified = key.many or self.chance(0.15)
                operator = (
                    f"{self.random.choice(('ForAnyValue', 'ForAllValues'))}:{operator}" if quantified else operator
                )
            keys = condition.setdefault(operator, {})
            if name.lower() not in map(str.lower, keys):
                keys[name.upper() if self.chance(0.05) else name] = wanted
        return condition


def decided(case: Case) -> list[decisions.Decision]:
    """Return what the product says of a case; a session is also asked about as its role, unless a session is named."""
    who, callers = caller_of(case.request.caller), [case.request.caller]
    if who.behind and ":assumed-role/" in who.arn and ":assumed-role/" not in str(case.policies.resource):
        callers.append(who.behind)
    requests = [request_of(replace(case.request, caller=caller)) for caller in callers]
    return [decisions.decide(request, policies_of(case.policies)) for request in requests]


def request_of(request: Request) -> decisions.Request:
    known = {
        key: Known(Items(tuple(Known(each, AT) for each in values)), AT) for key, values in request.context.items()
    }
    return decisions.Request(
        action=request.action,
        resource=request.resource,
        account=Known(request.owner, AT),
        region=Known(request.context["aws:requestedregion"][0], AT),
        context=known,
        rest=Absent(AT),
        principal=Known(request.caller, AT),
    )


def policies_of(policies: Policies) -> decisions.Policies:
    levels = tuple(_joined(level) for level in policies.levels)
    return decisions.Policies(
        identity=_joined(policies.identity),
        boundary=_joined([policies.boundary]) if policies.boundary is not None else None,
        session=_joined([policies.session]) if policies.session is not None else None,
        guardrails=levels,
        resource=_joined([policies.resource]) if policies.resource is not None else None,
        key_policy=policies.alone,
    )


def _joined(documents: Sequence[Document]) -> Inventory[Statement]:
    read = [statements_of(wrapped(document), AT) for document in documents]
    return Inventory(
        tuple(each for one in read for each in one.items), next((one.gap for one in read if one.gap), None)
    )


def wrapped(plain: Any) -> Value[Any]:
    """Return plain JSON as values that were all read."""
    if isinstance(plain, Mapping):
        return Known(Record({key: wrapped(member) for key, member in plain.items()}), AT)
    if isinstance(plain, list):
        return Known(Items(tuple(wrapped(item) for item in plain)), AT)
    return Known(plain, AT)
