"""The service and resource control policies of an organization, as they bear on what is asked of the account.

Service control policies (SCPs) bind the principals of the account, resource control policies (RCPs) whoever asks for
its resources; neither binds service-linked roles. One of which a part was not read denies what the rest of it denies:
a grant stays one beside a policy that nobody read, and the report says once that there may be more.
Source: AWS Organizations User Guide, "SCP evaluation" and "Resource control policies".
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ssm_hardening.core.logic import is_yes, known_or, literal, text_of
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.values import Absent, Inventory, Known
from ssm_hardening.iam.analysis import applies_to, has_effect, is_unconditional
from ssm_hardening.iam.guardrails import Guardrail
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members
from ssm_hardening.model import Account, ControlPolicy, Group, Role, User

SERVICE, RESOURCE = "service", "resource"
"""The kinds of control policies."""

_ANYTHING = "unnamed:Anything"
_ORGANIZATION = re.compile(r"^arn:[^:]*:organizations::\d{12}:policy/(o-[a-z0-9]+)/")
_SERVICE_LINKED = "/aws-service-role/"


def guardrails_for(who: Role | User | Group, account: Account) -> tuple[Guardrail, ...]:
    """Return the control policies that bear on what a principal of the account asks of the account."""
    if isinstance(who, Role) and _is_service_linked(who):
        return ()
    of_principals, of_resources = _sorted_out(account.guardrails)
    return (*of_principals, *of_resources)


def guardrails_of_resources(account: Account) -> tuple[Guardrail, ...]:
    """Return the control policies that bear on what anybody asks of the resources of the account."""
    return _sorted_out(account.guardrails)[1]


def beside_guardrails(statements: Inventory[Statement], account: Account) -> Inventory[Statement]:
    """Return the policy of a resource with what the resource control policies of the account take from it."""
    denials = tuple(each for limit in guardrails_of_resources(account) for each in limit)
    return Inventory((*statements.items, *denials), statements.gap) if denials else statements


def organization_of(account: Account) -> str | None:
    """Return the ID of the account's organization, as the ARNs of its control policies tell it."""
    found = (_ORGANIZATION.search(each.address) for each in account.guardrails)
    return next((each[1] for each in found if each is not None), None)


def limits_anything(account: Account) -> bool:
    """Say whether any control policy that was read denies something."""
    return any(_sorted_out(account.guardrails))


def apart(account: Account) -> dict[str, tuple[ControlPolicy, ...]]:
    """Return what denies something, by its name: the Deny statements of a policy, or all that a level allows."""
    found: dict[str, tuple[ControlPolicy, ...]] = {}
    for policy in account.guardrails:
        if denials := _denying(policy):
            title = title_of_policy(policy)
            alone = replace(policy, level=Absent(policy.origin), statements=Inventory(denials))
            found[title] = (*found.get(title, ()), alone)
    if account.guardrails.gap is None:
        for title, attached in _limiting_levels(account.guardrails.items):
            found[title] = tuple(replace(each, statements=Inventory(tuple(_allowing([each])))) for each in attached)
    return found


def bound_only_by(account: Account, alone: Iterable[ControlPolicy] = ()) -> Account:
    """Return the account as if these control policies bound it, and no other; its organization stays known."""
    idle = (replace(each, level=Absent(each.origin), statements=Inventory()) for each in account.guardrails)
    return replace(account, guardrails=Inventory((*alone, *idle)))


def _is_service_linked(role: Role) -> bool:
    return known_or(text_of(role.path), "").startswith(_SERVICE_LINKED) or f":role{_SERVICE_LINKED}" in role.address


def _sort(found: Inventory[ControlPolicy]) -> tuple[tuple[Guardrail, ...], tuple[Guardrail, ...]]:
    """Return the guardrails of principals, and those of resources."""
    kinds = {kind: [each for each in found if literal(each.kind) == kind] for kind in (SERVICE, RESOURCE)}
    levels = _whole_levels(kinds[SERVICE]) if found.gap is None else ()
    service = (*_denials(kinds[SERVICE]), *levels)
    # The one RCP that allows anything, RCPFullAWSAccess, allows everything and is always attached.
    return service, tuple(_denials(kinds[RESOURCE], of_resources=True))


_sorted_out: Memory[[Inventory[ControlPolicy]], tuple[tuple[Guardrail, ...], tuple[Guardrail, ...]]]
_sorted_out = Memory(_sort, most=64)


def _denials(policies: Sequence[ControlPolicy], *, of_resources: bool = False) -> Iterator[Guardrail]:
    for policy in policies:
        if denials := _denying(policy):
            yield Guardrail(denials, title=title_of_policy(policy), only_denies=True, of_resources=of_resources)


def _denying(policy: ControlPolicy) -> tuple[Statement, ...]:
    return tuple(each for each in policy.statements if not is_yes(has_effect(each, "Allow")))


def _allowing(policies: Iterable[ControlPolicy]) -> Iterator[Statement]:
    return (each for policy in policies for each in policy.statements if not is_yes(has_effect(each, "Deny")))


def _whole_levels(policies: Sequence[ControlPolicy]) -> Iterator[Guardrail]:
    """Yield what each level allows, where it is known as a whole, and is less than everything."""
    for title, attached in _limiting_levels(policies):
        yield Guardrail(tuple(_allowing(attached)), title=title)


def _limiting_levels(policies: Iterable[ControlPolicy]) -> Iterator[tuple[str, list[ControlPolicy]]]:
    levels: dict[str, list[ControlPolicy]] = {}
    for policy in policies:
        if literal(policy.kind) == SERVICE and not isinstance(policy.level, Absent):
            levels.setdefault(known_or(text_of(policy.level), ""), []).append(policy)
    for level, attached in levels.items():
        is_whole = all(policy.statements.gap is None for policy in attached)
        if level and is_whole and not any(map(_allows_everything, _allowing(attached))):
            yield f"the service control policies of {level}", attached


def _allows_everything(statement: Statement) -> bool:
    on_all = any(isinstance(each, Known) and each.value == "*" for each in members(statement.resources))
    on_all = on_all and is_yes(has_effect(statement, "Allow"))
    return on_all and is_yes(applies_to(statement, _ANYTHING)) and is_yes(is_unconditional(statement))


def title_of_policy(policy: ControlPolicy) -> str:
    """Return what a person would call a control policy: `service control policy DenyRegions`."""
    kind = known_or(text_of(policy.kind), SERVICE)
    return f"the {kind} control policy {known_or(text_of(policy.name), policy.address)}"
