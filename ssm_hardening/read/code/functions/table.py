"""The functions we evaluate, by name, and how a call finds one."""

from dataclasses import replace

from ssm_hardening.core.values import Datum, Unknown, Value, Why
from ssm_hardening.read.code.functions import calculation, encoding, filesystem, lists, maps, strings, types
from ssm_hardening.read.code.functions.arguments import Function, FunctionCall, NoAnswerError, gap_of, refuse
from ssm_hardening.read.code.functions.types import typed_identity
from ssm_hardening.read.code.values import Invalid, Values

_MAX_CANDIDATES = 8

TABLE: dict[str, Function] = {
    **calculation.FUNCTIONS,
    **encoding.FUNCTIONS,
    **filesystem.FUNCTIONS,
    **lists.FUNCTIONS,
    **maps.FUNCTIONS,
    **strings.FUNCTIONS,
    **types.FUNCTIONS,
}

# Another result at each call: known only after apply.
IMPURE = frozenset({"bcrypt", "plantimestamp", "timestamp", "uuid"})

# They take an erroneous argument.
LENIENT = frozenset({"can", "try"})

# They say more about an unknown argument than a list of candidates would.
STRUCTURAL = frozenset({"coalesce", "jsonencode", "merge", "try", "can", "yamlencode"})


def _plain(name: str) -> str:
    return name.removeprefix("core::")


def call_function(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the result, or Unknown; an argument that is an error makes the call one."""
    name = _plain(call.name)
    if name in IMPURE:
        return Unknown(Why.COMPUTED, call.at, call.text)
    function = TABLE.get(name)
    if function is None:
        return Unknown(Why.UNSUPPORTED, call.at, call.text)
    if name not in LENIENT:
        for arg in args:
            if isinstance(arg, Invalid):
                return arg
    result = _run(call, function, args)
    open_question = isinstance(result, Unknown) and not isinstance(result, Invalid) and not result.one_of
    if not open_question or name in STRUCTURAL:
        return result
    choice = _over_candidates(call, function, args)
    return result if choice is None else choice


def _run(call: FunctionCall, function: Function, args: Values) -> Value[Datum]:
    try:
        if len(args) < function.least or (function.most is not None and len(args) > function.most):
            refuse(call, "wrong number of arguments")
        return function.run(call, args)
    except NoAnswerError as stop:
        return stop.value
    except UnicodeEncodeError:
        return Unknown(Why.UNSUPPORTED, call.at, f"{call.text}: a part of a character")


def _over_candidates(call: FunctionCall, function: Function, args: Values) -> Value[Datum] | None:
    """Return the results for each candidate of the only argument that is not known."""
    unknown = [n for n, arg in enumerate(args) if isinstance(arg, Unknown)]
    if len(unknown) != 1:
        return None
    gap = args[unknown[0]]
    if not isinstance(gap, Unknown) or not 0 < len(gap.one_of) <= _MAX_CANDIDATES:
        return None
    rows = [[each if n == unknown[0] else arg for n, arg in enumerate(args)] for each in gap.one_of]
    results = [_run(call, function, row) for row in rows]
    return _choice(gap, [each for each in results if not isinstance(each, Invalid)])


def _choice(gap: Unknown, results: Values) -> Value[Datum] | None:
    """Return the results as candidates; where all are errors or one is unknown, there are none."""
    if not results or any(isinstance(each, Unknown) for each in results):
        return None
    distinct = {typed_identity(each): each for each in results}
    return replace(gap_of(gap), one_of=tuple(distinct.values()))
