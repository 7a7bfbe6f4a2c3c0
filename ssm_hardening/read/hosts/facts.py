"""From a checked document to the fact: the inside of one node, every value with the place it was read at."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.logic import chained, known_or
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Host, SudoFile
from ssm_hardening.read.hosts.agent_config import read_config
from ssm_hardening.read.hosts.entries import connection, identity, resolved_name, sudo_file
from ssm_hardening.read.hosts.evidence import ProbeDocument
from ssm_hardening.read.hosts.members import EvidenceMember, Provenance

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


def evidence_of(document: ProbeDocument) -> Evidence:
    """Return what the document tells. Raises UsageError where what Run Command said of it is not readable."""
    at = CodeOrigin(document.file, 0)
    collected = EvidenceMember(document.data.get("collected"), "collected", Provenance(document, document.file), at)
    claimed = EvidenceMember(document.data, "", Provenance(document, document.file), at).member("node").member("id")
    name = _name(collected, claimed.formed(_NODE, "a node ID"))
    node = str(name.value) if isinstance(name, Known) else document.file
    source = Provenance(document, node, _doubt(collected, claimed, name))
    return Evidence(
        host=_host(source, replace(name, at=source.at())),
        account=_told(collected, "account", r"\d{12}", "an account ID"),
        region=_told(collected, "region", r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}", "a Region name"),
        file=document.file,
        collected=_when(collected),
    )


def _name(collected: EvidenceMember, claimed: Value[Text]) -> Value[Text]:
    """Return the node's id: what Run Command said goes before what the node says of itself."""
    if collected.data is None:
        return claimed if not isinstance(claimed, Absent) else _nameless(claimed.at)
    name = collected.member("instance").formed(_NODE, "a node ID")
    if not isinstance(name, Known):
        hint = "use the file as `ssm-harden host run` wrote it, or remove `collected` from it"
        raise UsageError(f"{collected.source.document.file}: collected.instance is not a node ID", hint=hint)
    return name


def _nameless(at: Origin) -> Unknown:
    return Unknown(Why.UNAVAILABLE, at, "the node does not know its own ID")


def _doubt(collected: EvidenceMember, claimed: EvidenceMember, name: Value[Text]) -> str:
    """Say why nothing in this document may be believed: it is of another node than the one that was asked."""
    if collected.data is None or not isinstance(name, Known):
        return ""
    own = known_or(claimed.text(), name.value)
    if own == name.value:
        return ""
    return f"the probe was sent to {name.value}, but the evidence is from {own}, so none of it was used"


def _told(collected: EvidenceMember, key: str, pattern: str, expected: str) -> Value[Text]:
    """Return what Run Command said. It is our own tool's text: plain ASCII, whatever the node's own texts are."""
    told = collected.member(key).formed(pattern, expected)
    if isinstance(told, Absent):
        return Unknown(Why.UNAVAILABLE, told.at, f"the evidence does not include its {key}")
    return told


def _when(collected: EvidenceMember) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(known_or(collected.member("at").text(), "")))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _host(source: Provenance, name: Value[Text]) -> Host:
    document, root = source.document, EvidenceMember(source.document.data, "", source, source.at())
    agent, tools, shell, logs = (root.member(key) for key in ("agent", "tools", "powershell", "session_logs"))
    config = agent.member("config").of(_config_path(agent))
    group = root.member("administrators")
    address = f"{source.node} (inside)"
    return Host(
        address=address,
        declaration=address,
        origin=source.at(),
        name=name,
        exists=Known(True, source.at()),
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
        config_writers=config.member("writers").texts(EvidenceMember.text),
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
        session_logs=_files(logs.of("the session logs")),
        session_logs_days=logs.member("oldest_days").of("the session logs").number(most=_MOST_DAYS),
    )


def _platform(root: EvidenceMember) -> Value[Text]:
    told = root.member("probe").member("platform").text()
    return told if isinstance(told, Unknown) else Known(root.source.document.platform, root.at)


def _said(member: EvidenceMember) -> Value[bool]:
    return member.there(member.flag())


def _there(parent: EvidenceMember, key: str) -> Value[Text]:
    member = parent.member(key)
    return member.there(member.text())


def _domain(root: EvidenceMember) -> Value[Text]:
    return root.member("domain").formed("workgroup|member|controller", "one of workgroup, member, and controller")


def _on_windows(document: ProbeDocument, member: EvidenceMember, value: Value[T]) -> Value[T]:
    """Return a value that every Windows node has, so that null is no answer there."""
    return member.there(value) if document.platform == "Windows" else value


def _member(member: EvidenceMember) -> Value[Text]:
    """Return the name of a member of a group; its SID where it is known to have none (a deleted account)."""
    name = member.member("name").text()
    return member.member("sid").text() if isinstance(name, Absent) else name


def _sudo_files(root: EvidenceMember) -> Inventory[SudoFile]:
    """Return the files that sudo reads; Windows has none, as its probe says with null."""
    member = root.member("sudo_files")
    if root.source.document.platform == "Windows" and member.data is None:
        return Inventory()
    return member.objects(sudo_file)


def _transcription(shell: EvidenceMember) -> Value[bool]:
    return _said(shell.member("transcription"))


def _files(logs: EvidenceMember) -> Value[int]:
    files = logs.member("files")
    return files.there(files.number(most=_MOST_FILES))


def _config_path(agent: EvidenceMember) -> str:
    return str(known_or(agent.member("config").member("path").text(), "amazon-ssm-agent.json"))


def _config(config: EvidenceMember) -> Value[Record]:
    content = config.member("content")
    text = content.there(content.raw_text(longest=_LARGEST_CONFIG))
    return chained(text, lambda known: read_config(known.value, known.at))
