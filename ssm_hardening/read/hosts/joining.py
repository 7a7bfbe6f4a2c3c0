"""Reads evidence from inside nodes, and joins it to the accounts that hold the nodes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.logic import certainly, literal
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.model import HOST, LIVE, Account, Host, Instance
from ssm_hardening.model.facts import none_read
from ssm_hardening.read.hosts.evidence import load
from ssm_hardening.read.hosts.facts import Evidence, evidence_of

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class _Home:
    """Where evidence belongs: an account by its place among those that were read, else an account and Region."""

    index: int | None
    account: str | None = None
    region: str | None = None


def with_evidence(accounts: Sequence[Account], evidence: Sequence[Evidence]) -> tuple[Account, ...]:
    """Return the accounts with the insides of their nodes, and behind them an account of source HOST for the others.

    An account that has evidence has a gap that names its running nodes of which there is none. Raises UsageError where
    two files tell of one node and it cannot be told which is the later.
    """
    homes: dict[_Home, list[Evidence]] = {}
    for each in evidence:
        homes.setdefault(_home(each, accounts, evidence), []).append(each)
    latest = {home: _latest(found) for home, found in homes.items()}
    joined = (
        _joined(account, latest[_Home(index)]) if _Home(index) in latest else account
        for index, account in enumerate(accounts)
    )
    return (*joined, *(_alone(found) for home, found in latest.items() if home.index is None))


def _home(each: Evidence, accounts: Sequence[Account], evidence: Sequence[Evidence]) -> _Home:
    account, region, node = literal(each.account), literal(each.region), literal(each.host.name)
    live = [index for index, found in enumerate(accounts) if found.source == LIVE]
    if account is not None and region is not None:
        named = [i for i in live if (literal(accounts[i].account), literal(accounts[i].region)) == (account, region)]
        return _Home(named[0]) if named else _Home(None, account, region)
    holding = [i for i in live if node is not None and node in _names(accounts[i])]
    if len(holding) == 1:
        return _Home(holding[0])
    return _sibling(each, accounts, evidence) if not holding else _Home(None)


def _sibling(each: Evidence, accounts: Sequence[Account], evidence: Sequence[Evidence]) -> _Home:
    """Return where other evidence of the same node belongs that says so itself, if any does."""
    node = literal(each.host.name)
    told = [other for other in evidence if _is_told(other) and node is not None and literal(other.host.name) == node]
    homes = {_home(other, accounts, ()) for other in told}
    return homes.pop() if len(homes) == 1 else _Home(None)


def _is_told(each: Evidence) -> bool:
    return literal(each.account) is not None and literal(each.region) is not None


def _names(account: Account) -> set[str | None]:
    return {literal(instance.name) for instance in account.instances}


def _latest(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return one piece of evidence for each node, in the order of the nodes' addresses."""
    found: dict[str, Evidence] = {}
    for each in evidence:
        known = found.get(each.host.address)
        found[each.host.address] = each if known is None else _later(known, each)
    return tuple(found[address] for address in sorted(found))


def _later(one: Evidence, other: Evidence) -> Evidence:
    if one.collected is None or other.collected is None or one.collected == other.collected:
        hint = "pass only the newer file; files written by `ssm-harden host run` have a date, so the newer one is used"
        raise UsageError(f"{one.file} and {other.file} are both evidence from {_node(one.host)}", hint=hint)
    return one if one.collected > other.collected else other


def _node(host: Host) -> str:
    return host.address.removesuffix(" (inside)")


def _joined(account: Account, evidence: Sequence[Evidence]) -> Account:
    told = {each.host.address for each in evidence}
    kept = tuple(host for host in account.hosts if host.address not in told)
    hosts = sorted((*kept, *(each.host for each in evidence)), key=lambda host: host.address)
    return replace(account, hosts=Inventory(tuple(hosts), _gap(account, {literal(host.name) for host in hosts})))


def _gap(account: Account, told: set[str | None]) -> Unknown | None:
    silent = sorted({_call(each) for each in account.instances if _may_run(each) and literal(each.name) not in told})
    if silent:
        more = f" and {len(silent) - _MOST_NAMED} more" if len(silent) > _MOST_NAMED else ""
        targets = " ".join(f"--target {name}" for name in silent[:_MOST_NAMED])
        named = f"{', '.join(silent[:_MOST_NAMED])}{more}"
        detail = f"no evidence from inside {named}; collect it with `ssm-harden host run --live {targets}`"
        return Unknown(Why.UNAVAILABLE, account.at, detail)
    return account.instances.gap


def _call(instance: Instance) -> str:
    return literal(instance.name) or instance.address


def _may_run(instance: Instance) -> bool:
    """Say whether sessions may reach the node: it is not known to be stopped or gone, nor yet to be launched."""
    is_gone = certainly(instance.exists, lambda there: not there) or isinstance(instance.launcher, Known)
    return not is_gone and not certainly(instance.state, lambda state: state != "running")


def _alone(evidence: Sequence[Evidence]) -> Account:
    """Return an account of what evidence alone tells, one account and Region."""
    files = ", ".join(dict.fromkeys(each.file for each in evidence))
    first = evidence[0]
    return Account(
        source=HOST,
        root=files,
        at=CodeOrigin(files, 0),
        account=first.account,
        region=first.region,
        session_documents=none_read(),
        log_buckets=none_read(),
        log_groups=none_read(),
        keys=none_read(),
        usage_signs=none_read(),
        hosts=Inventory(tuple(each.host for each in evidence)),
    )


__all__ = ["Evidence", "read_evidence", "with_evidence"]


def read_evidence(files: Sequence[Path]) -> tuple[Evidence, ...]:
    """Return what each file tells. Raises UsageError where one cannot be read, or is no evidence of this version."""
    return tuple(evidence_of(load(file)) for file in files)
