"""What a statement says of actions, sorted by service once: the same statement is asked of hundreds of them."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ssm_hardening.core.errors import UsageError, did_you_mean
from ssm_hardening.core.logic import Answer, negated, some, unanswered
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.values import Absent, Items, Known, Unknown, Value
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import matches, members


def service_of(action: str) -> str:
    """Return the service of an action, with the colon (`s3:`); empty where it has none."""
    return action[: action.find(":") + 1].casefold()


class _Actions:
    """The actions of a list, by service: AWS's own policies list thousands, and an action is asked of many."""

    def __init__(self, value: Value[Items]) -> None:
        self._all = tuple(members(value))
        self._by_service: dict[str, list[int]] = {}
        self._anywhere: list[int] = []
        for number, item in enumerate(self._all):
            service = _only_service(item)
            (self._anywhere if service is None else self._by_service.setdefault(service, [])).append(number)

    def near(self, service: str) -> Iterator[Known[Any] | Unknown]:
        """Yield, in order, what may name an action of the service; of a name without one, everything may."""
        if not service:
            return iter(self._all)
        own = self._by_service.get(service, [])
        return (self._all[number] for number in sorted((*own, *self._anywhere)))

    def names(self, service: str) -> bool:
        """Say whether an action of the service may be among them."""
        return not service or bool(self._anywhere) or service in self._by_service


def _only_service(item: Known[Any] | Unknown) -> str | None:
    """Return the service (`s3:`) of which alone a pattern names actions; None where it may name those of others."""
    if not (isinstance(item, Known) and isinstance(item.value, str)):
        return None
    service = item.value[: item.value.find(":") + 1]
    if not service.isascii() or "*" in service or "?" in service:
        return None
    # Without a colon, it is a name alone, or wildcards that may stand for one.
    return service.casefold() if service or not set(item.value) & {"*", "?"} else None


class ReadActions:
    """What a statement says of actions, worked out once for each: all principals and resources ask it again."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._actions = _Actions(statement.actions)
        self._excepted = _Actions(statement.not_actions)
        self._answers: dict[str, Answer] = {}

    def applies(self, action: str) -> Answer:
        """Say whether the actions include this one."""
        found = self._answers.get(action)
        if found is None:
            service = service_of(action)
            if not self.may_be_of(service):
                return Known(False, self._statement.at)
            found = self._answers[action] = self._apply(action, service)
        return found

    def may_be_of(self, service: str) -> bool:
        """Say whether an action of the service (`s3:`) may be among them."""
        return isinstance(self._statement.actions, Absent) or self._actions.names(service)

    def _apply(self, action: str, service: str) -> Answer:
        statement = self._statement
        match statement.actions, statement.not_actions:
            case Absent(), Known(_, at):
                excepted = (matches(each, action, any_case=True) for each in self._excepted.near(service))
                return negated(some(excepted, at))
            case Absent(), Unknown() as gap:
                return unanswered(gap)
            case _:
                listed = (matches(each, action, any_case=True) for each in self._actions.near(service))
                return some(listed, statement.at)


reading: Memory[[Statement], ReadActions] = Memory(ReadActions, most=8_192)
"""From a statement to what it says of actions."""


_ACTION = re.compile(r"[a-zA-Z0-9-]+:[a-zA-Z0-9]+")


def demand_action(action: str) -> None:
    """Raise UsageError for what is no action of a service that AWS has."""
    if _ACTION.fullmatch(action) is None:
        raise UsageError(f"{action} is not an action", hint="use SERVICE:ACTION, such as ssm:StartSession")
    service, known = service_of(action).removesuffix(":"), service_prefixes()
    if service not in known:
        hint = did_you_mean(service, known, otherwise="use the prefix that policies use, such as ssm, ec2, or iam")
        raise UsageError(f"{service} is not the prefix of a service", hint=hint)


@cache
def service_prefixes() -> frozenset[str]:
    """Return the prefixes of the services whose actions occur in policies, as of the day that the data names."""
    return frozenset(json.loads(_PREFIXES.read_text(encoding="utf-8"))["prefixes"])


_PREFIXES = Path(__file__).parent / "data" / "service_prefixes.json"
