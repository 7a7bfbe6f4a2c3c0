"""The one type that Terraform finds for the results of a conditional, and for the members of a list or map."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from ssm_hardening.sources.terraform.encoded import Encoded
from ssm_hardening.sources.terraform.evaluate.alternatives import lift
from ssm_hardening.sources.terraform.json_text import names_a_string
from ssm_hardening.sources.terraform.texts import scalar_text
from ssm_hardening.sources.terraform.unordered import SetItems
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value, Why

Values: TypeAlias = Sequence[Value[Any]]


def alike(value: Value[Any], other: Value[Any], *, with_tuple: bool) -> Value[Any]:
    """Return the value as it comes out of a conditional whose other result is `other`.

    `cond ? 1 : "a"` is a text in either case, and `cond ? {a = true, b = "x"} : {}` a map of texts. A set and a tuple
    (`with_tuple`: one of both is written as `[…]`) make a set, a set and a list a list.
    """
    return lift(lambda args: _set_or_list(_beside(args[0], (args[1],)), args[1], with_tuple=with_tuple), (value, other))


def _set_or_list(value: Value[Any], other: Value[Any], *, with_tuple: bool) -> Value[Any]:
    match value, other:
        case Known(Items(items, rest), at), Known(Items() as beside) if isinstance(value.value, SetItems) != isinstance(
            beside, SetItems
        ):
            as_set = Known(_as_set(items, rest), at)
            as_list = Known(Items(items, rest), at)
            return as_set if with_tuple else Unknown(Why.COMPUTED, at, "whether this is a set", (as_list, as_set))
        case _:
            return value


def common(members: Values) -> tuple[Value[Any], ...]:
    """Return the members of a list or map with the one type that all have."""
    return tuple(
        _beside(member, [*members[:n], *members[n + 1 :]]) if may_be_retyped(member) else member
        for n, member in enumerate(members)
    )


def may_be_retyped(value: Value[Any]) -> bool:
    """Say whether the value may become another one: all but texts may."""
    match value:
        case Known(str() | Reference() | Template() | Encoded()) | Absent():
            return False
        case Known():
            return True
        case Unknown(one_of=choices):
            return any(may_be_retyped(choice) for choice in choices)


def _beside(value: Value[Any], others: Values) -> Value[Any]:
    match value:
        case Known(bool() | int() | float() as content, at):
            return _scalar(value, Known(scalar_text(content), at), others)
        case Known(Items() as items, at):
            return Known(_items(items, others), at)
        case Known(Record() as record, at):
            return Known(_record(record, others), at)
        case Unknown(one_of=choices) if choices:
            return replace(value, one_of=tuple(_beside(choice, others) for choice in choices))
        case _:
            return value


def _scalar(value: Known[Any], text: Known[Any], others: Values) -> Value[Any]:
    if any(_is_text(other) for other in others):
        return text
    for other in others:
        match other:
            case Unknown(one_of=()):
                return replace(other, one_of=(value, text))
            case Unknown() if any(_is_text(choice) for choice in other.one_of):
                return text
            case Known(Reference() as reference) if not names_a_string(reference):
                return Unknown(Why.COMPUTED, value.at, str(reference), (value, text))
            case _:
                continue
    return value


def _is_text(value: Value[Any]) -> bool:
    match value:
        case Known(str() | Template() | Encoded()):
            return True
        case Known(Reference() as reference):
            return names_a_string(reference)
        case _:
            return False


def _items(items: Items, others: Values) -> Items:
    lists = [other.value for other in others if isinstance(other, Known) and isinstance(other.value, Items)]
    gaps = [other for other in others if isinstance(other, Unknown)]
    if not gaps and lists and all(_same_length(items, each) for each in lists):
        columns = [[each.items[n] for each in lists] for n in range(len(items.items))]
        made = tuple(_beside(item, column) for item, column in zip(items.items, columns, strict=True))
    else:
        more = [*(member for each in lists for member in _all(each.items, each.rest)), *gaps]
        pool = [*items.items, *more] if lists else more
        made = tuple(_beside(item, pool) for item in items.items)
    return replace(items, items=made)


def _as_set(members: Values, rest: Unknown | None) -> SetItems:
    """Return the members in a set's order where they are texts; others may be equal to one another."""
    if not members:
        return SetItems((), rest)
    texts = {item.value: item for item in members if isinstance(item, Known) and isinstance(item.value, str)}
    if all(isinstance(item, Known) and isinstance(item.value, str) for item in members):
        return SetItems(tuple(texts[text] for text in sorted(texts)), rest)
    open_ = next((item for item in members if isinstance(item, Unknown)), None)
    return SetItems(tuple(members), _first_gap(rest, open_, members[0]))


def _first_gap(rest: Unknown | None, member: Unknown | None, first: Value[Any]) -> Unknown:
    for gap in (rest, member):
        if gap is not None:
            return replace(gap, one_of=())
    return Unknown(Why.UNSUPPORTED, first.at, "which members of a set are equal")


def _same_length(one: Items, other: Items) -> bool:
    return one.rest is None and other.rest is None and len(one.items) == len(other.items)


def _all(members: Values, rest: Unknown | None) -> list[Value[Any]]:
    return [*members] if rest is None else [*members, rest]


def _record(record: Record, others: Values) -> Record:
    records = [other.value for other in others if isinstance(other, Known) and isinstance(other.value, Record)]
    gaps = [other for other in others if isinstance(other, Unknown)]
    if not gaps and all(_same_keys(record, each) for each in records):
        return replace(
            record,
            members={
                key: _beside(member, [each.members[key] for each in records]) for key, member in record.members.items()
            },
        )
    more = [*(member for each in records for member in _all(tuple(each.members.values()), each.rest)), *gaps]
    pool = [*record.members.values(), *more] if records else more
    return replace(record, members={key: _beside(member, pool) for key, member in record.members.items()})


def _same_keys(one: Record, other: Record) -> bool:
    return one.rest is None and other.rest is None and one.members.keys() == other.members.keys()
