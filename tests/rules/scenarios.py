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
