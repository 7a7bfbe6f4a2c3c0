"""What the event selectors of a trail take together: each takes some management events, or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Known, Text, Value

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
