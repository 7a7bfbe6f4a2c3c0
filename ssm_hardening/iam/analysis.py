"""Three-valued questions over the statements of one policy: of a resource, or the trust policy of a role.

What is certain is said; what a statement that could not be read might change is a doubt, never a yes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.core.logic import Answer, ask, every, is_no, is_yes, known_or, literal, negated, some, unanswered
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.actions import ReadActions, reading, service_of
from ssm_hardening.iam.conditions import (
    Condition,
    accounts_admitted,
    accounts_tied,
    bounds_otherwise,
    concerns_callers,
    conditions_of,
    keeps_strangers_out,
    may_be_among,
)
from ssm_hardening.iam.principals import Principal, is_account, principals_of, speaks_of_everybody, whole_account
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import matches, members


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement that allows something to `principal` (as a person would read it).

    `account` is the principal's where it is a whole account.
    """

    statement: Statement
    principal: str
    account: Text | None = None


_Asked: TypeAlias = tuple[Answer, Principal | Unknown | None]
"""Whether a principal is given something; None stands for everybody."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Grants that were read; `doubt` says why there may be more, `unless` what was not read and may deny these."""

    grants: tuple[Grant, ...]
    doubt: Unknown | None
    unless: Unknown | None = None


def has_effect(statement: Statement, effect: str) -> Answer:
    """Say whether the statement's effect is `Allow` or `Deny`."""
    match statement.effect:
        case Known(str() as text, at):
            return Known(text == effect, at)
        case Known() as written:
            return matches(written, effect)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return unanswered(gap)


def is_unconditional(statement: Statement) -> Answer:
    """Say whether the statement has no conditions."""
    return ask(
        statement.conditions,
        lambda found: found.rest if found.rest is not None and not found.members else not found.members,
        absent=True,
    )


def applies_to(statement: Statement, action: str) -> Answer:
    """Say whether the statement's actions include this one (`s3:PutObject`)."""
    return reading(statement).applies(action)


def speaking(statements: tuple[Statement, ...], effect: str, action: str) -> Iterator[tuple[Statement, Answer]]:
    """Yield the statements that may have the effect and be about the action, in order, and whether each surely does.

    From the others, nothing follows for a request. Where `statements` is the same object again, it is not gone through
    again: most of a policy is about other services.
    """
    found: Sequence[_Candidate] | None = None
    if len(statements) > _FEW:
        sorted_out = _sorted_out(statements)
        service = service_of(action)
        found = sorted_out.get((effect, service))
        if found is None:
            found = sorted_out[effect, service] = tuple(_candidates(statements, effect, service))
    for statement, has, said in _candidates(statements, effect, "") if found is None else found:
        applies = said.applies(action)
        if not is_no(applies):
            yield statement, every((has, applies), statement.at)


_FEW = 1
"""Statements that are sooner asked than sorted."""

_Candidate: TypeAlias = tuple[Statement, Answer, ReadActions]
_sorted_out: Memory[[tuple[Statement, ...]], dict[tuple[str, str], Sequence[_Candidate]]]
_sorted_out = Memory(lambda _: {}, most=2_048)


def _candidates(statements: Iterable[Statement], effect: str, service: str) -> Iterator[_Candidate]:
    """Yield the statements that may have the effect and be about the service, and whether they have the effect."""
    for statement in statements:
        has = has_effect(statement, effect)
        if not is_no(has):
            said = reading(statement)
            if said.may_be_of(service):
                yield statement, has, said


def open_to_everybody(statements: Inventory[Statement]) -> Exposure:
    """Find what is allowed to anybody at all: a wildcard principal that no condition ties to an owner."""
    return _exposure(statements, lambda statement: [(_everybody(statement), None)])


def _everybody(statement: Statement) -> Answer:
    return every([speaks_of_everybody(statement), negated(keeps_strangers_out(statement))], statement.at)


def open_to_accounts(statements: Inventory[Statement], own: Value[Text]) -> Exposure:
    """Find what is allowed to other accounts as a whole, so that their administrators choose who."""
    return _exposure(statements, lambda statement: _foreign(statement, own))


def _foreign(statement: Statement, own: Value[Text]) -> list[_Asked]:
    everybody, otherwise = speaks_of_everybody(statement), negated(bounds_otherwise(statement))
    found: list[_Asked] = [
        (every((everybody, _is_foreign(item, own), otherwise), statement.at), item)
        for item in accounts_admitted(statement)
    ]
    for item in principals_of(statement):
        answer = item if isinstance(item, Unknown) else _is_foreign(item, own)
        left = every((_leaves(each, item, own, statement.at) for each in accounts_tied(statement)), statement.at)
        found.append((every([answer, otherwise, left], statement.at), item))
    return found


def _leaves(accounts: tuple[Principal, ...], item: Principal | Unknown, own: Value[Text], at: Origin) -> Answer:
    """Say whether a condition that leaves these accounts may leave all of another one."""
    foreign = any(not is_no(_is_foreign(each, own)) for each in accounts)
    return Known(foreign and (isinstance(item, Unknown) or may_be_among(item, accounts)), at)


def _is_foreign(principal: Principal, own: Value[Text]) -> Answer:
    if principal.kind == "Federated":
        return _is_foreign_provider(principal, own)
    whole = whole_account(principal)
    return ask(whole, lambda account: negated(is_account(account, own, whole.at)), absent=False)


def _is_foreign_provider(principal: Principal, own: Value[Text]) -> Answer:
    """Say whether sessions of an identity provider are another account's: no page says it of public providers."""
    name, number = principal.name, literal(own)
    text = literal(name)
    if (isinstance(name, Known) and text is None) or (number is not None and f":iam::{number}:" in (text or "")):
        return Known(False, name.at)
    return Unknown(Why.OUT_OF_SCOPE, name.at, f"in which accounts sessions of {principal} are")


def granted(statements: Inventory[Statement], action: str) -> Exposure:
    """Find who is allowed an action, conditions aside; what they may touch is in the statement."""
    return _exposure(statements, lambda statement: _named(statement, action))


def _named(statement: Statement, action: str) -> list[_Asked]:
    applies = applies_to(statement, action)
    return [(applies if isinstance(item, Principal) else item, item) for item in principals_of(statement)]


def _exposure(statements: Inventory[Statement], of: Callable[[Statement], list[_Asked]]) -> Exposure:
    """Collect the grants of every Allow; a Deny beside it leaves them in doubt."""
    grants: list[Grant] = []
    unread = None if statements.gap is None else unanswered(statements.gap)
    doubts = [] if unread is None else [unread]
    for statement in statements.items:
        if is_no(has_effect(statement, "Allow")):
            continue
        for answer, principal in of(statement):
            match every(_lasting(statement, answer, statements), statement.at):
                case Known(flag, _):
                    grants += [_grant(statement, principal)] if flag else []
                case Unknown() as gap:
                    doubts.append(gap)
    return Exposure(tuple(grants), doubts[0] if doubts else None, unread)


def _lasting(statement: Statement, answer: Answer, statements: Inventory[Statement]) -> Iterator[Answer]:
    """Yield whether the statement allows it, and whether no other one takes it back."""
    yield has_effect(statement, "Allow")
    yield answer
    yield negated(some((may_limit(other, statement) for other in _near(statements, statement)), statement.at))


def _near(statements: Inventory[Statement], allow: Statement) -> Iterator[Statement]:
    """Yield the statements that may take from what `allow` gives: most of a long policy is about other actions."""
    given = next(members(allow.actions), None)
    action = None if given is None else literal(given)
    if action is None:
        return iter(statements.items)
    about = {id(each) for each, _ in speaking(statements.items, "Deny", action)}
    return (each for each in statements.items if id(each) in about or not isinstance(each.not_actions, Absent))


def _grant(statement: Statement, principal: Principal | Unknown | None) -> Grant:
    if not isinstance(principal, Principal):
        return Grant(statement, "everybody")
    return Grant(statement, str(principal), known_or(whole_account(principal), None))


def may_limit(deny: Statement, allow: Statement) -> Answer:
    """Say no where the statement surely takes nothing from what `allow` gives; else that it may.

    A Deny that is bound to how a request is made (without TLS, without an encryption header) leaves the rest of the
    requests; one that leaves out an action leaves that action.
    """
    if is_no(has_effect(deny, "Deny")):
        return Known(False, deny.at)
    others = is_no(speaks_of_everybody(deny)) and is_yes(speaks_of_everybody(allow))
    manners = any(isinstance(item, Condition) and not concerns_callers(item) for item in conditions_of(deny))
    if others or manners or is_no(_takes_all_actions(deny, allow)):
        return Known(False, deny.at)
    return Unknown(Why.UNSUPPORTED, deny.at, "whether a Deny statement overrides what another statement allows")


def _takes_all_actions(deny: Statement, allow: Statement) -> Answer:
    given = list(members(allow.actions))
    if not given or not isinstance(deny.not_actions, Absent):
        return _undecided_actions(deny)
    return every((_is_taken(action, deny) for action in given), deny.at)


def _is_taken(action: Known[Text] | Unknown, deny: Statement) -> Answer:
    pattern = literal(action)
    if pattern is None:
        return _undecided_actions(deny)
    return some((matches(taken, pattern, any_case=True) for taken in members(deny.actions)), deny.at)


def _undecided_actions(deny: Statement) -> Unknown:
    return Unknown(Why.UNSUPPORTED, deny.at, "the actions of a Deny statement")


NODE_SERVICE = "ec2.amazonaws.com"
"""Whoever passes a role with this service in its trust policy to an instance can run nodes with it."""

_STARTS = "ssm:StartSession"


def trusted_services(trust: Inventory[Statement], at: Origin) -> Value[Items]:
    """Return the service principals that a trust policy admits, conditions aside."""
    found: list[Known[Text]] = []
    rest = trust.gap
    for item in _admitted(trust):
        match item:
            case Principal(kind="Service", name=Known() as name):
                found += [] if any(name.value == other.value for other in found) else [name]
            case Principal(kind="Service", name=Unknown() as gap) | (Unknown() as gap):
                rest = gap if rest is None else rest
            case Principal():
                pass
    return rest if rest is not None and not found else Known(Items(tuple(found), rest), at)


def _admitted(trust: Inventory[Statement]) -> Iterator[Principal | Unknown]:
    for statement in trust.items:
        match has_effect(statement, "Allow"):
            case Known(flag):
                yield from principals_of(statement) if flag else ()
            case Unknown() as gap:
                yield unanswered(gap)


def purpose(runs_nodes: Answer, services: Value[Items], statements: Inventory[Statement], at: Origin) -> Value[Text]:
    """Return `node`, `operator` or `other`.

    A role is a node's where an instance, an activation or the default management setting names it (`runs_nodes`), or
    where its trust policy admits EC2; an operator's where its policies allow starting sessions.
    """
    trusts = some((_is_node_service(item) for item in members(services)), at)
    node, operator = some((runs_nodes, trusts), at), may_allow(statements, _STARTS, at)
    match node, operator:
        case Known(flag), _ if flag:
            return Known("node", at)
        case Unknown() as gap, _:
            return gap
        case _, Known(flag):
            return Known("operator" if flag else "other", at)
        case _, Unknown() as gap:
            return gap


def _is_node_service(item: Known[Text] | Unknown) -> Answer:
    return matches(item, NODE_SERVICE)


def may_allow(statements: Inventory[Statement], action: str, at: Origin) -> Answer:
    """Say whether a statement allows the action on something or other, conditions and denials aside."""
    gaps = () if statements.gap is None else (unanswered(statements.gap),)
    allows = (every((has_effect(each, "Allow"), applies_to(each, action)), each.at) for each in statements.items)
    return some((*allows, *gaps), at)


_OF_NODES = ("ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel")


def registers_nodes(statements: Inventory[Statement], at: Origin) -> Answer:
    """Say whether policies allow what the agents of nodes alone do: to report to Systems Manager, to open channels."""
    return some((may_allow(statements, action, at) for action in _OF_NODES), at)


def caveat(unless: Unknown | None) -> str:
    """Return what a sentence about a grant adds where a policy that was not read may take it back."""
    return "" if unless is None else f", unless a policy that was not read denies it ({unless.at}: {unless.detail})"
