"""Service and resource control policies as facts: from the text of each, and from files that the user names.

A file holds the document of a policy, what `aws organizations describe-policy` prints, or a list of these. Statements
of an SCP name no principal and those of an RCP everybody, so the document says which of the two it is.

AWS keeps the policy FullAWSAccess attached at every level where nobody took it away. A file does not say what else is
attached beside it, so only its Deny statements count: what it allows would deny all else where it was alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.logic import as_items, certainly, is_yes, literal
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import has_effect
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.iam.texts import members
from ssm_hardening.model import HOST, Account, ControlPolicy
from ssm_hardening.text.documents import decode_json

SERVICE, RESOURCE = "service", "resource"
TYPES = {"SERVICE_CONTROL_POLICY": SERVICE, "RESOURCE_CONTROL_POLICY": RESOURCE}
"""The policy types of AWS Organizations that take part in deciding requests, and what the model calls them."""

_HINT = "pass the JSON of a service or resource control policy, or what `aws organizations describe-policy` prints"
_ONLY_SOME = "only the control policies passed with --scp were read; others may be attached to the account or above it"


def control_policy(
    address: str, *, name: str, kind: str, level: Value[Text], statements: Inventory[Statement]
) -> ControlPolicy:
    """Return a control policy as a fact, which was read where its level was."""
    at = level.at
    return ControlPolicy(
        address=address,
        declaration=address,
        origin=at,
        name=Known(name, at),
        exists=Known(True, at),
        kind=Known(kind, at),
        level=level,
        statements=statements,
    )


def read_control_policies(paths: Sequence[Path]) -> tuple[ControlPolicy, ...]:
    """Return the policies in these files. Raises UsageError where one cannot be read, or holds anything else."""
    return tuple(policy for path in paths for policy in _of_file(path))


def _of_file(path: Path) -> Iterator[ControlPolicy]:
    at = CodeOrigin(str(path), 1)
    try:
        text = limits.read_named(path, limits.CONTROL_POLICY, hint=_HINT).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not valid UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}", hint=_HINT) from error
    read = decode_json(Known(text, at), at, first_line=1)
    listed = as_items(read).items if isinstance(read, Known) and isinstance(read.value, Items) else (read,)
    if not listed:
        raise UsageError(f"{path}: holds no policy", hint=_HINT)
    for number, each in enumerate(listed, 1):
        yield _policy(each, path.stem if len(listed) == 1 else f"{path.stem} ({number})", path)


def _policy(value: Value[Any], name: str, path: Path) -> ControlPolicy:
    """Return one policy of a file; `name` is what it is called where the file does not say."""
    body = _object(value, path)
    body = _object(body.value.get("Policy", body.at), path) if "Policy" in body.value.members else body
    summary, document, kind = Record({}), body, ""
    if "Content" in body.value.members:
        if "PolicySummary" in body.value.members:
            summary = _object(body.value.get("PolicySummary", body.at), path).value
        content = body.value.get("Content", body.at)
        document = _object(decode_json(content, content.at), path)
        told = literal(summary.get("Type", body.at))
        kind = TYPES.get(told or "", "")
        if told is not None and not kind:
            raise UsageError(f"{body.at}: not a service or resource control policy, but of another type", hint=_HINT)
    statements = statements_of(document, document.at)
    if statements.gap is not None:
        raise UsageError(f"{statements.gap.at}: {statements.gap.detail}", hint=_HINT)
    kind = _kind(statements, kind, document.at)
    called = literal(summary.get("Name", body.at)) or name
    arn = literal(summary.get("Arn", body.at)) or str(path)
    return control_policy(
        f"{arn} in {path}#{called}", name=called, kind=kind, level=Absent(body.at), statements=statements
    )


def _object(value: Value[Any], path: Path) -> Known[Record]:
    match value:
        case Known(Record()):
            return value
        case Unknown(_, at, detail):
            raise UsageError(f"{at}: {detail}", hint=_HINT)
        case _:
            raise UsageError(f"{path}: not a policy document", hint=_HINT)


def _kind(statements: Inventory[Statement], told: str, at: Origin) -> str:
    """Return which kind of policy these are the statements of. Raises UsageError where they are of neither."""
    if not statements.items:
        raise UsageError(f"{at}: the policy has no statements", hint=_HINT)
    kinds = {_kind_of(each) for each in statements} | ({told} if told else set())
    if len(kinds) > 1:
        raise UsageError(
            f"{at}: neither a service control policy, which names no Principal, nor a resource control policy, which "
            'names Principal "*" in each statement',
            hint=_HINT,
        )
    (kind,) = kinds
    return kind


def _kind_of(statement: Statement) -> str:
    """Return the kind of policy that a statement is of. Raises UsageError where AWS accepts it in neither."""
    wrong = _wrong(statement)
    if wrong:
        raise UsageError(f"{statement.at}: {wrong}", hint=_HINT)
    return SERVICE if isinstance(statement.principals, Absent) else RESOURCE


def _wrong(statement: Statement) -> str:
    denies, allows = (is_yes(has_effect(statement, effect)) for effect in ("Deny", "Allow"))
    if not denies and not allows:
        return "Effect is neither Allow nor Deny"
    for one, other, name in (
        (statement.actions, statement.not_actions, "Action"),
        (statement.resources, statement.not_resources, "Resource"),
    ):
        if isinstance(one, Absent) == isinstance(other, Absent):
            return f"the statement needs either {name} or Not{name}"
    if not isinstance(statement.not_principals, Absent):
        return "control policies cannot contain NotPrincipal"
    if isinstance(statement.principals, Absent):
        return ""
    if not all(
        isinstance(each, Principal) and certainly(each.name, lambda name: name == "*")
        for each in principals_of(statement)
    ):
        return 'the Principal of a resource control policy is always "*"'
    return "" if denies or allows_everything(statement) else "a resource control policy only denies"


def allows_everything(statement: Statement) -> bool:
    """Say whether a statement is that of FullAWSAccess: it allows every action on everything."""
    all_of = (statement.actions, statement.resources)
    plain = isinstance(statement.conditions, Absent) and is_yes(has_effect(statement, "Allow"))
    return plain and all(any(isinstance(each, Known) and each.value == "*" for each in members(one)) for one in all_of)


def with_control_policies(
    accounts: Sequence[Account], policies: Sequence[ControlPolicy]
) -> tuple[tuple[Account, ...], tuple[str, ...]]:
    """Return the accounts bound by policies from files, and notes on what these do not change.

    An account whose own were read, all of them, is left as it is; a management account among them, which none binds.
    """
    found: list[Account] = []
    notes = [
        f"{each.origin}: only the Deny statements are evaluated, because a file does not say which other policies "
        "allow actions at the same level"
        for each in policies
        if any(is_yes(has_effect(one, "Allow")) and not allows_everything(one) for one in each.statements)
    ]
    for account in accounts:
        if account.source == HOST:
            found.append(account)
        elif account.guardrails.gap is None:
            found.append(account)
            notes.append(f"{account.root}: --scp has no effect, because the control policies of the account were read")
        else:
            gap = Unknown(Why.OUT_OF_SCOPE, policies[0].origin, _ONLY_SOME)
            whole = Inventory((*account.guardrails.items, *policies), gap)
            found.append(replace(account, guardrails=whole))
    return tuple(found), tuple(dict.fromkeys(notes))
