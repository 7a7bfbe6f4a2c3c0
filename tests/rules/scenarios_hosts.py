"""The insides of nodes on which the rules over hosts are watched, each out of order in its own way."""

from typing import Any

from ssm_hardening.model import Account
from ssm_hardening.values import Inventory
from tests.rules.builders_hosts import (
    DROP_IN,
    EVERYTHING,
    host,
    identity,
    inside,
    missing,
    sudo_file,
    windows,
    windows_identity,
)


def scenarios() -> dict[str, Account]:
    return {**users(), **administrators()}


def of_one() -> dict[str, dict[str, Account]]:
    """Return, by rule, the accounts that are about what it judges."""
    return {"HOST-02": users(), "HOST-03": administrators()}


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
