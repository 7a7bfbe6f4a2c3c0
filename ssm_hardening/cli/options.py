"""The options that several commands share, described once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ssm_hardening.verdicts.findings import Severity


class Format(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    JSON = "json"


Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Folders of Terraform code; '.' when no other source is given."),
]
Snapshot = Annotated[Path | None, typer.Option("--snapshot", metavar="FILE", help="An account recorded as JSON.")]
PlanJson = Annotated[
    list[Path] | None,
    typer.Option("--plan-json", metavar="FILE", help="What `terraform show -json` prints of a plan; repeatable."),
]
Evidence = Annotated[
    list[Path] | None,
    typer.Option("--evidence", metavar="FILE", help="From inside nodes: files or folders of `host run`; repeatable."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the report.")]
StandardOption = Annotated[
    str, typer.Option("--standard", metavar="NAME|FILE", help="baseline, strict, transcript-only, or a TOML file.")
]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="RULE", help="Judge by this rule only; repeatable.")]
Skip = Annotated[list[str] | None, typer.Option("--skip", metavar="RULE", help="Leave this rule out; repeatable.")]
Var = Annotated[list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="Set a root variable; repeatable.")]
VarFile = Annotated[list[Path] | None, typer.Option("--var-file", metavar="FILE", help="Read variables; repeatable.")]
FailOn = Annotated[Severity, typer.Option("--fail-on", help="Exit 1 for gaps of this severity or worse.")]
FailOnUndecided = Annotated[bool, typer.Option("--fail-on-undecided", help="Exit 3 where a verdict is undecided.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes on stderr.")]
Terraform = Annotated[
    str | None, typer.Option("--terraform", metavar="PATH", help="The terraform or tofu to verify with.")
]
PluginDir = Annotated[Path | None, typer.Option("--plugin-dir", metavar="DIR", help="The only provider mirror to use.")]
Checkov = Annotated[str | None, typer.Option("--checkov", metavar="PATH", help="The checkov to verify with.")]
