"""Does a set of policies allow a request? Allowed, denied, or what was missing to tell; never a guess.

A grant that was read stays one beside a policy that was not: only a Deny in that policy could take it back, which
`Allowed.unless` says. Whoever asks because a grant is wanted, and not because it is too much, asks `surely`.

IAM's own order: an explicit Deny anywhere ends it; then every level of guardrails must allow, each by itself, and the
identity's policies or the resource's. A permissions boundary and a session policy must allow as well, except what a
resource's policy grants to everybody, a user or a session by name: a grant to a role they do limit.
Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeAlias

from ssm_hardening.core.logic import Answer, every, is_no, is_yes, negated, some, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.analysis import applies_to, speaking
from ssm_hardening.iam.callers import allows_caller, denies_caller, is_of_another_account, leaves_to_account
from ssm_hardening.iam.circumstances import conditions_hold
from ssm_hardening.iam.contexts import Search, alternatives, at_once, choices, needed, told
from ssm_hardening.iam.guardrails import guardrail
from ssm_hardening.iam.matching import concrete, like, names_another, names_fact, pattern_of, unfilled
from ssm_hardening.iam.requests import Caller, Request, hear, own_arn
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
    "outline",
    "own_arn",
    "surely",
    "without_value",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The policies that bear on a principal. None: there is none of that kind; a gap: there may be more statements.

    `guardrails` are service and resource control policies, each of which must allow (see Guardrail). `resource` is the
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

    `unless` says which policies were not read: a Deny in one of them would take the grant back. `request` is what is
    allowed, with the values that its caller chooses, and `policies` are those that allow it: two decisions are the same
    whatever their examples. `only` says which value not every request of a node has. `beside` are the grants of what
    else is needed, in the order in which it was asked.
    """

    by: Statement
    unless: Unknown | None = None
    request: Request | None = field(default=None, compare=False)
    only: Unknown | None = field(default=None, compare=False)
    policies: Policies | None = field(default=None, compare=False, repr=False)
    beside: tuple["Allowed", ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """It is denied by a statement (`by`), or because none allows it.

    `guardrail` says which service or resource control policies deny what all other policies allow, or may allow.
    """

    by: Statement | None
    message: str
    guardrail: str = ""


@dataclass(frozen=True, slots=True)
class Undetermined:
    """It cannot be told, and why."""

    why: Unknown


Decision: TypeAlias = Allowed | Denied | Undetermined


def surely(decision: Decision) -> Decision:
    """Return the decision for a question where a grant is wanted: one that may be taken back is not certain."""
    if not isinstance(decision, Allowed):
        return decision
    doubt = decision.only if decision.unless is None else decision.unless
    return decision if doubt is None else Undetermined(doubt)


@dataclass(frozen=True, slots=True)
class _Found:
    """Whether some statement matches, and the first one that surely does."""

    answer: Answer
    by: Statement | None = None


def decide(request: Request, policies: Policies) -> Decision:
    """Return what the policies say of the request, whatever its caller makes of what is theirs to choose.

    Allowed if some values that they can have lead there, denied if none do.
    """
    hear(request)
    return _decided(request, policies)


def _decided(request: Request, policies: Policies) -> Decision:
    decision = _evaluated(request, policies)
    if not isinstance(decision, Undetermined) or request.caller is Caller.UNTOLD:
        return decision
    found = _sought(request, policies, decision)
    for asked in alternatives(request, _all_of(policies)) if isinstance(found, Undetermined) else ():
        same = [_decided(each, policies) for each in asked]
        if len(set(map(_rank, same))) == 1:
            return same[0]
    return found


def outline(request: Request, policies: Policies) -> tuple[object, ...] | None:
    """Return all that a refusal or a doubt rests on, whatever the resource is called; None where it is not certain.

    Requests for one action by one caller that have the same outline are decided alike, unless they are allowed: an
    Allowed holds the very request.
    """
    context = None if policies.resource is not None else told(request, _all_of(policies))
    if context is None:
        return None
    speak = (each for of in _all_of(policies) for effect in ("Allow", "Deny") for each in _about(of, effect, request))
    answers = [_concerns(each, request) for each in speak]
    flags = tuple(each.value for each in answers if isinstance(each, Known))
    return (context, request.settled, flags) if len(flags) == len(answers) else None


def _about(statements: tuple[Statement, ...], effect: str, request: Request) -> Iterator[Statement]:
    return (statement for statement, _ in speaking(statements, effect, request.action))


def _sought(request: Request, policies: Policies, decision: Decision) -> Decision:
    """Look for a request that its caller can make and that is allowed, where nothing is decided without one."""
    open_ = choices(request, _all_of(policies))
    usual = at_once(request, open_)
    soonest = decision if usual is None else _evaluated(usual, policies)
    if isinstance(soonest, Allowed):
        return soonest
    search = Search[Decision](lambda made: _evaluated(made, policies), _rank)
    found = search.best(request, open_, decision)
    if isinstance(found, Allowed):
        return found if found.request is None else replace(found, only=needed(request, found.request))
    cut_off = search.cut_off(request, open_) if open_ else None
    return found if cut_off is None else Undetermined(cut_off)


def _rank(decision: Decision) -> int:
    return 2 if isinstance(decision, Allowed) else int(isinstance(decision, Undetermined))


def _all_of(policies: Policies) -> Iterator[tuple[Statement, ...]]:
    kinds = (policies.identity, policies.boundary, policies.session, *policies.guardrails, policies.resource)
    return (each.items for each in kinds if each is not None)


def _evaluated(request: Request, policies: Policies) -> Decision:
    """Return what the policies say of the request as it is; what is not known of it stays open.

    Guardrails come last: most requests are not allowed anyway.
    """
    decision = _within(request, policies)
    for each in policies.guardrails:
        if isinstance(decision, Denied):
            break
        left = _left(decision, request, each)
        decision = decision if isinstance(decision, Undetermined) and not isinstance(left, Denied) else left
    return decision


def _left(decision: Allowed | Undetermined, request: Request, limit: Inventory[Statement]) -> Decision:
    """Return what a guardrail leaves of a decision."""
    of = guardrail(limit)
    if not of.bears_on(request.action):
        return decision
    denial = _find(of, "Deny", request)
    allows = Known(True, request.account.at) if of.only_denies else _find(of, "Allow", request).answer
    if denial.by is not None or is_no(allows):
        return Denied(denial.by, f"denied by {of.title}", of.title)
    doubt = next((each for each in (denial.answer, allows) if isinstance(each, Unknown)), None)
    return decision if doubt is None else Undetermined(doubt)


def _within(request: Request, policies: Policies) -> Decision:
    """Return what the policies say of the request, guardrails aside."""
    denials = list(_denials(request, policies))
    for found in denials:
        if found.by is not None:
            return Denied(found.by, "a Deny statement applies")
    limits = [_limited(each, request) for each in (policies.boundary, policies.session) if each is not None]
    grant, outright = _granted(request, policies), _granted_outright(request, policies)
    within = _Found(every((grant.answer, *limits), request.account.at), grant.by)
    given = _either(outright, within, request)
    if is_no(given.answer):
        bare = is_no(grant.answer) and is_no(outright.answer)
        return Denied(None, _ungranted(request, policies) if bare else _BEYOND)
    doubt = next((each.answer for each in (*denials, given) if isinstance(each.answer, Unknown)), None)
    if doubt is not None:
        return Undetermined(doubt)
    if given.by is None:
        return Undetermined(Unknown(Why.UNSUPPORTED, request.account.at, "which statement allows it"))
    return Allowed(given.by, _unless(policies), request, policies=policies)


def without_value(request: Request, identity: Inventory[Statement]) -> tuple[str, ...]:
    """Return the variables of statements about the action that the caller has no value for: they grant nothing."""
    about = (statement for statement, _ in speaking(identity.items, "Allow", request.action))
    return tuple(dict.fromkeys(name for each in about for name in unfilled(each.resources, request)))


def _ungranted(request: Request, policies: Policies) -> str:
    named = ", ".join(without_value(request, policies.identity))
    return f"no statement allows it ({named} has no value for the caller)" if named else "no statement allows it"


_BEYOND = "a permissions boundary does not allow it"


def _denials(request: Request, policies: Policies) -> Iterator[_Found]:
    """Yield whether each policy denies it, guardrails aside."""
    for each in (policies.identity, policies.boundary, policies.session):
        if each is not None:
            yield _find(_read(each), "Deny", request)
    if policies.resource is not None:
        bounded = _is_bounded(request, policies)
        yield _find(
            _read(policies.resource), "Deny", request, of=lambda statement: denies_caller(statement, request, bounded)
        )


def _read(policy: Inventory[Statement]) -> Inventory[Statement]:
    """Return the statements that were read: those that were not are no doubt of these."""
    return Inventory(policy.items)


def _is_bounded(request: Request, policies: Policies) -> Answer:
    """Say whether the caller has a permissions boundary."""
    boundary = policies.boundary
    if boundary is not None and boundary.gap is not None and not boundary.items:
        return unanswered(boundary.gap)
    return Known(boundary is not None, request.account.at)


def _limited(limit: Inventory[Statement], request: Request) -> Answer:
    """Say whether a boundary or session policy lets a grant stand; what was not read of it may deny."""
    unread = () if limit.gap is None else (unanswered(limit.gap),)
    return every((_find(limit, "Allow", request).answer, *unread), request.account.at)


def _unless(policies: Policies) -> Unknown | None:
    """Say which policies that may grant were not read, and so may deny; of a boundary that a grant passed by, too."""
    read = (policies.identity, policies.resource, policies.boundary, policies.session)
    return next((unanswered(each.gap) for each in read if each is not None and each.gap is not None), None)


def _granted(request: Request, policies: Policies) -> _Found:
    """Say whether the identity's policies grant it, or the resource's own does, as it must to another account."""
    own = _find(policies.identity, "Allow", request)
    if policies.resource is None:
        return own
    direct = _find(policies.resource, "Allow", request, of=lambda statement: allows_caller(statement, request))
    if not policies.key_policy and not is_of_another_account(request):
        return _either(own, direct, request)
    delegated = _find(policies.resource, "Allow", request, of=lambda statement: leaves_to_account(statement, request))
    through = _Found(every((delegated.answer, own.answer), request.account.at), own.by)
    return _either(direct, through, request)


def _granted_outright(request: Request, policies: Policies) -> _Found:
    """Say whether the resource's policy grants it whatever a boundary or session policy leaves out."""
    is_limited = policies.boundary is not None or policies.session is not None
    if policies.resource is None or not is_limited or is_of_another_account(request):
        return _Found(Known(False, request.account.at))
    return _find(
        policies.resource, "Allow", request, of=lambda statement: allows_caller(statement, request, outright=True)
    )


def _either(one: _Found, other: _Found, request: Request) -> _Found:
    for each in (one, other):
        if is_yes(each.answer):
            return each
    return _Found(some((one.answer, other.answer), request.account.at))


def _find(
    policy: Inventory[Statement], effect: str, request: Request, *, of: Callable[[Statement], Answer] | None = None
) -> _Found:
    """Look for a statement of this effect that matches; a gap leaves a "no" open.

    `of` says whether a statement of a resource's policy speaks of the caller.
    """
    doubt: Unknown | None = None if policy.gap is None else unanswered(policy.gap)
    for statement, speaks in speaking(policy.items, effect, request.action):
        match every(chain((speaks,), _matching(statement, request, of)), statement.at):
            case Known(flag, at):
                if flag:
                    return _Found(Known(True, at), statement)
            case Unknown() as gap:
                doubt = gap if doubt is None else doubt
    return _Found(Known(False, request.account.at) if doubt is None else doubt)


def _matching(statement: Statement, request: Request, of: Callable[[Statement], Answer] | None) -> Iterator[Answer]:
    """Yield what else must hold for a statement to match that speaks of the action, the cheapest first."""
    yield _concerns(statement, request)
    if of is not None:
        yield of(statement)
    yield conditions_hold(statement, request)


def concerns(statement: Statement, request: Request) -> Answer:
    """Say whether the statement is about the action and resource of the request, its effect and conditions aside."""
    return every((applies_to(statement, request.action), _concerns(statement, request)), statement.at)


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
