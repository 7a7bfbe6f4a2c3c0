"""Every format of an audit holds every audit: it renders, and what consumes it reads all of it back."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from ssm_hardening.report.formats import AUDIT, CHECK
from ssm_hardening.report.verdicts import worst_first
from ssm_hardening.verdicts.findings import Audit
from tests import strategies
from tests.report.consumers import OURS, Dom, commands, junit_cases, page, render, rows, sarif_run


def _table(text: str, _audit: Audit) -> None:
    assert text.isprintable() or "\n" in text


def _json(text: str, audit: Audit) -> None:
    assert len(json.loads(text)["verdicts"]) == len(audit.findings)


def _sarif(text: str, audit: Audit) -> None:
    assert len(sarif_run(text)["results"]) == len(worst_first(audit.findings))


def _junit(text: str, audit: Audit) -> None:
    assert len(junit_cases(text)) == len(audit.findings)


def _github(text: str, audit: Audit) -> None:
    shown = [finding for finding in worst_first(audit.findings) if finding.counts]
    assert len(commands(text)) == len(shown) + 1


def _gitlab(text: str, audit: Audit) -> None:
    shown = [finding for finding in worst_first(audit.findings) if finding.waiver is None]
    assert len({issue["fingerprint"] for issue in json.loads(text)}) == len(shown)


def _markdown(text: str, audit: Audit) -> None:
    shown = worst_first(audit.findings)
    read = page(text)
    assert set(read.tags) <= OURS
    assert read.tags.count("tr") == len(shown) + read.tags.count("table")
    assert read.attributes == []


def _csv(text: str, audit: Audit) -> None:
    found = rows(text)
    assert len(found) == len(audit.findings)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in found for cell in row.values())


def _html(text: str, audit: Audit) -> None:
    cards = Dom(text, strict=False).all("article")
    assert sum(int(card.attrib["data-count"]) for card in cards) == len(worst_first(audit.findings))


READ: dict[str, Callable[[str, Audit], None]] = {
    "table": _table,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "gitlab": _gitlab,
    "markdown": _markdown,
    "csv": _csv,
    "html": _html,
}


@pytest.mark.parametrize("word", AUDIT.words)
@settings(max_examples=40, deadline=None)
@given(audit=strategies.audits)
def test_a_format_holds_any_audit(word: str, audit: Audit) -> None:
    text = render(word, audit)
    READ[word](text, audit)
    turned = Audit(
        standard=audit.standard, sources=audit.sources, findings=audit.findings[::-1], rules=audit.rules[::-1]
    )
    assert render(word, turned) == text


def test_check_has_the_same_formats() -> None:
    assert CHECK.words == AUDIT.words
