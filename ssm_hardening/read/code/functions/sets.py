"""Functions on sets. Where members may be missing or equal, `rest` is set."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from ssm_hardening.core.values import Known, Value
from ssm_hardening.read.code.functions import types
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Call,
    Function,
    items_answer,
    listed,
    refuse,
    sequence,
    unsupported,
)
from ssm_hardening.read.code.values import SetItems

Args = Sequence[Value[Any]]


def set_product(call: Call, args: Args) -> Value[Any]:
    """Return all combinations of members."""
    lists = [sequence(call, arg) for arg in args]
    if math.prod(len(each) for each in lists) > MAX_ITEMS:
        unsupported(call, "too large")
    unified = [types.unify(call, each) for each in lists]
    product = items_answer(call, [items_answer(call, row) for row in itertools.product(*unified)])
    if isinstance(product, Known) and all(_is_set(arg) for arg in args):
        return Known(types.as_set(call, product.value.items), call.at)
    return product


def _is_set(value: Value[Any]) -> bool:
    return isinstance(value, Known) and isinstance(value.value, SetItems)


def set_union(call: Call, args: Args) -> Value[Any]:
    """Return the members of any set; those of unknown sets are missing."""
    sets = [listed(call, arg) for arg in args]
    rest = next((each.rest for each in sets if each.rest is not None), None)
    return Known(types.as_set(call, [item for each in sets for item in each.items], rest), call.at)


def _combined(keep: Callable[[bool, bool], bool]) -> Callable[[Call, Args], Value[Any]]:
    """Return a function that keeps members by whether they are in the first and in the second set."""

    def run(call: Call, args: Args) -> Value[Any]:
        result = sequence(call, args[0])
        for arg in args[1:]:
            other = sequence(call, arg)
            both = types.unify(call, (*result, *other))
            one, two = both[: len(result)], both[len(result) :]
            result = tuple(item for item in both if keep(_among(call, item, one), _among(call, item, two)))
        return Known(types.as_set(call, result), call.at)

    return run


def _among(call: Call, item: Value[Any], members: Sequence[Value[Any]]) -> bool:
    mark = types.marked(item)
    if types.is_fixed(item) and any(types.marked(other) == mark for other in members):
        return True
    return any(types.equal(call, item, other) for other in members)


def match_keys(call: Call, args: Args) -> Value[Any]:
    """Return the values whose keys are wanted."""
    values, keys, wanted = (sequence(call, arg) for arg in args)
    if len(values) != len(keys):
        refuse(call, "lists of different lengths")
    both = types.unify(call, (*keys, *wanted))
    keys, wanted = both[: len(keys)], both[len(keys) :]
    kept = [value for value, key in zip(values, keys, strict=True) if _among(call, key, wanted)]
    return items_answer(call, kept)


FUNCTIONS: dict[str, Function] = {
    "matchkeys": Function(match_keys, 3, 3),
    "setintersection": Function(_combined(lambda first, second: first and second), 1, None),
    "setproduct": Function(set_product, 2, None),
    "setsubtract": Function(_combined(lambda first, second: first and not second), 2, 2),
    "setunion": Function(set_union, 1, None),
}
