"""`ssm-harden tools`: the programs that verify, as found, and checkov's own environment."""

from enum import StrEnum
from typing import Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import Option
from ssm_hardening.core.errors import ExitCode, UsageError


class Tool(StrEnum):
    """The tools that can be looked for."""

    TERRAFORM = "terraform"
    CHECKOV = "checkov"


def list_tools() -> None:
    """Show the tools found, and where providers come from."""
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli.verify import Tools
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


def path(tool: Annotated[Tool, Option(metavar="TOOL", help="The tool to look for.")]) -> ExitCode:
    """Print the path of a tool; exit 1 if it is not found."""
    from ssm_hardening.cli import output as out
    from ssm_hardening.verification.tools import find_checkov, find_terraform

    found = find_checkov(None) if tool is Tool.CHECKOV else find_terraform(None)
    if found is None:
        return ExitCode.GAPS
    out.report(str(found))
    return ExitCode.OK


def install(quiet: options.Quiet = False) -> None:
    """Install checkov into its own environment if it is missing."""
    from ssm_hardening.cli import output as out
    from ssm_hardening.verification.tools import install_checkov

    out.report(f"checkov: {install_checkov(out.progress(quiet=quiet))}")
