"""What the user named, read: folders, plans, snapshots, live accounts, and evidence from inside nodes."""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from ssm_hardening.core import limits
from ssm_hardening.core.errors import ExitCode, UsageError
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Why
from ssm_hardening.model import LINK, LIVE, Account, Gap
from ssm_hardening.read.code.inputs import Inputs, terraform_variables
from ssm_hardening.read.graph import Reading

_PLAIN = "$&+=:@"
"""Characters of names of workspaces, beside letters, digits, and `-._~`."""

if TYPE_CHECKING:
    from ssm_hardening.cli.changes import Changes
    from ssm_hardening.cli.crew import Crew
    from ssm_hardening.cli.options import Live
    from ssm_hardening.model import ControlPolicy
    from ssm_hardening.read.live.calls import ApiCall
    from ssm_hardening.read.plan.telling import OwnPlan


def inputs_of(
    variables: Sequence[str] | None,
    files: Sequence[Path] | None,
    workspace: str | None = None,
    *,
    environment: bool = True,
) -> tuple[Inputs, tuple[str, ...]]:
    """Return the inputs for root modules, and notes on the environment variables used.

    The workspace that somebody selected last (`.terraform/environment`) is that of one machine, and does not count.
    """
    named: dict[str, str] = {}
    for text in variables or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            # The text is not repeated: it may be a value that lacks its name.
            raise UsageError("--var: write a variable as NAME=VALUE")
        named[name.strip()] = value
    used = terraform_variables(os.environ) if environment else {}
    notes = [f"variables used from the environment: {', '.join(f'TF_VAR_{name}' for name in sorted(used))}"] * bool(
        used
    )
    selected = os.environ.get("TF_WORKSPACE") if environment and workspace is None else None
    if selected:
        notes.append(f"workspace used from the environment: TF_WORKSPACE={selected}")
    chosen = _workspace(workspace, "--workspace") or _workspace(selected or None, "TF_WORKSPACE")
    return Inputs(variables=named, files=tuple(files or ()), environment=used, workspace=chosen), tuple(notes)


def _workspace(name: str | None, place: str) -> str | None:
    """Return the name of a workspace, as Terraform accepts it. Raises UsageError."""
    if name is not None and (not name or quote(name, safe=_PLAIN, errors="replace") != name):
        hint = "use a name that needs no escaping in a URL, such as prod"
        raise UsageError(f"{place}: {name!r} is not the name of a workspace", hint=hint)
    return name


def read_sources(
    paths: Sequence[Path] | None,
    snapshot: Path | None,
    inputs: Inputs,
    live: "Live | None" = None,
    *,
    plans: Sequence[Path] = (),
    evidence: Sequence[Path] = (),
    scps: Sequence[Path] = (),
    changed_since: str | None = None,
    whole: bool = False,
    crew: "Crew | None" = None,
    quiet: bool = False,
) -> Reading:
    """Read every source the user named; the working directory where none is.

    Evidence from inside nodes joins the accounts that hold them, so it comes last; before it, the control policies of
    files (`scps`) bind the accounts. `changed_since`: of code, only the
    roots that changed since that Git revision. `whole`: something is written from it, so each PATH must hold code.
    `crew` reads the roots of code, unless there are plans, and evaluates them where there is no other source.
    """
    code = list(paths or ())
    if not code and not evidence and snapshot is None and not plans and not (live is not None and live.live):
        code = [Path()]
    changes = None if changed_since is None else _changes(changed_since, code)
    policies = _control_policies(scps)
    if crew is not None and (snapshot is not None or plans or evidence or policies or (live is not None and live.live)):
        crew = None if plans else crew.reading_alone()
    reading = _read_accounts(code, snapshot, inputs, live, plans=plans, changes=changes, crew=crew, quiet=quiet)
    reading = heard(reading, paths or (), whole=whole, quiet=quiet)
    if policies:
        reading = _bound(reading, policies)
    if not evidence:
        return reading
    return replace(reading, accounts=join_evidence(reading.accounts, evidence))


def _control_policies(files: Sequence[Path]) -> "tuple[ControlPolicy, ...]":
    """Return the control policies in files. Raises UsageError where a file holds none."""
    if not files:
        return ()
    from ssm_hardening.read.control_policies import read_control_policies

    return read_control_policies(files)


def _bound(reading: Reading, policies: "Sequence[ControlPolicy]") -> Reading:
    from ssm_hardening.read.control_policies import with_control_policies

    accounts, notes = with_control_policies(reading.accounts, policies)
    return replace(reading, accounts=accounts, notes=(*reading.notes, *notes))


def heard(reading: Reading, paths: Sequence[Path], *, whole: bool = False, quiet: bool) -> Reading:
    """Say on stderr which folders hold no code; those among the `paths`, which the user named, are refused.

    Raises UsageError where nothing else was named and read, or all of it must be (`whole`): a typo must not look like a
    success.
    """
    from ssm_hardening.cli import output

    if not reading.missing:
        return reading
    if not paths:
        output.notes(reading.missing, quiet=quiet)
        return reading
    hint = "pass the folder that holds the code"
    is_alone = len(reading.missing) == len({path.resolve() for path in paths}) and not reading.accounts
    if whole or (is_alone and not reading.parsed):
        raise UsageError("; ".join(reading.missing), hint=hint)
    for each in reading.missing:
        output.note(f"error: {each}")
    return replace(reading, refused=(*reading.refused, *reading.missing))


def _changes(revision: str, code: Sequence[Path]) -> "Changes":
    from ssm_hardening.cli.changes import changes_since

    if not code:
        raise UsageError("--changed-since is about code, and none is read", hint="pass the folder of the code as PATH")
    return changes_since(revision, code)


def join_evidence(accounts: Sequence[Account], paths: Sequence[Path]) -> tuple[Account, ...]:
    """Return the accounts with what evidence says about the inside of their nodes. Raises UsageError."""
    from ssm_hardening.read.hosts.joining import read_evidence, with_evidence

    return with_evidence(accounts, read_evidence(_files_in(paths)))


def _files_in(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files that are named, and those called *.json of folders that are. Raises UsageError."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = sorted(each for each in path.iterdir() if each.suffix == ".json")
        except OSError as error:
            raise UsageError(
                f"{path}: cannot be read: {error.strerror}", hint="check the permissions of the folder"
            ) from error
        if not inside:
            raise UsageError(
                f"{path}: there is no evidence in this folder", hint="`ssm-harden host run` writes *.json files"
            )
        found += (_within(path, each) for each in inside)
    return tuple(dict.fromkeys(found))


def _within(folder: Path, path: Path) -> Path:
    """Return a file of a folder that was named, unless it is a link that leads out: nobody named what that leads to."""
    from ssm_hardening.read.paths import Bounds

    real = folder.resolve()
    if Bounds((real,)).followed(real / path.name, real) is None:
        raise UsageError(
            f"{path}: a symbolic link that points outside the folder", hint="use the file that the link points to"
        )
    return path


def _read_accounts(
    paths: Sequence[Path],
    snapshot: Path | None,
    inputs: Inputs,
    live: "Live | None",
    *,
    plans: Sequence[Path],
    changes: "Changes | None",
    crew: "Crew | None",
    quiet: bool,
) -> Reading:
    """Read accounts and code; of code, where `changes` are given, the roots that changed."""
    accounts: list[Account] = []
    if snapshot is not None:
        accounts += _read_snapshot(snapshot)
    if live is not None and live.live:
        accounts += read_live(live, quiet=quiet)
    opened = _opened(plans)
    if not paths:
        shown = _read_plans(opened, is_alone=True)
        return replace(shown, accounts=(*accounts, *shown.accounts))
    from ssm_hardening.read.code.reader import read_terraform
    from ssm_hardening.read.code.roots import in_turn

    states = tuple(_state_apart(each) for each in opened if each.is_state)
    told = tuple(each for each in opened if not each.is_state)
    changed = None if changes is None else changes.files
    reading = read_terraform(paths, inputs=inputs, changed=changed, plans=told, crew=crew or in_turn)
    if changes is not None and not reading.accounts and not reading.notes:
        reading = changes.none()
    shown = _read_plans([each for each in opened if each.file not in reading.joined], is_alone=False)
    return replace(
        reading,
        accounts=(*accounts, *shown.accounts, *reading.accounts),
        notes=(*states, *shown.notes, *reading.notes),
        sensitive=shown.sensitive | reading.sensitive,
    )


def _state_apart(state: "OwnPlan") -> str:
    from ssm_hardening.read.code.own_plans import apart

    reason = "a state does not contain the configuration, so the same gap can be listed for both"
    return f"{apart(state, reason)}; pass the JSON of a plan to read the two as one"


def _opened(files: Sequence[Path]) -> "tuple[OwnPlan, ...]":
    """Return plans recorded as JSON. Raises UsageError where a file is none."""
    if not files:
        return ()
    from ssm_hardening.read.plan.telling import open_plans

    return open_plans(files)


def _read_plans(opened: "Sequence[OwnPlan]", *, is_alone: bool) -> Reading:
    """Return what plans say that are no part of code that is read."""
    if not opened:
        return Reading(accounts=())
    from ssm_hardening.read.plan.reader import reading_of

    return reading_of([each.alone() for each in opened], is_alone=is_alone)


def _read_snapshot(path: Path) -> tuple[Account, ...]:
    """Read accounts recorded as JSON. Raises UsageError where the file is none."""
    from ssm_hardening.read.snapshot import loads

    try:
        text = limits.read_named(
            path, limits.SNAPSHOT, hint="record fewer accounts or Regions in one snapshot"
        ).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not valid UTF-8"
        raise UsageError(
            f"{path}: cannot be read: {reason}", hint="record a snapshot with `ssm-harden snapshot --live`"
        ) from error
    return loads(text, file=str(path))


def read_live(live: "Live", *, quiet: bool) -> tuple[Account, ...]:
    """Read the live accounts the user named, with progress on stderr. Raises UsageError."""
    from ssm_hardening.read.live import reach
    from ssm_hardening.read.live.clients import WantedStores

    targets = reach.targets(
        profile=live.profile,
        regions=tuple(live.region or ()),
        role_arns=tuple(live.role_arn or ()),
        external_id=live.external_id,
        organization=live.organization,
        role_name=live.role_name,
    )
    wanted = WantedStores(log_buckets=tuple(live.log_bucket or ()), log_groups=tuple(live.log_group or ()))
    with _CallCounter(quiet=quiet) as counter:
        return reach.read_all(targets, wanted, executor=live.executor, watch=counter.watch)


_SECONDS = 0.1


class _CallCounter:
    """Counts calls as they end, in any thread. Used as a context: leaving it ends the line."""

    def __init__(self, *, quiet: bool) -> None:
        import threading

        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._calls = 0
        self._told = 0.0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._quiet:
            return
        from ssm_hardening.core.errors import counted

        start = "\r\x1b[K" if self._terminal else ""
        took = time.monotonic() - self._began
        sys.stderr.write(f"{start}  {counted(self._calls, 'API call')} in {took:.1f} s\n")
        sys.stderr.flush()

    def watch(self, call: "ApiCall") -> None:
        """Hear of a call that ended."""
        with self._lock:
            self._calls += 1
            now = time.monotonic()
            if self._quiet or not self._terminal or now - self._told < _SECONDS:
                return
            self._told = now
            sys.stderr.write(f"\r\x1b[K  {self._calls} API calls: {call}")
            sys.stderr.flush()


def is_silent(accounts: Sequence[Account]) -> bool:
    """Say whether only live accounts were asked for, and not one of them could be read."""
    if not accounts or any(account.source != LIVE for account in accounts):
        return False
    from ssm_hardening.report.matrix import unread_because

    return all(unread_because(account) for account in accounts)


def unread(accounts: Sequence[Account]) -> tuple[str, ...]:
    """Return what is broken or denied, each with its place: that nothing there was evaluated must not go unsaid."""
    closed = {Why.UNPARSEABLE, Why.DENIED}
    gaps = (gap for account in accounts for gap in account.gaps if gap.why in closed or gap.kind == LINK)
    return tuple(dict.fromkeys(gap.text() for gap in gaps if not _is_usual(gap)))


def _is_usual(gap: Gap) -> bool:
    """Say whether somebody may not read the control policies of an organization, which few may: no error."""
    return gap.why is Why.DENIED and isinstance(gap.at, ApiOrigin) and gap.at.call.startswith("organizations:")


def is_unreadable(reading: Reading) -> bool:
    """Say whether there was something to read, and nothing of it could be."""
    facts = [len(a.session_documents) + len(a.log_buckets) + len(a.log_groups) + len(a.keys) for a in reading.accounts]
    files = [gap for account in reading.accounts for gap in account.gaps if gap.kind in {"file", LINK}]
    return (bool(files) and not any(facts) and not reading.parsed) or is_silent(reading.accounts)


def exit_code(reading: Reading) -> ExitCode:
    """Return what reading alone says: whether everything that was named could be read."""
    return ExitCode.USAGE if reading.refused or is_unreadable(reading) else ExitCode.OK


def refuse_unread(reading: Reading, *, hint: str) -> None:
    """Raise UsageError where something that was named could not be read: nothing is to be written then."""
    if exit_code(reading) is not ExitCode.OK:
        raise UsageError("; ".join((*reading.refused, *unread(reading.accounts))), hint=hint)
