"""Accounts on which every rule is watched while knowledge is taken away.

Each is one that some rule judges in its own way; add one with every new branch of a rule.
"""

from ssm_hardening.model import Account
from tests.rules import scenarios_documents, scenarios_live, scenarios_stores
from tests.rules.builders import account


def scenarios() -> dict[str, Account]:
    """Return the accounts by name."""
    return {
        "healthy": account(),
        "empty": account(session_documents=[], log_buckets=[], log_groups=[], keys=[]),
        **scenarios_documents.scenarios(),
        **scenarios_stores.scenarios(),
        **scenarios_live.scenarios(),
    }


def scenarios_of(rule: str) -> list[str]:
    """Return the names of the accounts that are about what the rule judges; chance crosses the rest."""
    live = scenarios_live.documents()
    documents = {**scenarios_documents.scenarios(), **scenarios_live.effective(), **live}
    about = {
        "S3": {**scenarios_stores.buckets(), **live},
        "CW": {**scenarios_stores.groups(), **live},
        "KMS": {**scenarios_stores.groups(), **scenarios_stores.keys(), **scenarios_live.effective(), **live},
        "HOST": scenarios_live.hosts(),
        "REC": scenarios_live.history(),
        "ACCT": {**scenarios_live.of_accounts(), **scenarios_live.history()},
    }
    return ["healthy", "empty", *about.get(rule.split("-", maxsplit=1)[0], documents)]
