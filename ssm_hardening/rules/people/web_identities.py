"""Who can assume a role by signing in at an identity provider, and what conditions ask of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ssm_hardening.access.assuming import ASSUME
from ssm_hardening.access.people import is_roles_anywhere
from ssm_hardening.core.logic import Answer, every, is_no, is_yes, known_or, literal, some, unanswered, unsupported
from ssm_hardening.core.values import Known, Reference, Template, Unknown, Why
from ssm_hardening.iam.analysis import applies_to, has_effect, may_limit
from ssm_hardening.iam.conditions import Condition, bounded_by_network, conditions_of
from ssm_hardening.iam.examples import stranger_allowed
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.requests import Counterexample
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, flat, glob, members
from ssm_hardening.model import Role
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.rules.registry import Context
from ssm_hardening.verdicts.findings import Severity

_WITH_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
_COGNITO = "cognito-identity.amazonaws.com"
_PUBLIC = (
    *("accounts.google.com", "www.amazon.com", "graph.facebook.com", _COGNITO, "*"),
    *("token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "agent.buildkite.com"),
    "oidc.vercel.com",
)
"""Identity providers at which anyone can get an account."""

_OF_ONE = tuple(f"{each}/" for each in (*_PUBLIC, "api.bitbucket.org", "vstoken.dev.azure.com", "oidc.circleci.com"))
"""How issuers begin of which each organization, workspace, or enterprise has one of its own."""

_SUBJECTS = frozenset({"sub", "id", "user_id", "email"})
_OWNERS = frozenset({"repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"})
_AUDIENCES = frozenset({"aud", "oaud", "azp", "amr", "app_id"})
_ANYBODYS = frozenset({"ref", "environment", "workflow", "event_name"})
"""Claims of public providers that everyone sets as they like."""

_TEXTS = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})


def of_providers(role: Role, context: Context) -> Iterator[Check]:
    """Yield what is wrong with each way in for those who sign in at an identity provider."""
    yield from _web_identities(role)
    for statement in (each for each in role.trust if not is_no(has_effect(each, "Allow"))):
        for item in principals_of(statement):
            if isinstance(item, Principal) and item.kind == "Federated":
                yield from _where_from(_of_saml(item, statement, role, context), statement)
            elif isinstance(item, Principal) and item.kind == "Service" and isinstance(item.name, Unknown):
                yield unanswered(item.name)
            elif isinstance(item, Principal) and is_roles_anywhere(item):
                yield from _where_from(_of_certificates(statement, role), statement)


def _where_from(checks: Iterator[Check], statement: Statement) -> Iterator[Check]:
    """Yield what is wrong, unless a condition on the network keeps outsiders away, or may."""
    bound = bounded_by_network(statement)
    for check in checks if not is_yes(bound) else ():
        yield bound if isinstance(bound, Unknown) else check


def _of_certificates(statement: Statement, role: Role) -> Iterator[Check]:
    """Yield that no condition names a certificate: then every one counts that a trust anchor of the account trusts."""
    conditions = list(conditions_of(statement))
    bound = some((_names_certificate(each) for each in conditions), statement.at)
    if is_yes(bound) or is_no(applies_to(statement, ASSUME)):
        return
    if isinstance(bound, Unknown):
        yield bound
        return
    anchored = any(isinstance(each, Condition) and each.key == "aws:sourcearn" for each in conditions)
    told = "everyone with a certificate of {} can assume the role: no condition names a certificate"
    text = told.format("its trust anchor" if anchored else "any trust anchor in the account")
    example = stranger_allowed(statement, "any certificate that a trust anchor accepts")
    found = Problem(statement.at, text, Severity.LOW if anchored else Severity.HIGH)
    example = replace(example, action=ASSUME, resource=role.address)
    yield replace(found, headline="Any certificate makes an operator", example=example)


def _names_certificate(condition: Condition | Unknown) -> Answer:
    """Say whether a condition names the subject of a certificate; its issuer signs all of them."""
    if isinstance(condition, Unknown):
        return condition
    named = condition.key.startswith(_CERTIFICATE) and condition.operator in _TEXTS
    like = condition.operator == "stringlike"
    found = (each for each in members(condition.values) if like or isinstance(each, Known))
    values = (
        each if isinstance(each, Unknown) else Known(bool(str(each.value).strip("*?")), each.at) for each in found
    )
    return every(values, condition.at) if named else Known(False, condition.at)


_CERTIFICATE = ("aws:principaltag/x509subject/", "aws:principaltag/x509san/", "sts:sourceidentity")


def _of_saml(item: Principal, statement: Statement, role: Role, context: Context) -> Iterator[Check]:
    """Yield that the administrators of another account decide who signs in."""
    if is_no(applies_to(statement, "sts:AssumeRoleWithSAML")):
        return
    if isinstance(item.name, Unknown):
        yield unanswered(item.name)
        return
    name, own = _spelled(item), literal(context.account.account)
    number = name.split(":")[_ACCOUNT] if _SAML in name else ""
    foreign = own is not None and number.isdigit() and number not in {own, *context.thresholds.trusted_accounts}
    if foreign or name == "*":
        told = f"a SAML provider of account {number}" if foreign else "any SAML provider"
        example = stranger_allowed(statement, f"any subject of {'any SAML provider' if name == '*' else name}")
        found = Problem(statement.at, f"everyone whom {told} signs in can assume the role", Severity.HIGH)
        example = replace(example, action="sts:AssumeRoleWithSAML", resource=role.address)
        yield replace(found, headline="Another account's SAML provider is trusted", example=example)


_SAML, _ACCOUNT = ":saml-provider/", 4


def _web_identities(role: Role) -> Iterator[Check]:
    for statement in role.trust:
        if is_no(has_effect(statement, "Allow")) or is_no(applies_to(statement, _WITH_WEB_IDENTITY)):
            continue
        doubts = (has_effect(statement, "Allow"), applies_to(statement, _WITH_WEB_IDENTITY))
        limits = some((may_limit(other, statement) for other in role.trust), statement.at)
        gap = next((each for each in (*doubts, limits) if isinstance(each, Unknown)), None)
        for item in principals_of(statement):
            if isinstance(item, Principal) and item.kind == "Federated" and _SAML not in _spelled(item):
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
    public = issuer in _PUBLIC
    answers = [_names_subject(each, public=public) if isinstance(each, Condition) else each for each in conditions]
    if issuer == _COGNITO:
        answers = [_names_pool(each) if isinstance(each, Condition) else each for each in conditions]
    bound = some((*answers, bounded_by_network(statement)), statement.at)
    name = "any identity provider" if issuer == "*" else issuer or str(item)
    if isinstance(bound, Unknown):
        yield bound
    elif not bound.value:
        text = f"every identity that {name} signs in can assume the role: no condition names a subject"
        yield _unnamed(statement, text, issuer)
    elif issuer == _COGNITO:
        yield from _guests(conditions, statement)
    else:
        for wide in _organizations(told):
            text = f"everything at {name} that matches {wide} can assume the role"
            yield Problem(statement.at, text, Severity.LOW, headline="Anyone in an organization can be an operator")


def _unnamed(statement: Statement, text: str, issuer: str) -> Problem:
    """Return the problem that no condition names a subject, as severe as there are people who sign in there."""
    if issuer in _PUBLIC:
        return Problem(statement.at, text, headline="Anyone can become an operator")
    if issuer.startswith(_OF_ONE):
        return Problem(statement.at, text, Severity.LOW, headline="Anyone in an organization can be an operator")
    return Problem(statement.at, text, Severity.HIGH, headline="Any web identity can become an operator")


def _claim(condition: Condition) -> str:
    return condition.key.rpartition(":")[2]


def _names_subject(condition: Condition, *, public: bool) -> Answer:
    """Say whether a condition leaves only identities that somebody chose; each of its values must."""
    claim, operator = _claim(condition), condition.operator.removeprefix("foranyvalue:")
    if condition.key.startswith(("aws:requesttag/", "aws:principaltag/")) and not public:
        return unsupported(condition.at, f"whether {condition.name}, which the provider sets, says who signs in")
    if condition.key.startswith(("aws:", "sts:")) or claim in _AUDIENCES or (public and claim in _ANYBODYS):
        return Known(False, condition.at)
    if claim in _SUBJECTS:  # Every token has a subject, and no more than one.
        operator = operator.removeprefix("forallvalues:").removesuffix("ifexists")
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
            if not begin or begin in _FORMS:
                return Known(False, at)
            if public or begin.startswith(_FORMS):
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


_FORMS = ("system:serviceaccount:", "repo:", "project_path:", "organization:")
_OWNER = re.compile(r"system:serviceaccount:[^:]+:|(?!system:)[a-z_]+:[^/:]+[/:]|[0-9]+$|[^/:]+/")
"""How a pattern begins that leaves only what one organization, or one namespace of a cluster, owns."""

_ALL_OF_ONE = re.compile(r"(?:[a-z_]+:)?[^/:]+[/:](?:(?:project|pipeline):)?\*.*")


def _organizations(conditions: list[Condition]) -> Iterator[str]:
    """Yield the patterns of subjects that leave a whole organization, if no other condition may say more."""
    named = [each for each in conditions if _claim(each) in _SUBJECTS | _OWNERS]
    if len(named) == 1 and _claim(named[0]).startswith("repository_owner"):
        owners = (literal(each) or "an unknown one" for each in members(named[0].values))
        yield f"{_claim(named[0])} {' or '.join(owners)}"
    elif len(named) == 1:
        texts = [literal(each) or "" for each in members(named[0].values)]
        yield from (each for each in texts if _ALL_OF_ONE.fullmatch(each) and "stringlike" in named[0].operator)


def _names_pool(condition: Condition) -> Answer:
    """Say whether a condition leaves one identity pool of Amazon Cognito."""
    if _claim(condition) == "sub":
        return _names_subject(condition, public=True)
    if _claim(condition) != "aud" or condition.operator not in _TEXTS:
        return Known(False, condition.at)
    like = condition.operator == "stringlike"
    return every((_is_pool(each, like=like) for each in members(condition.values)), condition.at)


def _is_pool(value: Known[Any] | Unknown, *, like: bool) -> Answer:
    text = literal(value)
    return Known(text is None or not (like and set(text) & set("*?")), value.at)


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
