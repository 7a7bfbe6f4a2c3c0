"""Where the process starts, and the one boundary at which errors become messages and exit codes."""

import gc
import os
import sys
from collections.abc import Sequence

from ssm_hardening.errors import ExitCode, SsmHardenError


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # A short-lived process that builds many small values: collecting each 700 of them costs 5 % of a check.
    gc.set_threshold(50_000, 20, 20)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; nothing but KeyboardInterrupt's code leaves unexplained."""
    try:
        return _dispatch(list(arguments))
    except SsmHardenError as error:
        _say(f"error: {error.message}", error.hint)
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`| head`); what it wanted it has.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except KeyboardInterrupt:
        _say("interrupted; nothing was left half-written", "")
        return 130
    except Exception as error:  # noqa: BLE001 - the one boundary: a fault of ours has an exit code of its own
        return _fault(error)


def _dispatch(arguments: list[str]) -> int:
    from ssm_hardening.cli.quick import quick_command  # noqa: PLC0415 - inside the boundary: it covers imports too

    command = quick_command(arguments[0]) if arguments else None
    if command is not None:
        return command(arguments[1:])
    from ssm_hardening.cli.app import invoke  # noqa: PLC0415 - as above

    return invoke(arguments)


def _say(message: str, hint: str) -> None:
    from ssm_hardening.redaction import without_secrets  # noqa: PLC0415 - inside the boundary, and only for errors

    print(printable(without_secrets(message)), file=sys.stderr)  # noqa: T201 - the boundary speaks to the terminal
    if hint:
        print(f"  hint: {printable(without_secrets(hint))}", file=sys.stderr)  # noqa: T201 - as above


def printable(text: str) -> str:
    """Return a text without control characters: file names and contents are other people's data."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _fault(error: Exception) -> int:
    import traceback  # noqa: PLC0415 - only where something went wrong

    _say(f"internal error: {type(error).__name__}: {error}", "")
    if os.environ.get("SSM_HARDEN_DEBUG"):
        traceback.print_exception(error)
    else:
        _say("  this is a fault of ssm-harden; SSM_HARDEN_DEBUG=1 shows where, please report it", "")
    return ExitCode.FAULT
