"""Where the process starts, and the one boundary at which errors become messages and exit codes."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from ssm_hardening.core.errors import ExitCode, Interrupted, SsmHardenError

_SIGNALLED = 128
"""What shells add to a signal's number to make an exit code."""

_SIGINT, _SIGPIPE = 2, 13


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from ssm_hardening.cli.output import guard

    # A short-lived process that builds many small values: collecting each 700 of them costs 5 % of a check.
    gc.set_threshold(50_000, 20, 20)
    guard()
    _hear_signals()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; whatever ends it has a code, and a message where one is due."""
    return _bounded(lambda: _flushed(_code_of(list(arguments))))


def _bounded(command: Callable[[], int]) -> int:
    from ssm_hardening.cli.output import ReaderGoneError

    try:
        return command()
    except SsmHardenError as error:
        _say(f"error: {error.message}", error.hint)
        code: int = error.exit_code
    except ReaderGoneError:
        # As if the signal had ended us: a report that was not read to its end is no success.
        code = _SIGNALLED + _SIGPIPE
    except Interrupted as stop:
        _say("interrupted" if stop.signal == _SIGINT else "terminated", "")
        code = _SIGNALLED + stop.signal
    except KeyboardInterrupt:
        _say("interrupted", "")
        code = _SIGNALLED + _SIGINT
    except OSError as error:
        code = _unusable(error, error.filename) if isinstance(error.filename, str | bytes) else _fault(error)
    except Exception as error:  # noqa: BLE001 - the one boundary: an internal error has an exit code of its own
        code = _fault(error)
    _say_what_is_left()
    return code


def _code_of(arguments: list[str]) -> int:
    try:
        return _dispatch(arguments)
    except SystemExit as end:
        # argparse ends so; what it printed is not flushed yet.
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def _flushed(code: int) -> int:
    sys.stdout.flush()
    return code


def _hear_signals() -> None:
    """Let signals end the command as an exception does: children are ended, temporary files removed."""
    import signal

    def stop(number: int, _frame: object) -> NoReturn:
        raise Interrupted(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # What is ignored (nohup, a shell's background) stays so.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)


def _say_what_is_left() -> None:
    unverified = sys.modules.get("ssm_hardening.cli.verify")
    for line in () if unverified is None else unverified.left():
        _say(line, "")


def _dispatch(arguments: list[str]) -> int:
    from ssm_hardening.cli.commands import COMMANDS, Command, run_at_once

    command = COMMANDS.get(arguments[0]) if arguments else None
    if isinstance(command, Command) and command.at_once:
        return run_at_once(arguments[0], command, arguments[1:])
    from ssm_hardening.cli.app import invoke

    return invoke(arguments)


def _say(message: str, hint: str) -> None:
    from ssm_hardening.core.redaction import without_secrets

    sys.stderr.write(f"{printable(without_secrets(message))}\n")
    if hint:
        sys.stderr.write(f"  hint: {printable(without_secrets(hint))}\n")


def printable(text: str) -> str:
    """Return a text without control characters: file names and contents are other people's data."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _unusable(error: OSError, file: str | bytes) -> int:
    """Say which file the system refuses: a name that is too long, a folder that may not be entered, a full disk."""
    _say(f"error: {os.fsdecode(file)}: {error.strerror}", "")
    _trace(error)
    return ExitCode.USAGE


def _fault(error: Exception) -> int:
    _say(f"internal error: {type(error).__name__}: {error}", "")
    if not _trace(error):
        _say("  this is a bug in ssm-harden: please report it with the traceback that SSM_HARDEN_DEBUG=1 prints", "")
    return ExitCode.FAULT


def _trace(error: Exception) -> bool:
    import traceback

    if not os.environ.get("SSM_HARDEN_DEBUG"):
        return False
    traceback.print_exception(error)
    return True
