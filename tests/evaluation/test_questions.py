"""Questions over contexts: what is allowed is allowed by a request that is shown; what is denied, by none that can be.

A person's policies are random, and so is what nobody fixes of a request: its network, its tags, the name of a session,
what only AWS knows. The second evaluator decides each of these requests.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ssm_hardening.access import requests
from ssm_hardening.access.people import as_person
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Unknown
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, decide, outline
from ssm_hardening.iam.decisions import Policies as Read
from ssm_hardening.iam.decisions import Request as Question
from ssm_hardening.iam.statements import statements_of
from ssm_hardening.model import Account
from ssm_hardening.verdicts.findings import Failed
from tests.evaluation.cases import ARN, AT, TEXT, Key, Making, wrapped
from tests.evaluation.conditions import Request
from tests.evaluation.evaluator import Document, Policies, answers
from tests.rules.builders_live import OWNER
from tests.rules.builders_people import role, staffed, user
from tests.rules.fixtures import judge

KEYS: Mapping[str, Key] = {
    "aws:RequestedRegion": Key(
        ("eu-west-1", "us-east-1", "ap-south-1"), ("eu-west-1", "us-east-1", "eu-*", "ap-south-1"), TEXT
    ),
    "aws:SourceIp": Key(
        ("203.0.113.7", "198.51.100.1", "2001:db8::1"), ("203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32"),
        ("IpAddress", "NotIpAddress"),
    ),
    "aws:UserAgent": Key(("aws-cli/2", "console"), ("aws-cli/*", "Console", "boto*"), TEXT),
    "aws:MultiFactorAuthPresent": Key(("true", "false"), ("true", "false"), ("Bool",)),
    "aws:SecureTransport": Key(("true", "false"), ("true", "false"), ("Bool",)),
    "aws:CurrentTime": Key(
        ("2027-06-01T00:00:00Z", "2031-01-01T00:00:00Z"), ("2020-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
        ("DateLessThan", "DateGreaterThan", "DateLessThanEquals"),
    ),
    "aws:ViaAWSService": Key(("true", "false"), ("true", "false"), ("Bool",)),
    "aws:PrincipalOrgID": Key(("o-a1b2c3d4e5", "o-zz99zz99zz"), ("o-a1b2c3d4e5", "o-*"), TEXT),
    "aws:PrincipalArn": Key((), (f"arn:aws:iam::{OWNER}:role/operators", "arn:aws:iam::*:user/*"), ARN),
    "aws:PrincipalAccount": Key((), (OWNER, "4444*"), TEXT),
    "aws:PrincipalTag/team": Key(("ops", "dev"), ("ops", "o*", "${aws:username}"), TEXT),
    "aws:username": Key((), ("alex", "a*", "${aws:PrincipalTag/team, 'alex'}"), TEXT),
    "sts:RoleSessionName": Key(("alex", "sam"), ("alex", "${aws:username}", "s*"), TEXT),
    "sts:ExternalId": Key(("secret", "other"), ("secret", "other*"), TEXT),
    "iam:PassedToService": Key(("ec2.amazonaws.com", "lambda.amazonaws.com"), ("ec2.amazonaws.com", "lambda*"), TEXT),
    "s3:x-amz-acl": Key(("private", "public-read"), ("private", "public-*"), TEXT),
    "ssm:resourceTag/env": Key(("dev", "prod"), ("dev", "p*", "${aws:PrincipalTag/team}"), TEXT),
}  # fmt: skip
ACTIONS = ("*", "iam:*", "iam:PassRole", "sts:AssumeRole", "sts:*", "s3:Put*", "ssm:StartSession", "ssm:Get*", "kms:*")
QUESTIONS: Mapping[str, str] = {
    "iam:PassRole": f"arn:aws:iam::{OWNER}:role/admin",
    "iam:CreateAccessKey": f"arn:aws:iam::{OWNER}:user/root",
    "sts:AssumeRole": f"arn:aws:iam::{OWNER}:role/admin",
    "s3:PutObject": "arn:aws:s3:::logs/x",
    "ssm:GetParameter": f"arn:aws:ssm:eu-west-1:{OWNER}:parameter/secret",
    "kms:Decrypt": f"arn:aws:kms:eu-west-1:{OWNER}:key/1",
    "ssm:StartSession": "",
}


class Asked:
    """A random person, and one question; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self.making = Making(seed, KEYS, ACTIONS)
        self.random: Random = self.making.random
        self.identity = [self.making.document("Allow", 0.75) for _ in range(self.random.choice((1, 2)))]
        self.boundary = self.making.document("Allow", 0.85) if self.random.random() < 0.2 else None
        self.action = self.random.choice(tuple(QUESTIONS))
        self.is_user = self.random.random() < 0.5

    def decided(self) -> tuple[Question, Decision]:
        """Return the question, and what the product says of it."""
        limits = {} if self.boundary is None else {"boundary": "arn:aws:iam::aws:policy/b", **self._limits()}
        made = {"statements": _read(self.identity), "tags": {"team": "ops"}, **limits}
        who: Any = user(**made) if self.is_user else role(**made, kind="other")
        account: Account = staffed(users=[who]) if self.is_user else staffed(who)
        person = as_person(who, account)
        if self.action == "ssm:StartSession":
            question = requests.on_any_node(account, who)
        else:
            question = requests.request(account, who, self.action, QUESTIONS[self.action])
        return question, requests.may(person, question)

    def _limits(self) -> dict[str, Any]:
        return {"boundary_statements": _read([self.boundary or {}])}

    def answers(self, question: Question) -> set[bool]:
        """Return what the second evaluator says of the question, with what is not known of it drawn."""
        context = dict(self._context(question))
        if self.is_user and not isinstance(question.value("aws:username"), Known):
            context["aws:username"] = ("alex",)
        request = Request(question.action, str(question.resource), OWNER, _arn(self.is_user), context)
        return answers(request, Policies(identity=self.identity, boundary=self.boundary))

    def _context(self, question: Question) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, key in KEYS.items():
            held = question.value(name.lower())
            if isinstance(held, Known):
                assert isinstance(held.value, Items)
                yield name.lower(), tuple(str(each.value) for each in held.value.items if isinstance(each, Known))
            elif isinstance(held, Unknown) and key.values and (self.random.random() < 0.8 or name in _ALWAYS):
                yield name.lower(), (self.random.choice(key.values),)


_ALWAYS = {"aws:RequestedRegion", "aws:SecureTransport", "aws:CurrentTime", "aws:ViaAWSService"}


def _arn(is_user: bool) -> str:  # noqa: FBT001 - one of two kinds
    return f"arn:aws:iam::{OWNER}:user/alex" if is_user else f"arn:aws:sts::{OWNER}:assumed-role/operators/alex"


def _read(documents: Sequence[Document]) -> Inventory[Any]:
    return Inventory(tuple(each for one in documents for each in statements_of(wrapped(one), AT)))


def _checked(seeds: range, tries: int) -> tuple[list[str], Counter[str]]:
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    for seed in seeds:
        asked = Asked(seed)
        question, found = asked.decided()
        seen[type(found).__name__] += 1
        if isinstance(found, Allowed):
            shown = found.request
            if shown is None or any(asked.answers(shown) == {False} for _ in range(tries)):
                wrong.append(f"{seed}: {found} is not allowed")
        elif isinstance(found, Denied) and any(asked.answers(question) == {True} for _ in range(tries)):
            wrong.append(f"{seed}: {found} is allowed")
    return wrong, seen


def test_what_is_allowed_shows_a_request_and_what_is_denied_is_denied_in_every_context() -> None:
    wrong, seen = _checked(range(300), tries=20)
    assert not wrong, "\n".join(wrong)
    assert min(seen["Allowed"], seen["Denied"]) > 50, seen


@pytest.mark.corpus
def test_what_is_denied_is_denied_in_a_hundred_contexts() -> None:
    wrong, _ = _checked(range(1_000, 4_000), tries=100)
    assert not wrong, "\n".join(wrong)


def test_requests_with_one_outline_are_decided_alike() -> None:
    arns = [f"arn:aws:iam::{OWNER}:{each}" for each in ("role/admin", "role/app", "user/root", "user/alex")]
    alike = 0
    for seed in range(150):
        asked = Asked(seed)
        asked.action = "iam:PassRole" if asked.is_user else "sts:AssumeRole"
        question, _ = asked.decided()
        policies = Read(
            identity=_read(asked.identity), boundary=None if asked.boundary is None else _read([asked.boundary])
        )
        found: dict[object, Decision] = {}
        for each in (replace(question, resource=arn) for arn in arns):
            known, decision = outline(each, policies), decide(each, policies)
            alike += known in found
            assert known is None or found.setdefault(known, decision) == decision, seed
    assert alike > 50


PEOPLE = (*(f"OPER-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 10)), "ROLE-01", "ROLE-02", "ROLE-06")
"""The rules whose failures rest on the policies of a person or of a node."""

POWERS = (
    "*", "ssm:*", "iam:*", "ssm:StartSession", "ssm:SendCommand", "ssm:GetParameter*", "iam:Put*",
    "iam:CreateAccessKey", "sts:AssumeRole", "ssm:UpdateDocument", "ssm:TerminateSession", "kms:*",
    "s3:DeleteObject", "logs:Delete*",
)  # fmt: skip


def _shown(seed: int) -> Iterator[str]:
    """Yield what is wrong of the examples that failures of a random person or node show."""
    asked = Asked(seed)
    asked.making.actions = POWERS
    asked.identity = [asked.making.document("Allow", 0.95)]
    asked.boundary = None
    made: dict[str, Any] = {"statements": _read(asked.identity), "tags": {"team": "ops"}}
    kind = asked.random.choice(("operator", "node", "other"))
    who: Any = user(**made) if asked.is_user else role(**made, kind=kind)
    account: Account = staffed(users=[who]) if asked.is_user else staffed(who)
    for rule in PEOPLE:
        for finding in judge(rule, (account,)):
            shown_ = finding.verdict.example if isinstance(finding.verdict, Failed) else None
            for example in () if shown_ is None or shown_.principal != who.address else (shown_, *shown_.also):
                question = requests.request(account, who, example.action, example.resource)
                shown = {name.lower(): wrapped(list(values)) for name, values in example.context if values}
                lacking = {name.lower(): Absent(AT) for name, values in example.context if not values}
                given = replace(question, context={**question.context, **shown, **lacking})
                yield "" if asked.answers(given) != {False} else f"{seed}: {rule}: {example}\n{asked.identity}"


def test_the_second_evaluator_allows_what_a_failure_shows() -> None:
    shown = [each for seed in range(30) for each in _shown(seed)]
    wrong = [each for each in shown if each]
    assert not wrong, "\n".join(wrong)
    assert len(shown) > 10


@pytest.mark.corpus
def test_the_second_evaluator_allows_what_many_failures_show() -> None:
    wrong = [each for seed in range(1_000, 1_600) for each in _shown(seed) if each]
    assert not wrong, "\n".join(wrong)
