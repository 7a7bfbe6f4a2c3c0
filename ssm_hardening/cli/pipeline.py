"""What plan, generate and check have in common: read, judge, waive."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ssm_hardening.core import limits
from ssm_hardening.core.errors import ExitCode, UsageError
from ssm_hardening.core.redaction import Redactor
from ssm_hardening.core.values import Why
from ssm_hardening.model import FAULT, HOST, LINK, LIVE, Account
from ssm_hardening.read.code.inputs import Inputs, terraform_variables
from ssm_hardening.read.graph import Reading
from ssm_hardening.report.exit_codes import of_audit, worst
from ssm_hardening.report.words import listed
from ssm_hardening.verdicts.findings import Audit, Severity

if TYPE_CHECKING:
    from ssm_hardening.cli.live import Live
    from ssm_hardening.judge.comparison import Comparison
    from ssm_hardening.remediation.plan import RemediationPlan
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
class Question:
    """What is asked of the sources: the standard and the choice of rules.

    `documents_alone`: nothing but documents, stores and keys was read.
    """

    standard: str = "baseline"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    documents_alone: bool = False


def inputs_of(
    variables: Sequence[str] | None, files: Sequence[Path] | None, *, environment: bool = True
) -> tuple[Inputs, tuple[str, ...]]:
    """Return the inputs for root modules, and a note on the environment variables used."""
    named: dict[str, str] = {}
    for text in variables or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            # The text is not repeated: it may be a value that lacks its name.
            raise UsageError("--var: a variable is set as NAME=VALUE")
        named[name.strip()] = value
    used = terraform_variables(os.environ) if environment else {}
    notes = (f"used from the environment: {', '.join(f'TF_VAR_{name}' for name in sorted(used))}",) if used else ()
    return Inputs(variables=named, files=tuple(files or ()), environment=used), notes


def read_sources(
    paths: Sequence[Path] | None,
    snapshot: Path | None,
    inputs: Inputs,
    live: "Live | None" = None,
    *,
    plans: Sequence[Path] = (),
    evidence: Sequence[Path] = (),
    quiet: bool = False,
) -> Reading:
    """Read every source the user named; the working directory where none is.

    Evidence from inside nodes joins the accounts that hold them, so it comes last.
    """
    reading = _read_accounts(paths, snapshot, inputs, live, plans=plans, alone=not evidence, quiet=quiet)
    if not evidence:
        return reading
    return replace(reading, accounts=join_evidence(reading.accounts, evidence))


def join_evidence(accounts: Sequence[Account], paths: Sequence[Path]) -> tuple[Account, ...]:
    """Return the accounts with what evidence tells of the inside of their nodes. Raises UsageError."""
    from ssm_hardening.cli.evidence import files_in
    from ssm_hardening.read.hosts.joining import read_evidence, with_evidence

    return with_evidence(accounts, read_evidence(files_in(paths)))


def _read_accounts(
    paths: Sequence[Path] | None,
    snapshot: Path | None,
    inputs: Inputs,
    live: "Live | None",
    *,
    plans: Sequence[Path],
    alone: bool,
    quiet: bool,
) -> Reading:
    """Read accounts and code. `alone`: where none of them is named, the working directory is meant."""
    accounts: list[Account] = []
    asked = live is not None and live.live
    if snapshot is not None:
        accounts += read_snapshot(snapshot)
    if live is not None and asked:
        accounts += read_live(live, quiet=quiet)
    shown = read_plan_files(plans)
    accounts += shown.accounts
    if paths or (alone and snapshot is None and not asked and not plans):
        from ssm_hardening.read.code.reader import read_terraform

        reading = read_terraform(paths or [Path()], inputs=inputs)
        return replace(
            reading,
            accounts=(*accounts, *reading.accounts),
            notes=(*shown.notes, *reading.notes),
            sensitive=shown.sensitive | reading.sensitive,
        )
    return replace(shown, accounts=tuple(accounts))


def read_plan_files(files: Sequence[Path]) -> Reading:
    """Read plans recorded as JSON. Raises UsageError where a file is none."""
    if not files:
        return Reading(accounts=())
    from ssm_hardening.read.plan.reader import read_plans

    return read_plans(files)


def read_snapshot(path: Path) -> tuple[Account, ...]:
    """Read accounts recorded as JSON. Raises UsageError where the file is none."""
    from ssm_hardening.read.snapshot import loads

    try:
        text = limits.read_named(path, limits.SNAPSHOT, hint="record fewer accounts or Regions at a time").decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: cannot be read: {error}", hint="make a snapshot with inspect --format json"
        ) from error
    return loads(text, file=str(path))


def read_live(live: "Live", *, quiet: bool) -> tuple[Account, ...]:
    """Read the live accounts the user named, with progress on stderr. Raises UsageError."""
    from ssm_hardening.cli.counting import CallCounter
    from ssm_hardening.read.live import reach
    from ssm_hardening.read.live.clients import WantedStores

    targets = reach.targets(
        profile=live.profile,
        regions=tuple(live.region or ()),
        role_arns=tuple(live.role_arn or ()),
        external_id=live.external_id,
        organization=live.organization,
        role_name=live.role_name,
    )
    wanted = WantedStores(log_buckets=tuple(live.log_bucket or ()), log_groups=tuple(live.log_group or ()))
    with CallCounter(quiet=quiet) as counter:
        return reach.read_all(targets, wanted, executor=live.executor, watch=counter.watch)


def is_silent(accounts: Sequence[Account]) -> bool:
    """Say whether only live accounts were asked for, and not one of them could be read."""
    if not accounts or any(account.source != LIVE for account in accounts):
        return False
    from ssm_hardening.report.matrix import unread_because

    return all(unread_because(account) for account in accounts)


def judge(reading: Reading, question: Question, *, notes: Sequence[str] = ()) -> Judged:
    """Run the rules and apply the waivers in the code."""
    from datetime import UTC, datetime

    from ssm_hardening.judge import waivers
    from ssm_hardening.judge.engine import run
    from ssm_hardening.rules.catalogue import load_rules, rule_ids
    from ssm_hardening.verdicts.standards import load_standard

    standard = load_standard(question.standard, known=rule_ids())
    rules = load_rules(only=question.only, skip=question.skip, documents_alone=question.documents_alone)
    if all(rule.info.id in standard.off for rule in rules):
        raise _no_rule_left(question, standard)
    audit = run(rules, reading.accounts, standard)
    waived, complaints = waivers.apply(audit, waivers.collect(reading.files), today=datetime.now(tz=UTC).date())
    redactor = Redactor(reading.sensitive)
    return Judged(
        audit=waived,
        accounts=reading.accounts,
        standard=standard,
        notes=redactor.hide((*notes, *reading.notes, *complaints)),
        redactor=redactor,
        unreadable=is_unreadable(reading),
        refused=reading.refused,
        comparison=_compared(reading.accounts),
    )


def _no_rule_left(question: Question, standard: "Standard") -> UsageError:
    """Say what took away the rules that were asked for: that nothing was judged must not look like a pass."""
    from ssm_hardening.rules.catalogue import rule_ids

    skipped = {rule.upper() for rule in question.skip}
    asked = [rule for rule in rule_ids() if not question.only or rule in {each.upper() for each in question.only}]
    took = {
        "--skip leaves out": [rule for rule in asked if rule in skipped],
        f"the standard {standard.name} turns off": [rule for rule in asked if rule in standard.off - skipped],
    }
    told = (f"{how} {listed(rules, most=6)}" for how, rules in took.items() if rules)
    return UsageError(f"no rule is left to judge by: {'; '.join(told)}", hint="leave it on, or name another by --only")


def _compared(accounts: Sequence[Account]) -> "Comparison | None":
    """Compare code with live accounts, where both were read."""
    # Evidence alone is no side: it tells of nothing that code declares.
    compared = [account for account in accounts if account.source != HOST]
    if len({account.source == LIVE for account in compared}) < 2:  # noqa: PLR2004 - one side alone
        return None
    from ssm_hardening.judge.comparison import compare

    return compare(compared)


def remedy(judged: Judged, *, into: bool = False) -> "RemediationPlan":
    """Plan what closes the gaps. `into`: the modules are to stand in the user's own root."""
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


def unread(accounts: Sequence[Account]) -> tuple[str, ...]:
    """Return what is broken or closed to us, each with its place: that nothing there was judged must not go unsaid."""
    closed = {Why.UNPARSEABLE, Why.DENIED}
    gaps = (gap for account in accounts for gap in account.gaps if gap.why in closed or gap.kind == LINK)
    return tuple(dict.fromkeys(gap.text() for gap in gaps))


def is_unreadable(reading: Reading) -> bool:
    """Say whether there was something to read, and nothing of it could be."""
    facts = [len(a.session_documents) + len(a.log_buckets) + len(a.log_groups) + len(a.keys) for a in reading.accounts]
    files = [gap for account in reading.accounts for gap in account.gaps if gap.kind in {"file", LINK}]
    return (bool(files) and not any(facts) and not reading.parsed) or is_silent(reading.accounts)


def exit_code(judged: Judged, *, fail_on: Severity, fail_on_undecided: bool) -> ExitCode:
    """Return what the audit says to a pipeline, and whether all that was named could be judged."""
    readable = ExitCode.USAGE if judged.unreadable or judged.refused else ExitCode.OK
    faults = [gap for account in judged.accounts for gap in account.gaps if gap.kind == FAULT]
    return worst(
        ExitCode.FAULT if faults else readable,
        of_audit(judged.audit, fail_on=fail_on, fail_on_undecided=fail_on_undecided),
    )
