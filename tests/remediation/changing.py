"""An account as it would be with one thing otherwise, and what to look at in a remediation."""

from dataclasses import replace
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Known, Record, Unknown, Value, Why
from ssm_hardening.model import Account, Ownership
from ssm_hardening.remediation.plan import RemediationPlan
from tests.remediation.live import Live


def holdings(account: Account, kind: str, settings: Unknown) -> Account:
    """Replace the settings of all holdings of a kind."""
    kept = tuple(replace(each, settings=settings) if each.type == kind else each for each in account.holdings)
    return replace(account, holdings=Inventory(kept))


def with_member(account: Account, kind: str, key: str, value: Value[Any]) -> Account:
    (holding,) = (each for each in account.holdings if each.type == kind)
    assert isinstance(holding.settings, Known)
    members = {**holding.settings.value.members, key: value}
    changed = replace(holding, settings=Known(Record(members), holding.at))
    rest = tuple(each for each in account.holdings if each is not holding)
    return replace(account, holdings=Inventory((*rest, changed)))


def owned(account: Account, of: str, owner: Value[Any], name: str | None = None) -> Account:
    at = account.at
    named = Absent(at) if name is None else Known(name, at)
    mine = Ownership(of=of, at=at, owner=owner, name=named, evidence=Known("the tag x", at))
    rest = tuple(each for each in account.owners if each.of != of)
    return replace(account, owners=Inventory((*rest, mine)))


def denied(account: Account, call: str = "s3:GetBucketPolicy") -> Unknown:
    return Unknown(Why.DENIED, account.at, f"{call}: access denied")


def address(account: Account, kind: str) -> str:
    inventory: Any = {"document": account.session_documents, "bucket": account.log_buckets, "group": account.log_groups}
    (fact,) = inventory[kind].items
    return str(fact.address)


def modules(plan: RemediationPlan) -> set[str]:
    return {call.label for call in plan.modules}


def imported(plan: RemediationPlan) -> set[str]:
    return {each.to for each in plan.imports}


def steps(plan: RemediationPlan, rule: str) -> str:
    return "\n".join(f"{step.what} | {step.why}" for step in plan.manual if rule in step.closes)


def inputs(live: Live, label: str) -> dict[str, Any]:
    return {**next(call for call in live.plan.modules if call.label == label).inputs}
