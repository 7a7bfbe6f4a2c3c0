"""`ssm-harden tools`: the programs that verify, as found, and checkov's own environment."""

from enum import StrEnum
from typing import Annotated

import typer

from ssm_hardening.cli import options
from ssm_hardening.core.errors import UsageError

application = typer.Typer(help="Show or install the tools that verify.", no_args_is_help=True, rich_markup_mode=None)


class Tool(StrEnum):
    """The tools that can be looked for."""

    TERRAFORM = "terraform"
    CHECKOV = "checkov"


@application.command("list")
def list_tools() -> None:
    """Show which tools were found, where, and their versions, and where providers come from."""
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli.verification import Tools
    from ssm_hardening.verification.tools import tool_versions

    for tool in tool_versions():
        place = f"  {tool.path}" if tool.path else ""
        out.report(f"{tool.name:<12} {tool.version:<12}{place}{f'  {tool.problem}' if tool.problem else ''}")
    try:
        providers = Tools().providers.providers()
    except UsageError as error:
        out.report(f"{'providers':<12} {'not found':<12}  {error.message}")
    else:
        out.report(f"{'providers':<12} {providers.problem or providers.origin}")


@application.command("path")
def path(tool: Annotated[Tool, typer.Argument(help="Which tool.")]) -> None:
    """Print where a tool is; exits 1 where it is not found."""
    from ssm_hardening.cli import output as out
    from ssm_hardening.verification.tools import find_checkov, find_terraform

    found = find_checkov(None) if tool is Tool.CHECKOV else find_terraform(None)
    if found is None:
        raise typer.Exit(1)
    out.report(str(found))


@application.command("install")
def install(quiet: options.Quiet = False) -> None:
    """Install checkov into an environment of its own, since it cannot share ours; does nothing where it is there."""
    from ssm_hardening.cli import output as out
    from ssm_hardening.verification.tools import install_checkov

    out.report(f"checkov: {install_checkov(out.progress(quiet=quiet))}")
