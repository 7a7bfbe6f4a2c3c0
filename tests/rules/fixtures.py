"""Reads the fixtures of a rule and what they expect of it.

A Terraform fixture says it on the line of the block, or of the value, that the verdict points to:
`# expect: PREF-03 failed`, with a severity behind it where that matters, or with `account` for a verdict on the whole
account (anywhere in the file). An account fixture (`*.account.json`) lists the same texts under `expect`, each followed
by the subject's address or `account`.
"""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.engine import run
from ssm_hardening.findings import Failed, Finding, NotApplicable, Passed, Undecided
from ssm_hardening.model import Account
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.standards import BUILT_IN

HERE = Path(__file__).parent
_COMMENT = re.compile(r"#\s*expect:\s*(?P<text>.+?)\s*$")
_TEXT = re.compile(
    r"(?P<rule>[A-Z0-9]+-\d+) (?P<verdict>failed|passed|undecided|not_applicable)"
    r"(?: (?P<severity>critical|high|medium|low))?(?: (?P<subject>\S.*))?$"
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One verdict that a fixture expects; `line` is 0 where only the subject is named."""

    rule: str
    verdict: str
    severity: str
    subject: str
    line: int


def fixtures(rule: str) -> list[Path]:
    """Return the fixtures of a rule, in order of name."""
    folder = HERE / rule
    return sorted((*folder.glob("*.tf"), *folder.glob("*.account.json")))


def fixture_folders() -> list[str]:
    return sorted(path.name for path in HERE.iterdir() if re.fullmatch(r"[A-Z0-9]+-\d+", path.name))


def read(path: Path, scratch: Path) -> tuple[Account, ...]:
    """Read one fixture with the tool's own readers; `scratch` is an empty folder for it."""
    if path.suffix == ".json":
        from ssm_hardening.sources.snapshot import from_json

        data = json.loads(path.read_text(encoding="utf-8"))
        data.pop("expect")
        return from_json(data)
    from ssm_hardening.sources.terraform.reader import read_terraform

    shutil.copy(path, scratch / path.name)
    return read_terraform([scratch]).accounts


def expectations(path: Path) -> list[Expectation]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [_parse(item, 0) for item in json.loads(text)["expect"]]
    lines = ((number, _COMMENT.search(line)) for number, line in enumerate(text.splitlines(), start=1))
    return [_parse(found["text"], number) for number, found in lines if found is not None]


def _parse(text: str, line: int) -> Expectation:
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"not an expectation: {text!r}")
    subject = found["subject"] or ""
    return Expectation(found["rule"], found["verdict"], found["severity"] or "", subject, 0 if subject else line)


def judge(rule: str, accounts: Iterable[Account]) -> tuple[Finding, ...]:
    """Run one rule alone, under the default standard."""
    return run([load_rule(rule)], accounts, BUILT_IN["baseline"]).findings


def kind(finding: Finding) -> str:
    match finding.verdict:
        case Passed():
            return "passed"
        case Failed():
            return "failed"
        case Undecided():
            return "undecided"
        case NotApplicable():
            return "not_applicable"
        case _:
            return "crashed"


def complaints(expected: list[Expectation], findings: tuple[Finding, ...]) -> list[str]:
    """Say what differs: expectations nothing met, and failed or undecided verdicts nobody expected."""
    unmet = [item for item in expected if not any(_meets(finding, item) for finding in findings)]
    surprising = [
        finding
        for finding in findings
        if kind(finding) not in {"passed", "not_applicable"} and not any(_meets(finding, item) for item in expected)
    ]
    return [f"nothing met {item}" for item in unmet] + [_describe(finding) for finding in surprising]


def _describe(finding: Finding) -> str:
    verdict = finding.verdict
    return f"unexpected: {finding.rule.id} {kind(finding)} on {finding.subject} at {verdict.at}: {verdict.message}"


def _meets(finding: Finding, item: Expectation) -> bool:
    if (finding.rule.id, kind(finding)) != (item.rule, item.verdict):
        return False
    if item.severity and finding.severity.value != item.severity:
        return False
    if item.subject:
        return finding.subject == item.subject
    places = (finding.origin, finding.verdict.at)
    return item.line in {place.line for place in places if isinstance(place, CodeOrigin)}
