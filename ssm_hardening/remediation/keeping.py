"""What an earlier run made, and a later one must not leave out: Terraform destroys what the code no longer calls."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ssm_hardening.errors import SsmHardenError
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.hcl.writing import describe

_MAKES = ("purposes", "log_group_name", "further_log_group_names")
"""Inputs whose members each stand for something: a key, or a log group that may use one."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A module call: where its code is, and the members of the inputs that matter."""

    source: str
    members: frozenset[str]


def left_out(before: str, after: str) -> tuple[str, ...]:
    """Return what the root files call before and not after: `module.session_keys`, a member it loses, an import."""
    old, new = _calls(before), _calls(after)
    return (*_lost(old, new), *_not_imported(_imports(before), _imports(after), new))


def _lost(old: Mapping[str, _Call], new: Mapping[str, _Call]) -> Iterator[str]:
    for label, call in old.items():
        now = new.get(label)
        if now is None or now.source != call.source:
            yield f"module.{label}"
        else:
            yield from (f"module.{label} for {member}" for member in sorted(call.members - now.members))


def _not_imported(old: frozenset[str], new: frozenset[str], calls: Mapping[str, _Call]) -> Iterator[str]:
    """Yield imports that are gone while their module is still called: Terraform would make what exists once more."""
    for target in sorted(old - new):
        if target.split(".")[1:2] and target.split(".")[1] in calls:
            yield f"the import of {target}"


def _imports(text: str) -> frozenset[str]:
    targets = ({each.name: each.value for each in block.body.attributes}.get("to") for block in _blocks(text, "import"))
    return frozenset(describe(target, length=1000) for target in targets if target is not None)


def _calls(text: str) -> dict[str, _Call]:
    return {block.labels[0]: _call(block) for block in _blocks(text, "module") if block.labels}


def _blocks(text: str, kind: str) -> list[ast.Block]:
    try:
        return [block for block in parse("main.tf", text.encode()).body.blocks if block.type == kind]
    except SsmHardenError:
        return []


def _call(block: ast.Block) -> _Call:
    given = {attribute.name: attribute.value for attribute in block.body.attributes}
    members = (member for name in _MAKES if name in given for member in _members(given[name]))
    return _Call(describe(given["source"]) if "source" in given else "", frozenset(members))


def _members(value: ast.Expr) -> Iterator[str]:
    for each in value.items if isinstance(value, ast.TupleExpr) else (value,):
        yield describe(each, length=1000)
