"""Who may become an operator: the trust policies of roles whose permissions decide over sessions (OPER-12)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ssm_hardening.access.answers import best
from ssm_hardening.access.assuming import ASSUME, admits, is_of_identity_center
from ssm_hardening.access.people import Person, people
from ssm_hardening.access.requests import START, may, on_document
from ssm_hardening.core.logic import (
    Answer,
    ask,
    certainly,
    every,
    is_no,
    is_yes,
    known_or,
    literal,
    negated,
    some,
    unanswered,
    unsupported,
)
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import applies_to, has_effect, may_limit
from ssm_hardening.iam.conditions import (
    Condition,
    accounts_admitted,
    callers_named,
    conditions_of,
    keeps_strangers_out,
)
from ssm_hardening.iam.decisions import Allowed, Decision, surely
from ssm_hardening.iam.examples import stranger_allowed
from ssm_hardening.iam.principals import Principal, is_account, principals_of, speaks_of_everybody, whole_account
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, flat, glob, members
from ssm_hardening.model import PREFERENCES_NAME, Account, Role
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps
from ssm_hardening.rules.people.operators import answer, granted, on_some_node, operators, unread_policy
from ssm_hardening.rules.people.subjects import JudgedPerson, judged_person, not_a_person
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import NotApplicable, Passed, Severity, Undecided, Verdict


def _roles_over_sessions(account: Account) -> Inventory[JudgedPerson]:
    found = people(account)
    kept = []
    for person in found:
        powers = _decides_over_sessions(person, account) if isinstance(person.fact, Role) else Known(False, account.at)
        if not is_no(powers):
            apart = not_a_person(person, starts=is_yes(powers))
            doubt = powers if apart is None and isinstance(powers, Unknown) else apart
            kept.append(judged_person(person, doubt, starts=True))
    return Inventory(tuple(kept), account.roles.gap)


def _decides_over_sessions(person: Person, account: Account) -> Answer:
    """Say whether the policies grant sessions, commands on nodes, or changes to the preferences."""
    return some(_powers(person, account), account.at)


def _powers(person: Person, account: Account) -> Iterator[Answer]:
    yield on_some_node(person, START, account)
    yield on_some_node(person, "ssm:SendCommand", account)
    asked = on_document(account, person.fact, "ssm:UpdateDocument", PREFERENCES_NAME)
    yield answer(surely(may(person, asked)), account.at)


_over_sessions: Selector[JudgedPerson] = replace(
    operators, noun="roles whose policies decide over sessions", select=_roles_over_sessions
)


@rule(
    id="OPER-12",
    title="Only known identities can become an operator",
    headline="Outsiders can become an operator",
    severity=Severity.CRITICAL,
    over=_over_sessions,
    may=(Severity.HIGH, Severity.LOW),
    manual=(
        "only you know who signs in with this role: in its trust policy, name the roles or users that may assume it, "
        "or add a condition on aws:PrincipalOrgID, sts:ExternalId, or the subject of the identity provider; list "
        "accounts that you trust as a whole in trusted_accounts of the standard"
    ),
)
def admits_known_identities(subject: JudgedPerson, context: Context) -> Verdict:
    """Anyone who can assume the role of an operator is an operator, whatever limits the policies of other people have.

    The rule applies to roles whose policies grant sessions, commands on nodes, or changes to the session preferences,
    and checks their trust policies. Everyone, or every user of a public identity provider (GitHub Actions, Google, an
    identity pool of any account), is critical. Another account as a whole is high if nothing else is asked for: an
    external ID, MFA, an organization, or certain callers. So is any other identity provider of web identities without
    a condition on its subject. A role or user of another account by name, and all repositories or projects of an
    organization at such a provider, are low. Accounts that the standard lists in `trusted_accounts` pass. The role's
    own account as a whole passes, because the IAM policies of its people then decide. So does a SAML provider: who may
    use the role is assigned there. AWS services are not checked.

    Undecided when the trust policy, or a condition or principal in it, is unknown.

    Reference: AWS Identity and Access Management User Guide, "AWS JSON policy elements: Principal", "Access to AWS
    accounts owned by third parties", and "Create a role for OpenID Connect federation".
    """
    role = subject.person.fact
    if not isinstance(role, Role) or known_or(role.form, None) == "permission-set":
        return NotApplicable(subject.origin, "IAM Identity Center decides who gets a permission set")
    if is_of_identity_center(role):
        return NotApplicable(subject.origin, "IAM Identity Center manages the trust policy of this role")
    checks = (*_from_accounts(role, context), *_web_identities(role), *gaps(role.trust.gap))
    passed = Passed(role.origin, "its trust policy admits nobody from outside without a condition on who they are")
    verdict = conclude(role.origin, checks, passed=passed, undecided="who can assume the role is unknown")
    unread = unread_policy(subject)
    if isinstance(verdict, Passed) and unread is not None:
        # A policy that was not read may deny all that makes it an operator's role.
        return Undecided(role.origin, unread, "whether its policies decide over sessions is unknown")
    return verdict


_STRANGER = "999999999999"
_SOMEBODY = ("role/0123456789abcdef", "user/0123456789abcdef")


def _from_accounts(role: Role, context: Context) -> Iterator[Check]:
    """Yield what is wrong with each way in for principals of AWS accounts, each principal once."""
    seen: set[str] = set()
    for statement in role.trust:
        if is_no(has_effect(statement, "Allow")) or is_no(applies_to(statement, ASSUME)):
            continue
        everybody, kept_out = speaks_of_everybody(statement), keeps_strangers_out(statement)
        if is_yes(everybody) and is_no(kept_out) and not _is_asked_for_more(statement) and not _denies(role):
            example = stranger_allowed(statement, "everybody")
            found = Problem(statement.at, _EVERYBODY, headline=_ANYONE, example=example)
            yield from _once([found], seen)
        elif not is_no(everybody) and not is_yes(kept_out):
            yield from _once(_everybody(role, context.account), seen)
        for item in (*principals_of(statement), *accounts_admitted(statement), *callers_named(statement)):
            if isinstance(item, Unknown):
                yield unanswered(item)
            elif item.kind == "AWS" and not certainly(item.name, lambda name: name == "*"):
                yield from _once(_of_principal(item, role, context), seen)


_EVERYBODY = "every principal of every AWS account can assume the role"
_ANYONE = "Anyone can become an operator"
_PREPARED = {"sts:externalid", "aws:multifactorauthpresent", "aws:multifactorauthage"}


def _is_asked_for_more(statement: Statement) -> bool:
    """Say whether something is asked for that a stranger can prepare, or that is not known."""
    return any(not isinstance(each, Condition) or each.key in _PREPARED for each in conditions_of(statement))


def _denies(role: Role) -> bool:
    """Say whether some statement of the trust policy may deny."""
    return role.trust.gap is not None or any(not is_no(has_effect(each, "Deny")) for each in role.trust)


def _once(checks: Iterable[Check], seen: set[str]) -> Iterator[Check]:
    for check in checks:
        if isinstance(check, Unknown) or check.text not in seen:
            seen.add("" if isinstance(check, Unknown) else check.text)
            yield check


def _everybody(role: Role, account: Account) -> Iterator[Check]:
    """Yield whether a stranger gets in; an external ID does not keep one out, since AWS does not treat it as secret."""
    found = "every principal of every AWS account can assume the role"
    headline = "Anyone can become an operator"
    stranger = _arn(_STRANGER, _SOMEBODY[0])
    at_once = admits(role, account, stranger, mfa=True, anywhere=_is_from_anywhere(role))
    if isinstance(at_once, Allowed):
        yield Problem(at_once.by.at, found, headline=headline, unless=at_once.unless)
        return
    prepared = admits(role, account, stranger, mfa=True, external_id=True)
    told = f"{found} with the external ID, which is not a secret"
    yield from _problem(prepared, told, Severity.HIGH, headline)


def _is_from_anywhere(role: Role) -> bool:
    """Say whether conditions on the network surely leave strangers a way in, and nothing is denied."""
    denies = any(not is_no(has_effect(each, "Deny")) for each in role.trust)
    open_ = (is_yes(speaks_of_everybody(each)) and is_no(keeps_strangers_out(each)) for each in role.trust)
    return not denies and any(open_)


def _of_principal(item: Principal, role: Role, context: Context) -> Iterator[Check]:
    """Yield whether somebody of another account gets in without an external ID, MFA, or an organization."""
    own, trusted = context.account.account, context.thresholds.trusted_accounts
    whole = whole_account(item)
    number = _number_in(item) if isinstance(whole, Absent) else whole
    foreign = ask(number, lambda text: negated(is_account(text, own, number.at)), absent=False)
    known = literal(number)
    if is_no(foreign) or known in trusted:
        return
    if isinstance(foreign, Unknown) or known is None:
        yield foreign if isinstance(foreign, Unknown) else _unreadable(item)
    elif isinstance(whole, Absent):
        decision = admits(role, context.account, str(item))
        told = f"{item} of another account can assume the role"
        yield from _problem(decision, told, Severity.LOW, "Someone in another account can be an operator")
    else:
        told = f"every principal that account {known} chooses can assume the role"
        decisions = [admits(role, context.account, _arn(known, each)) for each in _SOMEBODY]
        yield from _problem(best(decisions), told, Severity.HIGH, "Another account can become an operator")


def _arn(account: str, tail: str) -> str:
    return f"arn:aws:iam::{account}:{tail}"


def _unreadable(item: Principal) -> Unknown:
    return Unknown(Why.COMPUTED, item.name.at, f"the account of {item}")


def _problem(decision: Decision, text: str, severity: Severity, headline: str) -> Iterator[Check]:
    for check in granted(decision, text):
        yield check if isinstance(check, Unknown) else replace(check, severity=severity, headline=headline)


def _number_in(item: Principal) -> Value[Text]:
    """Return the account in the ARN of a principal; Absent where it is one that the code declares, or none."""
    match item.name:
        case Known(str() as text, at):
            fields = text.split(":")
            return Known(fields[4], at) if len(fields) > _ARN_FIELDS else Absent(at)
        case Known(Template(parts) as text, at):
            fields = flat(text).split(":")
            if len(fields) > _ARN_FIELDS and fields[4].isdigit():
                return Known(fields[4], at)
            return next((unanswered(each) for each in parts if isinstance(each, Unknown)), Absent(at))
        case Known(_, at):
            return Absent(at)
        case Unknown() as gap:
            return gap


_ARN_FIELDS = 5
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


def _web_identities(role: Role) -> Iterator[Check]:
    for statement in role.trust:
        if is_no(has_effect(statement, "Allow")) or is_no(applies_to(statement, _WITH_WEB_IDENTITY)):
            continue
        doubts = (has_effect(statement, "Allow"), applies_to(statement, _WITH_WEB_IDENTITY))
        limits = some((may_limit(other, statement) for other in role.trust), statement.at)
        gap = next((each for each in (*doubts, limits) if isinstance(each, Unknown)), None)
        for item in principals_of(statement):
            if isinstance(item, Principal) and item.kind == "Federated" and ":saml-provider/" not in _spelled(item):
                for check in _of_provider(item, statement):
                    yield check if gap is None or isinstance(check, Unknown) else gap


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
