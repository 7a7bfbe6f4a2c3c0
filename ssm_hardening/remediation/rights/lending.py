"""Roles that agents may not use, because Default Host Management lends them one: our permissions would displace it."""

from ssm_hardening.access.credentials import REGISTERS
from ssm_hardening.model import Role
from ssm_hardening.model.default_management import MANAGEMENT_ROLE
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.rights.result import Rights

_WHY = (
    f"an instance profile that allows {REGISTERS} turns Default Host Management off for its nodes, which then "
    "have only the permissions of the profile"
)


def ask_who_serves(role: Role, rules: tuple[str, ...], rights: Rights) -> None:
    """Leave the permissions of a role to a person who knows whether agents use it, where rules say that some lack."""
    if not rules:
        return
    what = (
        f"{role.address}: find out whether Default Host Management provides a role in the Region (aws ssm "
        f"get-service-setting --setting-id {MANAGEMENT_ROLE}); if it does, grant the permissions of module "
        "instance-role to that role, otherwise to this one"
    )
    rights.step(Phase.RIGHTS, what=what, why=_WHY, at=role.origin, rules=rules)
