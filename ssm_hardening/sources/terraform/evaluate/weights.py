"""How large a value is, counted as if nothing in it were shared: what walking it would cost."""

from typing import Any

from ssm_hardening.redaction import members_of
from ssm_hardening.sources.terraform.encoded import Encoded
from ssm_hardening.values import Absent, Items, Known, Record, Unknown, Value

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

    def is_too_heavy(self, value: Value[Any]) -> bool:
        """Say whether the value has more members, or more of them in alternatives, than may be walked."""
        if isinstance(value, Known) and self._weight(value.value) > HEAVIEST:
            return True
        return self._in_alternatives(value, within=False) > MOST_OPEN

    def _in_alternatives(self, value: Value[Any], *, within: bool) -> int:
        """Return how many members of the value stand in alternatives; `within` says that it is itself in one."""
        match value:
            case Unknown(one_of=choices):
                return self._weight_of(choices, choices, within=within, inside=True)
            case Known(content):
                return self._weight_of(content, members_of(content), within=within, inside=within)
            case Absent():
                return int(within)

    def _weight_of(self, held: object, parts: tuple[Value[Any], ...], *, within: bool, inside: bool) -> int:
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
