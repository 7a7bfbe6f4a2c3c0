"""How large a value is, counted as if nothing in it were shared: what walking it would cost."""

from typing import Any

from ssm_hardening.sources.terraform.encoded import Encoded
from ssm_hardening.values import Items, Known, Record, Value

HEAVIEST = 100_000
"""How many members, at all depths, a value may have."""


class Scales:
    """Weighs values, each container once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, int]] = {}

    def is_too_heavy(self, value: Value[Any]) -> bool:
        """Say whether the value has more members than may be walked."""
        return isinstance(value, Known) and self._weight(value.value) > HEAVIEST

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
