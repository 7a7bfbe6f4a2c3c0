"""What settings select, whichever source spells them: the events that a trail takes, and when session logs expire."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ssm_hardening.core.logic import is_no
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Datum, Known, Text, Unknown, Value, Why
from ssm_hardening.read.converting import either

SSM = "ssm.amazonaws.com"
"""The source of the events of Systems Manager."""

KINDS = ("All", "ReadOnly", "WriteOnly")
OF_READ_ONLY = {frozenset({"true"}): "ReadOnly", frozenset({"false"}): "WriteOnly"}
"""What a selector takes whose field readOnly equals these texts."""

UNDERSTOOD = frozenset({"eventCategory", "readOnly", "eventSource"})
"""The fields that advanced selectors are understood by; another one leaves out what cannot be told."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one selector takes of the management events (`All`, `None` …), and whether it leaves out SSM's."""

    kind: Value[Text]
    excluded: Value[bool]


def together(taken: Sequence[Taken], at: Origin) -> tuple[Value[Text], Value[bool]]:
    """Return which management events are taken, and whether those of Systems Manager are left out."""
    return _union([each.kind for each in taken], at), _excluded(taken, at)


def _union(kinds: Sequence[Value[Text]], at: Origin) -> Value[Text]:
    known = {kind.value: kind for kind in kinds if isinstance(kind, Known)}
    if "All" in known:
        return known["All"]
    if "ReadOnly" in known and "WriteOnly" in known:
        return Known("All", at)
    unsure = [kind for kind in kinds if not isinstance(kind, Known)]
    return next(iter((*unsure, *(known[kind] for kind in KINDS if kind in known))), Known("None", at))


def _excluded(taken: Sequence[Taken], at: Origin) -> Value[bool]:
    """Say whether every selector that takes management events leaves out those of Systems Manager."""
    takers = [each for each in taken if not (isinstance(each.kind, Known) and each.kind.value == "None")]
    kept = [each.excluded for each in takers if isinstance(each.excluded, Known) and not each.excluded.value]
    unsure = [each.excluded for each in takers if not isinstance(each.excluded, Known)]
    return next(iter((*kept, *unsure)), Known(bool(takers), at))


Prefixes: TypeAlias = Sequence[Value[Text]]
"""The key prefixes of the documents that write into a bucket; Absent where one writes to the bucket's root."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """After how many days a rule deletes; `doubt` says why it may not reach session logs."""

    days: Value[int]
    doubt: Unknown | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryRule:
    """A lifecycle rule as it is written. `narrower` says what but the prefix may keep it from session logs.

    `noncurrent` is after how many days it deletes noncurrent versions, `newest` how many of them it keeps.
    """

    enabled: Value[bool]
    days: Value[int]
    date: Value[Datum]
    noncurrent: Value[int]
    newest: Value[int]
    prefix: Value[Text]
    narrower: Unknown | None


def shortest(expiries: Iterable[Expiry | None], none: Absent) -> Value[int]:
    """Return the shortest expiry that reaches session logs, `none` where none does."""
    reaching = [each for each in expiries if each is not None]
    found = _least([each.days for each in reaching if each.doubt is None], none)
    for each in reaching:
        if each.doubt is not None:
            found = either(each.doubt, (found, _least([each.days], found)))
    return found


def _least(values: Iterable[Value[int]], least: Value[int]) -> Value[int]:
    """Return the smallest number; an unknown one may be smaller than all others."""
    for value in values:
        match value, least:
            case Unknown(), _:
                return value
            case Known(days), Known(shorter) if days >= shorter:
                pass
            case Known(), Known() | Absent():
                least = value
            case _:
                pass
    return least


def noncurrent_expiry(rule: ExpiryRule, prefixes: Prefixes) -> Expiry | None:
    """Return when a rule deletes versions of session logs that were overwritten or deleted; None where it does not.

    A rule that keeps the newest versions deletes a recording only if it is overwritten often enough.
    """
    days, nothing = rule.noncurrent, Absent(rule.noncurrent.at)
    if isinstance(rule.newest, Absent):
        return expiry(replace(rule, days=days, date=nothing), prefixes)
    kept = Unknown(Why.UNSUPPORTED, rule.newest.at, "a rule that keeps the newest noncurrent versions")
    narrower = kept if rule.narrower is None else rule.narrower
    counted = kept if isinstance(days, Absent) else days
    return expiry(replace(rule, days=counted, date=nothing, narrower=narrower), prefixes)


def expiry(rule: ExpiryRule, prefixes: Prefixes) -> Expiry | None:
    """Return when a rule deletes session logs; None where it does not, or is about other keys."""
    days = _days(rule)
    if isinstance(days, Absent):
        return None
    reached = _reaches(rule.prefix, prefixes)
    if reached is False:
        return None
    doubt = rule.narrower
    if reached is None and doubt is None:
        doubt = Unknown(Why.UNSUPPORTED, rule.prefix.at, "whether the rule's prefix reaches session logs")
    if isinstance(rule.enabled, Absent) or is_no(rule.enabled):
        return None
    return Expiry(days, rule.enabled if isinstance(rule.enabled, Unknown) else doubt)


def _days(rule: ExpiryRule) -> Value[int]:
    if isinstance(rule.days, Unknown) or (isinstance(rule.days, Known) and rule.days.value != 0):
        return rule.days
    if isinstance(rule.date, Absent):
        return Absent(rule.days.at)
    return Unknown(Why.UNSUPPORTED, rule.date.at, "an expiration date")


def _reaches(prefix: Value[Text], prefixes: Prefixes) -> bool | None:
    """Say whether a rule for keys with this prefix is about session logs; None where that cannot be told."""
    if isinstance(prefix, Absent):
        return True
    answers = {_covers(prefix, folder) for folder in prefixes}
    if answers == {False}:
        return False
    return True if True in answers else None


def _covers(prefix: Value[Text], folder: Value[Text]) -> bool | None:
    """Compare with the keys `<folder>/<session id>.log`; session ids have no slash."""
    match prefix, folder:
        case Known(str() as wanted), Known(str() as written):
            return _covers_keys(wanted, written.strip("/") + "/")
        case Known(str() as wanted), Absent():
            return _covers_keys(wanted, "")
        case Known(wanted), Known(written) if wanted == written:
            return True
        case _:
            return None


def _covers_keys(wanted: str, start: str) -> bool | None:
    if start.startswith(wanted):
        return True
    return None if wanted.startswith(start) and "/" not in wanted[len(start) :] else False
