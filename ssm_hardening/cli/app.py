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
from ssm_hardening.cli.commands import COMMANDS, EPILOG, Command, CommandGroup, call, parameters_of
from ssm_hardening.cli.options import described, with_parameters

_PLAIN: Mapping[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


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
    listed = _listed(COMMANDS, help="Find, explain, and fix gaps in AWS Systems Manager Session Manager.")
    listed.callback(epilog=EPILOG)(_global)
    return get_command(listed)


def _listed(commands: Mapping[str, Command | CommandGroup], above: str = "", **settings: Any) -> typer.Typer:
    """Return these commands, each with its line. `above`: the group that they are in."""
    made = typer.Typer(no_args_is_help=True, **_PLAIN, **settings)
    for name, command in commands.items():
        if isinstance(command, CommandGroup):
            made.add_typer(_listed(command.commands, f"{name} ", help=command.line), name=name)
        else:
            made.command(name, help=command.line, cls=_loaded_later(f"{above}{name}", command))(_nothing)
    return made


def _nothing() -> None:
    """Stand for a command that is not loaded."""


def _loaded_later(name: str, command: Command) -> type[TyperCommand]:
    class Later(TyperCommand):
        """A command that is listed by its line, and loaded where it is run, or its options are completed."""

        def make_context(self, *given: Any, **more: Any) -> Any:
            return _loaded(name, command).make_context(*given, **more)

    return Later


@functools.cache
def _loaded(name: str, command: Command) -> Any:
    """Return the command with its options."""
    alone = typer.Typer(add_completion=False, **_PLAIN)
    alone.command(epilog=command.epilog)(_in_the_manner_of_typer(name, command))
    return get_command(alone)


_CONTEXT = inspect.Parameter("typer_context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)


def _in_the_manner_of_typer(name: str, command: Command) -> Callable[..., None]:
    """Return a command with its options as Typer describes them; it ends by its exit code."""
    run = command.load()

    @functools.wraps(run)
    def ended(typer_context: typer.Context, **given: Any) -> None:
        sources = {each: typer_context.get_parameter_source(each) for each in given}
        said = {each: given[each] for each, source in sources.items() if source and source.name != "DEFAULT"}
        raise typer.Exit(call(name, run, said))

    return with_parameters(ended, [_CONTEXT, *(_option(each) for each in parameters_of(run))])


def _option(parameter: inspect.Parameter) -> inspect.Parameter:
    kind, said = described(parameter)
    least, most = said.bounds
    told: dict[str, Any] = {"help": said.help, "metavar": said.metavar, "min": least, "max": most}
    if said.names:
        told["autocompletion"] = {"rules": _rules, "standards": _standards}[said.names]
    spelled = typer.Option(*said.flags, **told) if said.flags else typer.Argument(**told)
    return parameter.replace(annotation=Annotated[_choice(said.choices) if said.choices else kind, spelled])


def _rules(incomplete: str) -> list[tuple[str, str]]:
    """Return the rules, with their titles, that can end what was typed so far: `PREF-03,S3-`."""
    from ssm_hardening.rules.catalogue import load_rules

    before, _, begun = incomplete.rpartition(",")
    named = before.upper().split(",")
    infos = (rule.info for rule in load_rules())
    return [
        # What was typed stays as it is: shells drop what does not begin with it, and rules are named in any case.
        (f"{incomplete}{info.id[len(begun) :]}", info.title)
        for info in infos
        if info.id.startswith(begun.upper()) and info.id not in named
    ]


def _standards(incomplete: str) -> list[str]:
    from ssm_hardening.verdicts.standards import BUILT_IN

    return [name for name in BUILT_IN if name.startswith(incomplete)]


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
    """Find, explain, and fix gaps in AWS Systems Manager Session Manager."""


def _print_version(*, wanted: bool) -> None:
    if not wanted:
        return
    from ssm_hardening.verification.tools import tool_versions

    typer.echo(f"ssm-harden {__version__}")
    for tool in tool_versions():
        typer.echo(f"{tool.name} {tool.version}")
    typer.echo("providers: see `ssm-harden tools list`")  # it may ask the registry, which is no matter of a version
    raise typer.Exit
