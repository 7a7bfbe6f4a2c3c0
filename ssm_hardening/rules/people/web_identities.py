"""Which web identities can assume a role: who signs in at an identity provider, and what conditions ask of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ssm_hardening.core.logic import Answer, every, is_no, known_or, literal, some, unanswered, unsupported
from ssm_hardening.core.values import Known, Reference, Template, Unknown, Why
from ssm_hardening.iam.analysis import applies_to, has_effect, may_limit
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.examples import stranger_allowed
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, flat, glob, members
from ssm_hardening.model import Role
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.verdicts.findings import Severity

_WITH_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
_COGNITO = "cognito-identity.amazonaws.com"
_PUBLIC = (
    *("accounts.google.com", "www.amazon.com", "graph.facebook.com", _COGNITO),
    *("token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "agent.buildkite.com"),
    *("api.bitbucket.org/", "oidc.vercel.com", "vstoken.dev.azure.com"),
)
"""Identity providers at which anyone can get an account."""

_SUBJECTS = frozenset({"sub", "id", "user_id", "email"})
_OWNERS = frozenset({"repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"})
_AUDIENCES = frozenset({"aud", "oaud", "azp", "amr", "app_id"})
_ANYBODYS = frozenset({"ref", "environment", "workflow", "event_name"})
"""Claims of public providers that everyone sets as they like."""

_TEXTS = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})


def of_web_identities(role: Role) -> Iterator[Check]:
    """Yield what is wrong with each way in for web identities."""
    for statement in role.trust:
        if is_no(has_effect(statement, "Allow")) or is_no(applies_to(statement, _WITH_WEB_IDENTITY)):
            continue
        doubts = (has_effect(statement, "Allow"), applies_to(statement, _WITH_WEB_IDENTITY))
        limits = some((may_limit(other, statement) for other in role.trust), statement.at)
        gap = next((each for each in (*doubts, limits) if isinstance(each, Unknown)), None)
        for item in principals_of(statement):
            if isinstance(item, Principal) and item.kind == "Federated" and ":saml-provider/" not in _spelled(item):
                for check in _of_provider(item, statement):
                    if isinstance(check, Unknown):
                        yield check
                    else:
                        yield replace(check, example=_example(item, statement, role)) if gap is None else gap


def _example(item: Principal, statement: Statement, role: Role) -> Counterexample:
    """Return the request of anybody who signs in at the provider, with what the statement asks for."""
    found = stranger_allowed(statement, f"any subject of {_spelled(item).rpartition('oidc-provider/')[2]}")
    return replace(found, action=_WITH_WEB_IDENTITY, resource=role.address)


def _spelled(item: Principal) -> str:
    text = known_or(item.name, "")
    return flat(text) if isinstance(text, str | Reference | Template) else ""


def _of_provider(item: Principal, statement: Statement) -> Iterator[Check]:
    if isinstance(item.name, Unknown):
        yield unanswered(item.name)
        return
    if "aws_iam_saml_provider" in str(item):
        return
    conditions = list(conditions_of(statement))
    issuer = _spelled(item).rpartition("oidc-provider/")[2]
    told = [each for each in conditions if isinstance(each, Condition) and ":" in each.key]
    if HOLE in issuer or isinstance(item.name.value, Reference):
        issuer = next((each.key.rpartition(":")[0] for each in told if _claim(each) in _SUBJECTS | _AUDIENCES), "")
    public = issuer.startswith(_PUBLIC)
    answers = [_names_subject(each, public=public) if isinstance(each, Condition) else each for each in conditions]
    if issuer == _COGNITO:
        answers = [_names_pool(each) if isinstance(each, Condition) else each for each in conditions]
    bound = some(answers, statement.at)
    name = issuer or str(item)
    if isinstance(bound, Unknown):
        yield bound
    elif not bound.value:
        text = f"every identity that {name} signs in can assume the role: no condition names a subject"
        headline = "Anyone can become an operator" if public else "Any web identity can become an operator"
        yield Problem(statement.at, text, None if public else Severity.HIGH, headline=headline)
    elif issuer == _COGNITO:
        yield from _guests(conditions, statement)
    else:
        for wide in _organizations(told):
            text = f"everything at {name} that matches {wide} can assume the role"
            yield Problem(statement.at, text, Severity.LOW, headline="Anyone in an organization can be an operator")


def _claim(condition: Condition) -> str:
    return condition.key.rpartition(":")[2]


def _names_subject(condition: Condition, *, public: bool) -> Answer:
    """Say whether a condition leaves only identities that somebody chose; each of its values must."""
    claim, operator = _claim(condition), condition.operator.removeprefix("foranyvalue:")
    if condition.key.startswith(("aws:", "sts:")) or claim in _AUDIENCES or (public and claim in _ANYBODYS):
        return Known(False, condition.at)
    if claim in _SUBJECTS and operator.endswith("ifexists"):
        operator = operator.removesuffix("ifexists")  # Every token has a subject.
    if operator not in _TEXTS:
        return Known(False, condition.at)
    if claim not in _SUBJECTS | _OWNERS:
        return unsupported(condition.at, f"whether the claim {claim} says who signs in")
    return every((_is_chosen(each, operator, public=public) for each in members(condition.values)), condition.at)


def _is_chosen(value: Known[Any] | Unknown, operator: str, *, public: bool) -> Answer:
    match value:
        case Known(str() as text, at):
            begin = re.split(r"[*?]", text, maxsplit=1)[0]
            if operator != "stringlike" or begin == text:
                return Known(True, at)
            if not begin or begin in {"repo:", "system:serviceaccount:", "organization:", "project_path:"}:
                return Known(False, at)
            if public or begin.startswith("system:serviceaccount:"):
                return Known(_OWNER.match(begin) is not None, at)
            return unsupported(at, f"whether the pattern {text} leaves anyone out")
        case Known(_, at) if operator != "stringlike":
            return Known(True, at)
        case Known(text, at):
            begin = re.split(r"[*?]", flat(text), maxsplit=1)[0]
            told = _OWNER.match(begin) is not None and public
            return Known(True, at) if told else unsupported(at, f"whom the pattern {text} leaves out")
        case Unknown() as gap:
            return Known(True, gap.at) if operator != "stringlike" else unanswered(gap)


_OWNER = re.compile(r"system:serviceaccount:[^:]+:|(?!system:)[a-z_]+:[^/:]+[/:]|[0-9]+$|[^/:]+/")
"""How a pattern begins that leaves only what one organization, or one namespace of a cluster, owns."""

_ALL_OF_ONE = re.compile(r"(?:[a-z_]+:)?[^/:]+[/:](?:project:)?\*.*")


def _organizations(conditions: list[Condition]) -> Iterator[str]:
    """Yield the patterns of subjects that leave a whole organization, if no other condition may say more."""
    named = [each for each in conditions if _claim(each) in _SUBJECTS | _OWNERS]
    if len(named) == 1:
        texts = [literal(each) or "" for each in members(named[0].values)]
        yield from (each for each in texts if _ALL_OF_ONE.fullmatch(each) and "stringlike" in named[0].operator)


def _names_pool(condition: Condition) -> Answer:
    """Say whether a condition leaves one identity pool of Amazon Cognito."""
    if _claim(condition) == "sub":
        return _names_subject(condition, public=True)
    if _claim(condition) != "aud" or condition.operator not in _TEXTS:
        return Known(False, condition.at)
    return every((_is_pool(each) for each in members(condition.values)), condition.at)


def _is_pool(value: Known[Any] | Unknown) -> Answer:
    text = literal(value)
    return Known(text is None or not text.startswith(("*", "?")), value.at)


def _guests(conditions: list[Condition | Unknown], statement: Statement) -> Iterator[Check]:
    """Yield that identity pools let guests in, unless a condition leaves only identities that signed in."""
    for each in conditions:
        if isinstance(each, Condition) and _claim(each) in {"amr", "sub"}:
            named = [literal(value) or "" for value in members(each.values)]
            if _claim(each) == "amr" and any(glob(name, "unauthenticated") for name in named):
                text = "guests of an identity pool, who do not sign in, can assume the role"
                yield Problem(statement.at, text, headline="Anyone can become an operator")
            return
    yield Unknown(Why.OUT_OF_SCOPE, statement.at, "whether the identity pool lets in guests")
