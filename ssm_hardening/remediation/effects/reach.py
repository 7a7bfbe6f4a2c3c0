"""Endpoints and outbound rules."""

from collections.abc import Iterator

from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.model import Account, Vpc, VpcEndpoint
from ssm_hardening.remediation.cases import Effect
from ssm_hardening.remediation.changes import literal
from ssm_hardening.remediation.effects.proposal import Proposal, shown, there
from ssm_hardening.remediation.plan import Lockout


def lockouts(proposal: Proposal) -> Iterator[Lockout]:
    """Yield what new endpoints, or a narrower way out, would stop."""
    for account in proposal.accounts:
        for call in proposal.call("private-endpoints"):
            yield from _new(account, str(call.inputs.get("vpc_id")))
        if proposal.by_hand(Effect.PRIVATE_DNS):
            yield from _switched_on(account)
        if (
            proposal.by_hand(Effect.ENDPOINTS)
            or proposal.by_hand(Effect.PRIVATE_DNS)
            or proposal.call("private-endpoints")
        ):
            yield from _without_names(account)
    calls = proposal.call("node-security-group")
    if proposal.by_hand(Effect.OUTBOUND) and not calls:
        yield _narrowed("the outbound rules of nodes are narrowed by hand")
    for call in calls:
        yield _narrowed(f"nodes in {call.inputs.get('vpc_id')} get the group of module.{call.label} alone")


def _narrowed(change: str) -> Lockout:
    return Lockout(
        change=change,
        stops="whatever they reach on other ports than 443: directories, databases, mirrors over HTTP, time",
        avoided_by="look at the flow logs of a month first; the group is attached by hand, one node first",
    )


def _switched_on(account: Account) -> Iterator[Lockout]:
    """Yield who else would be answered by an endpoint that is there, once its private DNS is on."""
    for each in there(account.vpc_endpoints):
        if _is_unnamed(each):
            place = next((vpc for vpc in account.vpcs if literal(vpc.name) == literal(each.vpc)), None)
            yield Lockout(
                change=f"private DNS of {each.address} is switched on",
                stops=f"calls of {_others(place)} that its policy or its groups do not admit",
                avoided_by="name who resolves there first, and admit them",
            )


def _new(account: Account, vpc: str) -> Iterator[Lockout]:
    place = next((each for each in account.vpcs if literal(each.name) == vpc), None)
    yield Lockout(
        change=f"private DNS of new endpoints in {vpc}",
        stops=f"calls of {_others(place)} that the endpoints' policies or groups do not admit",
        avoided_by="name who resolves there first; admit them, or leave private DNS off until the nodes are told apart",
    )
    if place is not None and _is_off(place):
        yield Lockout(
            change=f"{vpc} has DNS support or DNS hostnames off",
            stops="private DNS: AWS refuses such an endpoint, or nodes go on to the public name they cannot reach",
            avoided_by="switch both on in the stage before (NET-04)",
        )


def _others(place: Vpc | None) -> str:
    if place is None:
        return "every other workload of the VPC (which ones was not read)"
    match place.workloads:
        case Known(listed):
            names = [str(each.value) for each in listed.items if isinstance(each, Known)]
            if not names and listed.rest is None:
                return "workloads to come (there are none beside the nodes today)"
            return f"{shown(names)}, which resolve through it" if names else "other workloads of the VPC"
        case Absent() | Unknown():
            return "every other workload of the VPC (which ones was not read)"


def _is_off(place: Vpc) -> bool:
    flags = (place.dns_support, place.dns_hostnames)
    return any(isinstance(each, Known) and each.value is False for each in flags)


def _without_names(account: Account) -> Iterator[Lockout]:
    for each in there(account.vpc_endpoints):
        if _is_unnamed(each):
            yield Lockout(
                change=f"traffic is meant to go through {each.address} ({literal(each.service)})",
                stops="nothing yet, and it does not work: without private DNS the agent goes on to the public name",
                avoided_by="switch private DNS on (NET-04) before the way out is narrowed",
            )


def _is_unnamed(endpoint: VpcEndpoint) -> bool:
    interface = literal(endpoint.kind) == "Interface"
    return interface and isinstance(endpoint.private_dns, Known) and not endpoint.private_dns.value
