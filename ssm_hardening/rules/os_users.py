"""What an OS user may do on a Linux or macOS node: whether he is root, or root by another name."""

import re
from collections.abc import Iterator

from ssm_hardening.access.reach import listed
from ssm_hardening.findings import Severity
from ssm_hardening.model import Host, Identity, SudoFile
from ssm_hardening.rules.inside import known_texts, read_text
from ssm_hardening.rules.settings import Check, Problem, shown
from ssm_hardening.values import Absent, Known, Unknown, Value, Why

_RUNS_AS = re.compile(r"\(([^:)]*)")
_ROOT = ("ALL", "root", "#0", "%", "+", "!", "\\")


def privileges(user: Identity, host: Host, root_groups: tuple[str, ...]) -> Iterator[Check]:
    """Yield what makes a user who exists root or as good as root, and what keeps that from being told."""
    who = name_of(user)
    yield from _number(user.uid, f"{who} is root: its uid is 0")
    yield from _number(user.gid, f"{who} has root's own group, gid 0, as its primary group")
    yield from _groups(user, who, root_groups)
    for rule in user.sudo:
        yield _by_sudo(user, host, rule)
    if user.sudo.gap is not None:
        yield user.sudo.gap


def name_of(user: Identity) -> str:
    """Return the user's name as a message shows it."""
    name = read_text(user.name)
    return "a user of sessions" if isinstance(name, Unknown) else shown(name)


def grants_to(user: Identity, file: SudoFile) -> tuple[str, ...]:
    """Return those lines of a file of sudo's that name the user."""
    name = read_text(user.name)
    if isinstance(name, Unknown):
        return ()
    word = re.compile(rf"(?<![\w.@-]){re.escape(name)}(?![\w.@-])")
    return tuple(line for line in known_texts(listed(file.grants)) if word.search(line) is not None)


def _number(value: Value[int], text: str) -> Iterator[Check]:
    match value:
        case Known(0, at):
            yield Problem(at, text)
        case Known():
            return
        case Absent(at):
            yield Unknown(Why.UNAVAILABLE, at, "the evidence leaves out a number of the user")
        case Unknown() as gap:
            yield gap


def _groups(user: Identity, who: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    for group in listed(user.groups):
        name = read_text(group)
        if isinstance(name, Unknown):
            yield name
        elif name in root_groups:
            yield Problem(group.at, f"{who} is in the group {shown(name)}, which is root by another name")


def _by_sudo(user: Identity, host: Host, rule: object) -> Problem:
    files = [each for each in host.sudo_files if grants_to(user, each)]
    paths = ", ".join(known_texts(each.path for each in files))
    where = paths or "by a group or an alias, no file names it"
    text = f"sudo gives {name_of(user)} the rule {rule} ({where})"
    severity = None if _as_root(str(rule)) else Severity.MEDIUM
    return Problem(files[0].at if len(files) == 1 else user.at, text, severity)


def _as_root(rule: str) -> bool:
    """Say whether a rule may run things as root; one that names other users only does not."""
    found = _RUNS_AS.match(rule)
    if found is None:
        return True
    users = [each.strip() for each in found[1].split(",")]
    return any(each == "" or each.startswith(_ROOT) for each in users)
