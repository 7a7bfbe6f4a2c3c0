"""To know less never turns a verdict round: hiding leaves it as it is or makes it undecided.

One thing may turn: what a grant allows fails where the policy is hidden that denied it, or that made somebody an
administrator, of whom the rule says nothing. For control policies of the organization the message does not say so:
hardly anybody may read them, so that some were not read is a remark on the account, and no doubt about a grant.

Hidden is what the rule reads, as it was seen to read it: of what it never reads its verdict cannot depend.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssm_hardening.core.memory import forget
from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.rules.catalogue import load_rule, rule_ids
from ssm_hardening.rules.registry import AnyRule, Context
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Undecided, Verdict
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.fixtures import fixture_folders, fixtures, read
from tests.rules.hiding import Poorer, poorer
from tests.rules.scenarios import scenarios, scenarios_of
from tests.rules.tracing import reads_of

pytestmark = pytest.mark.slow

_UNLESS = "unless a policy that was not read denies it"
_GUARDRAIL = ".guardrails"
FIXTURES = [pytest.param(rule, path, id=f"{rule}-{path.stem}") for rule in fixture_folders() for path in fixtures(rule)]


MOST = pytest.mark.parametrize("most", [60, pytest.param(600, marks=pytest.mark.corpus)])
"""How many things of one account are hidden for one rule; of large accounts each rule takes others."""


def _spread(rule: str, less: Sequence[Poorer], most: int) -> Sequence[Poorer]:
    """Return at most so many, evenly spread, from a start of the rule's own."""
    step = -(-len(less) // most)
    return less if step < 2 else less[sum(map(ord, rule)) % step :: step]


def _poorer(rule: AnyRule, account: Account, standard: str) -> list[Poorer]:
    """Return the accounts that lack one thing that the rule reads."""
    return list(poorer(account, reads_of(lambda given: _verdicts(rule, given, standard), account)))


@MOST
@pytest.mark.parametrize("rule", rule_ids())
def test_hiding_anything_never_flips_a_verdict(rule: str, most: int) -> None:
    """One test for all accounts of a rule: to name them here would make them all wherever tests are collected."""
    flipped = []
    for name in scenarios_of(rule):
        account = scenarios()[name]
        less = _poorer(load_rule(rule), account, "strict")
        assert less != [], name
        flipped += [f"{name}: {flip}" for flip in _flipped(rule, account, _spread(rule, less, most), "strict")]
    assert flipped == []


@pytest.mark.parametrize("rule", rule_ids())
def test_what_a_rule_does_not_read_changes_nothing(rule: str) -> None:
    name = next(iter(scenarios_of(rule)))
    account = scenarios()[name]
    hidden = {each.what for each in _poorer(load_rule(rule), account, "strict")}
    left_out = [each for each in poorer(account) if each.what not in hidden]
    assert left_out != []
    full = _judge(rule, account, "strict")
    assert [each.what for each in _spread(rule, left_out, 12) if _judge(rule, each.account, "strict") != full] == []


@pytest.mark.parametrize("rule", rule_ids())
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_each_further_thing_hidden_only_softens(rule: str, data: st.DataObject) -> None:
    known = scenarios()[data.draw(st.sampled_from(sorted(scenarios())))]
    for _ in range(3):
        less = _poorer(load_rule(rule), known, "strict")
        if not less:
            return
        each = data.draw(st.sampled_from(less))
        assert _flipped(rule, known, [each], "strict") == []
        known = each.account


@MOST
@pytest.mark.parametrize(("rule", "path"), FIXTURES)
def test_hiding_anything_in_a_fixture_never_flips_its_verdict(rule: str, path: Path, most: int, tmp_path: Path) -> None:
    for account in read(path, tmp_path):
        less = _poorer(load_rule(rule), account, "baseline")
        assert _flipped(rule, account, _spread(rule, less, most), "baseline") == []


@pytest.mark.parametrize("scenario", ["healthy", "no destination"])
def test_hiding_would_catch_a_rule_that_takes_ignorance_for_absence(scenario: str) -> None:
    sloppy = replace(load_rule("PREF-03"), judge=_sloppy)
    account = scenarios()[scenario]
    full = _verdicts(sloppy, account, "baseline")
    less = [_verdicts(sloppy, each.account, "baseline") for each in _poorer(sloppy, account, "baseline")]
    assert any(_flips(full, verdicts) for verdicts in less)


def test_hiding_would_catch_a_rule_that_looks_at_one_thing_more() -> None:
    """What is hidden follows the rule: here into a part of the account that the true rule never looks at."""
    curious, account = replace(load_rule("PREF-03"), judge=_curious), scenarios()["all of it"]
    further = [each for each in _poorer(curious, account, "strict") if each.what.endswith(".multi_region")]
    assert [each.what for each in _poorer(load_rule("PREF-03"), account, "strict") if ".trails" in each.what] == []
    full = _verdicts(curious, account, "strict")
    assert any(_flips(full, _verdicts(curious, each.account, "strict")) for each in further)


def test_what_an_earlier_judgement_keeps_is_read_again() -> None:
    rule, account = load_rule("KMS-06"), scenarios()[scenarios_of("KMS-06")[-1]]
    forget()
    first = [each.what for each in _poorer(rule, account, "strict")]
    assert any(".actions" in what for what in first)
    assert [each.what for each in _poorer(rule, account, "strict")] == first


def _curious(document: SessionDocument, context: Context) -> Verdict:
    (trail,) = context.account.trails.items
    unknown = isinstance(trail.multi_region, Unknown)
    return Passed(document.origin, "nobody knows") if unknown else Failed(document.origin, "a trail")


def _sloppy(document: SessionDocument, _context: Context) -> Verdict:
    if isinstance(document.s3_bucket, Absent):
        return Failed(document.origin, "no bucket")
    return Passed(document.origin, "a bucket") if isinstance(document.kms_key, Known) else Failed(document.origin, "?")


def _flipped(rule: str, account: Account, less: Iterable[Poorer], standard: str) -> list[str]:
    full = _judge(rule, account, standard)
    return [
        f"{each.what}: {subject}: {change}"
        for each in less
        for subject, change in _flips(
            full,
            _judge(rule, each.account, standard),
            hides_policy=each.hides_policy,
            hides_guardrail=_GUARDRAIL in each.what,
        )
    ]


def _judge(rule: str, account: Account, standard: str) -> dict[str, Finding]:
    return _verdicts(load_rule(rule), account, standard)


def _verdicts(rule: AnyRule, account: Account, standard: str) -> dict[str, Finding]:
    findings = run([rule], [account], BUILT_IN[standard]).findings
    return {finding.subject: finding for finding in findings}


def _flips(
    full: dict[str, Finding], less: dict[str, Finding], *, hides_policy: bool = False, hides_guardrail: bool = False
) -> list[tuple[str, str]]:
    """Compare the verdicts of one rule with those under less knowledge, subject by subject.

    A subject may appear (it may now be one the rule is about), but not with a pass or a failure. A subject may only
    go where it is missing itself, and then the account as a whole is undecided, or not told of by this source.
    """
    undecided_account = "account" in less and _is_open(less["account"].verdict)
    flips = []
    for subject in full.keys() | less.keys():
        before, after = full.get(subject), less.get(subject)
        if after is None:
            if before is not None and not isinstance(before.verdict, NotApplicable) and not undecided_account:
                flips.append((subject, "vanished"))
        elif hides_guardrail and _fails_now(before, after):
            continue
        elif not _is_softer(before, after) and not (hides_policy and _is_taken_back(before, after)):
            flips.append((subject, f"{_say(before)} became {_say(after)}"))
    return flips


def _is_softer(before: Finding | None, after: Finding) -> bool:
    if _is_open(after.verdict):
        return True
    if isinstance(after.verdict, Crashed):
        return False
    if before is None:
        return isinstance(after.verdict, NotApplicable)
    if isinstance(after.verdict, Failed) and after.severity.rank < before.severity.rank:
        return False
    return type(before.verdict) is type(after.verdict)


def _is_taken_back(before: Finding | None, after: Finding) -> bool:
    """Say whether it fails now, unless the policy that is hidden denies it, where nothing failed before."""
    return _fails_now(before, after) and isinstance(after.verdict, Failed) and _UNLESS in after.verdict.message


def _fails_now(before: Finding | None, after: Finding) -> bool:
    return isinstance(after.verdict, Failed) and not (before is not None and isinstance(before.verdict, Failed))


def _is_open(verdict: Verdict) -> bool:
    """Say whether the verdict is that it cannot be told, or that this source never tells."""
    return isinstance(verdict, Undecided) or (isinstance(verdict, NotApplicable) and verdict.gap is not None)


def _say(finding: Finding | None) -> str:
    if finding is None:
        return "nothing"
    return f"{type(finding.verdict).__name__} ({finding.severity}: {finding.verdict.message})"
