"""Whose credentials the agent of a node works with: the role of its profile, or the one that is lent to the instance.

The agent tries ssm:UpdateInstanceInformation with the instance profile. Where that succeeds, the profile's role serves
all of it: sessions, uploads, logs and keys. Where it is denied, or there is no profile, the agent asks Default Host
Management, and the role that it lends serves all of it. Sources: AWS Systems Manager User Guide, "Managing EC2
instances automatically with Default Host Management Configuration"; amazon-ssm-agent,
common/identity/credentialproviders/ec2roleprovider.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ssm_hardening.access.assuming import may_be_assumed, may_be_lent
from ssm_hardening.access.fleet import present
from ssm_hardening.access.node_roles import actions_of, grants
from ssm_hardening.access.people import person_of, title_of_fact
from ssm_hardening.access.reach import version_numbers
from ssm_hardening.access.requests import may, on_anything, on_node
from ssm_hardening.access.settings import lent_role, other_path, told
from ssm_hardening.access.stores import either
from ssm_hardening.core.logic import Answer, as_items, certainly, contents, is_no, is_yes, known_or, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import NODE_SERVICE, has_effect
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined, surely
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Instance, Role
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join, names

REGISTERS = "ssm:UpdateInstanceInformation"
CHANNELS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
FIRST_WITH_DEFAULT_MANAGEMENT = "3.2.582.0"
"""Older agents do not ask Default Host Management."""

_LENDER = "Default Host Management"
_OF_SYSTEMS_MANAGER = ("ssm:", "ssmmessages:", "ec2messages:")


@dataclass(frozen=True, slots=True)
class Served:
    """The agent works with this role; `lent` says that Default Host Management provides it."""

    role: Role
    lent: bool = False


@dataclass(frozen=True, slots=True)
class Unserved:
    """The agent surely has no credentials, and why."""

    at: Origin
    why: str


Serving: TypeAlias = Served | Unserved | Unknown


def serving(node: Instance, account: Account) -> Serving:
    """Return the role that the agent of a node works with, or why there is none, or why that is unknown."""
    own = own_role(node, account)
    if isinstance(own, Unknown):
        return own
    if certainly(node.kind, lambda kind: kind == "managed"):
        missing = Unknown(Why.OUT_OF_SCOPE, node.role.at, "the role that the node was registered with")
        return Served(own) if isinstance(own, Role) else missing
    if isinstance(own, Role) and not is_no(assumed := may_be_assumed(own, NODE_SERVICE)):
        if isinstance(assumed, Unknown) and isinstance(lent_role(account), Known):
            return _either_of(own, assumed)
        registers = _registers(own, node, account)
        if isinstance(registers, Undetermined) and isinstance(lent_role(account), Known):
            return _either_of(own, registers.why)
        if not isinstance(registers, Denied):
            return Served(own)
    return _served_without(own, node, account)


def own_role(node: Instance, account: Account) -> Role | Absent | Unknown:
    """Return the role of a node's own profile, or why it is unknown; Absent where it has none."""
    if isinstance(node.role, Absent):
        return node.role
    match join(node.role, account.roles):
        case Found(role):
            return role
        case Uncertain(gap):
            return gap
        case Elsewhere(read):
            return Unknown(Why.OUT_OF_SCOPE, node.role.at, f"the role {read}, which was not read")


def _registers(role: Role, node: Instance, account: Account) -> Decision:
    person = person_of(role, account)
    here = may(person, on_node(account, role, REGISTERS, node))
    return either(map(surely, (here, may(person, on_anything(account, role, REGISTERS)))))


def _either_of(own: Role, why: Unknown) -> Unknown:
    detail = f"whether the agent uses {title_of_fact(own)} or {_LENDER}: {why.detail}"
    return replace(unanswered(why), detail=detail)


def _served_without(own: Role | Absent, node: Instance, account: Account) -> Serving:
    """Return what serves a node whose profile does not let the agent register, or that has none."""
    match lent_role(account):
        case Known() as name:
            refused = _too_old(node)
            return _lent(node, name, account) if refused is None else refused
        case Absent(at):
            return Served(own) if isinstance(own, Role) else _without_credentials(node, at)
        case Unknown() as gap:
            if not isinstance(own, Role):
                return gap
            # One text for all such roles: a report says it once.
            because = f"{gap.detail}, which the agent needs because the instance profile does not allow {REGISTERS}"
            return Served(own) if opens_channels(own, account) else replace(unanswered(gap), detail=because)


def _without_credentials(node: Instance, at: Origin) -> Unserved | Unknown:
    return _unless_online(node, Unserved(at, f"no instance profile gives the node a role, and {_LENDER} is off"))


def _too_old(node: Instance) -> Unserved | Unknown | None:
    """Return why the agent does not ask Default Host Management, by its version."""
    match node.agent_version:
        case Known(str() as text, at) if version_numbers(text) < version_numbers(FIRST_WITH_DEFAULT_MANAGEMENT):
            old = f"the agent has version {text}, but {_LENDER} requires {FIRST_WITH_DEFAULT_MANAGEMENT}"
            return _unless_online(node, Unserved(at, old))
        case Unknown() as gap if _is_unread(gap):
            return replace(gap, detail=f"whether the version of the agent supports {_LENDER}: {gap.detail}")
        case Known() | Absent() | Unknown():
            return None


def _unless_online(node: Instance, unserved: Unserved) -> Unserved | Unknown:
    """Return that the agent has no credentials; one that is online contradicts what the settings and policies say."""
    match node.ping:
        case Known("Online"):
            return Unknown(Why.OUT_OF_SCOPE, unserved.at, f"{unserved.why}, although the agent is online")
        case Unknown() as gap if _is_unread(gap):
            return gap
        case Known() | Absent() | Unknown():
            return unserved


def _is_unread(gap: Unknown) -> bool:
    """Say whether something could not be read, other than what no code tells of its nodes."""
    return gap.why not in {Why.COMPUTED, Why.OUT_OF_SCOPE}


def _lent(node: Instance, name: Known[Text], account: Account) -> Serving:
    match join(name, account.roles):
        case Found(role):
            wrong = other_path(account, role)
            if isinstance(wrong, str):
                return _unless_online(node, Unserved(name.at, f"{title_of_fact(role)} is not provided: {wrong}"))
            return Served(role, lent=True) if wrong is None else wrong
        case Uncertain(gap):
            return gap
        case Elsewhere(read):
            detail = f"the role {read}, which {_LENDER} provides and which was not read"
            return Unknown(Why.OUT_OF_SCOPE, name.at, detail)


def opens_channels(role: Role, account: Account) -> bool:
    """Say whether a role grants a part of what sessions run through: nobody writes that but for sessions."""
    return any(isinstance(grants(account, role, each, "*"), Allowed) for each in CHANNELS)


def is_lent(role: Role, account: Account) -> Answer:
    """Say whether this is the role that Default Host Management lends."""
    return _if_assumed(role, _is_named(lent_role(account), role))


def _is_named(name: Value[Text], role: Role) -> Answer:
    if isinstance(name, Absent):
        return Known(False, name.at)
    found = names(name, role) if isinstance(name, Known) else None
    if found is None:
        return name if isinstance(name, Unknown) else Unknown(Why.COMPUTED, name.at, f"which role {name.value} is")
    return Known(found, name.at)


def _if_assumed(role: Role, named: Answer) -> Answer:
    """Return the answer; what may name a role does not where Systems Manager could not assume it."""
    return may_be_lent(role) if isinstance(named, Unknown) and is_no(may_be_lent(role)) else named


def _is_for_machines(role: Role, account: Account) -> Answer:
    """Say whether machines register with a role, by a hybrid activation."""
    gap = told(account, account.activations).gap
    answers = [_is_named(each.role, role) for each in account.activations.items]
    return _if_assumed(role, some((*answers, *(() if gap is None else (unanswered(gap),))), role.origin))


def is_given(role: Role, account: Account) -> Answer:
    """Say whether nodes of the Region get the role by a setting of it, or by a hybrid activation."""
    return some((is_lent(role, account), _is_for_machines(role, account)), role.origin)


@dataclass(frozen=True, slots=True)
class Use:
    """Whether agents work with a role, and why not."""

    answer: Answer
    why_not: str = ""


def use_of(role: Role, account: Account) -> Use:
    """Say whether agents work with a role: by its own right to register, for a lender, or because nothing else may.

    A role that only its trust policy says is for nodes is one where something of Systems Manager is granted.
    """
    registers = grants(account, role, REGISTERS, "*")
    named = is_given(role, account)
    if is_yes(named) or isinstance(registers, Allowed):
        return Use(Known(True, role.origin))
    if isinstance(registers, Undetermined):
        lends = isinstance(lent_role(account), Known)
        return Use(_either_of(role, registers.why) if lends else Known(True, role.origin))
    found = _use_by_nodes(role, account)
    return Use(named) if is_no(found.answer) and isinstance(named, Unknown) else found


def _use_by_nodes(role: Role, account: Account) -> Use:
    """Ask the nodes that run with a role which does not let the agent register."""
    addresses = {str(each) for each in contents(role.instances)}
    nodes = [node for node in present(account) if node.address in addresses]
    served = [serving(node, account) for node in nodes]
    if any(isinstance(each, Unserved) or (isinstance(each, Served) and not each.lent) for each in served):
        return Use(Known(True, role.origin))
    for gap in (*served, *_elsewhere(role, addresses, nodes)):
        if isinstance(gap, Unknown):
            return Use(unanswered(gap))
    return _lent_instead(account, role) if nodes else _use_by_nobody(role, account)


def _elsewhere(role: Role, addresses: set[str], here: Sequence[Instance]) -> Iterator[Unknown]:
    """Yield why nodes may run with the role that are not known here: unread ones, or those of another Region alone."""
    rest = as_items(role.instances).rest
    if rest is not None:
        yield rest
    elif addresses and not here:
        yield Unknown(Why.OUT_OF_SCOPE, role.origin, f"whether {_LENDER} provides a role in the Region of its nodes")


def _lent_instead(account: Account, role: Role) -> Use:
    lent = known_or(lent_role(account), "its role")
    text = f"agents do not use it: it does not allow {REGISTERS}, so {_LENDER} provides the role {lent}"
    return Use(Known(False, role.origin), text)


def _use_by_nobody(role: Role, account: Account) -> Use:
    """Say whether a role that no node is known to run with is meant for one."""
    unread = told(account, account.instances).gap
    if unread is not None:
        return Use(unanswered(unread))
    if not any(_is_of_systems_manager(each) for each in role.statements):
        text = "no node is known to run with it, and its policies grant nothing in Systems Manager"
        return Use(Known(False, role.origin), text)
    if not opens_channels(role, account):
        return Use(Unknown(Why.OUT_OF_SCOPE, role.origin, "whether nodes run with the role"))
    return _lent_instead(account, role) if isinstance(lent_role(account), Known) else Use(Known(True, role.origin))


def _is_of_systems_manager(statement: Statement) -> bool:
    return not is_no(has_effect(statement, "Allow")) and any(
        action == "*" or action.casefold().startswith(_OF_SYSTEMS_MANAGER) for action in actions_of(statement)
    )


def is_spared(role: Role, account: Account) -> bool:
    """Say whether agents surely use the role that is lent instead of this one: nothing is refused to them for it."""
    return isinstance(lent_role(account), Known) and is_no(use_of(role, account).answer)


def displaces(role: Role, account: Account) -> bool:
    """Say whether a role keeps the agents of its instances from the one that Default Host Management would lend."""
    registers = isinstance(grants(account, role, REGISTERS, "*"), Allowed)
    return registers and isinstance(lent_role(account), Known) and is_no(is_lent(role, account))


def title_of(served: Served) -> str:
    """Return how a role that serves is called: `role X`, with who lends it."""
    title = title_of_fact(served.role)
    return f"{title}, which {_LENDER} provides" if served.lent else title


def lender_of(node: Instance, account: Account) -> str:
    """Return which role the agent uses, as the end of a sentence, where it is not that of the profile."""
    served = serving(node, account) if isinstance(lent_role(account), Known) else None
    return f"; the agent uses {title_of(served)}" if isinstance(served, Served) and served.lent else ""
