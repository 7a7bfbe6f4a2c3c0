"""The table of commands: what it says of them is what they say of themselves, on both command lines."""

import pytest

from ssm_hardening.cli.app import invoke
from ssm_hardening.cli.commands import COMMANDS, Command, CommandGroup, parameters_of
from ssm_hardening.cli.entry import run
from ssm_hardening.cli.options import Option, described

ALL = {name: each for name, each in COMMANDS.items() if isinstance(each, Command)} | {
    f"{name} {below}": command
    for name, each in COMMANDS.items()
    if isinstance(each, CommandGroup)
    for below, command in each.commands.items()
}
AT_ONCE = [name for name, command in ALL.items() if command.at_once]


@pytest.mark.parametrize("name", [name for name in ALL if name not in AT_ONCE])
def test_the_line_is_how_the_help_begins(name: str) -> None:
    assert (ALL[name].load().__doc__ or "").split("\n\n", maxsplit=1)[0] == ALL[name].line


@pytest.mark.parametrize("name", ALL)
def test_every_option_is_described(name: str) -> None:
    for parameter in parameters_of(ALL[name].load()):
        _, said = described(parameter)
        assert isinstance(said, Option)
        assert said.help[0].isupper() or said.help.startswith("baseline")
        assert said.help.endswith(".")


@pytest.mark.parametrize("name", AT_ONCE)
def test_both_command_lines_know_the_same_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    at_once = capsys.readouterr().out
    assert invoke([name, "--help"]) == 0
    by_typer = capsys.readouterr().out
    for parameter in parameters_of(ALL[name].load()):
        _, said = described(parameter)
        assert all(flag in at_once and flag in by_typer for flag in said.flags)
        assert " ".join(said.help.lower().removesuffix(".").split()) in " ".join(at_once.lower().split())
        assert " ".join(said.help.split()) in " ".join(by_typer.split())


def test_an_unknown_word_is_refused_with_the_words_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--fail-on", "worst"]) == 2
    assert "(choose from 'critical', 'high', 'medium', 'low')" in capsys.readouterr().err
