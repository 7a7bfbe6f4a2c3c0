"""Asking AWS: an answer is data with its origin, known to be missing, or a gap that names the call and the reason."""

import json
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Unknown, Why
from ssm_hardening.read.live.calls import ASSUME_ROLE, ApiCall
from ssm_hardening.read.live.clients import CONCURRENT, AccountAnswers, Clients, MalformedAnswerError

T = TypeVar("T")
R = TypeVar("R")
N = TypeVar("N", "Reply", Unknown | None)

Data: TypeAlias = Mapping[str, Any]

_THROTTLED = frozenset({
    "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
    "RequestThrottled", "RequestThrottledException", "SlowDown", "LimitExceededException", "BandwidthLimitExceeded",
})  # fmt: skip
_NOT_ENABLED = frozenset({
    "UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "OptInRequired", "InvalidAccessKeyId",
})  # fmt: skip
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_DENIED = frozenset({
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "AuthorizationError",
    "AuthorizationErrorException", "NotAuthorized", "Forbidden", "403",
})  # fmt: skip
_FORBIDDEN = 403
_CLOSED = "the Region is not enabled for this account, or the access keys are not valid"

_GLOBAL = frozenset({"iam", "organizations"})
"""Services with one endpoint for all Regions."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What AWS said, as boto3 returns it."""

    data: Data
    at: ApiOrigin


@dataclass(frozen=True, slots=True)
class Missing:
    """AWS said that there is no such thing."""

    at: ApiOrigin


Reply: TypeAlias = Answered | Missing | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInRegion:
    """Whose account is read, and in which Region."""

    account: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, resource: str, *, region: bool = True, account: bool = True) -> str:
        """Return the ARN of a resource of this account and Region."""
        where, whose = self.region if region else "", self.account if account else ""
        return f"arn:{self.partition}:{service}:{where}:{whose}:{resource}"

    @property
    def root(self) -> str:
        """The account's own ARN, where no object is in question."""
        return self.arn("iam", "root", region=False)


@dataclass(frozen=True, slots=True)
class AwsApi:
    """Calls AWS for one picture. At most CONCURRENT calls are under way; `watch` hears of each one that ended.

    Pictures of an account have in common what global services answer, and each call whose Region is named: that is
    asked through `answers`. `refused` gathers every call that was not answered.
    """

    clients: Clients
    who: AccountInRegion
    watch: Callable[[ApiCall], None] = lambda _call: None
    answers: AccountAnswers | None = None
    refused: list[Unknown] = field(default_factory=list)
    _gate: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(CONCURRENT))

    @property
    def home(self) -> str:
        """The Region that is asked what belongs to no Region."""
        return self.who.region if self.answers is None else self.answers.home

    def ask(
        self,
        call: ApiCall,
        arn: str,
        parameters: Data | None = None,
        *,
        missing: Iterable[str] = (),
        region: str | None = None,
    ) -> Reply:
        """Make one call about the object `arn`. `missing` are the error codes that mean that there is none.

        `region` names the Region to ask where that is the same for every picture of the account.
        """
        at = call.at(arn)

        def once() -> Reply:
            told = self._guarded(lambda: self._called(call, parameters, region), call, at, frozenset(missing))
            self.watch(call)
            return told if isinstance(told, Unknown | Missing) else Answered(told, at)

        return self._noted(self._once(once, call, region, arn, _plain(parameters), tuple(missing)))

    def _called(self, call: ApiCall, parameters: Data | None, region: str | None) -> Data:
        answer: Data = getattr(self.clients.of(call.service, region), _method(call))(**(parameters or {}))
        return answer

    def _once(self, ask: Callable[[], R], call: ApiCall, region: str | None, *question: Hashable) -> R:
        if self.answers is None or (region is None and call.service not in _GLOBAL):
            return ask()
        return self.answers.once((call, region, *question), ask)

    def all(  # noqa: PLR0913 - what is asked, and how far
        self,
        call: ApiCall,
        key: str,
        arn: str,
        parameters: Data | None = None,
        *,
        missing: Iterable[str] = (),
        most: int | None = None,
        region: str | None = None,
    ) -> Inventory[Any]:
        """Return the members of `key` on every page; the gap says where the pages stopped short of the end.

        `most` bounds how many are read. An error code among `missing` means that there are none. `region` as for `ask`.
        """

        def once() -> Inventory[Any]:
            pages = self._pages(call, parameters or {}, call.at(arn), region)
            return self._read(
                pages, call, call.at(arn), lambda page: page.get(key) or (), missing=frozenset(missing), most=most
            )

        found = self._once(once, call, region, key, arn, _plain(parameters), tuple(missing), most)
        self._noted(found.gap)
        return found

    def pages(self, call: ApiCall, arn: str, parameters: Data) -> Inventory[Data]:
        """Return every page as it is; the gap says where they stopped short of the end."""
        at = call.at(arn)
        found = self._read(self._pages(call, parameters, at, None), call, at, lambda page: (page,))
        self._noted(found.gap)
        return found

    def _read(  # noqa: PLR0913 - what is asked, and how far
        self,
        pages: Iterator[Data] | Missing | Unknown,
        call: ApiCall,
        at: ApiOrigin,
        held: Callable[[Data], Iterable[Any]],
        *,
        missing: frozenset[str] = frozenset(),
        most: int | None = None,
    ) -> Inventory[Any]:
        """Return what the pages hold, one after the other."""
        found: list[Any] = []
        if isinstance(pages, Missing | Unknown):
            return Inventory((), pages if isinstance(pages, Unknown) else None)
        while most is None or len(found) < most:
            page = self._guarded(lambda: next(pages, None), call, at, missing)
            if page is not None:  # the end takes no call
                self.watch(call)
            match page:
                case None | Missing():
                    return Inventory(tuple(found))
                case Unknown():
                    return Inventory(tuple(found), page)
                case _:
                    found += held(page)
        return Inventory(
            tuple(found[:most]), Unknown(Why.OUT_OF_SCOPE, at, f"{call}: only the first {most:,} were read")
        )

    def _pages(
        self, call: ApiCall, parameters: Data, at: ApiOrigin, region: str | None
    ) -> Iterator[Data] | Missing | Unknown:
        def start() -> Iterator[Data]:
            client, method = self.clients.of(call.service, region), _method(call)
            if client.can_paginate(method):
                return iter(client.get_paginator(method).paginate(**parameters))
            return _by_token(getattr(client, method), parameters)

        return self._guarded(start, call, at, frozenset())

    def _guarded(
        self, action: Callable[[], R], call: ApiCall, at: ApiOrigin, missing: frozenset[str]
    ) -> R | Missing | Unknown:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            with self._gate:
                return action()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if error.operation_name == ASSUME_ROLE.operation:
                return _refusal(ASSUME_ROLE, ASSUME_ROLE.at(at.arn), code, error)
            return Missing(at) if code in missing else _refusal(call, at, code, error)
        except (ResponseParserError, MalformedAnswerError) as error:
            reason = f"{call}: the response cannot be read ({type(error).__name__})"
            return Unknown(Why.UNPARSEABLE, at, reason)
        except BotoCoreError as error:
            return _silence(call, at, error)

    def _noted(self, told: N) -> N:
        """Keep a refusal; that something was left out of scope is none."""
        if isinstance(told, Unknown) and told.why is not Why.OUT_OF_SCOPE:
            self.refused.append(told)
        return told

    def each(self, read: Callable[[T], R], things: Sequence[T]) -> tuple[R, ...]:
        """Read several things at once, in their order."""
        if len(things) <= 1:  # one needs no threads
            return tuple(read(thing) for thing in things)
        with ThreadPoolExecutor(max_workers=min(CONCURRENT, len(things))) as pool:
            return tuple(pool.map(read, things))


def _by_token(ask: Callable[..., Data], parameters: Data) -> Iterator[Data]:
    """Yield the pages of an operation that boto3 has no paginator for."""
    page = ask(**parameters)
    yield page
    while page.get("NextToken"):
        page = ask(**parameters, NextToken=page["NextToken"])
        yield page


def _plain(parameters: Data | None) -> str:
    """Return parameters as a text that equal ones have in common."""
    return json.dumps(parameters or {}, sort_keys=True)


def _method(call: ApiCall) -> str:
    from botocore import xform_name

    name: str = xform_name(call.operation)
    return name


def _refusal(call: ApiCall, at: ApiOrigin, code: str, error: Any) -> Unknown:
    """Say why a call that reached AWS was not answered."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    said = f"{call}: {code}"
    if code in _THROTTLED:
        return Unknown(Why.UNAVAILABLE, at, f"{said}: throttled on every attempt")
    if code in _NOT_ENABLED:
        return Unknown(Why.UNAVAILABLE, at, f"{said}: {_CLOSED}")
    if code in _EXPIRED:
        return Unknown(Why.UNAVAILABLE, at, f"{said}: the credentials have expired")
    if code in _DENIED or status == _FORBIDDEN:
        return Unknown(Why.DENIED, at, said)
    message = str(error.response.get("Error", {}).get("Message", ""))
    return Unknown(Why.UNAVAILABLE, at, f"{said}: {message[:200]}")


def is_closed(gap: Unknown) -> bool:
    """Say whether a call was refused because the Region is not enabled, or the keys are not valid."""
    return gap.detail.endswith(_CLOSED)


def _silence(call: ApiCall, at: ApiOrigin, error: Exception) -> Unknown:
    """Say why a call was not answered at all, or not in a form that can be read."""
    from botocore import exceptions

    kind = type(error).__name__
    if isinstance(error, exceptions.ParamValidationError | exceptions.UnknownParameterError):
        raise error  # a fault of ours
    if isinstance(error, exceptions.EndpointConnectionError):
        return Unknown(
            Why.UNAVAILABLE,
            at,
            f"{call}: the endpoint cannot be reached; the service or Region may not exist in this partition",
        )
    return Unknown(Why.UNAVAILABLE, at, f"{call}: {kind}")
