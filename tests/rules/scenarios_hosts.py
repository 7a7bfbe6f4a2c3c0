"""The insides of nodes on which the rules over hosts are watched, each out of order in its own way."""

from typing import Any

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account
from tests.rules import scenarios_documents, scenarios_live
from tests.rules.builders import unknown
from tests.rules.builders_hosts import (
    DROP_IN,
    EVERYTHING,
    connection,
    host,
    identity,
    inside,
    missing,
    resolved,
    sudo_file,
    windows,
    windows_identity,
)
from tests.rules.builders_live import bare, instance, live_preferences


def scenarios() -> dict[str, Account]:
    return {**users(), **administrators(), **agents(), **network(), **run_as()}


def of_one() -> dict[str, dict[str, Account]]:
    """Return, by rule, the accounts that are about what it judges."""
    return {
        "HOST-01": {**scenarios_live.hosts(), **agents()},
        "HOST-02": users(),
        "HOST-03": administrators(),
        "NET-02": network(),
        "NET-03": network(),
        "RUNAS-02": {**scenarios_documents.scenarios(), **run_as()},
    }


def users() -> dict[str, Account]:
    """Nodes whose users may do this or that."""
    waiting = Inventory((sudo_file(), sudo_file(DROP_IN, grants=[EVERYTHING])))
    as_it_comes = identity(sudo=Inventory(("(ALL) NOPASSWD: ALL",)))
    nodes: dict[str, dict[str, Any]] = {
        "inside, as it comes": {"identities": Inventory((as_it_comes,)), "sudo_files": waiting},
        "inside, hardened": {},
        "inside, in docker": {"identities": Inventory((identity(groups=["docker"]),))},
        "inside, root": {"identities": Inventory((identity(uid=0, gid=0),))},
        "inside, not there yet": {"identities": Inventory((missing(),)), "sudo_files": Inventory((sudo_file(),))},
        "inside, waited for": {"identities": Inventory((missing(),)), "sudo_files": waiting},
        "inside, a stub waits": {"identities": Inventory((missing(), missing("session")))},
        "inside, loose files": {
            "sudo_files": Inventory((sudo_file(mode="0646"), sudo_file(DROP_IN, mode="0640", grants=["# ssm-user"])))
        },
        "inside, another's file": {"sudo_files": Inventory((sudo_file(owner=1001),))},
        "inside, as somebody else": {
            "identities": Inventory((identity(sudo=Inventory(("(postgres) NOPASSWD: /usr/bin/psql",))),))
        },
    }
    return {what: inside(host(**node)) for what, node in nodes.items()} | {
        "inside, two": inside(host(1), host(2, **nodes["inside, as it comes"])),
        "inside, windows": inside(windows()),
    }


def administrators() -> dict[str, Account]:
    """Windows nodes."""
    by_group: dict[str, Any] = {
        "administrators": ["EXAMPLE\\Operators"],
        "identities": Inventory((windows_identity(groups=["Operators"]),)),
    }
    nodes: dict[str, dict[str, Any]] = {
        "windows, hardened": {},
        "windows, as it comes": {"administrators": ["EXAMPLE\\Administrator", "EXAMPLE\\ssm-user"]},
        "windows, by a group": by_group,
        "windows, not there yet": {"identities": Inventory((missing(),))},
        "windows, controller": {"domain": "controller", "identities": Inventory((missing(),))},
    }
    return {what: inside(windows(**node)) for what, node in nodes.items()} | {"linux, no windows": inside(host())}


def agents() -> dict[str, Account]:
    """Nodes whose agents are old, stopped or not there."""
    nodes: dict[str, dict[str, Any]] = {
        "inside, an old agent": {"agent_version": "2.3.68.0"},
        "inside, an odd agent": {"agent_version": "next", "service": "stopped"},
        "inside, no agent": {"agent_version": None, "service": None, "autostart": None},
        "inside, no service": {"service": None, "autostart": False},
        "inside, an agent that runs": {},
    }
    old: dict[str, Any] = {"agent_version": "2.3.68.0"}
    return {what: inside(host(**node)) for what, node in nodes.items()} | {
        "inside and outside": bare(instances=[instance()], hosts=[host()]),
        "inside and outside, too old for the preferences": bare(
            session_documents=[live_preferences()], instances=[instance(**old)], hosts=[host(**old)]
        ),
    }


def network() -> dict[str, Account]:
    """Nodes whose agents talk to this and that."""
    public = {
        "connections": Inventory((connection("52.119.193.101", private=False), connection("10.0.1.10"))),
        "names": Inventory((resolved("ssm"), resolved("ssmmessages", ("52.119.193.101", "10.0.1.10")))),
    }
    nodes: dict[str, dict[str, Any]] = {
        "inside, private": {},
        "inside, public": public,
        "inside, another port": {"connections": Inventory((connection(), connection("198.51.100.7", 8080)))},
        "inside, a tunnel": {"connections": Inventory((connection("10.0.3.9", 5432, process="ssm-session-wor"),))},
        "inside, metadata": {"connections": Inventory((connection(), connection("169.254.169.254", 80)))},
        "inside, silent": {"connections": Inventory()},
        "inside, no name": {"names": Inventory((resolved("ssm"), resolved("ssmmessages", ())))},
    }
    return {what: inside(host(**node)) for what, node in nodes.items()} | {
        "inside, beside AWS": bare(instances=[instance()], hosts=[host()])
    }


def run_as() -> dict[str, Account]:
    """Live accounts with Run As on and evidence from their nodes."""
    users: dict[str, Any] = {
        "run as, there": Inventory((identity(), identity("session"))),
        "run as, missing": Inventory((identity(), missing("session"))),
        "run as, root": Inventory((identity("session", uid=0, groups=["docker"]),)),
        "run as, not asked": Inventory((identity(),)),
    }
    documents = [live_preferences()]
    return {
        what: bare(session_documents=documents, instances=[instance()], hosts=[host(identities=found), windows(2)])
        for what, found in users.items()
    } | {"run as, not read": bare(session_documents=documents, hosts=Inventory((), unknown("the file is broken")))}
