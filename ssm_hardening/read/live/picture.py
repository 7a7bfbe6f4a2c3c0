"""One account and Region as a picture: who is asked, everything that is read, and what was refused."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import FAULT, LIVE, Account, Gap, Instance, Key, LogBucket, LogGroup, SessionDocument
from ssm_hardening.read.live import (
    buckets,
    documents,
    fleets,
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
from ssm_hardening.read.live.asking import AccountInRegion, Answered, AwsApi, Missing
from ssm_hardening.read.live.calls import GET_CALLER_IDENTITY, ApiCall
from ssm_hardening.read.live.clients import AwsTarget, Clients, WantedStores
from ssm_hardening.read.live.identities import IamFacts


def read_account(
    target: AwsTarget, wanted: WantedStores | None = None, *, watch: Callable[[ApiCall], None] = lambda _call: None
) -> Account:
    """Read one account and Region. `watch` hears of each call that ended.

    What is refused is a gap of the picture. Raises UsageError where there is no such profile or no credentials.
    """
    clients = Clients(target)
    nobody = AccountInRegion(account=target.account or "", region=target.region)
    answer = AwsApi(clients, nobody, watch).ask(GET_CALLER_IDENTITY, nobody.root)
    match answer:
        case Answered({"Arn": str(arn), "Account": str(account)}):
            who = AccountInRegion(account=account, region=target.region, partition=arn.split(":")[1])
            return _picture(AwsApi(clients, who, watch), wanted or WantedStores())
        case Answered(_, at):
            return unread_account(
                nobody, Unknown(Why.UNPARSEABLE, at, f"{at.call}: the account ID is missing from the response")
            )
        case Missing(at):
            raise AssertionError(f"sts:GetCallerIdentity has nothing to be missing ({at})")
        case Unknown() as gap:
            return unread_account(nobody, gap)


def unread_account(who: AccountInRegion, gap: Unknown, *, fault: bool = False) -> Account:
    """Return the picture of an account of which nothing could be read; `fault` says that the fault is ours."""
    at = ApiOrigin(who.root, gap.at.call if isinstance(gap.at, ApiOrigin) else str(GET_CALLER_IDENTITY))
    account = Known(who.account, at) if who.account else gap
    missing = Gap(FAULT if fault else "call", gap.why, gap.detail, gap.at)
    return _account(who, at, account, (missing,)).unread(gap)


def _account(who: AccountInRegion, at: ApiOrigin, account: Value[Text], gaps: tuple[Gap, ...]) -> Account:
    """Return the account without its lists."""
    return Account(source=LIVE, root=_root(who), at=at, account=account, region=Known(who.region, at), gaps=gaps)


def _root(who: AccountInRegion) -> str:
    return f"{who.account or 'account unknown'}/{who.region}"


def _picture(aws: AwsApi, wanted: WantedStores) -> Account:
    """Read what nothing else depends on at once; then the stores that documents name; then who uses what."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        start: Callable[..., Future[Any]] = pool.submit
        prefs, fleet = start(documents.session_documents, aws), start(nodes.instances, aws)
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
        people = start(roles.roles, aws, instances, plain["activations"].result(), plain["settings"].result())
        used = keys.keys(aws, found.facts, stores.result().facts, groups.result().facts)
        at = GET_CALLER_IDENTITY.at(aws.who.root)
        account = _account(aws.who, at, Known(aws.who.account, at), ())
        account = replace(account, **{name: future.result() for name, future in plain.items()})
        account = _with_stores(account, found, stores.result(), groups.result(), used)
        account = _with_people(account, people.result())
        account = _with_network(account, instances, reach.result())
        account = replace(account, sessions=sessions.result(), document_events=events.result())
    return replace(account, gaps=tuple(sorted({_gap(gap) for gap in aws.refused}, key=_by_detail)))


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


def _with_people(account: Account, found: IamFacts) -> Account:
    owners = _together([account.owners, found.owners])
    return replace(
        account, roles=found.roles, users=found.users, groups=found.groups, policies=found.policies, owners=owners
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


def _by_detail(gap: Gap) -> tuple[str, str]:
    return gap.detail, str(gap.at)


def _gap(gap: Unknown) -> Gap:
    return Gap("call", gap.why, gap.detail, gap.at)
