"""How far a reading reaches: which accounts and Regions, by which roles; one picture of each."""

import os
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.values import Known, Unknown, Why
from ssm_hardening.model import Account
from ssm_hardening.read.live.answers import Description
from ssm_hardening.read.live.asking import AccountInRegion, AwsApi
from ssm_hardening.read.live.callers import check_regions, failed_account, nobody, unread_account, whose
from ssm_hardening.read.live.calls import DESCRIBE_REGIONS, LIST_ACCOUNTS, ApiCall
from ssm_hardening.read.live.clients import AccountAnswers, AwsTarget, Clients, WantedStores, plain_session
from ssm_hardening.read.live.picture import read_regions

PICTURES = 8
"""How many accounts and Regions are read at once in threads; each one asks several things at once."""

_CONNECT_SECONDS = 10


@contextmanager
def executor_of(named: str) -> Iterator[Executor]:
    """Give the executor that `threads` or `dask=ADDRESS` names. Leaving early drops what has not started.

    Raises UsageError.
    """
    kind, _, address = named.partition("=")
    match kind, address:
        case "threads", "":
            pool = ThreadPoolExecutor(max_workers=PICTURES)
            try:
                yield pool
            finally:
                pool.shutdown(cancel_futures=True)
        case "dask", str() if address:
            with _dask(address) as executor:
                yield executor
        case _:
            raise UsageError(
                f"{named!r} is not a valid executor", hint="use threads, or dask=ADDRESS (such as dask=tcp://HOST:8786)"
            )


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    if find_spec("distributed") is None:
        from ssm_hardening.core.installation import install_extra  # noqa: PLC0415 - only for a message

        raise UsageError("Dask is not installed", hint=install_extra("dask"))
    from distributed import Client

    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except OSError as error:
        raise UsageError(
            f"cannot connect to a Dask scheduler at {address}: {error}",
            hint="pass its address, such as dask=tcp://HOST:8786",
        ) from error
    with client:
        # A role's answers differ from moment to moment: equal tasks are tasks of their own.
        yield client.get_executor(pure=False)


ALL = "all"
_ACTIVE = "ACTIVE"
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]+")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Targets:
    """The pictures to make, and those of accounts that are known already not to be readable."""

    readable: tuple[AwsTarget, ...]
    unread: tuple[Account, ...] = ()


def targets(  # noqa: PLR0913 - what the user may say
    *,
    profile: str | None = None,
    regions: Sequence[str] = (),
    role_arns: Sequence[str] = (),
    external_id: str | None = None,
    organization: bool = False,
    role_name: str | None = None,
) -> Targets:
    """Return what to read: each account (one's own, each role's, the organization's) in each Region.

    `regions` holds names, or `all`: those that are enabled in the account; none of them: the user's own one. Raises
    UsageError for options that do not fit together, no Region, no credentials, or accounts that cannot be listed.
    """
    _check(role_arns, external_id, organization=organization, role_name=role_name)
    home = _home(profile, regions)
    check_regions(profile, [each for each in (*regions, home) if each != ALL])
    own = AwsTarget(region=home, profile=profile, home=home, run=uuid.uuid4().hex)
    unread: tuple[Account, ...] = ()
    if organization:
        accounts, unread = _members(own, str(role_name), external_id)
    elif role_arns:
        accounts = tuple(_through(own, arn, external_id) for arn in role_arns)
    else:
        accounts = (own,)
    if ALL not in regions:
        named = tuple(dict.fromkeys(regions)) or (home,)
        return Targets(tuple(replace(each, region=region) for each in accounts for region in named), unread)
    with ThreadPoolExecutor(max_workers=PICTURES) as pool:
        found = tuple(pool.map(_everywhere, accounts))
    readable = (target for each in found if not isinstance(each, Account) for target in each)
    return Targets(tuple(readable), (*unread, *(each for each in found if isinstance(each, Account))))


def _check(role_arns: Sequence[str], external_id: str | None, *, organization: bool, role_name: str | None) -> None:
    if organization and role_name is None:
        raise UsageError("--organization requires a role in each account", hint="add --role-name NAME")
    if role_name is not None and not organization:
        raise UsageError(
            "--role-name requires --organization", hint="add --organization, or use --role-arn ARN for a single role"
        )
    if organization and role_arns:
        raise UsageError("--organization and --role-arn cannot be combined", hint="use one of them")
    if external_id is not None and not (organization or role_arns):
        raise UsageError(
            "--external-id requires a role", hint="add --role-arn ARN, or --organization and --role-name NAME"
        )
    if external_id is not None and not _EXTERNAL_ID.fullmatch(external_id):
        raise UsageError("the external ID is not valid", hint="use 2 to 1,224 letters, digits, and + = , . @ : / - _")
    accounts = [_account_in(arn) for arn in dict.fromkeys(role_arns)]
    if len(set(accounts)) < len(accounts):
        raise UsageError("two roles are in the same account", hint="pass one --role-arn for each account")


def _account_in(role_arn: str) -> str:
    found = _ROLE.fullmatch(role_arn)
    if found is None:
        raise UsageError(
            f"{role_arn!r} is not the ARN of a role", hint="use the form arn:aws:iam::111122223333:role/NAME"
        )
    return found[1]


def _home(profile: str | None, regions: Sequence[str]) -> str:
    """Return the user's own Region, where accounts are listed and roles are assumed. Raises UsageError."""
    from botocore.exceptions import BotoCoreError

    session = plain_session(profile, None)
    # The profile's Region gives way to the variables, as in the AWS CLI; boto3 itself knows only the older one.
    configured = os.environ.get("AWS_REGION") or session.region_name
    home = configured or next((each for each in regions if each != ALL), None)
    if home is None:
        raise UsageError("no Region is set", hint="pass --region REGION, or set AWS_REGION")
    try:
        credentials = session.get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()
    except BotoCoreError as error:
        raise UsageError(
            f"cannot use the AWS credentials: {error}", hint="sign in again, for example with `aws sso login`"
        ) from error
    if credentials is None:
        raise UsageError("no AWS credentials were found", hint="set AWS_PROFILE, or pass --profile NAME")
    return str(home)


def _through(own: AwsTarget, role_arn: str, external_id: str | None) -> AwsTarget:
    return replace(own, role_arn=role_arn, external_id=external_id, account=_account_in(role_arn))


def _members(
    own: AwsTarget, role_name: str, external_id: str | None
) -> tuple[tuple[AwsTarget, ...], tuple[Account, ...]]:
    """Return the active accounts of the organization; one's own needs no role. Raises UsageError where none is told."""
    me = whoami(own)
    aws = AwsApi(Clients(own), me)
    answer = aws.all(LIST_ACCOUNTS, "Accounts", me.root)
    if not answer.items and answer.gap is not None:
        raise UsageError(
            f"cannot list the accounts of the organization: {answer.gap.detail}",
            hint="use the management account, or a delegated administrator account",
        )
    at = LIST_ACCOUNTS.at(me.root)
    # AWS retires the older of the two names; an account that says neither is read, and tells by itself.
    active = [each for each in answer if each.get("State", each.get("Status", _ACTIVE)) == _ACTIVE]
    told = [Description(each, at).text("Id") for each in active]
    ids = sorted({str(each.value) for each in told if isinstance(each, Known)})
    roles = {id_: f"arn:{me.partition}:iam::{id_}:role/{role_name.lstrip('/')}" for id_ in ids}
    found = tuple(
        replace(own, account=id_) if id_ == me.account else _through(own, roles[id_], external_id) for id_ in ids
    )
    cut_off = answer.gap
    return found, () if cut_off is None else (unread_account(AccountInRegion(account="", region=own.region), cut_off),)


def whoami(own: AwsTarget) -> AccountInRegion:
    """Return whose credentials these are, and the Region. Raises UsageError where AWS does not say."""
    told = whose(AwsApi(Clients(own), AccountInRegion(account="", region=own.region)))
    if isinstance(told, Unknown):
        raise UsageError(
            f"cannot determine the AWS identity: {told.detail}", hint="check the credentials and the Region"
        )
    return told


def _everywhere(own: AwsTarget) -> tuple[AwsTarget, ...] | Account:
    """Return the account in each Region that is enabled there; its unread picture where that is not told."""
    who = AccountInRegion(account=own.account or "", region=own.region)
    found = AwsApi(Clients(own), who).all(DESCRIBE_REGIONS, "Regions", who.root)
    names = sorted(str(each["RegionName"]) for each in found if "RegionName" in each)
    if found.gap is None and names:
        return tuple(replace(own, region=name) for name in names)
    nothing = Unknown(
        Why.UNPARSEABLE, DESCRIBE_REGIONS.at(who.root), f"{DESCRIBE_REGIONS}: the response contains no Regions"
    )
    return unread_account(who, nothing if found.gap is None else found.gap)


def read_all(
    aims: Targets,
    wanted: WantedStores | None = None,
    *,
    executor: str = "threads",
    watch: Callable[[ApiCall], None] = lambda _call: None,
) -> tuple[Account, ...]:
    """Return one picture of each target, by account and Region, those that cannot be read among them.

    An account is read as a whole, whatever its Regions. `executor` is `threads`, or `dask=ADDRESS` for the workers of a
    Dask cluster; there `watch` hears nothing. Raises UsageError for another one, or where no scheduler answers.
    """
    groups = _by_account(aims.readable)
    left = threading.Event()
    read = partial(read_regions, at_once=max(1, PICTURES // max(1, len(groups))))
    if executor == "threads":  # neither reaches another process
        read = partial(read, watch=watch, is_left=left.is_set, organization=AccountAnswers(""))
    with executor_of(executor) as pool:
        try:
            started = [(group, pool.submit(read, group, wanted)) for group in groups]
            accounts = [account for group, future in started for account in _finished(group, future)]
        except BaseException:
            left.set()
            raise
    return tuple(_in_order((*accounts, *aims.unread)))


def _by_account(aims: Iterable[AwsTarget]) -> tuple[tuple[AwsTarget, ...], ...]:
    """Return the targets of each account together."""
    groups: dict[AwsTarget, list[AwsTarget]] = {}
    for each in aims:
        groups.setdefault(replace(each, region=""), []).append(each)
    return tuple(map(tuple, groups.values()))


def _finished(group: Sequence[AwsTarget], future: Future[tuple[Account, ...]]) -> tuple[Account, ...]:
    """Wait for the pictures of an account. One that failed is unread, so that it never takes the others with it."""
    error = future.exception()
    return future.result() if error is None else tuple(failed_account(nobody(each), error) for each in group)


def _in_order(accounts: Iterable[Account]) -> list[Account]:
    return sorted(accounts, key=lambda account: account.root)
