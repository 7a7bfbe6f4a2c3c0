"""The environment of sessions: nodes, roles, network, settings, trails and alerts, joined.

The pre-commit check does not read these kinds: their module loads only where somebody asks for them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial

from ssm_hardening.core.logic import Answer, ask, some
from ssm_hardening.core.logic import each as members_of
from ssm_hardening.core.values import Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import purpose
from ssm_hardening.model import (
    Account,
    Activation,
    Association,
    EventRule,
    Fact,
    Group,
    Instance,
    Policy,
    Role,
    SecurityGroup,
    ServiceSetting,
    Subnet,
    Trail,
    User,
    Vpc,
    VpcEndpoint,
)
from ssm_hardening.model.default_management import MANAGEMENT_ROLE, lent_by
from ssm_hardening.model.identity import elsewhere, is_only_named
from ssm_hardening.read.facts import (
    guardrails,
    monitoring,
    named_principals,
    network,
    nodes,
    people,
    roles,
    security_groups,
    systems_manager,
)
from ssm_hardening.read.facts.accounts import PlacedFacts, Places
from ssm_hardening.read.facts.arguments import is_told_later
from ssm_hardening.read.facts.attachments import gathered
from ssm_hardening.read.facts.index import NameIndex, Objects, ProviderRegion, Use, means, use, used_by
from ssm_hardening.read.facts.named_principals import with_named
from ssm_hardening.read.facts.people import memberships
from ssm_hardening.read.facts.roles import ManagedPolicies
from ssm_hardening.read.graph import Resource, Root


@dataclass(frozen=True, slots=True)
class Environment:
    """All of these facts, with their places, by family. The fields of a family are named as those of an account."""

    regional: tuple["_Nodes | _Others", ...]
    people: "_People"
    places: Places

    def on(self, account: Account, place: ProviderRegion) -> Account:
        """Return the account with these facts of one place, and all people of its AWS account."""
        regional = {each.name: getattr(family, each.name) for family in self.regional for each in fields(family)}
        whole = {each.name: getattr(self.people, each.name) for each in fields(self.people)}
        owner = self.places.owner_of(place)
        return replace(
            account,
            guardrails=guardrails.guardrails_of(self.places.root, account, owner, self.places),
            **{kind: found.at(place) for kind, found in regional.items()},
            **{kind: found.within(lambda each: self.places.owner_of(each) == owner) for kind, found in whole.items()},
        )


def environment_of(root: Root, places: Places) -> Environment:
    """Read these kinds from a root whose every called module is to be looked at."""
    fleet = _Nodes.of(root, places)
    return Environment((fleet, _Others.of(root, places, fleet)), _people(root, places, fleet), places)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Others:
    """What is attached to nodes, and what watches over them."""

    security_groups: PlacedFacts[SecurityGroup]
    vpcs: PlacedFacts[Vpc]
    associations: PlacedFacts[Association]
    trails: PlacedFacts[Trail]
    event_rules: PlacedFacts[EventRule]

    @classmethod
    def of(cls, root: Root, places: Places, fleet: "_Nodes") -> "_Others":
        return cls(
            security_groups=_attached(places.placed(security_groups.security_groups_of(root)), fleet),
            vpcs=places.placed(network.vpcs_of(root)),
            associations=places.placed(systems_manager.associations_of(root)),
            trails=places.placed(monitoring.trails_of(root)),
            event_rules=places.placed(monitoring.event_rules_of(root)),
        )


@dataclass(frozen=True, slots=True)
class _Nodes:
    """The nodes, and what names their roles and groups."""

    instances: PlacedFacts[Instance]
    vpc_endpoints: PlacedFacts[VpcEndpoint]
    subnets: PlacedFacts[Subnet]
    settings: PlacedFacts[ServiceSetting]
    activations: PlacedFacts[Activation]

    @classmethod
    def of(cls, root: Root, places: Places) -> "_Nodes":
        found = places.placed(network.subnets_of(root))
        return cls(
            instances=places.placed(nodes.instances_of(root, found.everywhere())),
            vpc_endpoints=places.placed(network.vpc_endpoints_of(root)),
            subnets=found,
            settings=places.placed(systems_manager.settings_of(root)),
            activations=places.placed(systems_manager.activations_of(root)),
        )

    def groups_in_use(self) -> Iterator[Use]:
        for place, instance in self.instances.items:
            yield from _uses(instance, place, instance.security_groups)
        for place, endpoint in self.vpc_endpoints.items:
            yield from _uses(endpoint, place, endpoint.security_groups)

    def roles_of_instances(self) -> Iterator[Use]:
        for place, each in self.instances.items:
            if each.kind != Known("managed", each.kind.at):  # those of activations: `roles_of_others`
                yield from use(each, place, each.role)

    def roles_of_others(self) -> Iterator[Use]:
        """Yield who else runs nodes with a role: activations, and the Region's default for instances."""
        for place, each in self.activations.items:
            yield from use(each, place, each.role)
        for place, setting in self.settings.items:
            if setting.name == Known(MANAGEMENT_ROLE, setting.name.at):
                yield from use(setting, place, lent_by(setting.value))


def _uses(user: Fact, place: ProviderRegion, values: Value[Items]) -> Iterator[Use]:
    """Yield a use for everything that is named in a list, and for its unknown rest."""
    for value in members_of(values):
        yield from use(user, place, value)


def _attached(groups: PlacedFacts[SecurityGroup], fleet: _Nodes) -> PlacedFacts[SecurityGroup]:
    """Say what each group is attached to. Whoever names no group gets the VPC's default group, not one of these."""
    users = tuple((each.value, each) for each in fleet.groups_in_use())
    named = NameIndex((value, each) for value, each in users if not is_told_later(value))
    anyhow = NameIndex(users)
    return PlacedFacts(
        tuple(
            (
                place,
                replace(each, attached_to=used_by(each, place, anyhow if security_groups.is_default(each) else named)),
            )
            for place, each in groups.items
        ),
        groups.gap,
    )


@dataclass(frozen=True, slots=True)
class _People:
    """Roles, people and policies, each knowing of the others."""

    roles: PlacedFacts[Role]
    users: PlacedFacts[User]
    groups: PlacedFacts[Group]
    policies: PlacedFacts[Policy]


def _people(root: Root, places: Places, fleet: _Nodes) -> _People:
    """Return who may do what. IAM knows no Regions: names mean the same everywhere in an AWS account."""
    customer = roles.policies_of(root)
    known = ManagedPolicies(Objects(each for _, each in customer), customer.gap)
    found = with_named(roles.roles_of(root, known), partial(named_principals.roles_of, root, known))
    carriers = _index(fleet.roles_of_instances(), places)
    others = _index(fleet.roles_of_others(), places)
    placed = places.placed(found)
    own = PlacedFacts(
        tuple((place, _with_users(each, places.owner_of(place), carriers, others)) for place, each in placed.items),
        placed.gap,
    )
    declared = people.permission_sets_of(root, known)
    sets = places.placed(with_named(declared, partial(named_principals.permission_sets_of, root, known)))
    users, groups = memberships(
        places.placed(with_named(people.users_of(root, known), partial(named_principals.users_of, root, known))),
        places.placed(with_named(people.groups_of(root, known), partial(named_principals.groups_of, root, known))),
    )
    arns = _index((each for held in (own, sets, users, groups) for each in _policies_in_use(held)), places)
    managed = places.placed(customer)
    inline = places.placed(_inline(root, own))
    attached = ((place, _with_roles(each, places.owner_of(place), arns)) for place, each in managed.items)
    return _People(
        roles=PlacedFacts((*own.items, *sets.items), own.gap if sets.gap is None else sets.gap),
        users=users,
        groups=groups,
        policies=PlacedFacts((*attached, *inline.items), inline.gap if managed.gap is None else managed.gap),
    )


def _index(uses: Iterable[Use], places: Places) -> NameIndex[Use]:
    """Return uses of what belongs to an AWS account: whatever Region they are in, a name means the same there."""
    return NameIndex((each.value, replace(each, place=places.owner_of(each.place))) for each in uses)


def _with_users(role: Role, owner: ProviderRegion, carriers: NameIndex[Use], others: NameIndex[Use]) -> Role:
    instances = used_by(role, owner, carriers)
    if is_only_named(role) and isinstance(role.kind, Known):
        return replace(role, instances=instances)
    runs = some((_any(instances), _any(used_by(role, owner, others))), role.origin)
    return replace(role, instances=instances, kind=purpose(runs, role.trusted_services, role.statements, role.origin))


def _any(users: Value[Items]) -> Answer:
    """Say whether there are users."""
    return ask(users, _there_are, absent=False)


def _there_are(users: Items) -> bool | Unknown:
    return users.rest if not users.items and users.rest is not None else users.items != ()


def _policies_in_use(found: PlacedFacts[Role] | PlacedFacts[User] | PlacedFacts[Group]) -> Iterator[Use]:
    for place, held in found.items:
        # What may be attached to somebody elsewhere is not attached by this code.
        yield from (each for each in _uses(held, place, held.managed_policies) if each.value != elsewhere(held))


def _with_roles(policy: Policy, owner: ProviderRegion, arns: NameIndex[Use]) -> Policy:
    return replace(policy, attached_to=used_by(policy, owner, arns))


def _inline(root: Root, own: PlacedFacts[Role]) -> Inventory[tuple[Resource, Policy]]:
    """Return the inline policies with the roles they belong to."""
    found, owners = roles.inline_policies_of(root), Objects(role for _, role in own.items)
    return Inventory(tuple((at, _within(at, each, owners)) for at, each in found), found.gap)


def _within(resource: Resource, policy: Policy, owners: Objects[Role]) -> Policy:
    if resource.type != roles.INLINE:
        return policy
    named = roles.owner_of(resource)
    return replace(policy, attached_to=gathered(_meant(named, owners.candidates(named)), policy.origin))


def _meant(named: Value[Text], candidates: Iterable[Fact]) -> Iterator[Value[Text]]:
    """Yield the addresses of the objects that a name means, and why it may mean another one."""
    for each in candidates:
        match means(named, each):
            case True:
                yield Known(each.address, named.at)
            case None:
                yield (
                    named
                    if isinstance(named, Unknown)
                    else Unknown(Why.COMPUTED, named.at, f"which object {named} refers to")
                )
            case False:
                pass
