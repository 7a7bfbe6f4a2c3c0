"""What every format says of a finding: its word, its text, its further places, its fingerprint."""

import hashlib
import json
import os.path
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import literal
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.redaction import WITHHELD
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.iam.requests import Asked, Counterexample
from ssm_hardening.model import HOST, Account
from ssm_hardening.model.scope import by_account
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Related, Undecided

if TYPE_CHECKING:
    from ssm_hardening.report.formats import AuditReport

S = TypeVar("S")

_MOST_ACCOUNTS = 4

ACCOUNT = "account"
"""The subject of a finding that is about the account as a whole."""


def verdict_name(finding: Finding) -> str:
    """Return the word of the public contract for a verdict."""
    match finding.verdict:
        case Passed():
            return "passed"
        case Failed():
            return "failed"
        case Undecided():
            return "undecided"
        case NotApplicable():
            return "not_applicable"
        case Crashed():
            return "crashed"


def message_of(finding: Finding) -> str:
    """Return what the verdict says; of an undecided one at least what was missing."""
    match finding.verdict:
        case Undecided(_, gap, message):
            return message or gap.detail
        case Passed(_, message) | Failed(_, message) | NotApplicable(_, message) | Crashed(_, message):
            return message


def headline_of(finding: Finding) -> str:
    """Return in a few words what is wrong; where nothing is known to be wrong, what should be."""
    if not isinstance(finding.verdict, Failed):
        return finding.rule.title
    return finding.verdict.headline or finding.rule.headline or finding.rule.title


def gap_of(finding: Finding) -> Unknown | None:
    """Return what was missing; None where the verdict stands."""
    return finding.verdict.gap if isinstance(finding.verdict, Undecided) else None


def example_of(finding: Finding) -> Counterexample | None:
    """Return a request that is allowed and should not be, where the verdict rests on one."""
    return finding.verdict.example if isinstance(finding.verdict, Failed) else None


def example_json(example: Counterexample, place: Callable[[Origin], dict[str, Any]]) -> dict[str, Any]:
    """Return a request that is allowed; each contract writes a `place` in its own way."""
    return {
        "principal": example.principal,
        "action": example.action,
        "resource": example.resource,
        "context": {key: list(values) for key, values in example.context},
        "by": [place(at) for at in example.by],
        **({"also": [example_json(each, place) for each in example.also]} if example.also else {}),
    }


def asked_of(finding: Finding) -> Asked | None:
    """Return what was asked of policies, where the verdict rests on what they allow."""
    return finding.verdict.asked if isinstance(finding.verdict, Passed) else None


def asked_by_rule(findings: Iterable[Finding]) -> dict[str, Asked]:
    """Return what was asked of policies for each rule, of all that passed together."""
    found: dict[str, Asked] = {}
    for each in sorted(findings, key=order_key):
        asked, rule = asked_of(each), each.rule.id
        if asked is not None:
            found[rule] = found[rule] | asked if rule in found else asked
    return dict(sorted(found.items()))


_CONTROL = re.compile(r"the (service|resource) control polic")


def resting_on(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Return the control policies that passes rest on, and which passes these are."""
    found: dict[str, list[str]] = {}
    for each in sorted(findings, key=order_key):
        for at in related_to(each) if isinstance(each.verdict, Passed) else ():
            if _CONTROL.match(at.note):
                found.setdefault(at.note, []).append(f"{each.rule.id} {each.subject}")
    return found


def of_these(steps: list[S], is_near: Callable[[S], bool]) -> list[S]:
    """Return the steps of one kind that close these findings: where some name them, the others close other findings."""
    return [each for each in steps if is_near(each)] or steps


def mentions(text: str, subjects: Iterable[str]) -> bool:
    """Say whether a text names one of the subjects, and not only one whose name is longer."""
    names = (re.escape(each) for each in subjects if each != ACCOUNT)
    return any(re.search(rf"{name}(?![\w\[-]|\.\w)", text) for name in names)


def related_to(finding: Finding) -> tuple[Related, ...]:
    """Return the further places that explain the verdict."""
    match finding.verdict:
        case Passed() | Failed() | Undecided():
            return finding.verdict.related
        case NotApplicable() | Crashed():
            return ()


def fingerprint(finding: Finding, *, base: Path | None = None) -> str:
    """Return a text that stays the same while the finding does.

    It holds the rule, the account and Region (or, where the account is not known, the root module's folder relative to
    the working tree `base`) and the subject; neither line numbers nor the kind of source. The Region of what belongs to
    an AWS account as a whole is `global`.
    """
    region = finding.region if finding.subject == ACCOUNT else ""
    text = json.dumps([finding.rule.id, *_scope(finding, base), finding.subject, region])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def former(finding: Finding, regions: Iterable[str]) -> tuple[Finding, ...]:
    """Return what belongs to an account as a whole as it used to be told: once for each of these Regions."""
    return tuple(replace(finding, region=each, regions=(), holds_in=()) for each in regions)


def former_fingerprints(finding: Finding, regions: Iterable[str], *, base: Path | None = None) -> tuple[str, ...]:
    """Return the fingerprints that it had then."""
    return tuple(dict.fromkeys(fingerprint(each, base=base) for each in former(finding, regions)))


def _in_one_region(finding: Finding) -> Finding:
    """Return a finding under the first of its Regions, as programs know it that cannot be told another name for it."""
    return former(finding, (min(finding.regions),))[0] if finding.regions else finding


def _scope(finding: Finding, base: Path | None) -> tuple[str, str]:
    """Return the account and Region; where the account is not known, an empty text and the root module's folder."""
    # A sensitive account id is no part of it: of twelve digits, a hash is soon undone.
    is_known = finding.account not in {"", WITHHELD}
    return (finding.account, finding.region) if is_known else ("", folder_in_tree(finding.root, base=base))


def scope(finding: Finding, *, base: Path | None = None) -> str:
    """Return what a fingerprint says about the place of a finding: `ACCOUNT/REGION`, or a root module's folder."""
    return "/".join(part for part in _scope(finding, base) if part)


def folder_in_tree(root: str, *, base: Path | None) -> str:
    """Return a path, relative to the working tree `base` where there is one, normalised and with slashes."""
    return _in_tree(root, base, "" if base is None else os.getcwd())  # noqa: PTH109 - asked for each finding


@lru_cache(maxsize=4_096)
def _in_tree(root: str, base: Path | None, here: str) -> str:
    if base is not None:
        root = os.path.relpath(Path(here, root), Path(here, base))
    return Path(os.path.normpath(root)).as_posix()


def working_tree(start: Path) -> Path:
    """Return the repository that `start` lies in, or `start` itself: what fingerprints are relative to."""
    found = (folder for folder in (start, *start.parents) if (folder / ".git").exists())
    return next(found, start)


def order_key(finding: Finding) -> tuple[str, ...]:
    """Return what findings are sorted by in every report: nothing that depends on the order of reading."""
    return (
        finding.root,
        finding.account,
        finding.region,
        finding.rule.id,
        finding.subject,
        verdict_name(finding),
        str(finding.verdict.at),
        message_of(finding),
    )


_TO_LOOK_AT = ("failed", "crashed", "undecided")


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return what somebody has to look at: failures by severity, then what is unknown, then what is known or waived."""
    shown = [each for each in findings if verdict_name(each) in _TO_LOOK_AT]
    return sorted(shown, key=_urgency)


def _urgency(finding: Finding) -> tuple[int, int, int, tuple[str, ...]]:
    kind = _TO_LOOK_AT.index(verdict_name(finding))
    settled = 2 if finding.waiver is not None else int(not finding.counts)
    return (settled, kind, finding.severity.rank, order_key(finding))


def numbered(findings: Iterable[Finding], *, base: Path) -> Iterator[tuple[Finding, str]]:
    """Yield each finding with a mark that no other has: its fingerprint, and a number.

    One subject may fail a rule at several places. What is unknown is numbered apart, so that it moves no failure. What
    belongs to an account as a whole keeps the mark that it had in the first of its Regions: no alert is opened again.
    """
    seen: Counter[str] = Counter()
    for finding in findings:
        kind = verdict_name(finding)
        mark = fingerprint(_in_one_region(finding), base=base) + ("" if kind == "failed" else f":{kind}")
        seen[mark] += 1
        yield finding, f"{mark}:{seen[mark]}"


def place_in_tree(finding: Finding, at: Origin, *, base: Path) -> tuple[str, int]:
    """Return a path relative to the working tree `base`, with slashes, and a line that counts from 1.

    What was read from AWS is in no file. Programs that want one are given `aws/ACCOUNT/REGION`, which does not exist.
    """
    match at:
        case CodeOrigin(file=file, line=line):
            return folder_in_tree(file, base=base), max(line, 1)
        case ApiOrigin():
            region = _in_one_region(finding).region
            known = [part for part in (finding.account, region) if part and part != WITHHELD]
            return "/".join(["aws", *known]), 1


def control_policies_not_read(accounts: Sequence[Account], findings: Sequence[Finding]) -> list[str]:
    """Return what is said once of the control policies that were not read, where a verdict rests on what is granted.

    Most who audit an account may not list them, so this is a remark and no error.
    """
    resting = {each.root for each in findings if example_of(each) is not None or asked_of(each) is not None}
    reasons: dict[tuple[str, str], list[str]] = {}
    for pictures in by_account(accounts):
        account = pictures[0]
        bound = account.guardrails
        gaps = (bound.gap, *(each.statements.gap for each in bound))
        gap = next((each for each in gaps if each is not None), None)
        if gap is not None and account.source != HOST and resting & {each.root for each in pictures}:
            others = "other " if bound.items else ""
            reasons.setdefault((others, _why_no_control_policies(gap)), []).append(literal(account.account) or "")
    return [
        f"{others}service and resource control policies{_of_accounts(numbers)}, which can deny grants{why}"
        f"{'' if others else ' (plan --scp FILE)'}"
        for (others, why), numbers in reasons.items()
    ]


def _why_no_control_policies(gap: Unknown) -> str:
    if gap.why is Why.DENIED:
        return ": only the management account and delegated administrators can list them"
    return "" if gap.why is Why.OUT_OF_SCOPE else f": {gap.detail}"


def _of_accounts(numbers: Iterable[str]) -> str:
    known = sorted(set(filter(None, numbers)))
    left = len(known) - _MOST_ACCOUNTS
    shown = known if left <= 0 else [*known[:_MOST_ACCOUNTS], f"{left} more accounts"]
    return f" of {listed(shown, 'and')}" if known else ""


def nothing_checked(report: "AuditReport") -> str:
    """Return what is said where no rule applied to anything, as "no gaps" would read like a pass; otherwise nothing."""
    if any(not isinstance(each.verdict, NotApplicable) for each in report.audit.findings):
        return ""
    is_told = report.notes and not report.audit.findings  # a note says why nothing was read
    if is_told:
        return "Nothing to check."
    found = any(len(each.session_documents) for each in report.accounts)
    why = "the rules that ran do not apply" if found else "no settings of Session Manager were found"
    return f"Nothing to check: {why}."


def about(finding: Finding) -> str:
    """Return `SUBJECT: message`, for formats that name the subject nowhere else."""
    return f"{finding.subject}: {message_of(finding)}"
