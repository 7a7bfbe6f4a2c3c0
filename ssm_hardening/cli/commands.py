"""The commands: a table of names and where each stands, loaded when it runs; and how those that answer at once do.

`check` runs on every commit, and the catalogue answers at once: their arguments are parsed by argparse, since Typer's
import and dispatch alone would take a third of the time (docs/adr/0003). All others are Typer's (`app`).
"""

import argparse
import functools
import inspect
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args

from ssm_hardening.cli.options import Option, Run, described, member_of, words_of


class Command(NamedTuple):
    """Where a command stands, `module:function` below this package, and its line in the list of commands.

    `at_once`: argparse parses its arguments. `epilog` stands at the end of its help.
    """

    where: str
    line: str
    at_once: bool = False
    epilog: str | None = None

    def load(self) -> Run:
        """Return the command itself."""
        module, _, function = self.where.partition(":")
        found: Run = getattr(import_module(f"ssm_hardening.cli.{module}"), function)
        return found


class CommandGroup(NamedTuple):
    """Commands below one name."""

    line: str
    commands: Mapping[str, Command]


_EXIT_CODES = "Exit codes: 0 no gaps, 1 gaps, 2 wrong usage or {}, 3 undecided (if requested), 70 internal error."
EPILOG = _EXIT_CODES.format("nothing readable")

COMMANDS: Mapping[str, Command | CommandGroup] = {
    "plan": Command("plan:plan", "Find gaps and show how to fix them."),
    "inspect": Command("inspect:inspect", "Print the facts, without verdicts."),
    "access": Command("inspect:access", "Show who may start sessions on which nodes, and why."),
    "snapshot": Command("inspect:snapshot", "Record live accounts as JSON."),
    "generate": Command("generate:generate", "Write the remediation as Terraform and verify it."),
    "verify": Command("verify:verify", "Verify a folder with terraform, checkov, and the audit rules."),
    "demo": Command("demo:demo", "Audit a simulated account and fix its gaps."),
    "sandbox": Command("sandbox:sandbox", "Run a simulated AWS account until you press Ctrl-C."),
    "check": Command(
        "check:check",
        "Check changed files within their modules, fast.",
        at_once=True,
        epilog=_EXIT_CODES.format("an unreadable FILE"),
    ),
    "baseline": CommandGroup(
        "Record today's findings, so that only new ones fail.",
        {"create": Command("decisions:create", "Record today's findings, so that only new ones fail.")},
    ),
    "diff": Command("decisions:diff", "Show what changed between two reports or baselines."),
    "rules": Command("rules:rules", "List the rules with the severities of a standard.", at_once=True),
    "explain": Command("rules:explain", "Explain one rule.", at_once=True),
    "host": CommandGroup(
        "Check what a session can do inside nodes.",
        {
            "script": Command("host:script", "Print the probe, so that you can run it on a node yourself."),
            "run": Command("host:run", "Run the probe on nodes and keep its output as evidence."),
            "read": Command("host:read", "Check evidence from inside nodes by itself."),
        },
    ),
    "config": CommandGroup(
        "Show the settings and where they come from.",
        {"show": Command("settings:show", "Show each setting and where it comes from.")},
    ),
    "tools": CommandGroup(
        "Show or install the tools that verify Terraform code.",
        {
            "list": Command("tools:list_tools", "Show the tools found, and where providers come from."),
            "path": Command("tools:path", "Print the path of a tool; exit 1 if it is not found."),
            "install": Command(
                "tools:install",
                "Install checkov into its own environment if it is missing.",
            ),
        },
    ),
}
"""Name → command, in the order of the help. The lines are those that the commands' own help begins with."""


CONFIG_FILES = (".ssm-harden.toml", "pyproject.toml")
"""The files that can hold settings; in one folder, the first counts."""

VARIABLES = "SSM_HARDEN_"
"""How the environment variables that set options begin."""

NO_CONFIG = inspect.Parameter(
    "no_config",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[bool, Option("--no-config", help="Ignore configuration files.")],
)
"""What every command takes that a configuration file can say something to."""


def parameters_of(run: Run) -> list[inspect.Parameter]:
    """Return what a command takes on a command line."""
    own = list(inspect.signature(run).parameters.values())
    return [*own, NO_CONFIG] if any(described(each)[1].kept for each in own) else own


_told: list[str] = []


def told_of_settings() -> tuple[str, ...]:
    """Return what a configuration file decided for the command that runs: a report that it narrows must say so."""
    return tuple(_told)


def call(name: str, run: Run, given: Mapping[str, Any]) -> int:
    """Run a command with what was given on its command line, the settings, and its defaults; returns its exit code."""
    parameters = parameters_of(run)
    arguments = {each.name: each.default for each in parameters if each.default is not inspect.Parameter.empty}
    _told.clear()
    if NO_CONFIG in parameters:
        del arguments[NO_CONFIG.name]
        if _may_be_set():
            from ssm_hardening.cli.settings import settled

            kept, told = settled(name, parameters, given)
            arguments |= kept
            _told.extend(told)
    code = run(**{**arguments, **{each: value for each, value in given.items() if each != NO_CONFIG.name}})
    return 0 if code is None else code


def _may_be_set() -> bool:
    """Say whether there can be settings: most runs have none, and load nothing that reads them."""
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the folder was removed meanwhile
        return False
    folders = (str(here), *map(str, here.parents))
    files = (f"{folder}/{name}" for folder in folders for name in CONFIG_FILES)
    return any(name.startswith(VARIABLES) for name in os.environ) or any(map(os.path.lexists, files))


def run_at_once(name: str, command: Command, arguments: Sequence[str]) -> int:
    """Run a command that answers at once; returns its exit code. argparse ends the process where it is used wrongly."""
    run = command.load()
    parameters = {each.name: each for each in parameters_of(run)}
    parser = argparse.ArgumentParser(
        prog=f"ssm-harden {name}",
        description=" ".join((run.__doc__ or "").split()),
        epilog=command.epilog,
        argument_default=argparse.SUPPRESS,
    )
    for parameter in parameters.values():
        _add(parser, parameter)
    given = vars(parser.parse_args(arguments))
    return call(name, run, {each: _typed(parameters[each], value) for each, value in given.items()})


def _add(parser: argparse.ArgumentParser, parameter: inspect.Parameter) -> None:
    """Give a parser the option, or the argument, that a parameter of a command is; what is left out has no value."""
    kind, said = described(parameter)
    more: dict[str, Any] = {"help": _in_the_manner_of_argparse(said.help)}
    if said.flags:
        more["dest"] = parameter.name
    if kind is bool:
        parser.add_argument(*said.flags, action="store_true", default=argparse.SUPPRESS, **more)
        return
    words = words_of(kind, said)
    if words:
        more["choices"] = list(words)
    if int in get_args(kind):
        more["type"] = functools.partial(_whole_number, said.bounds)
    if member_of(kind):
        more |= {"action": "append"} if said.flags else {"nargs": "*", "default": argparse.SUPPRESS}
    parser.add_argument(*(said.flags or (parameter.name,)), metavar=said.metavar, **more)


def _whole_number(bounds: tuple[int | None, int | None], text: str) -> int:
    least, most = bounds
    if not text.isdecimal() or int(text) < (least or 0) or (most is not None and int(text) > most):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least or 0} to {most}")
    return int(text)


def _typed(parameter: inspect.Parameter, given: Any) -> Any:
    """Return what was given as the type that a command's parameter has."""
    kind, said = described(parameter)
    member = member_of(kind)
    if member is not None:
        return [member(each) for each in given]
    if given is not None and Path in get_args(kind):
        return Path(given)
    return kind(given) if words_of(kind, said) and not said.choices else given


def _in_the_manner_of_argparse(text: str) -> str:
    """Return a help text as argparse's own are written: no capital at the start, no full stop."""
    return text[:1].lower() + text[1:].removesuffix(".")
