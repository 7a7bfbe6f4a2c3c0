"""Which roles nodes run with, and what these carry that is too much: ROLE-01."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ssm_hardening.access.answers import together
from ssm_hardening.access.credentials import own_role
from ssm_hardening.access.fleet import present
from ssm_hardening.access.node_roles import allows, policy_of
from ssm_hardening.access.people import in_part, person_of
from ssm_hardening.access.placing import works_in
from ssm_hardening.access.raising import Raising, Way
from ssm_hardening.access.requests import PROBE_NODE
from ssm_hardening.access.unattached import is_unattached, roles_of_holders
from ssm_hardening.core.logic import Answer, ask, contents, each, is_no, is_yes, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import registers_nodes
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined, own_arn
from ssm_hardening.iam.places import regions_named
from ssm_hardening.iam.powers import Holder, Use, powers_of
from ssm_hardening.model import LIVE, Account
from ssm_hardening.model.identity import is_only_named
from ssm_hardening.model.scope import region_of
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, required, too_much
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.nodes.discouraged import DISCOURAGED, left_of
from ssm_hardening.rules.people.subjects import prefaced, raised, standing_of_holder, standing_of_named, strongest
from ssm_hardening.rules.registry import Context, Selector, Standing, rule
from ssm_hardening.verdicts.findings import Passed, Severity, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Role

CORE = "AmazonSSMManagedInstanceCore"
_TOO_BROAD = "Node role has an overly broad AWS policy"


def is_of_nodes(role: "Role") -> Answer:
    """Say whether nodes run with the role."""
    return ask(role.kind, lambda kind: kind == "node", absent=False)


def _whole_roles(account: Account) -> "Inventory[Role]":
    """Return the roles of nodes. Code that only names a role, which no node here runs with, shows too little of it."""
    kept = (each for each in told(account, account.roles) if not is_no(is_of_nodes(each)))
    shown = (each for each in kept if not (is_only_named(each) and isinstance(each.kind, Unknown)))
    return Inventory(tuple(shown), _gap(account))


def _roles(account: Account) -> "Inventory[Role]":
    """Return what is known of each role that nodes run with or may, and of whoever gets a policy made for nodes."""
    kept = (in_part(each) for each in told(account, account.roles) if not is_no(_may_run_nodes(each)))
    others = roles_of_holders(account)
    made_for_nodes = (each for each in others if is_yes(is_of_nodes(each)))
    return Inventory((*kept, *made_for_nodes), _gap(account))


def _may_run_nodes(role: "Role") -> Answer:
    """Say whether nodes may run with the role; one that code only names counts if it lets agents report."""
    if is_only_named(role) and isinstance(role.kind, Unknown):
        return registers_nodes(in_part(role).statements, role.origin)
    return is_of_nodes(role)


def _gap(account: Account) -> Unknown | None:
    """Say why there may be more: in code, a node may run with a role that the code does not hold."""
    gap = told(account, account.roles).gap
    if account.source == LIVE or gap is not None:
        return gap
    carried = (own_role(node, account) for node in present(account))
    return next((unanswered(each) for each in carried if isinstance(each, Unknown)), None)


def _kind_in_doubt(role: "Role") -> Unknown | None:
    return next(gaps(role.kind), None)


def _reaches(role: "Role", account: Account) -> bool:
    """Say whether a Region is one in which to ask what a role may do: nodes run with it, or it grants there."""
    if works_in(role, account):
        return True
    return next(iter(contents(role.instances)), None) is not None and (
        region_of(account) in regions_named(role.statements.items)
    )


def _silent_without(select: "Callable[[Account], Inventory[Role]]") -> "Callable[[Account], Unknown | None]":
    """Return the silence of a selector: code need not declare a role, as long as it says something of one."""
    declared = unless_declared(_declared, "which roles nodes use")

    def silence(account: Account) -> Unknown | None:
        unsaid = declared(account)
        if unsaid is None:
            return None
        found = select(account)
        return None if found.items or found.gap is not None else unsaid

    return silence


def _declared(account: Account) -> "Inventory[Role]":
    kept = (each for each in account.roles if not is_only_named(each))
    return Inventory(tuple(kept), account.roles.gap)


def _standing(role: "Role") -> Standing | None:
    if is_unattached(role):
        return standing_of_holder(role)
    return standing_of_named(role, matters=is_yes(is_of_nodes(role))) if is_only_named(role) else None


_NOUN = "node roles"
node_roles: "Selector[Role]" = Selector(
    _NOUN,
    _roles,
    doubt=_kind_in_doubt,
    silence=_silent_without(_roles),
    preface=prefaced,
    standing=_standing,
    everywhere=_reaches,
)
whole_node_roles: "Selector[Role]" = Selector(
    _NOUN,
    _whole_roles,
    doubt=_kind_in_doubt,
    silence=_silent_without(_whole_roles),
    standing=_standing,
    everywhere=works_in,
)
"""Those of which it can be said what they lack, and who may assume them."""


@rule(
    id="ROLE-01",
    title="Node roles have no administrator permissions",
    headline="Node role has administrator permissions",
    severity=Severity.CRITICAL,
    may=(Severity.HIGH,),
    over=node_roles,
    remedy="instance-role",
)
def is_no_administrator(role: "Role", context: Context) -> Verdict:
    """Anyone with a shell on a node has the permissions of its role: an administrator role exposes the account.

    A role whose policies let it change IAM policies, trust policies, groups, access keys, or permission sets, pass a
    more powerful role to something that it runs, or do everything in other services is critical. One that lets it use
    what has a more powerful role already, such as a Lambda function whose code it changes, is high.
    `ssm-harden rules --powers` lists all of them. AmazonSSMFullAccess and AmazonEC2RoleforSSM, which AWS advises
    against, are high, unless Deny statements, the permissions boundary, or a service control policy that was read
    leave nothing of them but what nodes need.

    Undecided when the permissions boundary is unknown, when a policy is and no other one grants the permissions, or
    when it is unknown what a named role, user, group, policy, or function can do.

    Reference: AWS Systems Manager User Guide, "Configure instance permissions required for Systems Manager".
    """
    checks = (*_administers(role, context.account), *_discouraged(role, context.account))
    passed = Passed(role.origin, "its policies grant no administrator permissions")
    return conclude(role.origin, checks, passed=passed, undecided="whether it has administrator permissions is unknown")


def _administers(role: "Role", account: Account) -> Iterator[Check]:
    everything = allows(account, role, "unnamed:Anything", "*")
    if isinstance(everything, Allowed):
        resource = own_arn("iam", "role/Unnamed-Role", account.account, account.region, regional=False)
        # With permission to attach policies, there is no more to say of it.
        if isinstance(allows(account, role, "iam:AttachRolePolicy", resource), Allowed):
            yield from _found(everything, "grants full access to all services", Severity.CRITICAL)
            return
        yield from _found(everything, "grants full access to all services other than IAM", Severity.CRITICAL)
    else:
        yield from gaps(everything.why if isinstance(everything, Undetermined) else None)
        yield from _much(role, account)
    ways = Raising(account, person_of(role, account), node=True).ways(powers_of(Use.ESCALATION, raises=Holder.NODES))
    yield from strongest(ways, _raises)


def _much(role: "Role", account: Account) -> Iterator[Check]:
    """Yield what only administrators need of two services that have nothing to do with each other."""
    resources = {
        "ec2:TerminateInstances": own_arn("ec2", PROBE_NODE, account.account, account.region),
        "dynamodb:DeleteTable": own_arn("dynamodb", "table/any-table", account.account, account.region),
    }
    both = together(allows(account, role, action, resource) for action, resource in resources.items())
    yield from _found(both, f"lets it delete what other services hold ({', '.join(resources)})", Severity.CRITICAL)


def _raises(way: Way, told: str) -> Problem:
    on_identities = any(action.startswith(_OF_IDENTITIES) for action in way.power.actions)
    severity = Severity.CRITICAL if on_identities else Severity.HIGH
    problem = raised(way, f"its policies let it extend its own permissions: {told}", severity)
    return replace(problem, headline="Node role can extend its own permissions")


_OF_IDENTITIES = ("iam:", "sso:", "sso-directory:", "identitystore:")
"""How actions begin that change who may do what; others need something that has a more powerful role already."""


def _found(decision: Decision, what: str, severity: Severity) -> Iterator[Check]:
    match decision:
        case Allowed(by):
            yield too_much(decision, f"{policy_of(by)} {what}", severity)
        case Undetermined(why):
            yield why
        case Denied():
            return


def _discouraged(role: "Role", account: Account) -> Iterator[Check]:
    for policy in each(role.managed_policies):
        name = name_of(policy)
        if isinstance(name, Unknown):
            yield from () if _is_harmless(role, account) else (name,)
        elif name in DISCOURAGED:
            yield from _left(name, policy.at, left_of(name, role, account))


def _is_harmless(role: "Role", account: Account) -> bool:
    """Say whether the limits of the role leave nothing of a discouraged policy, if it is attached at all."""
    return all(isinstance(left_of(name, role, account), Denied) for name in DISCOURAGED)


def _left(name: str, at: Origin, left: Decision) -> Iterator[Check]:
    match left:
        case Allowed():
            text, headline = f"{name} is attached, which grants far more than nodes need", _TOO_BROAD
            yield too_much(left, text, Severity.HIGH, at=at, headline=headline)
        case Undetermined(why):
            yield why
        case Denied():
            return


def name_of(arn: Value[Text]) -> str | Unknown:
    """Return the name of a managed policy; of one that the code itself declares, its address."""
    there = required(arn, Why.UNPARSEABLE, "null instead of a policy")
    return there if isinstance(there, Unknown) else _last_part(there.value, there.at)


def _last_part(text: Text, at: Origin) -> str | Unknown:
    match text:
        case str():
            return text.rpartition("/")[2]
        case Template(parts):
            last = parts[-1]
            return last.rpartition("/")[2] if isinstance(last, str) and "/" in last else _untold(str(text), at)
        case Reference(address):
            return _untold(address, at) if ".data." in f".{address}" else address


def _untold(text: str, at: Origin) -> Unknown:
    return Unknown(Why.COMPUTED, at, f"which policy {text} is")
