"""Questions over contexts: whether there is a request that its caller can make, and that the policies allow.

What a caller chooses (the tags of a request, the name of a session, from where to call) is tried, value by value: those
that the statements tell apart, and one that they do not name. What only AWS sets stays unknown (ADR 22).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Generic, TypeVar

from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import known_or, literal
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam import witnesses
from ssm_hardening.iam.analysis import speaking
from ssm_hardening.iam.chosen import Chosen, chosen
from ssm_hardening.iam.circumstances import holds, moment
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.matching import has_holes, pattern_of, variables_of
from ssm_hardening.iam.requests import MFA, Caller, Request
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members

D = TypeVar("D")

_MOST_EVALUATIONS = 1_000
_MOST_TOGETHER = 4
"""Of so many values of a key that holds several, every combination is tried."""


@dataclass(frozen=True, slots=True)
class OpenKey:
    """What a caller may make of one key, what is most usual first.

    `whole`: no other value is told apart from these. `kept`: an agent's requests always have the first of them.
    """

    key: str
    values: tuple[Value[Items], ...]
    whole: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What a statement says of requests: its conditions, and the keys that its texts take up."""

    conditions: tuple[Condition, ...]
    variables: frozenset[str]


def _read(statement: Statement) -> _Said:
    conditions = tuple(each for each in conditions_of(statement) if isinstance(each, Condition))
    lists = (statement.resources, statement.not_resources, *(each.values for each in conditions))
    texts = (known_or(item, None) for value in lists for item in members(value))
    found = [variables_of(each) for each in texts if isinstance(each, str | Reference | Template)]
    return _Said(conditions, frozenset().union(*found))


_said: Memory[[Statement], _Said] = Memory(_read, most=8_192)


def choices(request: Request, policies: Iterable[tuple[Statement, ...]]) -> tuple[OpenKey, ...]:
    """Return what the caller may choose of a request, among the keys that the policies speak of for its action."""
    said = _spoken(request, policies)
    conditions = [each for one in said for each in one.conditions]
    variables = frozenset().union(*(one.variables for one in said))
    found: list[OpenKey] = []
    keys = dict.fromkeys((*(each.key for each in conditions), *sorted(variables)))
    for key in keys:
        how = None if request.is_fixed(key) else chosen(key, request)
        if how is not None:
            about = [each for each in conditions if each.key == key]
            values, whole = _values(how, about, request, tuple(keys))
            found.append(OpenKey(key, values, whole and key not in variables, not how.free and not how.late))
    return tuple(found)


def _spoken(request: Request, policies: Iterable[tuple[Statement, ...]]) -> list[_Said]:
    return [
        _said(statement)
        for statements in policies
        for effect in ("Allow", "Deny")
        for statement, _ in speaking(statements, effect, request.action)
    ]


def told(request: Request, policies: Iterable[tuple[Statement, ...]]) -> frozenset[object] | None:
    """Return what the context of a request says that the policies may ask for; None where a text of theirs takes it up.

    Tags of its resource that no condition names make no difference.
    """
    said = _spoken(request, policies)
    if any(each.variables for each in said):
        return None
    named = {condition.key for each in said for condition in each.conditions}
    return frozenset(item for item in request.context.items() if item[0] in named or not _is_of_resource(item[0]))


def _is_of_resource(key: str) -> bool:
    return key.startswith(("aws:resourcetag/", "iam:resourcetag/"))


def alternatives(request: Request, policies: Iterable[tuple[Statement, ...]]) -> Iterator[tuple[Request, ...]]:
    """Yield the requests of which it is one, for each key with a few values of which it is not documented which holds.

    Only keys that the policies speak of make a difference.
    """
    found = request.alternatives()
    said = _spoken(request, policies) if found else []
    for key, values in found.items():
        if any(key in each.variables or any(one.key == key for one in each.conditions) for each in said):
            yield tuple(with_value(request, key, value) for value in values)


def _values(
    how: Chosen, conditions: Sequence[Condition], request: Request, keys: Sequence[str]
) -> tuple[tuple[Value[Items], ...], bool]:
    at = request.account.at
    usual = [_listed(at, text) for text in how.usual]
    absent: list[Value[Items]] = [Absent(at)] if how.may_lack else []
    if how.late:
        return (*_late(how, conditions, at), *absent), False
    if not how.free:
        few = _told_apart(usual, conditions, request) if len(usual) > _MOST_TOGETHER else usual
        return (*few, *absent), how.whole
    singles, whole = _singles(how, conditions, request, keys)
    if not how.several:
        return (*(_listed(at, each) for each in singles), *absent), whole
    sizes = range(1, len(singles) + 1) if len(singles) <= _MOST_TOGETHER else (1, 2, len(singles))
    sets = [_listed(at, *each) for size in sizes for each in combinations(singles, size)]
    return (*sets, *absent), whole and len(singles) <= _MOST_TOGETHER


def _listed(at: Origin, *texts: Text) -> Known[Items]:
    return Known(Items(tuple(Known(each, at) for each in texts)), at)


def _told_apart(
    values: Sequence[Value[Items]], conditions: Sequence[Condition], request: Request
) -> list[Value[Items]]:
    """Return one value for each set of answers of the conditions."""
    found: dict[tuple[bool | None, ...], Value[Items]] = {}
    for value in values:
        answers = (holds(each, with_value(request, each.key, value)) for each in conditions)
        found.setdefault(tuple(each.value if isinstance(each, Known) else None for each in answers), value)
    return list(found.values())


def _singles(
    how: Chosen, conditions: Sequence[Condition], request: Request, keys: Sequence[str]
) -> tuple[list[Text], bool]:
    """Return the values that conditions tell apart, and whether these are all."""
    compared: list[tuple[str, tuple[str, ...]]] = []
    written: list[Text] = []
    whole = True
    for condition in conditions:
        operator = condition.operator.removesuffix("ifexists").rpartition(":")[2].replace("not", "")
        flats: list[str] = []
        for item in members(condition.values) if operator != "null" else ():
            text = known_or(item, None)
            if not isinstance(text, str | Reference | Template):
                whole = False
                continue
            flat = pattern_of(text, request, wildcards=operator in witnesses.WIDE)
            if flat is not None and has_holes(flat):
                whole = False
                written += () if variables_of(text) else (text,)
            elif flat is not None:
                flats.append(flat)
        compared.append((operator, tuple(flats)))
    # A request that sets a tag names its key.
    tags = (each.partition("/")[2] for each in keys if how.beside and each.startswith(how.beside))
    texts, all_told = witnesses.values(tuple(compared), tuple(tags), how.fresh)
    return list(dict.fromkeys((*written, *texts))), whole and all_told


def _late(how: Chosen, conditions: Sequence[Condition], at: Origin) -> Iterator[Value[Items]]:
    """Yield a time after all that policies name: whoever waits has it, while nobody knows which times are over."""
    named = (literal(item) for each in conditions for item in members(each.values))
    seconds = [found for text in named if text is not None and (found := moment(text)) is not None]
    try:
        later = datetime.fromtimestamp(max(seconds, default=0), UTC) + timedelta(days=1)
    except (ValueError, OverflowError, OSError):
        return
    in_seconds = how.in_seconds
    yield _listed(at, str(int(later.timestamp())) if in_seconds else later.strftime("%Y-%m-%dT%H:%M:%SZ"))


def with_value(request: Request, key: str, value: Value[Items]) -> Request:
    """Return the request with a value under a key."""
    return replace(request, context={**request.context, key: value})


class Search(Generic[D]):
    """Looks for a request that is allowed; `rank` says of a decision: allowed (2), open (1), or denied (0)."""

    def __init__(self, evaluate: Callable[[Request], D], rank: Callable[[D], int]) -> None:
        self._evaluate = evaluate
        self._rank = rank
        self._left = _MOST_EVALUATIONS

    def cut_off(self, request: Request, open_: Sequence[OpenKey]) -> Unknown | None:
        """Say what is not known because there were more combinations than are tried."""
        detail = f"which of the many values of {listed([each.key for each in open_], 'and')} lead there"
        return Unknown(Why.UNSUPPORTED, request.account.at, detail) if self._left < 0 else None

    def best(self, request: Request, open_: Sequence[OpenKey], decision: D) -> D:
        """Return the first decision that allows it, one that is open where there is one, or that it is denied.

        `decision` is what holds of the request whatever its caller makes of the open keys.
        """
        if self._rank(decision) != 1 or not open_ or self._left < 0:
            return decision
        choice, *others = open_
        best: D | None = None
        for value in choice.values:
            made = with_value(request, choice.key, value)
            if not _may_be(made):
                continue
            self._left -= 1
            found = self.best(made, others, self._evaluate(made))
            if self._rank(found) == 2:  # noqa: PLR2004 - the highest rank
                return found
            best = found if best is None or self._rank(found) > self._rank(best) else best
        if best is None or not choice.whole:
            found = self.best(request, others, decision)
            best = found if best is None or self._rank(found) > self._rank(best) else best
        return best


_PATHS = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths")
_AGE, _TAG, _TAG_KEYS = "aws:multifactorauthage", "aws:requesttag/", "aws:tagkeys"


def _may_be(request: Request) -> bool:
    """Say whether values go together: of a sign-in, of the way a request takes, and of the tags that it sets."""
    context = request.context
    paths = {isinstance(context[key], Absent) for key in _PATHS if not isinstance(context.get(key), Unknown | None)}
    source = context.get("aws:sourceip")
    if len(paths) > 1 or (paths and not isinstance(source, Unknown | None) and isinstance(source, Absent) in paths):
        return False
    signed, age = context.get(MFA), context.get(_AGE)
    told = not isinstance(signed, Unknown | None) and not isinstance(age, Unknown | None)
    if told and isinstance(age, Absent) != (_texts_of(signed) != {"true"}):
        return False
    keys = context.get(_TAG_KEYS)
    if isinstance(keys, Unknown | None):
        return True
    named = {each.casefold() for each in _texts_of(keys)}
    tags = ((key, each) for key, each in context.items() if key.startswith(_TAG) and not isinstance(each, Unknown))
    return all((key.partition("/")[2] in named) != isinstance(each, Absent) for key, each in tags)


def _texts_of(value: Value[Items] | None) -> set[str]:
    return set() if value is None else {str(known_or(item, "")) for item in members(value)}


def at_once(request: Request, open_: Sequence[OpenKey]) -> Request | None:
    """Return the request with what is most usual under every key, which decides most questions; None if it cannot be.

    A node's request is the one of its agent, of which only little is known.
    """
    chosen_ = [each for each in open_ if each.values and (each.kept or request.caller is not Caller.NODE)]
    made = replace(request, context={**request.context, **{each.key: each.values[0] for each in chosen_}})
    return made if chosen_ and _may_be(made) else None


def needed(asked: Request, found: Request) -> Unknown | None:
    """Say what a node's request must hold to be allowed, which its agent need not send."""
    if found.caller is not Caller.NODE:
        return None
    keys = [key for key in found.context if key not in asked.context]
    return Unknown(Why.OUT_OF_SCOPE, asked.account.at, f"{listed(keys, 'and')} of the requests of nodes")
