"""The roles that nodes of a live account run with: what a key's policy and a bucket's have to admit."""

from collections.abc import Iterable, Iterator

from ssm_hardening.model import Account, Role
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.plan import ModuleCall
from ssm_hardening.values import Absent, Known, Unknown


def node_roles(account: Account) -> tuple[str, ...]:
    """Return the ARNs of the node roles; none unless all of them are known, so that no node is left out unseen."""
    if account.roles.gap is not None or account.instances.gap is not None:
        return ()
    roles = [role for role in account.roles.items if _is(role, "node")]
    if not all(_exists(role) for role in roles) or any(_kind_unknown(role) for role in account.roles.items):
        return ()
    return tuple(sorted(role.address for role in roles if role.address.startswith("arn:")))


def _is(role: Role, kind: str) -> bool:
    return isinstance(role.kind, Known) and role.kind.value == kind


def _kind_unknown(role: Role) -> bool:
    return isinstance(role.kind, Unknown)


def _exists(role: Role) -> bool:
    match role.exists:
        case Known(flag):
            return flag
        case Absent() | Unknown():
            return False


def role_questions(calls: Iterable[tuple[Phase, ModuleCall]]) -> Iterator[str]:
    """Yield the question that a list of today's node roles leaves open: a node that it lacks opens no session."""
    for _, call in calls:
        roles = call.inputs.get("node_role_arns")
        if isinstance(roles, list):
            names = ", ".join(arn.rpartition("/")[2] for arn in roles)
            yield f"Will nodes run with other roles than {names} (autoscaling groups, launch templates, other Regions)?"
            return
