"""The commands: a table of names and where each stands, loaded when it runs; and how those that answer at once do.

`check` runs on every commit, and the catalogue answers at once: their arguments are parsed by argparse, since Typer's
import and dispatch alone would take a third of the time (docs/adr/0003). All others are Typer's (`app`).
"""

import argparse
import inspect
from collections.abc import Mapping, Sequence
from enum import Enum
from importlib import import_module
from typing import Any, NamedTuple, get_args, get_origin

from ssm_hardening.cli.options import Option, Run


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


_EXIT_CODES = "Exit codes: 0 no gap, 1 gaps, 2 wrong usage or {}, 3 undecided (if asked), 70 {}."
EPILOG = _EXIT_CODES.format("nothing readable", "our fault")

COMMANDS: Mapping[str, Command | CommandGroup] = {
    "plan": Command("plan:plan", "Find the gaps and show the remediation."),
    "inspect": Command("inspect:inspect", "Print the facts, without opinion."),
    "access": Command(
        "inspect:access", "Show who may start sessions on which nodes, recorded or not, and by which policies."
    ),
    "snapshot": Command("inspect:snapshot", "Record accounts as JSON, for later or elsewhere."),
    "generate": Command("generate:generate", "Write the remediation as Terraform, and verify it."),
    "verify": Command("verify:verify", "Check a folder by terraform, checkov and our rules."),
    "demo": Command("demo:demo", "Evaluate a simulated account, and close its gaps."),
    "sandbox": Command("sandbox:sandbox", "Run a simulated AWS account on loopback until Ctrl-C."),
    "check": Command(
        "check:check",
        "Check changed files within their modules, fast.",
        at_once=True,
        epilog=_EXIT_CODES.format("a FILE that cannot be read", "internal error"),
    ),
    "rules": Command("rules:rules", "List the rules, with a standard's severities.", at_once=True),
    "explain": Command("rules:explain", "Explain one rule.", at_once=True),
    "host": CommandGroup(
        "Look inside nodes: what a session can really do there.",
        {
            "script": Command("host:script", "Print the probe, to be run on a node by any channel."),
            "run": Command("host:run", "Send the probe to nodes by Run Command, and keep what it prints as evidence."),
            "read": Command("host:read", "Judge evidence from inside nodes by itself."),
        },
    ),
    "tools": CommandGroup(
        "Show or install the tools that verify.",
        {
            "list": Command(
                "tools:list_tools",
                "Show which tools were found, where, and their versions, and where providers come from.",
            ),
            "path": Command("tools:path", "Print where a tool is; exits 1 where it is not found."),
            "install": Command(
                "tools:install",
                "Install checkov into an environment of its own, since it cannot share ours; "
                "does nothing where it is there.",
            ),
        },
    ),
}
"""Name → command, in the order of the help. The lines are those that the commands' own help begins with."""


def run_at_once(name: str, command: Command, arguments: Sequence[str]) -> int:
    """Run a command that answers at once; returns its exit code. argparse ends the process where it is used wrongly."""
    run = command.load()
    parameters = inspect.signature(run).parameters.values()
    parser = argparse.ArgumentParser(
        prog=f"ssm-harden {name}", description=" ".join((run.__doc__ or "").split()), epilog=command.epilog
    )
    for parameter in parameters:
        _add(parser, parameter)
    given = vars(parser.parse_args(arguments))
    code = run(**{each.name: _typed(each, given[each.name]) for each in parameters})
    return 0 if code is None else code


def _add(parser: argparse.ArgumentParser, parameter: inspect.Parameter) -> None:
    """Give a parser the option, or the argument, that a parameter of a command is."""
    kind, said = described(parameter)
    more: dict[str, Any] = {"help": _in_the_manner_of_argparse(said.help)}
    if said.flags:
        more["dest"] = parameter.name
    if kind is bool:
        parser.add_argument(*said.flags, action="store_true", **more)
        return
    if parameter.default is not inspect.Parameter.empty:
        more["default"] = parameter.default
    choice = _choice(kind)
    if said.choices or choice:
        more["choices"] = list(said.choices or (each.value for each in choice or ()))
    if _member(kind):
        more |= {"action": "append"} if said.flags else {"nargs": "*"}
    parser.add_argument(*(said.flags or (parameter.name,)), metavar=said.metavar, **more)


def _typed(parameter: inspect.Parameter, given: Any) -> Any:
    """Return what was given as the type that a command's parameter has."""
    kind, _ = described(parameter)
    member = _member(kind)
    if member is not None:
        return [member(each) for each in given or ()]
    choice = _choice(kind)
    return given if choice is None or given is None else choice(given)


def described(parameter: inspect.Parameter) -> tuple[Any, Option]:
    """Return the type of a command's parameter, and what is said of it."""
    kind, said = get_args(parameter.annotation)
    return kind, said


def _member(kind: Any) -> Any:
    """Return the type of the members of `list[...] | None`; None for other types."""
    found = [get_args(each)[0] for each in (kind, *get_args(kind)) if get_origin(each) is list]
    return found[0] if found else None


def _choice(kind: Any) -> type[Enum] | None:
    """Return the enumeration that a type, or `… | None`, is."""
    return next((each for each in (kind, *get_args(kind)) if isinstance(each, type) and issubclass(each, Enum)), None)


def _in_the_manner_of_argparse(text: str) -> str:
    """Return a help text as argparse's own are written: no capital at the start, no full stop."""
    return text[:1].lower() + text[1:].removesuffix(".")
