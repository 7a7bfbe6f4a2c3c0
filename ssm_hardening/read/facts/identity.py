"""Which provider configurations of a root lead to the same AWS account, as far as code tells."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ssm_hardening.core.logic import known_or, literal
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Items, Known, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.iam.texts import gap_in
from ssm_hardening.read.converting import same
from ssm_hardening.read.facts.arguments import argument_text
from ssm_hardening.read.graph import Root

DEFAULT_PROVIDER = "aws"

_CREDENTIALS = (
    "assume_role.role_arn",
    "assume_role_with_web_identity.role_arn",
    "profile",
    "access_key",
    "endpoints.sts",
    "endpoints.iam",
)
"""Arguments of which another value means other credentials, or another service, and so another account."""

_ROLES = _CREDENTIALS[:2]
_OF_ROLE = re.compile(r"arn:[^:]*:iam::(\d{12}):role/")


@dataclass(frozen=True, slots=True)
class _Configuration:
    """What tells whose account a provider configuration leads to: a number, or how it signs in."""

    name: str
    number: str
    allowed: frozenset[str]
    partition: str
    credentials: tuple[Value[Text], ...]


class Owners:
    """Whose AWS account each provider configuration leads to; those that were asked for first stand for the others."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._first: list[_Configuration] = []
        self._known: dict[str, Value[Text]] = {}
        self.of(DEFAULT_PROVIDER)

    def of(self, provider: str) -> Value[Text]:
        """Return the configuration that stands for the same AWS account.

        Where it cannot be told, an unknown whose branch is the one that may be of the same account.
        """
        if provider not in self._known:
            self._known[provider] = self._found(_configuration(self._root, provider))
        return self._known[provider]

    def name(self, provider: str) -> str:
        """Return the name of that configuration, a possible one included."""
        match self.of(provider):
            case Known(str() as name) | Unknown(one_of=(Known(str() as name),)):
                return name
            case _:
                return provider

    def _found(self, config: _Configuration) -> Value[Text]:
        answers = [(each, _is_same(config, each)) for each in self._first]
        sure = next((each for each, answer in answers if answer is True), None)
        perhaps = next(((each, why) for each, why in answers if isinstance(why, Unknown)), None)
        if sure is None and perhaps is not None:
            return _in_doubt(config.name, *perhaps)
        if sure is None:
            self._first.append(config)
        return Known(config.name if sure is None else sure.name, CodeOrigin(self._root.path, 0))


def _in_doubt(provider: str, other: _Configuration, why: Unknown) -> Unknown:
    detail = f"whether provider {provider} leads to the same AWS account as provider {other.name}: {why.detail}"
    return Unknown(why.why, why.at, detail, (Known(other.name, why.at),))


def _configuration(root: Root, provider: str) -> _Configuration:
    credentials = tuple(argument_text(root.provider_argument(provider, name), name) for name in _CREDENTIALS)
    listed = known_or(root.provider_argument(provider, "allowed_account_ids"), None)
    ids = _texts(listed) if isinstance(listed, Items) else frozenset()
    region = argument_text(root.provider_argument(provider, "region"), "region")
    return _Configuration(
        name=provider,
        number=next(iter(ids)) if len(ids) == 1 else _number(credentials),
        allowed=ids,
        partition="" if literal(region) is None else partition_of(region),
        credentials=credentials,
    )


def _texts(listed: Items) -> frozenset[str]:
    """Return the members of a list; none unless all of them are known."""
    found = [each.value for each in listed.items if isinstance(each, Known) and isinstance(each.value, str)]
    return frozenset(found) if listed.rest is None and len(found) == len(listed.items) else frozenset()


def _number(credentials: Iterable[Value[Text]]) -> str:
    """Return the account of a role that is assumed."""
    for _, value in zip(_ROLES, credentials, strict=False):
        role = _OF_ROLE.match(literal(value) or "")
        if role is not None:
            return role[1]
    return ""


def _is_same(one: _Configuration, other: _Configuration) -> bool | Unknown:
    if one.partition and other.partition and one.partition != other.partition:
        return False
    if one.number and other.number:
        return one.number == other.number
    if one.allowed and other.allowed and not one.allowed & other.allowed:
        return False
    doubt: Unknown | None = None
    for mine, theirs in zip(one.credentials, other.credentials, strict=True):
        answer = _agree(mine, theirs)
        if answer is False:
            return False
        doubt = answer if doubt is None and isinstance(answer, Unknown) else doubt
    return True if doubt is None else doubt


def _agree(mine: Value[Text], theirs: Value[Text]) -> bool | Unknown:
    if same(mine, theirs) or _is_same_input(mine, theirs):
        return True
    return next(_untold(mine, theirs), False)


def _untold(*values: Value[Text]) -> Iterator[Unknown]:
    for value in values:
        match value:
            case Unknown():
                yield replace(value, one_of=())
            case Known(Reference() | Template() as text, at):
                yield gap_in(text, at)
            case _:
                continue


def _is_same_input(mine: Value[Text], theirs: Value[Text]) -> bool:
    """Say whether both are the same variable that nobody gave."""
    match mine, theirs:
        case Unknown(Why.UNRESOLVED_INPUT, _, one), Unknown(Why.UNRESOLVED_INPUT, _, other):
            return one == other
        case _:
            return False
