"""Questions about the policy of a bucket or key: is TLS required, may CloudWatch Logs use it, whose is it."""

import re
from collections.abc import Callable, Iterator

from ssm_hardening.core.logic import Answer, ask, every, is_no, is_yes, literal, negated, some, unanswered, unsupported
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import applies_to, granted, has_effect
from ssm_hardening.iam.arns import LogGroupPlace, means_group
from ssm_hardening.iam.circumstances import holds
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.principals import (
    Principal,
    excepted_by,
    has_exceptions,
    is_service,
    principals_of,
    speaks_of_everybody,
)
from ssm_hardening.iam.requests import Request
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, NAME, flat, gap_in, glob, members, of_literal, of_text

LOGS_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey")
_PERHAPS_NEEDED = {"kms:ReEncryptFrom", "kms:DescribeKey"}
"""AWS's sample policy grants these as well, and no source says that log groups fail without them."""

_CONTEXT = "kms:encryptioncontext:aws:logs:arn"
_LIKE = {"stringequals", "stringlike", "arnequals", "arnlike"}


def admits_logs(statements: Inventory[Statement], group: LogGroupPlace, at: Origin) -> Answer:
    """Say whether CloudWatch Logs may use the key for this group: each action it needs is allowed and none denied."""
    return every((logs_may(statements, action, group, at) for action in LOGS_ACTIONS), at)


def logs_may(statements: Inventory[Statement], action: str, group: LogGroupPlace, at: Origin) -> Answer:
    """Say whether CloudWatch Logs is allowed what it needs of one action on the key for this group.

    Unknown where the action is denied, and it is not known that CloudWatch Logs needs it.
    """
    answer = _allowed(statements, action, group, at)
    if action in _PERHAPS_NEEDED and is_no(answer):
        return Unknown(Why.OUT_OF_SCOPE, at, f"whether CloudWatch Logs needs {action}, which the key policy denies")
    return answer


def _allowed(statements: Inventory[Statement], action: str, group: LogGroupPlace, at: Origin) -> Answer:
    gaps = () if statements.gap is None else (unanswered(statements.gap),)
    allowed = some((*(_meets(item, "Allow", action, group) for item in statements.items), *gaps), at)
    if is_no(allowed):
        return allowed
    denied = some((*(_meets(item, "Deny", action, group) for item in statements.items), *gaps), at)
    return every([allowed, negated(denied)], at)


def _meets(statement: Statement, effect: str, action: str, group: LogGroupPlace) -> Answer:
    return every(_demands(statement, effect, action, group), statement.at)


def _demands(statement: Statement, effect: str, action: str, group: LogGroupPlace) -> Iterator[Answer]:
    """Yield one by one what the statement has to say, the quickest to tell first."""
    yield has_effect(statement, effect)
    yield applies_to(statement, action)
    yield _speaks_of_logs(statement, group)
    yield from (_holds(item, group) for item in conditions_of(statement))


def _speaks_of_logs(statement: Statement, group: LogGroupPlace) -> Answer:
    spared = has_exceptions(statement)
    answers = (
        is_service(item, "logs", group.region) if isinstance(item, Principal) else item
        for item in (excepted_by(statement) if spared else principals_of(statement))
    )
    named = some(answers, statement.at)
    return negated(named) if spared else named


def _holds(condition: Condition | Unknown, group: LogGroupPlace) -> Answer:
    if isinstance(condition, Unknown):
        return unanswered(condition)
    if condition.key != _CONTEXT or condition.operator not in _LIKE:
        return unsupported(condition.at, f"whether {condition.operator} on {condition.key} holds for CloudWatch Logs")
    answers = (_is_of_group(value, group, condition.operator) for value in members(condition.values))
    return some(answers, condition.at)


def _is_of_group(value: Known[object] | Unknown, group: LogGroupPlace, operator: str) -> Answer:
    return of_text(value, lambda text: _means(text, group, operator, value.at), _NO_TEXT)


def _means(text: Text, group: LogGroupPlace, operator: str, at: Origin) -> bool | Answer:
    literally = operator == "stringequals" and isinstance(text, str) and set(text) & set("*?")
    return False if literally else means_group(text, group, at)


_NO_TEXT = "a condition value that is not a string"


_S3_ARN = re.compile(r"arn:[^:]+:s3:::(?P<path>.+)", re.DOTALL)
_ALL_ACTIONS = {"*", "s3:*"}


def denies_plaintext(statements: Inventory[Statement], at: Origin, *, name: Value[object] | None = None) -> Answer:
    """Say whether everybody is denied every S3 action without TLS, on the bucket and on its objects.

    `name` is the bucket's name: the same hole in a resource (`arn:aws:s3:::${var.bucket}/*`) is then known to be it.
    S3 refuses a policy with resources outside the bucket, so that a resource of another one denies nothing here.
    """
    parts = [_refused(statements, part, name, at) for part in (_covers_bucket, _covers_objects)]
    return every(parts, at)


def _refused(
    statements: Inventory[Statement], covers: Callable[[str], bool], name: Value[object] | None, at: Origin
) -> Answer:
    answers = [every([_denies_without_tls(item), _covers(item, covers, name)], item.at) for item in statements.items]
    gaps = () if statements.gap is None else (unanswered(statements.gap),)
    yes = next((answer for answer in answers if is_yes(answer)), None)
    return some([*answers, *gaps], at) if yes is None else yes


def _denies_without_tls(statement: Statement) -> Answer:
    return every((_denies_everybody(statement), _asks_for_tls(statement)), statement.at)


def _denies_everybody(statement: Statement) -> Answer:
    """Say whether a Deny spares nobody, as one with NotPrincipal does: it names whom it spares."""
    if has_exceptions(statement):
        return ask(statement.not_principals, lambda _: False, absent=True)
    return speaks_of_everybody(statement)


def _asks_for_tls(statement: Statement) -> Answer:
    """Say whether the statement denies every S3 action without TLS to those that it speaks of."""
    conditions = list(conditions_of(statement))
    return every(
        [
            has_effect(statement, "Deny"),
            _names_all_actions(statement),
            Known(bool(conditions), statement.at),
            every((_is_plaintext(item) for item in conditions), statement.at),
        ],
        statement.at,
    )


def spared_from_tls(statements: Inventory[Statement]) -> Iterator[Principal]:
    """Yield the principals that a Deny of requests without TLS spares, because it names them in NotPrincipal."""
    for statement in statements:
        if is_yes(_asks_for_tls(statement)):
            yield from (each for each in excepted_by(statement) if isinstance(each, Principal))


def _is_plaintext(condition: Condition | Unknown) -> Answer:
    """Say whether this condition is met by every request without TLS."""
    if isinstance(condition, Unknown):
        return unanswered(condition)
    if condition.key != _TLS:
        return Known(False, condition.at)
    nowhere = Absent(condition.at)
    plain: Value[Items] = Known(Items((Known("false", condition.at),)), condition.at)
    request = Request(action="s3:*", resource="*", account=nowhere, region=nowhere, context={_TLS: plain})
    return holds(condition, request)


_TLS = "aws:securetransport"


def _names_all_actions(statement: Statement) -> Answer:
    if isinstance(statement.actions, Absent) and not isinstance(statement.not_actions, Absent):
        return unsupported(statement.at, "a Deny with NotAction")
    answers = (
        of_literal(action, _means_all, "an action that is not a string") for action in members(statement.actions)
    )
    return some(answers, statement.at)


def _means_all(action: str) -> bool:
    return action.casefold() in _ALL_ACTIONS


def _covers(statement: Statement, covers: Callable[[str], bool], name: Value[object] | None) -> Answer:
    if isinstance(statement.resources, Absent) and not isinstance(statement.not_resources, Absent):
        return unsupported(statement.at, "a Deny with NotResource")
    answers = (_resource_covers(resource, covers, name) for resource in members(statement.resources))
    return some(answers, statement.at)


def _resource_covers(
    resource: Known[object] | Unknown, covers: Callable[[str], bool], name: Value[object] | None
) -> Answer:
    return of_text(
        resource, lambda text: _text_covers(text, covers, name, resource.at), "a resource that is not a string"
    )


def _text_covers(text: Text, covers: Callable[[str], bool], name: Value[object] | None, at: Origin) -> bool | Unknown:
    readable = flat(_with_name(text, name))
    if HOLE in readable:
        return gap_in(text, at)
    return not _is_of_another(readable, None if name is None else literal(name)) and covers(readable)


def _is_of_another(resource: str, name: object) -> bool:
    """Say whether a resource that is written out is of another bucket than this one."""
    path = _path(resource)
    return path is not None and isinstance(name, str) and NAME not in path and not glob(path.partition("/")[0], name)


def _with_name(text: Text, name: Value[object] | None) -> Text:
    """Put the bucket's name where the text has the very hole that is the bucket's name."""
    if not isinstance(text, Template) or not isinstance(name, Unknown) or name.why is not Why.UNRESOLVED_INPUT:
        return text
    same = (name.why, name.detail)
    parts = (NAME if isinstance(part, Unknown) and (part.why, part.detail) == same else part for part in text.parts)
    return Template(tuple(parts))


def _covers_bucket(resource: str) -> bool:
    path = _path(resource)
    return path is not None and "/" not in path


def _covers_objects(resource: str) -> bool:
    """Say whether all objects are meant: `bucket/*`, or a pattern that runs on past the bucket's name."""
    path = _path(resource)
    if path is None:
        return False
    bucket, slash, objects = path.partition("/")
    return objects == "*" if slash else bucket.endswith("*")


def _path(resource: str) -> str | None:
    if resource == "*":
        return "*"
    found = _S3_ARN.fullmatch(resource)
    return found["path"] if found else None


def owner(statements: Inventory[Statement], account: Value[Text]) -> Value[Text]:
    """Return the account of a key: the one that is known, else the one its policy refers to as the caller's own.

    KMS refuses a policy that would lock its author out, so where a single account's root, and nobody else, may change
    the key policy, that account is the key's own. A number alone is not believed: the check can be bypassed, and
    knowing the account could then only show a stranger in the owner's place.
    """
    if literal(account) is not None:
        return account
    managers = granted(statements, "kms:PutKeyPolicy")
    accounts = {grant.account for grant in managers.grants}
    if managers.doubt is not None or len(accounts) != 1:
        return account
    only = accounts.pop()
    return account if only is None or isinstance(only, str) else Known(only, managers.grants[0].statement.at)
