"""What a shell is offered: the completion protocol, run as the scripts of bash, zsh and fish run it."""

import pytest

from ssm_hardening.report.formats import AUDIT, RULES
from ssm_hardening.rules.catalogue import load_rule, rule_ids
from ssm_hardening.verdicts.findings import Severity
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.cli.running import TOP, Ran, ssm_harden
from tests.cli.test_commands import ALL


def asked(shell: str, line: str) -> Ran:
    """Return what a shell is told of a line, whose last word is being typed."""
    words = line.split(" ")
    variables = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    told = {**variables, "_SSM_HARDEN_COMPLETE": f"complete_{shell}", "NO_COLOR": "1"}
    return ssm_harden(cwd=TOP, env=told, limited=False)


def offered(line: str) -> list[str]:
    return asked("bash", line).out.splitlines()


@pytest.mark.parametrize("command", ["plan", "check", "generate", "host read"])
def test_rules_severities_and_standards(command: str) -> None:
    assert offered(f"ssm-harden {command} --only ") == list(rule_ids())
    assert offered(f"ssm-harden {command} --skip PREF-03,s3-0")[:2] == ["PREF-03,s3-01", "PREF-03,s3-02"]
    assert offered(f"ssm-harden {command} --standard s") == ["strict"]
    if command != "generate":
        assert offered(f"ssm-harden {command} --fail-on ") == list(Severity)
        assert offered(f"ssm-harden {command} --format ") == list(AUDIT.words)


def test_the_catalogue_too() -> None:
    assert offered("ssm-harden explain PREF-1") == [rule for rule in rule_ids() if rule.startswith("PREF-1")]
    assert offered("ssm-harden rules --standard ") == list(BUILT_IN)
    assert offered("ssm-harden rules --format ") == list(RULES.words)
    assert ["ssm-harden", "check", "--fail-on-"][-1] + "undecided" in offered("ssm-harden check --fail-on-")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_the_titles(shell: str) -> None:
    told = asked(shell, "ssm-harden explain PREF-03").out
    assert "PREF-03" in told
    assert load_rule("PREF-03").info.title in told


def test_commands_are_offered() -> None:
    assert offered("ssm-harden ch") == ["check"]
    assert set(offered("ssm-harden host ")) == {name.split()[1] for name in ALL if name.startswith("host ")}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_its_script(shell: str) -> None:
    told = ssm_harden(cwd=TOP, env={"_SSM_HARDEN_COMPLETE": f"source_{shell}"}, limited=False)
    assert "_SSM_HARDEN_COMPLETE" in told.out
