"""Who may become an operator: the trust policies of roles whose permissions decide over sessions (OPER-12)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from ssm_hardening.access.answers import best
from ssm_hardening.access.assuming import ASSUME, is_of_identity_center, left_by, of_role
from ssm_hardening.access.people import Person, people
from ssm_hardening.access.requests import START, listed, may, on_document
from ssm_hardening.core.logic import (
    Answer,
    ask,
    certainly,
    is_no,
    is_yes,
    known_or,
    literal,
    negated,
    some,
    unanswered,
)
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.chosen import NETWORK_KEYS
from ssm_hardening.iam.conditions import accounts_admitted, bounded_by_network, callers_named, keeps_strangers_out
from ssm_hardening.iam.decisions import Allowed, Decision, Policies, surely
from ssm_hardening.iam.examples import STRANGERS
from ssm_hardening.iam.principals import Principal, is_account, principals_of, speaks_of_everybody, whole_account
from ssm_hardening.iam.requests import Caller
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import flat
from ssm_hardening.model import PREFERENCES_NAME, Account, Role
from ssm_hardening.rules.kit.checks import Check, conclude, gaps, too_much
from ssm_hardening.rules.people.operators import answer, granted, on_some_node, operators, unread_policy
from ssm_hardening.rules.people.subjects import JudgedPerson, judged_person, not_a_person
from ssm_hardening.rules.people.web_identities import of_providers
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
    own account as a whole passes, because the IAM policies of its people then decide. So does a SAML provider of the
    account: who may use the role is assigned there; one of another account is high. So is IAM Roles Anywhere without a
    condition that names a certificate (low if one names a trust anchor). Other AWS services are not checked. A
    condition on a network of known addresses, VPCs, or endpoints keeps outsiders away.

    Undecided when the trust policy, or a condition or principal in it, is unknown.

    Reference: AWS Identity and Access Management User Guide, "AWS JSON policy elements: Principal", "Access to AWS
    accounts owned by third parties", and "Create a role for OpenID Connect federation".
    """
    role = subject.person.fact
    if not isinstance(role, Role) or known_or(role.form, None) == "permission-set":
        return NotApplicable(subject.origin, "IAM Identity Center decides who gets a permission set")
    if is_of_identity_center(role):
        return NotApplicable(subject.origin, "IAM Identity Center manages the trust policy of this role")
    checks = (*_from_accounts(role, context), *of_providers(role, context), *gaps(role.trust.gap))
    passed = Passed(role.origin, "its trust policy admits nobody from outside without a condition on who they are")
    verdict = conclude(role.origin, checks, passed=passed, undecided="who can assume the role is unknown")
    unread = unread_policy(subject)
    if isinstance(verdict, Passed) and unread is not None:
        # A policy that was not read may deny all that makes it an operator's role.
        return Undecided(role.origin, unread, "whether its policies decide over sessions is unknown")
    return verdict


_SOMEBODY = ("role/0123456789abcdef", "user/0123456789abcdef")


def _from_accounts(role: Role, context: Context) -> Iterator[Check]:
    """Yield what is wrong with each way in for principals of AWS accounts, each principal once."""
    seen: set[str] = set()
    for statement in role.trust:
        if is_no(has_effect(statement, "Allow")) or is_no(applies_to(statement, ASSUME)):
            continue
        if is_yes(bounded_by_network(statement)):
            continue
        if not is_no(speaks_of_everybody(statement)) and not is_yes(keeps_strangers_out(statement)):
            yield from _once(_everybody(role, statement, context.account), seen)
        for item in (*principals_of(statement), *accounts_admitted(statement), *callers_named(statement)):
            if isinstance(item, Unknown):
                yield unanswered(item)
            elif item.kind == "AWS" and not certainly(item.name, lambda name: name == "*"):
                yield from _once(_of_principal(item, role, statement, context), seen)


def _once(checks: Iterable[Check], seen: set[str]) -> Iterator[Check]:
    for check in checks:
        if isinstance(check, Unknown) or check.text not in seen:
            seen.add("" if isinstance(check, Unknown) else check.text)
            yield check


def _everybody(role: Role, statement: Statement, account: Account) -> Iterator[Check]:
    """Yield whether a stranger gets in; an external ID does not keep one out, since AWS does not treat it as secret."""
    found = "every principal of every AWS account can assume the role"
    headline = "Anyone can become an operator"
    stranger, alone = _arn(STRANGERS, _SOMEBODY[0]), replace(role, trust=Inventory((statement,), role.trust.gap))
    whoever = not _denies(role) and is_no(keeps_strangers_out(statement))
    asked = partial(_admits, alone if whoever else role, account, stranger, mfa=True, anywhere=whoever, whoever=whoever)
    at_once = surely(asked())
    if isinstance(at_once, Allowed):
        yield too_much(at_once, found, headline=headline)
        return
    told = f"{found} with the external ID, which is not a secret"
    yield from _problem(asked(external_id=True), told, Severity.HIGH, headline)


def _denies(role: Role) -> bool:
    return any(not is_no(has_effect(each, "Deny")) for each in role.trust)


def _of_principal(item: Principal, role: Role, statement: Statement, context: Context) -> Iterator[Check]:
    """Yield whether somebody of another account gets in without an external ID, MFA, or an organization."""
    own, trusted = context.account.account, context.thresholds.trusted_accounts
    whole = whole_account(item)
    number = _number_in(item) if isinstance(whole, Absent) else whole
    foreign = ask(number, lambda text: negated(is_account(text, own, number.at)), absent=False)
    known, anywhere = literal(number), not _denies(role) and is_no(bounded_by_network(statement))
    if is_no(foreign) or known in trusted:
        return
    if isinstance(foreign, Unknown) or known is None:
        yield foreign if isinstance(foreign, Unknown) else _unreadable(item)
    elif isinstance(whole, Absent):
        decision = _admits(role, context.account, str(item), anywhere=anywhere)
        told = f"{item} of another account can assume the role"
        yield from _problem(decision, told, Severity.LOW, "Someone in another account can be an operator")
    else:
        told = f"every principal that account {known} chooses can assume the role"
        decisions = [_admits(role, context.account, _arn(known, each), anywhere=anywhere) for each in _SOMEBODY]
        yield from _problem(best(decisions), told, Severity.HIGH, "Another account can become an operator")


def _arn(account: str, tail: str) -> str:
    return f"arn:aws:iam::{account}:{tail}"


def _unreadable(item: Principal) -> Unknown:
    return Unknown(Why.COMPUTED, item.name.at, f"the account of {item}")


def _problem(decision: Decision, text: str, severity: Severity, headline: str) -> Iterator[Check]:
    for check in granted(surely(decision), text):
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


def _admits(  # noqa: PLR0913 - what a stranger can bring along
    role: Role,
    account: Account,
    caller: str,
    *,
    external_id: bool = False,
    mfa: bool = False,
    anywhere: bool = False,
    whoever: bool = False,
) -> Decision:
    """Return whether the trust policy lets a principal of another account assume the role, by its ARN.

    The principal may do everything in its own account. It can give the `external_id` that is asked for, sign in with
    `mfa`, or call from `anywhere`, even from a network that a condition names, only if these are set. `whoever`: it
    stands for everybody else as well, so that it has the account, organization and name that a condition asks for.
    """
    at = account.at
    asked = of_role(account, replace(role, address=caller), role, ASSUME, {})
    untold = Unknown(Why.OUT_OF_SCOPE, at, "the network from which somebody of another account calls")
    context: dict[str, Value[Items]] = {
        **dict.fromkeys((*(() if mfa else _SIGN_IN), *_OF_SERVICES), Absent(at)),
        **dict.fromkeys(() if anywhere else NETWORK_KEYS, untold),
        "aws:principalisawsservice": listed(at, "false"),
    }
    secrets = ({},) if external_id else ({_EXTERNAL_ID: Absent(at)}, {_EXTERNAL_ID: listed(at, "0123456789abcdef")})
    identities = ({},) if whoever else tuple(_identities(caller, account))
    everything = Policies(identity=Inventory((_everything(role),)))
    asked = replace(asked, principal=Known(caller, at), settled=(), caller=Caller.ANYONE)
    contexts = ({**context, **secret, **identity} for secret in secrets for identity in identities)
    return best(left_by(role, replace(asked, context=each), everything) for each in contexts)


def _identities(caller: str, account: Account) -> Iterator[dict[str, Value[Items]]]:
    """Yield who the caller is: its account is in some other organization, or in none."""
    user_id = "AIDA0F6A93C1D2B7E4058" if ":user/" in caller else "AROA0F6A93C1D2B7E4058:0123456789abcdef"
    itself: dict[str, Value[Items]] = {
        "aws:principalarn": listed(account.at, caller),
        "aws:principalaccount": listed(account.at, caller.split(":")[4]),
        "aws:userid": listed(account.at, user_id),
    }
    organization, path = "aws:principalorgid", "aws:principalorgpaths"
    some = {organization: listed(account.at, "o-0f6a93c1d2"), path: listed(account.at, "o-0f6a93c1d2/r-0f6a/")}
    yield {**itself, **some}
    yield {**itself, organization: Absent(account.at), path: Absent(account.at)}


_EXTERNAL_ID = "sts:externalid"
_SIGN_IN = ("aws:multifactorauthpresent", "aws:multifactorauthage")
_OF_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner")
"""What only requests of services hold."""


def _everything(role: Role) -> Statement:
    """Return what the administrators of another account can give their own people."""
    at = role.origin
    nothing = Absent(at)
    every_one = listed(at, "*")
    return Statement(
        sid=nothing, effect=Known("Allow", at), principals=nothing, not_principals=nothing, actions=every_one,
        not_actions=nothing, resources=every_one, not_resources=nothing, conditions=nothing, at=at,
    )  # fmt: skip
