"""What somebody gains by permissions on one role, user, group, or policy: what that is, and whether they can use it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.access.assuming import may_be_assumed
from ssm_hardening.access.people import Person, PersonFact, is_for_services
from ssm_hardening.access.unattached import is_unattached, nobody_has
from ssm_hardening.core.logic import Answer, each, every, is_no, is_yes, known_or, literal, some, text_of, unanswered
from ssm_hardening.core.values import Absent, Known, Reference, Text, Unknown, Value
from ssm_hardening.iam.analysis import has_effect
from ssm_hardening.iam.powers import Need, takes_over
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.model import Group, Policy, Role, User

IamFact: TypeAlias = PersonFact | Policy


@dataclass(frozen=True, slots=True)
class Gains:
    """What a person gains, or a node as its role.

    `roles` are those that were read, by address. `assumes` says whether their policies let them assume a role (by its
    ARN, and the address of its fact), `reaches` whether they may start sessions on nodes, `powerful` whether somebody
    can do everything, or make it so.
    """

    person: Person
    roles: Mapping[str, Role]
    assumes: Callable[[Text, str | None], Answer]
    reaches: Callable[[], Answer]
    powerful: Callable[[PersonFact], Answer]

    def by_passing(self, role: Role, service: str) -> Answer:
        """Say whether it raises them that a service gets the role: not if it cannot assume it, or it is theirs."""
        if self._is_own(role):
            return Known(False, role.origin)
        reasons: tuple[Callable[[], Answer], ...] = (
            lambda: may_be_assumed(role, service),
            lambda: self.powerful(role),
        )
        return every((reason() for reason in reasons), role.origin)

    def by_taking(self, needs: tuple[Need, ...], fact: IamFact) -> Answer:
        """Say whether these actions, all on this object, raise them."""
        takes, changed = _sorted(needs)
        if isinstance(fact, Policy):
            return self._by_policy(fact)
        if self._is_own(fact):
            return Known(bool(changed) and not _is_about_no_boundary(changed, fact), fact.origin)
        if changed and not takes:
            return self._by_changing(fact)
        if isinstance(fact, Role) and "iam:UpdateAssumeRolePolicy" not in takes and is_for_services(fact):
            return Known(False, fact.origin)
        return Known(True, fact.origin) if changed else self.powerful(fact)

    def by_taking_unknown(self, needs: tuple[Need, ...], text: Text, why: Unknown) -> Answer:
        """Say whether these actions raise them, on something of which only a policy's text is known."""
        takes, changed = _sorted(needs)
        if takes and changed:
            return Known(True, why.at)
        if not changed or needs[0].on == "policy":
            return why
        if needs[0].on == "role":
            return Known(True, why.at) if is_yes(self.assumes(text, None)) else why
        # Nobody becomes another user, or joins a group, by changing its policies.
        is_other = needs[0].on == "user" or not isinstance(self.person.fact, User)
        return Known(False, why.at) if is_other else why

    def _is_own(self, fact: PersonFact) -> bool:
        return type(fact) is type(self.person.fact) and fact.address == self.person.address

    def _by_changing(self, fact: PersonFact) -> Answer:
        """Say whether it raises them that others get more permissions: if they can act as these."""
        own = self.person.fact
        if isinstance(own, Role) and is_unattached(own):
            return unanswered(nobody_has(own))
        match fact:
            case Role():
                return some(self._ways_into(fact), fact.origin)
            case User():
                return Known(False, fact.origin)
            case Group():
                return self._is_in(fact)

    def _by_policy(self, policy: Policy) -> Answer:
        """Say whether the policy is their own, that of a group they are in, or that of a role that they can use."""
        own, at = self.person.fact, policy.origin
        if isinstance(own, Role) and is_unattached(own):
            return Known(True, at) if own.address == policy.address else unanswered(nobody_has(own))
        groups = own.groups if isinstance(own, User) else Absent(at)
        mine = {own.address, *(str(group.value) for group in each(groups) if isinstance(group, Known))}
        ties = (
            *(_is_one_of(holder, mine) for holder in each(policy.attached_to)),
            *(_is_one_of(arn, {policy.address}) for arn in each(own.managed_policies)),
            *(some(self._ways_into(role), at) for role in self._roles_with(policy)),
        )
        return some(ties, at)

    def _roles_with(self, policy: Policy) -> Iterator[Role]:
        addresses = (str(holder.value) for holder in each(policy.attached_to) if isinstance(holder, Known))
        yield from (self.roles[address] for address in addresses if address in self.roles)

    def _ways_into(self, role: Role) -> Iterator[Answer]:
        """Yield whether they can act as a role: it trusts them by name, they may assume it, or open its nodes."""
        yield from (
            self._trusts(principal)
            for statement in role.trust
            if not is_no(has_effect(statement, "Allow"))
            for principal in principals_of(statement)
        )
        if role.trust.gap is not None:
            yield unanswered(role.trust.gap)
        if not is_for_services(role):
            yield self.assumes(role.address, role.address)
        match role.kind:
            case Known("node"):
                yield self.reaches()
            case Unknown() as gap:
                yield every((unanswered(gap), self.reaches()), gap.at)
            case Known() | Absent():
                return

    def _trusts(self, principal: Principal | Unknown) -> Answer:
        if isinstance(principal, Unknown):
            return unanswered(principal)
        name = literal(principal.name)
        if principal.kind == "AWS" and name is not None:
            own = f":{type(self.person.fact).__name__.lower()}/", literal(self.person.fact.name)
            return Known(own[0] in name and name.rpartition("/")[2] == own[1], principal.name.at)
        return _is_one_of(principal.name, {self.person.address} if principal.kind == "AWS" else set())

    def _is_in(self, group: Group) -> Answer:
        """Say whether they are in a group: roles are in none."""
        if not isinstance(self.person.fact, User):
            return Known(False, group.origin)
        names = {group.address, known_or(text_of(group.name), group.address)}
        return some((_is_one_of(item, names) for item in each(self.person.fact.groups)), group.origin)


def changes(needs: tuple[Need, ...]) -> bool:
    """Say whether one of these actions changes somebody's permissions."""
    return bool(_sorted(needs)[1])


def _sorted(needs: tuple[Need, ...]) -> tuple[list[str], list[str]]:
    """Return the actions that give the caller somebody's credentials, and those that change somebody's permissions."""
    actions = [need.action for need in needs]
    return [each for each in actions if takes_over(each)], [each for each in actions if not takes_over(each)]


def _is_about_no_boundary(changed: list[str], fact: PersonFact) -> bool:
    """Say whether all that may be changed is a permissions boundary that there is not."""
    bounded = not isinstance(fact, Group) and not isinstance(fact.boundary, Absent)
    return not bounded and all("PermissionsBoundary" in action for action in changed)


def _is_one_of(value: Value[Text], names: set[str]) -> Answer:
    match value:
        case Known(Reference(address), at):
            return Known(address in names, at)
        case Known(text, at):
            return Known(str(text) in names, at)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return unanswered(gap)
