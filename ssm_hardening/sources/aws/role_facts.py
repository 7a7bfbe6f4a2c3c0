"""From what IAM says of a role and its policies to the facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ssm_hardening.iam.parsing import statements_of
from ssm_hardening.iam.purpose import trusted_services
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Ownership, Policy, Role
from ssm_hardening.origins import ApiOrigin
from ssm_hardening.sources.aws import calls
from ssm_hardening.sources.aws.data import first_gap, given, sent, tags_in
from ssm_hardening.sources.aws.entry import last_name, listed
from ssm_hardening.sources.aws.owners import owner_of
from ssm_hardening.sources.converting import items, record
from ssm_hardening.values import Absent, Inventory, Items, Known, Text, Unknown, Value


@dataclass(frozen=True, slots=True)
class Users:
    """The addresses of the nodes that run with each role; `gap` says why there may be more."""

    by_role: Mapping[str, Sequence[Known[Text]]]
    gap: Unknown | None


@dataclass(frozen=True, slots=True)
class ReadRole:
    """What was read of one role: IAM's entry (Absent where there is no such role), and its policies.

    `attached` holds the ARNs of managed policies.
    """

    name: str
    arn: str
    entry: Value[Any]
    attached: Inventory[str] = field(default_factory=Inventory)
    inline: Inventory[Policy] = field(default_factory=Inventory)

    @property
    def attached_at(self) -> ApiOrigin:
        """Where the list of attached policies was read."""
        return ApiOrigin(self.arn, str(calls.LIST_ATTACHED_ROLE_POLICIES))


def role_fact(read: ReadRole, managed: Mapping[str, Policy], users: Users) -> Role:
    """Return the role. `managed` holds every managed policy by its ARN."""
    at = ApiOrigin(read.arn, str(calls.GET_ROLE))
    trust = statements_of(sent(read.entry, "AssumeRolePolicyDocument", convert=record), at)
    gone = isinstance(read.entry, Absent)
    return Role(
        address=read.arn,
        declaration=read.arn,
        origin=at,
        name=Known(read.name, at),
        exists=read.entry if isinstance(read.entry, Unknown) else Known(not gone, at),
        kind=Known("node", at),
        trusted_services=trusted_services(trust, at),
        trust=trust,
        managed_policies=_texts(read.attached, read.attached_at),
        statements=_together([managed[arn] for arn in read.attached], read),
        boundary=_boundary(read),
        instances=_users_of(read.name, users, at),
        form=Known("role", at),
        boundary_statements=_limits(read, managed),
        tags=tags_in(given(read.entry, "Tags", convert=items), at),
    )


def _boundary(read: ReadRole) -> Value[Text]:
    return given(given(read.entry, "PermissionsBoundary", convert=record), "PermissionsBoundaryArn")


def boundary_arns(read: ReadRole) -> tuple[str, ...]:
    """Return the ARN of the permissions boundary, where there is one."""
    boundary = _boundary(read)
    return (str(boundary.value),) if isinstance(boundary, Known) else ()


def _limits(read: ReadRole, managed: Mapping[str, Policy]) -> Inventory[Statement]:
    match _boundary(read):
        case Known(arn):
            return managed[str(arn)].statements
        case Absent():
            return Inventory()
        case Unknown() as gap:
            return Inventory((), gap)


def _texts(texts: Inventory[str], at: ApiOrigin) -> Value[Items]:
    return Known(Items(tuple(Known(each, at) for each in texts), texts.gap), at)


def _users_of(role: str, users: Users, at: ApiOrigin) -> Value[Items]:
    return listed((*users.by_role.get(role, ()), *(() if users.gap is None else (users.gap,))), at=at)


def _together(managed: Sequence[Policy], read: ReadRole) -> Inventory[Statement]:
    """Return what all policies say, and why they may say more."""
    held = [each.statements for each in (*managed, *read.inline)]
    gap = first_gap(read.attached.gap, read.inline.gap, *(each.gap for each in held))
    return Inventory(tuple(statement for each in held for statement in each), gap)


def inline_policy(role: str, name: str, document: Value[Any]) -> Policy:
    """Return a policy that stands within a role (its ARN)."""
    at = ApiOrigin(role, str(calls.GET_ROLE_POLICY))
    # No path may hold a colon: the address of a policy is never that of a role.
    return _policy(f"{role}:{name}", name, "inline", document, at, Known(Items((Known(role, at),)), at))


def managed_policy(arn: str, document: Value[Any]) -> Policy:
    """Return a managed policy, attached to nothing yet."""
    at = ApiOrigin(arn, str(calls.GET_POLICY_VERSION))
    kind = "aws" if arn.split(":")[4] == "aws" else "customer"
    return _policy(arn, last_name(arn), kind, document, at, Known(Items(()), at))


def _policy(  # noqa: PLR0913, PLR0917 - the fields of the fact
    address: str, name: str, kind: str, document: Value[Any], at: ApiOrigin, roles: Value[Items]
) -> Policy:
    return Policy(
        address=address,
        declaration=address,
        origin=at,
        name=Known(name, at),
        exists=Known(True, at),
        kind=Known(kind, at),
        attached_to=roles,
        statements=statements_of(document, at),
    )


def attached_to(policy: Policy, roles: Iterable[ReadRole], gap: Unknown | None) -> Policy:
    """Return the policy with the roles that it is attached to, of those that were read; `gap`: there may be more."""
    users = [Known(each.arn, each.attached_at) for each in roles if policy.address in each.attached.items]
    hidden = first_gap(gap, *(each.attached.gap for each in roles))
    return replace(policy, attached_to=Known(Items(tuple(users), hidden), policy.origin))


def ownership_of(read: ReadRole) -> Ownership:
    """Return whose a role is."""
    at = ApiOrigin(read.arn, str(calls.GET_ROLE))
    return owner_of(read.arn, read.name, tags_in(given(read.entry, "Tags", convert=items), at))
