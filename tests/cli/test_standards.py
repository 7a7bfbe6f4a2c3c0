"""Standards of one's own: a typo in one is an error that says what was meant, never a silent pass."""

from pathlib import Path

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.rules.catalogue import rule_ids
from ssm_hardening.verdicts.findings import Severity
from ssm_hardening.verdicts.standards import Standard, load_standard
from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, write

WRONG: dict[str, str] = {
    'off = ["PREF-88"]': "off names 'PREF-88', which is not a rule; did you mean PREF-08?",
    'off = ["PREF-8"]': "off names 'PREF-8', which is not a rule; did you mean PREF-08?",
    'off = ["PREF"]': "off names 'PREF', which is not a rule; did you mean PREF-*?",
    'off = ["PERF-*"]': "off names 'PERF-*', which is not a rule; did you mean PREF-*?",
    'off = ["whatever"]': "off names 'whatever', which is not a rule; run `ssm-harden rules` to list all rules",
    'off = "PREF-08"': "off must be a list of rules",
    "off = [8]": "off must be a list of rules",
    '[off]\n"PREF-08" = true': "off must be a list of rules",
    '[severities]\n"KSM-01" = "high"': "severities names 'KSM-01', which is not a rule; did you mean KMS-01?",
    '[severities]\n"PREF-07" = "hihg"': "severity 'hihg' of PREF-07 is not valid; did you mean high?",
    '[severities]\n"PREF-07" = 1': "severity 1 of PREF-07 is not valid; choose critical, high, medium, or low",
    'severities = ["PREF-07"]': "severities must be a table",
    "[severity]\n": "unknown key severity; did you mean severities?",
    "on = []": "unknown key on; the keys are base, off, severities, and thresholds",
    "[thresholds]\nidle_minutes_mx = 10": "unknown threshold 'idle_minutes_mx'; did you mean idle_minutes_max?",
    "[thresholds]\nidle_minutes_max = true": "threshold 'idle_minutes_max' must be a whole number",
    '[thresholds]\nidle_minutes_max = "10"': "threshold 'idle_minutes_max' must be a whole number",
    "[thresholds]\nidle_minutes_max = -1": "threshold 'idle_minutes_max' must be a whole number",
    "[thresholds]\nobject_lock_required = 1": "threshold 'object_lock_required' must be true or false",
    '[thresholds]\nsession_documents = "mine"': "threshold 'session_documents' must be a list of strings",
    "[thresholds]\nsession_documents = [1]": "threshold 'session_documents' must be a list of strings",
    '[thresholds]\nactivation_tiers = ["standrad"]': (
        "threshold 'activation_tiers' must contain only standard and advanced"
    ),
    "[thresholds]\nagent_version_min = 3": "threshold 'agent_version_min' must be a string",
    "thresholds = 1": "thresholds must be a table",
    'base = "strickt"': "base 'strickt' does not exist; did you mean strict?",
    "base = []": "base [] does not exist; choose baseline, strict, or transcript-only",
}


def mine(folder: Path, text: str) -> Standard:
    file = folder / "mine.toml"
    file.write_text(text)
    return load_standard(str(file), known=rule_ids())


@pytest.mark.parametrize("text", WRONG)
def test_a_typo_is_an_error_that_says_what_was_meant(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        mine(tmp_path, text)
    assert f"mine.toml: is not a valid standard: {WRONG[text]}" in told.value.message


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    standard = mine(tmp_path, 'base = "strict"\noff = ["pref-08"]\n[severities]\n"net-01" = "low"\n')
    assert standard.off == {"PREF-08"}
    assert standard.severities == {"NET-01": Severity.LOW}


def test_a_family_is_named_by_a_pattern_and_a_rule_of_it_by_itself(tmp_path: Path) -> None:
    standard = mine(tmp_path, 'off = ["oper-*"]\n[severities]\n"NET-01" = "low"\n"net-*" = "high"\n')
    assert standard.off == {rule for rule in rule_ids() if rule.startswith("OPER-")}
    assert (standard.severities["NET-01"], standard.severities["NET-03"]) == (Severity.LOW, Severity.HIGH)


@pytest.mark.parametrize("command", ["plan", "check", "rules", "generate --out made"])
def test_every_command_that_takes_a_standard_refuses_it(command: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DOCUMENT, "mine.toml": 'off = ["PREF-88"]\n'})
    ran = here(*command.split(), "--standard", "mine.toml")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean PREF-08?" in ran.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "line", ["plan --only PREF-88", "check --skip PREF-88", "check --only pref-88", "explain PREF-8"]
)
def test_every_option_that_names_a_rule_says_what_was_meant(line: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})
    ran = here(*line.split())
    assert (ran.code, ran.out) == (2, "")
    assert "does not exist" in ran.err
    assert "did you mean PREF-08?" in ran.err


@pytest.mark.parametrize("line", ["plan --standard strickt", "check --standard strickt"])
def test_the_name_of_a_standard_too(line: str, here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})
    ran = here(*line.split())
    assert (ran.code, "did you mean strict?" in ran.err) == (2, True)


def test_a_waiver_of_what_is_no_rule_is_said_with_what_was_meant(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f"# ssm-harden:skip=PREF-88 long jobs\n{DOCUMENT}"})
    for command in ("plan", "check"):
        ran = here(command, "--only", "PREF-08")
        assert ran.code == 1
        assert "main.tf:1: the waiver for PREF-88 names the unknown rule PREF-88; did you mean PREF-08?" in " ".join(
            (ran.out + ran.err).split()
        )


@pytest.mark.parametrize("command", [("check",), ("plan",), ("generate", "--out", "made")])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--only", "PREF-04", "--skip", "PREF-04"), "--skip leaves out PREF-04"),
        (("--only", "pref-04", "--skip", "Pref-04"), "--skip leaves out PREF-04"),
        (("--only", "PREF-04", "--standard", "own.toml"), "the standard own.toml turns off PREF-04"),
        (
            ("--only", "PREF-04", "--only", "PREF-05", "--skip", "PREF-05", "--standard", "own.toml"),
            "--skip leaves out PREF-05; the standard own.toml turns off PREF-04",
        ),
    ],
)
def test_no_rule_is_left(
    command: tuple[str, ...], options: tuple[str, ...], told: str, tmp_path: Path, here: Here
) -> None:
    write(tmp_path, {"main.tf": DOCUMENT, "own.toml": 'off = ["PREF-04"]'})
    ran = here(*command, *options)
    assert ran.code == 2
    assert f"error: no rule is left: {told}" in ran.err


def test_all_rules_left_out(tmp_path: Path, here: Here) -> None:
    write(tmp_path, {"main.tf": DOCUMENT})
    skipped = [each for rule in rule_ids() for each in ("--skip", rule)]
    assert here("check", *skipped).code == 2
