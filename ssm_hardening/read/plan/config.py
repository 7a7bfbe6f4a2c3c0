"""The body of a resource, or of a block, as a plan tells it: the `Config` that facts are read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Unknown, Value, Why
from ssm_hardening.read.graph import Config
from ssm_hardening.read.plan.fitting import BY_ID, FILLED_BY_AWS, FITTING, SURELY_EMPTY, SURELY_TOLD
from ssm_hardening.read.plan.loading import PlannedObject, as_object
from ssm_hardening.read.plan.marks import Marked
from ssm_hardening.read.plan.meaning import Meaning
from ssm_hardening.read.plan.references import longest

_SHOWN = 3
_KNOWN_TO_PLANS = ("count.", "each.", "path.", "terraform.")


@dataclass(frozen=True, slots=True)
class PlanConfig:
    """A body with its marks. `written` is what the configuration says of it; None where that is not known.

    `shared` stands for what is written of each member where a block is given as an argument (`route = [{…}]`).
    """

    body: Marked
    written: Mapping[str, Any] | None
    shared: Mapping[str, Any] | None
    instance: PlannedObject
    meaning: Meaning
    at: CodeOrigin
    block: str = ""

    @property
    def is_top(self) -> bool:
        """Say whether this is the body of a whole resource."""
        return not self.block

    def get(self, name: str) -> Value[Datum]:
        """Return an argument: a reference where the configuration names an object, else the value the plan tells."""
        found = self.body.member(name)
        if self.is_top:
            if name == "region" and self.written is not None and name not in self.written:
                # The provider repeats its own Region there.
                return Absent(self.at)
            beside = self.meaning.beside(self.instance, name, found)
            if beside is not None or self._repeats_ids(name):
                return Absent(self.at) if beside is None or not beside.plain else self._value(beside)
        if self._is_unwritten(name) or self._is_left_out(found):
            return self._unwritten(found)
        value = self._value(found)
        expression = self.shared if self.written is None else self.written.get(name)
        value = value if self.written is None else _explained(value, expression)
        if isinstance(value, Unknown) and self.is_top and (self.instance.type, name) == ("aws_ssm_document", "content"):
            return self.meaning.content(value, expression, self.instance)
        return self.meaning.settled(
            value,
            self._name_of(name),
            expression=expression,
            plain=found.plain,
            instance=self.instance,
        )

    def _repeats_ids(self, name: str) -> bool:
        """Say whether an argument only repeats, by their names, the objects that another one names by their IDs."""
        ids = BY_ID.get((self.instance.type, name))
        if ids is None:
            return False
        if self.written is not None and ids in self.written:
            return name not in self.written
        match self._value(self.body.member(ids)):
            case Known(Items((_, *_) as members, None)):
                return not any(isinstance(each, Unknown) for each in members)
            case _:
                return False

    def _name_of(self, argument: str) -> str:
        within = f"{self.block}.{argument}"
        return within if within in FITTING else argument

    def _value(self, found: Marked) -> Value[Datum]:
        own = self.instance.address
        return found.value(self.at, lambda text: self.meaning.place(text, own))

    def _is_unwritten(self, name: str) -> bool:
        if self.shared is not None:
            return False
        return self.written is None or name not in self.written

    def _is_left_out(self, found: Marked) -> bool:
        """Say whether an object of an argument, whose members are written together, leaves this one out."""
        return self.shared is not None and found.plain in ("", []) and not found.is_unknown

    def _unwritten(self, found: Marked) -> Value[Datum]:
        """Return what nobody wrote: the provider's or AWS's choice, told where it is known."""
        if found.is_unknown and self.written is not None and self.instance.is_new:
            return Absent(self.at)
        value = self._value(found)
        match value:
            case Known("" | Items(())):
                return Absent(self.at)
            case Known(Record(members)) if not members:
                return Absent(self.at)
            case Known(0) if found.name.endswith(".days"):
                return Absent(self.at)
            case _:
                return value

    def blocks(self, block_type: str) -> Inventory[Config]:
        """Return the nested blocks of a type, those of `dynamic` blocks among them."""
        found = self.body.member(block_type)
        beside = self.meaning.beside(self.instance, block_type, found) if self.is_top else None
        if beside is not None:
            return Inventory(tuple(self._block(each, block_type, None) for each in beside.members()))
        if found.is_unknown:
            return self._no_blocks(found, block_type)
        if isinstance(found.plain, dict):
            return Inventory((self._block(found, block_type, self._written(block_type)),))
        members = found.members()
        whole = [each for each in members if each.is_unknown]
        gap = self._gap(whole[0]) if whole else None
        return Inventory(
            tuple(
                self._block(each, block_type, self._fitting(each, block_type, members))
                for each in members
                if each not in whole
            ),
            gap,
        )

    def _no_blocks(self, found: Marked, block_type: str) -> Inventory[Config]:
        gap = self._gap(found)
        if not self.is_top or not self.instance.is_new or self.written is None or block_type in self.written:
            return Inventory((), gap)
        which = (self.instance.type, block_type)
        if which in SURELY_EMPTY | SURELY_TOLD:
            return Inventory()
        if which not in FILLED_BY_AWS:
            return Inventory(
                (), Unknown(gap.why, gap.at, f"{found.name} is known after apply: a `dynamic` block sets it")
            )
        doubt = self.meaning.dynamics.doubt(self.instance)
        if doubt is None:
            return Inventory()
        detail = f"{found.name} is known after apply: a `dynamic` block may set it ({doubt})"
        return Inventory((), Unknown(gap.why, gap.at, detail))

    def _gap(self, found: Marked) -> Unknown:
        value = self._value(found)
        return value if isinstance(value, Unknown) else Unknown(Why.COMPUTED, self.at, found.name)

    def _written(self, block_type: str) -> object:
        return None if self.written is None else self.written.get(block_type)

    def _block(self, body: Marked, block_type: str, written: object) -> "PlanConfig":
        is_argument = isinstance(written, dict) and "references" in written
        return replace(
            self,
            body=body,
            written=written if isinstance(written, dict) and not is_argument else None,
            shared=written if isinstance(written, dict) and is_argument else None,
            block=block_type,
        )

    def _fitting(self, body: Marked, block_type: str, members: Sequence[Marked]) -> object:
        """Return what is written of one of several blocks: the only one that no constant of it contradicts."""
        written = self._written(block_type)
        if not isinstance(written, list):
            return written
        if len(written) != len(members):
            return None
        candidates = [each for each in written if isinstance(each, dict) and not _contradicts(each, body)]
        return candidates[0] if len(candidates) == 1 else None


def _explained(value: Value[Datum], expression: object) -> Value[Datum]:
    """Return the value; one that is not known says what it refers to, since a plan does not contain the expression."""
    found = as_object(expression).get("references")
    if not isinstance(value, Unknown) or value.why is not Why.COMPUTED or not isinstance(found, list):
        return value
    names = [each for each in longest([str(each) for each in found]) if not each.startswith(_KNOWN_TO_PLANS)]
    if not names:
        return value
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return replace(value, detail=f"{value.detail} (it refers to {shown})")


def _contradicts(written: Mapping[str, Any], body: Marked) -> bool:
    plain = body.plain if isinstance(body.plain, dict) else {}
    for name, expression in written.items():
        if isinstance(expression, dict) and "constant_value" in expression and name in plain:
            constant, told = expression["constant_value"], plain[name]
            if constant != told and str(constant) != str(told) and not isinstance(constant, list):
                return True
    return False
