"""From a checked document to the fact: the inside of one node, every value with the place it was read at."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Host, SudoFile
from ssm_hardening.read.hosts.agent_config import read_config
from ssm_hardening.read.hosts.entries import connection, identity, resolved_name, sudo_file
from ssm_hardening.read.hosts.evidence import Document
from ssm_hardening.read.hosts.members import Member, Place

T = TypeVar("T")

_NODE = r"(?:i|mi)-[0-9a-z]{1,32}"
_MODE = r"[0-7]{3,5}"
_LARGEST_CONFIG = 64 * 1024
_MOST_FILES = 10_000_000
_MOST_DAYS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one document tells: the inside of a node, and what Run Command itself said of where and when.

    `account` and `region` are Unknown where no Run Command collected it; `collected` is None then, too.
    """

    host: Host
    account: Value[Text]
    region: Value[Text]
    file: str
    collected: datetime | None = None


def evidence_of(document: Document) -> Evidence:
    """Return what the document tells. Raises UsageError where what Run Command said of it is not readable."""
    at = CodeOrigin(document.file, 0)
    collected = Member(document.data.get("collected"), "collected", Place(document, document.file), at)
    claimed = Member(document.data, "", Place(document, document.file), at).member("node").member("id")
    name = _name(collected, claimed.formed(_NODE, "the id of a node"))
    node = str(name.value) if isinstance(name, Known) else document.file
    place = Place(document, node, _doubt(collected, claimed, name))
    return Evidence(
        host=_host(place, replace(name, at=place.at())),
        account=_told(collected, "account", r"\d{12}", "an account's number"),
        region=_told(collected, "region", r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}", "a Region"),
        file=document.file,
        collected=_when(collected),
    )


def _name(collected: Member, claimed: Value[Text]) -> Value[Text]:
    """Return the node's id: what Run Command said goes before what the node says of itself."""
    if collected.data is None:
        return claimed if not isinstance(claimed, Absent) else _nameless(claimed.at)
    name = collected.member("instance").formed(_NODE, "the id of a node")
    if not isinstance(name, Known):
        hint = "`ssm-harden host run` writes `collected`: take the file as it wrote it, or leave `collected` out"
        raise UsageError(f"{collected.place.document.file}: collected does not name the node", hint=hint)
    return name


def _nameless(at: Origin) -> Unknown:
    return Unknown(Why.UNAVAILABLE, at, "the node does not know its id")


def _doubt(collected: Member, claimed: Member, name: Value[Text]) -> str:
    """Say why nothing in this document may be believed: it is of another node than the one that was asked."""
    if collected.data is None or not isinstance(name, Known):
        return ""
    match claimed.text():
        case Known(own) if own != name.value:
            return f"{name.value} was asked and says it is {own}, so whose evidence this is cannot be told"
        case _:
            return ""


def _told(collected: Member, key: str, pattern: str, expected: str) -> Value[Text]:
    """Return what Run Command said. It is our own tool's text: plain ASCII, whatever the node's own texts are."""
    match collected.member(key).formed(pattern, expected):
        case Absent(at):
            return Unknown(Why.UNAVAILABLE, at, f"the evidence does not say which {key} it is from")
        case other:
            return other


def _when(collected: Member) -> datetime | None:
    match collected.member("at").text():
        case Known(str(text)):
            pass
        case _:
            return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _host(place: Place, name: Value[Text]) -> Host:
    document, root = place.document, Member(place.document.data, "", place, place.at())
    agent, tools, shell, logs = (root.member(key) for key in ("agent", "tools", "powershell", "session_logs"))
    config = agent.member("config").of(_config_path(agent))
    group = root.member("administrators")
    address = f"{place.node} (inside)"
    return Host(
        address=address,
        declaration=address,
        origin=place.at(),
        name=name,
        exists=Known(True, place.at()),
        label=root.member("node").member("hostname").text(),
        platform=_platform(root),
        elevated=_said(root.member("probe").member("elevated")),
        domain=_on_windows(document, root.member("domain"), _domain(root)),
        agent_version=agent.member("version").text(),
        service=agent.member("service").text(),
        autostart=agent.member("autostart").flag(),
        config=_config(config),
        config_path=_there(config, "path"),
        config_owner=_there(config, "owner"),
        config_mode=config.member("mode").formed(_MODE, "an octal mode"),
        config_writers=config.member("writers").texts(Member.text),
        identities=root.member("identities").objects(identity),
        sudo_files=_sudo_files(root),
        administrators=_on_windows(document, group, group.member("members").texts(_member)),
        administrators_name=_on_windows(document, group, group.member("name").text()),
        connections=root.member("connections").objects(connection),
        names=root.member("names").objects(resolved_name),
        script=tools.member("script").of("the program `script`").text(),
        screen=tools.member("screen").of("the program `screen`").text(),
        powershell=shell.member("version").of("PowerShell").text(),
        transcription=_transcription(shell.of("PowerShell")),
        session_logs=_files(logs.of("the logs of sessions")),
        session_logs_days=logs.member("oldest_days").of("the logs of sessions").number(most=_MOST_DAYS),
    )


def _platform(root: Member) -> Value[Text]:
    match root.member("probe").member("platform").text():
        case Unknown() as doubted:
            return doubted
        case _:
            return Known(root.place.document.platform, root.at)


def _said(member: Member) -> Value[bool]:
    return member.there(member.flag())


def _there(parent: Member, key: str) -> Value[Text]:
    member = parent.member(key)
    return member.there(member.text())


def _domain(root: Member) -> Value[Text]:
    return root.member("domain").formed("workgroup|member|controller", "workgroup, member or controller")


def _on_windows(document: Document, member: Member, value: Value[T]) -> Value[T]:
    """Return a value that every Windows node has, so that null is no answer there."""
    return member.there(value) if document.platform == "Windows" else value


def _member(member: Member) -> Value[Text]:
    """Return the name of a member of a group; its SID where it is known to have none (a deleted account)."""
    name = member.member("name").text()
    return member.member("sid").text() if isinstance(name, Absent) else name


def _sudo_files(root: Member) -> Inventory[SudoFile]:
    """Return the files that sudo reads; Windows has none, as its probe says with null."""
    member = root.member("sudo_files")
    if root.place.document.platform == "Windows" and member.data is None:
        return Inventory()
    return member.objects(sudo_file)


def _transcription(shell: Member) -> Value[bool]:
    return _said(shell.member("transcription"))


def _files(logs: Member) -> Value[int]:
    files = logs.member("files")
    return files.there(files.number(most=_MOST_FILES))


def _config_path(agent: Member) -> str:
    match agent.member("config").member("path").text():
        case Known(path):
            return str(path)
        case _:
            return "amazon-ssm-agent.json"


def _config(config: Member) -> Value[Record]:
    content = config.member("content")
    match content.there(content.raw_text(longest=_LARGEST_CONFIG)):
        case Known(text, at):
            return read_config(text, at)
        case Absent() | Unknown() as settled:
            return settled
