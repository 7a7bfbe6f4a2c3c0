"""What a role is for: whom its trust policy admits, and whether nodes or people use it."""

from collections.abc import Iterator

from ssm_hardening.core.logic import Answer, every, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Items, Known, Text, Unknown, Value
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import matches, members

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
    node, operator = some((runs_nodes, trusts), at), _starts_sessions(statements, at)
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


def _starts_sessions(statements: Inventory[Statement], at: Origin) -> Answer:
    gaps = () if statements.gap is None else (unanswered(statements.gap),)
    allows = (every((has_effect(each, "Allow"), applies_to(each, _STARTS)), each.at) for each in statements.items)
    return some((*allows, *gaps), at)
