"""boto3 clients of one account and Region: made once, with time limits and retries, shared by threads."""

import json
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, TypeVar

from ssm_hardening import __version__
from ssm_hardening.core.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsTarget:
    """One account and Region. Plain values only: it travels to other processes and machines.

    `profile` is AWS's; `role_arn` is assumed from there, with `external_id` where the role asks for one, by the STS of
    `home` (the target's own Region where None). Targets of one `run` share what a session costs, a role's
    credentials among it. `account` is the id where it is known beforehand, for reports on accounts that cannot be
    reached.
    """

    region: str
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    account: str | None = None
    home: str | None = None
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedStores:
    """What to read beside what the documents name: stores that the user means to record into."""

    log_buckets: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()


CONCURRENT = 10
"""How many calls of one account and Region are under way at once."""

_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_ATTEMPTS = 6


class MalformedAnswerError(Exception):
    """AWS's answer is no JSON, though it says so: botocore would take it for an empty one."""


_MAKING = threading.Lock()
"""Held while a session or client is made: the models are parsed once for all, and a role is assumed once for a run."""


class Clients:
    """The clients of a target. Making one is not safe in threads, so a lock guards it; using one is.

    Raises UsageError where there is no such profile.
    """

    def __init__(self, target: AwsTarget) -> None:
        self.target = target
        with _MAKING:
            self._session = _session(target)
        self._made: dict[tuple[str, str], Any] = {}

    def of(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, in the target's Region where no other is named."""
        where = region or self.target.region
        with _MAKING:
            if (service, where) not in self._made:
                self._made[service, where] = self._session.client(service, region_name=where, config=_config())
            return self._made[service, where]


@cache
def _config() -> Any:
    from botocore.config import Config

    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "adaptive", "max_attempts": _ATTEMPTS},
        max_pool_connections=CONCURRENT,
        user_agent_appid=f"ssm-harden-{__version__}",
    )


@cache
def _loader() -> Any:
    """Return one loader of service models for all sessions: parsing them is most of what a client costs."""
    from botocore.loaders import create_loader

    return create_loader()


def shipped_regions() -> frozenset[str]:
    """Return the Regions of every partition that botocore knows."""
    partitions = _loader().load_data("partitions")["partitions"]
    return frozenset(name for each in partitions for name in each["regions"] if not name.endswith("-global"))


def _session(target: AwsTarget) -> Any:
    """Return the session of a target, shared by all Regions of a run. Raises UsageError."""
    asked = (target.profile, target.role_arn, target.external_id, target.home or target.region)
    return _shared_session(*asked, target.run) if target.run else _new_session(*asked)


@lru_cache(maxsize=256)
def _shared_session(profile: str | None, role_arn: str | None, external_id: str | None, home: str, _run: str) -> Any:
    return _new_session(profile, role_arn, external_id, home)


def _new_session(profile: str | None, role_arn: str | None, external_id: str | None, home: str) -> Any:
    own = plain_session(profile, home)
    return own if role_arn is None else _assuming(own, role_arn, external_id, home)


def plain_session(profile: str | None, region: str | None) -> Any:
    """Return a session with the user's own credentials. Raises UsageError where there is no such profile."""
    import boto3
    import botocore.session
    from botocore.exceptions import ProfileNotFound

    core = _prepared(botocore.session.Session(profile=profile))
    try:
        return boto3.Session(botocore_session=core, region_name=region)
    except ProfileNotFound as error:
        raise UsageError(str(error), hint="list the profiles with `aws configure list-profiles`") from error


def _assuming(own: Any, role_arn: str, external_id: str | None, home: str) -> Any:
    """Return a session with credentials of the role, assumed when they are first needed and renewed when they end."""
    import boto3
    import botocore.session
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    extra = {"RoleSessionName": "ssm-harden"} | ({"ExternalId": external_id} if external_id else {})
    fetcher = AssumeRoleCredentialFetcher(
        # Told nothing, the fetcher asks the global STS; a Region's own answers where that one is out of reach.
        client_creator=lambda service, **options: own.client(service, region_name=home, config=_config(), **options),
        source_credentials=own.get_credentials(),
        role_arn=role_arn,
        extra_args=extra,
    )
    core = _prepared(botocore.session.Session())
    core._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")  # noqa: SLF001 - botocore offers no public way to hand it renewable credentials
    return boto3.Session(botocore_session=core, region_name=home)


def _prepared(core: Any) -> Any:
    core.register_component("data_loader", _loader())
    core.register("response-received", _refuse_malformed)
    return core


def _refuse_malformed(
    response_dict: dict[str, Any] | None = None, parsed_response: dict[str, Any] | None = None, **_event: object
) -> None:
    """Raise MalformedAnswerError where a whole answer is no JSON: an empty list is not what it says.

    What botocore found something in, or what is XML, it has read itself.
    """
    answer = response_dict or {}
    kind = str(answer.get("headers", {}).get("content-type", ""))
    body = answer.get("body")
    if not isinstance(body, bytes) or not body:
        return
    if "json" not in kind and ((parsed_response or {}).keys() - {"ResponseMetadata"} or body.lstrip().startswith(b"<")):
        return
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswerError(str(error)) from error


R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class AccountAnswers:
    """What is the same for all pictures of an account: each question is asked once.

    `home` is the Region that is asked what belongs to no Region.
    """

    home: str
    _given: dict[Hashable, Future[Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def once(self, question: Hashable, ask: Callable[[], R]) -> R:
        """Return the answer. Whoever has the same question while it is being asked waits."""
        with self._lock:
            is_first = question not in self._given
            answer: Future[R] = self._given.setdefault(question, Future())
        if is_first:
            try:
                answer.set_result(ask())
            except BaseException as error:
                answer.set_exception(error)
                raise
        return answer.result()
