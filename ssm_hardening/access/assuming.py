"""Who can assume a role: services, an instance for the role of its profile, people of the account, and strangers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ssm_hardening.access.people import Person, PersonFact, people
from ssm_hardening.access.requests import listed, of_node, request
from ssm_hardening.core.logic import (
    Answer,
    as_items,
    as_record,
    ask,
    certainly,
    every,
    is_no,
    is_yes,
    known_or,
    literal,
    negated,
    some,
    unanswered,
    unsupported,
)
from ssm_hardening.core.values import Absent, Known, Record, Reference, Text, Unknown, Why
from ssm_hardening.iam.analysis import NODE_SERVICE, applies_to, has_effect, is_unconditional
from ssm_hardening.iam.circumstances import conditions_hold
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.decisions import Allowed, Decision, Policies, Request, Undetermined, decide
from ssm_hardening.iam.examples import example_of
from ssm_hardening.iam.principals import Principal, is_account, principals_of, whole_account
from ssm_hardening.iam.requests import Counterexample
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
        named = unsupported(at, f"whether {service} is among those that a NotPrincipal denies the role")
    return every(
        (has_effect(statement, "Deny"), applies_to(statement, "sts:AssumeRole"), is_unconditional(statement), named), at
    )


def _may_mean(principal: Principal | Unknown, service: str) -> Answer:
    if isinstance(principal, Unknown):
        return unanswered(principal)
    match principal.name:
        case Known("*", at):
            return unsupported(at, f"whether {service} is among everybody that the trust policy denies the role")
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
        gaps = [unsupported(role.origin, f"whether {service} is among everybody that the role trusts")]
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
    return left_by(role, of_role(account, person.fact, role, action, tags), person.policies)


def may_go_on(person: Person, role: Role, account: Account) -> Decision:
    """Return whether somebody may assume a role; sessions of a role hold no MFA, whoever started them."""
    asked = of_role(account, person.fact, role, ASSUME, {})
    return left_by(role, of_node(asked) if isinstance(person.fact, Role) else asked, person.policies)


def of_role(account: Account, who: PersonFact, role: Role, action: str, tags: dict[str, str]) -> Request:
    """Return the request of an action on a role, with the tags of the session."""
    arn: Text = role.address if role.address.startswith("arn:") else Reference(role.address, "arn")
    asked = replace(request(account, who, action, arn), address=role.address)
    keys = {f"aws:requesttag/{key.casefold()}": listed(account.at, value) for key, value in tags.items()}
    keys |= {"aws:tagkeys": listed(account.at, *tags)} if tags else {}
    return replace(asked, context={**asked.context, **keys})


def left_by(role: Role, asked: Request, policies: Policies) -> Decision:
    """Return the decision; as with keys, the policies of the caller count only where the trust policy leaves it so."""
    return decide(asked, replace(policies, resource=role.trust, key_policy=True))


TAG = "sts:TagSession"
_RUN_AS = "SSMSessionRunAs"
_KEYS = ("aws:requesttag/ssmsessionrunas", "aws:tagkeys")
_ANY_USER = ("root", "0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Chooser:
    """Who chooses the tag SSMSessionRunAs of sessions; `assigned`: an identity provider sets it for them."""

    statement: Statement
    who: str
    example: Counterexample | None
    assigned: bool = False


def choosers(role: Role, account: Account) -> Iterator[Chooser | Unknown]:
    """Yield who may set the tag SSMSessionRunAs to any user when they assume the role, and what is not known of that.

    Where the trust policy leaves it to the role's own account, those are asked whose policies grant it.
    """
    if is_of_identity_center(role):
        return
    for statement in role.trust:
        lets = every((has_effect(statement, "Allow"), applies_to(statement, TAG)), statement.at)
        if is_no(lets):
            continue
        unread = () if role.trust.gap is None else (unanswered(role.trust.gap),)
        left = every((lets, _takes_any_user(statement), negated(_denies_tag(role)), *unread), statement.at)
        if isinstance(left, Unknown):
            yield left
        elif left.value:
            for item in principals_of(statement):
                yield from _choosing(item, statement, role, account)


def is_of_identity_center(role: Role) -> bool:
    """Say whether IAM Identity Center makes the role, and its trust policy; no one else can use that path."""
    return ":role/aws-reserved/" in role.address or str(known_or(role.path, "")).startswith("/aws-reserved/")


def _choosing(
    item: Principal | Unknown, statement: Statement, role: Role, account: Account
) -> Iterator[Chooser | Unknown]:
    if isinstance(item, Unknown):
        yield unanswered(item)
        return
    if item.kind == "Service":
        return
    own = ask(whole_account(item), lambda text: is_account(text, account.account, statement.at), absent=False)
    if isinstance(own, Unknown):
        yield own
    elif own.value:
        yield from _by_their_policies(role, account)
    else:
        example = Counterexample(principal=str(item), action=TAG, resource=role.address, by=(statement.at,))
        example = replace(example, context=(("aws:RequestTag/SSMSessionRunAs", ("root",)), ("aws:TagKeys", (_RUN_AS,))))
        yield Chooser(statement, str(item), example, assigned=item.kind == "Federated")


def _by_their_policies(role: Role, account: Account) -> Iterator[Chooser | Unknown]:
    found = people(account)
    yield from () if found.gap is None else (unanswered(found.gap),)
    for person in found:
        decision = may_assume(person, role, account, TAG, **{_RUN_AS: "root"})
        match decision:
            case Allowed(by) if not is_yes(_grants_all(by)):
                yield Chooser(by, person.title, example_of(decision))
            case Undetermined(why):
                yield why
            case _:
                continue


def _grants_all(statement: Statement) -> Answer:
    """Say whether a statement is an administrator's, who needs no tag of a session."""
    return applies_to(statement, "unnamed:Anything")


def _takes_any_user(statement: Statement) -> Answer:
    """Say whether the conditions on tags let a user through whom the trust policy does not name."""
    return some((_holds_for(statement, user, allow=True) for user in _ANY_USER), statement.at)


def _denies_tag(role: Role) -> Answer:
    return some((_denies_each(each) for each in role.trust), role.origin)


def _denies_each(statement: Statement) -> Answer:
    """Say whether a Deny takes every user that nobody named; one with other conditions may."""
    denies = every((has_effect(statement, "Deny"), applies_to(statement, TAG)), statement.at)
    if is_no(denies):
        return denies
    told = [each for each in conditions_of(statement) if isinstance(each, Condition) and each.key not in _KEYS]
    untold = [unsupported(each.at, f"whether {each.name} lets the trust policy deny it") for each in told]
    taken = (_holds_for(statement, user, allow=False) for user in _ANY_USER)
    return every((denies, *taken, *untold), statement.at)


def _holds_for(statement: Statement, user: str, *, allow: bool) -> Answer:
    """Say whether the conditions on tags hold for a session whose only tag is that of a user.

    `allow`: whoever wants may set more tags, so that a key that must be among them bounds nothing.
    """
    at = statement.at
    tags = {_KEYS[0]: listed(at, user), _KEYS[1]: listed(at, _RUN_AS), "aws:username": listed(at, "unnamed")}
    asked = Request(action=TAG, resource="*", account=Absent(at), region=Absent(at), context=tags)
    operators = as_record(statement.conditions)
    kept = {
        name: Known(Record(about), at)
        for name, found in operators.members.items()
        if (about := {key: each for key, each in as_record(found).members.items() if key.casefold() in _KEYS})
        and not (allow and name.casefold().startswith("foranyvalue:"))
    }
    gaps = [as_record(found).rest for found in operators.members.values()]
    rest = next((each for each in (operators.rest, *gaps) if each is not None), None)
    return conditions_hold(replace(statement, conditions=Known(Record(kept, rest), at)), asked)
