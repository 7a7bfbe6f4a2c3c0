"""Whether the history of sessions names people: OPER-09."""

from collections.abc import Iterator

from ssm_hardening.core.logic import Answer, every, is_no, is_yes, some, unanswered
from ssm_hardening.core.values import Known, Unknown
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Group, Role, User
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.rules.people.operators import JudgedPerson, administrator, concluded, operators
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import NotApplicable, Passed, Question, Requirement, Severity, Undecided, Verdict

_WHO = {"sts:sourceidentity", "sts:rolesessionname"}
_NAMED_BY_PROVIDER = "sts:AssumeRoleWithSAML"


@rule(
    id="OPER-09",
    title="Sessions name the person",
    severity=Severity.MEDIUM,
    over=operators,
    question=Question.ACCESS,
    requirement=Requirement.AUDITING,
    manual="the trust policy of a role in use decides who still gets in: add a condition on sts:SourceIdentity, or "
    "sts:RoleSessionName = ${aws:username}, after telling those who assume it",
)
def is_named_in_the_history(subject: JudgedPerson, context: Context) -> Verdict:
    """The history of sessions knows the role and the name its user chose for himself: a shared one names nobody.

    A role passes where each statement of its trust policy that admits people asks for sts:SourceIdentity or
    sts:RoleSessionName, or admits them through SAML, where the identity provider names them. Users and permission sets
    of Identity Center pass; a group's members are users. Whether the names are the right ones is not judged.

    It cannot tell where the trust policy or its conditions are not known.

    Reference: AWS Identity and Access Management User Guide, "Monitor and control actions taken with assumed roles".
    """
    fact = subject.person.fact
    match fact:
        case User():
            return Passed(fact.origin, "a user's sessions bear the user's name")
        case Group():
            return Passed(fact.origin, "its members are users, whose sessions bear their names")
        case Role():
            return _of_role(subject, fact, context)


def _of_role(subject: JudgedPerson, role: Role, context: Context) -> Verdict:
    everything = administrator(subject.person, context.account)
    if is_yes(everything):
        return NotApplicable(everything.at, "administrator: its policies grant everything, which OPER-06 judges")
    verdict = _named(subject, role)
    if isinstance(everything, Unknown) and not isinstance(verdict, Undecided):
        return Undecided(subject.origin, everything, f"if it is no administrator: {verdict.message}")
    return verdict


def _named(subject: JudgedPerson, role: Role) -> Verdict:
    by_centre = "Identity Center names the person in the sessions of a permission set"
    match role.form:
        case Known("permission-set", at):
            return Passed(at, by_centre)
        case Unknown() as gap if not role.trust.items:
            return Undecided(role.origin, gap, "whether the role is a permission set's cannot be told")
        case _:
            return concluded(
                subject,
                _unnamed(role),
                passed="its trust policy asks for a name, or an identity provider gives it",
                undecided="whether its sessions name the person cannot be told",
            )


def _unnamed(role: Role) -> Iterator[Check]:
    if role.trust.gap is not None:
        yield role.trust.gap
    for statement in role.trust:
        admits = every((has_effect(statement, "Allow"), some(_people(statement), statement.at)), statement.at)
        named = some((_asks_for_name(statement), _by_provider(statement)), statement.at)
        if is_no(admits) or is_yes(named):
            continue
        if is_yes(admits) and is_no(named):
            text = "its trust policy lets callers choose any session name: the history names the role, not the person"
            yield Problem(statement.at, text)
        yield from (each for each in (admits, named) if isinstance(each, Unknown))


def _people(statement: Statement) -> Iterator[Answer]:
    for item in principals_of(statement):
        if isinstance(item, Principal):
            yield Known(item.kind != "Service", item.name.at)
        else:
            yield unanswered(item)


def _asks_for_name(statement: Statement) -> Answer:
    return some((_is_name(item) for item in conditions_of(statement)), statement.at)


def _is_name(item: Condition | Unknown) -> Answer:
    if isinstance(item, Unknown):
        return unanswered(item)
    return Known(item.key in _WHO and not item.operator.endswith("ifexists"), item.at)


def _by_provider(statement: Statement) -> Answer:
    """Say whether SAML alone leads in: its assertion holds the session's name."""
    other = some((applies_to(statement, each) for each in _CHOSEN), statement.at)
    saml = applies_to(statement, _NAMED_BY_PROVIDER)
    if isinstance(other, Unknown):
        return other
    return Known(False, statement.at) if other.value else saml


_CHOSEN = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
