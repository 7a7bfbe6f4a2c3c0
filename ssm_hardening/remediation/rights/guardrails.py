"""The account's own settings and alerts."""

from collections.abc import Sequence

from ssm_hardening.model import LIVE
from ssm_hardening.remediation.cases import Case, rules_of
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.describing import by_hand
from ssm_hardening.remediation.plan import CostItem, FromVariable, ModuleCall, ModuleInput
from ssm_hardening.remediation.rights.operators import break_glass
from ssm_hardening.remediation.rights.result import Making, RightsCall
from ssm_hardening.remediation.wiring import PREFIX, label

MODULE = "account-guardrails"


def make(cases: Sequence[Case], making: Making) -> None:
    """Make the one call that closes them: it only adds. Code that declares such a setting is its owner's to change."""
    rights, into = making.rights, making.into
    if making.account.source != LIVE:
        rights.steps += [(case.remedy.phase, by_hand(case)) for case in cases]
        return
    if not cases:
        return
    variable = rights.add(break_glass(PREFIX if into else ""))
    inputs: dict[str, ModuleInput] = {"break_glass_role_arns": FromVariable(variable)}
    stores = making.used.stores()
    if stores is not None:
        inputs["log_store_arns"] = stores
    rules = rules_of(cases)
    note = (
        "Blocks public sharing of documents, tells of session starts and of tampering, and puts out a service control "
        "policy for whoever manages the organization. Policies of that kind do not bind the management account."
    )
    call = ModuleCall(
        label=label("account_guardrails", into=into), module=MODULE, inputs=inputs, closes=(), expects=rules, note=note
    )
    rights.calls.append(RightsCall(phase=Phase.STORES, call=call))
    rights.costs.append(CostItem(what="KMS key of the alerts", monthly_usd=1.0, formula="1 USD a month"))
    rights.proved += [case.target for case in cases]
