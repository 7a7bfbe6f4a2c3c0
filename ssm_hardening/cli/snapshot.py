"""`ssm-harden snapshot`: record accounts as JSON, for later or elsewhere."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import NOT_LIVE, Live, Option, with_live
from ssm_hardening.core.errors import ExitCode, RefusedWriteError, UsageError

Out = Annotated[Path, Option("--out", metavar="FILE", help="Write the snapshot into this new file.")]


@with_live
def snapshot(out: Out, live: Live = NOT_LIVE, quiet: options.Quiet = False) -> ExitCode:
    """Record accounts as JSON, for later or elsewhere.

    `plan --snapshot FILE` judges them without AWS. Holds settings and names; no parameter values, no session content.
    """
    import json

    from ssm_hardening.cli import output as o
    from ssm_hardening.cli import sources
    from ssm_hardening.core.redaction import Redactor
    from ssm_hardening.read.snapshot import to_json
    from ssm_hardening.report.words import counted

    if not live.live:
        raise UsageError("a snapshot is taken of a live account", hint="add --live; of code, see inspect --format json")
    if out.exists():
        raise RefusedWriteError(f"{out} is there already", hint="name a new file: a snapshot overwrites nothing")
    accounts = sources.read_live(live, quiet=quiet)
    _write(out, json.dumps(to_json(Redactor().hide(accounts)), indent=2) + "\n")
    gaps = sum(len(account.gaps) for account in accounts)
    told = f", {counted(gaps, 'call')} not answered" if gaps else ""
    o.report(f"{out}: {counted(len(accounts), 'account and Region', 'accounts and Regions')}{told}")
    return ExitCode.USAGE if sources.is_silent(accounts) else ExitCode.OK


def _write(path: Path, text: str) -> None:
    """Write a new file that only its owner may read, whole or not at all. Raises UsageError."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).rename(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}", hint="name a folder that exists") from error
