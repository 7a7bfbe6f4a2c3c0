"""One account and Region as a picture: who is asked, everything that is read, and what was refused."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.model import FAULT, LIVE, Account, Gap
from ssm_hardening.read.live import (
    buckets,
    documents,
    history,
    keys,
    log_groups,
    monitoring,
    network,
    nodes,
    roles,
    systems_manager,
)
from ssm_hardening.read.live.asking import Answered, Caller, Identity, Missing
from ssm_hardening.read.live.calls import GET_CALLER_IDENTITY, Call
from ssm_hardening.read.live.clients import Clients, Target, Wanted


def read_account(
    target: Target, wanted: Wanted | None = None, *, watch: Callable[[Call], None] = lambda _call: None
) -> Account:
    """Read one account and Region. `watch` hears of each call that ended.

    What is refused is a gap of the picture. Raises UsageError where there is no such profile or no credentials.
    """
    clients = Clients(target)
    nobody = Identity(account=target.account or "", region=target.region)
    answer = Caller(clients, nobody, watch).ask(GET_CALLER_IDENTITY, nobody.root)
    match answer:
        case Answered({"Arn": str(arn), "Account": str(account)}):
            who = Identity(account=account, region=target.region, partition=arn.split(":")[1])
            return _picture(Caller(clients, who, watch), wanted or Wanted())
        case Answered(_, at):
            return unread_account(nobody, Unknown(Why.UNPARSEABLE, at, f"{at.call}: the answer names no account"))
        case Missing(at):
            raise AssertionError(f"sts:GetCallerIdentity has nothing to be missing ({at})")
        case Unknown() as gap:
            return unread_account(nobody, gap)


def unread_account(who: Identity, gap: Unknown, *, fault: bool = False) -> Account:
    """Return the picture of an account of which nothing could be read; `fault` says that the fault is ours."""
    nothing: Inventory[Any] = Inventory((), gap)
    at = ApiOrigin(who.root, gap.at.call if isinstance(gap.at, ApiOrigin) else str(GET_CALLER_IDENTITY))
    kinds = (
        "session_documents", "log_buckets", "log_groups", "keys", "roles", "users", "groups", "policies",
        "instances", "security_groups", "vpc_endpoints", "subnets", "vpcs", "associations", "settings",
        "trails", "event_rules", "activations", "sessions", "document_events", "holdings", "owners",
        "usage_signs",
    )  # fmt: skip
    return Account(
        source=LIVE,
        root=_root(who),
        at=at,
        account=Known(who.account, at) if who.account else gap,
        region=Known(who.region, at),
        gaps=(Gap(FAULT if fault else "call", gap.why, gap.detail, gap.at),),
        **dict.fromkeys(kinds, nothing),
    )


def _root(who: Identity) -> str:
    return f"{who.account or 'account unknown'}/{who.region}"


def _picture(caller: Caller, wanted: Wanted) -> Account:
    """Read what nothing else depends on at once; then the stores that documents name; then who uses what."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        start: Callable[..., Future[Any]] = pool.submit
        prefs, fleet = start(documents.session_documents, caller), start(nodes.instances, caller)
        plain = {
            "settings": start(systems_manager.settings, caller),
            "activations": start(systems_manager.activations, caller),
            "associations": start(systems_manager.associations, caller),
            "trails": start(monitoring.trails, caller),
            "event_rules": start(monitoring.event_rules, caller),
        }
        found = prefs.result()
        stores = start(buckets.log_buckets, caller, found.facts, wanted)
        groups = start(log_groups.log_groups, caller, found.facts, wanted)
        sessions = start(history.sessions, caller, found.facts)
        events = start(history.document_events, caller, found.facts)
        instances = fleet.result()
        reach = start(network.network, caller, instances)
        people = start(roles.roles, caller, instances, plain["activations"].result(), plain["settings"].result())
        used = keys.keys(caller, found.facts, stores.result().facts, groups.result().facts)
        read = (found, stores.result(), groups.result(), used)
        at = ApiOrigin(caller.who.root, str(GET_CALLER_IDENTITY))
        return Account(
            source=LIVE,
            root=_root(caller.who),
            at=at,
            account=Known(caller.who.account, at),
            region=Known(caller.who.region, at),
            session_documents=found.facts,
            log_buckets=stores.result().facts,
            log_groups=groups.result().facts,
            keys=used.facts,
            roles=people.result().roles,
            users=people.result().users,
            groups=people.result().groups,
            policies=people.result().policies,
            instances=instances,
            security_groups=reach.result().security_groups,
            vpc_endpoints=reach.result().vpc_endpoints,
            subnets=reach.result().subnets,
            vpcs=reach.result().vpcs,
            sessions=sessions.result(),
            document_events=events.result(),
            holdings=_together([each.holdings for each in read]),
            owners=_together([*(each.owners for each in read), people.result().owners]),
            **{name: future.result() for name, future in plain.items()},
            gaps=tuple(sorted({_gap(gap) for gap in caller.refused}, key=lambda gap: (gap.detail, str(gap.at)))),
        )


def _together(inventories: Sequence[Inventory[Any]]) -> Inventory[Any]:
    gaps = [each.gap for each in inventories if each.gap is not None]
    return Inventory(tuple(item for each in inventories for item in each.items), gaps[0] if gaps else None)


def _gap(gap: Unknown) -> Gap:
    return Gap("call", gap.why, gap.detail, gap.at)
