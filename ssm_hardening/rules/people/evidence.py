"""What people could do to recordings, how they sign in, and whether the history names them: OPER-08 and OPER-09."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.access.fleet import session_with
from ssm_hardening.access.requests import START, listed, may, request
from ssm_hardening.core.logic import Answer, every, is_no, is_yes, negated, some, unanswered
from ssm_hardening.core.values import Known, Reference, Template, Text, Unknown
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.examples import example_of
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.requests import joined, own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Fact, Group, Role, User
from ssm_hardening.rules.kit.checks import Check, Problem, gaps, headed
from ssm_hardening.rules.people.operators import (
    allows,
    by_statement,
    callers,
    concluded,
    granted,
    granting,
    judged,
    operators,
    some_node,
    unless_administrator,
    unread_policy,
)
from ssm_hardening.rules.people.subjects import JudgedPerson, stands_for_holder
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Requirement, Severity, Undecided, Verdict

_ANY_KEY = "key/00000000-0000-0000-0000-000000000000"
_OBJECT = ("s3:DeleteObject", "s3:DeleteObjectVersion")
_BUCKET = ("s3:PutBucketPolicy", "s3:PutLifecycleConfiguration", "s3:DeleteBucket")
_GROUP = ("logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:PutRetentionPolicy")
_KEY = ("kms:ScheduleKeyDeletion", "kms:DisableKey")
_SIGN_IN = {"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime"}


@rule(
    id="OPER-08",
    title="Keys are scoped, recordings are safe, and MFA is required",
    headline="Recordings can be destroyed",
    severity=Severity.MEDIUM,
    over=operators,
    requirement=Requirement.AUDITING,
    also=(Requirement.ACCESS_CONTROL,),
    remedy="operator-role",
)
def keeps_evidence_and_signs_in_strongly(subject: JudgedPerson, context: Context) -> Verdict:
    """People must not be able to destroy the recordings of their sessions, or to start sessions with only a stolen key.

    Three things are checked for people whose policies grant sessions. They must not be able to delete recordings, to
    shorten their retention, or to disable their keys (the buckets, log groups, and keys that sessions use, and any
    others). kms:GenerateDataKey must not be granted on all keys. And starting a session must require MFA or a recent
    sign-in: in the statement, in a Deny statement, or in the trust policy of the role. For sign-ins through Identity
    Center or SAML, the identity provider is responsible.

    Undecided when a statement, a condition, the trust policy, or the permissions boundary is unknown.

    Reference: AWS Systems Manager User Guide, "Sample IAM policies for Session Manager".
    """
    return judged(
        subject,
        context,
        lambda: (*_evidence(subject, context.account), *_keys(subject, context.account), *_sign_in(subject, context)),
        passed="its policies limit the keys, protect recordings, and require MFA or a recent sign-in",
        undecided="what its policies allow on keys and recordings is unknown",
    )


def _evidence(subject: JudgedPerson, account: Account) -> Iterator[Check]:
    checks = (
        check
        for action, resource, address in _stores(account)
        for check in granted(
            may(subject.person, request(account, subject.person.fact, action, resource, address=address)), action
        )
    )
    text = "its policies allow destroying recordings"
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
    text = "its policies allow kms:GenerateDataKey on every key"
    yield from headed("KMS permission covers every key", granted(may(subject.person, asked), text))


def _sign_in(subject: JudgedPerson, context: Context) -> Iterator[Check]:
    """Yield whether nothing asks for MFA or a young sign-in before a session starts."""
    if stands_for_holder(subject.person):
        return
    asks = some(_asks(subject, context.account), subject.origin)
    if isinstance(asks, Unknown):
        yield asks
    elif not asks.value and subject.person.elsewhere is not None:
        yield subject.person.elsewhere
    elif not asks.value:
        starting = next((statement.at for statement, sure in granting(subject, START) if is_yes(sure)), subject.origin)
        text = f"neither MFA nor a recent sign-in is required for {START}"
        headline = "MFA is not required to start sessions"
        without = {"aws:multifactorauthpresent": listed(context.account.at, "false")}
        example = example_of(session_with(context.account, subject.person, without), *without)
        yield Problem(starting, text, headline=headline, unless=unread_policy(subject), example=example)


def _asks(subject: JudgedPerson, account: Account) -> Iterator[Answer]:
    fact = subject.person.fact
    if isinstance(fact, Role):
        yield from _role_asks(fact)
    asked = some_node(subject.person, START, account)
    starts = [each for each, _ in granting(subject, START) if not is_no(allows(each, asked))]
    yield every((_names_sign_in(each) for each in starts), subject.origin)
    for statement in subject.person.policies.identity:
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
    title="Session history names the person",
    headline="Session history does not name the person",
    severity=Severity.MEDIUM,
    over=callers,
    requirement=Requirement.AUDITING,
    manual="a new condition in the trust policy can lock out people who use the role: tell them first, then add a "
    "condition on sts:SourceIdentity, or on sts:RoleSessionName with the value ${aws:username}",
)
def is_named_in_the_history(subject: JudgedPerson, context: Context) -> Verdict:
    """The session history shows only the role and a role session name, and callers may choose any name they like.

    A role passes if each statement in its trust policy that admits people requires sts:SourceIdentity or
    sts:RoleSessionName, or admits them through SAML, where the identity provider sets the name. Users, groups (whose
    members are users), and Identity Center permission sets pass. Whether the names are correct is not checked.

    Undecided when the trust policy or its conditions are unknown.

    Reference: AWS Identity and Access Management User Guide, "Monitor and control actions taken with assumed roles".
    """
    fact = subject.person.fact
    match fact:
        case User():
            return Passed(fact.origin, "the session history shows the name of the user")
        case Group():
            return Passed(fact.origin, "its members are users, and the session history shows their names")
        case Role():
            return _of_role(subject, fact, context)


def _of_role(subject: JudgedPerson, role: Role, context: Context) -> Verdict:
    return unless_administrator(subject, context, lambda: _named_by_trust(subject, role))


def _named_by_trust(subject: JudgedPerson, role: Role) -> Verdict:
    by_centre = "Identity Center sets the session name of a permission set to the name of the person"
    match role.form:
        case Known("permission-set", at):
            return Passed(at, by_centre)
        case Unknown() as gap if not role.trust.items:
            return Undecided(role.origin, gap, "whether the role belongs to a permission set is unknown")
        case _:
            return concluded(
                subject,
                (_taken_back(each, subject) for each in _unnamed(role)),
                passed="its trust policy requires a name, or the identity provider sets it",
                undecided="whether its sessions name the person is unknown",
            )


def _taken_back(check: Check, subject: JudgedPerson) -> Check:
    """Say which policy, not read, may deny the sessions that a name is missing of."""
    return replace(check, unless=unread_policy(subject)) if isinstance(check, Problem) else check


def _unnamed(role: Role) -> Iterator[Check]:
    yield from gaps(role.trust.gap)
    for statement in role.trust:
        admits = every((has_effect(statement, "Allow"), some(_people(statement), statement.at)), statement.at)
        named = some((_asks_for_name(statement), _by_provider(statement)), statement.at)
        if is_no(admits) or is_yes(named):
            continue
        if is_yes(admits) and is_no(named):
            text = "its trust policy accepts any session name, so the session history does not identify the person"
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
