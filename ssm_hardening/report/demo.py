"""What `demo` prints beside the reports of other commands: what was found, a brief audit, and how it ended."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ssm_hardening.core.errors import counted
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.report.checks import MARKS
from ssm_hardening.report.requirements import STATUSES, requirements
from ssm_hardening.report.style import Style, Tone, clipped
from ssm_hardening.report.words import TITLES, TONES, listed, times
from ssm_hardening.verdicts.findings import Audit, Crashed, Failed, Finding, Passed, RuleInfo, Severity, Undecided
from ssm_hardening.verification.providers import Supply
from ssm_hardening.verification.runner import Check, CheckOutcome
from ssm_hardening.verification.terraform import VALIDATE
from ssm_hardening.verification.tools import TERRAFORM, ToolVersion
from ssm_hardening.verification.twin import Tried

_ARN = re.compile(r"\barn:[\w-]+:[\w-]+:[\w-]*:\d*:(?:[\w-]+/)?")
_FROM = re.compile(r", with \S+/\S+ \S+, providers .*")
_STEP_LINES = 2
_DETAILS = 3

NO_TERRAFORM = (
    f"neither terraform nor tofu was found; add one to PATH, or pass its path with --terraform PATH or {TERRAFORM}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsFound:
    """The tools that the demo works with; `path` is None for one that is not there, `providers` without terraform."""

    terraform: ToolVersion
    checkov: ToolVersion
    providers: Supply | None


def found_lines(found: ToolsFound, style: Style) -> list[str]:
    """Return three lines: terraform, where providers come from, and checkov."""
    lines = []
    for name, fine, told in (
        ("terraform", found.terraform.path is not None, _told(found.terraform, "not found: nothing can be applied")),
        ("providers", found.providers is not None and not found.providers.problem, _origin(found.providers)),
        ("checkov", found.checkov.path is not None, _told(found.checkov, "not found: its check will be skipped")),
    ):
        mark = style.paint("✓", Tone.GREEN) if fine else style.paint("-", Tone.YELLOW)
        lines.append(f"  {mark} {style.paint(name.ljust(11), Tone.BOLD)}{clipped(told, style.width - 15)}")
    return lines


def _told(tool: ToolVersion, missing: str) -> str:
    if tool.path is None:
        return missing
    product = "OpenTofu " if tool.name == "opentofu" else ""
    return f"{product}{tool.version}, {_short(tool.path)}"


def _short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _origin(providers: Supply | None) -> str:
    if providers is None:
        return "not checked without terraform"
    if not providers.problem:
        return f"hashicorp/aws {providers.origin}"
    return f"hashicorp/aws is not available: {providers.problem}"


def probed_line(nodes: int, style: Style) -> list[str]:
    """Return how many nodes answered the probe."""
    return [f"  {style.paint('✓', Tone.GREEN)} {counted(nodes, 'node')} answered"]


def key_of(finding: Finding) -> tuple[str, str, str]:
    """Return what a finding has in common with the same one of another audit."""
    return finding.rule.id, finding.root, finding.subject


def failures(audit: Audit) -> list[Finding]:
    """Return what failed, and what could not be judged by a fault of ours."""
    return [finding for finding in audit.findings if isinstance(finding.verdict, Failed | Crashed)]


def closable(audit: Audit, plan: RemediationPlan) -> list[Finding]:
    """Return the failures that the plan's Terraform fixes."""
    targets = {(each.rule, each.root, each.subject) for each in (*plan.targets, *plan.proved)}
    return [finding for finding in failures(audit) if key_of(finding) in targets]


def brief_audit(audit: Audit, plan: RemediationPlan, style: Style) -> list[str]:
    """Return a line for each rule that failed, the worst first: how often, and who fixes it."""
    failed = failures(audit)
    fixed = {finding.rule.id for finding in closable(audit, plan)}
    head = f"{counted(len(failed), 'gap')}, by {counted(len({each.rule.id for each in failed}), 'rule')}"
    lines = [style.spread(head, "fixed by ", indent=2)]
    groups = _by_rule(failed)
    room = max((len(severity) for severity, *_ in groups), default=0)
    for severity, rule, count in groups:
        by, tone = ("Terraform", Tone.GREEN) if rule.id in fixed else ("manual   ", Tone.DIM)
        badge = style.paint(severity.upper().ljust(room), *TONES[severity])
        width = style.width - room - 14 - len(by)
        title = _titled(rule.headline or rule.title, count, width).ljust(width)
        lines.append(f"  {badge} {rule.id.ljust(8)}  {title} {style.paint(by, tone)}")
    return [*lines, "", *requirement_line(audit, style)]


def _titled(text: str, count: int, width: int) -> str:
    often = times(count)
    return f"{clipped(text, width - len(often) - 2)}  {often}" if often else clipped(text, width)


def _by_rule(failed: Iterable[Finding]) -> list[tuple[Severity, RuleInfo, int]]:
    def order(finding: Finding) -> tuple[int, str]:
        return finding.severity.rank, finding.rule.id

    groups = [list(group) for _, group in groupby(sorted(failed, key=order), key=order)]
    return [(group[0].severity, group[0].rule, len(group)) for group in groups]


def requirement_line(audit: Audit, style: Style) -> list[str]:
    """Return the requirements and whether each is met."""
    states = [(STATUSES[answer.status], TITLES[answer.requirement]) for answer in requirements(audit)]
    return ["  " + "   ".join(f"{style.paint(mark, tone)} {title}" for (mark, tone, _), title in states)]


def folder_line(folder: str, files: Sequence[str], plan: RemediationPlan, style: Style) -> list[str]:
    """Return what was generated, counted."""
    told = f"{counted(len(files), 'file')} in {folder}/: {counted(len(plan.modules), 'module')}"
    imports = f", {counted(len(plan.imports), 'existing object')} to import" if plan.imports else ""
    return style.wrap(f"{told}{imports}; README.md describes what each part fixes", 2)


def check_lines(checks: Sequence[Check], style: Style) -> list[str]:
    """Return a line or two for each check, and what is wrong where one did not pass."""
    room = max((len(check.name) for check in checks), default=0)
    lines, last = [], ""
    for check in checks:
        mark, tone = MARKS[check.outcome]
        passed = check.outcome is CheckOutcome.PASSED
        # Where providers come from is said once: at the start, and by the check that used them first.
        message = check.message if check.name == VALIDATE or not passed else _FROM.sub("", check.message)
        told = style.wrap("likewise" if message == last else message, room + 6)
        last = message
        head = f"  {style.paint(mark, tone)} {style.paint(check.name.ljust(room), Tone.BOLD)}"
        lines += [f"{head}  {told[0][room + 6 :] if told else ''}", *told[1:]]
        for detail in () if passed else check.details[:_DETAILS]:
            lines += style.wrap(clipped(" ".join(detail.split()), 3 * style.width), room + 6, Tone.DIM)
    return lines


def comparison(before: Audit, after: Audit, style: Style) -> list[str]:
    """Return the counts before and after, side by side."""
    lines = [style.paint(f"  {'':8}{'gaps':>6}{'undecided':>12}{'passed':>9}", Tone.DIM)]
    for when, audit in (("before", before), ("after", after)):
        gaps = len(failures(audit))
        told = style.paint(f"{gaps:>6}", Tone.BOLD, Tone.RED if gaps else Tone.GREEN)
        undecided = sum(isinstance(finding.verdict, Undecided) for finding in audit.findings)
        passed = sum(isinstance(finding.verdict, Passed) for finding in audit.findings)
        lines.append(f"  {when:<8}{told}{undecided:>12}{passed:>9}")
    return [*lines, "", *requirement_line(after, style)]


def left_lines(after: Audit, plan: RemediationPlan, style: Style) -> list[str]:
    """Return what must be fixed manually: the gaps that remain, with the steps of the plan, and what is undecided."""
    lines = ["", style.paint("  Manual", Tone.BOLD)] if failures(after) or plan.manual else []
    for severity, rule, count in _by_rule(failures(after)):
        badge = style.paint(severity.upper().ljust(8), *TONES[severity])
        lines.append(
            f"  {style.paint('✗', Tone.RED)} {badge}  {rule.id.ljust(9)} "
            f"{_titled(rule.headline or rule.title, count, style.width - 24)}"
        )
        for step in (step for step in plan.manual if rule.id in step.closes):
            lines += _step(step.what, style)
    for step in (step for step in plan.manual if not step.closes):
        first, *others = _step(step.what, style)
        lines += [f"  {style.paint('·', Tone.CYAN)} {first.lstrip()}", *others]
    unsure = [finding for finding in after.findings if isinstance(finding.verdict, Undecided)]
    for _, rule, count in _by_rule(unsure):
        mark = style.paint("?", Tone.YELLOW)
        lines.append(f"  {mark} {'undecided':8} {rule.id.ljust(9)} {_titled(rule.title, count, style.width - 24)}")
    return lines


def _step(text: str, style: Style) -> list[str]:
    lines = style.wrap(_ARN.sub("", text), 4, Tone.DIM)
    if len(lines) <= _STEP_LINES:
        return lines
    return style.wrap(clipped(_ARN.sub("", text), _STEP_LINES * (style.width - 8)), 4, Tone.DIM)[:_STEP_LINES]


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
    failed = _named(checks, CheckOutcome.FAILED)
    wrong = (f"A check failed: {failed}.",) if failed else ()
    lines = (f"Nothing can be applied here: {obstacle}.", *wrong)
    return Ending(lines, Tone.RED if failed else Tone.YELLOW, last=told)


def nothing_applied(before: Audit, checks: Sequence[Check], tried: Tried) -> Ending:
    """Return the end where it failed before an apply was begun."""
    remaining = _remaining(failures(before))
    failed = _named((*checks, *tried.checks), CheckOutcome.FAILED)
    return Ending(
        (f"Remediation incomplete: {remaining}. Nothing was applied. Failed: {failed}.", *_why(tried)), Tone.RED
    )


def applied(plan: RemediationPlan, before: Audit, after: Audit, checks: Sequence[Check], tried: Tried) -> Ending:
    """Return the end where an apply was begun and the account was audited again."""
    every = (*checks, *tried.checks)
    failed, left = _named(every, CheckOutcome.FAILED), _left(plan, before, after)
    if failed or left:
        return _incomplete(after, failed, left, tried)
    fixed = len(closable(before, plan))
    lines = [f"Remediation complete: the {counted(fixed, 'gap')} that the plan fixes {_are(fixed)} fixed."]
    rest, unsure = len(failures(after)), sum(isinstance(each.verdict, Undecided) for each in after.findings)
    others = [f"{counted(rest, 'gap')} must be fixed manually"] if rest else []
    others += [f"{counted(unsure, 'verdict')} {_are(unsure)} undecided"] if unsure else []
    lines += [f"{'; '.join(others)}."] if others else []
    skipped = _named(every, CheckOutcome.SKIPPED)
    lines += [f"Not checked: {skipped}; the reason is given above."] if skipped else []
    return Ending(tuple(lines), Tone.YELLOW if skipped else Tone.GREEN, closed=True)


def _incomplete(after: Audit, failed: str, left: Sequence[Finding], tried: Tried) -> Ending:
    lines = [f"Remediation incomplete: {_remaining(failures(after))}. {tried.applied.told().capitalize()}."]
    lines += [f"Failed: {failed}."] if failed else []
    lines += _why(tried)
    if left:
        names = listed(dict.fromkeys(f"{each.rule.id} {each.rule.title}" for each in left), most=_MOST)
        lines.append(f"The plan did not fix: {names}.")
    return Ending(tuple(lines), Tone.RED)


def _why(tried: Tried) -> tuple[str, ...]:
    return (f"Error: {tried.error}",) if tried.error else ()


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _remaining(findings: Sequence[Finding]) -> str:
    return f"{counted(len(findings), 'gap')} {'remains' if len(findings) == 1 else 'remain'}"


def _named(checks: Iterable[Check], outcome: CheckOutcome) -> str:
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
