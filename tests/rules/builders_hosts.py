"""The insides of nodes with healthy defaults: what evidence tells of a Linux and of a Windows machine."""

from typing import Any

from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.values import Inventory, Items, Known, Unknown, Why
from ssm_hardening.model import HOST, Account, Connection, Host, Identity, ResolvedName, SudoFile
from tests.rules.builders import account, fact, known, lift, lift_all, unknown
from tests.rules.builders_snapshot import silence

REGION = "ap-southeast-2"
EVIDENCE = CodeOrigin("evidence.json", 0)
NOT_READ = Unknown(Why.OUT_OF_SCOPE, EVIDENCE, "not read from this source")
SUDOERS, DROP_IN = "/etc/sudoers", "/etc/sudoers.d/ssm-agent-users"
EVERYTHING = "ssm-user ALL=(ALL) NOPASSWD:ALL"
_NODE = f"i-{1:017x}"


def at(what: str) -> ApiOrigin:
    return ApiOrigin(f"{_NODE} {what}", "evidence node.json")


def unreadable(detail: str = "the probe could not read it") -> Unknown:
    return unknown(detail, Why.DENIED)


def among(missing: Unknown, *found: Any) -> Known[Items]:
    """Return a list of which these were read."""
    return known(Items(tuple(lift(each) for each in found), missing))


def _part(kind: Any, what: str, defaults: dict[str, Any], overrides: dict[str, Any]) -> Any:
    return kind(at=at(what), **lift_all(kind, defaults | overrides))


def identity(name: str = "ssm-user", **overrides: Any) -> Identity:
    defaults = {"name": name, "exists": True, "uid": 1001, "gid": 1001, "groups": [name], "sudo": Inventory()}
    made: Identity = _part(Identity, f"user {name}", defaults, overrides)
    return made


def missing(name: str = "ssm-user", **overrides: Any) -> Identity:
    """Return a user whom the node does not know."""
    nothing = {"exists": False, "uid": None, "gid": None, "groups": None}
    return identity(name, **nothing | overrides)


def windows_identity(**overrides: Any) -> Identity:
    return identity(**{"uid": None, "gid": None, "groups": ["Users"], **overrides})


def sudo_file(path: str = SUDOERS, **overrides: Any) -> SudoFile:
    made: SudoFile = _part(SudoFile, path, {"path": path, "owner": 0, "mode": "0440", "grants": []}, overrides)
    return made


def connection(peer: str = "10.0.1.10", port: Any = 443, **overrides: Any) -> Connection:
    defaults = {"process": "ssm-agent-worker", "peer": peer, "port": port, "private": peer.startswith("10.")}
    made: Connection = _part(Connection, f"connection to {peer}", defaults, overrides)
    return made


def resolved(service: str = "ssmmessages", addresses: Any = ("10.0.1.10",), **overrides: Any) -> ResolvedName:
    name = f"{service}.{REGION}.amazonaws.com"
    found = list(addresses) if isinstance(addresses, tuple) else addresses
    made: ResolvedName = _part(ResolvedName, f"name {name}", {"name": name, "addresses": found}, overrides)
    return made


def host(number: int = 1, **overrides: Any) -> Host:
    """Return a hardened Linux node."""
    name = f"i-{number:017x}"
    defaults = {
        "name": name,
        "label": f"example-{number}",
        "platform": "Linux",
        "elevated": True,
        "domain": None,
        "agent_version": "3.3.1611.0",
        "service": "running",
        "autostart": True,
        "config": None,
        "config_path": None,
        "config_owner": None,
        "config_mode": None,
        "config_writers": None,
        "identities": Inventory((identity(), identity("session", uid=1002, gid=1002))),
        "sudo_files": Inventory((sudo_file(), sudo_file(DROP_IN))),
        "administrators": None,
        "administrators_name": None,
        "connections": Inventory((connection("10.0.1.10"), connection("10.0.1.11"))),
        "names": Inventory((resolved("ssm", ("10.0.1.11",)), resolved())),
        "script": "/usr/bin/script",
        "screen": "/usr/bin/screen",
        "powershell": None,
        "transcription": None,
        "session_logs": 0,
        "session_logs_days": None,
    }
    overrides.setdefault("address", f"{name} (inside)")
    overrides.setdefault("origin", ApiOrigin(name, "evidence node.json"))
    made: Host = fact(Host, name, defaults, overrides)
    return made


def configured(number: int, config: Any, **overrides: Any) -> Host:
    """Return a hardened Linux node whose agent has a configuration file."""
    file = {"config_path": "/etc/amazon/ssm/amazon-ssm-agent.json", "config_owner": "0", "config_mode": "0644"}
    return host(number, **file | {"config": config} | overrides)


def windows(number: int = 1, **overrides: Any) -> Host:
    """Return a hardened Windows node."""
    defaults = {
        "platform": "Windows",
        "domain": "workgroup",
        "identities": Inventory((windows_identity(),)),
        "sudo_files": Inventory(),
        "administrators": ["EXAMPLE\\Administrator"],
        "administrators_name": "Administrators",
        "script": None,
        "screen": None,
        "powershell": "5.1.20348.2227",
        "transcription": False,
    }
    return host(number, **defaults | overrides)


def inside(*found: Host, **overrides: Any) -> Account:
    """Return what evidence alone tells: an account of which nothing else was read."""
    kinds = ("session_documents", "log_buckets", "log_groups", "keys")
    scope = {
        "source": HOST,
        "root": "evidence.json",
        "at": EVIDENCE,
        "account": unknown("the evidence does not say", Why.UNAVAILABLE),
        "region": unknown("the evidence does not say", Why.UNAVAILABLE),
    }
    nothing: dict[str, Any] = {kind: Inventory((), NOT_READ) for kind in kinds}
    return account(**scope | nothing | {"hosts": list(found)} | overrides)


def evidence(*found: Host, **overrides: Any) -> Account:
    """Return the same as a snapshot keeps it, in which no other kind is mentioned."""
    return inside(**silence(EVIDENCE) | {"hosts": list(found)} | overrides)
