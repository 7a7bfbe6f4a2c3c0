"""What stands beside code and is not read: the configuration of Terragrunt, and templates of CloudFormation."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Why
from ssm_hardening.model import INPUTS, Gap
from ssm_hardening.read.paths import ALONE, bytes_within, display

TERRAGRUNT = frozenset({"terragrunt.hcl", "terragrunt.hcl.json", "terragrunt.stack.hcl", "root.hcl"})
"""The names of Terragrunt's configuration files."""

PLAN_OF_TERRAGRUNT = (
    "run `terragrunt plan -out tfplan` and `terragrunt show -json tfplan > plan.json`, and pass --plan-json plan.json"
)
_SOURCE = re.compile(rb'^[ \t]*"?source"?[ \t]*[=:][ \t]*"([^"\n]+)"', re.MULTILINE)
_TEMPLATES = (".yaml", ".yml", ".json", ".template")
_TEMPLATE_MARK = b"AWSTemplateFormatVersion"
_HEAD = 4096
_MOST_NAMED = 3


def names_of_templates(entries: Iterable[os.DirEntry[str]]) -> Iterator[str]:
    """Yield the names of CloudFormation templates, which say at their beginning what they are."""
    for entry in entries:
        if entry.name.endswith(_TEMPLATES) and entry.is_file(follow_symlinks=False) and _is_template(entry.path):
            yield entry.name


def _is_template(path: str) -> bool:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - thousands of files; a Path for each costs more
            return _TEMPLATE_MARK in file.read(_HEAD)
    except OSError:
        return False


def run_by_terragrunt(files: Iterable[Path], folders: Collection[Path]) -> Mapping[Path, Path]:
    """Return the folders of code that Terragrunt runs, each with the configuration that says so.

    That is the folder in which the configuration stands, and the one that its `source` names: by a path, or by the end
    of one where functions or a repository stand before it.
    """
    found: dict[Path, Path] = {}
    for file in files:
        for folder in (file.parent, *_sources(file, folders)):
            if folder in folders:
                found.setdefault(folder, file)
    return found


def _sources(file: Path, folders: Collection[Path]) -> Iterator[Path]:
    try:
        data = bytes_within(file, ALONE)
    except (OSError, ValueError):
        return
    for match in _SOURCE.finditer(data):
        text = match[1].decode("utf-8", "replace").partition("?")[0]
        if text.startswith("."):
            yield Path(os.path.normpath(file.parent / text.replace("//", "/")))
        elif "}" in text or "//" in text:
            ending = text.rpartition("}")[2].rpartition("//")[2].strip("/")
            yield from (each for each in folders if ending and f"{each.as_posix()}/".endswith(f"/{ending}/"))


def gap_of(file: Path) -> Gap:
    """Return what is not known of a root module that Terragrunt runs."""
    detail = f"Terragrunt provides variables and providers, which are not read; {PLAN_OF_TERRAGRUNT}"
    return Gap(INPUTS, Why.OUT_OF_SCOPE, detail, CodeOrigin(display(file), 0))


def notes_on(terragrunt: Collection[Path], templates: Collection[Path]) -> Iterator[str]:
    """Yield what was recognised, and is not read."""
    if terragrunt:
        yield f"Terragrunt configuration was not read: {_named(terragrunt)}; {PLAN_OF_TERRAGRUNT}"
    if templates:
        yield f"CloudFormation templates were not read: {_named(templates)}; to evaluate what they create, use --live"


def _named(paths: Collection[Path]) -> str:
    shown = [display(path) for path in sorted(paths)]
    more = f", and {len(shown) - _MOST_NAMED} more" if len(shown) > _MOST_NAMED else ""
    return f"{', '.join(shown[:_MOST_NAMED])}{more}"


def without_code(path: Path, terragrunt: Collection[Path], templates: Collection[Path]) -> str:
    """Return what is said of a folder that holds no code."""
    told = "no Terraform or OpenTofu code was found (*.tf, *.tofu, *.tf.json, *.tofu.json)"
    inside = [each for each in terragrunt if each.is_relative_to(path)]
    if inside:
        return f"{display(path)}: {told}; Terragrunt runs code from elsewhere ({_named(inside)}): {PLAN_OF_TERRAGRUNT}"
    inside = [each for each in templates if each.is_relative_to(path)]
    if inside:
        return f"{display(path)}: {told}; CloudFormation templates are not read ({_named(inside)})"
    return f"{display(path)}: {told}"
