"""What a run of the demo showed."""

import re

from tests.cli.running import Ran

MOST_LINES = 150
WIDTH = 80
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def printed(ran: Ran) -> list[str]:
    """Return the lines without colour, a moving line as it last stood."""
    lines = [line.rpartition("\r\x1b[K")[2] for line in (ran.out + ran.err).split("\n")]
    return [ESCAPE.sub("", line) for line in lines]


def shown(ran: Ran) -> list[str]:
    """Return the lines that a terminal of 80 columns shows."""
    return [line[at : at + WIDTH] for line in printed(ran) for at in range(0, max(len(line), 1), WIDTH)]


def state(ran: Ran, tool: str) -> str:
    """Return what is said of a tool at the start."""
    found = [match[1] for line in shown(ran)[:4] if (match := re.match(rf"  ([✓-] {tool} .*)", line))]
    assert len(found) == 1, shown(ran)[:6]
    return " ".join(found[0].split())
