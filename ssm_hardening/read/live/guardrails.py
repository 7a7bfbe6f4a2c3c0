"""The service and resource control policies that bind an account: those of each level from the account to the root.

Only the management account and delegated administrators may list them. So whoever an audit starts as is asked first,
and then the role that it assumed in the account. To be refused is the normal case, and one gap of the account.
"""

from collections.abc import Iterator
from dataclasses import replace

from ssm_hardening.core.logic import literal
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Why
from ssm_hardening.iam.statements import statements_of
from ssm_hardening.model import ControlPolicy
from ssm_hardening.read.control_policies import TYPES, control_policy
from ssm_hardening.read.converting import json_document
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import answered, entries, first_gap, given, sent
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.clients import AccountAnswers, Clients

_DEEPEST = 8
"""Levels of an organization: the account, up to five organizational units, and the root; two to spare."""

_NO_ORGANIZATION = ("AWSOrganizationsNotInUseException",)
_NOT_OFFERED = ("UnsupportedAPIEndpointException",)
"""Partitions without resource control policies."""


def guardrails(aws: AwsApi, organization: AccountAnswers | None = None) -> Inventory[ControlPolicy]:
    """Return the control policies that bind the account; the gap says why there may be more.

    `organization` keeps what the same caller was told for other accounts: most have the same policies.
    """
    at = calls.DESCRIBE_ORGANIZATION.at(aws.who.root)
    told = answered(aws.ask(calls.DESCRIBE_ORGANIZATION, aws.who.root, missing=_NO_ORGANIZATION))
    management = sent(told, "Organization", "MasterAccountId")
    features = given(told, "Organization", "FeatureSet")
    gap = first_gap(management, features)
    if gap is not None:
        return Inventory((), gap)
    if (
        isinstance(told, Absent)
        or literal(management) == aws.who.account
        or literal(features) == "CONSOLIDATED_BILLING"
    ):
        return Inventory()
    for asker in _askers(aws, organization):
        found = _from_all_levels(asker)
        if asker is aws or found.items or found.gap is None or found.gap.why is not Why.DENIED:
            if asker is not aws:
                aws.refused.extend(asker.refused)
            return found
    raise AssertionError(f"nobody is asked for the control policies of an account ({at})")


def _askers(aws: AwsApi, organization: AccountAnswers | None) -> Iterator[AwsApi]:
    target = aws.clients.target
    if target.role_arn is not None:
        start = replace(target, role_arn=None, external_id=None)
        yield AwsApi(Clients(start), aws.who, aws.watch, organization)
    yield aws


def _from_all_levels(aws: AwsApi) -> Inventory[ControlPolicy]:
    found: list[ControlPolicy] = []
    level: str | None = aws.who.account
    for _ in range(_DEEPEST):
        if level is None:
            return Inventory(tuple(found))
        for type_ in TYPES:
            attached = _attached(aws, level, type_)
            found += attached.items
            if attached.gap is not None:
                return Inventory(tuple(found), attached.gap)
        above = _parent(aws, level)
        if isinstance(above, Unknown):
            return Inventory(tuple(found), above)
        level = above
    at = calls.LIST_PARENTS.at(aws.who.root)
    return Inventory(tuple(found), Unknown(Why.UNSUPPORTED, at, f"{at.call}: more than {_DEEPEST} levels"))


def _parent(aws: AwsApi, level: str) -> str | Unknown | None:
    """Return the ID of what a level is in; None for the root."""
    if level.startswith("r-"):
        return None
    at = calls.LIST_PARENTS.at(aws.who.root)
    listed = aws.all(calls.LIST_PARENTS, "Parents", aws.who.root, {"ChildId": level})
    for each in entries(listed, at):
        above = sent(each, "Id")
        if isinstance(above, Known):
            return str(above.value)
    nobody = Unknown(Why.UNPARSEABLE, at, f"{at.call}: the response names no parent")
    return nobody if listed.gap is None else listed.gap


def _attached(aws: AwsApi, level: str, type_: str) -> Inventory[ControlPolicy]:
    """Return the policies of one type that are attached at a level, in the order of AWS."""
    call = calls.LIST_POLICIES_FOR_TARGET
    asked = {"TargetId": level, "Filter": type_}
    missing = _NOT_OFFERED if type_ == "RESOURCE_CONTROL_POLICY" else ()
    listed = aws.all(call, "Policies", aws.who.root, asked, missing=missing)
    found: list[ControlPolicy] = []
    gap = listed.gap
    for entry in entries(listed, call.at(aws.who.root)):
        id_, arn, name = sent(entry, "Id"), sent(entry, "Arn"), sent(entry, "Name")
        gap = first_gap(gap, id_, arn, name)
        if isinstance(id_, Known) and isinstance(arn, Known) and isinstance(name, Known):
            found.append(
                _policy(aws, str(id_.value), arn=str(arn.value), name=str(name.value), of=(TYPES[type_], level))
            )
    return Inventory(tuple(found), gap)


def _policy(aws: AwsApi, id_: str, *, arn: str, name: str, of: tuple[str, str]) -> ControlPolicy:
    kind, level = of
    at = calls.DESCRIBE_POLICY.at(arn)
    content = sent(answered(aws.ask(calls.DESCRIBE_POLICY, arn, {"PolicyId": id_})), "Policy", "Content")
    statements = statements_of(json_document(content), at)
    return control_policy(f"{arn} at {level}", name=name, kind=kind, level=Known(level, at), statements=statements)
