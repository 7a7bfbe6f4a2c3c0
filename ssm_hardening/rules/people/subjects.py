"""Who the rules over people are about, how far it was read what each may do, and the ways to more that they have."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ssm_hardening.access.fleet import session_with
from ssm_hardening.access.people import Person
from ssm_hardening.access.raising import Way
from ssm_hardening.access.unattached import is_unattached, nobody_has
from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import unanswered
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Unknown
from ssm_hardening.iam.decisions import Undetermined
from ssm_hardening.iam.examples import example_of
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.model import Account, Fact, Role, User
from ssm_hardening.model.identity import elsewhere
from ssm_hardening.rules.kit.checks import Check, Problem, too_much
from ssm_hardening.rules.registry import Standing
from ssm_hardening.verdicts.findings import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPerson(Fact):
    """Somebody whose rights are judged; `doubt` says why it may be nobody the rule is about.

    `standing` is set where only a part of the policies was read.
    """

    person: Person
    doubt: Unknown | None
    standing: Standing | None = None


def judged_person(person: Person, doubt: Unknown | None, *, starts: bool) -> JudgedPerson:
    """Return a person as a subject of rules; `starts` says whether their policies grant sessions."""
    fact = person.fact
    return JudgedPerson(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        person=person,
        doubt=None if doubt is None else unanswered(doubt),
        standing=_standing_of(person, starts=starts),
    )


def _standing_of(person: Person, *, starts: bool) -> Standing | None:
    if person.elsewhere is None:
        return None
    return (
        standing_of_holder(person.fact) if stands_for_holder(person) else standing_of_named(person.fact, matters=starts)
    )


def standing_of_holder(fact: Fact) -> Standing:
    """Return how far it holds what is found of a policy that is attached nowhere."""
    return Standing(nobody_has(fact), mark="(unattached)", milder=True)


def standing_of_named(fact: Fact, *, matters: bool) -> Standing:
    """Return how far it holds what is found of a principal that code only names."""
    unless = " (unless a policy or permissions boundary that is not in this code denies it)"
    return Standing(elsewhere(fact), matters=matters, unless=unless)


def stands_for_holder(person: Person) -> bool:
    """Say whether this is whoever gets a policy that is attached nowhere."""
    return isinstance(person.fact, Role) and is_unattached(person.fact)


def prefaced(fact: Fact) -> str:
    """Return what messages about a policy that is attached nowhere begin with."""
    if not (isinstance(fact, Role) and is_unattached(fact)):
        return ""
    where = "to nobody" if isinstance(fact.origin, ApiOrigin) else "nowhere here"
    return f"attached {where}; for anyone who gets it, "


def not_a_person(person: Person, *, starts: bool) -> Unknown | None:
    """Say why this may be nobody to check apart: a node's role, a service's, or a user with nothing of its own.

    Whose role it is that code only names, its trust policy says elsewhere: one that `starts` sessions is checked.
    """
    match person.fact:
        case Role() as role if person.elsewhere is not None and (starts or is_unattached(role)):
            return None
        case Role() as role:
            return role.kind if isinstance(role.kind, Unknown) else _for_services(role)
        case User(statements=Inventory((), gap)):
            return gap
        case _:
            return None


def _for_services(role: Role) -> Unknown | None:
    """Say why it cannot be told whether services alone may assume the role; None where people may."""
    if role.form == Known("permission-set", role.form.at):
        return None
    admitted = [each for statement in role.trust for each in principals_of(statement)]
    if any(isinstance(each, Principal) and each.kind != "Service" for each in admitted):
        return None
    gaps = (role.trust.gap, *admitted, role.form, role.name)
    return next((gap for gap in gaps if isinstance(gap, Unknown)), None)


def on_node_too(checks: Iterable[Check], person: Person, action: str, account: Account) -> Iterator[Check]:
    """Yield the checks, whose examples show an action with a document: on which node it is allowed, they show too."""
    for check in checks:
        if isinstance(check, Unknown) or check.example is None:
            yield check
            continue
        node = example_of(session_with(account, person, {}, action))
        also = (*check.example.also, *(() if node is None else (node,)))
        yield replace(check, example=replace(check.example, also=also))


_SHOWN = 3


def strongest(ways: Iterable[Way], problem: Callable[[Way, str], Problem]) -> Iterator[Check]:
    """Yield one problem for all that is granted, with the strongest ways in words, and what leaves others open.

    A way that takes all that another one takes, and more, is left out. `problem` gets the strongest way and the words.
    """
    found = tuple(ways)
    granted = [way for way in found if way.grants]
    enough = [set(way.power.needs) for way in granted]
    least = [way for way in granted if not any(each < set(way.power.needs) for each in enough)]
    for way in least[:1]:
        yield problem(way, _told(least))
    yield from dict.fromkeys(way.decision.why for way in found if isinstance(way.decision, Undetermined))


def raised(way: Way, text: str, severity: Severity | None = None) -> Problem:
    """Return the problem that somebody has a way to more, where the first of what it takes is granted."""
    first, *others = way.grants
    return too_much(replace(first, unless=way.grants[-1].unless, beside=tuple(others)), text, severity)


def _told(ways: list[Way]) -> str:
    """Return the strongest ways: `add users to groups (iam:AddUserToGroup), and 2 more`."""
    told = [f"{way.power.title} ({', '.join(way.power.actions)}{_means(way)})" for way in ways[:_SHOWN]]
    rest = len(ways) - len(told)
    return listed([*told, f"{rest} more"] if rest else told, "and")


def _means(way: Way) -> str:
    return f"; {way.by_means_of}" if way.by_means_of else ""
