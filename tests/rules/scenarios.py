"""Accounts on which every rule is watched while knowledge is taken away.

Each is one that some rule judges in its own way; add one with every new branch of a rule.
"""

from functools import cache

from ssm_hardening.model import Account
from tests.rules import (
    scenarios_documents,
    scenarios_hosts,
    scenarios_live,
    scenarios_paths,
    scenarios_people,
    scenarios_readers,
    scenarios_stores,
)
from tests.rules.builders import account


@cache
def scenarios() -> dict[str, Account]:
    """Return the accounts by name; they are made once, when a test first asks for them."""
    return {
        "healthy": account(),
        "empty": account(session_documents=[], log_buckets=[], log_groups=[], keys=[]),
        **scenarios_documents.scenarios(),
        **scenarios_stores.scenarios(),
        **scenarios_live.scenarios(),
        **scenarios_readers.scenarios(),
        **scenarios_paths.scenarios(),
        **scenarios_people.scenarios(),
        **scenarios_hosts.scenarios(),
    }


def scenarios_of(rule: str) -> list[str]:
    """Return the names of the accounts that are about what the rule judges; chance crosses the rest."""
    own = _of_one()
    about = own[rule] if rule in own else _of_family().get(rule.split("-", maxsplit=1)[0])
    return ["healthy", "empty", *(scenarios_documents.scenarios() if about is None else about)]


@cache
def _of_one() -> dict[str, dict[str, Account]]:
    """Return accounts by rule, where what a live account tells is more to judge by than the family is."""
    live, defaults = scenarios_live.documents(), scenarios_live.effective()
    return {
        "S3-01": {**scenarios_stores.buckets(), **live},
        "CW-01": {**scenarios_stores.groups(), **live},
        "KMS-01": {**scenarios_stores.groups(), **scenarios_stores.keys(), **defaults, **live},
        "PREF-01": {**scenarios_documents.scenarios(), **defaults},
        "PREF-03": {**scenarios_documents.scenarios(), **defaults},
        "PREF-07": {**scenarios_documents.scenarios(), **defaults},
        "PREF-09": live,
        **dict.fromkeys(("PATH-01", "ROLE-03"), scenarios_paths.scenarios()),
        **dict.fromkeys(("S3-09", "CW-04", "KMS-06", "KMS-07", "S3-10"), scenarios_readers.scenarios()),
        "RUNAS-01": {**scenarios_documents.scenarios(), **defaults, **live},
        **scenarios_live.of_one(),
        **scenarios_hosts.of_one(),
    }


@cache
def _of_family() -> dict[str, dict[str, Account]]:
    return {
        "S3": scenarios_stores.buckets(),
        "CW": scenarios_stores.groups(),
        "KMS": {**scenarios_stores.groups(), **scenarios_stores.keys()},
        "OPER": scenarios_people.scenarios(),
    }
