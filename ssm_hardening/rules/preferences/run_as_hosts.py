"""What nodes say of the Run As user: whether they have him, and what he may do there."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.core.values import Absent, Known, Unknown, Why
from ssm_hardening.model import Account, Host, Identity
from ssm_hardening.rules.hosts.inside import is_windows, privileges, read_text, silence
from ssm_hardening.rules.kit.settings import Check, Problem, shown


def on_nodes(account: Account, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    """Yield what is wrong with the user on nodes of Linux and macOS; nothing where no evidence was read."""
    if silence(account) is not None:
        return
    for host in account.hosts:
        yield from _on(host, user, root_groups)
    if account.hosts.gap is not None:
        yield account.hosts.gap


def _on(host: Host, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    windows = is_windows(host)
    if isinstance(windows, Unknown):
        yield windows
    elif not windows:
        for check in _user(host, user, root_groups):
            yield check if isinstance(check, Unknown) else replace(check, text=f"{host.address}: {check.text}")


def _user(host: Host, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    named = [(each, read_text(each.name)) for each in host.identities]
    found = [each for each, name in named if name == user]
    doubts = [name for _, name in named if isinstance(name, Unknown)]
    gap = doubts[0] if doubts else host.identities.gap
    for each in found:
        yield from _identity(each, host, user, root_groups)
    if not found:
        what = f"the evidence from {host.address} does not speak of {user}: run the probe with --run-as {user}"
        yield Unknown(Why.UNAVAILABLE, host.origin, what) if gap is None else gap


def _identity(each: Identity, host: Host, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    match each.exists:
        case Known(True):
            yield from privileges(each, host, root_groups)
        case Known(_, at) | Absent(at):
            yield Problem(at, f"there is no user {shown(user)}, so every session is refused")
        case Unknown() as gap:
            yield gap
