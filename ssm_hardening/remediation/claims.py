"""What a remediation says that it closes: what its targets hold, which are audited again by name, and nothing else."""

from collections.abc import Iterable
from dataclasses import replace

from ssm_hardening.remediation.plan import Edit, ModuleCall, RemediationPlan, Stage


def settled(plan: RemediationPlan, adopted: Iterable[str]) -> RemediationPlan:
    """Return the plan with calls and edits that say no more than that.

    `adopted` are labels of calls that take over what exists: what they change there and no code of ours names, another
    audit of the account shows.
    """
    turned, taken = {target.rule for target in plan.targets}, set(adopted)
    return replace(plan, stages=tuple(_stage(each, turned, taken) for each in plan.stages))


def _stage(stage: Stage, turned: set[str], taken: set[str]) -> Stage:
    modules = tuple(_call(each, turned, shown_later=each.label in taken) for each in stage.modules)
    return replace(stage, modules=modules, edits=tuple(_edit(each, turned) for each in stage.edits))


def _call(call: ModuleCall, turned: set[str], *, shown_later: bool) -> ModuleCall:
    later = tuple(rule for rule in call.closes if shown_later and rule not in turned)
    closes = tuple(rule for rule in call.closes if rule in turned)
    return replace(call, closes=closes, expects=tuple(dict.fromkeys((*call.expects, *later))))


def _edit(edit: Edit, turned: set[str]) -> Edit:
    return replace(edit, closes=tuple(rule for rule in edit.closes if rule in turned))


def closed(plan: RemediationPlan) -> tuple[str, ...]:
    """Return the rules that the plan says it closes."""
    said = (*(rule for call in plan.modules for rule in call.closes), *(r for edit in plan.edits for r in edit.closes))
    return tuple(sorted(set(said)))


def expected(plan: RemediationPlan) -> tuple[str, ...]:
    """Return the rules of which only an audit after the apply shows that they are closed."""
    return tuple(sorted({rule for call in plan.modules for rule in call.expects} - set(closed(plan))))


def in_words(plan: RemediationPlan) -> str:
    """Return both as one clause."""
    told = f"closes {', '.join(closed(plan)) or 'nothing by itself'}"
    later = expected(plan)
    return f"{told}; expected: {', '.join(later)}, which only an audit after the apply shows" if later else told
