"""What arguments of an object repeat of the resources that describe it, and what is left: attached or opened by hand.

The provider fills such arguments with what AWS tells of the object. What its own resources say counts there; whatever
else stands in the argument is nobody's resource, stays through an apply, and counts too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Items, Known, Reference
from ssm_hardening.read.graph import Config
from ssm_hardening.read.plan.fitting import APART, EXCLUSIVE, MEMBER_NAMES, RULES
from ssm_hardening.read.plan.loading import Plan, PlannedObject
from ssm_hardening.read.plan.marks import Marked

_NAMES = ("id", "name", "bucket", "arn")
_EVERY_PROTOCOL = ("-1", "all")
_SOURCES = {
    "cidr_blocks": "cidr_ipv4",
    "ipv6_cidr_blocks": "cidr_ipv6",
    "prefix_list_ids": "prefix_list_id",
    "security_groups": "referenced_security_group_id",
}
"""The sources of a rule by the argument of a group's block, with that of a rule's own resource."""


class Companions:
    """The resources of a plan that describe other objects of it."""

    def __init__(self, plan: Plan, config_of: Callable[[PlannedObject], Config]) -> None:
        self._plan = plan
        self._config_of = config_of
        self._described: dict[tuple[str, str], Mapping[str, tuple[PlannedObject, ...]]] = {}
        self._names: dict[str, set[str]] | None = None

    def left(self, instance: PlannedObject, name: str, found: Marked) -> Marked | None:
        """Return what an argument says beside the resources that describe the object; None where none of them does."""
        which = (instance.type, name)
        sources = APART.get(which, ())
        about = [each for source in sources for each in self._about(instance, source)]
        by_member = which in MEMBER_NAMES or which in RULES
        if not about or not (by_member or any(each.exists for each in about)):
            return None
        if not by_member or any(
            each.exists for source in EXCLUSIVE.get(which, ()) for each in self._about(instance, source)
        ):
            return _of(found, ())
        if which in RULES:
            told = {rule for each in about for rule in _rules_of(each, name, instance)}
            return _of(found, _rules_beside(found, told))
        argument = MEMBER_NAMES[which]
        texts = {values.get(argument) for each in about for values in (each.values, each.former)}
        return _of(found, [each for each in found.members() if _name(each.plain, argument) not in texts])

    def _about(self, instance: PlannedObject, source: tuple[str, str]) -> tuple[PlannedObject, ...]:
        """Return the resources of a type that describe the object by an argument of theirs."""
        if source not in self._described:
            type_, argument = source
            by_address: dict[str, list[PlannedObject]] = {}
            for each in self._plan.instances.values():
                for address in self._named(each, argument) if each.type == type_ else ():
                    by_address.setdefault(address, []).append(each)
            self._described[source] = {address: tuple(found) for address, found in by_address.items()}
        return self._described[source].get(instance.address, ())

    def _named(self, instance: PlannedObject, argument: str) -> set[str]:
        match known_or(self._config_of(instance).get(argument), None):
            case Reference(address=address):
                return {address}
            case str() as text:
                return self._called(text)
            case Items(members):
                values = (each.value for each in members if isinstance(each, Known))
                texts = [self._called(each) for each in values if isinstance(each, str)]
                named = {each.address for each in values if isinstance(each, Reference)}
                return named.union(*texts)
            case _:
                return set()

    def _called(self, text: str) -> set[str]:
        if self._names is None:
            self._names = {}
            for each in self._plan.instances.values():
                for name in _NAMES if each.mode == "managed" else ():
                    called = each.values.get(name)
                    if isinstance(called, str):
                        self._names.setdefault(called, set()).add(each.address)
        return self._names.get(text, set())


def _of(found: Marked, members: Iterable[Marked]) -> Marked:
    """Return a list of members, with their marks."""
    kept = tuple(members)
    plain, unknown, sensitive = ([getattr(each, mark) for each in kept] for mark in ("plain", "unknown", "sensitive"))
    return Marked(plain, unknown, sensitive, found.name)


def _name(member: object, argument: str) -> object:
    return member.get(argument) if isinstance(member, dict) else member


_Rule = tuple[object, ...]


def _rule(protocol: object, values: Mapping[str, Any], kind: str, source: object) -> _Rule:
    if str(protocol) in _EVERY_PROTOCOL:
        return ("-1", kind, source)
    return (str(protocol), values.get("from_port"), values.get("to_port"), kind, source)


def _rules_of(resource: PlannedObject, direction: str, group: PlannedObject) -> Iterator[_Rule]:
    """Yield each source that a resource of a rule opens the group to, or a rule that the plan changes opened it to."""
    for values in (resource.values, resource.former):
        if values.get("type", direction) != direction:
            continue
        protocol = values.get("protocol", values.get("ip_protocol"))
        for kind, single in _SOURCES.items():
            several = values.get(kind)
            named = [*(several if isinstance(several, list) else ()), values.get(single)]
            named += [values.get("source_security_group_id")] if kind == "security_groups" else []
            for each in named:
                own = kind == "security_groups" and each is not None and each == group.values.get("id")
                if each is not None:
                    yield _rule(protocol, values, "self" if own else kind, True if own else each)
        if values.get("self") is True:
            yield _rule(protocol, values, "self", True)


def _rules_beside(found: Marked, told: set[_Rule]) -> Iterator[Marked]:
    """Yield the rules of a group without the sources that resources of rules tell; none where nothing is left of it."""
    for each in found.members():
        values = each.plain
        if not isinstance(values, dict):
            yield each
            continue
        protocol = values.get("protocol")
        listed = ((kind, values.get(kind)) for kind in _SOURCES)
        rest: dict[str, object] = {
            kind: [source for source in sources if _rule(protocol, values, kind, source) not in told]
            for kind, sources in listed
            if isinstance(sources, list)
        }
        rest["self"] = values.get("self") is True and _rule(protocol, values, "self", True) not in told
        if any(rest.values()):
            yield Marked({**values, **rest}, each.unknown, each.sensitive, each.name)
