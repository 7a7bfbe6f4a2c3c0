"""How much of anything is read: every input comes from somebody, and none of them may keep the tool busy for ever."""

from pathlib import Path
from typing import Any

from ssm_hardening.core.errors import UsageError

CODE = 1_000_000
"""Bytes of a file of code or of values; the largest hand-written ones are a tenth of that."""

SEARCHED = 16_000_000
"""Bytes of a file of code that is searched for words, though too large to be parsed."""

TEXT = 1_000_000
"""Characters of a text that an expression makes, and bytes of a file that `file()` and its kin read."""

MANIFEST = 4_000_000
"""Bytes of the list of downloaded modules."""

PLAN = 128 * 1024 * 1024
"""Bytes of a plan or a state as JSON; parsed they take several times as much memory."""

SNAPSHOT = 128 * 1024 * 1024
"""Bytes of a snapshot: some 10,000 nodes with all that belongs to them."""

EVIDENCE = 1024 * 1024
"""Bytes of what a probe printed; it prints 23,000."""

CONTROL_POLICY = 1024 * 1024
"""Bytes of a file of service or resource control policies; AWS takes some 10,000 characters for each."""

STANDARD = 256 * 1024
"""Bytes of a standard; one that names every rule has 8,000."""

WAIVERS = 256 * 1024
"""Bytes of a file of waivers; one of them takes 200."""

BASELINE = 16 * 1024 * 1024
"""Bytes of a baseline; a finding takes 250."""

REPORT = 64 * 1024 * 1024
"""Bytes of a report as JSON; a verdict takes 1,000."""
SETTINGS = 1_000_000
"""Bytes of a configuration file; a pyproject.toml holds the settings of many tools."""

ANSWER = 64
"""Characters of an answer at the terminal."""

REASON = 500
"""Characters of the reason in a waiver that are repeated in reports."""


def read_named(path: Path, most: int, *, hint: str) -> bytes:
    """Return the content of a file that the user named; a pipe is fine, an endless one is not.

    Raises UsageError where it is larger than `most` bytes, OSError where it cannot be read.
    """
    with path.open("rb") as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise UsageError(f"{path}: larger than the limit of {most:,} bytes", hint=hint)
    return data


_MOST_KEPT = 10_000_000


def toml_in(text: str) -> dict[str, Any]:
    """Return what a TOML text holds. Raises ValueError where it is no TOML, nested too deeply, or all keys.

    Python keeps each beginning of a dotted key, below each table: what that takes grows with the square of the dots.
    """
    import tomllib  # noqa: PLC0415 - most runs read none

    dots = [line.count(".") for line in text.split("\n")]
    if max(dots) * (sum(dots) + len(dots)) > _MOST_KEPT:
        raise ValueError("too many dots in one line")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
