"""The access view of one account: people and what their policies grant them, and the roles of its nodes."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

from ssm_hardening.access.answers import ALL_NODES, Link, PersonAnswer, Told, Topic, links_of, softened
from ssm_hardening.access.assuming import may_assume, may_go_on
from ssm_hardening.access.fleet import Fleet, fleet_of
from ssm_hardening.access.guardrails import apart, bound_only_by, limits_anything
from ssm_hardening.access.node_roles import Carried, NodeRole, carried, node_roles, nodes_without_role
from ssm_hardening.access.people import Person, is_for_services, people
from ssm_hardening.access.powers import power_cells
from ssm_hardening.access.requests import START
from ssm_hardening.access.sessions import Starter, session_cells, starters
from ssm_hardening.access.unattached import holders, is_unattached
from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import is_yes, known_or
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Unknown
from ssm_hardening.iam.analysis import may_allow
from ssm_hardening.iam.decisions import Allowed, Decision, Denied, Undetermined
from ssm_hardening.model import LIVE, Account, Role
from ssm_hardening.model.scope import by_account, in_use, with_whole_iam

_CONTROL_POLICIES = ("service control policies", "resource control policies")
_SESSION_POLICIES = "session policies"
"""What may still forbid what policies grant, and is read from nowhere."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Roles that somebody may assume one after the other, and what the last of them is granted.

    `barred`: the last step asks for MFA, which a session of a role does not hold. `why` says what is not known of it.
    """

    roles: tuple[str, ...]
    reaches: tuple[Topic, ...]
    links: tuple[Link, ...]
    barred: bool = False
    why: Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A person and one cell for each question. `doubt` says why this may not be a person, or not exist.

    `chains` are the ways to more by way of roles.
    """

    title: str
    address: str
    at: Origin
    cells: tuple[PersonAnswer, ...]
    doubt: Unknown | None = None
    chains: tuple[Chain, ...] = ()

    @property
    def rank(self) -> tuple[int, bool, int, str]:
        """What rows are sorted by: the most that is granted first, on the most nodes, then what is not known."""
        told = [each.told for each in self.cells]
        everywhere = any(each.short == ALL_NODES for each in self.cells)
        return (-told.count(Told.YES), not everywhere, -told.count(Told.UNDECIDED), self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessView:
    """Who can do what in one account and Region.

    `rows` are the worst first; `idle` counts people whose policies grant nothing that was asked. `gap` says why there
    may be more people, `nodes_gap` why there may be more nodes. `unattached` are the policies that nobody has, and that
    would grant some of this to whoever gets them. `history` says who did start sessions, in a live account.
    """

    account: str
    region: str
    root: str
    source: str
    rows: tuple[Row, ...]
    idle: int
    gap: Unknown | None
    nodes: int
    nodes_gap: Unknown | None
    roles: tuple[NodeRole, ...]
    carried: tuple[Carried, ...]
    without_role: tuple[str, ...]
    unattached: tuple[Row, ...] = ()
    not_read: tuple[str, ...] = (*_CONTROL_POLICIES, _SESSION_POLICIES)
    history: tuple[Starter, ...] = ()
    history_gap: Unknown | None = None

    def denials_in_words(self) -> Iterator[tuple[str, tuple[Topic, ...], str]]:
        """Yield whom control policies deny what all other policies grant, what, and by which."""
        for row in self.rows:
            for by in dict.fromkeys(each.denied_by for each in row.cells if each.denied_by):
                asked = tuple(each.asked for each in row.cells if each.denied_by == by)
                yield row.title, asked, listed(list(by), "and")

    def history_in_words(self) -> Iterator[tuple[Told, str]]:
        """Yield who started sessions, and those whose policies, as they were read, do not say so, or may."""
        if self.history:
            people = _listed([f"{each.who} ({each.sessions})" for each in self.history])
            yield Told.YES, f"started sessions in the last 30 days: {people}"
        for told in (Told.NO, Told.UNDECIDED):
            found = [each for each in self.history if each.granted is told]
            if not found:
                continue
            names = _listed([each.who for each in found])
            if told is Told.NO:
                why = "their permissions have changed since, or come from policies that were not read"
                yield told, f"no policy that was read lets {names} start sessions: {why}"
            else:
                detail = "" if found[0].why is None else f": {found[0].why.detail}"
                yield told, f"? whether policies let {names} start sessions{detail}"


_MOST_NAMED = 6


def _listed(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return listed([*names[:_MOST_NAMED], f"{rest} more"] if rest > 0 else names, "and")


def access_views(accounts: Iterable[Account]) -> list[AccessView]:
    """Return a view for each Region that an AWS account uses, each with all people of the account."""
    return [access_view(each) for pictures in by_account(accounts) for each in in_use(with_whole_iam(pictures))]


def access_view(account: Account) -> AccessView:
    """Return the access view of an account: every person decided by their own policies."""
    found = people(account)
    fleet = fleet_of(account)
    rows = _with_chains(account, _with_denials(account, [(each, _row(fleet, each)) for each in found]))
    shown = _granted_something(rows)
    unattached = _granted_something([_row(fleet, each) for each in holders(account)])
    roles = node_roles(account)
    return AccessView(
        account=str(known_or(account.account, "unknown")),
        region=str(known_or(account.region, "unknown")),
        root=account.root,
        source=account.source,
        rows=tuple(sorted(shown, key=lambda row: row.rank)),
        idle=sum(row not in shown and each.elsewhere is None for row, each in zip(rows, found, strict=True)),
        gap=found.gap,
        nodes=len(account.instances),
        nodes_gap=account.instances.gap,
        roles=roles,
        carried=carried(roles),
        without_role=nodes_without_role(account),
        unattached=tuple(sorted(unattached, key=lambda row: row.rank)),
        history=starters(fleet),
        history_gap=account.sessions.gap if account.source == LIVE else None,
        not_read=not_read(account),
    )


def not_read(account: Account) -> tuple[str, ...]:
    """Return what may still forbid what policies grant."""
    if account.guardrails.gap is None:
        return (_SESSION_POLICIES,)
    others = "other " if account.guardrails.items else ""
    return (*(f"{others}{each}" for each in _CONTROL_POLICIES), _SESSION_POLICIES)


def _granted_something(rows: Iterable[Row]) -> list[Row]:
    return [each for each in rows if each.chains or any(_is_more_than_no(cell) for cell in each.cells)]


def _is_more_than_no(cell: PersonAnswer) -> bool:
    return cell.told is not Told.NO or bool(cell.denied_by)


def _with_denials(account: Account, found: list[tuple[Person, Row]]) -> list[tuple[Person, Row]]:
    """Return the rows with the control policies named that deny what all other policies grant."""
    if not limits_anything(account):
        return found
    free = _cells_under(bound_only_by(account), {person.address for person, _ in found})
    turned = {
        row.address: {each.asked for each in row.cells if each.told is Told.NO and free[row.address][each.asked]}
        for _, row in found
    }
    asked = {address for address, topics in turned.items() if topics}
    alone = {title: _cells_under(bound_only_by(account, each), asked) for title, each in apart(account).items()}

    def named(row: Row, cell: PersonAnswer) -> PersonAnswer:
        if cell.asked not in turned[row.address]:
            return cell
        by = tuple(title for title, granted in alone.items() if not granted[row.address][cell.asked])
        return replace(cell, denied_by=by or ("several control policies together",))

    return [(person, replace(row, cells=tuple(named(row, each) for each in row.cells))) for person, row in found]


def _cells_under(account: Account, addresses: AbstractSet[str]) -> dict[str, dict[Topic, bool]]:
    """Return what the policies of these people grant."""
    fleet, found = fleet_of(account), people(account)
    rows = [_row(fleet, each) for each in found if each.address in addresses]
    return {row.address: {cell.asked: cell.told is Told.YES for cell in row.cells} for row in rows}


_Step: TypeAlias = tuple[Person, Person, Decision]


def _with_chains(account: Account, found: list[tuple[Person, Row]]) -> list[Row]:
    """Return the rows with the chains of each person, at most two roles long: to roles that are granted something."""
    people_, powers = [each for each, _ in found], {person.address: _reaches(row) for person, row in found}
    last = [each for each in people_ if _can_be_assumed(each) and powers[each.address]]
    to_last = [step for each in last for step in _steps(account, people_, each)]
    between = {who.address: who for who, _, _ in to_last if _can_be_assumed(who)}
    before = [step for each in between.values() for step in _steps(account, people_, each)]
    chains: dict[str, list[Chain]] = {}
    for who, role, decision in to_last:
        chains.setdefault(who.address, []).append(_chain(account, (decision,), (who, role), powers[role.address]))
        for first, via, step in before:
            if via.address == who.address and first.address != role.address:
                two = _chain(account, (step, decision), (first, via, role), powers[role.address])
                chains.setdefault(first.address, []).append(two)
    return [
        replace(row, chains=tuple(each for each in _best_ways(chains.get(person.address, [])) if _is_more(each, row)))
        for person, row in found
    ]


def _best_ways(chains: list[Chain]) -> Iterator[Chain]:
    """Yield the best chains to each role: one that is barred, or that takes a detour, says no more than another."""
    best = {each.roles[-1]: _effort(each) for each in sorted(chains, key=_effort, reverse=True)}
    yield from (each for each in chains if _effort(each) == best[each.roles[-1]])


def _effort(chain: Chain) -> tuple[bool, bool, int]:
    return chain.barred, chain.why is not None, len(chain.roles)


def _is_more(chain: Chain, row: Row) -> bool:
    """Say whether a chain leads to more than somebody has anyway who may start sessions on every node."""
    everywhere = any(cell.asked is Topic.NODES and cell.short == ALL_NODES for cell in row.cells)
    return not everywhere or not set(chain.reaches) <= set(_reaches(row))


def _reaches(row: Row) -> tuple[Topic, ...]:
    return tuple(cell.asked for cell in row.cells if cell.told is Told.YES)


def _can_be_assumed(person: Person) -> bool:
    return isinstance(person.fact, Role) and person.elsewhere is None


def _steps(account: Account, found: list[Person], role: Person) -> Iterator[_Step]:
    """Yield who may assume a role, if it is certain, or would be with MFA."""
    if not isinstance(role.fact, Role):
        return
    for person in found:
        if person.address != role.address and person.elsewhere is None:
            decision = may_assume(person, role.fact, account)
            if isinstance(decision, Allowed):
                yield person, role, decision


def _chain(account: Account, steps: tuple[Decision, ...], way: tuple[Person, ...], reaches: tuple[Topic, ...]) -> Chain:
    going = [may_go_on(who, to.fact, account) for who, to in pairwise(way) if isinstance(to.fact, Role)]
    why = next((each.why for each in going if isinstance(each, Undetermined)), None)
    barred = any(isinstance(each, Denied) for each in going)
    return Chain(tuple(each.title for each in way[1:]), reaches, links_of(*steps), barred, why)


def _row(fleet: Fleet, person: Person) -> Row:
    doubt = _doubt(person)
    cells = (*session_cells(fleet, person), *power_cells(fleet, person))
    return Row(
        title=person.title,
        address=person.address,
        at=person.fact.origin,
        cells=tuple(softened(cell, doubt) for cell in cells),
        doubt=doubt,
    )


def _doubt(person: Person) -> Unknown | None:
    """Say why this may be nobody who calls AWS as a person."""
    fact = person.fact
    if isinstance(fact.exists, Unknown):
        return fact.exists
    if not isinstance(fact, Role) or is_unattached(fact):
        return None
    if person.elsewhere is not None and is_yes(may_allow(fact.statements, START, fact.origin)):
        return None  # Whose role it is that code only names, it does not say; who starts sessions with it are people.
    if isinstance(fact.kind, Unknown):
        return fact.kind
    named = bool(fact.trust.items) and not is_for_services(replace(fact, trust=Inventory(fact.trust.items)))
    return None if named else fact.trust.gap


def row_cell(row: Row, asked: Topic) -> PersonAnswer:
    """Return the cell of one question."""
    return next(each for each in row.cells if each.asked is asked)
