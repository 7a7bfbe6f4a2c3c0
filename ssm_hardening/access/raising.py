"""What raises whoever may do it: the powers of the table, asked of the policies of a person or of a node.

What is allowed on an object that nobody named is allowed on all, among them one that leads to more. Where policies name
objects, it matters what those are: a role that can do no more than its holder raises nobody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from ssm_hardening.access.answers import best, each_of, together
from ssm_hardening.access.gains import Gains, IamFact, changes
from ssm_hardening.access.people import OF_IAM, Person, PersonFact, arns_of, as_person
from ssm_hardening.access.requests import START, listed, may, of_node, request
from ssm_hardening.core.logic import Answer, is_no, literal, unanswered
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Why
from ssm_hardening.iam.analysis import speaking
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Request, Undetermined, concerns, outline
from ssm_hardening.iam.powers import ANYTHING, Need, Power, Use, arbitrary, fits, powers_of
from ssm_hardening.iam.requests import hear
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import glob, members, sample
from ssm_hardening.model import LIVE, Account, Group, Role
from ssm_hardening.model.joins import Found, Uncertain, join

_REFUSED = Denied(None, "no statement allows it")
_CALLER = "the-caller"
_BY_ROLE = frozenset({Use.ESCALATION, Use.ROLES})
"""Uses whose objects matter by the role that they have; anything else counts on any object at all."""

_OWN = frozenset({"node", "hybrid-node"})
"""What nobody reaches in another account; no request to IAM does either."""


@dataclass(frozen=True, slots=True)
class Way:
    """A power, and what the policies say of it: that it is granted, or what was missing to tell.

    `by_means_of` is the address of the role, user, group, or policy that raises the holder, where only named ones do.
    """

    power: Power
    decision: Allowed | Undetermined
    by_means_of: str = ""

    @property
    def grants(self) -> tuple[Allowed, ...]:
        """What is granted of all that it takes, if it is granted, in the order in which it was asked."""
        return each_of(self.decision) if isinstance(self.decision, Allowed) else ()


class Raising:
    """What one principal's policies say of powers; `node` where it acts without MFA, as nodes do."""

    def __init__(self, account: Account, person: Person, *, node: bool = False) -> None:
        self._account = account
        self._person = person
        self._node = node
        self._asked: dict[tuple[object, ...], Decision] = {}
        self._alike: dict[tuple[Need, object], Decision] = {}
        self._known: dict[str, tuple[IamFact, ...]] = {}
        self._speaks: dict[str, bool] = {}
        self._means: dict[tuple[Need, ...], str] = {}

    def ways(self, powers: Iterable[Power]) -> Iterator[Way]:
        """Yield the powers that are granted, or may be, in their order."""
        for power in powers:
            decision = self.decide(power)
            if not isinstance(decision, Denied):
                means = next(filter(None, (self._means.get(needs, "") for needs in _by_kind(power))), "")
                yield Way(power, decision, means)

    def decide(self, power: Power) -> Decision:
        """Return whether the policies grant everything that a power takes, on objects that raise the holder."""
        if power.use is Use.ROLES and not self._node:
            # To whom a role is named, it was given.
            return self.on_arbitrary(power)
        if not all(self._may_speak(need.action) for need in power.needs):
            return _REFUSED
        by_role = power.use in _BY_ROLE and not any(need.passed_to for need in power.needs)
        return together(self._granted(needs, by_role=by_role) for needs in _by_kind(power))

    def _may_speak(self, action: str) -> bool:
        """Say whether a statement may allow an action: most policies are about a few."""
        found = self._speaks.get(action)
        if found is None:
            policies = self._person.policies.identity
            found = policies.gap is not None or any(True for _ in speaking(policies.items, "Allow", action))
            self._speaks[action] = found
        return found

    def _granted(self, needs: tuple[Need, ...], *, by_role: bool) -> Decision:
        """Return whether all of these are granted on one object of their kind."""
        whole = self._on_all(needs)
        if isinstance(whole, Allowed) or needs[0].on == ANYTHING:
            return whole
        return best(chain((whole,), self._on_named(needs, by_role=by_role)))

    def on_arbitrary(self, power: Power) -> Decision:
        """Return whether a power is granted on objects that nobody named."""
        if not all(self._may_speak(need.action) for need in power.needs):
            return _REFUSED
        return together(self._on_all(needs) for needs in _by_kind(power))

    def _on_all(self, needs: tuple[Need, ...]) -> Decision:
        resource = arbitrary(needs[0].on, self._account.account, self._account.region)
        return self._all(needs, resource, undeclared=True)

    def _ask(self, need: Need, resource: Text, address: str | None = None, *, undeclared: bool = False) -> Decision:
        key = (need.action, need.passed_to, str(resource), address, undeclared)
        found = self._asked.get(key)
        if found is None:
            asked = self._request(need, resource, address, undeclared=undeclared)
            found = self._asked[key] = self._decide(need, asked)
        return found

    def _decide(self, need: Need, asked: Request) -> Decision:
        """Decide a request; most roles (users, groups, policies) of an account are alike to a policy."""
        known = outline(asked, self._person.policies)
        found = None if known is None else self._alike.get((need, known))
        if found is None:
            found = may(self._person, asked)
            if known is not None and not isinstance(found, Allowed):
                self._alike[need, known] = found
        else:
            hear(asked)
        return found

    def _request(self, need: Need, resource: Text, address: str | None, *, undeclared: bool) -> Request:
        asked = request(self._account, self._person.fact, need.action, resource, address=address, undeclared=undeclared)
        asked = of_node(asked) if self._node else asked
        context = dict(asked.context)
        if need.passed_to:
            context["iam:passedtoservice"] = listed(asked.account.at, need.passed_to)
        if isinstance(self._person.fact, Group):
            context["aws:username"] = listed(asked.account.at, _CALLER)
        return replace(asked, context=context)

    def _on_named(self, needs: tuple[Need, ...], *, by_role: bool) -> Iterator[Decision]:
        """Yield what is granted on objects that the policies name, as far as these raise the holder."""
        on, lent = needs[0].on, needs[0].passed_to
        if on in OF_IAM and (by_role or lent):
            yield from self._on_known(needs)
            yield from self._on_unknown(needs)
            yield from self._on_members(needs)
            return
        for text in self._texts(needs):
            if self._is_foreign(text) and (on in _OWN or needs[0].action.startswith("iam:")):
                continue
            if on in _OWN and self._is_any(text, on):
                continue
            decision = self._all(needs, sample(text.value))
            if on in _OWN and isinstance(self._account.account, Unknown) and _account_in(text).isdigit():
                decision = _if(decision, unanswered(self._account.account))
            detail = f"which role {text.value} has"
            yield _if(decision, Unknown(Why.OUT_OF_SCOPE, text.at, detail)) if by_role else decision

    def _all(
        self, needs: tuple[Need, ...], resource: Text, address: str | None = None, *, undeclared: bool = False
    ) -> Decision:
        """Return whether all of these are granted on one object."""
        return together(self._ask(need, resource, address, undeclared=undeclared) for need in needs)

    def _on_known(self, needs: tuple[Need, ...]) -> Iterator[Decision]:
        for fact in self._concerned(needs[0]):
            decision = self._all(needs, arns_of(self._account)[fact.address], fact.address)
            if isinstance(decision, Denied):
                continue
            lent = needs[0].passed_to
            raises = (
                self._gains.by_passing(fact, lent)
                if lent and isinstance(fact, Role)
                else self._gains.by_taking(needs, fact)
            )
            raised = _if(decision, raises)
            if isinstance(raised, Allowed) and fact.address != self._person.address:
                self._means[needs] = fact.address
            yield raised

    def _concerned(self, need: Need) -> tuple[IamFact, ...]:
        """Return the roles (users, groups, policies) of the account of which a statement about the action may speak."""
        found = self._known.get(need.action)
        if found is None:
            found = self._known[need.action] = tuple(self._named_in(self._statements(need.action), need))
        return found

    def _named_in(self, statements: tuple[Statement, ...], need: Need) -> Iterator[IamFact]:
        for fact in self._facts(need.on).items:
            arn = arns_of(self._account)[fact.address]
            near = [statement for statement in statements if _may_name(statement, arn)]
            if near:
                asked = self._request(need, arn, fact.address, undeclared=False)
                if any(not is_no(concerns(statement, asked)) for statement in near):
                    yield fact

    def _on_unknown(self, needs: tuple[Need, ...]) -> Iterator[Decision]:
        """Yield what is granted on names that mean nothing that was read."""
        inventory = self._facts(needs[0].on)
        for text in self._texts(needs):
            why = self._unread(text, needs[0], inventory)
            if why is None:
                continue
            one = sample(text.value)
            raises = why if needs[0].passed_to else self._gains.by_taking_unknown(needs, one, why)
            yield _if(self._all(needs, one), raises)

    def _unread(self, text: Known[Text], need: Need, inventory: Inventory[Any]) -> Unknown | None:
        """Say what is not known of something that a policy names; None where it was read, or is nothing of the kind."""
        foreign = self._is_foreign(text)
        if foreign and need.action != "sts:AssumeRole":
            return None
        if not foreign and self._account.source == LIVE and inventory.gap is None:
            return None
        match join(text, inventory):
            case Found():
                return None
            case Uncertain(gap, candidates) if candidates:
                return unanswered(gap)
            case _:
                return Unknown(Why.OUT_OF_SCOPE, text.at, f"what the {need.on} {text.value} can do")

    def _is_foreign(self, text: Known[Text]) -> bool:
        own, named = literal(self._account.account), _account_in(text)
        return own is not None and named.isdigit() and named != own

    def _is_any(self, text: Known[Text], on: str) -> bool:
        """Say whether a text names whatever is of this kind, which was asked about."""
        one = literal(Known(arbitrary(on, self._account.account, self._account.region), text.at))
        return isinstance(text.value, str) and (text.value == "*" or (one is not None and glob(text.value, one)))

    def _on_members(self, needs: tuple[Need, ...]) -> Iterator[Decision]:
        """Yield what the members of a group may do to themselves, if they are named by `${aws:username}`."""
        if isinstance(self._person.fact, Group) and needs[0].on == "user":
            own = arbitrary("user", self._account.account, self._account.region, f"user/{_CALLER}")
            yield _if(self._all(needs, own), Known(changes(needs), self._account.at))

    @cached_property
    def _gains(self) -> Gains:
        roles = {role.address: role for role in self._account.roles}
        return Gains(self._person, roles, self._assumes, self._reaches, lambda fact: _powerful(self._account, fact))

    def _assumes(self, resource: Text, address: str | None) -> Answer:
        need = Need("sts:AssumeRole", "role")
        role = None if address is None else self._gains.roles.get(address)
        arn = resource if role is None else arns_of(self._account)[role.address]
        return _answer(self._ask(need, arn, address), self._account)

    def _reaches(self) -> Answer:
        if self._node:
            return Known(False, self._account.at)
        return _answer(self._granted((Need(START, "node"),), by_role=False), self._account)

    def _facts(self, on: str) -> Inventory[Any]:
        inventory: Inventory[Any] = getattr(self._account, OF_IAM[on])
        return inventory

    def _statements(self, action: str) -> tuple[Statement, ...]:
        return tuple(each for each, _ in speaking(self._person.policies.identity.items, "Allow", action))

    def _texts(self, needs: tuple[Need, ...]) -> Iterator[Known[Text]]:
        """Yield the objects of this kind that statements about the actions name, each once."""
        named = (item for need in needs for each in self._statements(need.action) for item in members(each.resources))
        found = {str(item.value): item for item in named if isinstance(item, Known) and fits(needs[0].on, item.value)}
        # The caller's own user is asked about by name.
        yield from (item for text, item in found.items() if "${aws:username}" not in text)


def _account_in(arn: Known[Text]) -> str:
    return "".join((literal(arn) or "").split(":", 5)[4:5])


def _by_kind(power: Power) -> tuple[tuple[Need, ...], ...]:
    """Return what a power takes, sorted by what it takes it on: actions on one kind of object are on the same one."""
    kinds: dict[tuple[str, str], list[Need]] = {}
    for need in power.needs:
        kinds.setdefault((need.on, need.passed_to), []).append(need)
    return tuple(tuple(needs) for needs in kinds.values())


def _may_name(statement: Statement, arn: Text) -> bool:
    """Say no where a statement surely names other resources: most do."""
    if not isinstance(arn, str) or not isinstance(statement.not_resources, Absent):
        return True
    for item in members(statement.resources):
        if not isinstance(item, Known) or not isinstance(item.value, str) or "${" in item.value:
            return True
        if glob(item.value, arn):
            return True
    return False


def _if(decision: Decision, raises: Answer) -> Decision:
    """Return the decision as far as what it is about raises its holder."""
    if isinstance(decision, Denied) or is_no(raises):
        return _REFUSED
    return Undetermined(raises) if isinstance(raises, Unknown) else decision


def _answer(decision: Decision, account: Account) -> Answer:
    match decision:
        case Allowed(by):
            return Known(True, by.at)
        case Denied():
            return Known(False, account.at)
        case Undetermined(why):
            return unanswered(why)


def _is_powerful(account: Account, fact: PersonFact) -> Answer:
    """Say whether somebody can do everything, or give themselves the permissions to."""
    person = as_person(fact, account)
    everything = may(person, request(account, fact, "unnamed:Anything", "*"))
    asked = Raising(account, person)
    found = best((everything, *(asked.on_arbitrary(power) for power in powers_of(Use.ESCALATION))))
    return _answer(found, account)


_powerful: Memory[[Account, PersonFact], Answer] = Memory(_is_powerful, most=1_024)
"""Roles are passed by many."""
