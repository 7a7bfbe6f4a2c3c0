"""What is said of an apply that failed: only what it reported."""

import json
import shutil
from pathlib import Path

import pytest

from ssm_hardening.verification.planned import Applied, errors_of, read_apply, short_error
from ssm_hardening.verification.processes import Finished
from ssm_hardening.verification.runner import CheckOutcome
from ssm_hardening.verification.twin import APPLY, Twin, apply_to_twin

HALF_WAY = """\
resource "terraform_data" "first" {}

resource "terraform_data" "second" {
  depends_on = [terraform_data.first]

  provisioner "local-exec" {
    command = "exit 7"
  }
}

resource "terraform_data" "third" {
  depends_on = [terraform_data.second]
}
"""


def event(kind: str, address: str) -> str:
    return json.dumps({"type": kind, "hook": {"resource": {"addr": address}}})


@pytest.mark.terraform
def test_an_apply_that_stops_half_way_counts_what_ended(tmp_path: Path) -> None:
    found = shutil.which("terraform") or shutil.which("tofu")
    if found is None:
        pytest.skip("neither terraform nor tofu is on PATH")
    (tmp_path / "main.tf").write_text(HALF_WAY, encoding="utf-8")
    tried = apply_to_twin(tmp_path, Twin(executable=Path(found), environment={}), progress=lambda _: None)
    last = tried.checks[-1]
    assert (last.name, last.outcome, tried.begun) == (APPLY, CheckOutcome.FAILED, True)
    assert tried.applied == Applied(planned=3, done=1)
    assert "1 of 3 changes reported as applied" in last.message
    assert "local-exec provisioner error" in tried.error
    assert "exit status 7" in last.details[0]


def test_an_apply_that_was_ended_leaves_open_what_had_begun() -> None:
    text = "\n".join([event("apply_start", "a"), event("apply_complete", "a"), event("apply_start", "b"), '{"cut of'])
    reached = read_apply(Finished(-9, text, "", timed_out=True), {"a": 1, "b": 1, "c": 1})
    assert reached == Applied(planned=3, done=1, begun=1)
    assert reached.told() == "1 of 3 changes reported as applied, 1 more started but did not finish"


def test_a_swap_is_done_when_both_halves_are() -> None:
    half = [event("apply_start", "a"), event("apply_complete", "a")]
    assert read_apply(Finished(1, "\n".join(half), ""), {"a": 2}).done == 0
    assert read_apply(Finished(1, "\n".join(half * 2), ""), {"a": 2}).done == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Finished(1, "", "\nError: no such bucket\n\n  with a.b\n"), "no such bucket: with a.b"),
        (Finished(1, "", "it broke\nfor good\n"), "for good"),
        (Finished(3, event("apply_start", "a"), ""), "exit code 3"),
        (Finished(1, '{"diagnostic": {"severity": "error", "summary": "x", "detail": "y"}}', ""), "x: y"),
        (Finished(1, '{"diagnostic": {"severity": "warning", "summary": "x"}}', "the end"), "the end"),
        (Finished(1, "", "Error: one\n\nError: two\n"), "one (and 1 more)"),
    ],
)
def test_the_error_in_brief(answer: Finished, told: str) -> None:
    assert short_error(answer) == told


def test_a_long_error_is_cut() -> None:
    answer = Finished(1, "", f"Error: {'x' * 5000}\n")
    assert len(errors_of(answer)[0]) == 5000
    assert len(short_error(answer)) < 250
