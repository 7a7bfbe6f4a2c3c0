"""What the tags of operators and the nodes say of Run As users: as whom sessions run, and what he may do there."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.core.logic import chained, flag, is_yes, text_in
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.model import Account, Group, Host, Identity
from ssm_hardening.rules.hosts.inside import is_windows, privileges, read_text, silence
from ssm_hardening.rules.kit.checks import Check, gaps, shown, unless, wrong
from ssm_hardening.rules.people.operators import Caller, operators

_TAG = "SSMSessionRunAs"


def privileged_by_tag(account: Account, forbidden: tuple[str, ...]) -> Iterator[Check]:
    """Yield the operators whose tag names a privileged user, and why that cannot be told.

    What this source never reads yields nothing: the rule's message says that a tag may say otherwise.
    """
    found = operators.select(account)
    yield from _gap(found.gap)
    for caller in found:
        for check in _of_caller(caller, forbidden):
            doubt = caller.exists if isinstance(caller.exists, Unknown) else caller.doubt
            yield check if isinstance(check, Unknown) or doubt is None else doubt


def _gap(gap: Unknown | None) -> Iterator[Unknown]:
    if gap is not None and gap.why is not Why.OUT_OF_SCOPE:
        yield gap


def _of_caller(caller: Caller, forbidden: tuple[str, ...]) -> Iterator[Check]:
    fact = caller.person.fact
    if isinstance(fact, Group):
        return
    if isinstance(fact.tags, Unknown):
        yield from _gap(fact.tags)
        return
    tag = chained(fact.tags, lambda tags: tags.value.get(_TAG, tags.at))
    runs = f"the tag {_TAG} of {caller.address} makes its sessions run as"
    yield from wrong(
        text_in(tag, f"the tag {_TAG}, which is not a text"),
        lambda user: f"{runs} {shown(user)}" if user in forbidden else "",
    )


def on_nodes(account: Account, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    """Yield what is wrong with the user on nodes of Linux and macOS; nothing where no evidence was read."""
    if silence(account) is not None:
        return
    for host in account.hosts:
        yield from _on(host, user, root_groups)
    yield from gaps(account.hosts.gap)


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
    there = flag(each.exists, absent=False)
    yield from unless(there, f"there is no user {shown(user)}, so every session is refused")
    if is_yes(there):
        yield from privileges(each, host, root_groups)
