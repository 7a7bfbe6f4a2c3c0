"""Roles of a live account, and stores and keys that nothing copies and nobody was granted."""

from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory
from ssm_hardening.iam.statements import Statement
from ssm_hardening.model import Account, Key, KeyGrant, Role
from tests.rules.builders import AT, fact, lift, statement
from tests.rules.builders_live import OWNER, bare, live_bucket, live_group, live_keys, live_preferences

ROOT = {"AWS": [f"arn:aws:iam::{OWNER}:root"]}


def allow(*actions: str, resource: Any = "*", **more: Any) -> Statement:
    return statement(actions=list(actions), resources=[resource], **more)


READ = allow("s3:GetObject", "logs:GetLogEvents")
START = allow("ssm:StartSession")
ERASE = allow("logs:DeleteLogGroup", "kms:PutKeyPolicy")


def role(name: str, *statements: Statement, **overrides: Any) -> Role:
    address = f"arn:aws:iam::{OWNER}:role/{name}"
    defaults: dict[str, Any] = {
        "address": address,
        "origin": ApiOrigin(address, "iam:GetRole"),
        "name": name,
        "form": "role",
        "kind": "other",
        "trusted_services": [],
        "trust": Inventory((statement(actions=["sts:AssumeRole"], principals=ROOT),)),
        "managed_policies": [],
        "statements": Inventory(statements),
        "boundary": None,
        "boundary_statements": Inventory(),
        "instances": [],
        "tags": {},
    }
    made: Role = fact(Role, address, {}, defaults | overrides)
    return made


def crowd(count: int, *statements: Statement) -> list[Role]:
    return [role(f"example-{number}", *statements) for number in range(1, count + 1)]


def grant(who: str, operation: str = "Decrypt", *, constrained: Any = False) -> KeyGrant:
    return KeyGrant(
        at=AT,
        name=lift("example"),
        grantee=lift(f"arn:aws:iam::{OWNER}:{who}"),
        operations=lift([operation]),
        constrained=lift(constrained),
    )


def quiet_account(*roles: Role, **overrides: Any) -> Account:
    """Return an account whose recordings nothing copies, with these roles and nobody else."""
    defaults: dict[str, Any] = {
        "session_documents": [live_preferences()],
        "roles": list(roles),
        "users": [],
        "groups": [],
        "log_buckets": [live_bucket(replicates_to=[], access_points=[])],
        "log_groups": [live_group(copied_to=[])],
        "keys": quiet_keys(),
    }
    return bare(**defaults | overrides)


def quiet_keys(**overrides: Any) -> list[Key]:
    return live_keys(**{"grants": [], "material": "AWS_KMS", **overrides})
