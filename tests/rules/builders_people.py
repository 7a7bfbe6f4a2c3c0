"""People with healthy defaults, in an account whose identities were all read."""

from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Unknown, Why
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, ControlPolicy, Group, Role, User
from tests.rules.builders import fact, statement
from tests.rules.builders_live import LOG_BUCKET, OWNER, arn, bare, live_bucket, live_group

NODES = [f"arn:aws:ec2:*:{OWNER}:instance/*", f"arn:aws:ssm:*:{OWNER}:managed-instance/*"]
PREFERENCES = arn("ssm", "document/SSM-SessionManagerRunShell")
POLICY = ApiOrigin(f"arn:aws:iam::{OWNER}:policy/example", "iam:GetPolicyVersion")
CHECKED = {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": ["true"]}}
TAGGED = {"StringEquals": {"ssm:resourceTag/env": ["dev"]}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}}
OWN = {"StringEquals": {"ssm:resourceTag/aws:ssmmessages:session-id": ["${aws:userid}"]}}


def allow(actions: list[str], resources: list[str] | None = None, **more: Any) -> Statement:
    return statement(**{"actions": actions, "resources": resources or ["*"], "at": POLICY, **more})


def deny(actions: list[str], resources: list[str] | None = None, **more: Any) -> Statement:
    return allow(actions, resources, effect="Deny", **more)


def good() -> list[Statement]:
    """Return what an operator should have."""
    return [
        allow(["ssm:StartSession"], NODES, conditions={**TAGGED, **CHECKED}),
        allow(["ssm:StartSession"], [PREFERENCES], conditions=CHECKED),
        allow(["ssm:TerminateSession", "ssm:ResumeSession"], [f"arn:aws:ssm:*:{OWNER}:session/*"], conditions=OWN),
        allow(["ssmmessages:OpenDataChannel"], [f"arn:aws:ssm:*:{OWNER}:session/${{aws:userid}}-*"]),
        allow(["kms:GenerateDataKey"], [arn("kms", "key/11111111-2222-3333-4444-555555555555")]),
    ]


def withheld(call: str = "iam:GetPolicyVersion") -> Unknown:
    return Unknown(Why.DENIED, POLICY, f"{call} was denied")


def partly(*statements: Statement) -> Inventory[Statement]:
    """Return these statements, and a policy that nobody may read."""
    return Inventory(statements or tuple(good()), withheld())


def trust(**more: Any) -> Statement:
    """Let users of the account assume a role, with MFA and under their own name."""
    named = {"StringEquals": {"sts:RoleSessionName": ["${aws:username}"]}, **MFA}
    people = {"AWS": [f"arn:aws:iam::{OWNER}:root"]}
    return statement(**{"actions": ["sts:AssumeRole"], "principals": people, "conditions": named, **more})


def unread_trust() -> Inventory[Statement]:
    return Inventory((), withheld("iam:GetRole"))


GITHUB = "token.actions.githubusercontent.com"


def admitting(
    name: str, kind: str, principal: str, *more: Statement, also: str = "", **conditions: dict[str, list[str]]
) -> Role:
    """Return the role of operators that a principal may assume, under these conditions and no others."""
    action = {"AWS": "sts:AssumeRole", "SAML": "sts:AssumeRoleWithSAML", "OIDC": "sts:AssumeRoleWithWebIdentity"}[kind]
    whole = principal if kind == "AWS" else f"arn:aws:iam::{OWNER}:{kind.lower()}-provider/{principal}"
    admitted = {"AWS" if kind == "AWS" else "Federated": [whole]}
    made = statement(actions=[action, *filter(None, [also])], principals=admitted, conditions=conditions or None)
    return role(name=name, trust=Inventory((made, *more)))


def trusting(
    name: str, kind: str, principal: str, *more: Statement, action: str = "sts:AssumeRole", **conditions: Any
) -> Role:
    """Return the role of operators whose trust policy allows this principal this action, and says `more`."""
    made = statement(actions=[action], principals={kind: [principal]}, conditions=conditions or None)
    return role(name=name, trust=Inventory((made, *more)))


def role(*statements: Statement, **overrides: Any) -> Role:
    name = overrides.pop("name", "operators")
    where = f"arn:aws:iam::{OWNER}:role/{name}"
    defaults = {
        "name": name,
        "kind": "operator",
        "form": "role",
        "trusted_services": [],
        "trust": Inventory((trust(),)),
        "managed_policies": [],
        "statements": Inventory(statements or tuple(good())),
        "boundary": None,
        "boundary_statements": Inventory(),
        "instances": [],
        "tags": {},
    }
    overrides.setdefault("origin", ApiOrigin(where, "iam:GetAccountAuthorizationDetails"))
    made: Role = fact(Role, where, defaults, overrides)
    return made


def user(*statements: Statement, **overrides: Any) -> User:
    name = overrides.pop("name", "alex")
    defaults = {
        "name": name,
        "groups": [],
        "managed_policies": [],
        "statements": Inventory(statements or tuple(good())),
        "boundary": None,
        "boundary_statements": Inventory(),
        "tags": {},
    }
    made: User = fact(User, f"arn:aws:iam::{OWNER}:user/{name}", defaults, overrides)
    return made


def group(*statements: Statement, **overrides: Any) -> Group:
    name = overrides.pop("name", "staff")
    defaults = {"name": name, "managed_policies": [], "statements": Inventory(statements), "members": []}
    made: Group = fact(Group, f"arn:aws:iam::{OWNER}:group/{name}", defaults, overrides)
    return made


def staffed(*roles: Role, **overrides: Any) -> Account:
    """Return a live account with these roles, and no other people."""
    return bare(**{"roles": list(roles), "users": [], "groups": [], **overrides})


def stores() -> dict[str, Any]:
    return {"log_buckets": [live_bucket(address=LOG_BUCKET)], "log_groups": [live_group()]}


def control(name: str, *statements: Statement, **overrides: Any) -> ControlPolicy:
    """Return a service control policy that binds the account, at a level that allows everything."""
    defaults = {"name": name, "kind": "service", "level": None, "statements": Inventory(statements)}
    made: ControlPolicy = fact(ControlPolicy, f"policy/{name}", defaults, overrides)
    return made
