"""Whether a service can assume a role, and an instance get the credentials of the role of its profile."""

from collections.abc import Iterator

from ssm_hardening.core.logic import Answer, as_items, certainly, every, is_no, literal, unanswered
from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.iam.analysis import NODE_SERVICE
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.model import Instance, Role


def may_be_lent(role: Role) -> Answer:
    """Say whether Systems Manager may assume a role, as Default Host Management must."""
    return may_be_assumed(role, "ssm.amazonaws.com")


def may_be_assumed(role: Role, service: str) -> Answer:
    """Say whether a service may assume a role; whether a trust policy for everybody lets services in is not known."""
    services = as_items(role.trusted_services)
    if any(certainly(each, lambda name: str(name).startswith(service)) for each in services.items):
        return Known(True, role.origin)
    gaps = [each for each in (*services.items, services.rest) if isinstance(each, Unknown)]
    if not gaps and any(literal(each.name) == "*" for each in _principals(role)):
        gaps = [Unknown(Why.UNSUPPORTED, role.origin, f"whether {service} is among everybody that the role trusts")]
    return unanswered(gaps[0]) if gaps else Known(False, role.origin)


def _principals(role: Role) -> Iterator[Principal]:
    for statement in role.trust:
        yield from (each for each in principals_of(statement) if isinstance(each, Principal))


def profile_works(node: Instance, role: Role) -> Answer:
    """Say whether the agent of an instance can get the credentials of the role of its profile."""
    assumed = may_be_assumed(role, NODE_SERVICE)
    if is_no(assumed) and certainly(node.ping, lambda status: status == "Online"):
        return Unknown(Why.OUT_OF_SCOPE, role.origin, f"{NODE_SERVICE} cannot assume it, although the agent is online")
    if certainly(node.imds_endpoint, lambda endpoint: endpoint == "disabled"):
        detail = "where the agent gets credentials, because the metadata service is off"
        return every((assumed, Unknown(Why.OUT_OF_SCOPE, node.imds_endpoint.at, detail)), role.origin)
    return assumed
