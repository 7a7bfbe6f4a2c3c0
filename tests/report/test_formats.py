"""The tables of formats: every line names a renderer, and a new format takes a file and a line."""

import inspect
import sys
from types import ModuleType

import pytest

from ssm_hardening.cli.entry import run
from ssm_hardening.report import formats
from ssm_hardening.report.formats import AUDIT, AuditReport, Format, Formats
from ssm_hardening.report.style import Style

TABLES = {name: table for name, table in vars(formats).items() if isinstance(table, Formats)}
CASES = [(name, word) for name, table in TABLES.items() for word in table.words]


@pytest.mark.parametrize(("name", "word"), CASES)
def test_every_line_names_a_renderer(name: str, word: str) -> None:
    assert list(inspect.signature(TABLES[name].renderer(word)).parameters.values())[-1].annotation is Style


@pytest.mark.parametrize("name", TABLES)
def test_the_first_format_is_for_people(name: str) -> None:
    first = TABLES[name].words[0]
    assert (first, TABLES[name].by_word[first].for_people) == ("table", True)


def test_a_new_format_is_a_file_and_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from ssm_hardening.cli import pipeline
    from ssm_hardening.judge.engine import run as judged
    from ssm_hardening.remediation.plan import RemediationPlan
    from ssm_hardening.verdicts.standards import BUILT_IN

    file = ModuleType("ssm_hardening.report.counted")
    file.render = _counted  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, file.__name__, file)
    monkeypatch.setattr(AUDIT, "by_word", {**AUDIT.by_word, "counted": Format("counted:render")})
    standard = BUILT_IN["baseline"]
    made = pipeline.Judged(audit=judged([], [], standard), accounts=(), standard=standard, notes=("so it is",))
    pipeline.tell(made, RemediationPlan(stages=()), "counted", quiet=False)
    shown = capsys.readouterr()
    assert shown.out == "0 findings\n"
    assert shown.err == "note: so it is\n"  # programs read the format, so people are told on stderr


def _counted(report: AuditReport, _style: Style) -> str:
    return f"{len(report.audit.findings)} findings"


@pytest.mark.parametrize("command", ["plan", "check", "inspect", "access", "rules", "host read x"])
def test_a_word_that_is_no_format_prints_no_table(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--format", "xml"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "xml" in shown.err
