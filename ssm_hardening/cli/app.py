"""The command line put together. Commands load what they need when they run, never at import."""

from typing import Annotated

import typer

from ssm_hardening import __version__
from ssm_hardening.cli import check, demo, generate, inspect, plan, rules, tools, verify

_FIND = "Find"
_CLOSE = "Close"
_LOOK_UP = "Look up"

application = typer.Typer(
    name="ssm-harden",
    help="Find, explain and close the gaps in AWS Systems Manager Session Manager.",
    epilog="Exit codes: 0 no gap, 1 gaps, 2 wrong usage or nothing readable, 3 undecided (if asked), 70 our fault.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
application.command("plan", rich_help_panel=_FIND)(plan.plan)
application.command("inspect", rich_help_panel=_FIND)(inspect.inspect)
application.command("generate", rich_help_panel=_CLOSE)(generate.generate)
application.command("verify", rich_help_panel=_CLOSE)(verify.verify)
application.command("demo", rich_help_panel=_CLOSE)(demo.demo)
application.command("rules", rich_help_panel=_LOOK_UP)(rules.rules)
application.command("explain", rich_help_panel=_LOOK_UP)(rules.explain)
application.add_typer(tools.application, name="tools", rich_help_panel=_LOOK_UP)


@application.command(
    "check",
    rich_help_panel=_FIND,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def _check(context: typer.Context) -> None:
    """Check changed files within their modules, fast."""
    raise typer.Exit(check.main(context.args))


def _print_version(*, wanted: bool) -> None:
    if not wanted:
        return
    from ssm_hardening.verification.tools import tool_versions  # noqa: PLC0415 - only for --version

    typer.echo(f"ssm-harden {__version__}")
    for tool in tool_versions():
        typer.echo(f"{tool.name} {tool.version}")
    raise typer.Exit


@application.callback()
def _global(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version, and those of the tools found.",
            callback=lambda value: _print_version(wanted=value),
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Find, explain and close the gaps in AWS Systems Manager Session Manager."""


def invoke(arguments: list[str]) -> int:
    """Run a command line; returns the exit code."""
    try:
        application(arguments, prog_name="ssm-harden")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
