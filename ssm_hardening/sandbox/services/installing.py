"""Puts our extensions in the place of moto's own classes."""

from collections.abc import Mapping
from importlib import import_module

from ssm_hardening.sandbox.services.account import PATHS, AccountManagement
from ssm_hardening.sandbox.services.ec2 import Compute, mend_rules, speed_up
from ssm_hardening.sandbox.services.iam import SecurityTokens, share_policies
from ssm_hardening.sandbox.services.kms import Keys
from ssm_hardening.sandbox.services.logging import CloudTrail, Logs
from ssm_hardening.sandbox.services.organizations import Organizations
from ssm_hardening.sandbox.services.s3 import Storage
from ssm_hardening.sandbox.services.systems_manager import SystemsManager

_EXTENSIONS: Mapping[str, type] = {
    "account": AccountManagement,
    "cloudtrail": CloudTrail,
    "ec2": Compute,
    "kms": Keys,
    "logs": Logs,
    "organizations": Organizations,
    "s3": Storage,
    "ssm": SystemsManager,
    "sts": SecurityTokens,
}
"""moto's name of a service → the class that answers for it here."""


def install() -> None:
    """Let moto's URL tables name our classes, which extend those that were named there."""
    for service, extended in _EXTENSIONS.items():
        table = import_module(f"moto.{service}.urls").url_paths
        for path, handler in table.items():
            table[path] = getattr(extended, handler.__name__)
    # moto reads S3's table anew each time it is asked for it, and takes the class from here.
    import_module("moto.s3.responses").S3Response = Storage  # type: ignore[attr-defined]
    import_module("moto.account.urls").url_paths.update(dict.fromkeys(PATHS, AccountManagement.dispatch))
    share_policies()
    mend_rules()
    speed_up()
