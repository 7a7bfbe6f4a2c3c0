"""Typer's command line, made of the table of commands. Only what is run is loaded, nothing for the list of commands."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from ssm_hardening import __version__
from ssm_hardening.cli.commands import COMMANDS, EPILOG, Command, CommandGroup, described
from ssm_hardening.cli.options import with_parameters

_PLAIN: Mapping[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


def invoke(arguments: list[str]) -> int:
    """Run a command line; returns the exit code."""
    try:
        _whole()(arguments, prog_name="ssm-harden")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


@functools.cache
def _whole() -> Callable[..., object]:
    """Return the command line with all its commands; calls in one process share it."""
    listed = _listed(COMMANDS, help="Find, explain and close the gaps in AWS Systems Manager Session Manager.")
    listed.callback(epilog=EPILOG)(_global)
    return get_command(listed)


def _listed(commands: Mapping[str, Command | CommandGroup], **settings: Any) -> typer.Typer:
    """Return these commands, each with its line."""
    made = typer.Typer(no_args_is_help=True, **_PLAIN, **settings)
    for name, command in commands.items():
        if isinstance(command, CommandGroup):
            made.add_typer(_listed(command.commands, help=command.line), name=name)
        else:
            made.command(name, help=command.line, cls=_loaded_later(command))(_nothing)
    return made


def _nothing() -> None:
    """Stand for a command that is not loaded."""


def _loaded_later(command: Command) -> type[TyperCommand]:
    class Later(TyperCommand):
        """A command that is listed by its line, and loaded where it is run, or its options are completed."""

        def make_context(self, *given: Any, **more: Any) -> Any:
            return _loaded(command).make_context(*given, **more)

    return Later


@functools.cache
def _loaded(command: Command) -> Any:
    """Return the command with its options."""
    alone = typer.Typer(add_completion=False, **_PLAIN)
    alone.command(epilog=command.epilog)(_in_the_manner_of_typer(command))
    return get_command(alone)


def _in_the_manner_of_typer(command: Command) -> Callable[..., None]:
    """Return a command with its options as Typer describes them; it ends by its exit code."""
    run = command.load()

    @functools.wraps(run)
    def ended(**given: Any) -> None:
        raise typer.Exit(run(**given) or 0)

    return with_parameters(ended, [_option(each) for each in inspect.signature(run).parameters.values()])


def _option(parameter: inspect.Parameter) -> inspect.Parameter:
    kind, said = described(parameter)
    least, most = said.bounds
    told: dict[str, Any] = {"help": said.help, "metavar": said.metavar, "min": least, "max": most}
    spelled = typer.Option(*said.flags, **told) if said.flags else typer.Argument(**told)
    return parameter.replace(annotation=Annotated[_choice(said.choices) if said.choices else kind, spelled])


def _choice(words: Sequence[str]) -> Any:
    """Return a type that holds these words alone."""
    return StrEnum("Choice", [(each, each) for each in words])


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


def _print_version(*, wanted: bool) -> None:
    if not wanted:
        return
    from ssm_hardening.verification.tools import tool_versions

    typer.echo(f"ssm-harden {__version__}")
    for tool in tool_versions():
        typer.echo(f"{tool.name} {tool.version}")
    typer.echo("providers: see `ssm-harden tools list`")  # it may ask the registry, which is no matter of a version
    raise typer.Exit
