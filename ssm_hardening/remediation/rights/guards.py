"""Guards: roles of people get what they need and are denied the rest after the canary; accounts get guardrails."""

from collections.abc import Sequence
from dataclasses import dataclass

from ssm_hardening.access.people import person_of
from ssm_hardening.access.raising import Raising
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Known
from ssm_hardening.iam.decisions import Allowed
from ssm_hardening.iam.powers import Holder, Use, powers_of
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

GUARDED = frozenset({"ec2:ModifyInstanceAttribute", "iam:PassRole"})
"""What the guard denies of what extends one's own access; one of them missing closes a way."""

_WHY_OPEN = (
    "the guard denies passing roles and changing user data; remove what else extends its own access from its policies"
)
_WHY_ADMIN = (
    "a guard on an administrator would also remove administrative access; decide whether this principal is an "
    "administrator"
)
_TUNNELS = (
    "Who needs SSH or port forwarding through sessions? Such tunnels are never recorded, and the guard denies them to "
    "every role whose tunnel_document_arns is empty."
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
            self._by_hand(
                asked,
                "policies are attached only to roles here; change the permissions where this principal is managed",
            )
            return False
        if all(case.remedy.gap in {AccessGap.OF_ADMINISTRATORS, AccessGap.OTHER_STATEMENTS} for case in asked):
            self._by_hand(asked, _WHY_ADMIN)
            return False
        if all(self._stays_open(case) for case in asked):
            self._by_hand(asked, _WHY_OPEN)
            return False
        if role_input(roles[0], into=self.into) is None:
            self._by_hand(
                asked, ("another root module cannot refer to the role, because of its name or its place in the code")
            )
            return False
        return True

    def _stays_open(self, case: Case) -> bool:
        """Say whether a role can still extend its own access by what the guard does not deny."""
        if case.rule != "OPER-07" or not isinstance(case.fact, Role):
            return False
        ways = Raising(self.account, person_of(case.fact, self.account)).ways(
            powers_of(Use.ESCALATION, Use.ROLES, raises=Holder.PEOPLE)
        )
        return any(isinstance(way.decision, Allowed) and not GUARDED & set(way.power.actions) for way in ways)

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
            "Adds the permissions for recorded sessions on tagged nodes. After you set canary_passed to true, Deny "
            "statements block other nodes, other documents, other users' sessions, and other ways into nodes. All "
            "other permissions of the role stay."
        )
        open_ = [case for case in asked if self._stays_open(case)]
        denied = [case for case in asked if case.remedy.gap in _DENIED and case not in open_]
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
        switch = f"{policy_prefix(role)} is denied other nodes, other documents, and other ways into nodes"
        self.rights.calls.append(RightsCall(phase=Phase.RIGHTS, call=call, switch=switch, first=True))
        conditions = rules_of(case for case in asked if case.remedy.gap is AccessGap.CONDITION)
        if conditions:
            what = (
                f"{role.address}: add the condition BoolIfExists ssm:SessionDocumentAccessCheck = true to every "
                "statement that allows ssm:StartSession"
            )
            why = (
                "the guard denies other documents, but the condition belongs in existing statements, which it does "
                "not change"
            )
            self.rights.step(Phase.RESTRICTIONS, what=what, why=why, at=role.origin, rules=conditions)
        self._by_hand(open_, _WHY_OPEN)
        left = [case for case in asked if case.remedy.gap is AccessGap.OTHER_STATEMENTS]
        self._by_hand(left, "a Deny cannot add a condition to existing statements")
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
        description=(
            "Key of the tag that selects the nodes on which operators may start sessions. Anyone who may set the tag "
            "selects the nodes."
        ),
        sample="SessionAccess",
        validation=f'can(regex("^[\\\\w .:/=+@-]{{1,128}}$", var.{prefix}node_tag_key))',
        validation_message="The tag key must have 1 to 128 characters.",
    )


def _tag_values(prefix: str) -> Variable:
    name = f"{prefix}node_tag_values"
    return Variable(
        name=name,
        type="list(string)",
        description=(
            "Values of that tag. Once the guard is on, operators cannot start sessions on nodes without one of them."
        ),
        sample=["operators"],
        validation=f'length(var.{name}) > 0 && !contains(var.{name}, "*")',
        validation_message=("Set at least one value without wildcards. A guard that matches no node denies them all."),
    )


def break_glass(prefix: str) -> Variable:
    """Return the variable for those whom no Deny of ours binds."""
    name = f"{prefix}break_glass_arns"
    return Variable(
        name=name,
        type="list(string)",
        description=(
            "ARNs of the roles or users that no generated Deny applies to: the pipeline that applies this code and "
            "the break-glass route."
        ),
        sample=["arn:aws:iam::111122223333:role/break-glass"],
        validation=f'length(var.{name}) > 0 && alltrue([for arn in var.{name} : can(regex("{_ARN}", arn))])',
        validation_message="Set at least one full ARN of a role or user, so that a way back remains.",
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
        "Blocks public sharing of documents, alerts on session starts and tampering, and returns a service control "
        "policy for the administrators of the organization in its output service_control_policy_json. Service control "
        "policies do not affect the management account."
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
    rights.costs.append(CostItem(what="KMS key for alerts", monthly_usd=1.0, formula="1 USD per month"))
    rights.proved += [case.target for case in cases]
