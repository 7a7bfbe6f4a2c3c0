"""What else a person may do about nodes: change the preferences, run commands as root, reach other shells, gain rights.

What each of these takes stands in the table of powers (`iam.powers`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from ssm_hardening.access.answers import Granted, PersonAnswer, Topic, best, cell_of, links_of, together
from ssm_hardening.access.fleet import Fleet, targets
from ssm_hardening.access.people import Person
from ssm_hardening.access.raising import Raising
from ssm_hardening.access.recording import RUN_AS_TAG
from ssm_hardening.access.requests import listed, may, on_document, on_unknown_document, request
from ssm_hardening.core.values import Items, Known, Reference, Text, Value
from ssm_hardening.iam.decisions import Decision, Denied, Request, own_arn
from ssm_hardening.iam.powers import Holder, Need, Power, Use, arbitrary, least, powers_of, scripts
from ssm_hardening.iam.requests import joined
from ssm_hardening.model import PREFERENCES_NAME, Account, Role, User

_SEND = "ssm:SendCommand"
_NODES = ("node", "hybrid-node")


def power_cells(fleet: Fleet, person: Person) -> tuple[PersonAnswer, ...]:
    """Return what a person may do beside sessions, one cell for each question."""
    granted = partial(_granted, fleet, person)
    commands = (power for power in powers_of(Use.COMMANDS, raises=Holder.PEOPLE) if _SEND not in power.actions)
    return (
        cell_of(Topic.PREFERENCES, granted(powers_of(Use.PREFERENCES, raises=Holder.PEOPLE))),
        cell_of(Topic.COMMANDS, (*_send_command(fleet, person), *granted(commands))),
        cell_of(Topic.SHELLS, granted(least(powers_of(Use.SHELLS, raises=Holder.PEOPLE)))),
        cell_of(Topic.ESCALATION, (*_raising(fleet.account, person), *granted(powers_of(Use.TAGS)))),
    )


def _raising(account: Account, person: Person) -> Iterator[Granted]:
    """Yield what raises a person, as OPER-07 has it; of two ways of which one takes less, that one."""
    ways = Raising(account, person).ways(powers_of(Use.ESCALATION, raises=Holder.PEOPLE))
    found = {way.power: way for way in ways}
    for power in least(found):
        way = found[power]
        yield Granted(power.title, way.decision, links_of(*(way.grants or (way.decision,))), grants=way.grants)


def _granted(fleet: Fleet, person: Person, powers: Iterable[Power]) -> Iterator[Granted]:
    for power in powers:
        decisions = [_needed(fleet, person, need) for need in power.needs]
        yield Granted(power.title, together(decisions), links_of(*decisions), grants=tuple(decisions))


def _send_command(fleet: Fleet, person: Person) -> Iterator[Granted]:
    """Yield commands on nodes: the document must be granted, and a node."""
    account = fleet.account
    nodes = [each for each in targets(fleet, person, _SEND) if not isinstance(each.decision, Denied)]
    asked = [(name, on_document(account, person.fact, _SEND, name, owned=False)) for name in scripts()]
    for name, script in (*asked, ("documents in the account", on_unknown_document(account, person.fact, _SEND))):
        with_document = may(person, script) if nodes else Denied(None, "no node")
        for target in nodes:
            decision = together((target.decision, with_document))
            links = links_of(target.decision, with_document)
            yield Granted("run commands as root", decision, links, on=target.title, using=name)


def _needed(fleet: Fleet, person: Person, need: Need) -> Decision:
    if need.on in _NODES:
        return best(each.decision for each in targets(fleet, person, need.action))
    return best(may(person, asked) for asked in _requests(fleet.account, person, need))


def _requests(account: Account, person: Person, need: Need) -> Iterator[Request]:
    """Yield the requests of which one is enough."""
    who = person.fact
    if need.on == "preferences":
        address = _preferences_address(account)
        yield replace(on_document(account, who, need.action, PREFERENCES_NAME), address=address)
    elif need.on == "document":
        yield on_unknown_document(account, who, need.action)
        yield from (on_document(account, who, need.action, name, owned=False) for name in scripts())
    else:
        resource = arbitrary(need.on, account.account, account.region)
        for asked in (
            request(account, who, need.action, resource, undeclared=True),
            *_of_itself(account, person, need),
        ):
            yield _with_circumstances(asked, need)


def _preferences_address(account: Account) -> str | None:
    names = ((each.name, each.address) for each in account.session_documents.items)
    return next((at for name, at in names if isinstance(name, Known) and name.value == PREFERENCES_NAME), None)


def _of_itself(account: Account, person: Person, need: Need) -> Iterator[Request]:
    """Ask about the person's own user or role, where the action is about such."""
    fact = person.fact
    if isinstance(fact, Role | User) and type(fact).__name__.lower() == need.on:
        arn: Text = fact.address
        if not fact.address.startswith("arn:"):
            name = fact.name.value if isinstance(fact.name, Known) else "any-name"
            tail = (
                joined(f"{need.on}/", name) if isinstance(name, str | Reference) else joined(f"{need.on}/", *name.parts)
            )
            arn = own_arn("iam", tail, account.account, account.region, regional=False)
        yield request(account, fact, need.action, arn, address=fact.address)


def _with_circumstances(asked: Request, need: Need) -> Request:
    """Return the request with the service to which a role is passed, or with the tag that names the OS user."""
    at = asked.account.at
    keys: dict[str, Value[Items]] = {}
    if need.passed_to:
        keys = {"iam:passedtoservice": listed(at, need.passed_to)}
    elif "Tag" in need.action:
        keys = {"aws:tagkeys": listed(at, RUN_AS_TAG), f"aws:requesttag/{RUN_AS_TAG.casefold()}": listed(at, "root")}
    return replace(asked, context={**asked.context, **keys})
