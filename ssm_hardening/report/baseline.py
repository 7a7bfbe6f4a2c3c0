"""Baselines: what failed on the day it was decided that only new findings are to fail.

A document `ssm-harden/baseline/1` holds the fingerprints of failures and, apart from them, of what was undecided, one
finding for each line and in a stable order, so that a change of it can be read in a review. It holds neither times nor
lines of code.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError, counted
from ssm_hardening.report.verdicts import (
    ACCOUNT,
    fingerprint,
    former,
    former_fingerprints,
    order_key,
    scope,
    verdict_name,
)
from ssm_hardening.verdicts.findings import Audit, Crashed, Failed, Finding, Severity, Since, Undecided

SCHEMA = "ssm-harden/baseline/1"
KINDS = ("failed", "undecided")

_HINT = "`ssm-harden baseline create` writes one"


class Entry(NamedTuple):
    """One finding as a baseline has it; `where` is its account and Region, or its root module's folder."""

    rule: str
    where: str
    subject: str
    verdict: str
    severity: Severity
    fingerprint: str

    @property
    def order(self) -> tuple[str, str, str, int, str]:
        """What entries are sorted by."""
        return self.rule, self.where, self.subject, self.severity.rank, self.fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a file holds; `file` is its name as the user would type it."""

    file: str
    standard: str
    entries: tuple[Entry, ...]


def baseline_of(audit: Audit, *, file: str, base: Path) -> Baseline:
    """Return today's failures and doubts. What is waived is left out: once its waiver ends, it is new."""
    entries = [_entry(finding, base) for finding in audit.findings if _is_recorded(finding)]
    return Baseline(file=file, standard=audit.standard, entries=tuple(sorted(entries, key=lambda each: each.order)))


def _is_recorded(finding: Finding) -> bool:
    return finding.waiver is None and isinstance(finding.verdict, Failed | Undecided)


def _entry(finding: Finding, base: Path) -> Entry:
    return Entry(
        rule=finding.rule.id,
        where=scope(finding, base=base),
        subject=finding.subject,
        verdict=verdict_name(finding),
        severity=finding.severity,
        fingerprint=fingerprint(finding, base=base),
    )


def baseline_text(baseline: Baseline) -> str:
    """Return the file, in ASCII."""
    lists = [f'  "{kind}": [{_lines(each for each in baseline.entries if each.verdict == kind)}]' for kind in KINDS]
    head = [f'  "schema": {json.dumps(SCHEMA)}', f'  "standard": {json.dumps(baseline.standard)}']
    return "{\n" + ",\n".join([*head, *lists]) + "\n}\n"


def _lines(entries: Iterable[Entry]) -> str:
    lines = [f"    {json.dumps(each._asdict())}" for each in entries]
    return "\n" + ",\n".join(lines) + "\n  " if lines else ""


def read_baseline(path: Path) -> Baseline:
    """Return the baseline in a file. Raises UsageError where it is not one."""
    return baseline_in(read_json(path, limits.BASELINE, hint=_HINT), str(path))


def read_json(path: Path, most: int, *, hint: str) -> Any:  # noqa: ANN401 - whatever a file of JSON holds
    """Return what a file of JSON holds. Raises UsageError."""
    try:
        return json.loads(limits.read_named(path, most, hint=hint))
    except RecursionError as error:
        raise UsageError(f"{path}: is nested too deeply", hint=hint) from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint=hint) from error
    except ValueError as error:
        raise UsageError(f"{path}: not JSON: {error}", hint=hint) from error


def baseline_in(data: object, file: str) -> Baseline:
    """Return the baseline that a document is. Raises UsageError where it is not one."""
    match data:
        case {"schema": "ssm-harden/baseline/1", "standard": str(name), "failed": list(bad), "undecided": list(open_)}:
            entries = tuple(
                _checked(each, kind, f"{file}: {kind}[{number}]")
                for kind, listed in zip(KINDS, (bad, open_), strict=True)
                for number, each in enumerate(listed)
            )
            return Baseline(file=file, standard=name, entries=entries)
        case {"schema": str(other)} if other != SCHEMA:
            raise UsageError(f"{file}: not a baseline: its schema is {other[:80]!r}, not {SCHEMA!r}", hint=_HINT)
        case _:
            raise UsageError(f"{file}: not a baseline", hint=_HINT)


def _checked(data: object, kind: str, place: str) -> Entry:
    if not isinstance(data, dict):
        raise UsageError(f"{place} is not an object", hint=_HINT)
    texts = {name: text_in(data, name, place) for name in Entry._fields}
    if texts["verdict"] != kind:
        raise UsageError(f"{place}: the verdict is {texts['verdict'][:80]!r}, not {kind!r}", hint=_HINT)
    severity = severity_in(texts.pop("severity"), place)
    return Entry(**texts, severity=severity)


def text_in(data: Mapping[str, Any], name: str, place: str) -> str:
    """Return a member that must be a text. Raises UsageError."""
    if isinstance(data.get(name), str):
        return str(data[name])
    raise UsageError(f"{place}: {name} is {'not a text' if name in data else 'missing'}", hint="write the file again")


def severity_in(text: str, place: str) -> Severity:
    """Return a severity by its word. Raises UsageError."""
    if text in set(Severity):
        return Severity(text)
    raise UsageError(f"{place}: there is no severity {text[:80]!r}", hint=f"it is one of {', '.join(Severity)}")


def since(audit: Audit, baseline: Baseline, *, base: Path) -> tuple[Since | None, ...]:
    """Return for each finding whether the baseline holds it; None for what passed, does not apply, or is waived.

    An entry covers one failure that is no worse, or one doubt; an entry that was undecided covers no failure.
    """
    left: dict[tuple[str, str], list[Severity]] = defaultdict(list)
    for entry in sorted(baseline.entries, key=lambda each: each.severity.rank):
        left[entry.fingerprint, entry.verdict].append(entry.severity)
    states: list[Since | None] = [None] * len(audit.findings)
    for number, finding in sorted(enumerate(audit.findings), key=lambda each: _urgency(each[1])):
        states[number] = _state(finding, _marks(finding, left, base), left)
    return tuple(states)


def _marks(finding: Finding, left: Mapping[tuple[str, str], object], base: Path) -> tuple[str, ...]:
    """Return under which fingerprints a baseline has a finding: its own, or those of each Region, as it was before."""
    mark, before = fingerprint(finding, base=base), former_fingerprints(finding, finding.holds_in, base=base)
    return (mark,) if not before or any((mark, kind) in left for kind in KINDS) else before


def _urgency(finding: Finding) -> tuple[bool, int, tuple[str, ...]]:
    return not isinstance(finding.verdict, Failed), finding.severity.rank, order_key(finding)


def _state(finding: Finding, marks: Sequence[str], left: Mapping[tuple[str, str], list[Severity]]) -> Since | None:
    """Return whether each of the fingerprints has an entry left; each is used up then."""
    states = [_state_of(finding, mark, left) for mark in marks]
    return Since.NEW if Since.NEW in states else states[0]


def _state_of(finding: Finding, mark: str, left: Mapping[tuple[str, str], list[Severity]]) -> Since | None:
    if finding.waiver is not None:
        return None
    failed, undecided = (left.get((mark, kind), []) for kind in KINDS)
    match finding.verdict:
        case Failed():
            covers = bool(failed) and failed[0].rank <= finding.severity.rank
            used = failed if covers else []
        case Undecided():
            used = undecided or failed
        case Crashed():
            used = []
        case _:
            return None
    if not used:
        return Since.NEW
    used.pop(0)
    return Since.KNOWN


def notes_on(audit: Audit, baseline: Baseline, *, base: Path) -> tuple[str, ...]:
    """Say what of a baseline is out of date: entries that are gone, another standard."""
    gone = gone_from(audit, baseline.entries, base=base)
    notes = []
    if baseline.standard != audit.standard:
        told = f"the standard {baseline.standard}, this run uses {audit.standard}: severities may differ"
        notes.append(f"{baseline.file} was made with {told}")
    for kind, (one, many) in _LOST.items():
        number = sum(each.verdict == kind for each in gone)
        if number:
            told = f"{counted(number, 'entry', 'entries')} of {baseline.file} {one if number == 1 else many}"
            notes.append(f"{told}: run `ssm-harden baseline create`")
    return tuple(notes)


_LOST = {
    "failed": ("no longer fails", "no longer fail"),
    "undecided": ("is no longer undecided", "are no longer undecided"),
}


def gone_from(audit: Audit, entries: Sequence[Entry], *, base: Path) -> tuple[Entry, ...]:
    """Return the entries of which this audit shows that they are gone.

    Their subject passes now, or is not there any more although the rule was evaluated on all there is.
    """
    open_ones: Counter[str] = Counter()
    marks = set()
    complete: dict[tuple[str, str], bool] = {}
    for finding in audit.findings:
        is_open = isinstance(finding.verdict, Failed | Undecided | Crashed)
        for mark in {fingerprint(finding, base=base), *former_fingerprints(finding, finding.regions, base=base)}:
            marks.add(mark)
            open_ones[mark] += is_open * (len(entries) if finding.regions else 1)
        # A doubt about the account as a whole: there may be more subjects than were listed.
        listed = not (finding.subject == ACCOUNT and isinstance(finding.verdict, Undecided | Crashed))
        for each in (finding, *former(finding, finding.regions)):
            place = (finding.rule.id, scope(each, base=base))
            complete[place] = complete.get(place, True) and listed
    gone = []
    for entry in entries:
        if open_ones[entry.fingerprint] > 0:
            open_ones[entry.fingerprint] -= 1
        elif entry.fingerprint in marks or complete.get((entry.rule, entry.where), False):
            gone.append(entry)
    return tuple(gone)
