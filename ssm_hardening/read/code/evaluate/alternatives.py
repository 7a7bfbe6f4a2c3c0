"""Values that are one of a few: the branches of conditionals that cannot be decided, carried through operations."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import Literal, TypeAlias

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.redaction import members_of
from ssm_hardening.core.values import Absent, Datum, Encoded, Items, Known, Record, Unknown, Value
from ssm_hardening.read.code.values import Invalid, SetItems, Values, same

Operation: TypeAlias = Callable[[Values], Value[Datum]]

MOST = 8
"""How many alternatives are carried; beyond, the value is simply unknown."""


def lift(function: Operation, args: Values) -> Value[Datum]:
    """Call the function for every combination of the arguments' alternatives, and combine the results.

    An alternative on which Terraform raises an error is dropped: a configuration that applies did not take it. What
    `try` needs to know of that is said by `may_fail`.
    """
    cause = next((arg for arg in args if isinstance(arg, Unknown) and arg.one_of), None)
    if cause is None:
        return function(args)
    choices = [arg.one_of if isinstance(arg, Unknown) and arg.one_of else (arg,) for arg in args]
    if may_be_too_many(args):
        return function([cause_alone(arg) if isinstance(arg, Unknown) and arg.one_of else arg for arg in args])
    return combine([function(combination) for combination in product(*choices)], cause)


def may_be_too_many(args: Values) -> bool:
    """Say whether the arguments may be more than are told apart."""
    return prod(len(arg.one_of) for arg in args if isinstance(arg, Unknown) and arg.one_of) > MOST


def combine(results: Values, cause: Unknown) -> Value[Datum]:
    """Return what all results agree on, or an unknown that lists them; `cause` is why they could not be decided."""
    flat = list(_flat(results))
    valid = [result for result in flat if not isinstance(result, Invalid)]
    if not valid:
        return flat[0]
    distinct: list[Value[Datum]] = []
    for result in valid:
        if not any(same(result, seen) for seen in distinct):
            distinct.append(result)
    if len(distinct) == 1:
        return distinct[0]
    merged = _merged(distinct, cause)
    if merged is not None:
        return merged
    decidable = len(distinct) <= MOST and any(not isinstance(result, Unknown) for result in distinct)
    return replace(cause_alone(cause), one_of=tuple(distinct) if decidable else ())


def cause_alone(cause: Unknown) -> Unknown:
    """Return why something is not known, without what it may be; what depends on an error is no error itself."""
    return Unknown(cause.why, cause.at, cause.detail)


def _flat(results: Values) -> Iterator[Value[Datum]]:
    for result in results:
        if isinstance(result, Unknown) and result.one_of:
            yield from _flat(result.one_of)
        else:
            yield result


def _merged(results: Values, cause: Unknown) -> Value[Datum] | None:
    """Merge results of one shape member by member, so that one open member leaves its siblings known."""
    contents = [result.value for result in results if isinstance(result, Known)]
    if len(contents) < len(results):
        return None
    at = next(result.at for result in results if isinstance(result, Known))
    match contents[0]:
        case Record():
            return _merged_records(contents, cause, at)
        case Items():
            return _merged_items(contents, cause, at)
        case Encoded(format=kind):
            return _merged_encoded(contents, kind, cause, at)
        case _:
            return None


def _merged_encoded(
    contents: Sequence[Datum], kind: Literal["json", "yaml"], cause: Unknown, at: Origin
) -> Value[Datum] | None:
    encoded = [content.value for content in contents if isinstance(content, Encoded) and content.format == kind]
    return Known(Encoded(kind, combine(encoded, cause)), at) if len(encoded) == len(contents) else None


def _merged_records(contents: Sequence[Datum], cause: Unknown, at: Origin) -> Value[Datum] | None:
    records = [content for content in contents if isinstance(content, Record) and content.rest is None]
    if len(records) < len(contents) or any(record.members.keys() != records[0].members.keys() for record in records):
        return None
    members = {key: combine([record.members[key] for record in records], cause) for key in records[0].members}
    return Known(Record(members), at)


def _merged_items(contents: Sequence[Datum], cause: Unknown, at: Origin) -> Value[Datum] | None:
    lists = [content for content in contents if isinstance(content, Items) and content.rest is None]
    if len(lists) < len(contents) or any(len(each.items) != len(lists[0].items) for each in lists):
        return None
    if any(isinstance(each, SetItems) != isinstance(lists[0], SetItems) for each in lists):
        return None
    columns = zip(*(each.items for each in lists), strict=True)
    return Known(replace(lists[0], items=tuple(combine(column, cause) for column in columns)), at)


HEAVIEST = 100_000
"""How many members, at all depths, a value may have."""


MOST_OPEN = 1_000
"""How many members, at all depths, the alternatives within a value may have.

Conditionals that cannot be decided double them at each level where their results differ in type.
"""


class Scales:
    """Weighs values, each container once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, int]] = {}
        self._open: dict[int, tuple[object, int]] = {}

    def is_too_heavy(self, value: Value[Datum]) -> bool:
        """Say whether the value has more members, or more of them in alternatives, than may be walked."""
        if isinstance(value, Known) and self._weight(value.value) > HEAVIEST:
            return True
        return self._in_alternatives(value, within=False) > MOST_OPEN

    def _in_alternatives(self, value: Value[Datum], *, within: bool) -> int:
        """Return how many members of the value stand in alternatives; `within` says that it is itself in one."""
        match value:
            case Unknown(one_of=choices):
                return self._weight_of(choices, choices, within=within, inside=True)
            case Known(content):
                return self._weight_of(content, members_of(content), within=within, inside=within)
            case Absent():
                return int(within)

    def _weight_of(self, held: object, parts: tuple[Value[Datum], ...], *, within: bool, inside: bool) -> int:
        if not parts:
            return int(within)
        key = 2 * id(held) + inside
        found = self._open.get(key)
        if found is None:
            # What was weighed is kept beside its weight, so that its id stays its own.
            weight = int(within) + sum(self._in_alternatives(part, within=inside) for part in parts)
            found = self._open[key] = (held, weight)
        return found[1]

    def _weight(self, content: object) -> int:
        match content:
            case Items(items=members):
                parts = members
            case Record(members=named):
                parts = tuple(named.values())
            case Encoded(value=inner):
                parts = (inner,)
            case _:
                return 1
        found = self._known.get(id(content))
        if found is None:
            # The content is kept beside its weight, so that its id stays its own.
            weight = 1 + sum(self._weight(part.value) if isinstance(part, Known) else 1 for part in parts)
            found = self._known[id(content)] = (content, weight)
        return found[1]
