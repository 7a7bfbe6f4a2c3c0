"""The command line put together. Commands load what they need when they run, never at import."""

from collections.abc import Callable
from functools import cache
from typing import Annotated

import typer
from typer.main import get_command

from ssm_hardening import __version__
from ssm_hardening.cli import access, demo, generate, host, inspect, plan, sandbox, snapshot, tools, verify
from ssm_hardening.cli.quick import quick_command

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
application.command("access", rich_help_panel=_FIND)(access.access)
application.command("snapshot", rich_help_panel=_FIND)(snapshot.snapshot)
application.add_typer(host.application, name="host", rich_help_panel=_FIND)
application.command("generate", rich_help_panel=_CLOSE)(generate.generate)
application.command("verify", rich_help_panel=_CLOSE)(verify.verify)
application.command("demo", rich_help_panel=_CLOSE)(demo.demo)
application.command("sandbox", rich_help_panel=_LOOK_UP)(sandbox.sandbox)
application.add_typer(tools.application, name="tools", rich_help_panel=_LOOK_UP)


_QUICK = {
    "check": (_FIND, "Check changed files within their modules, fast."),
    "rules": (_LOOK_UP, "List the rules, with a standard's severities."),
    "explain": (_LOOK_UP, "Explain one rule."),
}
"""The commands that parse their own arguments; here they are listed, and handed over where called this way."""


def _hand_over(name: str) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        run = quick_command(name)
        raise typer.Exit(0 if run is None else run(context.args))

    return command


for _name, (_panel, _line) in _QUICK.items():
    application.command(
        _name,
        help=_line,
        rich_help_panel=_panel,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        add_help_option=False,
    )(_hand_over(_name))


def _print_version(*, wanted: bool) -> None:
    if not wanted:
        return
    from ssm_hardening.verification.tools import tool_versions

    typer.echo(f"ssm-harden {__version__}")
    for tool in tool_versions():
        typer.echo(f"{tool.name} {tool.version}")
    typer.echo("providers: see `ssm-harden tools list`")  # it may ask the registry, which is no matter of a version
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


@cache
def _whole() -> Callable[..., object]:
    """Return the command line with all its commands; calls in one process share it, for it takes as long as a plan."""
    return get_command(application)


def invoke(arguments: list[str]) -> int:
    """Run a command line; returns the exit code."""
    try:
        _whole()(arguments, prog_name="ssm-harden")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
