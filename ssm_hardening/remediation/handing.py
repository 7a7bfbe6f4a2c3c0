"""Files that the edits add to the user's own code: variables where the modules stand elsewhere, and data sources."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from ssm_hardening.hcl.writing import quote
from ssm_hardening.remediation.admitting import DATA_FILE, DATA_TEXT
from ssm_hardening.remediation.edits import diff
from ssm_hardening.remediation.plan import Edit, Variable
from ssm_hardening.remediation.wiring import Wiring

FILE = "ssm_harden_variables.tf"


def variable_files(wiring: Wiring) -> list[Edit]:
    """Return the new files: one for the root, where it is fed from elsewhere, and one for each module it feeds."""
    found = []
    if wiring.handovers and not wiring.into:
        handed = tuple(wiring.handovers.values())
        fed = ", ".join(each.variable.name for each in handed if each.value is not None)
        note = f"required variables; the generated root's outputs of the same names feed {fed}" if fed else ""
        found.append(_file(wiring.root, [each.variable for each in handed], note))
    folders = dict.fromkeys(each.folder for each in wiring.passed.values())
    for folder in folders:
        variables = {each.variable.name: each.variable for each in wiring.passed.values() if each.folder == folder}
        found.append(_file(folder, variables.values(), "variables that the module's call feeds"))
    return found


def data_files(wirings: Iterable[Wiring]) -> list[Edit]:
    """Return the new files of data sources, one for each folder whose edits read them."""
    paths = sorted(str(PurePosixPath(folder) / DATA_FILE) for wiring in wirings for folder in wiring.data_folders)
    return [
        Edit(
            file=path, diff=diff(path, None, DATA_TEXT), after=DATA_TEXT, closes=(), note="data sources that edits read"
        )
        for path in dict.fromkeys(paths)
    ]


def _file(folder: str, variables: Iterable[Variable], note: str) -> Edit:
    text = "\n".join(variable_block(each) for each in variables)
    path = str(PurePosixPath(folder) / FILE)
    return Edit(file=path, diff=diff(path, None, text), after=text, closes=(), note=note)


def variable_block(variable: Variable) -> str:
    """Return a variable as a block."""
    lines = [
        f'variable "{variable.name}" {{',
        f"  description = {quote(variable.description)}",
        f"  type        = {variable.type}",
        *([] if variable.default is None else [f"  default     = {variable.default}"]),
        "  nullable    = false",
        *(["  sensitive   = true"] if variable.sensitive else []),
    ]
    if variable.validation is not None:
        lines += [
            "",
            "  validation {",
            f"    condition     = {variable.validation}",
            f"    error_message = {quote(variable.validation_message or '')}",
            "  }",
        ]
    return "\n".join([*lines, "}"]) + "\n"
