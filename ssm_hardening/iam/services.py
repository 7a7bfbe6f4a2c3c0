"""Whether a key's own policy lets CloudWatch Logs encrypt a log group with it."""

from collections.abc import Iterator

from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.arns import LogGroupPlace, means_group
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.logic import Answer, every, is_no, negated, some, unanswered, unsupported
from ssm_hardening.iam.principals import Principal, is_service, principals_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members
from ssm_hardening.origins import Origin
from ssm_hardening.values import Absent, Inventory, Known, Reference, Template, Unknown

LOGS_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey")
_CONTEXT = "kms:encryptioncontext:aws:logs:arn"
_LIKE = {"stringequals", "stringlike", "arnequals", "arnlike"}


def admits_logs(statements: Inventory[Statement], group: LogGroupPlace, at: Origin) -> Answer:
    """Say whether CloudWatch Logs may use the key for this group: each action it needs is allowed and none denied."""
    return every((logs_may(statements, action, group, at) for action in LOGS_ACTIONS), at)


def logs_may(statements: Inventory[Statement], action: str, group: LogGroupPlace, at: Origin) -> Answer:
    """Say whether CloudWatch Logs is allowed one action on the key for this group."""
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
    if isinstance(statement.principals, Absent) and not isinstance(statement.not_principals, Absent):
        return unsupported(statement.at, "whether NotPrincipal leaves out the service")
    answers = (
        is_service(item, "logs", group.region) if isinstance(item, Principal) else item
        for item in principals_of(statement)
    )
    return some(answers, statement.at)


def _holds(condition: Condition | Unknown, group: LogGroupPlace) -> Answer:
    if isinstance(condition, Unknown):
        return unanswered(condition)
    if condition.key != _CONTEXT or condition.operator not in _LIKE:
        return unsupported(condition.at, f"whether {condition.operator} on {condition.key} holds for CloudWatch Logs")
    answers = (_is_of_group(value, group, condition.operator) for value in members(condition.values))
    return some(answers, condition.at)


def _is_of_group(value: Known[object] | Unknown, group: LogGroupPlace, operator: str) -> Answer:
    match value:
        case Known(str() as text, at) if operator == "stringequals" and set(text) & set("*?"):
            return Known(False, at)
        case Known(str() | Reference() | Template() as text, at):
            return means_group(text, group, at)
        case Known(_, at):
            return unsupported(at, "a condition value that is not a text")
        case Unknown() as gap:
            return gap
