"""One small typed picture of an account, the same for every source.

The kinds that the pre-commit check does not read load when somebody asks for them: it starts 20 ms sooner without.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ssm_hardening.model.account import FAULT, HOST, INPUTS, LINK, LIVE, STACK, Account, Gap, UsageSign, is_override
from ssm_hardening.model.facts import Fact
from ssm_hardening.model.session import PREFERENCES_NAME, SessionDocument
from ssm_hardening.model.stores import DELIVERY, AclGrant, Key, KeyGrant, LogBucket, LogGroup

if TYPE_CHECKING:
    from ssm_hardening.model.governance import (
        Activation,
        Association,
        ControlPolicy,
        DocumentEvent,
        EventRule,
        ServiceSetting,
        Session,
        Trail,
    )
    from ssm_hardening.model.identity import Group, Policy, Role, User
    from ssm_hardening.model.live_settings import Holding, OwnerKind, Ownership
    from ssm_hardening.model.network import GroupRule, SecurityGroup, Subnet, Vpc, VpcEndpoint
    from ssm_hardening.model.nodes import Connection, Host, Identity, Instance, ResolvedName, SudoFile

__all__ = [
    "DELIVERY",
    "FAULT",
    "HOST",
    "INPUTS",
    "LINK",
    "LIVE",
    "PREFERENCES_NAME",
    "STACK",
    "Account",
    "AclGrant",
    "Activation",
    "Association",
    "Connection",
    "ControlPolicy",
    "DocumentEvent",
    "EventRule",
    "Fact",
    "Gap",
    "Group",
    "GroupRule",
    "Holding",
    "Host",
    "Identity",
    "Instance",
    "Key",
    "KeyGrant",
    "LogBucket",
    "LogGroup",
    "OwnerKind",
    "Ownership",
    "Policy",
    "ResolvedName",
    "Role",
    "SecurityGroup",
    "ServiceSetting",
    "Session",
    "SessionDocument",
    "Subnet",
    "SudoFile",
    "Trail",
    "UsageSign",
    "User",
    "Vpc",
    "VpcEndpoint",
    "is_override",
]

_ON_DEMAND = {
    "governance": (
        "Activation",
        "Association",
        "ControlPolicy",
        "DocumentEvent",
        "EventRule",
        "ServiceSetting",
        "Session",
        "Trail",
    ),
    "live_settings": ("Holding", "OwnerKind", "Ownership"),
    "identity": ("Group", "Policy", "Role", "User"),
    "network": ("GroupRule", "SecurityGroup", "Subnet", "Vpc", "VpcEndpoint"),
    "nodes": ("Connection", "Host", "Identity", "Instance", "ResolvedName", "SudoFile"),
}
_PLACES = {name: module for module, names in _ON_DEMAND.items() for name in names}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load what was asked for; raises AttributeError where there is no such thing."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
