"""The last lines of `demo`: what was seen to be closed, what was not, and what was not tried."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ssm_hardening.findings import Audit, Finding, Undecided
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.demo import closable, failures, key_of
from ssm_hardening.report.style import Tone
from ssm_hardening.report.words import counted, listed
from ssm_hardening.verification.runner import Check, Outcome
from ssm_hardening.verification.twin import Tried

_MOST = 4


@dataclass(frozen=True, slots=True)
class Ending:
    """The lines, how they are shown, and whether the loop closed. `last` is not wrapped: logs are searched for it."""

    lines: tuple[str, ...]
    tone: Tone
    closed: bool = False
    last: str = ""


def not_applied(plan: RemediationPlan, before: Audit, checks: Sequence[Check], obstacle: str) -> Ending:
    """Return the end where nothing could be applied: nobody's fault, and no claim."""
    count = len(failures(before))
    told = (
        f"not applied: {counted(count, 'gap')} {'remains' if count == 1 else 'remain'} in the simulated account; "
        f"the plan has remedies for {len(closable(before, plan))} of them"
    )
    failed = _named(checks, Outcome.FAILED)
    wrong = (f"A check failed: {failed}.",) if failed else ()
    lines = (f"Nothing can be applied here: {obstacle}.", *wrong)
    return Ending(lines, Tone.RED if failed else Tone.YELLOW, last=told)


def nothing_applied(before: Audit, checks: Sequence[Check], tried: Tried) -> Ending:
    """Return the end where it failed before an apply was begun."""
    remaining = _remaining(failures(before))
    failed = _named((*checks, *tried.checks), Outcome.FAILED)
    return Ending(
        (f"Remediation incomplete: {remaining}. Nothing was applied. Failed: {failed}.", *_why(tried)), Tone.RED
    )


def applied(plan: RemediationPlan, before: Audit, after: Audit, checks: Sequence[Check], tried: Tried) -> Ending:
    """Return the end where an apply was begun and the account was audited again."""
    every = (*checks, *tried.checks)
    failed, left = _named(every, Outcome.FAILED), _left(plan, before, after)
    if failed or left:
        return _incomplete(after, failed, left, tried)
    fixed = len(closable(before, plan))
    lines = [f"Remediation complete: the {counted(fixed, 'gap')} that the plan fixes {_are(fixed)} fixed."]
    rest, unsure = len(failures(after)), sum(isinstance(each.verdict, Undecided) for each in after.findings)
    others = [f"{counted(rest, 'gap')} {_are(rest)} left for a person"] if rest else []
    others += [f"{counted(unsure, 'verdict')} {_are(unsure)} undecided"] if unsure else []
    lines += [f"{'; '.join(others)}."] if others else []
    skipped = _named(every, Outcome.SKIPPED)
    lines += [f"Not checked: {skipped}; the reason stands above."] if skipped else []
    return Ending(tuple(lines), Tone.YELLOW if skipped else Tone.GREEN, closed=True)


def _incomplete(after: Audit, failed: str, left: Sequence[Finding], tried: Tried) -> Ending:
    lines = [f"Remediation incomplete: {_remaining(failures(after))}. {tried.applied.told().capitalize()}."]
    lines += [f"Failed: {failed}."] if failed else []
    lines += _why(tried)
    if left:
        names = listed(dict.fromkeys(f"{each.rule.id} {each.rule.title}" for each in left), most=_MOST)
        lines.append(f"The plan was to fix, and did not: {names}.")
    return Ending(tuple(lines), Tone.RED)


def _why(tried: Tried) -> tuple[str, ...]:
    return (f"Error: {tried.error}",) if tried.error else ()


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _remaining(findings: Sequence[Finding]) -> str:
    return f"{counted(len(findings), 'gap')} {'remains' if len(findings) == 1 else 'remain'}"


def _named(checks: Iterable[Check], outcome: Outcome) -> str:
    return ", ".join(dict.fromkeys(check.name for check in checks if check.outcome is outcome))


def _left(plan: RemediationPlan, before: Audit, after: Audit) -> list[Finding]:
    """Return what fails though the plan was to close it, and what fails only since and was not foretold."""
    targets = {(each.rule, each.root, each.subject) for each in (*plan.targets, *plan.proved)}
    told = {rule for step in plan.manual for rule in step.closes}
    known = {key_of(finding) for finding in failures(before)}
    left = failures(after)
    return [
        each for each in left if key_of(each) in targets or (key_of(each) not in known and each.rule.id not in told)
    ]
