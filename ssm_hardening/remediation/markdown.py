"""Other people's text in Markdown: nothing in it becomes markup, a link or another line."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def md_text(text: str) -> str:
    """Return the text as one line of running text."""
    return _MARKUP.sub(r"\\\1", _one_line(text))


def md_cell(text: str) -> str:
    """Return the text for a cell of a table."""
    return md_text(text) or " "


def md_span(text: str) -> str:
    """Return the text as a code span, also within a table: as many backticks around it as it needs."""
    line = _one_line(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def _one_line(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
