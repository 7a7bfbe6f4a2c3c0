"""One account as a picture of each Region: who is asked, everything that is read, and what was refused.

What belongs to a Region is read Region by Region; people, roles and policies belong to the account, and are read once.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.model import FAULT, Account, ControlPolicy, Gap, Instance, Key, LogBucket, LogGroup, SessionDocument
from ssm_hardening.read.live import (
    buckets,
    documents,
    fleets,
    guardrails,
    history,
    keys,
    log_groups,
    monitoring,
    network,
    nodes,
    roles,
    systems_manager,
)
from ssm_hardening.read.live.answers import Read
from ssm_hardening.read.live.asking import AccountInRegion, AwsApi, is_closed
from ssm_hardening.read.live.callers import (
    bare_account,
    failed_account,
    fault_of,
    gap_of,
    introduced,
    nobody,
    unread_account,
    whose,
)
from ssm_hardening.read.live.calls import DESCRIBE_ORGANIZATION as LEVELS
from ssm_hardening.read.live.calls import GET_CALLER_IDENTITY, ApiCall
from ssm_hardening.read.live.clients import AccountAnswers, AwsTarget, Clients, WantedStores
from ssm_hardening.read.live.iam import CALL
from ssm_hardening.read.live.identities import Everybody, IamFacts, everybody

R = TypeVar("R")


def _unheard(_call: ApiCall) -> None:
    """Hear of a call, and do nothing."""


def _staying() -> bool:
    return False


def read_account(
    target: AwsTarget, wanted: WantedStores | None = None, *, watch: Callable[[ApiCall], None] = _unheard
) -> Account:
    """Read one account and Region. `watch` hears of each call that ended.

    What is refused is a gap of the picture. Raises UsageError where there is no such profile or no credentials.
    """
    (account,) = read_regions((target,), wanted, watch=watch)
    return account


def read_regions(  # noqa: PLR0913 - what is read, and who waits for it
    targets: Sequence[AwsTarget],
    wanted: WantedStores | None = None,
    *,
    watch: Callable[[ApiCall], None] = _unheard,
    at_once: int = 1,
    is_left: Callable[[], bool] = _staying,
    organization: AccountAnswers | None = None,
) -> tuple[Account, ...]:
    """Read one account in the Regions of `targets`, which differ in nothing else; `at_once` of them at a time.

    A Region that cannot be read is an unread picture, and stops no other. Where `is_left` says that nobody waits any
    more, no further Region is begun. `organization` keeps what several accounts have in common. Raises UsageError as
    `read_account` does.
    """
    strangers = [AwsApi(Clients(each), nobody(each), watch) for each in targets]
    known, refusals = introduced(strangers)
    if known is None:
        return tuple(unread_account(each.who, gap) for each, gap in zip(strangers, refusals, strict=True))
    answers = AccountAnswers(known.region)
    callers = [AwsApi(each.clients, replace(known, region=each.who.region), watch, answers) for each in strangers]
    whole = AwsApi(callers[len(refusals)].clients, known, watch, answers)

    def begin(work: Callable[[], R]) -> R:
        if is_left():
            raise InterruptedError
        return work()

    def read(place: int) -> _Region:
        if place < len(refusals):
            return _Region.unread(callers[place].who, refusals[place])
        return _region(callers[place], wanted or WantedStores(), is_open=place == len(refusals))

    with ThreadPoolExecutor(max_workers=at_once) as pool, ThreadPoolExecutor(max_workers=1) as aside:
        listed, control = aside.submit(everybody, whole), aside.submit(guardrails.guardrails, whole, organization)
        started = [pool.submit(begin, partial(read, place)) for place in range(len(callers))]
        regions = [_settled(caller, future) for caller, future in zip(callers, started, strict=True)]
        people = aside.submit(begin, partial(_people, whole, regions, listed))
        return _joined(whole, regions, people, control)


@dataclass(frozen=True, slots=True)
class _Region:
    """The picture of a Region, without people. `unread_because` says why nothing could be read there."""

    picture: Account
    unread_because: Unknown | None = None

    @classmethod
    def unread(cls, who: AccountInRegion, gap: Unknown) -> "_Region":
        return cls(unread_account(who, gap), gap)

    @property
    def may_have_nodes(self) -> bool:
        """Whether nodes may be there that sessions reach: not where the account does not have the Region."""
        return self.unread_because is None or not is_closed(self.unread_because)


def _region(aws: AwsApi, wanted: WantedStores, *, is_open: bool) -> _Region:
    """Read a Region. Where it is not known to be open, something that is needed anyway is asked first, and alone."""
    listed = None if is_open else documents.document_names(aws)
    # Who is denied has been let in.
    if listed is not None and listed.gap is not None and listed.gap.why is not Why.DENIED:
        told = whose(aws)
        if isinstance(told, Unknown):
            return _Region.unread(aws.who, told)
    return _Region(_picture(aws, wanted, listed))


def _settled(caller: AwsApi, reading: Future[_Region]) -> _Region:
    error = reading.exception()
    if error is None:
        return reading.result()
    failed = failed_account(caller.who, error)
    return _Region(failed, failed.instances.gap)


def _people(whole: AwsApi, regions: Sequence[_Region], listed: Future[Everybody]) -> IamFacts:
    """Return the people and roles of the account; nodes of every Region tell which roles are theirs."""
    seen = [each.picture for each in regions if each.may_have_nodes]
    instances, activations, settings = (
        _together([getattr(each, kind) for each in seen]) for kind in ("instances", "activations", "settings")
    )
    return roles.roles(whole, instances, activations, settings, listed.result())


def _joined(
    whole: AwsApi,
    regions: Sequence[_Region],
    reading: Future[IamFacts],
    control: Future[Inventory[ControlPolicy]],
) -> tuple[Account, ...]:
    """Return the pictures, each with the people of the account and what binds it; nobody where reading them failed."""
    failures = [_failure(each, call.at(whole.who.root)) for each, call in ((reading, CALL), (control, LEVELS))]
    people = reading.result() if failures[0] is None else IamFacts.unread(failures[0])
    bound = control.result() if failures[1] is None else Inventory((), failures[1])
    refused = {*map(gap_of, whole.refused), *(gap_of(each, FAULT) for each in failures if each is not None)}
    return tuple(
        each.picture if each.unread_because is not None else _with_people(each.picture, people, bound, refused)
        for each in regions
    )


def _failure(reading: Future[Any], at: ApiOrigin) -> Unknown | None:
    error = reading.exception()
    return None if error is None else fault_of(at, error)


def _picture(aws: AwsApi, wanted: WantedStores, listed: Inventory[str] | None) -> Account:
    """Read what nothing else depends on at once; then the stores that documents name; then who uses what.

    `listed` are the names of the documents, where these were read before.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        start: Callable[..., Future[Any]] = pool.submit
        prefs, fleet = start(documents.session_documents, aws, listed), start(nodes.instances, aws)
        plain = {
            "settings": start(systems_manager.settings, aws),
            "activations": start(systems_manager.activations, aws),
            "associations": start(systems_manager.associations, aws),
            "trails": start(monitoring.trails, aws),
            "event_rules": start(monitoring.event_rules, aws),
        }
        found = prefs.result()
        stores = start(buckets.log_buckets, aws, found.facts, wanted)
        groups = start(log_groups.log_groups, aws, found.facts, wanted)
        sessions = start(history.sessions, aws, found.facts)
        events = start(history.document_events, aws, found.facts)
        instances = fleet.result()
        reach = start(network.network, aws, instances)
        used = keys.keys(aws, found.facts, stores.result().facts, groups.result().facts)
        at = GET_CALLER_IDENTITY.at(aws.who.root)
        account = bare_account(aws.who, at, Known(aws.who.account, at), ())
        account = replace(account, **{name: future.result() for name, future in plain.items()})
        account = _with_stores(account, found, stores.result(), groups.result(), used)
        account = _with_network(account, instances, reach.result())
        account = replace(account, sessions=sessions.result(), document_events=events.result())
    return replace(account, gaps=_ordered({gap_of(gap) for gap in aws.refused}))


def _with_stores(
    account: Account,
    found: Read[SessionDocument],
    stores: Read[LogBucket],
    groups: Read[LogGroup],
    used: Read[Key],
) -> Account:
    read = (found, stores, groups, used)
    return replace(
        account,
        session_documents=found.facts,
        log_buckets=stores.facts,
        log_groups=groups.facts,
        keys=used.facts,
        holdings=_together([each.holdings for each in read]),
        owners=_together([each.owners for each in read]),
    )


def _with_people(
    account: Account, found: IamFacts, bound: Inventory[ControlPolicy], refused: AbstractSet[Gap]
) -> Account:
    return replace(
        account,
        guardrails=bound,
        roles=found.roles,
        users=found.users,
        groups=found.groups,
        policies=found.policies,
        owners=_together([account.owners, found.owners]),
        gaps=_ordered({*account.gaps, *refused}),
    )


def _with_network(account: Account, instances: Inventory[Instance], found: network.Network) -> Account:
    return replace(
        account,
        instances=fleets.with_addresses(instances, found.subnets),
        security_groups=found.security_groups,
        vpc_endpoints=found.vpc_endpoints,
        subnets=found.subnets,
        vpcs=found.vpcs,
    )


def _together(inventories: Sequence[Inventory[Any]]) -> Inventory[Any]:
    gaps = [each.gap for each in inventories if each.gap is not None]
    return Inventory(tuple(item for each in inventories for item in each.items), gaps[0] if gaps else None)


def _ordered(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    return tuple(sorted(gaps, key=lambda gap: (gap.detail, str(gap.at))))
