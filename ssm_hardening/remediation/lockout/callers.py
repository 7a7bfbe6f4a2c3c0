"""Who opens sessions, and what their policies surely lack today; an organization's guardrails are not read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.access.people import Person, people, person_of
from ssm_hardening.access.requests import START
from ssm_hardening.iam.analysis import applies_to, has_effect
from ssm_hardening.iam.decisions import Decision, Denied, Undetermined
from ssm_hardening.iam.logic import is_yes
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account
from ssm_hardening.remediation.lockout.proposal import there
from ssm_hardening.values import Known

Asking: TypeAlias = Callable[[Person], Decision]


@dataclass(frozen=True, slots=True)
class Standing:
    """Those who surely lack a right, those of whom it cannot be told, and why not (of the first)."""

    lacking: tuple[Person, ...]
    doubtful: tuple[Person, ...]
    why: str = ""


def callers(account: Account) -> list[Person]:
    """Return the people who have a statement that lets them start sessions, on whatever node."""
    return [each for each in people(account) if any(grants_sessions(one) for one in each.policies.identity)]


def grants_sessions(statement: Statement) -> bool:
    """Say whether a statement surely allows ssm:StartSession on something."""
    return is_yes(has_effect(statement, "Allow")) and is_yes(applies_to(statement, START))


def node_roles(account: Account) -> list[Person]:
    """Return the roles of nodes as callers of AWS."""
    return [
        person_of(each) for each in there(account.roles) if isinstance(each.kind, Known) and each.kind.value == "node"
    ]


def standing(persons: Sequence[Person], ask: Asking) -> Standing:
    """Sort people by what their policies say of a request; those who have the right are left out."""
    answers = [(each, ask(each)) for each in persons]
    reasons = (each.why.detail for _, each in answers if isinstance(each, Undetermined))
    return Standing(
        tuple(each for each, answer in answers if isinstance(answer, Denied)),
        tuple(each for each, answer in answers if isinstance(answer, Undetermined)),
        next(reasons, ""),
    )
