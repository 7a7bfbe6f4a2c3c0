"""What the product says of a configuration, held against what its construction says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.rules.catalogue import load_rule, rule_ids
from ssm_hardening.verdicts.findings import Failed, Finding
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.constructed.expecting import ACCOUNT, Expected
from tests.constructed.reference_nodes import READ
from tests.rules.fixtures import kind

_WORST_FIRST = ("crashed", "failed", "undecided", "passed", "not_applicable")


@dataclass(frozen=True, slots=True)
class Outcome:
    """An expectation, and what was found: the worst verdict, or `none`; and what is wrong, if anything."""

    expected: Expected
    found: str
    wrong: str

    @property
    def is_left_undecided(self) -> bool:
        """Say whether the product does not tell."""
        return self.found not in {"passed", "failed", *self.expected.verdicts}


@dataclass(frozen=True, slots=True)
class Judged:
    """A configuration with everything that was expected of it, and the rules that repeat doubt about the account."""

    case: object
    outcomes: tuple[Outcome, ...]
    repeated: tuple[str, ...]


def verdicts_on(accounts: Sequence[Account]) -> Mapping[tuple[str, str, str], Sequence[str]]:
    """Return the kinds of verdicts of every rule, by the rule, the subject, and its Region."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in run([load_rule(rule) for rule in rule_ids()], accounts, BUILT_IN["baseline"]).findings:
        found.setdefault((each.rule.id, each.subject, each.region), []).append(kind(each))
    return found


def judged(case: object, expected: Sequence[Expected], accounts: Sequence[Account]) -> Judged:
    """Ask the rules of which something is expected, and compare."""
    wanted = {READ, *(each.rule for each in expected)}
    rules = [load_rule(rule) for rule in rule_ids() if rule in wanted]
    findings = run(rules, accounts, BUILT_IN["baseline"]).findings
    outcomes = tuple(_outcome(each, findings) for each in expected)
    return Judged(case, outcomes, tuple(_repeated(findings)))


def _outcome(expected: Expected, findings: Sequence[Finding]) -> Outcome:
    about = [each for each in findings if expected.is_about(each.rule.id, each.subject, each.region)]
    found = min((kind(each) for each in about), key=_WORST_FIRST.index, default="none")
    return Outcome(expected, found, "; ".join(_wrong(expected, found, about)))


def _wrong(expected: Expected, found: str, about: Sequence[Finding]) -> Iterator[str]:
    if found not in expected.verdicts:
        yield f"{found}, not {' or '.join(sorted(expected.verdicts))}"
    failures = [each for each in about if isinstance(each.verdict, Failed)]
    worst = min((each.severity for each in failures), key=lambda severity: severity.rank, default="")
    if expected.severity and failures and worst != expected.severity:
        yield f"{worst}, not {expected.severity}"
    if expected.once and len(about) > 1:
        yield f"{len(about)} verdicts, not one"
    if any(expected.said not in each.verdict.message for each in failures):
        yield f"not said: {expected.said}"


def _repeated(findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings:
        if each.subject == ACCOUNT and each.rule.id != READ and kind(each) == "undecided":
            yield each.rule.id
