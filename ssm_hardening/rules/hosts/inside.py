"""The nodes as evidence from inside shows them, and what the rules over them share."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from ssm_hardening.core.errors import listed
from ssm_hardening.core.logic import each, flag, is_yes, text_in, text_of
from ssm_hardening.core.values import Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account, Host, Identity, Instance, SudoFile
from ssm_hardening.rules.kit.checks import Check, Problem, gaps, headed, required, shown, unless, wrong
from ssm_hardening.rules.kit.sources import told
from ssm_hardening.rules.registry import Selector
from ssm_hardening.verdicts.findings import NotApplicable, Severity, Undecided, Verdict

SSM_USER: Final = "ssm-user"
UNIX: Final = frozenset({"Linux", "macOS"})
WINDOWS: Final = frozenset({"Windows"})
_NO_EVIDENCE = (
    "no evidence from inside nodes; run `ssm-harden host run --live --target ID`, or run `host script` another way"
)


def silence(account: Account) -> Unknown | None:
    """Say why nothing is known about the inside of nodes; None where something is, or could not be read."""
    gap = account.hosts.gap
    if account.hosts.items or gap is None or gap.why is not Why.OUT_OF_SCOPE:
        return None
    return Unknown(Why.OUT_OF_SCOPE, account.at, _NO_EVIDENCE)


hosts: Selector[Host] = Selector("nodes seen from inside", lambda account: account.hosts, silence=silence, inside=True)


def or_from_inside(outside: Selector[Instance]) -> Selector[Instance | Host]:
    """Return the selector of the nodes as AWS shows them and, where there is evidence, as they are inside."""

    def select(account: Account) -> Inventory[Instance | Host]:
        nodes: Inventory[Instance] = Inventory() if outside.silence(account) is not None else outside.select(account)
        seen: Inventory[Host] = Inventory() if silence(account) is not None else account.hosts
        gap = nodes.gap if nodes.gap is not None else seen.gap
        return Inventory((*nodes.items, *seen.items), gap)

    def doubt(node: Instance | Host) -> Unknown | None:
        return outside.doubt(node) if isinstance(node, Instance) else None

    def untold(account: Account) -> Unknown | None:
        return None if silence(account) is None else outside.silence(account)

    def preface(node: Instance | Host) -> str:
        return outside.preface(node) if isinstance(node, Instance) else ""

    return Selector(outside.noun, select, doubt=doubt, silence=untold, preface=preface, inside=True)


def told_nodes(account: Account) -> Inventory[Instance]:
    """Return the nodes that AWS or code shows; evidence from inside alone shows none."""
    return told(account, account.instances)


def unless_on(host: Host, platforms: frozenset[str], why_not: str) -> Verdict | None:
    """Return the verdict on a node that the rule is not about, or of which that is unknown; None on others."""
    system = read_text(host.platform)
    if isinstance(system, Unknown):
        return Undecided(host.origin, system, "which operating system the node runs is unknown")
    return None if system in platforms else NotApplicable(host.platform.at, f"the node runs {system} ({why_not})")


def read_text(value: Value[Any]) -> str | Unknown:
    """Return the text, or why it is unknown, as where the evidence leaves it out."""
    found = text_in(value, "a value in the evidence that is not a string")
    text = required(found, Why.UNAVAILABLE, "a value that the evidence does not include")
    return text if isinstance(text, Unknown) else text.value


def known_texts(values: Iterable[Value[Text]]) -> tuple[str, ...]:
    """Return those of the texts that are known."""
    return tuple(text.value for text in map(text_of, values) if isinstance(text, Known))


def is_windows(host: Host) -> bool | Unknown:
    """Say whether the node runs Windows, or why that is unknown."""
    system = read_text(host.platform)
    return system if isinstance(system, Unknown) else system in WINDOWS


_RUNS_AS = re.compile(r"\(([^:)]*)")
_ROOT = ("ALL", "root", "#0", "%", "+", "!", "\\")


def privileges(user: Identity, host: Host, root_groups: tuple[str, ...]) -> Iterator[Check]:
    """Yield what gives a user who exists the rights of root, and what leaves that unknown."""
    who = name_of(user)
    yield from _number(user.uid, f"{who} has the UID 0, that of root")
    yield from _number(user.gid, f"{who} has the GID 0, that of root, as its primary group")
    yield from _groups(user, who, root_groups)
    for rule in user.sudo:
        yield _by_sudo(user, host, rule)
    yield from gaps(user.sudo.gap)


def name_of(user: Identity) -> str:
    """Return the user's name as a message shows it."""
    name = read_text(user.name)
    return "a session user" if isinstance(name, Unknown) else shown(name)


def grants_to(user: Identity, file: SudoFile) -> tuple[str, ...]:
    """Return those lines of a file of sudo's that name the user."""
    name = read_text(user.name)
    if isinstance(name, Unknown):
        return ()
    word = re.compile(rf"(?<![\w.@-]){re.escape(name)}(?![\w.@-])")
    return tuple(line for line in known_texts(each(file.grants)) if word.search(line) is not None)


def _number(value: Value[int], text: str) -> Iterator[Check]:
    number = required(value, Why.UNAVAILABLE, "the UID or GID of the user, which the evidence does not include")
    return wrong(number, lambda of_root: text if of_root == 0 else "")


def _groups(user: Identity, who: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    for group in each(user.groups):
        name = read_text(group)
        if isinstance(name, Unknown):
            yield name
        elif name in root_groups:
            yield Problem(group.at, f"{who} is in the group {shown(name)}, which is equivalent to root")


def _by_sudo(user: Identity, host: Host, rule: object) -> Problem:
    files = [each for each in host.sudo_files if grants_to(user, each)]
    paths = known_texts(each.path for each in files)
    where = f"in {listed(paths, 'and')}" if paths else "through a group or an alias, because no file names the user"
    text = f"{name_of(user)} has the sudo rule {rule} ({where})"
    at = files[0].at if len(files) == 1 else user.at
    if _as_root(str(rule)):
        return Problem(at, text)
    return Problem(at, text, Severity.MEDIUM, headline="Session users have sudo rights")


def _as_root(rule: str) -> bool:
    """Say whether a rule may run things as root; one that names other users only does not."""
    found = _RUNS_AS.match(rule)
    if found is None:
        return True
    users = [each.strip() for each in found[1].split(",")]
    return any(each == "" or each.startswith(_ROOT) for each in users)


def on_nodes(account: Account, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    """Yield what is wrong with the user on nodes of Linux and macOS; nothing where no evidence was read."""
    if silence(account) is not None:
        return
    for host in account.hosts:
        yield from _on_node(host, user, root_groups)
    yield from gaps(account.hosts.gap)


def _on_node(host: Host, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    windows = is_windows(host)
    if isinstance(windows, Unknown):
        yield windows
    elif not windows:
        for check in _named_user(host, user, root_groups):
            yield check if isinstance(check, Unknown) else replace(check, text=f"{host.address}: {check.text}")


def _named_user(host: Host, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    named = [(identity, read_text(identity.name)) for identity in host.identities]
    found = [identity for identity, name in named if name == user]
    for identity in found:
        yield from _as_user(identity, host, user, root_groups)
    if not found:
        what = f"{user}, which the evidence from {host.address} does not include: run the probe with --run-as {user}"
        unsaid = Unknown(Why.UNAVAILABLE, host.origin, what)
        yield next(gaps(*(name for _, name in named), host.identities.gap), unsaid)


def _as_user(identity: Identity, host: Host, user: str, root_groups: tuple[str, ...]) -> Iterator[Check]:
    there = flag(identity.exists, absent=False)
    missing = unless(there, f"the user {shown(user)} does not exist, so every session is refused")
    yield from headed("Run As user does not exist on a node", missing)
    if is_yes(there):
        yield from privileges(identity, host, root_groups)
