"""What several resources say of one object: settings, policies and members, of its own and of resources apart.

What cannot be told of one of them leaves the whole open.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Fact
from ssm_hardening.read.converting import either, json_document, same
from ssm_hardening.read.facts.arguments import text_in
from ssm_hardening.read.facts.index import NameIndex, does_not_exist, means
from ssm_hardening.read.graph import Config, Resource, gap_about

T = TypeVar("T")

Reader: TypeAlias = Callable[[Config], Value[T]]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A resource that says something of another one; `doubt` says why it may not, None where it does."""

    resource: Resource
    doubt: Unknown | None


@dataclass(frozen=True, slots=True)
class Attachments:
    """The resources of one type, by the object they are about."""

    index: NameIndex[Resource]
    resources: Inventory[Resource]

    def of(self, fact: Fact) -> Inventory[Attachment]:
        """Return what is, or may be, attached to an object."""
        found: list[Attachment] = []
        for value, resource in self.index.candidates(fact):
            answer = means(value, fact)
            if answer is not False:
                found.append(Attachment(resource, _existence(resource) if answer else _doubt(value, resource)))
        return Inventory(tuple(found), gap_about(self.resources, fact))


def attachments(resources: Inventory[Resource], argument: str) -> Attachments:
    """Sort resources by the object that their `argument` names; those that do not exist say nothing."""
    return attachments_by(resources, lambda each: (text_in(each.config, argument),))


def attachments_by(resources: Inventory[Resource], named: Callable[[Resource], Iterable[Value[Text]]]) -> Attachments:
    """Sort resources by the objects that `named` says they are about."""
    existing = (each for each in resources if not does_not_exist(each.exists))
    return Attachments(NameIndex((value, each) for each in existing for value in named(each)), resources)


def _existence(resource: Resource) -> Unknown | None:
    return resource.exists if isinstance(resource.exists, Unknown) else None


def _doubt(value: Value[Text], resource: Resource) -> Unknown:
    if isinstance(value, Unknown):
        # What it may name is no value of what it says.
        return replace(value, one_of=())
    named = f": {value.value}" if isinstance(value, Known) else ""
    return Unknown(Why.COMPUTED, value.at, f"whether {resource.address} refers to this object{named}")


def certain(found: Inventory[Attachment]) -> tuple[Config, ...]:
    """Return the bodies of those resources that are certainly about the object."""
    return tuple(each.resource.config for each in found if each.doubt is None)


def doubt_in(found: Inventory[Attachment]) -> Unknown | None:
    """Return why one of these resources may not be about the object, or why there may be more of them."""
    return next((each.doubt for each in found if each.doubt is not None), found.gap)


def settled(found: Inventory[Attachment], read: Reader[T], *, inline: Value[T], fallback: Value[T]) -> Value[T]:
    """Return what holds, of what is said inline and by attachments; `fallback` where nobody says anything."""
    said = [read(each) for each in certain(found)]
    if not isinstance(inline, Absent):
        said.append(inline)
    if not said and found.gap is not None:
        return found.gap
    base = _agreed(said, found) if said else fallback
    return _with_doubts(base, [(each.doubt, read(each.resource.config)) for each in found if each.doubt is not None])


def _agreed(said: Sequence[Value[T]], found: Inventory[Attachment]) -> Value[T]:
    if all(same(said[0], other) for other in said[1:]):
        return said[0]
    who = " and ".join(each.resource.address for each in found if each.doubt is None)
    return Unknown(Why.UNSUPPORTED, said[0].at, f"{who} have different values", one_of=tuple(said))


def _with_doubts(base: Value[T], doubts: Sequence[tuple[Unknown, Value[T]]]) -> Value[T]:
    if not doubts:
        return base
    return either(doubts[0][0], [base, *(value for _, value in doubts)])


def policy(config: Config, argument: str = "policy") -> Inventory[Statement]:
    """Return the statements of the policy that an argument holds."""
    written = config.get(argument)
    return statements_of(json_document(written), written.at)


def policy_statements(inline: Value[Datum], found: Inventory[Attachment]) -> Inventory[Statement]:
    """Return the statements that hold; none but a gap where another policy may take their place.

    An object has one policy: the last one that is written replaces the others.
    """
    written = (inline, *(each.get("policy") for each in certain(found)))
    said = [value for value in written if not isinstance(value, Absent)]
    doubts = [each.doubt for each in found if each.doubt is not None]
    if doubts:
        return Inventory((), doubts[0])
    if len(said) > 1:
        return Inventory((), Unknown(Why.UNSUPPORTED, said[1].at, "more than one policy for the same object"))
    if not said:
        return Inventory((), found.gap)
    return statements_of(json_document(said[0]), said[0].at)


def gathered(parts: Iterable[Value[Datum]], at: Origin, *, gap: Unknown | None = None) -> Value[Items]:
    """Return the members of several lists, and single texts, as one list without doubles.

    Where nothing is known but that there may be something, the whole is not known.
    """
    found: list[Value[Datum]] = []
    rest = gap
    for part in parts:
        match part:
            case Known(Items(members, more)):
                found += [member for member in members if not _is_among(member, found)]
                rest = more if rest is None else rest
            case Known():
                found += [] if _is_among(part, found) else [part]
            case Unknown():
                rest = part if rest is None else rest
            case Absent():
                pass
    if not found and rest is not None:
        return replace(rest, one_of=())
    return Known(Items(tuple(found), rest), at)


def _is_among(member: Value[Datum], found: list[Value[Datum]]) -> bool:
    return any(same(member, other) or member == other for other in found)


def said(found: Inventory[Attachment], read: Reader[T]) -> Iterator[Value[T]]:
    """Yield what attachments say; a gap for one that may be about another object, or may not exist."""
    for each in found:
        yield read(each.resource.config) if each.doubt is None else each.doubt
    if found.gap is not None:
        yield found.gap


def joined(parts: Iterable[Inventory[T]], *, gap: Unknown | None = None) -> Inventory[T]:
    """Return several inventories as one, open where one of them is."""
    listed = tuple(parts)
    gaps = (gap, *(part.gap for part in listed))
    return Inventory(
        tuple(item for part in listed for item in part), next((each for each in gaps if each is not None), None)
    )
