"""Accounts on which the rules over people are watched while knowledge is taken away."""

from ssm_hardening.model import Account
from tests.rules.builders_people import NODES, allow, deny, group, role, staffed, user


def scenarios() -> dict[str, Account]:
    """Return accounts of one person each: the fixtures hold the rest."""
    member = user(allow(["s3:ListAllMyBuckets"]), groups=[group().address])
    return {
        "an operator": staffed(role()),
        "an administrator": staffed(role(allow(["*"]), name="admin")),
        "sessions but for a Deny": staffed(role(allow(["ssm:StartSession"]), deny(["ssm:StartSession"], NODES))),
        "a user by a group": staffed(users=[member], groups=[group(allow(["ssm:*"], ["*"]))]),
    }
