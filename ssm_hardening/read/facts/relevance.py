"""Whether what was read concerns Session Manager, where no word of the code is about it.

The prefilter takes every root that may concern sessions, and many that do not: their policies are about other things.
Here the facts decide: a root concerns sessions where it declares what may be a node, or an endpoint of Systems Manager,
or where somebody may be granted what `session_actions` returns. A grant that is not known may be one.
"""

import re
from collections.abc import Iterator, Sequence

from ssm_hardening.core.logic import Answer, certainly, every, is_yes
from ssm_hardening.core.logic import each as members_of
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Unknown, Value
from ssm_hardening.iam.analysis import NODE_SERVICE, applies_to, has_effect
from ssm_hardening.iam.powers import session_actions
from ssm_hardening.iam.principals import Principal, principals_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Group, Role, User
from ssm_hardening.read.facts.arguments import text_in
from ssm_hardening.read.facts.roles import PROFILE
from ssm_hardening.read.facts.stacks import creates_nodes_or_grants, creators_of
from ssm_hardening.read.graph import Root

_WITH_PROFILE = (
    "aws_instance",
    "aws_launch_template",
    "aws_launch_configuration",
    "aws_spot_instance_request",
    "aws_spot_fleet_request",
    "aws_ec2_fleet",
)
_ALWAYS_NODES = (PROFILE, "aws_eks_node_group")
_OF_AWS = re.compile(r":iam::aws:policy/(?!.*(?:SSM|SystemsManager|ssm))")
_SERVICES = (NODE_SERVICE, "ssm.amazonaws.com")
_ENDPOINTS = (".ssm", ".ssmmessages", ".ec2messages")


def concern_sessions(root: Root, accounts: Sequence[Account]) -> bool:
    """Say whether a root, of which these accounts were read, concerns sessions."""
    unread = frozenset(gap.at for gap in root.gaps)
    return (
        any(account.session_documents.items or account.activations.items for account in accounts)
        or creates_nodes_or_grants(creators_of(root))
        or _declares_nodes(root)
        or any(_has_endpoint(account) or _grants(account, unread) for account in accounts)
    )


def _declares_nodes(root: Root) -> bool:
    if any(_is_there(each.exists) for each in root.resources(*_ALWAYS_NODES)):
        return True
    return any(
        not isinstance(text_in(each.config, "iam_instance_profile"), Absent)
        or bool(each.config.blocks("iam_instance_profile").items)
        for each in root.resources(*_WITH_PROFILE)
        if _is_there(each.exists)
    )


def _is_there(exists: Value[bool]) -> bool:
    """Say whether an object exists, or may."""
    return not certainly(exists, lambda there: not there)


def _has_endpoint(account: Account) -> bool:
    there = (each for each in account.vpc_endpoints if _is_there(each.exists))
    return any(certainly(each.service, lambda text: str(text).endswith(_ENDPOINTS)) for each in there)


def _grants(account: Account, unread: frozenset[Origin]) -> bool:
    """Say whether anybody may have a power over sessions. What was not read (`unread`) is no reason to think so."""
    holders: list[Role | User | Group] = [*account.roles, *account.users, *account.groups]
    there = [each for each in holders if _is_there(each.exists)]
    if any(isinstance(each, Role) and _is_node(each) for each in there):
        return True
    people = [each for each in there if not isinstance(each, Role) or _has_people(each)]
    statements = [each.statements for each in (*account.policies, *people) if _is_there(each.exists)]
    return (
        any(_unknown_policies(each, unread) for each in people)
        or any(_may_grant(statement, unread) for held in statements for statement in held)
        or any(_grants_surely(statement) for role in there for statement in role.statements)
    )


def _unknown_policies(person: Role | User | Group, unread: frozenset[Origin]) -> bool:
    """Say whether a policy of somebody is not known; one of AWS's own that a name tells is, as far as we are concerned.

    Those of Systems Manager ship with the tool, or have its name in theirs, which is a hint of its own.
    """
    gap, policies = person.statements.gap, members_of(person.managed_policies)
    own = {each.at for each in policies if isinstance(each, Known) and _OF_AWS.search(str(each.value))}
    unknown = [each.at for each in policies if isinstance(each, Unknown)]
    return any(at not in unread and at not in own for at in (*unknown, *(() if gap is None else (gap.at,))))


def _is_node(role: Role) -> bool:
    """Say whether EC2 or a hybrid machine may assume the role."""
    return any(isinstance(each, Known) and each.value in _SERVICES for each in members_of(role.trusted_services))


def _has_people(role: Role) -> bool:
    """Say whether anybody but a service may assume the role, or the trust policy is not known."""
    trusted = members_of(role.trusted_services)
    if not trusted or any(isinstance(each, Unknown) for each in trusted):
        return True
    return any(_is_no_service(each) for statement in role.trust for each in principals_of(statement))


def _is_no_service(principal: Principal | Unknown) -> bool:
    """Say whether a principal of a trust policy is a person, an account, or not known."""
    return isinstance(principal, Unknown) or principal.kind != "Service"


def _may_grant(statement: Statement, unread: frozenset[Origin]) -> bool:
    return any(
        answer.at not in unread if isinstance(answer, Unknown) else is_yes(answer) for answer in _answers(statement)
    )


def _grants_surely(statement: Statement) -> bool:
    return any(is_yes(answer) for answer in _answers(statement))


def _answers(statement: Statement) -> Iterator[Answer]:
    """Yield for each power whether the statement allows it; the resources and conditions aside."""
    allows = has_effect(statement, "Allow")
    return (every((allows, applies_to(statement, power)), statement.at) for power in session_actions())
