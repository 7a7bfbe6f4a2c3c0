"""What sessions may do on the node: HOST-02 and HOST-03."""

import re
from collections.abc import Iterator

from ssm_hardening.core.logic import each, flag
from ssm_hardening.core.values import Absent, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Host, Identity, SudoFile
from ssm_hardening.rules.hosts.inside import (
    SSM_USER,
    UNIX,
    WINDOWS,
    grants_to,
    hosts,
    known_texts,
    name_of,
    privileges,
    read_text,
    unless_on,
)
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, required, shown, wrong
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict

_DROP_IN = "/etc/sudoers.d/ssm-agent-users"
_READ_ONLY = frozenset({0o440, 0o400})
_OTHERS_WRITE = 0o022
_MODE = re.compile(r"[0-7]{3,5}")
_WRITABLE = "Others can change the sudo rules"
_LOOSE = "Sudo file has loose permissions"


@rule(
    id="HOST-02",
    title="Session users have no sudo rights",
    headline="Session users can become root",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=hosts,
    question=Question.CONTEXT,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="host-baseline",
)
def gives_session_users_no_sudo(host: Host, context: Context) -> Verdict:
    """The agent creates `ssm-user` with full sudo rights and no password, so anyone with a session can become root.

    Session users must not have sudo rules (medium if a rule leads only to users other than root), the UID or GID 0, or
    a group that is equivalent to root (`privileged_groups`; wheel, sudo, and admin count by their sudo rules). The
    files that sudo reads must belong to root, be writable only by root, and have the mode 0440 or 0400 if they name a
    session user (low).

    If ssm-user does not exist yet, the first session without Run As creates it together with
    /etc/sudoers.d/ssm-agent-users (medium). An existing file that grants nothing prevents that, because the agent does
    not overwrite it.

    Undecided when the probe did not run as root, which it needs to read the sudo files. Run As users are checked only
    if they were named to the probe (`--run-as`).

    Reference: AWS Systems Manager User Guide, "Turn off or turn on ssm-user account administrative permissions".
    """
    other = unless_on(host, UNIX, "see HOST-03")
    if other is not None:
        return other
    checks = (*_users(host, context.thresholds.privileged_groups), *_files(host))
    users = ", ".join(name_of(each) for each in host.identities)
    passed = Passed(host.origin, f"no sudo rules and no group that is equivalent to root: {users}")
    return conclude(host.origin, checks, passed=passed, undecided="which privileges session users have is unknown")


def _users(host: Host, root_groups: tuple[str, ...]) -> Iterator[Check]:
    yield from _looked_at(host)
    for user in host.identities:
        there = flag(user.exists, absent=False)
        if isinstance(there, Unknown):
            yield there
        else:
            yield from privileges(user, host, root_groups) if there.value else _not_there(user, host)


def _looked_at(host: Host) -> Iterator[Unknown]:
    """Yield why there may be more users than those that were looked at; ssm-user must be one of them."""
    if host.identities.gap is not None:
        yield host.identities.gap
    elif SSM_USER not in known_texts(each.name for each in host.identities):
        yield Unknown(Why.UNAVAILABLE, host.origin, f"{SSM_USER}, which the evidence does not include")


def _not_there(user: Identity, host: Host) -> Iterator[Check]:
    """Yield what the first session will find, where it makes the user."""
    name = read_text(user.name)
    if isinstance(name, Unknown):
        yield name
    elif name == SSM_USER:
        yield from _first_session(user, host)


def _first_session(user: Identity, host: Host) -> Iterator[Check]:
    paths = [(each, read_text(each.path)) for each in host.sudo_files]
    found = [each for each, path in paths if path == _DROP_IN]
    text = f"{SSM_USER} does not exist yet: the first session without Run As creates it with full sudo rights"
    made = Problem(user.at, text, Severity.MEDIUM, headline="First session creates ssm-user with sudo")
    if found:
        yield from (check for each in found for check in _waiting(user, each))
    else:
        yield next(gaps(*(path for _, path in paths), host.sudo_files.gap), made)


def _waiting(user: Identity, file: SudoFile) -> Iterator[Check]:
    for line in grants_to(user, file):
        text = f"{SSM_USER} does not exist yet, but {_DROP_IN} already has a rule for it: {line}"
        yield Problem(file.at, text, headline="Sudo rule is ready for ssm-user")
    yield from gaps(*each(file.grants))


def _files(host: Host) -> Iterator[Check]:
    for file in host.sudo_files:
        yield from _owner(file)
        yield from _mode(file)
    yield from gaps(host.sudo_files.gap)


def _path(file: SudoFile) -> str:
    path = read_text(file.path)
    return "a sudo file" if isinstance(path, Unknown) else path


def _owner(file: SudoFile) -> Iterator[Check]:
    path = _path(file)
    owner = required(file.owner, Why.UNAVAILABLE, f"the owner of {path}, which the evidence does not include")
    problems = wrong(owner, lambda uid: f"{path} belongs to UID {uid}, which can add rules to it" if uid != 0 else "")
    return headed(_WRITABLE, problems)


def _mode(file: SudoFile) -> Iterator[Check]:
    text = read_text(file.mode)
    if isinstance(text, Unknown):
        yield text
        return
    if _MODE.fullmatch(text) is None:
        yield Unknown(Why.UNPARSEABLE, file.mode.at, f"the mode {shown(text)}")
        return
    mode = int(text, 8)
    if mode & _OTHERS_WRITE:
        yield Problem(
            file.mode.at, f"{_path(file)} has the mode {text}: users other than root can write it", headline=_WRITABLE
        )
    elif mode & 0o777 not in _READ_ONLY:
        yield from _loose(file, text)


def _loose(file: SudoFile, mode: str) -> Iterator[Check]:
    """Yield the milder problem of a file with a mode unlike sudo's own, where it names a user of sessions."""
    lines = tuple(each(file.grants))
    if any(isinstance(line, Known) for line in lines):
        yield Problem(file.mode.at, f"{_path(file)} has the mode {mode}, not 0440", Severity.LOW, headline=_LOOSE)
    else:
        yield from gaps(*lines)


@rule(
    id="HOST-03",
    title="Windows: ssm-user is not an administrator",
    headline="ssm-user is a Windows administrator",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=hosts,
    question=Question.CONTEXT,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="host-baseline",
)
def makes_no_administrator(host: Host, _context: Context) -> Verdict:
    """The agent makes `ssm-user` an administrator, and Windows has no Run As: any session has full control of the node.

    ssm-user must not be a member of the local group with the SID S-1-5-32-544, whatever its name, or of a group that is
    a member. If ssm-user does not exist yet, the first session adds it to that group (medium). On a domain controller,
    the agent does not create the user: you must create it, and the administrators there are those of the domain.

    Undecided when the members of the group were not read, or the user is in groups that were not listed.

    Reference: AWS Systems Manager User Guide, "Turn off or turn on ssm-user account administrative permissions".
    """
    other = unless_on(host, WINDOWS, "see HOST-02")
    if other is not None:
        return other
    passed = Passed(host.administrators.at, f"{SSM_USER} is not in {_group(host)}{_of_domain(host)}")
    checks = (*_members(host), *_user(host))
    return conclude(host.origin, checks, passed=passed, undecided=f"whether {SSM_USER} is an administrator is unknown")


def _group(host: Host) -> str:
    name = read_text(host.administrators_name)
    return "the Administrators group" if isinstance(name, Unknown) else f"the group {shown(name)}"


def _of_domain(host: Host) -> str:
    on_controller = " (on a domain controller, this is the group of the domain, and the agent does not create the user)"
    return on_controller if read_text(host.domain) == "controller" else ""


def _account(name: str) -> str:
    """Return the name without its machine or domain, as Windows compares it."""
    return name.rpartition("\\")[2].casefold()


def _members(host: Host) -> Iterator[Check]:
    if isinstance(host.administrators, Absent):
        yield Unknown(
            Why.UNAVAILABLE, host.administrators.at, "the list of administrators, which the evidence does not include"
        )
    for member in each(host.administrators):
        name = read_text(member)
        if isinstance(name, Unknown):
            yield name
        elif _account(name) == SSM_USER:
            yield _is_administrator(member, host, shown(name))


def _is_administrator(member: Value[Text], host: Host, who: str) -> Problem:
    text = f"{who} is in {_group(host)}{_of_domain(host)}, so every session has administrator rights"
    return Problem(member.at, text)


def _user(host: Host) -> Iterator[Check]:
    named = [(each, read_text(each.name)) for each in host.identities]
    yield from gaps(host.identities.gap, *(name for _, name in named))
    found = [each for each, name in named if isinstance(name, str) and _account(name) == SSM_USER]
    if not found and host.identities.gap is None:
        yield Unknown(Why.UNAVAILABLE, host.origin, f"{SSM_USER}, which the evidence does not include")
    for user in found:
        there = flag(user.exists, absent=False)
        if isinstance(there, Unknown):
            yield there
        else:
            yield from _by_groups(user, host) if there.value else _made_by_first_session(user, host)


def _by_groups(user: Identity, host: Host) -> Iterator[Check]:
    """Yield the groups of the user that are administrators, or are members of that group."""
    members = {_account(name) for name in known_texts(each(host.administrators))}
    if SSM_USER in members:
        return
    administrators = members | {_account(name) for name in known_texts((host.administrators_name,))}
    for group in each(user.groups):
        name = read_text(group)
        if isinstance(name, Unknown):
            yield name
        elif _account(name) in administrators:
            who = f"{SSM_USER}, through its group {shown(name)},"
            yield _is_administrator(group, host, who)


def _made_by_first_session(user: Identity, host: Host) -> Iterator[Check]:
    role = read_text(host.domain)
    if isinstance(role, Unknown):
        yield role
    elif role != "controller":
        text = f"{SSM_USER} does not exist yet: the first session creates it in {_group(host)}"
        yield Problem(user.at, text, Severity.MEDIUM, headline="First session makes ssm-user an admin")
