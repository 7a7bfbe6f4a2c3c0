"""From the lists of a document to the objects of the model."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeVar

from ssm_hardening.core.logic import certainly, chained, mapped
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Connection, Identity, ResolvedName, SudoFile
from ssm_hardening.read.hosts.members import EvidenceMember

T = TypeVar("T")

_LARGEST_ID = (1 << 32) - 1
_LARGEST_PORT = 65535


def identity(member: EvidenceMember) -> Identity:
    """Return an OS user."""
    name = _said_text(member, "name")
    user = member.of(f"user {_shown(name)}")
    exists = user.member("exists").there(user.member("exists").flag())
    return Identity(
        at=user.at,
        name=name,
        exists=exists,
        uid=_of_user(user.member("uid"), exists, user.member("uid").number(most=_LARGEST_ID)),
        gid=_of_user(user.member("gid"), exists, user.member("gid").number(most=_LARGEST_ID)),
        groups=_of_user(user.member("groups"), exists, user.member("groups").texts(EvidenceMember.text)),
        sudo=_sudo(member.member("sudo").of(f"`sudo -l -U {_shown(name)}`")),
    )


def sudo_file(member: EvidenceMember) -> SudoFile:
    """Return a file that sudo reads."""
    path = _said_text(member, "path")
    file = member.of(_shown(path))
    owner, mode, grants = (file.member(key) for key in ("owner", "mode", "grants"))
    return SudoFile(
        at=file.at,
        path=path,
        owner=owner.there(owner.user_id(most=_LARGEST_ID)),
        mode=mode.there(mode.formed(r"[0-7]{3,5}", "an octal mode")),
        grants=grants.there(grants.texts(EvidenceMember.text)),
    )


def connection(member: EvidenceMember) -> Connection:
    """Return an established connection."""
    peer, port = _address(member.member("peer")), member.member("port")
    return Connection(
        at=member.of(f"connection to {_shown(peer)}").at,
        process=_said_text(member, "process"),
        peer=peer,
        port=port.there(port.number(least=1, most=_LARGEST_PORT)),
        private=mapped(peer, _is_private),
    )


def resolved_name(member: EvidenceMember) -> ResolvedName:
    """Return what a name resolves to."""
    name = _said_text(member, "name")
    addresses = member.of(f"the name {_shown(name)}").member("addresses")
    return ResolvedName(at=addresses.at, name=name, addresses=addresses.there(addresses.texts(_address)))


def _said_text(member: EvidenceMember, key: str) -> Value[Text]:
    found = member.member(key)
    return found.there(found.text())


def _shown(text: Value[Text]) -> str:
    return str(text.value) if isinstance(text, Known) else "(unknown name)"


def _of_user(member: EvidenceMember, exists: Value[bool], value: Value[T]) -> Value[T]:
    """Return what every user has who exists, so that null is no answer; Windows has neither uid nor gid."""
    is_gone = certainly(exists, lambda there: not there)
    return value if is_gone or member.source.document.platform == "Windows" else member.there(value)


def _sudo(member: EvidenceMember) -> Inventory[Text]:
    """Return the rules that reach the user; none on Windows, which has no sudo, as its probe says with null."""
    if member.source.document.platform == "Windows" and member.data is None:
        return Inventory()
    return member.inventory(_rule)


def _rule(member: EvidenceMember) -> Text | Unknown:
    text = member.there(member.text())
    if isinstance(text, Absent):
        return Unknown(Why.UNPARSEABLE, text.at, "a sudo rule is missing")
    return text if isinstance(text, Unknown) else text.value


def _address(member: EvidenceMember) -> Value[Text]:
    def parsed(known: Known[Text]) -> Value[Text]:
        found = _parsed(str(known.value))
        if found is None:
            return member.unknown(f"{member.path} in the evidence is not an IP address")
        return Known(str(found), known.at)

    return chained(member.there(member.text()), parsed)


_PRIVATE = tuple(
    ip_network(each)
    for each in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
"""What no packet reaches over the internet, shared address space (which VPCs may use) and the node itself included."""


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address; the IPv4 one of a mapped one (`::ffff:10.0.0.1`). None where the text is none."""
    try:
        found = ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped


def _is_private(text: Text) -> bool:
    """Say whether a text is an address that the internet does not carry packets to."""
    found = _parsed(str(text))
    return any(found is not None and found.version == network.version and found in network for network in _PRIVATE)
