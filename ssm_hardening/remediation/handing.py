"""The file of variables that the edits add to the user's own root, where the modules stand in another."""

from pathlib import PurePosixPath

from ssm_hardening.hcl.writing import quote
from ssm_hardening.remediation.edits import diff
from ssm_hardening.remediation.plan import Edit, Variable
from ssm_hardening.remediation.wiring import Wiring

FILE = "ssm_harden_variables.tf"


def variable_files(wiring: Wiring) -> list[Edit]:
    """Return the new file, where any edit of this root reads a variable of ours."""
    if not wiring.handovers:
        return []
    handed = tuple(wiring.handovers.values())
    text = "\n".join(variable_block(each.variable) for each in handed)
    path = str(PurePosixPath(wiring.root) / FILE)
    fed = [each.variable.name for each in handed if each.value is not None]
    note = f"required variables; the generated root's outputs of the same names feed {', '.join(fed)}" if fed else ""
    return [Edit(file=path, diff=diff(path, None, text), after=text, closes=(), note=note)]


def variable_block(variable: Variable) -> str:
    """Return a variable as a block."""
    lines = [
        f'variable "{variable.name}" {{',
        f"  description = {quote(variable.description)}",
        f"  type        = {variable.type}",
        "  nullable    = false",
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
