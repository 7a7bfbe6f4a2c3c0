"""One small typed picture of an account, the same for every source."""

from ssm_hardening.model.account import LIVE, Account, Gap, UsageSign
from ssm_hardening.model.compute import Instance
from ssm_hardening.model.facts import Fact
from ssm_hardening.model.governance import Activation, EventRule, ServiceSetting, Trail
from ssm_hardening.model.history import DocumentEvent, Session
from ssm_hardening.model.holdings import Holding, OwnerKind, Ownership
from ssm_hardening.model.identity import Policy, Role
from ssm_hardening.model.keys import Key
from ssm_hardening.model.logs import LogBucket, LogGroup
from ssm_hardening.model.network import GroupRule, SecurityGroup, Subnet, VpcEndpoint
from ssm_hardening.model.session import PREFERENCES_NAME, SessionDocument

__all__ = [
    "LIVE",
    "PREFERENCES_NAME",
    "Account",
    "Activation",
    "DocumentEvent",
    "EventRule",
    "Fact",
    "Gap",
    "GroupRule",
    "Holding",
    "Instance",
    "Key",
    "LogBucket",
    "LogGroup",
    "OwnerKind",
    "Ownership",
    "Policy",
    "Role",
    "SecurityGroup",
    "ServiceSetting",
    "Session",
    "SessionDocument",
    "Subnet",
    "Trail",
    "UsageSign",
    "VpcEndpoint",
]
