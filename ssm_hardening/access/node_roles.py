"""What node roles allow: what each carries, on which nodes, and what it grants beyond sessions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ssm_hardening.access.answers import Granted, Link, links_of, unless_denied
from ssm_hardening.access.fleet import label, present
from ssm_hardening.access.people import Person, in_part, person_of
from ssm_hardening.access.raising import Raising
from ssm_hardening.access.requests import may, of_node, on_anything, request
from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import as_items, contents, is_no, known_or, mapped
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Text, Value
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined, decide
from ssm_hardening.iam.powers import ANYTHING, Holder, Power, Use, arbitrary, least, powers_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members, sample
from ssm_hardening.model import Account, Instance, Role
from ssm_hardening.model.identity import elsewhere, is_only_named


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRole:
    """A role of nodes. `policies` are the names of the managed policies it carries, `nodes` those that run with it.

    `beyond` is what it grants and sessions do not need; `lacks` which rights of sessions no policy of it grants.
    `unknown` says what could not be told of it.
    """

    name: str
    address: str
    at: Link
    policies: tuple[str, ...]
    nodes: tuple[str, ...]
    beyond: tuple[Granted, ...]
    lacks: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """A managed policy, the roles of nodes that carry it, and the nodes that act through them."""

    policy: str
    roles: tuple[str, ...]
    nodes: tuple[str, ...]


_RAISING = (Use.SESSIONS, Use.COMMANDS, Use.SHELLS, Use.DOCUMENTS, Use.ROLES, Use.ESCALATION)
_READING = (Use.READ_PARAMETERS, Use.READ_RECORDINGS, Use.ERASE_RECORDINGS, Use.CHANGE_KEYS)
_ALSO = (
    ("write every object in S3", "s3:PutObject", "object"),
    ("decrypt with every KMS key", "kms:Decrypt", "key"),
    ("read every document", "ssm:GetDocument", "document"),
    ("join a directory domain", "ds:CreateComputer", ANYTHING),
)
"""What is no power, and what sessions do not need either."""

_NEEDED = (
    ("heartbeat", "ssm:UpdateInstanceInformation"),
    ("control channel", "ssmmessages:CreateControlChannel"),
    ("control channel", "ssmmessages:OpenControlChannel"),
    ("data channel", "ssmmessages:CreateDataChannel"),
    ("data channel", "ssmmessages:OpenDataChannel"),
)


def node_roles(account: Account) -> tuple[NodeRole, ...]:
    """Return the roles that nodes act through, and those that only their trust policy says are for nodes."""
    by_role = _nodes_by_role(account)
    known = [each for each in account.roles.items if _acts_for_nodes(each, by_role)]
    told = [_role(account, each, (*by_role.get(_key(each.name), ()), *by_role.get(each.address, ()))) for each in known]
    names = {name for each in known for name in (_key(each.name), each.address)}
    unread = [(name, nodes) for name, nodes in by_role.items() if name not in names]
    return (*told, *(_unread(account, name, nodes) for name, nodes in unread))


def nodes_without_role(account: Account) -> tuple[str, ...]:
    """Return the names of nodes that have no role of their own (Default Host Management may give them one)."""
    return tuple(sorted(label(each) for each in present(account) if isinstance(each.role, Absent)))


def carried(roles: tuple[NodeRole, ...]) -> tuple[Carried, ...]:
    """Return which roles and nodes are behind each managed policy."""
    policies = dict.fromkeys(policy for role in roles for policy in role.policies)
    return tuple(_carried(policy, [role for role in roles if policy in role.policies]) for policy in policies)


def _carried(policy: str, roles: list[NodeRole]) -> Carried:
    nodes = dict.fromkeys(node for role in roles for node in role.nodes)
    return Carried(policy, tuple(role.name for role in roles), tuple(nodes))


def _nodes_by_role(account: Account) -> Mapping[str, tuple[Instance, ...]]:
    found: dict[str, tuple[Instance, ...]] = {}
    for node in present(account):
        if isinstance(node.role, Known):
            name = _key(node.role)
            found[name] = (*found.get(name, ()), node)
    return found


def _key(name: Value[Text]) -> str:
    return known_or(mapped(name, _own_name), "")


def _own_name(text: Text) -> str:
    """Return what a role is called, however it is named: by a reference, by its ARN or path, or by its name alone."""
    return text.address if isinstance(text, Reference) else str(text).rpartition("/")[2]


def _acts_for_nodes(role: Role, by_role: Mapping[str, tuple[Instance, ...]]) -> bool:
    if isinstance(role.exists, Known) and not role.exists.value:
        return False
    node = isinstance(role.kind, Known) and role.kind.value == "node"
    return node or bool({_key(role.name), role.address} & set(by_role))


def _role(account: Account, role: Role, nodes: tuple[Instance, ...]) -> NodeRole:
    mine = nodes or tuple(each for each in present(account) if each.address in map(str, contents(role.instances)))
    person = person_of(in_part(role), account)
    beyond = [each for each in _beyond(account, person) if not isinstance(each.decision, Denied)]
    named = is_only_named(role)
    return NodeRole(
        name=_key(role.name) or role.address,
        address=role.address,
        at=Link(f"role {_key(role.name) or role.address}", role.origin),
        policies=_policies(role),
        nodes=tuple(sorted(map(label, mine))),
        beyond=tuple(each for each in beyond if isinstance(each.decision, Allowed)),
        lacks=() if named else tuple(dict.fromkeys(_lacks(account, person))),
        unknown=(
            *((elsewhere(role).detail,) if named else ()),
            *(text for each in beyond for text in _open(each)),
            *_unless_denied(beyond),
        ),
    )


def _open(granted: Granted) -> Iterator[str]:
    if isinstance(granted.decision, Undetermined):
        yield f"{granted.does}: {granted.decision.why.detail}"


def _unless_denied(beyond: list[Granted]) -> Iterator[str]:
    unless = unless_denied(beyond)
    if unless is not None:
        yield f"whether a policy that was not read denies what others grant: {unless.detail}"


def _policies(role: Role) -> tuple[str, ...]:
    found = [str(each).rpartition("/")[2] for each in contents(role.managed_policies)]
    return tuple(found if as_items(role.managed_policies).rest is None else [*found, "?"])


def _unread(account: Account, name: str, nodes: tuple[Instance, ...]) -> NodeRole:
    gap = account.roles.gap
    detail = "the role was not read" if gap is None else gap.detail
    return NodeRole(
        name=name,
        address=name,
        at=Link(f"role {name}", nodes[0].role.at),
        policies=("?",),
        nodes=tuple(sorted(map(label, nodes))),
        beyond=(),
        lacks=(),
        unknown=(detail,),
    )


def _beyond(account: Account, person: Person) -> Iterator[Granted]:
    asked = Raising(account, person, node=True)
    for use in (*_READING, *_RAISING):
        powers = least(powers_of(use, raises=Holder.NODES))
        decide = asked.on_arbitrary if use in _READING else asked.decide
        yield from _of_use([(power, decide(power)) for power in powers])
    for does, action, on in _ALSO:
        resource = arbitrary(on, account.account, account.region)
        decision = may(person, of_node(request(account, person.fact, action, resource, undeclared=True)))
        yield Granted(does, decision, links_of(decision))


def _of_use(decided: list[tuple[Power, Decision]]) -> Iterator[Granted]:
    """Yield the first power of a use that is granted, with the number of others, or that may be."""
    for kind in (Allowed, Undetermined):
        found = [(power, decision) for power, decision in decided if isinstance(decision, kind)]
        for power, decision in found[:1]:
            rest = len(found) - 1
            more = f" (and {counted(rest, 'similar permission')})" if rest else ""
            yield Granted(f"{power.title}{more}", decision, links_of(decision))
            return


def _lacks(account: Account, person: Person) -> Iterator[str]:
    for what, action in _NEEDED:
        if isinstance(may(person, of_node(on_anything(account, person.fact, action))), Denied):
            yield what


def allows(  # noqa: PLR0913 - what a request and its policies consist of
    account: Account,
    role: Role,
    action: str,
    resource: Text,
    *,
    address: str | None = None,
    resource_policy: Inventory[Statement] | None = None,
    key_policy: bool = False,
    undeclared: bool = False,
) -> Decision:
    """Say whether the role's policies allow one request of a node.

    `resource_policy` is the resource's own (`key_policy`: a key's), `undeclared` says that nothing declared is meant.
    """
    asked = request(account, role, action, resource, address=address, undeclared=undeclared)
    policies = replace(person_of(role, account).policies, resource=resource_policy, key_policy=key_policy)
    return decide(of_node(asked), policies)


def grants(account: Account, role: Role, action: str, probe: Text) -> Decision:
    """Say whether the policies grant an action on anything at all: on the probe, or on what a statement names."""
    resources: list[Text] = [probe]
    for statement in role.statements:
        if is_no(has_effect(statement, "Allow")) or is_no(applies_to(statement, action)):
            continue
        resources += [
            sample(item.value) for item in members(statement.resources) if isinstance(item, Known) and item.value != "*"
        ]
    return _strongest(
        [allows(account, role, action, each, address=_address(each)) for each in dict.fromkeys(resources)]
    )


def _address(text: Text) -> str | None:
    return text.address if isinstance(text, Reference) else None


def _strongest(decisions: list[Decision]) -> Decision:
    """Return the grant where there is one, else the doubt, else the refusal."""
    for kind in (Allowed, Undetermined):
        for each in decisions:
            if isinstance(each, kind):
                return each
    return decisions[0] if decisions else Denied(None, "no statement allows it")


def policy_of(statement: Statement) -> str:
    """Return the name of the policy a statement was read from, with its article; its place where that has no name."""
    match statement.at:
        case ApiOrigin(arn) if ":policy/" in arn:
            return arn.rpartition("/")[2]
        case _:
            return "its policy"


def actions_of(statement: Statement) -> Iterator[str]:
    """Yield the actions that a statement lists and that are known."""
    yield from (
        each.value for each in members(statement.actions) if isinstance(each, Known) and isinstance(each.value, str)
    )
