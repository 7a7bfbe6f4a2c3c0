"""The errors a user can meet (what is wrong, where, what to do about it), and the words that every message shares."""

from collections.abc import Collection
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says to a pipeline; precedence is FAULT, USAGE, GAPS, UNDECIDED, OK."""

    OK = 0
    GAPS = 1
    USAGE = 2
    UNDECIDED = 3
    FAULT = 70


class SsmHardenError(Exception):
    """The base of every error that is reported to the user instead of as a traceback.

    `message` says what is wrong and where; `hint` says what to do. One boundary, in `cli`, prints both.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SsmHardenError):
    """Wrong arguments, a missing file that was named, or nothing that could be read."""


class RefusedWriteError(SsmHardenError):
    """Writing would have overwritten or mixed with something that is not ours."""


class UnreadableError(SsmHardenError):
    """A file is not what it claims to be: broken HCL, binary, too large, not text.

    `line` counts from 1; 0 where the whole file is meant. Readers turn this into an *unparseable* gap.
    """

    def __init__(self, file: str, line: int, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{file}:{line}: {reason}" if line else f"{file}: {reason}", hint=hint)
        self.file = file
        self.line = line
        self.reason = reason


class Interrupted(BaseException):
    """The user or the system asked the process to end; `signal` is the signal's number.

    No Exception, so that nothing on the way takes it for a fault, and no KeyboardInterrupt, for which Typer has an
    ending of its own.
    """

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal


_ALIKE = 0.7
"""Below this, two words have too little in common for one to be a typo of the other."""


def did_you_mean(word: str, known: Collection[str], *, otherwise: str) -> str:
    """Return the question after the known name most like `word`, or `otherwise` where none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow, and only for a message

    names = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), names, n=1, cutoff=_ALIKE)
    return f"did you mean {names[found[0]]}?" if found else otherwise


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 file`, `2 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Collection[str], last: str = "or") -> str:
    """Return names as a sentence lists them: `a or b`, `a, b, or c`."""
    *first, end = names
    comma = "," if len(first) > 1 else ""
    return f"{', '.join(first)}{comma} {last} {end}" if first else end
