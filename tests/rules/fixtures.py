"""Reads the fixtures of a rule and what they expect of it.

A fixture says it on the line of the fact that the verdict is about: `# expect: PREF-03 failed`, with a severity behind
it where that matters, then the subject: its address or the end of it (`role/operators`), or `account` for a verdict on
the whole account. In Terraform the subject may be left out: it is the block, or the value, on that line.

What several fixtures in Terraform need and none is about, such as a network, is a file in `beside`. A fixture's first
line names those that belong to it, `# beside: network.tf`; their code follows its own, as in one root of a user's.

Where code cannot reach a verdict, the fixture is an account in Python, `ACCOUNT`, made of the builders beside this
file. Its name repeats the rule's (`fail.acct_01.py`): mypy wants the names of modules to differ.
"""

import re
import runpy
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.verdicts.findings import Failed, Finding, NotApplicable, Passed, Undecided
from ssm_hardening.verdicts.standards import BUILT_IN

HERE = Path(__file__).parent
BESIDE = HERE / "beside"
"""The files that several fixtures share. In no folder of a rule, they are no fixtures."""

COMMENT = re.compile(r"#\s*expect:\s*(?P<text>.+?)\s*$")
_BESIDE = re.compile(r"# beside: (?P<names>[a-z_]+\.tf(?:, [a-z_]+\.tf)*)\n")
_TEXT = re.compile(
    r"(?P<rule>[A-Z0-9]+-\d+) (?P<verdict>failed|passed|undecided|not_applicable)"
    r"(?: (?P<severity>critical|high|medium|low))?(?: (?P<subject>\S.*))?$"
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One verdict that a fixture expects; `line` is 0 where the subject is named."""

    rule: str
    verdict: str
    severity: str
    subject: str
    line: int


def fixtures(rule: str) -> list[Path]:
    """Return the fixtures of a rule, in order of name."""
    folder = HERE / rule
    return sorted((*folder.glob("*.tf"), *folder.glob("*.py")))


ONLY_WONDERS = frozenset({"READ-01"})
"""The rules that say what is unknown, and nothing else."""


def fixture_folders() -> list[str]:
    return sorted(path.name for path in HERE.iterdir() if re.fullmatch(r"[A-Z0-9]+-\d+", path.name))


def read(path: Path, scratch: Path) -> tuple[Account, ...]:
    """Read one fixture with the tool's own readers; `scratch` is an empty folder for it."""
    if path.suffix == ".py":
        return (_account(path),)
    from ssm_hardening.read.code.reader import read_terraform

    (scratch / path.name).write_text(code(path), encoding="utf-8")
    return read_terraform([scratch]).accounts


def code(path: Path) -> str:
    """Return a fixture in Terraform with what belongs beside it, behind its own lines, which keep their numbers."""
    own = path.read_text(encoding="utf-8")
    return "\n".join((own, *(each.read_text(encoding="utf-8") for each in beside(own))))


def beside(text: str) -> list[Path]:
    """Return the files that the first line of a fixture names."""
    found = _BESIDE.match(text)
    return [BESIDE / name for name in found["names"].split(", ")] if found is not None else []


@cache
def _account(path: Path) -> Account:
    found = runpy.run_path(str(path))["ACCOUNT"]
    assert isinstance(found, Account), f"{path}: ACCOUNT is no account"
    return found


def expectations(path: Path) -> list[Expectation]:
    """Return what the fixture expects. Raises ValueError where a comment does not say it, or not of whom."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    found = [(number, match["text"]) for number, line in lines if (match := COMMENT.search(line)) is not None]
    return [_parse(text, number, named=path.suffix == ".py") for number, text in found]


def _parse(text: str, line: int, *, named: bool) -> Expectation:
    found = _TEXT.fullmatch(text)
    if found is None or (named and found["subject"] is None):
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
    """Say what differs: expectations nothing met or several did, and failed or undecided verdicts nobody expected."""
    unmet = [item for item in expected if not any(_meets(finding, item) for finding in findings)]
    surprising = [
        finding
        for finding in findings
        if kind(finding) not in {"passed", "not_applicable"} and not any(_meets(finding, item) for item in expected)
    ]
    vague = [item for item in expected if item.subject and len({f.subject for f in findings if _meets(f, item)}) > 1]
    return [
        *(f"nothing met {item}" for item in unmet),
        *(f"several met {item}" for item in vague),
        *(_describe(finding) for finding in surprising),
    ]


def _describe(finding: Finding) -> str:
    verdict = finding.verdict
    return f"unexpected: {finding.rule.id} {kind(finding)} on {finding.subject} at {verdict.at}: {verdict.message}"


def _meets(finding: Finding, item: Expectation) -> bool:
    if (finding.rule.id, kind(finding)) != (item.rule, item.verdict):
        return False
    if item.severity and finding.severity.value != item.severity:
        return False
    if item.subject:
        return _names(item.subject, finding.subject)
    places = (finding.origin, finding.verdict.at)
    return item.line in {place.line for place in places if isinstance(place, CodeOrigin)}


def _names(text: str, subject: str) -> bool:
    """Say whether the text is the subject, or the end of its address."""
    return subject == text or subject.endswith((f"/{text}", f":{text}"))
