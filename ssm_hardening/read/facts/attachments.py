"""Settings that resources of their own give to another one: a bucket's encryption, a key's policy or alias."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Fact
from ssm_hardening.model.joins import names
from ssm_hardening.read.embedded import json_document
from ssm_hardening.read.facts.arguments import argument_text, either, same
from ssm_hardening.read.facts.index import Index
from ssm_hardening.read.graph import Config, Resource

Reader: TypeAlias = Callable[[Config], Value[Any]]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A resource that says something of another one; `doubt` says why it may not, None where it does."""

    resource: Resource
    doubt: Unknown | None


@dataclass(frozen=True, slots=True)
class Attachments:
    """The resources of one type, by the object they are about."""

    index: Index[Resource]
    gap: Unknown | None

    def of(self, fact: Fact) -> Inventory[Attachment]:
        """Return what is, or may be, attached to an object."""
        found: list[Attachment] = []
        for value, resource in self.index.candidates(fact):
            answer = means(value, fact)
            if answer is not False:
                found.append(Attachment(resource, _existence(resource) if answer else _doubt(value, resource)))
        return Inventory(tuple(found), self.gap)


def attachments(resources: Inventory[Resource], argument: str) -> Attachments:
    """Sort resources by the object that their `argument` names; those that do not exist say nothing."""
    return attachments_by(resources, lambda each: (argument_text(each.config.get(argument), argument),))


def attachments_by(resources: Inventory[Resource], named: Callable[[Resource], Iterable[Value[Any]]]) -> Attachments:
    """Sort resources by the objects that `named` says they are about."""
    existing = (each for each in resources if not does_not_exist(each.exists))
    return Attachments(Index((value, each) for each in existing for value in named(each)), resources.gap)


def does_not_exist(exists: Value[bool]) -> bool:
    """Say whether an object is known not to exist."""
    match exists:
        case Known(flag):
            return not flag
        case Absent() | Unknown():
            return False


def means(value: Value[Any], fact: Fact) -> bool | None:
    """Say whether a value names an object; None where that cannot be told."""
    match value:
        case Absent():
            return False
        case Known():
            return names(value, fact)
        case Unknown(one_of=branches) if branches:
            answers = {means(branch, fact) for branch in branches}
            return answers.pop() if len(answers) == 1 else None
        case Unknown():
            return names(value, fact)


def _existence(resource: Resource) -> Unknown | None:
    return resource.exists if isinstance(resource.exists, Unknown) else None


def _doubt(value: Value[Any], resource: Resource) -> Unknown:
    match value:
        case Unknown() as gap:
            return gap
        case Known(name, at):
            return Unknown(Why.COMPUTED, at, f"whether {resource.address} means this one: {name}")
        case Absent(at):
            return Unknown(Why.COMPUTED, at, f"what {resource.address} is about")


def settled(found: Inventory[Attachment], read: Reader, *, inline: Value[Any], fallback: Value[Any]) -> Value[Any]:
    """Return what holds, of what is said inline and by attachments; `fallback` where nobody says anything."""
    said = [read(each.resource.config) for each in found if each.doubt is None]
    if not isinstance(inline, Absent):
        said.append(inline)
    if not said and found.gap is not None:
        return found.gap
    base = _agreed(said, found) if said else fallback
    return _with_doubts(base, [(each.doubt, read(each.resource.config)) for each in found if each.doubt is not None])


def _agreed(said: Sequence[Value[Any]], found: Inventory[Attachment]) -> Value[Any]:
    if all(same(said[0], other) for other in said[1:]):
        return said[0]
    who = " and ".join(each.resource.address for each in found if each.doubt is None)
    return Unknown(Why.UNSUPPORTED, said[0].at, f"{who} say different things", one_of=tuple(said))


def _with_doubts(base: Value[Any], doubts: Sequence[tuple[Unknown, Value[Any]]]) -> Value[Any]:
    if not doubts:
        return base
    return either(doubts[0][0], [base, *(value for _, value in doubts)])


def policy_statements(inline: Value[Any], found: Inventory[Attachment]) -> Inventory[Statement]:
    """Return the statements that hold; none but a gap where another policy may take their place.

    An object has one policy: the last one that is written replaces the others.
    """
    certain = [each.resource.config.get("policy") for each in found if each.doubt is None]
    said = [value for value in (inline, *certain) if not isinstance(value, Absent)]
    doubts = [each.doubt for each in found if each.doubt is not None]
    if doubts:
        return Inventory((), doubts[0])
    if len(said) > 1:
        return Inventory((), Unknown(Why.UNSUPPORTED, said[1].at, "two policies for one object"))
    if not said:
        return Inventory((), found.gap)
    return statements_of(json_document(said[0]), said[0].at)
