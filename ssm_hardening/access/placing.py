"""In which Regions of the account nodes run with a role."""

from ssm_hardening.access.credentials import is_given
from ssm_hardening.access.settings import find, told
from ssm_hardening.core.logic import Answer, as_items, contents, every, negated, unanswered
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.model import Account, Role
from ssm_hardening.model.default_management import MANAGEMENT_ROLE, lent_by
from ssm_hardening.model.joins import names

_nodes: Memory[[Account], frozenset[str]]
_nodes = Memory(lambda account: frozenset(node.address for node in account.instances), most=64)
"""The addresses of the nodes of an account, which each role asks for."""


def works_in(role: Role, account: Account) -> bool:
    """Say whether nodes of a Region run with the role, or may: instances, hybrid nodes, or by a setting."""
    addresses = set(map(str, contents(role.instances)))
    if not addresses.isdisjoint(_nodes(account)):
        return True
    given = [each.role for each in account.activations]
    setting = find(account, MANAGEMENT_ROLE)
    if setting is not None:
        given.append(setting if isinstance(setting, Unknown) else lent_by(setting.value))
    return any(not isinstance(each, Absent) and names(each, role) is not False for each in given)


def works_elsewhere(role: Role, account: Account) -> Answer:
    """Say whether nodes run with the role in other Regions alone; a role without known nodes may be used in each."""
    listed, here = as_items(role.instances), _nodes(account)
    if not listed.items or not here.isdisjoint(map(str, contents(role.instances))):
        return Known(value=False, at=role.origin)
    unread = (listed.rest, told(account, account.instances).gap)
    gaps = (unanswered(each) for each in unread if each is not None)
    return every((negated(is_given(role, account)), *gaps), role.origin)
