"""What people could do to keys and recordings, and how they sign in: OPER-08."""

from collections.abc import Iterator

from ssm_hardening.access.requests import START, may, request
from ssm_hardening.core.logic import Answer, every, is_no, is_yes, negated, some, unanswered
from ssm_hardening.core.values import Known, Reference, Template, Text, Unknown
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.requests import joined, own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Fact, Role
from ssm_hardening.rules.kit.checks import Check, Problem
from ssm_hardening.rules.people.operators import (
    JudgedPerson,
    allows,
    by_statement,
    granted,
    granting,
    judged,
    operators,
    some_node,
)
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Question, Requirement, Severity, Verdict

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
    question=Question.ACCESS,
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
