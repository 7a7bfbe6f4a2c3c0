"""What people could do to recordings, how they sign in, and whether the history names them: OPER-08 and OPER-09."""

from collections.abc import Iterator

from ssm_hardening.access.requests import START, may, request
from ssm_hardening.core.logic import Answer, every, is_no, is_yes, negated, some, unanswered
from ssm_hardening.core.values import Known, Reference, Template, Text, Unknown
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.requests import joined, own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Fact, Group, Role, User
from ssm_hardening.rules.kit.checks import Check, Problem, gaps
from ssm_hardening.rules.people.operators import (
    JudgedPerson,
    administrator,
    allows,
    by_statement,
    concluded,
    granted,
    granting,
    judged,
    operators,
    some_node,
)
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import NotApplicable, Passed, Requirement, Severity, Undecided, Verdict

_ANY_KEY = "key/00000000-0000-0000-0000-000000000000"
_OBJECT = ("s3:DeleteObject", "s3:DeleteObjectVersion")
_BUCKET = ("s3:PutBucketPolicy", "s3:PutLifecycleConfiguration", "s3:DeleteBucket")
_GROUP = ("logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:PutRetentionPolicy")
_KEY = ("kms:ScheduleKeyDeletion", "kms:DisableKey")
_SIGN_IN = {"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime"}


@rule(
    id="OPER-08",
    title="Key scoped, evidence kept, sign-in strong",
    severity=Severity.MEDIUM,
    over=operators,
    requirement=Requirement.AUDITING,
    also=(Requirement.ACCESS_CONTROL,),
    remedy="operator-role",
)
def keeps_evidence_and_signs_in_strongly(subject: JudgedPerson, context: Context) -> Verdict:
    """Whoever is recorded must not be able to delete the recording, or to make it unreadable.

    Three things are asked of people whose policies grant sessions: whether they could delete recordings, shorten their
    life or disable their keys (buckets, groups and keys that sessions use, or arbitrary ones where none is known); that
    kms:GenerateDataKey is not granted on arbitrary keys; and that sessions ask for MFA or a young sign-in, in the
    statement, by a Deny, or in the role's trust. Sign-in through Identity Center or SAML is the identity provider's.

    It cannot tell where a statement, a condition, the trust policy or the boundary is not known.

    Reference: AWS Systems Manager User Guide, "Sample IAM policies for Session Manager".
    """
    return judged(
        subject,
        context,
        lambda: (*_evidence(subject, context.account), *_keys(subject, context.account), *_sign_in(subject, context)),
        passed="its policies scope the key, grant no destruction of recordings, and ask for a strong sign-in",
        undecided="what its policies grant on keys and recordings cannot be told",
    )


def _evidence(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    checks = (
        check
        for action, resource, address in _stores(account)
        for check in granted(
            may(subject.person, request(account, subject.person.fact, action, resource, address=address)), action
        )
    )
    text = "its policies grant destroying recordings"
    return by_statement(checks, lambda at, actions: Problem(at, f"{text}: {', '.join(actions)}"))


def _stores(account: Account) -> Iterator[tuple[str, Text, str | None]]:
    """Yield what destroys a recording, the resource it is asked of, and the address of its fact.

    An arbitrary store is always among them: one that was not found may hold recordings as well.
    """
    region, owner = account.region, account.account
    buckets = [("unnamed-session-recordings", None), *_names(account.log_buckets.items)]
    groups = [("/unnamed/sessions", None), *_names(account.log_groups.items)]
    keys = [("00000000-0000-0000-0000-000000000000", None), *_names(account.keys.items)]
    for name, address in buckets:
        yield from ((action, _arn("s3", account, name, "/session.log"), None) for action in _OBJECT)
        yield from ((action, _arn("s3", account, name), address) for action in _BUCKET)
    for name, address in groups:
        tail = joined("log-group:", *_parts(name))
        yield from ((action, own_arn("logs", tail, owner, region), address) for action in _GROUP)
    for name, address in keys:
        tail = joined("key/", *_parts(name))
        yield from ((action, own_arn("kms", tail, owner, region), address) for action in _KEY)


def _names(facts: tuple[Fact, ...]) -> Iterator[tuple[Text, str]]:
    for fact in facts:
        match fact.name:
            case Known(str() | Reference() | Template() as text):
                yield text, fact.address
            case _:
                yield Reference(fact.address, "id"), fact.address


def _parts(name: Text) -> tuple[str | Reference | Unknown, ...]:
    return name.parts if isinstance(name, Template) else (name,)


def _arn(service: str, account: Account, name: Text, tail: str = "") -> Text:
    """Return the ARN of a bucket, which holds neither Region nor account."""
    whole = own_arn(service, "", account.account, account.region, regional=False, owned=False)
    return joined(*_parts(whole), *_parts(name), tail)


def _keys(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    key = own_arn("kms", _ANY_KEY, account.account, account.region)
    asked = request(account, subject.person.fact, "kms:GenerateDataKey", key)
    yield from granted(may(subject.person, asked), "its policies grant kms:GenerateDataKey on every key")


def _sign_in(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    """Yield whether nothing asks for MFA or a young sign-in before a session starts."""
    asks = some(_asks(subject, context.account), subject.origin)
    if isinstance(asks, Unknown):
        yield asks
    elif not asks.value:
        starting = next((statement.at for statement, sure in granting(subject, START) if is_yes(sure)), subject.origin)
        yield Problem(starting, f"nothing asks for MFA or a young sign-in before {START}")


def _asks(subject: JudgedPerson, account: Account) -> Iterator[Answer]:
    fact = subject.person.fact
    if isinstance(fact, Role):
        yield from _role_asks(fact)
    identity = subject.person.policies.identity
    yield from () if identity.gap is None else (unanswered(identity.gap),)
    asked = some_node(subject.person, START, account)
    starts = [each for each, _ in granting(subject, START) if not is_no(allows(each, asked))]
    yield every((_names_sign_in(each) for each in starts), subject.origin)
    for statement in identity:
        denies = every((has_effect(statement, "Deny"), applies_to(statement, START)), statement.at)
        yield every((denies, _names_sign_in(statement)), statement.at)


def _names_sign_in(statement: Statement) -> Answer:
    answers: list[Answer] = [
        Known(item.key in _SIGN_IN, item.at) if isinstance(item, Condition) else unanswered(item)
        for item in conditions_of(statement)
    ]
    return some(answers, statement.at)


def _role_asks(role: Role) -> Iterator[Answer]:
    """Yield whether the way into the role asks for a sign-in: the identity provider's, or the trust policy's."""
    match role.form:
        case Known(form, at):
            yield Known(form == "permission-set", at)
        case Unknown() as gap if not role.trust.items:
            yield unanswered(gap)
        case _:
            pass
    ways = [each for each in role.trust if not is_no(has_effect(each, "Allow"))]
    if ways or role.trust.gap is not None:
        gaps = () if role.trust.gap is None else (unanswered(role.trust.gap),)
        yield every((*gaps, *(_way_asks(each) for each in ways)), role.origin)


def _way_asks(statement: Statement) -> Answer:
    federated = negated(some((_is_not_federated(item) for item in principals_of(statement)), statement.at))
    listed = bool(list(principals_of(statement)))
    provider: Answer = federated if listed else Known(False, statement.at)
    return some((provider, _names_sign_in(statement)), statement.at)


def _is_not_federated(item: Principal | Unknown) -> Answer:
    if isinstance(item, Unknown):
        return unanswered(item)
    return Known(item.kind != "Federated", item.name.at)


_WHO = {"sts:sourceidentity", "sts:rolesessionname"}
_NAMED_BY_PROVIDER = "sts:AssumeRoleWithSAML"


@rule(
    id="OPER-09",
    title="Sessions name the person",
    severity=Severity.MEDIUM,
    over=operators,
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
    verdict = _named_by_trust(subject, role)
    if isinstance(everything, Unknown) and not isinstance(verdict, Undecided):
        return Undecided(subject.origin, everything, f"if it is no administrator: {verdict.message}")
    return verdict


def _named_by_trust(subject: JudgedPerson, role: Role) -> Verdict:
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
    yield from gaps(role.trust.gap)
    for statement in role.trust:
        admits = every((has_effect(statement, "Allow"), some(_people(statement), statement.at)), statement.at)
        named = some((_asks_for_name(statement), _by_provider(statement)), statement.at)
        if is_no(admits) or is_yes(named):
            continue
        if is_yes(admits) and is_no(named):
            text = "its trust policy lets callers choose any session name: the history names the role, not the person"
            yield Problem(statement.at, text)
        yield from gaps(admits, named)


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
