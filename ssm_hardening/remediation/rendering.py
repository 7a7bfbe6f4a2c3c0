"""From a plan to files: a root module of its own, or a companion file for the user's root.

Whatever a template prints is encoded as HCL, so that other people's names and tags arrive as text; code of ours is
marked as such, by `Code`, and nothing else is. In Markdown, everything printed is escaped the same way.
"""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, count
from pathlib import Path, PurePath
from textwrap import indent
from typing import TYPE_CHECKING

from ssm_hardening.core import folders
from ssm_hardening.core.errors import counted
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.syntax import parse
from ssm_hardening.hcl.writing import Encodable, Expression, aligned, encode
from ssm_hardening.remediation.advice import TITLES
from ssm_hardening.remediation.calls import Requirements, requirements
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.plan import (
    AsJson,
    FromExpression,
    FromVariable,
    ModuleCall,
    ModuleInput,
    RemediationPlan,
    Stage,
    diff,
)
from ssm_hardening.remediation.wiring import variable_block

if TYPE_CHECKING:
    from jinja2 import Environment

COMPANION = "ssm_harden.tf"
EDITS = "edits.diff"
COMPANION_EDITS = "ssm_harden_edits.diff"
SAMPLES = "samples.tfvars"
COMPANION_SAMPLES = "ssm_harden_samples.tfvars"
README, DETAILS = "README.md", "DETAILS.md"
COMPANION_README, COMPANION_DETAILS = "ssm_harden_README.md", "ssm_harden_DETAILS.md"
IMPORTS = "imports.tf"
COMPANION_IMPORTS = "ssm_harden_imports.tf"

_OUTPUTS: Mapping[str, tuple[str, str, str]] = {
    "log-bucket": ("log_bucket_arn", "bucket_arn", ("ARN of the log bucket, for use in the policies of node roles.")),
    "log-group": ("log_group_arn", "arn", "ARN of the log group, for use in the policies of node roles."),
    "session-preferences": (
        "document_arn",
        "document_arn",
        "ARN of the preferences document, for use in operator policies.",
    ),
}


@dataclass(frozen=True, slots=True)
class GeneratedFolder:
    """Files to be written, by path relative to the folder."""

    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Code:
    """Text of ours that a template prints as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class RootOutput:
    """An output of the generated root; `value` is an expression of ours."""

    name: str
    description: str
    value: str


def render(plan: RemediationPlan) -> GeneratedFolder:
    """Return the files for the plan: a root module of its own, or the companion where `plan.into` says so."""
    needs = requirements([_file(call.module, "versions.tf") for call in plan.modules])
    files = _companion(plan) if plan.into else _root(plan, needs)
    folder = "ssm_harden_modules" if plan.into else "modules"
    for module in sorted({call.module for call in plan.modules}):
        files |= {f"{folder}/{module}/{name}": text for name, text in _module_files(module).items()}
    if plan.imports:
        files[COMPANION_IMPORTS if plan.into else IMPORTS] = _hcl("imports.tf.j2", stages=plan.stages)
    if plan.variables and plan.modules:
        files[COMPANION_SAMPLES if plan.into else SAMPLES] = _samples_file(plan)
    base, edits = _edits(plan)
    edits_file = COMPANION_EDITS if plan.into else EDITS
    if edits:
        files[edits_file] = edits
    files |= _pages(plan, needs, edits_file if edits else "", base)
    return GeneratedFolder(dict(sorted(files.items())))


def samples(plan: RemediationPlan) -> dict[str, str]:
    """Return the sample of each variable of the plan, as it would be given on the command line."""
    variables = (*plan.variables, *(each.variable for each in plan.handovers))
    return {each.name: each.sample if isinstance(each.sample, str) else encode(each.sample) for each in variables}


def _samples_file(plan: RemediationPlan) -> str:
    """Return the samples as a file that Terraform loads only where it is named."""
    pairs = [(variable.name, _input(variable.sample)) for variable in plan.variables]
    head = "# Sample values for validation and audit. Do not apply them: set your own values in terraform.tfvars."
    return "\n".join([head, "", *aligned(pairs)]) + "\n"


def _root(plan: RemediationPlan, needs: Requirements) -> dict[str, str]:
    if not plan.modules:
        return {}
    files = {
        "main.tf": _hcl("main.tf.j2", stages=plan.stages, folder="./modules/", readme=README),
        "versions.tf": _hcl("versions.tf.j2", terraform=needs.terraform, aws=needs.aws),
    }
    outputs = _outputs(plan)
    if plan.variables:
        files["variables.tf"] = _hcl("variables.tf.j2", variables=plan.variables)
    if outputs:
        files["outputs.tf"] = _hcl("outputs.tf.j2", outputs=outputs)
    return files


def _companion(plan: RemediationPlan) -> dict[str, str]:
    parts = []
    if plan.modules:
        parts.append(_hcl("main.tf.j2", stages=plan.stages, folder="./ssm_harden_modules/", readme=COMPANION_README))
    if plan.variables:
        parts.append(_hcl("variables.tf.j2", variables=plan.variables))
    return {COMPANION: "\n".join(parts)} if parts else {}


def _outputs(plan: RemediationPlan) -> list[RootOutput]:
    handed = [
        RootOutput(each.variable.name, each.variable.description, each.value)
        for each in plan.handovers
        if each.value is not None
    ]
    labels = {call.module: call.label for call in plan.modules}
    own = [
        RootOutput(name, description, f"module.{labels[module]}.{attribute}")
        for module, (name, attribute, description) in _OUTPUTS.items()
        if module in labels
    ]
    return [*handed, *own]


def _hcl(template: str, **values: object) -> str:
    text = _render(template, finalize=_finalize, functions=_FUNCTIONS, values=values)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _finalize(value: "Code | Encodable") -> str:
    """Return what is printed: code of ours as it is, anything else as HCL text."""
    return value.text if isinstance(value, Code) else encode(value)


def _comment(text: str) -> Code:
    """Return other people's text as part of one comment line."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return Code(" ".join(line.split()))


def _inputs(call: ModuleCall) -> Code:
    """Return the inputs as `terraform fmt` sets them out."""
    return Code(
        "\n".join(f"  {line}" for line in aligned((name, _input(value)) for name, value in call.inputs.items()))
    )


def _input(value: ModuleInput) -> str:
    match value:
        case FromVariable(name):
            return f"var.{name}"
        case FromExpression(expression):
            return expression
        case AsJson(data):
            return f"jsonencode({encode(data, indent=2)})"
        case list() if all(isinstance(item, str | Expression) for item in value):
            return f"[{', '.join(map(encode, value))}]"
        case _:
            return encode(value, indent=2)


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "code": Code,
    "comment": _comment,
    "number": lambda number: Code(str(number)),
    "inputs": _inputs,
    "block": lambda variable: Code(variable_block(variable)),
}


def _edits(plan: RemediationPlan) -> tuple[str, str]:
    """Return the folder in which the diff is to be applied, "" for where we run, and the diff itself.

    Where one file lies outside, all are named from the root of the file system.
    """
    if not any(PurePath(edit.file).is_absolute() for edit in plan.edits):
        return "", "".join(edit.diff for edit in plan.edits)
    named = ((os.path.abspath(edit.file), edit) for edit in plan.edits)  # noqa: PTH100 - links are not followed
    return "/", "".join(diff(path, edit.before, edit.after, edit.context) for path, edit in named)


def _pages(plan: RemediationPlan, needs: Requirements, edits_file: str, base: str) -> dict[str, str]:
    """Return the page that a person reads first, and the one with everything else that is to be known."""
    readme, details = (COMPANION_README, COMPANION_DETAILS) if plan.into else (README, DETAILS)
    values = {
        "stages": plan.stages,
        "expecting": any(map(_expects, plan.stages)),
        "handovers": plan.handovers,
        "variables": plan.variables,
        "required": [f"`{each.name}`" for each in plan.variables if each.default is None],
        "optional": [f"`{each.name}`" for each in plan.variables if each.default is not None],
        "questions": plan.questions,
        "costs": plan.costs,
        "into": plan.into,
        "readme_file": readme,
        "details_file": details,
        "edits_file": edits_file,
        "diff_base": base,
        "modules": plan.modules,
        "outputs": not plan.into and _outputs(plan),
        "imports": plan.imports,
        "place": ", ".join(sorted({each.root for each in plan.stands_for})),
        "imports_file": COMPANION_IMPORTS if plan.into else IMPORTS,
        "grants": any(stage.title == TITLES[Phase.RIGHTS] for stage in plan.stages),
        "canary": any(stage.title == TITLES[Phase.CANARY] for stage in plan.stages),
        "makes_document": any(call.module == "session-preferences" for call in plan.modules),
        "imports_document": any("aws_ssm_document" in each.to for each in plan.imports),
        "samples_file": COMPANION_SAMPLES if plan.into else SAMPLES,
        "terraform": needs.terraform,
        "aws": needs.aws,
    }
    stopped = [f"When {each.change}: {each.stops}." for each in plan.lockouts]
    return {
        readme: _page("README.md.j2", {**values, "lockouts": stopped}),
        details: _page("DETAILS.md.j2", {**values, "lockouts": plan.lockouts}),
    }


def _page(template: str, values: Mapping[str, object]) -> str:
    steps = count(1)
    functions: Mapping[str, Callable[..., object]] = {
        "code": Code,
        "number": lambda number: Code(str(number)),
        "counted": counted,
        "step": lambda: Code(str(next(steps))),
        "md": lambda text: Code(md_text(text)),
        "cell": lambda text: Code(md_cell(text)),
        "span": lambda text: Code(md_span(text)),
        "indented": lambda text: Code(indent(text, " " * 6)),
        "sample": lambda variable: json.dumps(variable.sample),
        "fitting": _fitting,
        "changes": _changes,
        "told": _told,
    }
    text = _render(template, finalize=_markdown, functions=functions, values=values)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _fitting(texts: Sequence[str], words: int) -> Sequence[str]:
    """Return as many of the texts as have no more than so many words together, one at least."""
    so_far = accumulate(len(each.split()) for each in texts)
    return texts[: max(1, sum(number <= words for number in so_far))]


def _changes(stage: Stage) -> str:
    """Return what a stage applies, for a cell of a table."""
    named = [f"module.{each.label}" for each in stage.modules] + [each.file for each in stage.edits]
    steps = [counted(len(stage.manual), "manual step")] if stage.manual else []
    return ", ".join([*map(md_span, named), *steps])


def _told(stage: Stage) -> str:
    """Return what a stage closes, and what it is expected to close, for a cell of a table."""
    closes = (*(each.closes for each in stage.modules), *(each.closes for each in stage.edits))
    closed = sorted({rule for rules in closes for rule in rules})
    expected = [f"expected: {', '.join(_expects(stage))}"] if _expects(stage) else []
    return "; ".join([", ".join(closed), *expected] if closed else expected)


def _expects(stage: Stage) -> list[str]:
    return sorted({rule for each in stage.modules for rule in each.expects})


def _markdown(value: object) -> str:
    return value.text if isinstance(value, Code) else md_text(str(value))


def _render(
    template: str,
    *,
    finalize: Callable[..., str],
    functions: Mapping[str, Callable[..., object]],
    values: Mapping[str, object],
) -> str:
    return _environment(folders.templates(), finalize).get_template(template).render(**functions, **values)


@cache
def _environment(folder: Path, finalize: Callable[..., str]) -> "Environment":
    """Return the environment of the templates; it keeps them compiled, which takes longer than to render them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=False,  # noqa: S701 - HCL and Markdown, each through its own encoder
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _module_files(module: str) -> dict[str, str]:
    folder = folders.modules() / module
    paths = sorted([*folder.glob("*.tf"), *folder.glob("scripts/*"), folder / "README.md"])
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _file(module: str, name: str) -> ast.SourceFile:
    path = folders.modules() / module / name
    return parse(f"{module}/{name}", path.read_bytes())


_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def md_text(text: str) -> str:
    """Return the text as one line of running text."""
    return _MARKUP.sub(r"\\\1", _one_line(text))


def md_cell(text: str) -> str:
    """Return the text for a cell of a table."""
    return md_text(text) or " "


def md_span(text: str) -> str:
    """Return the text as a code span, also within a table: as many backticks around it as it needs."""
    line = _one_line(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def _one_line(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
