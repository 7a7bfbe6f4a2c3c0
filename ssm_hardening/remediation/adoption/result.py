"""What the live account adds to a remediation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from re import sub

from ssm_hardening.model import LogGroup
from ssm_hardening.remediation.adoption import buckets, documents, groups
from ssm_hardening.remediation.adoption.adopted import Adopted
from ssm_hardening.remediation.changes import Part, Phase
from ssm_hardening.remediation.plan import ManualStep, ModuleCall, ModuleInput, StandsFor, Target, Variable
from ssm_hardening.remediation.wiring import label

_NOTES = {
    buckets.MODULE: "Takes over the bucket as it is: every statement, rule and tag is kept; nothing of ours deletes.",
    groups.MODULE: "Takes over the log group as it is: its retention is never shortened.",
    documents.MODULE: "Takes over the document: what is not named as a gap stays as it is.",
}
_PHASES = {buckets.MODULE: Phase.STORES, groups.MODULE: Phase.STORES, documents.MODULE: Phase.PREFERENCES}


@dataclass(slots=True)
class Adoption:
    """Calls and imports of what exists, and what else the account's findings ask for.

    `needs` are the new parts with the rules that ask for them; `given` are names of stores that exist and are not taken
    over, by the output that would stand for them (`log_bucket.bucket_name`). `served` are groups that the logs key is
    to serve, `settings` the keys of content that change, `rules` what is changed in stores.
    """

    calls: list[Adopted] = field(default_factory=list)
    needs: dict[Part, set[str]] = field(default_factory=dict)
    given: dict[str, ModuleInput] = field(default_factory=dict)
    served: list[LogGroup] = field(default_factory=list)
    settings: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    variables: dict[str, Variable] = field(default_factory=dict)
    steps: list[tuple[Phase, ManualStep]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    stands_for: list[StandsFor] = field(default_factory=list)

    def step(self, phase: Phase, *, what: str, why: str, at: object, rules: tuple[str, ...]) -> None:
        """Add a step for a person."""
        self.steps.append((phase, ManualStep(what=what, why=why, at=str(at), closes=rules)))

    def phased(self) -> list[tuple[Phase, Adopted]]:
        """Return the adoptions with the phase of each."""
        return [(_PHASES[each.module], each) for each in self.calls]


def call_of(adopted: Adopted) -> ModuleCall:
    """Return the module call of an adoption."""
    return ModuleCall(
        label=adopted.label,
        module=adopted.module,
        inputs=adopted.inputs,
        closes=adopted.closes,
        note=_NOTES[adopted.module],
        depends_on=adopted.depends_on,
    )


def further_label(base: str, name: str, taken: Mapping[str, object], *, into: bool) -> str:
    """Return a label for one more call of a module, named after the object, that nobody has taken."""
    slug = sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "other"
    wanted = label(f"{base}_{slug}", into=into)
    number = 2
    found = wanted
    while found in taken:
        found, number = f"{wanted}_{number}", number + 1
    return found
