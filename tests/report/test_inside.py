"""What a report shows of the inside of nodes: it is read there, and in the section of its question."""

from pathlib import Path

import pytest

from ssm_hardening.read.hosts.joining import read_evidence, with_evidence
from ssm_hardening.report.inside import inside_lines
from ssm_hardening.report.style import Style
from ssm_hardening.verdicts.findings import Question

SEEDS = Path(__file__).parents[2] / "ssm_hardening" / "sandbox" / "seeds" / "hosts"


def shown(question: Question, folder: Path, name: str) -> str:
    path = folder / "evidence.json"
    text = (SEEDS / name).read_text(encoding="utf-8").replace("@NODE@", "i-0123456789abcdef0")
    path.write_text(text, encoding="utf-8")
    return "\n".join(inside_lines(question, with_evidence((), read_evidence([path])), Style()))


def test_the_context_says_who_is_an_administrator(tmp_path: Path) -> None:
    assert "administrator (Administrators)" in shown(Question.CONTEXT, tmp_path, "windows-before.json")
    assert "administrator" not in shown(Question.CONTEXT, tmp_path, "windows-after.json")


def test_the_access_lists_peers_and_ports(tmp_path: Path) -> None:
    lines = shown(Question.ACCESS, tmp_path, "windows-before.json")
    assert "2 connections" in lines
    assert "203.0.113.10:443 public" in lines


def test_what_could_not_be_read_is_no_clean_bill(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(
        '{"schema": "ssm-harden/host/1", "text": "bytes", "probe": {"platform": "linux", "elevated": false},'
        ' "node": {"id": "i-0123456789abcdef0"}, "identities": {"items": [{"name": "ssm-user"}], "more": null}}',
        encoding="utf-8",
    )
    accounts = with_evidence((), read_evidence([path]))
    context = "\n".join(inside_lines(Question.CONTEXT, accounts, Style()))
    access = "\n".join(inside_lines(Question.ACCESS, accounts, Style()))
    assert "no one else" not in context
    assert "?" in context
    assert "or more" in access


@pytest.mark.parametrize("question", [Question.CONTEXT, Question.ACCESS])
def test_without_evidence_there_is_nothing_to_show(question: Question) -> None:
    assert inside_lines(question, (), Style()) == []
