"""What every format says of a finding: its word, its text, its further places, its fingerprint."""

import hashlib
import json
import os.path
from pathlib import Path

from ssm_hardening.core.redaction import WITHHELD
from ssm_hardening.core.values import Unknown
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Related, Undecided

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


def gap_of(finding: Finding) -> Unknown | None:
    """Return what was missing; None where the verdict stands."""
    return finding.verdict.gap if isinstance(finding.verdict, Undecided) else None


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
    the working tree `base`) and the subject; neither line numbers nor the kind of source.
    """
    # A sensitive account id is no part of it: of twelve digits, a hash is soon undone.
    is_known = finding.account not in {"", WITHHELD}
    where = [finding.account, finding.region] if is_known else ["", _folder(finding.root, base)]
    region = finding.region if finding.subject == ACCOUNT else ""
    text = json.dumps([finding.rule.id, *where, finding.subject, region])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _folder(root: str, base: Path | None) -> str:
    if base is not None:
        root = os.path.relpath(Path(root).absolute(), base.absolute())
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
