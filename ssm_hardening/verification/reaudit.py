"""The re-audit: the remediation is applied to a copy of the code, and our own rules judge the outcome.

Edits are made, generated files are put where they belong, and every required variable gets its sample. Every verdict
the plan is to turn must pass then, and none may be newly failed.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from ssm_hardening.core.errors import SsmHardenError, counted, listed
from ssm_hardening.core.logic import literal
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account, ControlPolicy
from ssm_hardening.model.facts import none_read
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.remediation.plan import Aim, Edit, Held, RemediationPlan, closed, expected
from ssm_hardening.remediation.rendering import GeneratedFolder, samples
from ssm_hardening.remediation.wiring import SAMPLE_ACCOUNT, SAMPLE_REGION
from ssm_hardening.rules.registry import AnyRule
from ssm_hardening.verdicts.findings import Audit, Crashed, Failed, Finding, Passed, Undecided
from ssm_hardening.verdicts.standards import Standard
from ssm_hardening.verification.runner import Check, CheckOutcome, Progress
from ssm_hardening.verification.workspace import Workspace, working_copy

NAME = "re-audit"
GENERATED = "(generated)"
"""What stands for the root of the generated folder in targets and messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaudit:
    """What is audited again: the audit before, by which rules and standard, with which inputs for the user's code.

    `guardrails` are the control policies that bind the account of the code.
    """

    before: Audit
    rules: Sequence[AnyRule]
    standard: Standard
    inputs: Inputs = field(default_factory=Inputs)
    guardrails: Inventory[ControlPolicy] = field(default_factory=none_read)


def reaudit(
    plan: RemediationPlan, generated: GeneratedFolder, audit: Reaudit, *, into: Path | None, progress: Progress
) -> Check:
    """Return the check `re-audit`. `into` is the user's root that the generated files are meant for."""
    unaudited = _unaudited(plan)
    if unaudited:
        told = f"the plan claims to fix {listed(unaudited, 'and')} but has no verdict to check it by"
        return Check(NAME, CheckOutcome.FAILED, told)
    if not plan.targets:
        return Check(NAME, CheckOutcome.SKIPPED, _nothing_to_audit(plan))
    progress("re-audit: reading the remediated code …")
    try:
        after = tuple(_findings_after(plan, generated, audit, into))
    except SsmHardenError as error:
        return Check(NAME, CheckOutcome.FAILED, f"cannot read the remediated code: {error.message}")
    except _LostFileError as error:
        return Check(NAME, CheckOutcome.FAILED, str(error))
    made_in = GENERATED if into is None else str(into)
    wrong = (*_not_turned(plan, after, made_in), *_newly_failed(plan, audit.before, after))
    if wrong:
        return Check(
            NAME,
            CheckOutcome.FAILED,
            f"{counted(len(wrong), 'verdict')} {'is' if len(wrong) == 1 else 'are'} not as planned",
            wrong,
        )
    told = f"{counted(len(plan.targets), 'finding')} now {'passes' if len(plan.targets) == 1 else 'pass'} in the code"
    told = f"{told} ({', '.join(closed(plan))})" if closed(plan) else told
    told += ", no new failures"
    if expected(plan):
        told += f"; an audit after the apply is needed to confirm {listed(expected(plan), 'and')}"
    if plan.held:
        told += (
            f"; still failing until permissions are granted: {', '.join(f'{e.rule} {e.subject}' for e in plan.held)}"
        )
    if plan.manual:
        told += f"; {counted(len(plan.manual), 'manual step')} not audited"
    return Check(NAME, CheckOutcome.PASSED, told)


def _unaudited(plan: RemediationPlan) -> tuple[str, ...]:
    """Return the rules that the plan says it closes, and of which it names no verdict that is audited again."""
    audited = {target.rule for target in plan.targets}
    return tuple(rule for rule in closed(plan) if rule not in audited)


def _nothing_to_audit(plan: RemediationPlan) -> str:
    if expected(plan):
        return f"an audit of the account after the apply is needed to confirm {listed(expected(plan), 'and')}"
    return "nothing to audit again: the plan by itself changes no verdict"


class _LostFileError(Exception):
    """An edit's file is in none of the copies."""


def _findings_after(
    plan: RemediationPlan, generated: GeneratedFolder, audit: Reaudit, into: Path | None
) -> Iterator[Finding]:
    given = samples(plan)
    live = {finding.root for finding in audit.before.findings if isinstance(finding.origin, ApiOrigin)}
    code = {finding.root for finding in audit.before.findings} - live
    roots = sorted(code | ({str(into)} if into is not None else set()))
    with ExitStack() as stack:
        copies = {root: stack.enter_context(working_copy(Path(root))) for root in _distinct(roots)}
        for edit in plan.edits:
            _apply(edit, copies.values())
        if into is not None:
            own = next(copy for root, copy in copies.items() if Path(root).resolve() == into.resolve())
            _put(own.folder, generated.files)
        for root, copy in copies.items():
            judged = _judged(copy.folder, root, audit, audit.inputs, given, within=copy.top)
            yield from judged if into is None else (_as_before(plan, each) for each in judged)
    if into is None and any(name.endswith(".tf") for name in generated.files):
        with tempfile.TemporaryDirectory(prefix="ssm-harden-") as name:
            folder = Path(name).resolve()
            _put(folder, generated.files)
            again = _judged(folder, GENERATED, audit, Inputs(), given)
            yield from (_as_before(plan, each) for each in again)


def _as_before(plan: RemediationPlan, finding: Finding) -> Finding:
    """Name what was taken over as the account knows it, so that it is compared with what was found there."""
    stood = next((each for each in plan.stands_for if each.address == finding.subject), None)
    return finding if stood is None else replace(finding, root=stood.root, subject=stood.subject)


def _distinct(roots: Iterable[str]) -> list[str]:
    """Return each root once, however it is written."""
    return list({Path(root).resolve(): root for root in reversed(list(roots))}.values())


def _apply(edit: Edit, copies: Iterable[Workspace]) -> None:
    """Write the edited file into every copy that holds its folder, and nowhere else."""
    found = False
    for copy in copies:
        path = Path(os.path.normpath(copy.folder / os.path.relpath(Path(edit.file).resolve(), copy.original.resolve())))
        if path.is_relative_to(copy.top) and (path.is_file() or (edit.before is None and path.parent.is_dir())):
            path.write_text(edit.after, encoding="utf-8", newline="")
            found = True
    if not found:
        raise _LostFileError(f"the plan edits {edit.file}, but no root module includes it")


def _put(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def _judged(  # noqa: PLR0913 - which code, with which values
    folder: Path, root: str, audit: Reaudit, inputs: Inputs, given: Mapping[str, str], *, within: Path | None = None
) -> Iterator[Finding]:
    """Judge the root module in `folder`, and name it as before; links may lead anywhere `within`."""
    accounts = _read(folder, inputs, given, within)
    at_home = _at_home(given, accounts)
    if at_home != given:
        accounts = _read(folder, inputs, at_home, within)
    named: list[Account] = [replace(each, root=root, guardrails=audit.guardrails) for each in accounts]
    yield from run(audit.rules, named, audit.standard).findings


def _read(folder: Path, inputs: Inputs, given: Mapping[str, str], within: Path | None) -> list[Account]:
    told = replace(inputs, variables={**given, **inputs.variables})
    read = read_terraform([folder], inputs=told, within=within).accounts
    return [account for account in read if Path(account.root).resolve() == folder.resolve()]


def _at_home(given: Mapping[str, str], accounts: Sequence[Account]) -> Mapping[str, str]:
    """Return the samples with ARNs of the root's own account and Region: sessions can use no key of another one.

    Where no provider names the Region, a key goes by its ID, which means one of whatever Region that is.
    """
    if not accounts:
        return given
    region, number = literal(accounts[0].region), literal(accounts[0].account) or SAMPLE_ACCOUNT
    here = f":{SAMPLE_REGION}:{SAMPLE_ACCOUNT}:"
    if region is None:
        return {name: text.replace(f"arn:aws:kms{here}key/", "") for name, text in given.items()}
    return {name: text.replace(here, f":{region}:{number}:") for name, text in given.items()}


def _not_turned(plan: RemediationPlan, after: Sequence[Finding], made_in: str) -> tuple[str, ...]:
    """Return the targets that did not come out passed, with what came out instead.

    What an account lacks as a whole is made in the root `made_in`.
    """
    verdicts = {Aim(each.rule.id, each.root, each.subject): each for each in after}
    new = {each.rule.id for each in after if each.root == made_in and isinstance(each.verdict, Passed)}
    return tuple(
        f"{target.rule} {target.subject} in {target.root}: {_told(verdicts.get(target))}"
        for target in plan.targets
        if not _passes(verdicts.get(target)) and not (target.subject == "account" and target.rule in new)
    )


def _passes(finding: Finding | None) -> bool:
    return finding is not None and isinstance(finding.verdict, Passed)


def _told(finding: Finding | None) -> str:
    if finding is None:
        return "no longer evaluated"
    verdict = finding.verdict
    return f"still {type(verdict).__name__.lower()}: {verdict.message}"


def _newly_failed(plan: RemediationPlan, before: Audit, after: Sequence[Finding]) -> tuple[str, ...]:
    """Return what fails or crashes now and did not before.

    Code does not know all that an account shows, and more in other places: of what was taken over, only what passed
    there can newly fail.
    """
    stood = {(each.root, each.subject) for each in plan.stands_for}
    known = {
        (each.rule.id, each.root, each.subject)
        for each in before.findings
        if isinstance(each.verdict, Failed | Crashed)
    }
    passed = {(each.rule.id, each.root, each.subject) for each in before.findings if isinstance(each.verdict, Passed)}
    return tuple(
        f"{each.rule.id} {each.subject} in {each.root}: new failure: {each.verdict.message}"
        for each in after
        if isinstance(each.verdict, Failed | Crashed)
        and (each.rule.id, each.root, each.subject) not in known
        and Held(each.rule.id, each.subject) not in plan.held
        and ((each.root, each.subject) not in stood or (each.rule.id, each.root, each.subject) in passed)
    )


OWN_NAME = "ssm-harden audit"


def audit_check(audit: Audit) -> Check:
    """Return what an audit means for a verification: failed with a gap, skipped where something is undecided."""
    open_findings = [finding for finding in audit.findings if finding.waiver is None]
    failed = [finding for finding in open_findings if isinstance(finding.verdict, Failed | Crashed)]
    undecided = [finding for finding in open_findings if isinstance(finding.verdict, Undecided)]
    if failed:
        return Check(OWN_NAME, CheckOutcome.FAILED, counted(len(failed), "gap"), tuple(map(_line, failed)))
    if undecided:
        told = f"no gaps, but {counted(len(undecided), 'verdict')} {'is' if len(undecided) == 1 else 'are'} undecided"
        return Check(OWN_NAME, CheckOutcome.SKIPPED, told, tuple(map(_line, undecided)))
    return Check(
        OWN_NAME,
        CheckOutcome.PASSED,
        f"no gaps in {counted(len(audit.rules), 'rule')} of the standard {audit.standard}",
    )


def _line(finding: Finding) -> str:
    verdict = finding.verdict
    reason = f" ({verdict.gap.detail})" if isinstance(verdict, Undecided) else ""
    return f"{verdict.at}: {finding.rule.id} {finding.subject}: {verdict.message}{reason}"
