"""Who can do what: the roles of nodes and people, users and groups, and the policies attached to them."""

from dataclasses import dataclass, field

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model.facts import Fact, none_read, not_read


def _nowhere() -> Absent:
    """Return what `named_in` holds of a principal that is declared, or read as a whole."""
    return Absent(CodeOrigin("", 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Fact):
    """An IAM role, or an Identity Center permission set, which becomes one in each account it is assigned to.

    `name` is its name; live, the address is its ARN. `form` is `role` or `permission-set`. `kind` is `node` (instances
    or hybrid nodes run with it), `operator` (its policies allow starting sessions) or `other`. `trusted_services` lists
    the service principals of the trust policy, `trust` holds the whole of it. `managed_policies` lists the ARNs
    attached, `statements` what all attached and inline policies say together; where an AWS-managed policy's text is
    the one that ships with the tool, its statements say so in their origin. `boundary` is the ARN of the permissions
    boundary, `boundary_statements` what it says (empty without one). `instances` lists addresses of instances. `tags`
    are the role's own. `exclusive` says whether the code lists all that is attached, so that each apply detaches the
    rest. `named_in` lists the addresses of the resources that name it, where code names a role that it does not
    declare: `statements` then holds what this code attaches, with a gap for what is attached elsewhere (`elsewhere`).
    `path` is the path in front of the name (`/service-role/`), `/` for a role without one.
    """

    kind: Value[Text]
    trusted_services: Value[Items]
    trust: Inventory[Statement]
    managed_policies: Value[Items]
    statements: Inventory[Statement]
    boundary: Value[Text]
    instances: Value[Items]
    form: Value[Text] = field(default_factory=not_read)
    boundary_statements: Inventory[Statement] = field(default_factory=none_read)
    tags: Value[Record] = field(default_factory=not_read)
    exclusive: Value[bool] = field(default_factory=not_read)
    path: Value[Text] = field(default_factory=not_read)
    named_in: Value[Items] = field(default_factory=_nowhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Fact):
    """An IAM user. `groups` lists addresses of groups (in code that does not declare them: names).

    `managed_policies` and `statements` are the user's own, those of its groups aside. Live, the address is the ARN.
    `named_in` is that of a role.
    """

    groups: Value[Items]
    managed_policies: Value[Items]
    statements: Inventory[Statement]
    boundary: Value[Text]
    boundary_statements: Inventory[Statement]
    tags: Value[Record]
    named_in: Value[Items] = field(default_factory=_nowhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Fact):
    """An IAM group. `members` lists addresses of users, `named_in` is that of a role. Live, the address is the ARN."""

    managed_policies: Value[Items]
    statements: Inventory[Statement]
    members: Value[Items]
    named_in: Value[Items] = field(default_factory=_nowhere)


def is_only_named(fact: Role | User | Group) -> bool:
    """Say whether code names the principal without declaring it."""
    return isinstance(fact.named_in, Known)


def elsewhere(fact: Fact) -> Unknown:
    """Return what is not known of a principal that code only names: all but what this code attaches to it."""
    detail = f"{fact.address}: other policies, and any permissions boundary or trust policy, are not in the code"
    return Unknown(Why.OUT_OF_SCOPE, fact.origin, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Fact):
    """A managed or inline policy. `kind` is `aws`, `customer` or `inline`; `attached_to` lists addresses.

    Those are of roles, permission sets, users and groups. Live, the address is the ARN; that of an inline policy is
    its holder's, a colon and its name.
    """

    kind: Value[Text]
    attached_to: Value[Items]
    statements: Inventory[Statement]
