"""Whom the policy of a bucket or key admits beside the account's own people: strangers, by name or as a crowd.

A crowd (everybody, an organization, another account as a whole) cannot be counted, so that "few" is never said of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ssm_hardening.access.requests import listed
from ssm_hardening.core.logic import Answer, is_no, is_yes, literal, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.conditions import accounts_admitted, callers_named
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Policies, Request, Undetermined, decide
from ssm_hardening.iam.guardrails import Guardrail
from ssm_hardening.iam.principals import Principal, is_account, principals_of, whole_account
from ssm_hardening.iam.requests import Caller
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Group

_STRANGER = "arn:aws:iam::999999999999:role/0123456789abcdef"
_ACCOUNT = 4
"""The field of an ARN that holds the account."""


@dataclass(frozen=True, slots=True)
class Outsiders:
    """Strangers that are admitted, by name; a doubt is one who may be; `crowd` says who cannot be counted.

    `unless` has an entry for each of those named whom a statement that was not read may deny; `example` is what the
    first of them is granted.
    """

    named: tuple[str, ...]
    doubts: tuple[Unknown, ...]
    crowd: Unknown | None
    unless: tuple[Unknown, ...] = ()
    example: Allowed | None = None


def stranger(account: Account) -> Group:
    """Return somebody of another account, to make requests for."""
    nothing: Known[Items] = Known(Items(()), account.at)
    return Group(
        address=_STRANGER,
        declaration=_STRANGER,
        origin=account.at,
        name=Absent(account.at),
        exists=Known(True, account.at),
        managed_policies=nothing,
        statements=Inventory(),
        members=nothing,
    )


def outsiders(
    statements: Inventory[Statement],
    asked: Iterable[Request],
    own: Iterable[str],
    guardrails: tuple[Guardrail, ...] = (),
    *,
    key_policy: bool = False,
) -> Outsiders:
    """Return whom of other accounts the policy admits to one of the requests, which are a stranger's.

    `own` holds the ARNs and references of the account's people, who are asked apart. Services are no strangers.
    `guardrails` are the control policies that bind the resources.
    """
    policies = Policies(identity=Inventory(), guardrails=guardrails, resource=statements, key_policy=key_policy)
    requests, known = tuple(asked), frozenset(own)
    named: dict[str, Allowed] = {}
    doubts: list[Unknown] = []
    for principal, request in _principals(statements, requests, known):
        if isinstance(principal, Unknown):
            doubts.append(unanswered(principal))
            continue
        match decide(_asked_by(request, principal), policies):
            case Allowed(by) as allowed:
                match _is_foreign(principal, request.account, by.at):
                    case Known(flag):
                        named |= {str(principal): allowed} if flag else {}
                    case Unknown() as gap:
                        doubts.append(gap)
            case Undetermined(why):
                doubts.append(why)
            case Denied():
                continue
    unread = tuple(each.unless for each in named.values() if each.unless is not None)
    crowd = _crowd(statements, requests, policies)
    return Outsiders(tuple(named), tuple(doubts), crowd, unread, next(iter(named.values()), None))


def _principals(
    statements: Inventory[Statement], requests: tuple[Request, ...], own: frozenset[str]
) -> Iterator[tuple[Text | Unknown, Request]]:
    """Yield each principal that is named in an Allow of the action, with the request."""
    for request in requests:
        for statement in _allowing(statements, request):
            for item in (*principals_of(statement), *callers_named(statement)):
                principal = _text(item)
                if principal is not None and str(principal) not in own:
                    yield principal, request


def _allowing(statements: Inventory[Statement], request: Request) -> Iterator[Statement]:
    for statement in statements:
        if not is_no(has_effect(statement, "Allow")) and not is_no(applies_to(statement, request.action)):
            yield statement


def _text(item: Principal | Unknown) -> Text | Unknown | None:
    """Return the ARN of a principal by name; None for services, and for crowds, which are asked apart."""
    if isinstance(item, Unknown):
        return item
    if item.kind in {"Service", "*"} or not isinstance(whole_account(item), Absent):
        return None
    match item.kind, item.name:
        case "AWS", Known("*"):
            return None
        case "AWS", Known(str() | Reference() | Template() as text):
            return text
        case _, Known(_, at):
            return Unknown(Why.UNSUPPORTED, at, f"who {item} is (a principal of type {item.kind})")
        case _, Unknown() as gap:
            return gap


def _is_foreign(principal: Text, own: Value[Text], at: Origin) -> Answer:
    """Say whether a principal is of another account; people of one's own are asked one by one."""
    number, known = _account_of(principal), literal(own)
    if number is None or known is None:
        return Unknown(Why.OUT_OF_SCOPE, at, f"whether {principal} is outside this account")
    return Known(number != known, at)


def _account_of(principal: Text) -> str | None:
    fields = principal.split(":") if isinstance(principal, str) else []
    return fields[_ACCOUNT] if len(fields) > _ACCOUNT else None


def _asked_by(request: Request, principal: Text) -> Request:
    """Return the request as somebody else makes it."""
    at = request.account.at
    number = _account_of(principal)
    unread = Unknown(Why.COMPUTED, at, f"the account of {principal}")
    who: Value[Items] = unread if number is None else listed(at, number)
    arn = Known(Items((Known(principal, at),)), at)
    account = dict.fromkeys(("aws:principalaccount", "kms:calleraccount"), who)
    context = {**request.context, "aws:principalarn": arn, **account}
    context.pop("aws:principalorgid", None)
    return replace(request, principal=Known(principal, at), context=context, caller=Caller.STRANGER)


def _crowd(statements: Inventory[Statement], requests: tuple[Request, ...], policies: Policies) -> Unknown | None:
    """Say whom the policy admits beyond those it names."""
    for request in requests:
        decision = decide(_asked_by(request, _STRANGER), policies)
        if not isinstance(decision, Denied):
            return _uncounted(decision)
        for statement in _allowing(statements, request):
            gap = _whole_accounts(statement, request)
            if gap is not None:
                return gap
    return None


def _uncounted(decision: Allowed | Undetermined) -> Unknown:
    match decision:
        case Allowed(by):
            return Unknown(Why.OUT_OF_SCOPE, by.at, "how many there are: the policy allows everyone")
        case Undetermined(why):
            return unanswered(why)


def _whole_accounts(statement: Statement, request: Request) -> Unknown | None:
    """Say which other account is admitted as a whole, or may be."""
    if isinstance(concerning(statement, request), Denied):
        return None
    for item in (*principals_of(statement), *accounts_admitted(statement)):
        match Absent(statement.at) if isinstance(item, Unknown) else whole_account(item):
            case Known(account, at):
                if not is_yes(is_account(account, request.account, at)):
                    return Unknown(
                        Why.OUT_OF_SCOPE, at, f"how many there are: the policy allows the whole account {account}"
                    )
            case Unknown() as gap:
                return unanswered(gap)
            case Absent():
                continue
    return None


def concerning(statement: Statement, request: Request) -> Decision:
    """Say whether the statement is about the resource, whoever asks for what."""
    everything = Known(Items((Known("*", statement.at),)), statement.at)
    bare = replace(
        statement,
        effect=Known("Allow", statement.at),
        actions=everything,
        not_actions=Absent(statement.at),
        conditions=Absent(statement.at),
    )
    return decide(request, Policies(identity=Inventory((bare,))))
