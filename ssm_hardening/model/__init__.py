"""One small typed picture of an account, the same for every source."""

from ssm_hardening.model.account import Account, Gap, UsageSign
from ssm_hardening.model.facts import Fact
from ssm_hardening.model.keys import Key
from ssm_hardening.model.logs import LogBucket, LogGroup
from ssm_hardening.model.session import PREFERENCES_NAME, SessionDocument

__all__ = [
    "PREFERENCES_NAME",
    "Account",
    "Fact",
    "Gap",
    "Key",
    "LogBucket",
    "LogGroup",
    "SessionDocument",
    "UsageSign",
]
