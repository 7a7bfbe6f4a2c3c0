"""How text is dressed for a terminal: colour, width, symbols. Without a terminal it stays plain.

Whatever is painted or wrapped is cleaned first: names and messages are other people's data, and no control character of
theirs reaches the terminal.
"""

import os
import re
import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

_WIDTHS = range(40, 161)
_PLAIN_WIDTH = 100

_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, invisible ones, those that change the direction of text, and halves of characters."""

_PAINT = re.compile(r"\x1b\[[0-9;]*m")

_IN_ASCII = str.maketrans(
    {"✓": "v", "✗": "x", "─": "-", "·": "-", "×": "x", "…": "...", "–": "-"}  # noqa: RUF001 - the symbols themselves
)


class Tone(StrEnum):
    """What a terminal can do to a text (the numbers are ANSI's)."""

    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    YELLOW = "33"
    BLUE = "34"
    CYAN = "36"
    ALARM = "1;97;41"


def clean(text: str) -> str:
    """Return the text with every character that could act on a terminal written out."""
    return _UNSAFE.sub(lambda found: " " if found[0] == "\t" else _escaped(found[0]), text)


def printable(text: str) -> str:
    """Return the text, cleaned, without the two characters that are none: XML forbids them, Markdown's readers fail."""
    return re.sub("[\ufffe\uffff]", lambda found: _escaped(found[0]), clean(text))


def breadth(line: str) -> int:
    """Return how many columns a painted line takes."""
    return len(_PAINT.sub("", line))


def clipped(text: str, width: int) -> str:
    """Return the text, cleaned, in at most so many columns."""
    text = clean(text)
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"


def clipped_start(text: str, width: int) -> str:
    """Return a path, cleaned, in at most so many columns: of a longer one the end, from a folder on where that fits."""
    text = clean(text)
    if len(text) <= width:
        return text
    end = text[len(text) - max(width - 1, 0) :]
    folder = end.find("/")
    return f"…{end[folder:] if folder > -1 else end}"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the reader's terminal can show. `width` in characters."""

    colour: bool = False
    unicode: bool = True
    width: int = _PLAIN_WIDTH

    def paint(self, text: str, *tones: Tone) -> str:
        """Return the text, cleaned, in these tones."""
        plain = clean(text)
        if not (self.colour and tones and plain):
            return plain
        return f"\x1b[{';'.join(tones)}m{plain}\x1b[0m"

    def wrap(self, text: str, indent: int, *tones: Tone, hang: int = 0) -> list[str]:
        """Return the text as lines that start at column `indent`, the further ones `hang` columns later."""
        lines = textwrap.wrap(
            clean(text),
            max(self.width - indent, 20),
            subsequent_indent=" " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [" " * indent + self.paint(line, *tones) for line in lines]

    def labelled(self, label: str, text: str, indent: int, *tones: Tone, room: int = 7) -> list[str]:
        """Return `label  text`, the label dim, the text wrapped beside it."""
        first, *others = self.wrap(text, indent + room, *tones) or [""]
        head = " " * indent + self.paint(label.ljust(room), Tone.DIM)
        return [head + first[indent + room :], *others]

    def spread(self, left: str, right: str, *, indent: int = 2, tone: Tone = Tone.BOLD) -> str:
        """Return a line with `left` at its start and `right`, dim, at its end; two blanks at least between them."""
        left, right = clean(left), clean(right)
        gap = max(self.width - indent - len(left) - len(right), 2)
        return (" " * indent + self.paint(left, tone) + " " * gap + self.paint(right, Tone.DIM)).rstrip()

    def heading(self, title: str, aside: str = "") -> list[str]:
        """Return a heading with a rule below it and a blank line before and after."""
        fits = len(clean(title)) + len(clean(aside)) + 2 <= self.width
        line = self.spread(title, aside if fits else "", indent=0)
        below = [] if fits else self.wrap(aside, 0, Tone.DIM)
        return ["", line, *below, self.paint("─" * self.width, Tone.DIM), ""]

    def finish(self, lines: list[str]) -> str:
        """Return the report's text; in ASCII where the terminal shows no more."""
        text = "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"
        return text if self.unicode else text.translate(_IN_ASCII).encode("ascii", "backslashreplace").decode("ascii")


PLAIN = Style()


def style_for(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """Return the style that suits a stream: colour only on a terminal and without NO_COLOR, the width of COLUMNS."""
    terminal = stream.isatty()
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    asked = environ.get("COLUMNS", "")
    known = shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns if terminal else _PLAIN_WIDTH
    columns = int(asked) if asked.isdecimal() and int(asked) else known
    return Style(
        colour=terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
        unicode=encoding.startswith("utf"),
        width=min(max(columns, _WIDTHS.start), _WIDTHS.stop - 1),
    )
