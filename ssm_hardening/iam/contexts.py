"""Questions over contexts: whether there is a request that its caller can make, and that the policies allow.

What a caller chooses (the tags of a request, the name of a session, from where to call) is tried, value by value: those
that the statements tell apart, and one that they do not name. What only AWS sets stays unknown (ADR 22).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Generic, TypeVar

from ssm_hardening.core.logic import known_or, literal
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam import witnesses
from ssm_hardening.iam.analysis import speaking
from ssm_hardening.iam.chosen import Chosen, chosen
from ssm_hardening.iam.circumstances import holds, moment
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.matching import LITERAL_MARK, LITERAL_STAR, has_holes, pattern_of, variables_of
from ssm_hardening.iam.requests import Caller, Request
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members

D = TypeVar("D")

_MOST_EVALUATIONS = 1_000
_MOST_TOGETHER = 4
"""Of so many values of a key that holds several, every combination is tried."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a caller may make of one key; `whole`: no other value is told apart from these."""

    key: str
    values: tuple[Value[Items], ...]
    whole: bool


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


def choices(request: Request, policies: Iterable[tuple[Statement, ...]]) -> tuple[Choice, ...]:
    """Return what the caller may choose of a request, among the keys that the policies speak of for its action."""
    said = [
        _said(statement)
        for statements in policies
        for effect in ("Allow", "Deny")
        for statement, _ in speaking(statements, effect, request.action)
    ]
    conditions = [each for one in said for each in one.conditions]
    variables = frozenset().union(*(one.variables for one in said))
    found: list[Choice] = []
    keys = dict.fromkeys((*(each.key for each in conditions), *sorted(variables)))
    for key in keys:
        how = None if request.is_fixed(key) else chosen(key, request)
        if how is not None:
            about = [each for each in conditions if each.key == key]
            values, whole = _values(how, about, request, tuple(keys))
            found.append(Choice(key, values, whole and key not in variables))
    return tuple(found)


def _values(
    how: Chosen, conditions: Sequence[Condition], request: Request, keys: Sequence[str]
) -> tuple[tuple[Value[Items], ...], bool]:
    at = request.account.at
    usual = [_listed(at, text) for text in how.usual]
    absent: list[Value[Items]] = [Absent(at)] if how.may_lack else []
    if how.late:
        return (*_late(how, conditions, at), *absent), False
    if not how.free:
        few = _told_apart([*usual, *absent], conditions, request) if len(usual) > _MOST_TOGETHER else [*usual, *absent]
        return tuple(few), how.whole
    named, whole = _named(conditions, request)
    texts = (
        _texts([*named.of_texts, *_tag_keys(how, keys)], how.fresh)
        if named.of_texts or not named.others
        else ((), True)
    )
    singles: list[Text] = list(dict.fromkeys((*named.as_written, *named.others, *texts[0], how.fresh)))
    whole = whole and texts[1]
    if not how.several:
        given = [_listed(at, each) for each in singles]
        return (*_told_apart([*usual, *given], conditions, request), *absent), whole
    sizes = range(1, len(singles) + 1) if len(singles) <= _MOST_TOGETHER else (1, 2, len(singles))
    sets = [_listed(at, *each) for size in sizes for each in combinations(singles, size)]
    return (*sets, *absent), whole and len(singles) <= _MOST_TOGETHER


def _listed(at: Origin, *texts: Text) -> Known[Items]:
    return Known(Items(tuple(Known(each, at) for each in texts)), at)


def _told_apart(
    values: Sequence[Value[Items]], conditions: Sequence[Condition], request: Request
) -> list[Value[Items]]:
    """Return one value for each set of answers of the conditions."""
    if not conditions:
        return list(values[:1])
    found: dict[tuple[bool | None, ...], Value[Items]] = {}
    for value in values:
        made = with_value(request, conditions[0].key, value)
        answers = (holds(each, made) for each in conditions)
        found.setdefault(tuple(each.value if isinstance(each, Known) else None for each in answers), value)
    return list(found.values())


def _tag_keys(how: Chosen, keys: Sequence[str]) -> list[witnesses.Pattern]:
    """Return the tags that other conditions speak of: a request that sets a tag names its key."""
    return (
        [witnesses.Pattern(each.partition("/")[2]) for each in keys if each.startswith(how.beside)]
        if how.beside
        else []
    )


def _texts(patterns: Sequence[witnesses.Pattern], fresh: str) -> tuple[tuple[str, ...], bool]:
    found, whole = witnesses.texts(tuple(dict.fromkeys(patterns)))
    kept = found[:-1] if _is_unlike(fresh, patterns) else found
    return kept, whole


def _is_unlike(text: str, patterns: Sequence[witnesses.Pattern]) -> bool:
    """Say whether no pattern matches the text, so that it stands for whatever nobody named."""
    return not any(witnesses.matches(each, text) for each in patterns)


@dataclass(frozen=True, slots=True)
class _Named:
    """What conditions compare a key with: texts and patterns, texts that are not known by the letter, and the rest."""

    of_texts: list[witnesses.Pattern]
    as_written: list[Text]
    others: list[str]


def _named(conditions: Sequence[Condition], request: Request) -> tuple[_Named, bool]:
    """Return the values that conditions name, and whether all of these are known."""
    found, whole = _Named([], [], []), True
    for condition in conditions:
        operator = condition.operator.removesuffix("ifexists").rpartition(":")[2].replace("not", "")
        if operator == "null":
            continue
        for item in members(condition.values):
            text = known_or(item, None)
            if not isinstance(text, str | Reference | Template):
                whole = False
                continue
            whole = _add(found, operator, text, request) and whole
    return found, whole


def _add(found: _Named, operator: str, text: Text, request: Request) -> bool:
    """Add what a condition names, and say whether that is all that can be told apart by it."""
    wildcards = operator in {"stringlike", "arnlike", "arnequals"}
    flat = pattern_of(text, request, wildcards=wildcards)
    if flat is None:
        return True
    if has_holes(flat):
        if not variables_of(text):
            found.as_written.append(text)
        return False
    plain = flat.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")
    if operator.startswith("numeric"):
        given, whole = witnesses.numbers([plain])
    elif operator == "ipaddress":
        given, whole = witnesses.addresses([plain])
    elif operator.startswith(("string", "arn", "bool")):
        any_case = operator in {"stringequalsignorecase", "bool"}
        found.of_texts.append(witnesses.Pattern(flat, wildcards, operator.startswith("arn"), any_case))
        return True
    else:
        given, whole = (plain,), False
    found.others.extend(given)
    return whole


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

    @property
    def is_cut_off(self) -> bool:
        """Whether there were more combinations than are tried."""
        return self._left < 0

    def best(self, request: Request, open_: Sequence[Choice], decision: D) -> D:
        """Return the first decision that allows it, one that is open where there is one, or that it is denied.

        `decision` is what holds of the request whatever its caller makes of the open keys.
        """
        if self._rank(decision) != 1 or not open_ or self.is_cut_off:
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
_MFA, _AGE, _TAG, _TAG_KEYS = "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:requesttag/", "aws:tagkeys"


def _may_be(request: Request) -> bool:
    """Say whether values go together: of a sign-in, of the way a request takes, and of the tags that it sets."""
    context = request.context
    paths = {isinstance(context[key], Absent) for key in _PATHS if not isinstance(context.get(key), Unknown | None)}
    source = context.get("aws:sourceip")
    if len(paths) > 1 or (paths and not isinstance(source, Unknown | None) and isinstance(source, Absent) in paths):
        return False
    signed, age = context.get(_MFA), context.get(_AGE)
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


def needed(asked: Request, found: Request) -> Unknown | None:
    """Say what a node's request must hold to be allowed, beyond what its agent sends: None where that is enough."""
    if found.caller is not Caller.NODE:
        return None
    for key, value in found.context.items():
        how = None if key in asked.context else chosen(key, asked)
        if how is not None and not (isinstance(value, Known) and how.usual and _texts_of(value) == {how.usual[0]}):
            return Unknown(Why.OUT_OF_SCOPE, asked.account.at, f"{key} of the requests of nodes")
    return None
