"""From the lists of a document to the objects of the model."""

from typing import TypeVar

from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Connection, Identity, ResolvedName, SudoFile
from ssm_hardening.read.hosts.addresses import address, is_private
from ssm_hardening.read.hosts.members import Member

T = TypeVar("T")

_LARGEST_ID = (1 << 32) - 1
_LARGEST_PORT = 65535


def identity(member: Member) -> Identity | Unknown:
    """Return an OS user; Unknown where the entry is no object."""
    broken = member.broken()
    if broken is not None:
        return broken
    name = _said_text(member, "name")
    user = member.of(f"user {_shown(name)}")
    exists = user.member("exists").there(user.member("exists").flag())
    return Identity(
        at=user.at,
        name=name,
        exists=exists,
        uid=_of_user(user.member("uid"), exists, user.member("uid").number(most=_LARGEST_ID)),
        gid=_of_user(user.member("gid"), exists, user.member("gid").number(most=_LARGEST_ID)),
        groups=_of_user(user.member("groups"), exists, user.member("groups").texts(Member.text)),
        sudo=_sudo(member.member("sudo").of(f"`sudo -l -U {_shown(name)}`")),
    )


def sudo_file(member: Member) -> SudoFile | Unknown:
    """Return a file that sudo reads; Unknown where the entry is no object."""
    broken = member.broken()
    if broken is not None:
        return broken
    path = _said_text(member, "path")
    file = member.of(_shown(path))
    owner, mode, grants = (file.member(key) for key in ("owner", "mode", "grants"))
    return SudoFile(
        at=file.at,
        path=path,
        owner=owner.there(owner.user_id(most=_LARGEST_ID)),
        mode=mode.there(mode.formed(r"[0-7]{3,5}", "an octal mode")),
        grants=grants.there(grants.texts(Member.text)),
    )


def connection(member: Member) -> Connection | Unknown:
    """Return an established connection; Unknown where the entry is no object."""
    broken = member.broken()
    if broken is not None:
        return broken
    peer, port = _address(member.member("peer")), member.member("port")
    return Connection(
        at=member.of(f"connection to {_shown(peer)}").at,
        process=_said_text(member, "process"),
        peer=peer,
        port=port.there(port.number(least=1, most=_LARGEST_PORT)),
        private=_privacy(peer),
    )


def resolved_name(member: Member) -> ResolvedName | Unknown:
    """Return what a name resolves to; Unknown where the entry is no object."""
    broken = member.broken()
    if broken is not None:
        return broken
    name = _said_text(member, "name")
    addresses = member.of(f"the name {_shown(name)}").member("addresses")
    return ResolvedName(at=addresses.at, name=name, addresses=addresses.there(addresses.texts(_address)))


def _said_text(member: Member, key: str) -> Value[Text]:
    found = member.member(key)
    return found.there(found.text())


def _shown(text: Value[Text]) -> str:
    return str(text.value) if isinstance(text, Known) else "(name not known)"


def _of_user(member: Member, exists: Value[bool], value: Value[T]) -> Value[T]:
    """Return what every user has who exists, so that null is no answer; Windows has neither uid nor gid."""
    match exists:
        case Known(False):
            return value
        case _ if member.place.document.platform == "Windows":
            return value
        case _:
            return member.there(value)


def _sudo(member: Member) -> Inventory[Text]:
    """Return the rules that reach the user; none on Windows, which has no sudo, as its probe says with null."""
    if member.place.document.platform == "Windows" and member.data is None:
        return Inventory()
    return member.objects(_rule)


def _rule(member: Member) -> Text | Unknown:
    match member.there(member.text()):
        case Known(text):
            return text
        case Absent(at):
            return Unknown(Why.UNPARSEABLE, at, "a rule of sudo is missing")
        case Unknown() as unknown:
            return unknown


def _address(member: Member) -> Value[Text]:
    match member.there(member.text()):
        case Known(text, at):
            found = address(str(text))
            return (
                member.unknown(f"{member.path} in the evidence is no IP address")
                if found is None
                else Known(str(found), at)
            )
        case other:
            return other


def _privacy(peer: Value[Text]) -> Value[bool]:
    match peer:
        case Known(text, at):
            found = address(str(text))
            return Known(found is not None and is_private(found), at)
        case Absent() | Unknown():
            return peer
