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
    """Return the names of the accounts that are about what the rule judges: documents, or the stores and keys."""
    about_documents = rule.startswith(("PREF-", "RUNAS-"))
    others = scenarios_stores.scenarios() if about_documents else scenarios_documents.scenarios()
    return [name for name in scenarios() if name not in others]
