"""Where a value was read: a place in code, or an API call."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, order=True)
class CodeOrigin:
    """A place in source code.

    `file` is the path as the user would type it (relative to the working directory where possible),
    lines count from 1, and `module_path` is Terraform's (`module.ssm["a"]`, empty for the root module). What stands at
    a `sensitive` place is withheld from every output; the place itself is shown.
    """

    file: str
    line: int
    end_line: int = 0
    module_path: str = ""
    sensitive: bool = field(default=False, compare=False, kw_only=True)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class ApiOrigin:
    """An answer of AWS: the object's ARN and the call that returned it (`ssm:GetDocument`)."""

    arn: str
    call: str

    def __str__(self) -> str:
        return f"{self.arn} ({self.call})"


Origin: TypeAlias = CodeOrigin | ApiOrigin
