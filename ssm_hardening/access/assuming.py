"""Who can assume a role: services, an instance for the role of its profile, people of the account, and strangers."""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.access.people import Person, PersonFact
from ssm_hardening.access.requests import listed, request
from ssm_hardening.core.logic import Answer, as_items, certainly, every, is_no, literal, negated, some, unanswered
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import NODE_SERVICE, applies_to, has_effect, is_unconditional
from ssm_hardening.iam.decisions import Decision, Policies, Request, decide
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.requests import Caller
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Instance, Role

ASSUME = "sts:AssumeRole"


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


def may_assume(person: Person, role: Role, account: Account, action: str = ASSUME, **tags: str) -> Decision:
    """Return whether somebody of the account may assume a role: what their own policies and its trust policy say.

    A trust policy that names the account leaves it to their policies; one that names them is enough. `tags` are those
    of the session.
    """
    return _asked_of(role, _of_role(account, person.fact, role, action, tags), person.policies)


def admits(role: Role, account: Account, caller: str, *, asked_for_nothing: bool) -> Decision:
    """Return whether the trust policy lets a principal of another account assume the role, by its ARN.

    The principal may do everything in its own account. `asked_for_nothing`: it gives no external ID, and signs in
    without MFA.
    """
    at, number = account.at, caller.split(":")[4]
    asked = _of_role(account, replace(role, address=caller), role, ASSUME, {})
    none = dict.fromkeys(("sts:externalid", "aws:multifactorauthpresent", "aws:multifactorauthage"), Absent(at))
    context: dict[str, Value[Items]] = {
        "aws:principalarn": listed(at, caller),
        "aws:principalaccount": listed(at, number),
        "aws:principalorgid": listed(at, _OTHER_ORGANIZATION),
        "aws:principalorgpaths": listed(at, f"{_OTHER_ORGANIZATION}/r-0f6a/"),
        "aws:principalisawsservice": listed(at, "false"),
        **(none if asked_for_nothing else {}),
    }
    asked = replace(asked, principal=Known(caller, at), context=context, settled=(), caller=Caller.STRANGER)
    return _asked_of(role, asked, Policies(identity=Inventory((_everything(role),))))


_OTHER_ORGANIZATION = "o-0f6a93c1d2"


def _everything(role: Role) -> Statement:
    """Return what the administrators of another account can give their own people."""
    at = role.origin
    nothing = Absent(at)
    every_one = listed(at, "*")
    return Statement(
        sid=nothing, effect=Known("Allow", at), principals=nothing, not_principals=nothing, actions=every_one,
        not_actions=nothing, resources=every_one, not_resources=nothing, conditions=nothing, at=at,
    )  # fmt: skip


def _of_role(account: Account, who: PersonFact, role: Role, action: str, tags: dict[str, str]) -> Request:
    arn: Text = role.address if role.address.startswith("arn:") else Reference(role.address, "arn")
    asked = replace(request(account, who, action, arn), address=role.address)
    keys = {f"aws:requesttag/{key.casefold()}": listed(account.at, value) for key, value in tags.items()}
    keys |= {"aws:tagkeys": listed(account.at, *tags)} if tags else {}
    return replace(asked, context={**asked.context, **keys})


def _asked_of(role: Role, asked: Request, policies: Policies) -> Decision:
    """Return the decision; as with keys, the policies of the caller count only where the trust policy leaves it so."""
    return decide(asked, replace(policies, resource=role.trust, key_policy=True))
