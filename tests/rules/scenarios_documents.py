"""Accounts whose session documents are out of order."""

from ssm_hardening.model import Account
from tests.rules.builders import account, custom_document, preferences_document


def scenarios() -> dict[str, Account]:
    return {
        "no destination": account(session_documents=[preferences_document(s3_bucket=None, cloudwatch_log_group=None)]),
        "custom only": account(session_documents=[custom_document()]),
    }
