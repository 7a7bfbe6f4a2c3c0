"""Guards: roles of people get what they need and are denied the rest after the canary; accounts get guardrails."""

from collections.abc import Sequence
from dataclasses import dataclass

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Known
from ssm_hardening.model import LIVE, Account, Role
from ssm_hardening.remediation.cases import AccessGap, Case, by_hand, rules_of
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.plan import CostItem, FromVariable, ModuleCall, ModuleInput, Variable
from ssm_hardening.remediation.rights.destinations import Destinations
from ssm_hardening.remediation.rights.nodes import labels, policy_prefix, role_input
from ssm_hardening.remediation.rights.result import Making, Rights, RightsCall, canary_variable
from ssm_hardening.remediation.wiring import PREFIX, label

OPERATORS, GUARDRAILS = "operator-role", "account-guardrails"
_DENIED = frozenset({AccessGap.GUARDED, AccessGap.OF_ADMINISTRATORS})
"""What the guard's Deny closes."""

_WHY_ADMIN = (
    "a guard on an administrator would take the administration itself: whether this person administers is yours to say"
)
_TUNNELS = (
    "Who needs SSH or port forwarding through sessions? Such tunnels are never recorded, and the guard denies them to "
    "everybody for whom tunnel_document_arns names none."
)
_ARN = r"^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$"


def guard_operators(cases: Sequence[Case], making: Making) -> None:
    """Make one call for each role that opens sessions wider than it should; hand the rest to a person."""
    _Operators(making.account, making.used, making.into, making.rights).make(cases)


@dataclass(frozen=True, slots=True)
class _Operators:
    account: Account
    used: Destinations
    into: bool
    rights: Rights

    def make(self, cases: Sequence[Case]) -> None:
        by_subject: dict[str, list[Case]] = {}
        for case in cases:
            by_subject.setdefault(case.finding.subject, []).append(case)
        guarded = [each for each in by_subject.values() if self._may_guard(each)]
        names = labels("operator_guard", [role for each in guarded for role in _roles(each)], into=self.into)
        if guarded:
            self.rights.questions.append(_TUNNELS)
        for name, asked in zip(names, guarded, strict=True):
            for role in _roles(asked):
                self._call(name, role, asked)

    def _may_guard(self, asked: Sequence[Case]) -> bool:
        """Say whether a guard fits: a role that can be named, of somebody who does not administer everything."""
        roles = _roles(asked)
        if not roles or _is_permission_set(roles[0]):
            self._by_hand(asked, "only a role can be given a policy here: change it where the person's rights are kept")
            return False
        if all(case.remedy.gap in {AccessGap.OF_ADMINISTRATORS, AccessGap.OTHER_STATEMENTS} for case in asked):
            self._by_hand(asked, _WHY_ADMIN)
            return False
        if role_input(roles[0], into=self.into) is None:
            self._by_hand(asked, "the role's name, or the place of its code, lets no module of another root name it")
            return False
        return True

    def _by_hand(self, asked: Sequence[Case], why: str) -> None:
        for case in asked:
            self.rights.by_hand(case, why, Phase.RESTRICTIONS)

    def _call(self, name: str, role: Role, asked: Sequence[Case]) -> None:
        prefix = PREFIX if self.into else ""
        inputs: dict[str, ModuleInput] = {
            "name": policy_prefix(role),
            "role_name": role_input(role, into=self.into),
            "node_tag_key": FromVariable(self.rights.add(_tag_key(prefix))),
            "node_tag_values": FromVariable(self.rights.add(_tag_values(prefix))),
            "enforce_guard": FromVariable(self.rights.add(canary_variable(prefix))),
            "guard_exempt_principal_arns": FromVariable(self.rights.add(break_glass(prefix))),
        }
        stores = self.used.stores()
        if stores is not None:
            inputs["evidence_arns"] = stores
        if self.used.session_key is not None:
            inputs["session_kms_key_arn"] = self.used.session_key
        note = (
            "Adds what a recorded session on a tagged node needs. Once canary_passed is true, a Deny takes away other "
            "nodes, other documents, others' sessions and the side doors; what else the role may do stays."
        )
        denied = [case for case in asked if case.remedy.gap in _DENIED]
        guarded = rules_of(denied)
        shown = self.account.source != LIVE and self.into and isinstance(role.origin, CodeOrigin)
        call = ModuleCall(
            label=name,
            module=OPERATORS,
            inputs=inputs,
            closes=guarded if shown else (),
            expects=() if shown else guarded,
            note=note,
        )
        switch = f"{policy_prefix(role)} is denied other nodes, documents and side doors"
        self.rights.calls.append(RightsCall(phase=Phase.RIGHTS, call=call, switch=switch, first=True))
        conditions = rules_of(case for case in asked if case.remedy.gap is AccessGap.CONDITION)
        if conditions:
            what = (
                f"{role.address}: add the condition BoolIfExists ssm:SessionDocumentAccessCheck = true to each "
                "statement that allows ssm:StartSession"
            )
            why = "the guard denies other documents; the condition itself stands in statements that are not ours"
            self.rights.step(Phase.RESTRICTIONS, what=what, why=why, at=role.origin, rules=conditions)
        left = [case for case in asked if case.remedy.gap is AccessGap.OTHER_STATEMENTS]
        self._by_hand(left, "a Deny of ours cannot add a condition to statements that are not ours")
        if self.account.source == LIVE:
            self.rights.proved += [case.target for case in denied]
        elif shown:
            self.rights.targets += [case.target for case in denied]


def _roles(asked: Sequence[Case]) -> list[Role]:
    return [case.fact for case in asked if isinstance(case.fact, Role)][:1]


def _is_permission_set(role: Role) -> bool:
    return isinstance(role.form, Known) and role.form.value == "permission-set"


def _tag_key(prefix: str) -> Variable:
    return Variable(
        name=f"{prefix}node_tag_key",
        type="string",
        description="Tag that says which nodes operators may open sessions on; whoever may write it chooses the nodes.",
        sample="SessionAccess",
        validation=f'can(regex("^[\\\\w .:/=+@-]{{1,128}}$", var.{prefix}node_tag_key))',
        validation_message="Give the key of a tag (1 to 128 characters).",
    )


def _tag_values(prefix: str) -> Variable:
    name = f"{prefix}node_tag_values"
    return Variable(
        name=name,
        type="list(string)",
        description="Values of that tag. Nodes without one of them are closed to operators once the guard is on.",
        sample=["operators"],
        validation=f'length(var.{name}) > 0 && !contains(var.{name}, "*")',
        validation_message="Name at least one value, without wildcards: a guard that fits no node closes them all.",
    )


def break_glass(prefix: str) -> Variable:
    """Return the variable for those whom no Deny of ours binds."""
    name = f"{prefix}break_glass_arns"
    return Variable(
        name=name,
        type="list(string)",
        description="Roles that no Deny written here binds: the pipeline that applies this, and the break-glass route.",
        sample=["arn:aws:iam::111122223333:role/break-glass"],
        validation=f'length(var.{name}) > 0 && alltrue([for arn in var.{name} : can(regex("{_ARN}", arn))])',
        validation_message="Give at least one full ARN of a role or user, so that a way back stays open.",
    )


def make_guardrails(cases: Sequence[Case], making: Making) -> None:
    """Make the one call that guards an account: it only adds. Code that declares such a setting is its owner's."""
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
        label=label("account_guardrails", into=into),
        module=GUARDRAILS,
        inputs=inputs,
        closes=(),
        expects=rules,
        note=note,
    )
    rights.calls.append(RightsCall(phase=Phase.STORES, call=call))
    rights.costs.append(CostItem(what="KMS key of the alerts", monthly_usd=1.0, formula="1 USD a month"))
    rights.proved += [case.target for case in cases]
