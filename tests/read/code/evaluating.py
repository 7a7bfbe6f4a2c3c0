"""Evaluates a folder's outputs with our evaluator, and turns values into plain Python for comparison."""

import sys
from pathlib import Path
from typing import Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Unknown, Value
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.modules import load_module
from ssm_hardening.read.code.tree import Tree
from ssm_hardening.text.writing import as_text


def tree(folder: Path, inputs: Inputs | None = None) -> Tree:
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 12_000))
    return Tree(folder.resolve(), inputs or Inputs(), load_module, lambda _: True)


def outputs(folder: Path, inputs: Inputs | None = None) -> dict[str, Value[Any]]:
    read = tree(folder, inputs)
    at = CodeOrigin("test", 1)
    return {name: read.root.output(name, at) for name in read.root.module.outputs}


def local(tmp_path: Path, text: str, *, expression: str = "local.x", more: dict[str, str] | None = None) -> Value[Any]:
    """Write a module whose output is the expression, and evaluate it."""
    (tmp_path / "main.tf").write_text(f'{text}\noutput "it" {{\n  value = {expression}\n}}\n')
    for name, content in (more or {}).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return outputs(tmp_path)["it"]


def plain(value: Value[Any]) -> Any:
    """Return what is known as plain data; `?` for unknowns, `<address.attribute>` for references."""
    match as_text(value):
        case Known(Record(members, rest)):
            shown = {key: plain(member) for key, member in members.items()}
            return shown if rest is None else {**shown, "*": "?"}
        case Known(Items(items, rest)):
            return [*(plain(item) for item in items), *([] if rest is None else ["?"])]
        case Known(Reference() as reference):
            return f"<{reference}>"
        case Known(Template(parts)):
            return "".join(
                part if isinstance(part, str) else f"<{part}>" if isinstance(part, Reference) else "?" for part in parts
            )
        case Known(content):
            return content
        case Absent():
            return None
        case Unknown(one_of=()):
            return "?"
        case Unknown(one_of=choices):
            return {"one of": [plain(choice) for choice in choices]}
