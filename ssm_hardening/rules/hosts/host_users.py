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
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, required, shown, wrong
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict

_DROP_IN = "/etc/sudoers.d/ssm-agent-users"
_READ_ONLY = frozenset({0o440, 0o400})
_OTHERS_WRITE = 0o022
_MODE = re.compile(r"[0-7]{3,5}")


@rule(
    id="HOST-02",
    title="Session users without sudo",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=hosts,
    question=Question.CONTEXT,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="host-baseline",
)
def gives_session_users_no_sudo(host: Host, context: Context) -> Verdict:
    """The agent makes `ssm-user` and gives it every right by sudo, without a password: who has a session is root.

    No user of sessions may have a rule of sudo (one that leads to other users than root is medium), the uid or gid 0,
    or a group that is root by another name (`privileged_groups`; wheel, sudo and admin weigh by the rules they bring).
    What sudo reads must be root's, writable by nobody else, and 0440 or 0400 where it names a user of sessions (low).

    Where ssm-user does not exist yet, the first session without Run As makes it and /etc/sudoers.d/ssm-agent-users
    with it (medium), unless that file is there already and gives nothing: agents leave it as it is then.

    It cannot tell where the probe could not: it must run as root to see what sudo reads. Run As users are looked at
    that were named to the probe (`--run-as`).

    Reference: AWS Systems Manager User Guide, "Turn off or turn on ssm-user account administrative permissions".
    """
    other = unless_on(host, UNIX, "see HOST-03")
    if other is not None:
        return other
    checks = (*_users(host, context.thresholds.privileged_groups), *_files(host))
    users = ", ".join(name_of(each) for each in host.identities)
    passed = Passed(host.origin, f"no sudo, and no group that is root by another name: {users}")
    return conclude(host.origin, checks, passed=passed, undecided="what users of sessions may do cannot be told")


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
        yield Unknown(Why.UNAVAILABLE, host.origin, f"the evidence does not speak of {SSM_USER}")


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
    text = f"{SSM_USER} is not there yet: the first session without Run As makes it, with all rights by sudo"
    made = Problem(user.at, text, Severity.MEDIUM)
    if found:
        yield from (check for each in found for check in _waiting(user, each))
    else:
        yield next(gaps(*(path for _, path in paths), host.sudo_files.gap), made)


def _waiting(user: Identity, file: SudoFile) -> Iterator[Check]:
    for line in grants_to(user, file):
        yield Problem(file.at, f"{SSM_USER} is not there yet, and {_DROP_IN} waits for it: {line}")
    yield from gaps(*each(file.grants))


def _files(host: Host) -> Iterator[Check]:
    for file in host.sudo_files:
        yield from _owner(file)
        yield from _mode(file)
    yield from gaps(host.sudo_files.gap)


def _path(file: SudoFile) -> str:
    path = read_text(file.path)
    return "a file of sudo's" if isinstance(path, Unknown) else path


def _owner(file: SudoFile) -> Iterator[Check]:
    path = _path(file)
    owner = required(file.owner, Why.UNAVAILABLE, f"the evidence leaves out whose {path} is")
    return wrong(owner, lambda uid: f"{path} belongs to uid {uid}, who may write rules into it" if uid != 0 else "")


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
        yield Problem(file.mode.at, f"{_path(file)} has mode {text}: others than root may write it")
    elif mode & 0o777 not in _READ_ONLY:
        yield from _loose(file, text)


def _loose(file: SudoFile, mode: str) -> Iterator[Check]:
    """Yield the milder problem of a file with a mode unlike sudo's own, where it names a user of sessions."""
    lines = tuple(each(file.grants))
    if any(isinstance(line, Known) for line in lines):
        yield Problem(file.mode.at, f"{_path(file)} has mode {mode}, not 0440", Severity.LOW)
    else:
        yield from gaps(*lines)


@rule(
    id="HOST-03",
    title="Windows: ssm-user not an administrator",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM,),
    over=hosts,
    question=Question.CONTEXT,
    also=(Requirement.CROSS_PLATFORM,),
    remedy="host-baseline",
)
def makes_no_administrator(host: Host, _context: Context) -> Verdict:
    """The agent makes `ssm-user` an administrator, and Windows has no Run As: who has a session owns the machine.

    ssm-user must not be a member of the local group of SID S-1-5-32-544, whatever it is called there, nor of a group
    that is. Where it does not exist yet, the first session makes it a member (medium). On a domain controller the agent
    makes no user: it must be made by hand, and the administrators there are those of the domain.

    It cannot tell where the members of the group were not read, or groups hold the user that nobody listed.

    Reference: AWS Systems Manager User Guide, "Turn off or turn on ssm-user account administrative permissions".
    """
    other = unless_on(host, WINDOWS, "see HOST-02")
    if other is not None:
        return other
    passed = Passed(host.administrators.at, f"{SSM_USER} is not in {_group(host)}{_of_domain(host)}")
    checks = (*_members(host), *_user(host))
    return conclude(host.origin, checks, passed=passed, undecided=f"whether {SSM_USER} is an administrator is open")


def _group(host: Host) -> str:
    name = read_text(host.administrators_name)
    return "the group of administrators" if isinstance(name, Unknown) else f"the group {shown(name)}"


def _of_domain(host: Host) -> str:
    on_controller = ": a domain controller, where the group is the domain's and the agent makes no user"
    return on_controller if read_text(host.domain) == "controller" else ""


def _account(name: str) -> str:
    """Return the name without its machine or domain, as Windows compares it."""
    return name.rpartition("\\")[2].casefold()


def _members(host: Host) -> Iterator[Check]:
    if isinstance(host.administrators, Absent):
        yield Unknown(Why.UNAVAILABLE, host.administrators.at, "the evidence does not list the administrators")
    for member in each(host.administrators):
        name = read_text(member)
        if isinstance(name, Unknown):
            yield name
        elif _account(name) == SSM_USER:
            yield _is_administrator(member, host, shown(name))


def _is_administrator(member: Value[Text], host: Host, who: str) -> Problem:
    text = f"{who} is in {_group(host)}{_of_domain(host)}: every session is an administrator's"
    return Problem(member.at, text)


def _user(host: Host) -> Iterator[Check]:
    named = [(each, read_text(each.name)) for each in host.identities]
    yield from gaps(host.identities.gap, *(name for _, name in named))
    found = [each for each, name in named if isinstance(name, str) and _account(name) == SSM_USER]
    if not found and host.identities.gap is None:
        yield Unknown(Why.UNAVAILABLE, host.origin, f"the evidence does not speak of {SSM_USER}")
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
            who = f"{SSM_USER}, by its group {shown(name)},"
            yield _is_administrator(group, host, who)


def _made_by_first_session(user: Identity, host: Host) -> Iterator[Check]:
    role = read_text(host.domain)
    if isinstance(role, Unknown):
        yield role
    elif role != "controller":
        text = f"{SSM_USER} is not there yet: the first session makes it, in {_group(host)}"
        yield Problem(user.at, text, Severity.MEDIUM)
