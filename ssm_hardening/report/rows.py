"""The findings of the first screen as lines: columns that fit the terminal, in as much detail as there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ssm_hardening.report.grouping import GENERATE, MANUAL, Entry
from ssm_hardening.report.style import Style, Tone, clean, clipped, clipped_start
from ssm_hardening.report.words import TONES, fitting, times

_SEVERITY = 10
_GAP = 2
_NARROW = 90
"""Below this width, how a finding is closed moves to the second line as well."""
_CLOSING = 24
_HEADLINE, _LEAST_HEADLINE = 48, 36
_PLACE, _LEAST_PLACE = 32, 14
_SUBJECTS, _FOLLOWING = 14, 17
"""The least room that is of use for subjects, and for what follows."""

_LEAST_NAME = 10


class Detail(Enum):
    """How much is said of each finding, the most first."""

    SUBJECTS = "a line for each place, with the subjects"
    LINES = "a line for each place"
    PLACES = "a line for each rule, with the places"
    RULES = "a line for each rule"


BY_RULE = {Detail.PLACES, Detail.RULES}


def details(style: Style) -> list[Detail]:
    """Return what is tried in turn: on a narrow terminal, a line has no room for a place that could be told apart."""
    return [each for each in Detail if each is not Detail.LINES or style.width >= _NARROW]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The widths of the columns; one of 0 is left out. Without `subjects`, these are on a second line or left out."""

    style: Style
    detail: Detail
    rule: int
    headline: int
    place: int
    closing: int
    subjects: int = 0

    @property
    def indent(self) -> int:
        """Where the headlines begin."""
        return _SEVERITY + self.rule + _GAP

    def lines(self, entry: Entry) -> list[str]:
        """Return the line of an entry, or its two lines."""
        is_counted = not self.subjects and self.detail is not Detail.SUBJECTS
        often = times(len(entry.findings) + len(entry.following)) if is_counted else ""
        headline = " ".join(filter(None, (_clipped(entry.headline, self.headline - len(often) - bool(often)), often)))
        cells = [
            (headline.ljust(self.headline), Tone.BOLD),
            (clipped_start(entry.place, self.place).ljust(self.place) if self.place else "", Tone.CYAN),
            (_closing(entry, self.closing).ljust(self.closing) if self.closing else "", _tone(entry)),
            (_subjects(entry, self.subjects) if self.subjects else "", Tone.DIM),
        ]
        head = self.style.paint(entry.severity.upper().ljust(8), *TONES[entry.severity])
        *padded, (last, its_tone) = [cell for cell in cells if cell[0].strip()]
        painted = [self.style.paint(text, tone) for text, tone in (*padded, (last.rstrip(), its_tone))]
        line = f"{head}  {entry.rule.id.ljust(self.rule)}  {(' ' * _GAP).join(painted)}"
        return [line, *self._below(entry)]

    def _below(self, entry: Entry) -> list[str]:
        """Return the second line: the places of a rule, or the subjects where they have no column."""
        if self.detail is Detail.PLACES and len(entry.places) > bool(self.place):
            places = fitting(entry.places, self.style.width - self.indent, clipped_start)
            return [" " * self.indent + self.style.paint(places, Tone.CYAN)]
        if self.subjects or not self._has_subjects_below(entry):
            return []
        closing = "" if self.closing else _closing(entry, _CLOSING)
        room = self.style.width - self.indent - (len(closing) + _GAP if closing else 0)
        parts = [(closing, _tone(entry)), (_subjects(entry, room), Tone.DIM)]
        text = (" " * _GAP).join(self.style.paint(text, tone) for text, tone in parts if text)
        return [" " * self.indent + text] if text else []

    def _has_subjects_below(self, entry: Entry) -> bool:
        if self.detail is Detail.PLACES:
            return not entry.places
        several = len(entry.subjects) > 1 or bool(entry.following)
        return self.detail is Detail.SUBJECTS and (several or not entry.place or self.style.width < _NARROW)


def rows_for(entries: Sequence[Entry], style: Style, detail: Detail) -> Rows:
    """Return the columns that fit these entries."""
    is_narrow = style.width < _NARROW
    rule = max((len(each.rule.id) for each in entries), default=0)
    closing = max((len(_closing(each, _CLOSING)) for each in entries), default=0)
    subjects = _FOLLOWING if any(each.following for each in entries) else _SUBJECTS
    place = min(max((len(clean(each.place)) for each in entries), default=0), _PLACE)
    room = style.width - _SEVERITY - rule - _GAP
    if _left(room, place, closing) < subjects:
        closing = min(closing, len(GENERATE))
    if _left(room, place, closing) < subjects:
        subjects = 0
    if is_narrow and not subjects:
        closing = 0 if detail is Detail.SUBJECTS and place else closing
        place = 0 if detail is Detail.PLACES else place
    free = room - sum(each + _GAP for each in (closing, subjects) if each)
    headline, place = _shared(entries, place, free)
    used = headline + (place + _GAP if place else 0)
    return Rows(
        style=style,
        detail=detail,
        rule=rule,
        headline=headline,
        place=place,
        closing=closing,
        subjects=subjects + free - used if subjects else 0,
    )


def _left(room: int, *columns: int) -> int:
    """Return what is left for the subjects beside these columns and the least headline."""
    return room - _LEAST_HEADLINE - sum(each + _GAP for each in columns if each) - _GAP


def _shared(entries: Sequence[Entry], place: int, free: int) -> tuple[int, int]:
    """Return the widths of headline and place: what they need, or what they get when both give way in turn."""
    longest = max((len(clean(each.headline)) for each in entries), default=0)
    gap = _GAP if place else 0
    headline = min(longest, _HEADLINE, max(free - place - gap, _LEAST_HEADLINE))
    place = min(place, max(free - headline - gap, _LEAST_PLACE))
    return min(headline, max(free - place - gap, 10)), place


def _clipped(headline: str, width: int) -> str:
    """Return a headline in at most so many columns; what it has in parentheses at its end says whom it concerns."""
    text, opening, mark = headline.rpartition(" (")
    room = width - len(opening) - len(mark)
    if not text or not mark.endswith(")") or room < _LEAST_NAME:
        return clipped(headline, width)
    return f"{clipped(text, room)}{opening}{clean(mark)}"


def _closing(entry: Entry, width: int) -> str:
    """Return how the entry is closed; without the name of a file where there is no room for it."""
    if len(clean(entry.closing)) <= width:
        return clean(entry.closing)
    return clipped(" ".join(word for word in entry.closing.split(" ") if not _is_file(word)).rstrip(","), width)


def _is_file(word: str) -> bool:
    return word.rstrip(",") not in {"→", "generate", "edit", "manual"}


def _tone(entry: Entry) -> Tone:
    return Tone.DIM if entry.closing == MANUAL else Tone.GREEN


def _following(entry: Entry) -> str:
    number = len(entry.following)
    return f"and {number} that follow{'s' if number == 1 else ''}" if number else ""


def _subjects(entry: Entry, width: int) -> str:
    """Return the subjects that there is room for, and how many follow from them."""
    after = _following(entry)
    room = width - (len(after) + 1 if after else 0)
    return after if after and room < _LEAST_NAME else " ".join(filter(None, (fitting(entry.subjects, room), after)))
