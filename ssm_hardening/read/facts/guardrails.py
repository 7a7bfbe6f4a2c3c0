"""The control policies that code attaches to an account whose own resources it declares, too.

A policy that this code attaches elsewhere (to an organizational unit, the root, or an account whose ID it does not say)
may bind the account, which only AWS can tell: it is not applied, and the gap names it. None binds the account that
manages the organization, whose provider declares them.
"""

from collections.abc import Iterator

from ssm_hardening.core.logic import literal
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown, Why
from ssm_hardening.iam.statements import statements_of
from ssm_hardening.model import Account, ControlPolicy
from ssm_hardening.model.facts import none_read
from ssm_hardening.read.control_policies import SERVICE, TYPES, control_policy
from ssm_hardening.read.converting import json_document
from ssm_hardening.read.facts.accounts import Places
from ssm_hardening.read.facts.arguments import text_in
from ssm_hardening.read.facts.attachments import Attachments, attachments, certain
from ssm_hardening.read.facts.index import ProviderRegion
from ssm_hardening.read.graph import Resource, Root

_POLICY, _ATTACHMENT = "aws_organizations_policy", "aws_organizations_policy_attachment"


def guardrails_of(root: Root, account: Account, owner: ProviderRegion, places: Places) -> Inventory[ControlPolicy]:
    """Return the control policies that bind an account by its ID; the gap says which others may."""
    attached = attachments(root.resources(_ATTACHMENT), "policy_id")
    declared = [(each, policy) for each in root.resources(_POLICY) for policy in _policies(each)]
    binding = [
        policy
        for each, policy in declared
        if places.owners.name(each.provider) != owner.provider and _is_bound(account, each, policy, attached)
    ]
    left = [policy for _, policy in declared if policy not in binding]
    return Inventory(tuple(binding), none_read().gap if not left else _not_applied(left[0]))


def _policies(resource: Resource) -> Iterator[ControlPolicy]:
    """Yield the policy of a resource, unless it is of a type that denies nothing."""
    told = text_in(resource.config, "type")
    kind = SERVICE if isinstance(told, Absent) else TYPES.get(literal(told) or "")
    if kind is not None:
        name = literal(text_in(resource.config, "name")) or resource.address
        statements = statements_of(json_document(text_in(resource.config, "content")), resource.at)
        level = Absent(resource.at)
        yield control_policy(resource.address, name=name, kind=kind, level=level, statements=statements)


def _is_bound(account: Account, resource: Resource, policy: ControlPolicy, attached: Attachments) -> bool:
    number = literal(account.account)
    is_there = isinstance(resource.exists, Known) and number is not None
    return is_there and any(literal(text_in(each, "target_id")) == number for each in certain(attached.of(policy)))


def _not_applied(policy: ControlPolicy) -> Unknown:
    return Unknown(Why.COMPUTED, policy.origin, f"whether {policy.address} binds the account is unknown")
