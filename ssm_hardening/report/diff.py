"""Two reports side by side: what is new, fixed, changed or gone. Each side is a report as JSON, or a baseline.

Findings are matched by their fingerprints. Nothing counts as fixed because it is missing: a finding is fixed where the
later report evaluated the same rule on the same subject, and it passed.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.redaction import WITHHELD
from ssm_hardening.read.snapshot.encoding import Json
from ssm_hardening.report import audit_json, baseline
from ssm_hardening.report.markdown import escaped, fitting
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.report.words import TONES
from ssm_hardening.rules.catalogue import load_rule, rule_ids
from ssm_hardening.verdicts.findings import Severity

SCHEMA = "ssm-harden/diff/1"

_HINT = "make one with `ssm-harden plan --format json`, or with `ssm-harden baseline create`"
_STATES = ("failed", "crashed", "undecided", "waived", "not_applicable", "passed")
"""What may become of a finding; where a fingerprint has several verdicts, the first of these comes after a failure."""

_OPEN = _STATES[:4]
_TITLES = {"new": "New", "fixed": "Fixed", "changed": "Changed", "gone": "Gone (not evaluated in B)"}
_ROOM = 15_000
"""Characters of a table in Markdown: four of them fit into a comment on GitHub."""


class Item(NamedTuple):
    """One verdict of a report; `state` is the verdict, or `waived`.

    `former` are the fingerprints that it had when it was told once for each Region.
    """

    rule: str
    where: str
    subject: str
    state: str
    severity: Severity
    fingerprint: str
    title: str
    message: str
    former: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The state, with the severity of what failed."""
        return f"failed ({self.severity})" if self.state == "failed" else self.state.replace("_", " ")


class Side(NamedTuple):
    """A report or a baseline, as read from a file."""

    file: str
    schema: str
    standard: str
    items: tuple[Item, ...]


class Change(NamedTuple):
    """What became of one finding; None where a side does not have it."""

    before: Item | None
    after: Item | None

    @property
    def item(self) -> Item:
        """The finding, as the later side has it if it does."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - a change has a side
        return found

    @property
    def is_worse(self) -> bool:
        """Whether it fails with a higher severity than before."""
        one, other = self.before, self.after
        failed = one is not None and other is not None and {one.state, other.state} == {"failed"}
        return failed and one is not None and other is not None and other.severity.rank < one.severity.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """All changes between two sides; `unchanged` counts findings that are open on both."""

    before: Side
    after: Side
    new: tuple[Change, ...]
    fixed: tuple[Change, ...]
    changed: tuple[Change, ...]
    gone: tuple[Change, ...]
    unchanged: int

    @property
    def lists(self) -> Mapping[str, tuple[Change, ...]]:
        """The changes, by the word of their kind."""
        return {"new": self.new, "fixed": self.fixed, "changed": self.changed, "gone": self.gone}

    @property
    def failing(self) -> tuple[Severity, ...]:
        """The severities of what is new or worse."""
        worse = [change for change in self.changed if change.is_worse]
        return tuple(change.item.severity for change in (*self.new, *worse))


def read_side(path: Path) -> Side:
    """Return the report, or baseline, in a file. Raises UsageError where it is neither."""
    data = baseline.read_json(path, limits.REPORT, hint=_HINT)
    match data:
        case {"schema": "ssm-harden/audit/1", "standard": str(standard), "verdicts": list(verdicts)}:
            items = tuple(_item(each, f"{path}: verdicts[{number}]") for number, each in enumerate(verdicts))
            return Side(str(path), audit_json.SCHEMA, standard, items)
        case {"schema": baseline.SCHEMA}:
            read = baseline.baseline_in(data, str(path))
            titles = {rule: load_rule(rule).info.title for rule in {each.rule for each in read.entries} & {*rule_ids()}}
            items = tuple(Item(*entry, titles.get(entry.rule, ""), "") for entry in read.entries)
            return Side(str(path), baseline.SCHEMA, read.standard, items)
        case _:
            told = f"neither a report of `plan` or `check` ({audit_json.SCHEMA}) nor a baseline ({baseline.SCHEMA})"
            raise UsageError(f"{path}: {told}", hint=_HINT)


def _item(data: object, place: str) -> Item:
    if not isinstance(data, dict):
        raise UsageError(f"{place} is not an object", hint=_HINT)
    names = ("rule", "title", "subject", "account", "region", "root", "verdict", "severity", "message", "fingerprint")
    texts = {name: baseline.text_in(data, name, place) for name in names}
    state = texts["verdict"]
    if state not in _STATES or state == "waived":
        raise UsageError(f"{place}: there is no verdict {state[:80]!r}", hint=_HINT)
    known = texts["account"] not in {"", WITHHELD}
    return Item(
        rule=texts["rule"],
        where="/".join(filter(None, (texts["account"], texts["region"]))) if known else texts["root"],
        subject=texts["subject"],
        state="waived" if state in {"failed", "undecided"} and data.get("waiver") is not None else state,
        severity=baseline.severity_in(texts["severity"], place),
        fingerprint=texts["fingerprint"],
        title=texts["title"],
        message=texts["message"],
        former=tuple(each for each in data.get("former_fingerprints") or () if isinstance(each, str)),
    )


def compare(before: Side, after: Side) -> Diff:
    """Return what changed, the worst first."""
    sides: dict[str, tuple[list[Item], list[Item]]] = defaultdict(lambda: ([], []))
    now = {mark: item.fingerprint for side in (before, after) for item in side.items for mark in item.former}
    whole = set(now.values())
    for number, side in enumerate((before, after)):
        for item in sorted(side.items, key=_order):
            mark = now.get(item.fingerprint, item.fingerprint)
            if mark not in whole or not sides[mark][number]:  # once for an account, the worst of its Regions
                sides[mark][number].append(item)
    changes = sorted((each for one, other in sides.values() for each in _paired(one, other)), key=_urgency)
    kinds: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        kinds[_kind(change)].append(change)
    lists = {name: tuple(kinds[name]) for name in _TITLES}
    return Diff(before=before, after=after, unchanged=len(kinds["unchanged"]), **lists)


def _order(item: Item) -> tuple[int, int]:
    return _STATES.index(item.state), item.severity.rank


def _urgency(change: Change) -> tuple[int, str, str, str, str]:
    item = change.item
    return item.severity.rank, item.rule, item.where, item.subject, item.state


def _paired(before: list[Item], after: list[Item]) -> list[Change]:
    """Pair what stands under one fingerprint: what did not change first, then failures, then whatever is left."""
    pairs = []
    keys: tuple[Callable[[Item], object], ...] = (_order, lambda item: item.state, lambda _: "")
    for key in keys:
        waiting: dict[object, deque[Item]] = defaultdict(deque)
        for other in after:
            waiting[key(other)].append(other)
        alone = []
        for one in before:
            group = waiting[key(one)]
            if group:
                pairs.append(Change(one, group.popleft()))
            else:
                alone.append(one)
        before, after = alone, sorted((each for group in waiting.values() for each in group), key=_order)
    return [*pairs, *(Change(one, None) for one in before), *(Change(None, other) for other in after)]


def _kind(change: Change) -> str:
    before, after = change.before, change.after
    if after is None:
        return "gone" if change.item.state in _OPEN else ""
    if after.state == "failed" and (before is None or before.state != "failed"):
        return "new"
    if before is not None and (before.state, after.state) == ("failed", "passed"):
        return "fixed"
    if before is None:
        return "changed" if after.state in _OPEN else ""
    if before.state not in _OPEN and after.state not in _OPEN:
        return ""
    same = before.state == after.state and (before.severity is after.severity or before.state != "failed")
    return "unchanged" if same else "changed"


def _counts(diff: Diff) -> list[str]:
    return [*(f"{len(changes)} {name}" for name, changes in diff.lists.items()), f"{diff.unchanged} unchanged"]


def _aside(change: Change) -> str:
    """Say what a finding was and is, where its list does not."""
    before, after = change.before, change.after
    match _kind(change):
        case "new":
            return f"was {before.told}" if before is not None else ""
        case "changed" if after is not None:
            return f"{'not in A' if before is None else before.told} → {'now ' if before else ''}{after.told}"
        case _:
            return ""


def _standards(diff: Diff) -> str:
    one, other = diff.before.standard, diff.after.standard
    return f"A was evaluated by the standard {one}, B by {other}: severities may differ." if one != other else ""


def render_diff(diff: Diff, style: Style) -> str:
    """Return the changes, for people."""
    lines = style.wrap(f"A  {diff.before.file}", 0, Tone.DIM) + style.wrap(f"B  {diff.after.file}", 0, Tone.DIM)
    lines += style.wrap(_standards(diff), 0, Tone.YELLOW)
    for name, changes in diff.lists.items():
        lines += style.heading(_TITLES[name], str(len(changes))) if changes else []
        for change in changes:
            lines += _lines(change, style)
    mark = style.paint("✗", Tone.RED) if diff.failing else style.paint("·", Tone.GREEN)
    return style.finish([*lines, "", f"{mark} {' · '.join(_counts(diff))}"])


def _lines(change: Change, style: Style) -> list[str]:
    item = change.item
    badge = f"  {style.paint(item.severity.upper().ljust(8), *TONES[item.severity])}  "
    first, *others = style.wrap(f"{item.rule}  {item.title}".rstrip(), 12, Tone.BOLD, hang=len(item.rule) + 2) or [""]
    lines = [badge + first[12:], *others, *style.wrap(f"{item.subject}  ({item.where})", 12, Tone.CYAN)]
    return [*lines, *style.wrap(item.message, 12), *style.wrap(_aside(change), 12, Tone.DIM)]


def render_diff_json(diff: Diff, _style: Style) -> str:
    """Return the document `ssm-harden/diff/1`, in ASCII."""
    document: Json = {
        "schema": SCHEMA,
        "before": _side_json(diff.before),
        "after": _side_json(diff.after),
        **{name: [_change_json(change) for change in changes] for name, changes in diff.lists.items()},
        "summary": {**{name: len(changes) for name, changes in diff.lists.items()}, "unchanged": diff.unchanged},
    }
    return json.dumps(document, indent=2) + "\n"


def _side_json(side: Side) -> Json:
    return {"file": side.file, "schema": side.schema, "standard": side.standard}


def _change_json(change: Change) -> Json:
    item = change.item
    return {
        "rule": item.rule,
        "title": item.title,
        "where": item.where,
        "subject": item.subject,
        "message": item.message,
        "severity": item.severity.value,
        "before": _state_json(change.before),
        "after": _state_json(change.after),
        "fingerprint": item.fingerprint,
    }


def _state_json(item: Item | None) -> Json | None:
    return None if item is None else {"verdict": item.state, "severity": item.severity.value}


def render_diff_markdown(diff: Diff, _style: Style) -> str:
    """Return the changes for a comment on a pull request."""
    parts = [f"## ssm-harden diff: {', '.join(_counts(diff))}"]
    parts += [escaped(told) for told in (_standards(diff),) if told]
    for name, changes in diff.lists.items():
        if changes:
            parts.append(f"### {_TITLES[name]}\n\n{_table(changes)}")
    return "\n\n".join(parts) + "\n"


def _table(changes: Sequence[Change]) -> str:
    shown = fitting(_rows(changes), _ROOM)
    left_out = len(changes) - len(shown)
    more = ["", f"… and {left_out} more: `ssm-harden diff` lists all."] if left_out else []
    return "\n".join(["| Severity | Rule | Subject | Before and after |", f"|{'---|' * 4}", *shown, *more])


def _rows(changes: Iterable[Change]) -> Iterable[str]:
    for change in changes:
        item = change.item
        told = f"{escaped(item.title)}<br><code>{escaped(item.subject)}</code> ({escaped(item.where)})"
        told += f"<br>{escaped(item.message)}" if item.message else ""
        yield f"| {item.severity} | {escaped(item.rule)} | {told} | {escaped(_aside(change))} |"
