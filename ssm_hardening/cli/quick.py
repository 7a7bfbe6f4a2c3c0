"""The commands that answer at once: they parse their own arguments, without Typer (docs/adr/0003)."""

from collections.abc import Callable, Sequence


def quick_command(name: str) -> Callable[[Sequence[str]], int] | None:
    """Return the command called `name`, or None where Typer runs it."""
    match name:
        case "check":
            from ssm_hardening.cli.check import main

            return main
        case "rules":
            from ssm_hardening.cli.rules import rules

            return rules
        case "explain":
            from ssm_hardening.cli.rules import explain

            return explain
        case _:
            return None
