"""Roles of nodes: the rights that recording needs are added; what is wider than sessions need goes after the canary."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from re import sub
from shlex import quote

from ssm_hardening.access.credentials import REGISTERS, is_lent, use_of
from ssm_hardening.access.node_roles import grants
from ssm_hardening.core.logic import each, is_yes
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Known
from ssm_hardening.iam.analysis import has_effect
from ssm_hardening.iam.decisions import Denied
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import LIVE, Account, Association, Policy, Role
from ssm_hardening.remediation.adoption.objects import further_label
from ssm_hardening.remediation.cases import AccessGap, Case, rules_of
from ssm_hardening.remediation.changes import Phase, known_text, known_texts
from ssm_hardening.remediation.plan import FromExpression, FromVariable, Import, ModuleCall, ModuleInput
from ssm_hardening.remediation.rights.destinations import Destinations
from ssm_hardening.remediation.rights.hosts import made_by
from ssm_hardening.remediation.rights.planned import Lost, lost
from ssm_hardening.remediation.rights.result import Making, Rights, RightsCall, canary_variable
from ssm_hardening.remediation.wiring import PREFIX, label

MODULE = "instance-role"
_SWAPPED = ("AmazonSSMManagedInstanceCore", "AmazonEC2RoleforSSM", "AmazonSSMFullAccess")
"""Policies of AWS's whose place the minimum takes; in this order, one of a role."""

_FEATURES = {
    "AWS-GatherSoftwareInventory": ("associations", "inventory"),
    "AWS-RunPatchBaseline": ("associations", "patching"),
    "AWS-RunPatchBaselineAssociation": ("associations", "patching"),
    "AWS-RunPatchBaselineWithHooks": ("associations", "patching"),
    "AWS-ConfigureAWSPackage": ("associations", "packages"),
    "AWS-UpdateSSMAgent": ("associations", "packages"),
}
_READ = "ssm:GetParameter"
_ALL = ("associations", "inventory", "packages", "patching", "run-command")


def make(cases: Sequence[Case], making: Making) -> None:
    """Make one call for each role that the cases are about, and for those that lack rights to come."""
    nodes = _Nodes(making.account, making.used, making.into, making.rights, changes=bool(making.calls))
    nodes.make(cases, making.helped)


@dataclass(frozen=True, slots=True)
class _Nodes:
    """`changes` says that stores, keys or preferences are made or changed beside the roles."""

    account: Account
    used: Destinations
    into: bool
    rights: Rights
    changes: bool

    def make(self, cases: Sequence[Case], helped: Sequence[Role]) -> None:
        by_role: dict[str, tuple[Role, list[Case]]] = {}
        for case in cases:
            if isinstance(case.fact, Role):
                by_role.setdefault(case.fact.address, (case.fact, []))[1].append(case)
        for role in helped:
            by_role.setdefault(role.address, (role, []))
        for address, (role, asked) in tuple(by_role.items()):
            if self._may_displace(role):
                del by_role[address]
                self._rest(role, None, asked)
        names = labels("node_rights", [role for role, _ in by_role.values()], into=self.into)
        for name, (role, asked) in zip(names, by_role.values(), strict=True):
            self._call(name, role, asked)

    def _call(self, name: str, role: Role, asked: Sequence[Case]) -> None:
        named = role_input(role, into=self.into)
        if named is None:
            why = "another root module cannot refer to the role, because of its name or its place in the code"
            self._lack(role, asked, why)
            return
        swapped, taken = next(self._swapped(role), None), lost(self.account, role, self.used)
        if swapped is None and taken.entirely:
            self._lack(role, asked, taken.why)
            self._rest(role, None, asked)
            return
        if swapped is None and not (self._adds(asked) and self.used.stores() is not None):
            # In code only what is or will be missing is added: what to take away stands in no module of ours.
            self._lack(role, asked, "the resources that it needs permissions for are unknown")
            self._rest(role, None, asked)
            return
        turned = [case for case in asked if self._turns(case.remedy.gap, role, swapped, taken)]
        left = [case for case in asked if case not in turned]
        claimed = rules_of(turned)
        inputs: dict[str, ModuleInput] = {"name": policy_prefix(role), "role_name": named, **self._features()}
        if swapped is not None:
            inputs |= {
                "replaced_policy_arn": swapped,
                "canary_passed": FromVariable(self.rights.add(canary_variable(PREFIX if self.into else ""))),
            }
        shown = self._is_shown_by_code(role)
        call = ModuleCall(
            label=name,
            module=MODULE,
            inputs=inputs,
            closes=claimed if shown else (),
            expects=() if shown else claimed,
            note=f"{_note(role, swapped)}{self._displaces(role)}",
        )
        switch = (
            None
            if swapped is None
            else f"{_name(role)} loses {swapped.rpartition('/')[2]} and gets the minimum session policy"
        )
        made = RightsCall(
            phase=Phase.RIGHTS, call=call, imports=_imports(name, role, swapped), switch=switch, first=True
        )
        self.rights.calls.append(made)
        self._lack(role, left, taken.why or f"unknown: {' and '.join(self.used.lacking())}")
        self._rest(role, swapped, left)
        if self.account.source == LIVE:
            self.rights.proved += [case.target for case in turned]
        elif shown:
            self.rights.targets += [case.target for case in turned]

    def _may_displace(self, role: Role) -> bool:
        """Say whether our permissions might put the role in the place of the one that Default Host Management lends."""
        return next(self._swapped(role), None) is None and not is_yes(use_of(role, self.account).answer)

    def _displaces(self, role: Role) -> str:
        """Return a sentence on what the role takes the place of once it lets agents register."""
        if is_yes(is_lent(role, self.account)) or not isinstance(grants(self.account, role, REGISTERS, "*"), Denied):
            return ""
        return f" With {REGISTERS}, the role replaces the one of Default Host Management, if any, on its nodes."

    def _adds(self, asked: Sequence[Case]) -> bool:
        """Say whether rights are missing, now or once the plan's changes are made; a role without a case is helped."""
        return self.account.source == LIVE or bool(_lacking(asked)) or self.changes or not asked

    def _lack(self, role: Role, asked: Iterable[Case], why: str) -> None:
        """Leave the rights that are missing to a person."""
        rules = rules_of(_lacking(asked))
        if rules:
            what = f"{role.address}: grant it the permissions of module {MODULE} ({', '.join(rules)} lists them)"
            self.rights.step(Phase.RIGHTS, what=what, why=why, at=role.origin, rules=rules)

    def _is_shown_by_code(self, role: Role) -> bool:
        """Say whether an audit of the code sees what the call attaches: the role stands in the same root."""
        return self.account.source != LIVE and self.into and isinstance(role.origin, CodeOrigin)

    def _turns(self, gap: AccessGap | None, role: Role, swapped: str | None, taken: Lost) -> bool:
        """Say whether the call closes a gap: it adds all that is missing, or nothing wider is left after the swap."""
        if gap is AccessGap.LACKING:
            return not self.used.lacking() and not taken.why
        if swapped is None or role.statements.gap is not None:
            return False
        own = {swapped, *own_policies(self.account)}
        left = tuple(each for each in role.statements if not (isinstance(each.at, ApiOrigin) and each.at.arn in own))
        if gap is not AccessGap.PARAMETERS:
            return not left and not [arn for arn in attached_policies(role) if arn not in own]
        return isinstance(grants(self.account, replace(role, statements=Inventory(left)), _READ, "*"), Denied)

    def _features(self) -> dict[str, ModuleInput]:
        found = self._kept()
        return {**self.used.inputs(), **({"keep": list(found)} if found else {})}

    def _kept(self) -> tuple[str, ...]:
        """Return the features that stay: a baseline of ours is an association, and probes come by Run Command."""
        found = set(kept(self.account.associations))
        found |= {"associations"} if made_by(self.rights) else set()
        found |= {"run-command"} if self.account.hosts.items else set()
        return tuple(sorted(found))

    def _swapped(self, role: Role) -> Iterator[str]:
        """Yield the policy whose place the minimum may take: live alone, for code has an attachment of its own."""
        if self.account.source != LIVE:
            return
        attached = tuple(attached_policies(role))
        for wanted in _SWAPPED:
            yield from (arn for arn in attached if arn.rpartition("/")[2] == wanted and ":aws:policy/" in arn)

    def _rest(self, role: Role, swapped: str | None, asked: Iterable[Case]) -> None:
        """Leave to a person what no swap takes away; what the module attached itself stays."""
        taking = rules_of(case for case in asked if case.remedy.gap is not AccessGap.LACKING)
        if not taking:
            return
        own = {swapped, *own_policies(self.account)}
        others = [arn for arn in attached_policies(role) if arn not in own]
        if isinstance(role.origin, CodeOrigin):
            what = f"{role.address}: after the canary test, remove the wider policies from the code ({role.origin})"
        elif others:
            commands = "; ".join(
                f"aws iam detach-role-policy --role-name {quote(_name(role))} --policy-arn {quote(arn)}"
                for arn in others
            )
            what = (
                f"{role.address}: after the canary test, check what else is attached and detach policies that are too "
                f"broad: {commands}"
            )
        else:
            what = (
                f"{role.address}: after the canary test, remove permissions that are too broad from its inline policies"
            )
        why = "other uses of these policies are unknown, and a missing permission breaks a workload"
        self.rights.step(Phase.RESTRICTIONS, what=what, why=why, at=role.origin, rules=taking)


def _lacking(asked: Iterable[Case]) -> list[Case]:
    return [case for case in asked if case.remedy.gap is AccessGap.LACKING]


def labels(base: str, facts: Sequence[Role], *, into: bool) -> list[str]:
    """Return a label for each: the plain one where there is one, else with its name."""
    if len(facts) == 1:
        return [label(base, into=into)]
    found: dict[str, Role] = {}
    for fact in facts:
        withheld = isinstance(fact.name, Known) and fact.name.at_sensitive
        called = fact.address.rpartition(".")[2] if withheld else _name(fact)
        found[further_label(base, called, found, into=into)] = fact
    return list(found)


def role_input(role: Role, *, into: bool) -> ModuleInput:
    """Return how a module may name the role: a reference in its own root, else its name where that is known."""
    if into and isinstance(role.origin, CodeOrigin) and not role.origin.module_path:
        return FromExpression(f"{role.address}.name") if role.address.startswith("aws_iam_role.") else None
    name = known_text(role.name)
    return None if name is None else name.rpartition("/")[2]


def _name(role: Role) -> str:
    name = known_text(role.name)
    return role.address.rpartition(".")[2] if name is None else name.rpartition("/")[2]


def policy_prefix(role: Role) -> str:
    """Return what the names of the new policies begin with."""
    return sub(r"[^\w+=,.@-]+", "-", _name(role))[:64]


def attached_policies(role: Role) -> Iterator[str]:
    """Yield the ARNs of the managed policies that are known to be attached."""
    yield from known_texts(role.managed_policies)


def kept(associations: Inventory[Association]) -> tuple[str, ...]:
    """Return the features of Systems Manager that stay: those that are observed, and all where that is not known."""
    if associations.gap is not None:
        return _ALL
    found: set[str] = set()
    for association in associations:
        name = known_text(association.document)
        if name is None:
            return _ALL
        found |= set(_FEATURES.get(name.rpartition("/")[2], ("associations", "packages")))
    return tuple(sorted(found))


def _imports(name: str, role: Role, swapped: str | None) -> tuple[Import, ...]:
    if swapped is None:
        return ()
    to = f"module.{name}.aws_iam_role_policy_attachment.minimum"
    return (Import(to=to, id=f"{_name(role)}/{swapped}", of=role.address),)


def _note(role: Role, swapped: str | None) -> str:
    added = f"Adds the permissions for recording to {_name(role)} and removes none."
    if swapped is None:
        return added
    policy = swapped.rpartition("/")[2]
    return f"{added} After you set canary_passed to true, a minimum session policy replaces {policy}."


LOGGING, MINIMUM = "-session-logging", "-session-minimum"

ON_ITS_STORES = frozenset({
    "s3:PutObject", "s3:PutObjectAcl", "s3:GetEncryptionConfiguration", "kms:GenerateDataKey", "kms:Decrypt",
    "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "ssm:GetParameter", "ssm:GetParameters",
})  # fmt: skip
"""What the module grants on objects that it names."""

ON_ALL = frozenset({
    "ssm:UpdateInstanceInformation", "logs:DescribeLogGroups",
    "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:GetDocument", "ssm:ListAssociations",
    "ssm:ListInstanceAssociations", "ssm:PutComplianceItems", "ssm:UpdateAssociationStatus",
    "ssm:UpdateInstanceAssociationStatus", "ssm:PutInventory", "ssm:GetManifest", "ssm:PutConfigurePackageResult",
    "ssm:GetDeployablePatchSnapshotForInstance",
    "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint",
    "ec2messages:GetMessages", "ec2messages:SendReply",
})  # fmt: skip
"""What it grants on everything, since these calls know no narrower resource."""


def own_policies(account: Account) -> frozenset[str]:
    """Return the ARNs of the account's policies that the module made.

    The name alone would let a wider policy pass: every statement must be one that the module writes.
    """
    return frozenset(each.address for each in account.policies if _is_own(each))


def _is_own(policy: Policy) -> bool:
    name = policy.address.rpartition("/")[2]
    statements = policy.statements
    if not name.endswith((LOGGING, MINIMUM)) or statements.gap is not None or not statements.items:
        return False
    return all(_is_written_by_the_module(each) for each in statements)


def _is_written_by_the_module(statement: Statement) -> bool:
    plain = isinstance(statement.not_actions, Absent) and isinstance(statement.not_resources, Absent)
    if not plain or not is_yes(has_effect(statement, "Allow")):
        return False
    actions, resources = (set(map(known_text, each(value))) for value in (statement.actions, statement.resources))
    if not actions or not resources or None in actions or None in resources:
        return False
    named = all(arn is not None and arn.startswith("arn:") and ":parameter/*" not in arn for arn in resources)
    return actions <= (ON_ITS_STORES | ON_ALL if named else ON_ALL)
