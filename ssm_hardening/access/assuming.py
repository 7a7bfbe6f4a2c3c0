"""Whether a service can assume a role, and an instance get the credentials of the role of its profile."""

from collections.abc import Iterator

from ssm_hardening.core.logic import Answer, as_items, certainly, every, is_no, literal, negated, some, unanswered
from ssm_hardening.core.values import Absent, Known, Unknown, Why
from ssm_hardening.iam.analysis import NODE_SERVICE, applies_to, has_effect, is_unconditional
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Instance, Role


def may_be_lent(role: Role) -> Answer:
    """Say whether Systems Manager may assume a role, as Default Host Management must."""
    return may_be_assumed(role, "ssm.amazonaws.com")


def may_be_assumed(role: Role, service: str) -> Answer:
    """Say whether a service may assume a role: its trust policy lets the service in, and denies it nothing."""
    return every((_is_let_in(role, service), negated(_is_denied(role, service))), role.origin)


def _is_denied(role: Role, service: str) -> Answer:
    """Say whether a statement of the trust policy surely denies a service the role."""
    gaps = () if role.trust.gap is None else (unanswered(role.trust.gap),)
    return some((*(_denies(each, service) for each in role.trust), *gaps), role.origin)


def _denies(statement: Statement, service: str) -> Answer:
    """Say whether a statement without conditions denies it; what one with conditions denies is not always denied."""
    at = statement.at
    named = some((_may_mean(each, service) for each in principals_of(statement)), at)
    if isinstance(named, Known) and not isinstance(statement.not_principals, Absent):
        named = Unknown(Why.UNSUPPORTED, at, f"whether {service} is among those that a NotPrincipal denies the role")
    return every(
        (has_effect(statement, "Deny"), applies_to(statement, "sts:AssumeRole"), is_unconditional(statement), named), at
    )


def _may_mean(principal: Principal | Unknown, service: str) -> Answer:
    if isinstance(principal, Unknown):
        return unanswered(principal)
    name, everybody = principal.name, f"whether {service} is among everybody that the trust policy denies the role"
    match name:
        case Known("*", at):
            return Unknown(Why.UNSUPPORTED, at, everybody)
        case Known(str() as text, at):
            return Known(principal.kind == "Service" and text.startswith(service), at)
        case Known(text, at) if principal.kind == "Service":
            return Unknown(Why.COMPUTED, at, f"whether the trust policy denies {service} the role, by {text}")
        case Known(_, at):
            return Known(False, at)
        case Unknown() as gap:
            return unanswered(gap)


def _is_let_in(role: Role, service: str) -> Answer:
    """Say whether the trust policy admits it; whether one for everybody lets services in is not known."""
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
