"""`ssm-harden sandbox`: the simulated account, for people who want to try things."""

import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

from ssm_hardening.cli import output as out
from ssm_hardening.cli.options import Option
from ssm_hardening.core.errors import Interrupted

_POLL_SECONDS = 1.0
_THEIRS = ("AWS_PROFILE", "AWS_SESSION_TOKEN")
"""What of the user's would lead clients to another account."""


class Seed(StrEnum):
    """What the account contains at the start."""

    WALKTHROUGH = "walkthrough"
    EMPTY = "empty"


Port = Annotated[int, Option("--port", metavar="N", bounds=(0, 65535), help="Port to listen on; 0 selects a free one.")]
SeedOption = Annotated[Seed, Option("--seed", help="What the account contains at the start.")]


def sandbox(port: Port = 0, seed: SeedOption = Seed.WALKTHROUGH) -> None:
    """Run a simulated AWS account until you press Ctrl-C.

    Prints the environment variables that point Terraform, the AWS CLI, boto3, and ssm-harden itself to the account.
    """
    from ssm_hardening.sandbox.server import running

    with _until_ctrl_c(), running(seed, port=port) as account:
        out.report(exports(account.environment()))
        out.note(
            f"simulated account {account.account} running at {account.endpoint}; Ctrl-C stops it and deletes its data"
        )
        while account.answers():
            time.sleep(_POLL_SECONDS)


@contextmanager
def _until_ctrl_c() -> Iterator[None]:
    try:
        yield
    except Interrupted as stop:
        if stop.signal != signal.SIGINT:
            raise


def exports(environment: dict[str, str]) -> str:
    """Return the lines to paste into another shell."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    return "\n".join([*lines, f"unset {' '.join(_THEIRS)}"])
