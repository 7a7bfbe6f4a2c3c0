"""What evidence from inside nodes shows: who a session is there and may become, and whom the agent talks to."""

from collections.abc import Iterator, Mapping, Sequence

from ssm_hardening.core.errors import counted
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown
from ssm_hardening.model import Account, Connection, Host, Identity
from ssm_hardening.report.columns import UNTOLD, block, text, texts
from ssm_hardening.report.style import Style
from ssm_hardening.report.words import listed
from ssm_hardening.verdicts.findings import Question

_MOST = 20
"""How many nodes are shown; the JSON of `inspect` holds all of them."""


def inside_lines(question: Question, accounts: Sequence[Account], style: Style) -> list[str]:
    """Return what belongs to this question inside the nodes of which there is evidence; nothing where there is none."""
    told = [account for account in accounts if account.hosts.items]
    if question is Question.CONTEXT:
        return [line for account in told for line in _people(account, style)]
    if question is Question.ACCESS:
        return [line for account in told for line in _talk(account, style)]
    return []


def _people(account: Account, style: Style) -> list[str]:
    labels = _labels(account)
    rows = [
        [_label(host, labels), text(each.name), _may_become(host, each), _groups(each)]
        for host in _shown(account)
        for each in host.identities
    ]
    heads = ("node", "user", "may become", "groups")
    return block("Inside the nodes", _aside(account), rows, account.hosts, style, heads=heads)


def _talk(account: Account, style: Style) -> list[str]:
    labels = _labels(account)
    rows = [[_label(host, labels), *_peers(host)] for host in _shown(account)]
    heads = ("node", "connections", "peers")
    return block("The agent's connections", _aside(account), rows, Inventory(), style, heads=heads)


def _shown(account: Account) -> list[Host]:
    return sorted(account.hosts.items, key=lambda host: host.address)[:_MOST]


def _aside(account: Account) -> str:
    number = len(account.hosts.items)
    cut = f", {_MOST} shown" if number > _MOST else ""
    return f"evidence of {counted(number, 'node')}{cut}"


def _labels(account: Account) -> dict[str, str]:
    """Return what AWS calls the nodes, by id: people know them by that name, not by the one they give themselves."""
    return {text(node.name): text(node.label) for node in account.instances if isinstance(node.label, Known)}


def _label(host: Host, labels: Mapping[str, str]) -> str:
    return labels.get(text(host.name)) or text(host.label) or text(host.name)


def _groups(identity: Identity) -> str:
    return "" if _is_missing(identity) else listed(texts(identity.groups), most=3) or "none"


def _is_missing(identity: Identity) -> bool:
    return isinstance(identity.exists, Known) and not identity.exists.value


def _may_become(host: Host, identity: Identity) -> str:
    """Say what the user may become: root by its sudo rules, an administrator by the local group."""
    if _is_missing(identity):
        return "no such user"
    if text(host.platform) == "Windows":
        return _administrator(host, identity)
    rules = [str(each) for each in identity.sudo]
    if identity.sudo.gap is not None:
        rules.append(UNTOLD)
    return f"root: {listed(rules, most=2)}" if rules else "no one else"


def _administrator(host: Host, identity: Identity) -> str:
    group = text(host.administrators_name) or "Administrators"
    match host.administrators:
        case Unknown():
            return UNTOLD
        case Absent():
            return "no one else"
        case Known():
            names = [each.rpartition("\\")[2].casefold() for each in texts(host.administrators)]
            return f"administrator ({group})" if text(identity.name).casefold() in names else "no one else"


def _peers(host: Host) -> Iterator[str]:
    """Yield how many connections the agent has, and to where: ports and whether the peers are private."""
    found = list(host.connections)
    gap = [] if host.connections.gap is None else [UNTOLD]
    yield f"{counted(len(found), 'connection')}{' or more' if gap else ''}"
    yield listed([*dict.fromkeys(_peer(each) for each in found), *gap], most=4) or "none seen"


def _peer(connection: Connection) -> str:
    where = f"{text(connection.peer)}:{text(connection.port)}"
    match connection.private:
        case Known(flag):
            return f"{where} {'private' if flag else 'public'}"
        case Absent() | Unknown():
            return where
