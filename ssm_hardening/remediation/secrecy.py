"""A plan without secrets: what files would carry on becomes a variable, what a diff would show is left to a person.

The plan is made from the values themselves, so that what it closes is right; nothing of them leaves it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ssm_hardening.core.redaction import Redactor
from ssm_hardening.hcl.writing import Encodable, Expression
from ssm_hardening.remediation.plan import (
    CONTEXT,
    AsJson,
    Edit,
    FromExpression,
    FromVariable,
    ManualStep,
    ModuleCall,
    ModuleInput,
    RemediationPlan,
    Stage,
    Variable,
    diff,
)

_WHY = (
    "a changed line, or one beside it, contains a secret or a sensitive value, and such lines are not written to a diff"
)


def withheld(plan: RemediationPlan, redactor: Redactor) -> RemediationPlan:
    """Return the plan with neither sensitive values nor secrets in what is printed or written."""
    redaction = _Redaction(redactor)
    stages = tuple(redaction.stage(stage) for stage in plan.stages)
    targets = tuple(each for each in plan.targets if each.rule not in redaction.left_open)
    kept = replace(plan, stages=stages, targets=targets, variables=(*plan.variables, *redaction.variables.values()))
    return redactor.hide(kept)


@dataclass(slots=True)
class _Redaction:
    redactor: Redactor
    variables: dict[str, Variable] = field(default_factory=dict)
    left_open: set[str] = field(default_factory=set)

    def stage(self, stage: Stage) -> Stage:
        """Return a stage whose modules read variables, and whose edits can be shown."""
        shown = [self._shown(edit) for edit in stage.edits]
        edits = tuple(each for each in shown if isinstance(each, Edit))
        steps = (each for each in shown if isinstance(each, ManualStep))
        modules = tuple(self._module(call) for call in stage.modules)
        return replace(stage, modules=modules, edits=edits, manual=(*stage.manual, *steps))

    def _shown(self, edit: Edit) -> Edit | ManualStep:
        for context in range(CONTEXT, 0, -1):
            text = edit.diff if context == edit.context else diff(edit.file, edit.before, edit.after, context)
            if not self.redactor.touches(text):
                return replace(edit, diff=text, context=context)
        self.left_open.update(edit.closes)
        what = f"edit {edit.file} for {', '.join(edit.closes)}"
        return ManualStep(what=what, why=_WHY, at=edit.file, closes=edit.closes)

    def _module(self, call: ModuleCall) -> ModuleCall:
        return replace(call, inputs={name: self._input(call.label, name, each) for name, each in call.inputs.items()})

    def _input(self, label: str, name: str, given: ModuleInput) -> ModuleInput:
        match given:
            case FromVariable() | FromExpression():
                return given
            case AsJson(data):
                return AsJson(self._value(data, f"{label}_{name}", f"{name} of module {label}"))
            case _:
                kept: Encodable = self._value(given, f"{label}_{name}", f"{name} of module {label}")
                return kept

    def _value(self, value: Any, name: str, told: str) -> Any:  # noqa: ANN401 - whatever HCL can hold
        match value:
            case str() if self.redactor.touches(value):
                return self._variable(value, name, told)
            case Mapping():
                return {key: self._value(each, f"{name}_{key}", f"{key} in {told}") for key, each in value.items()}
            case Sequence() if not isinstance(value, str):
                return [self._value(each, f"{name}_{n}", told) for n, each in enumerate(value)]
            case _:
                return value

    def _variable(self, value: str, name: str, told: str) -> Expression:
        name = re.sub(r"\W", "_", name)
        while name in self.variables:
            name += "_"  # two names may be alike once each letter that no variable has is replaced
        description = (
            f"Value of the {told}. The value read is sensitive or contains a secret, so it is not written to files."
        )
        self.variables[name] = Variable(name, "string", description, _sample(value), sensitive=True)
        return Expression(f"var.{name}")


def _sample(value: str) -> str:
    """Return a text of the same form: an ARN stays one, in its Region and account."""
    head, named = (value, "") if not value.startswith("arn:") else (":".join([*value.split(":")[:5], ""]), value)
    if not named:
        return "".join(_dummies(head))
    return head + "".join(_dummies(named[len(head) :]))


def _dummies(text: str) -> Iterator[str]:
    for letter in text:
        yield "0" if letter.isdecimal() else "a" if letter.isalpha() else letter
