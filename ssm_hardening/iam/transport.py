"""Whether a bucket's own policy refuses requests without TLS."""

import re
from collections.abc import Callable

from ssm_hardening.iam.analysis import has_effect
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.logic import Answer, every, is_yes, some, unanswered, unsupported
from ssm_hardening.iam.principals import speaks_of_everybody
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import HOLE, NAME, flat, gap_in, members
from ssm_hardening.origins import Origin
from ssm_hardening.values import Absent, Inventory, Known, Reference, Template, Unknown, Value, Why

_S3_ARN = re.compile(r"arn:[^:]+:s3:::(?P<path>.+)", re.DOTALL)
_ALL_ACTIONS = {"*", "s3:*"}


def denies_plaintext(statements: Inventory[Statement], at: Origin, *, name: Value[object] | None = None) -> Answer:
    """Say whether everybody is denied every S3 action without TLS, on the bucket and on its objects.

    `name` is the bucket's name: the same hole in a resource (`arn:aws:s3:::${var.bucket}/*`) is then known to be it.
    S3 refuses a policy with resources outside the bucket, so a literal name is not compared.
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
    conditions = list(conditions_of(statement))
    return every(
        [
            has_effect(statement, "Deny"),
            speaks_of_everybody(statement),
            _names_all_actions(statement),
            some((_is_plaintext(item) for item in conditions), statement.at),
            every((_is_plaintext(item) for item in conditions), statement.at),
        ],
        statement.at,
    )


def _is_plaintext(condition: Condition | Unknown) -> Answer:
    """Say whether this condition is met by every request without TLS."""
    if isinstance(condition, Unknown):
        return unanswered(condition)
    if condition.key != "aws:securetransport":
        return Known(False, condition.at)
    if condition.operator not in {"bool", "boolifexists"}:
        return unsupported(condition.at, f"the condition {condition.operator} on aws:SecureTransport")
    return some((_is_false(value) for value in members(condition.values)), condition.at)


def _is_false(value: Known[object] | Unknown) -> Answer:
    match value:
        case Known(str() as text, at):
            return Known(text.casefold() == "false", at)
        case Known(Reference() | Template() as text, at):
            return gap_in(text, at)
        case Known(_, at):
            return unsupported(at, "a condition value that is not a text")
        case Unknown() as gap:
            return gap


def _names_all_actions(statement: Statement) -> Answer:
    if isinstance(statement.actions, Absent) and not isinstance(statement.not_actions, Absent):
        return unsupported(statement.at, "a Deny with NotAction")
    return some((_is_all_actions(action) for action in members(statement.actions)), statement.at)


def _is_all_actions(action: Known[object] | Unknown) -> Answer:
    match action:
        case Known(str() as text, at):
            return Known(text.casefold() in _ALL_ACTIONS, at)
        case Known(Reference() | Template() as text, at):
            return gap_in(text, at)
        case Known(_, at):
            return unsupported(at, "an action that is not a text")
        case Unknown() as gap:
            return gap


def _covers(statement: Statement, covers: Callable[[str], bool], name: Value[object] | None) -> Answer:
    if isinstance(statement.resources, Absent) and not isinstance(statement.not_resources, Absent):
        return unsupported(statement.at, "a Deny with NotResource")
    answers = (_resource_covers(resource, covers, name) for resource in members(statement.resources))
    return some(answers, statement.at)


def _resource_covers(
    resource: Known[object] | Unknown, covers: Callable[[str], bool], name: Value[object] | None
) -> Answer:
    match resource:
        case Known(str() | Reference() | Template() as text, at):
            readable = flat(_with_name(text, name))
            return gap_in(text, at) if HOLE in readable else Known(covers(readable), at)
        case Known(_, at):
            return unsupported(at, "a resource that is not a text")
        case Unknown() as gap:
            return gap


def _with_name(text: str | Reference | Template, name: Value[object] | None) -> str | Reference | Template:
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
