"""The first screen of an audit, for people: a line for each finding, the worst first, and what to do next.

It is as long as a person reads: where the findings need more lines than that, less is said about each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ssm_hardening.core.errors import counted
from ssm_hardening.report.formats import AuditReport
from ssm_hardening.report.grouping import Entry, awaited_by, by_rule, entries, failures, is_closed, unread_modules
from ssm_hardening.report.matrix import AccountTally, matrix, unread
from ssm_hardening.report.requirements import STATUSES, requirements
from ssm_hardening.report.rows import BY_RULE, Detail, details, rows_for
from ssm_hardening.report.style import Style, Tone, clean, clipped
from ssm_hardening.report.table import render_audit
from ssm_hardening.report.table_findings import undecided_lines
from ssm_hardening.report.verdicts import (
    asked_by_rule,
    example_of,
    headline_of,
    message_of,
    nothing_checked,
    order_key,
    resting_on,
)
from ssm_hardening.report.words import TITLES, TONES, asked_text, example_text, first_sentence, fitting, listed, times
from ssm_hardening.verdicts.findings import Crashed, Finding, Severity, Undecided

_LABEL = 15
_SCREEN = 24
"""Lines that a small terminal shows."""
_MANY = 50
"""Beyond so many gaps, those of low severity are counted and not listed."""
_LENGTHS = ((10, 40), (_MANY, 60))
"""Up to so many gaps, the screen has at most so many lines."""
_LONGEST = 80
_REPEATED = 5
_MESSAGES = 3
_MOST_NOTES = 6
_MOST_WAIVERS = 4
_MOST_UNREAD = 10

_KINDS = {"terraform": "code", "live": "live account", "host": "inside nodes"}
"""Sources whose own word says too little."""


class _Row(NamedTuple):
    entry: Entry
    lines: list[str]


class _Fit(NamedTuple):
    """The findings in some detail, the critical ones that are repeated, and how many lines are too many."""

    rows: list[_Row]
    repeated: list[str]
    excess: int


def render_screen(report: AuditReport, style: Style) -> str:
    """Return the first screen, or the whole report where the user wants that."""
    if report.view.full:
        return render_audit(report, style)
    found = entries(report.audit.findings, report.plan)
    screen = _Screen(report, style, tuple(failures(report.audit.findings)), tuple(found))
    return style.finish(screen.summary() if report.view.summary else screen.whole())


@dataclass(frozen=True, slots=True)
class _Screen:
    report: AuditReport
    style: Style
    failed: tuple[Finding, ...]
    entries: tuple[Entry, ...]

    def summary(self) -> list[str]:
        """Return the counts, what could not be read, what was decided before, the requirements, what to do next."""
        decided = self._decided()
        told = [*decided, ""] if decided else []
        return [*self._head(), "", *self._problems(), *told, *self._requirements(), *self._next()]

    def whole(self) -> list[str]:
        """Return everything, with as much detail as there is room for."""
        head, after = [*self._head(), "", *self._problems()], [*self._lows(), *self._asides(), ""]
        foot = [*self._requirements(), *self._next()]
        most = next((lines for gaps, lines in _LENGTHS if len(self.failed) <= gaps), _LONGEST)
        room = most - len(head) - len(foot) - (0 if self.report.view.undecided else len(after))
        tried = (self._fit(detail, room, most) for detail in details(self.style))
        fit = next((each for each in tried if each.excess <= 0), None) or self._fit(Detail.RULES, room, most)
        findings = self._explained(fit.rows) if self.report.view.verbose else self._within(fit)
        return [*head, *(findings or self._nothing()), *after, *fit.repeated, *foot]

    def _fit(self, detail: Detail, room: int, most: int) -> _Fit:
        """Return the findings in this detail, and by how many lines they are more than there is room for."""
        rows = self._rows(detail)
        length = sum(len(row.lines) for row in rows)
        repeated = self._repeated(rows) if length + most - room > _SCREEN else []
        return _Fit(rows, repeated, length + len(repeated) - room)

    def _head(self) -> list[str]:
        """Return what was read, and how much was found: on one line where both fit."""
        audit = self.report.audit
        kinds = " and ".join(_KINDS.get(each, each) for each in audit.sources)
        read = "  ·  ".join(part for part in (self._roots(), audit.standard, kinds) if part)
        counts = self._counts()
        painted = "  ".join(self.style.paint(text, *tones) for text, tones in counts)
        gap = self.style.width - len(clean(read)) - len("  ".join(text for text, _ in counts))
        if gap > 1:
            return [self.style.paint(read, Tone.BOLD) + (" " * gap + painted if painted else "")]
        return [self.style.paint(clipped(read, self.style.width), Tone.BOLD), painted]

    def _roots(self) -> str:
        accounts = {each.root for each in self.report.accounts}
        found = sorted(accounts | {each.root for each in self.report.audit.findings})
        is_code = self.report.audit.sources == ("terraform",)
        return fitting([f"{root}/" if is_code and root != "." else root for root in found], self.style.width // 3)

    def _counts(self) -> list[tuple[str, tuple[Tone, ...]]]:
        """Return how many gaps there are of each severity, and how much is undecided, whatever is listed."""
        by_severity = [(each, sum(one.severity is each for one in self.failed)) for each in Severity]
        counts = [(f"{number} {each.value}", TONES[each]) for each, number in by_severity if number]
        if not counts and not nothing_checked(self.report):
            counts = [("no new gaps" if self._known() else "no gaps", (Tone.GREEN,))]
        for kind, word in ((Undecided, "undecided"), (Crashed, "crashed")):
            number = len(self._of(kind))
            counts += [(f" {number} {word}", (Tone.YELLOW,))] if number else []
        return counts

    def _of(self, kind: type[Undecided | Crashed]) -> list[Finding]:
        found = (each for each in self.report.audit.findings if each.counts)
        return sorted((each for each in found if isinstance(each.verdict, kind)), key=order_key)

    def _problems(self) -> list[str]:
        """Return what could not be read or evaluated: silence about it would look like a pass."""
        crashed = dict.fromkeys(f"{each.rule.id} ({each.rule.title}): {message_of(each)}" for each in self._of(Crashed))
        texts = [
            *(f"not read: {text}" for text in (*self.report.unread, *unread(self._accounts()))),
            *(f"internal error in {text}" for text in crashed),
        ]
        shown = [line for text in texts[:_MOST_UNREAD] for line in self.style.wrap(f"! {text}", 0, Tone.RED, hang=2)]
        more = len(texts) - _MOST_UNREAD
        shown += [self.style.paint(f"  and {more} more (--full lists them)", Tone.RED)] if more > 0 else []
        return [*shown, ""] if shown else []

    def _accounts(self) -> tuple[AccountTally, ...]:
        return matrix(self.report.accounts, self.report.audit.findings)

    def _rows(self, detail: Detail) -> list[_Row]:
        listed_ones = [each for each in self.entries if self._is_listed(each.severity)]
        chosen = by_rule(listed_ones) if detail in BY_RULE else listed_ones
        rows = rows_for(chosen, self.style, detail)
        return [_Row(each, rows.lines(each)) for each in chosen]

    def _is_listed(self, severity: Severity) -> bool:
        asked = self.report.view.severity
        if asked is not None:
            return severity.rank <= asked.rank
        return severity is not Severity.LOW or len(self.failed) <= _MANY

    def _within(self, fit: _Fit) -> list[str]:
        """Return the lines of the findings that there is room for, and how many there are beside."""
        kept, excess = list(fit.rows), fit.excess + (fit.excess > 0)
        while excess > 0 and kept:
            excess -= len(kept.pop().lines)
        lines = [line for row in kept for line in row.lines]
        left = [row.entry for row in fit.rows[len(kept) :]]
        told = f"and {counted(_size(left), 'more finding')} (--full lists them)"
        return [*lines, *([self.style.paint(told, Tone.DIM)] if left else [])]

    def _explained(self, rows: Sequence[_Row]) -> list[str]:
        """Return the lines of the rows, each with its messages, why it matters, and what follows from it."""
        return [line for row in rows for line in (*row.lines, *self._explanation(row.entry), "")][:-1]

    def _explanation(self, entry: Entry) -> Iterator[str]:
        messages = list(dict.fromkeys(message_of(each) for each in entry.findings))
        for message in messages[:_MESSAGES]:
            yield from self.style.wrap(message, 4)
        if len(messages) > _MESSAGES:
            yield from self.style.wrap(f"and {len(messages) - _MESSAGES} more messages like these", 4, Tone.DIM)
        for example in filter(None, map(example_of, entry.findings[:1])):
            yield from self.style.labelled("example", example_text(example), 4, room=9)
        yield from self.style.labelled("why", first_sentence(entry.rule.explanation), 4, room=9)
        for text in dict.fromkeys(f"{each.rule.id} {headline_of(each)}: {each.subject}" for each in entry.following):
            yield from self.style.labelled("follows", text, 4, room=9)

    def _nothing(self) -> list[str]:
        if self.failed:
            return []
        if nothing := nothing_checked(self.report):
            return self.style.wrap(nothing, 0)
        new = "new " if self._known() else ""
        where = " in what could be evaluated" if self._of(Undecided) or self._of(Crashed) else ""
        return self.style.wrap(f"No {new}gaps were found{where}.", 0, Tone.GREEN)

    def _lows(self) -> list[str]:
        """Return how many findings are not listed because they are less severe."""
        left = [each for each in self.entries if not self._is_listed(each.severity)]
        if not left:
            return []
        asked = self.report.view.severity
        which = "of low severity" if asked is None else f"below {asked.value}"
        rules = counted(len({each.rule.id for each in left}), "rule")
        how = " (--severity low lists them)" if asked is None else ", not listed"
        return self.style.wrap(f"and {counted(_size(left), 'finding')} {which} by {rules}{how}", 0, Tone.DIM)

    def _asides(self) -> list[str]:
        """Return what is undecided, what is waived, and notes."""
        undecided = self._of(Undecided)
        if self.report.view.undecided:
            told = undecided_lines(self.report.audit.findings, self.style, is_each_listed=True)
        else:
            told = self._labelled("Undecided", awaited_by(undecided)) if undecided else []
            told += self._labelled("Not read", names) if (names := unread_modules(undecided)) else []
        told += self._decided()
        told += self._asked() if self.report.view.verbose else []
        return told if told[:1] in ([], [""]) else ["", *told]

    def _decided(self) -> list[str]:
        """Return what is waived or known, and notes: without them, a gap that somebody hid would look closed."""
        told = self._waived()
        known = self._known()
        told += self._labelled("Known", f"{known} in the baseline (--full lists them)") if known else []
        told += [line for text in self.report.not_read for line in self._labelled("Not read", text)]
        notes = [line for note in self.report.notes for line in self._labelled("Note", note)]
        told += notes[:_MOST_NOTES]
        told += self._labelled("", "more notes are in the report of --full") if len(notes) > _MOST_NOTES else []
        return told

    def _asked(self) -> list[str]:
        """Return what was asked of policies for each rule that passed."""
        found = asked_by_rule(self.report.audit.findings)
        lines = self._labelled("Passed", "which requests the rules asked about where they passed:") if found else []
        for rule, asked in found.items():
            lines += self._labelled("", f"{rule}  {asked_text(asked)}")
        for policy, passed in resting_on(self.report.audit.findings).items():
            lines += self._labelled("Passed by", f"{policy}: {listed(passed, most=_MOST_WAIVERS)}")
        return lines

    def _known(self) -> int:
        """Return how many findings the baseline lists."""
        return sum(each.waiver is None and not each.counts for each in self.report.audit.findings)

    def _waived(self) -> list[str]:
        """Return a line for each waiver with its reason, up to a few."""
        waivers: dict[str, int] = {}
        for each in sorted(self.report.audit.findings, key=order_key):
            if each.waiver is not None:
                until = f" until {each.waiver.until}" if each.waiver.until else ""
                text = f"{each.rule.id}{until}: {each.waiver.reason} ({each.waiver.at})"
                waivers[text] = waivers.get(text, 0) + 1
        room = self.style.width - _LABEL
        lines = [clipped(f"{text} {times(count)}".rstrip(), room) for text, count in waivers.items()]
        if len(lines) > _MOST_WAIVERS:
            lines[_MOST_WAIVERS - 1 :] = [f"and {len(lines) - _MOST_WAIVERS + 1} more (--full lists them)"]
        labels = ["Waived", *[""] * len(lines)]
        return [line for label, text in zip(labels, lines, strict=False) for line in self._labelled(label, text)]

    def _labelled(self, label: str, text: str) -> list[str]:
        return self.style.labelled(label, text, 0, room=_LABEL)

    def _repeated(self, rows: Sequence[_Row]) -> list[str]:
        """Return up to five critical findings once more: the end of a long list is what a terminal shows."""
        critical = by_rule([row.entry for row in rows if row.entry.severity is Severity.CRITICAL])
        shown = rows_for(critical[:_REPEATED], self.style, Detail.LINES)
        lines = [line for each in critical[:_REPEATED] for line in shown.lines(each)]
        more = len(critical) - _REPEATED
        lines += [self.style.paint(f"and {more} more that are critical, above", Tone.DIM)] if more > 0 else []
        return [*lines, ""] if lines else []

    def _requirements(self) -> list[str]:
        answers = requirements(self.report.audit)
        texts = [(STATUSES[each.status], TITLES[each.requirement].lower()) for each in answers]
        room = self.style.width - _LABEL
        for gap in ("   ", "  "):
            if sum(len(title) + 2 for _, title in texts) + len(gap) * (len(texts) - 1) <= room:
                shown = gap.join(f"{self.style.paint(mark, tone)} {title}" for (mark, tone, _), title in texts)
                return [self.style.paint("Requirements".ljust(_LABEL), Tone.DIM) + shown]
        return self._labelled("Requirements", "  ".join(f"{mark} {title}" for (mark, _, _), title in texts))

    def _next(self) -> list[str]:
        lines: list[str] = []
        for command, aside in self._commands():
            head = ("" if lines else "Next").ljust(_LABEL)
            line = self.style.paint(head, Tone.DIM) + self.style.paint(command, Tone.BOLD)
            fits = _LABEL + len(clean(command)) + 4 + len(aside) <= self.style.width
            lines.append(f"{line}    {self.style.paint(aside, Tone.DIM)}".rstrip() if fits else line)
            lines += [] if fits else self.style.wrap(aside, _LABEL + 2, Tone.DIM)
        return lines

    def _commands(self) -> Iterator[tuple[str, str]]:
        """Yield the next commands, each with what it is for."""
        plan, given, taken = self.report.plan, self.report.view.given, self.report.view.taken
        if self.failed and plan is not None:
            closed = sum(is_closed(each, plan) for each in self.failed)
            rest = len(self.failed) - closed
            manual = f"{rest} {'is' if rest == 1 else 'are'} manual" if closed else "all of them are manual"
            if closed:
                how = f"; {manual} (--full says how)" if rest else ""
                yield (
                    _command("generate", given if taken is None else taken, "--out hardening"),
                    f"remedies for {closed} of {len(self.failed)}{how}",
                )
            else:
                yield _command("plan", given, "--full"), f"how to fix the gaps: {manual}"
        if self.entries:
            yield f"ssm-harden explain {self.entries[0].rule.id}", ""
        elif self._of(Undecided) and not self.report.view.undecided:
            yield _command("plan", given, "--undecided"), "what is undecided, and how to resolve it"


def _size(left: Sequence[Entry]) -> int:
    return sum(len(each.findings) + len(each.following) for each in left)


def _command(name: str, *parts: str) -> str:
    return " ".join(part for part in ("ssm-harden", name, *parts) if part)
