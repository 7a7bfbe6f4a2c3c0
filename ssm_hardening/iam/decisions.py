"""Does a set of policies allow a request? Allowed, denied, or what was missing to tell; never a guess.

A grant that was read stays one beside a policy that was not: only a Deny in that policy could take it back, which
`Allowed.unless` says. Whoever asks because a grant is wanted, and not because it is too much, asks `surely`.

IAM's own order: an explicit Deny anywhere ends it; then every kind of policy that there is must allow, each by itself
(permissions boundary, session policy, every level of guardrails), and the identity's policies or the resource's.
Source: IAM User Guide, "Policy evaluation logic".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from ssm_hardening.core.logic import Answer, ask, certainly, every, is_yes, negated, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import applies_to, speaking
from ssm_hardening.iam.circumstances import conditions_hold
from ssm_hardening.iam.matching import concrete, like, names_another, names_fact, pattern_of
from ssm_hardening.iam.principals import Principal, is_account, names_account, principals_of, whole_account
from ssm_hardening.iam.requests import Request, hear, own_arn
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members, of_text

__all__ = [
    "Allowed",
    "Decision",
    "Denied",
    "Policies",
    "Request",
    "Undetermined",
    "concerns",
    "decide",
    "own_arn",
    "surely",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The policies that bear on a principal. None: there is none of that kind; a gap: there may be more statements.

    `guardrails` are the levels of service and resource control policies, each of which must allow. `resource` is the
    policy of the resource itself. `key_policy` says that it is a KMS key's, without which nothing is allowed: it must
    admit the principal, or leave the key to the account, whose identity policies then decide.
    """

    identity: Inventory[Statement]
    boundary: Inventory[Statement] | None = None
    session: Inventory[Statement] | None = None
    guardrails: tuple[Inventory[Statement], ...] = ()
    resource: Inventory[Statement] | None = None
    key_policy: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """Every kind of policy allows it; `by` is the statement that grants it.

    `unless` says which policies were not read: a Deny in one of them would take the grant back. `request` is the one
    that is allowed, as an example of what the grant means, and `policies` are those that allow it; two decisions are
    the same whatever their examples.
    """

    by: Statement
    unless: Unknown | None = None
    request: Request | None = field(default=None, compare=False)
    policies: Policies | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """It is denied by a statement (`by`), or because none allows it."""

    by: Statement | None
    message: str


@dataclass(frozen=True, slots=True)
class Undetermined:
    """It cannot be told, and why."""

    why: Unknown


Decision: TypeAlias = Allowed | Denied | Undetermined


def surely(decision: Decision) -> Decision:
    """Return the decision for a question where a grant is wanted: one that may be taken back is not certain."""
    if isinstance(decision, Allowed) and decision.unless is not None:
        return Undetermined(decision.unless)
    return decision


@dataclass(frozen=True, slots=True)
class _Found:
    """Whether some statement matches, and the first one that surely does."""

    answer: Answer
    by: Statement | None = None


def decide(request: Request, policies: Policies) -> Decision:
    """Return what the policies say of the request."""
    hear(request)
    restricting = [policies.boundary, policies.session, *policies.guardrails]
    plain = [each for each in restricting if each is not None]
    denials = [_find(_read(policies.identity), "Deny", request), *(_find(each, "Deny", request) for each in plain)]
    if policies.resource is not None:
        denials.append(_find(_read(policies.resource), "Deny", request, of_resource=True))
    for found in denials:
        if found.by is not None:
            return Denied(found.by, "a Deny statement applies")
    grant = _granted(request, policies)
    limits = [_find(each, "Allow", request) for each in plain]
    for found in (grant, *limits):
        if isinstance(found.answer, Known) and not found.answer.value:
            return Denied(
                None,
                "no statement allows it" if found is grant else "a permissions boundary or guardrail does not allow it",
            )
    doubt = next((each.answer for each in (*denials, grant, *limits) if isinstance(each.answer, Unknown)), None)
    if doubt is not None:
        return Undetermined(doubt)
    if grant.by is None:
        return Undetermined(Unknown(Why.UNSUPPORTED, request.account.at, "which statement allows it"))
    return Allowed(grant.by, _unless(policies), request=request, policies=policies)


def _read(policy: Inventory[Statement]) -> Inventory[Statement]:
    """Return the statements that were read: those that were not are no doubt of these."""
    return Inventory(policy.items)


def _unless(policies: Policies) -> Unknown | None:
    """Say which policies that may grant were not read, and so may deny."""
    gap = policies.identity.gap
    if gap is None and policies.resource is not None:
        gap = policies.resource.gap
    return None if gap is None else unanswered(gap)


def _granted(request: Request, policies: Policies) -> _Found:
    """Say whether the identity's policies grant it, or the resource's own does."""
    own = _find(policies.identity, "Allow", request)
    if policies.resource is None:
        return own
    direct = _find(policies.resource, "Allow", request, of_resource=True)
    if not policies.key_policy:
        return _either(own, direct, request)
    delegated = _find(policies.resource, "Allow", request, of_resource=True, delegating=True)
    through = _Found(every((delegated.answer, own.answer), request.account.at), own.by)
    return _either(direct, through, request)


def _either(one: _Found, other: _Found, request: Request) -> _Found:
    for each in (one, other):
        if is_yes(each.answer):
            return each
    return _Found(some((one.answer, other.answer), request.account.at))


def _find(
    policy: Inventory[Statement], effect: str, request: Request, *, of_resource: bool = False, delegating: bool = False
) -> _Found:
    """Look for a statement of this effect that matches; a gap leaves a "no" open."""
    doubt: Unknown | None = None if policy.gap is None else unanswered(policy.gap)
    for statement, speaks in speaking(policy.items, effect, request.action):
        parts = _matching(statement, effect, request, of_resource=of_resource, delegating=delegating)
        match every(chain((speaks,), parts), statement.at):
            case Known(flag, at):
                if flag:
                    return _Found(Known(True, at), statement)
            case Unknown() as gap:
                doubt = gap if doubt is None else doubt
    return _Found(Known(False, request.account.at) if doubt is None else doubt)


def _matching(
    statement: Statement, effect: str, request: Request, *, of_resource: bool, delegating: bool
) -> Iterator[Answer]:
    """Yield what else must hold for a statement to match that speaks of the action, the cheapest first."""
    yield _concerns(statement, request)
    if of_resource:
        yield _concerns_principal(statement, effect, request, delegating=delegating)
    yield conditions_hold(statement, request)


def concerns(statement: Statement, request: Request) -> Answer:
    """Say whether the statement is about the action and resource of the request, its effect and conditions aside."""
    return every((applies_to(statement, request.action), _concerns(statement, request)), statement.at)


def _concerns_principal(statement: Statement, effect: str, request: Request, *, delegating: bool) -> Answer:
    """Say whether the statement speaks of the principal; a Deny to its whole account does, an Allow leaves it to it."""
    if delegating:
        return _admits_account(statement, request)
    if effect == "Deny":
        return some((_admits(statement, request), _admits_account(statement, request)), statement.at)
    return _admits(statement, request)


def _concerns(statement: Statement, request: Request) -> Answer:
    """Say whether the statement is about the resource of the request; a key or bucket policy may leave it out."""
    if not isinstance(statement.resources, Absent):
        return _listed(statement.resources, request)
    if not isinstance(statement.not_resources, Absent):
        return negated(_listed(statement.not_resources, request))
    return Known(True, statement.resources.at)


def _listed(resources: Value[Items], request: Request) -> Answer:
    return some((_means(each, request) for each in members(resources)), resources.at)


def _means(item: Known[object] | Unknown, request: Request) -> Answer:
    return of_text(
        item, lambda text: _is_meant(text, request, item.at), "a resource that is not a string", why=Why.UNPARSEABLE
    )


def _is_meant(text: Text, request: Request, at: Origin) -> bool | Answer:
    if text == "*" or names_fact(text, request):
        return True
    pattern = None if names_another(text, request) else pattern_of(text, request, wildcards=True)
    return False if pattern is None else like(pattern, concrete(request.resource, request), text, at)


def _admits(statement: Statement, request: Request) -> Answer:
    """Say whether the statement speaks of the principal of the request by name, or of everybody."""
    if not isinstance(statement.not_principals, Absent):
        return Unknown(Why.UNSUPPORTED, statement.at, "which principals NotPrincipal excludes")
    return some((_is_principal(each, statement, request) for each in principals_of(statement)), statement.at)


def _is_principal(item: Principal | Unknown, statement: Statement, request: Request) -> Answer:
    if isinstance(item, Unknown):
        return unanswered(item)
    if item.kind not in {"AWS", "*"} or names_account(item):
        # Whole accounts are asked about apart.
        return Known(False, statement.at)
    if certainly(item.name, lambda name: name == "*"):
        return Known(True, statement.at)
    match item.name, request.principal:
        case Known(str() | Reference() | Template() as text, at), Known(arn):
            return like(pattern_of(text, request, wildcards=False) or "", concrete(arn, request), text, at)
        case Known(_, at), Unknown() as gap:
            return Unknown(gap.why, at, gap.detail)
        case Known(_, at), _:
            return Known(False, at)
        case Unknown() as gap, _:
            return unanswered(gap)


def _admits_account(statement: Statement, request: Request) -> Answer:
    """Say whether the statement leaves the matter to the account of the request as a whole."""
    return some((_is_own_account(each, request) for each in principals_of(statement)), statement.at)


def _is_own_account(item: Principal | Unknown, request: Request) -> Answer:
    if isinstance(item, Unknown):
        return unanswered(item)
    whole = whole_account(item)
    return ask(whole, lambda account: is_account(account, request.account, whole.at), absent=False)
