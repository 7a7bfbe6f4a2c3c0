"""What plan, generate, check and others have in common: judge, waive, remedy, tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ssm_hardening.cli import output, sources
from ssm_hardening.cli.decisions import NONE, Decisions
from ssm_hardening.core.errors import ExitCode, UsageError
from ssm_hardening.core.redaction import Redactor
from ssm_hardening.model import FAULT, HOST, LIVE, Account
from ssm_hardening.read.graph import Reading
from ssm_hardening.report.formats import AUDIT, AuditReport, View
from ssm_hardening.report.words import listed
from ssm_hardening.verdicts.findings import Audit, Crashed, Failed, Finding, NotApplicable, Passed, Severity, Undecided

if TYPE_CHECKING:
    from ssm_hardening.access.view import AccessView
    from ssm_hardening.cli.crew import Crew
    from ssm_hardening.cli.reports import Destination
    from ssm_hardening.judge.comparison import Comparison
    from ssm_hardening.remediation.plan import RemediationPlan
    from ssm_hardening.rules.registry import AnyRule
    from ssm_hardening.verdicts.standards import Standard


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An audit, the accounts it is about, and what the user should know about how it was made.

    `refused` says which of the files that were named cannot be read, and why.
    """

    audit: Audit
    accounts: tuple[Account, ...]
    standard: "Standard"
    notes: tuple[str, ...]
    unreadable: bool = False
    refused: tuple[str, ...] = ()
    comparison: "Comparison | None" = None
    redactor: Redactor = field(default_factory=Redactor)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChoice:
    """What the user asked for: the standard and the choice of rules.

    `documents_alone`: nothing but documents, stores and keys was read.
    """

    standard: str = "baseline"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    documents_alone: bool = False


def crew_for(asked: RuleChoice, *, jobs: int | None, no_cache: bool, quiet: bool) -> "Crew":
    """Return who reads code for an audit, and evaluates it in passing. Raises UsageError."""
    from ssm_hardening.cli.crew import Crew, Questions

    rules, standard = _chosen(asked)
    questions = Questions(rules=tuple(rule.info.id for rule in rules), standard=standard)
    return Crew(questions, jobs=jobs, no_cache=no_cache, quiet=quiet)


def _chosen(asked: RuleChoice) -> "tuple[tuple[AnyRule, ...], Standard]":
    from ssm_hardening.rules.catalogue import load_rules, rule_ids
    from ssm_hardening.verdicts.standards import load_standard

    standard = load_standard(asked.standard, known=rule_ids())
    rules = load_rules(only=asked.only, skip=asked.skip, documents_alone=asked.documents_alone)
    if all(rule.info.id in standard.off for rule in rules):
        raise _no_rule_left(asked, standard)
    return rules, standard


def judge(
    reading: Reading,
    asked: RuleChoice,
    *,
    notes: Sequence[str] = (),
    decided: Decisions = NONE,
    crew: "Crew | None" = None,
) -> Judged:
    """Run the rules, and note on the findings what was decided about them: in the code, in files, in a baseline.

    What the `crew` that read the code found is not looked for again.
    """
    from datetime import UTC, datetime

    from ssm_hardening.cli.commands import told_of_settings
    from ssm_hardening.judge import waivers
    from ssm_hardening.judge.engine import run

    rules, standard = _chosen(asked)
    known = {} if crew is None or not crew.judged else {"known": crew.judged}
    audit = run(rules, reading.accounts, standard, **known)
    if any(account.guardrails.items for account in reading.accounts):
        from ssm_hardening.judge.guardrails import with_guardrails_named

        audit = with_guardrails_named(audit, rules, reading.accounts, standard)
    redactor, today = Redactor(reading.sensitive), datetime.now(tz=UTC).date()
    waived, complaints = waivers.apply(audit, waivers.collect(reading.files), today=today)
    noted, more = decided.noted(waived, redactor=redactor, today=today)
    return Judged(
        audit=noted,
        accounts=reading.accounts,
        standard=standard,
        notes=redactor.hide((*told_of_settings(), *notes, *reading.notes, *complaints, *more)),
        redactor=redactor,
        unreadable=sources.is_unreadable(reading),
        refused=reading.refused,
        comparison=_compared(reading.accounts),
    )


def _no_rule_left(asked: RuleChoice, standard: "Standard") -> UsageError:
    """Say what took away the rules that were asked for: that nothing was judged must not look like a pass."""
    from ssm_hardening.rules.catalogue import rule_ids, rules_named

    skipped, only = rules_named(asked.skip), rules_named(asked.only)
    named = [rule for rule in rule_ids() if not only or rule in only]
    took = {
        "--skip leaves out": [rule for rule in named if rule in skipped],
        f"the standard {standard.name} turns off": [rule for rule in named if rule in standard.off - skipped],
    }
    told = (f"{how} {listed(rules, most=6)}" for how, rules in took.items() if rules)
    return UsageError(f"no rule is left: {'; '.join(told)}", hint="skip fewer rules, or select others with --only")


def _compared(accounts: Sequence[Account]) -> "Comparison | None":
    """Compare code with live accounts, where both were read."""
    # Evidence alone is no side: it tells of nothing that code declares.
    compared = [account for account in accounts if account.source != HOST]
    if {account.source == LIVE for account in compared} != {True, False}:  # one side alone
        return None
    from ssm_hardening.judge.comparison import compare

    return compare(compared)


def remedy(judged: Judged, *, into: bool = False) -> "RemediationPlan":
    """Plan what fixes the gaps. `into`: the modules are to stand in the user's own root."""
    from ssm_hardening.remediation.planning import plan_remediation
    from ssm_hardening.remediation.secrecy import withheld

    plan = plan_remediation(
        judged.audit,
        judged.accounts,
        into=into,
        read_file=_text_of,
        thresholds=judged.standard.thresholds,
    )
    return withheld(plan, judged.redactor)


def _text_of(name: str) -> str:
    """Return the text of a file that facts name, as far as it was read for them: a snapshot may name any file."""
    from ssm_hardening.read.paths import ALONE, bytes_within

    path = Path(name)
    return bytes_within(path.parent.resolve() / path.name, ALONE, Path.cwd().resolve()).decode("utf-8-sig")


def remedy_shown(judged: Judged, words: Sequence[str], view: View) -> "RemediationPlan | None":
    """Plan what fixes the gaps, unless the user wants nothing but tables without it."""
    for_people = all(AUDIT.by_word[word].for_people for word in words)
    return None if view.no_remediation and for_people else remedy(judged)


def report_of(judged: Judged, plan: "RemediationPlan | None" = None, view: View = View()) -> AuditReport:
    """Return the report of an audit, without what is sensitive."""
    from ssm_hardening.report.verdicts import control_policies_not_read

    hide = judged.redactor.hide

    def access() -> "Sequence[AccessView]":
        from ssm_hardening.access.view import access_views

        return hide(access_views(judged.accounts))

    return AuditReport(
        audit=hide(judged.audit),
        plan=plan,
        notes=judged.notes,
        accounts=tuple(replace(each, account=hide(each.account), gaps=hide(each.gaps)) for each in judged.accounts),
        comparison=hide(judged.comparison),
        unread=hide(tuple(dict.fromkeys((*judged.refused, *sources.unread(judged.accounts))))),
        not_read=hide(tuple(control_policies_not_read(judged.accounts, judged.audit.findings))),
        access=access,
        view=view,
    )


def tell(
    judged: Judged,
    plan: "RemediationPlan | None",
    word: str,
    also: "Sequence[Destination]" = (),
    view: View = View(),
    *,
    quiet: bool,
) -> None:
    """Print an audit and its remedy in the format of this word; notes that people would not read there go to stderr."""
    output.show(AUDIT, word, report_of(judged, plan, view), also)
    if not AUDIT.by_word[word].for_people:
        output.notes(judged.notes, quiet=quiet)


def exit_code(judged: Judged, *, fail_on: Severity, fail_on_undecided: bool) -> ExitCode:
    """Return what the audit says to a pipeline, and whether everything that was named was readable."""
    readable = ExitCode.USAGE if judged.unreadable or judged.refused else ExitCode.OK
    faults = [gap for account in judged.accounts for gap in account.gaps if gap.kind == FAULT]
    return worst(
        ExitCode.FAULT if faults else readable,
        of_audit(judged.audit, fail_on=fail_on, fail_on_undecided=fail_on_undecided),
    )


_PRECEDENCE = (ExitCode.FAULT, ExitCode.USAGE, ExitCode.GAPS, ExitCode.UNDECIDED, ExitCode.OK)


def worst(*codes: ExitCode) -> ExitCode:
    """Return the code that counts where several apply; OK where there is none."""
    return min(codes, key=_PRECEDENCE.index, default=ExitCode.OK)


def of_audit(audit: Audit, *, fail_on: Severity = Severity.LOW, fail_on_undecided: bool = False) -> ExitCode:
    """Return the code of an audit; what is waived, or known in the baseline, does not count."""
    counted = (finding for finding in audit.findings if finding.counts)
    return worst(*(_of_finding(finding, fail_on, fail_on_undecided=fail_on_undecided) for finding in counted))


def _of_finding(finding: Finding, fail_on: Severity, *, fail_on_undecided: bool) -> ExitCode:
    match finding.verdict:
        case Crashed():
            return ExitCode.FAULT
        case Failed():
            return ExitCode.GAPS if finding.severity.rank <= fail_on.rank else ExitCode.OK
        case Undecided():
            return ExitCode.UNDECIDED if fail_on_undecided else ExitCode.OK
        case Passed() | NotApplicable():
            return ExitCode.OK
