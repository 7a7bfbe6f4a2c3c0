"""Accounts on which every rule is watched while knowledge is taken away.

Each is one that some rule judges in its own way; add one with every new branch of a rule.
"""

from ssm_hardening.model import Account
from tests.rules import scenarios_documents, scenarios_stores
from tests.rules.builders import account


def scenarios() -> dict[str, Account]:
    """Return the accounts by name."""
    return {
        "healthy": account(),
        "empty": account(session_documents=[], log_buckets=[], log_groups=[], keys=[]),
        **scenarios_documents.scenarios(),
        **scenarios_stores.scenarios(),
    }


def scenarios_of(rule: str) -> list[str]:
    """Return the names of the accounts that are about what the rule judges; chance crosses the rest."""
    about = {
        "S3": scenarios_stores.buckets(),
        "CW": scenarios_stores.groups(),
        "KMS": {**scenarios_stores.groups(), **scenarios_stores.keys()},
    }
    return ["healthy", "empty", *about.get(rule.split("-", maxsplit=1)[0], scenarios_documents.scenarios())]
