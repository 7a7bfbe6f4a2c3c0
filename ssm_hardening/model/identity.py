"""Who may do what: the roles of nodes and people, and the policies attached to them."""

from dataclasses import dataclass

from ssm_hardening.iam.statements import Statement
from ssm_hardening.model.facts import Fact
from ssm_hardening.values import Inventory, Items, Text, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Fact):
    """An IAM role. `name` is its name; live, the address is its ARN.

    `kind` is `node` (instances or hybrid nodes run with it), `operator` or `other`. `trusted_services` lists the
    service principals of the trust policy, `trust` holds the whole of it. `managed_policies` lists the ARNs attached,
    `statements` what all attached and inline policies say together, `boundary` the ARN of the permissions boundary.
    `instances` lists addresses of instances. Live, the roles of nodes alone, activations and Default Host Management
    included.
    """

    kind: Value[Text]
    trusted_services: Value[Items]
    trust: Inventory[Statement]
    managed_policies: Value[Items]
    statements: Inventory[Statement]
    boundary: Value[Text]
    instances: Value[Items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Fact):
    """A managed or inline policy. `kind` is `aws`, `customer` or `inline`; `attached_to` lists addresses of roles.

    Live, the address is the ARN; that of an inline policy is its role's, a colon and its name.
    """

    kind: Value[Text]
    attached_to: Value[Items]
    statements: Inventory[Statement]
