"""Waivers in the code, through the commands: with a reason, without one, expired, about nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Here
from tests.cli.running import DOCUMENT, Ran, write


def planned(here: Here, tmp_path: Path, comment: str) -> tuple[Ran, dict[str, Any], Ran]:
    """Return plan's run, the verdict of PREF-08, and check's run."""
    write(tmp_path, {"main.tf": f"{comment}\n{DOCUMENT}"})
    ran = here("plan", "--only", "PREF-08", "--format", "json")
    (verdict,) = [each for each in json.loads(ran.out)["verdicts"] if each["rule"] == "PREF-08"]
    return ran, verdict, here("check", "--only", "PREF-08")


@pytest.mark.parametrize("until", ["", "until=2999-12-31 "])
def test_with_a_reason(until: str, here: Here, tmp_path: Path) -> None:
    ran, verdict, checked = planned(here, tmp_path, f"# ssm-harden:skip=PREF-08 {until}long batch jobs run here")
    assert (ran.code, checked.code) == (0, 0)
    assert verdict["verdict"] == "failed"
    assert verdict["waiver"]["reason"] == "long batch jobs run here"
    assert verdict["waiver"]["until"] == (until.strip().removeprefix("until=") or None)
    assert json.loads(ran.out)["summary"]["waived"] == 1
    assert "1 waived" in checked.out
    table = here("plan", "--only", "PREF-08", "--full")
    assert table.code == 0
    assert "long batch jobs run here" in table.out


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("# ssm-harden:skip=PREF-08", "main.tf:1: the waiver for PREF-08 has no reason"),
        (
            "# ssm-harden:skip=PREF-08 until=2020-01-01 batch jobs",
            "main.tf:1: the waiver for PREF-08 expired on 2020-01-01",
        ),
        ("# ssm-harden:skip=PREF-08 until=soon batch jobs", "has the invalid date 'soon'"),
        ("# ssm-harden:skip= batch jobs", "names no rule"),
        ("# ssm-harden:skip=PREF-99 batch jobs", "names the unknown rule PREF-99"),
    ],
)
def test_that_waives_nothing(comment: str, told: str, here: Here, tmp_path: Path) -> None:
    ran, verdict, checked = planned(here, tmp_path, comment)
    assert (ran.code, checked.code) == (1, 1)
    assert verdict["waiver"] is None
    assert told in ran.err
    assert told in checked.err
    table = here("plan", "--only", "PREF-08")
    assert table.code == 1
    assert told in " ".join((table.out + table.err).split())


def test_about_something_that_passes(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f"# ssm-harden:skip=PREF-12 no need\n{DOCUMENT}"})
    ran = here("check", "--only", "PREF-12")
    assert ran.code == 0
    assert "the waiver for PREF-12 has no effect here; remove it" in ran.err


def test_words_of_a_waiver_reach_the_terminal_written_out(here: Here, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f"# ssm-harden:skip=PREF-08 all\x1b[2J fine\n{DOCUMENT}"})
    for command in ("plan", "check"):
        ran = here(command)
        assert "\x1b" not in ran.out + ran.err
