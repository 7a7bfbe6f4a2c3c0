"""Accounts that differ in who may read, erase or hand on recordings and their keys."""

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account
from tests.rules.builders import gap, statement, unknown
from tests.rules.builders_live import live_bucket, live_group
from tests.rules.builders_readers import ERASE, READ, START, allow, crowd, grant, quiet_account, quiet_keys, role


def scenarios() -> dict[str, Account]:
    foreign = statement(
        actions=["s3:GetObject"], resources=["*"], principals={"AWS": ["arn:aws:iam::444455556666:role/auditor"]}
    )
    org = statement(
        actions=["s3:GetObject"],
        resources=["*"],
        principals={"AWS": ["*"]},
        conditions={"StringEquals": {"aws:PrincipalOrgID": ["o-example"]}},
    )
    keepers = statement(
        actions=["kms:CreateGrant"],
        resources=["*"],
        principals={"AWS": [f"arn:aws:iam::444455556666:role/keeper-{number}" for number in range(6)]},
    )
    return {
        "few readers": quiet_account(*crowd(3, READ)),
        "many readers": quiet_account(*crowd(4, READ, ERASE)),
        "a reader too many, perhaps": quiet_account(
            *crowd(3, READ), role("other", allow("s3:*", conditions=unknown()))
        ),
        "unread roles": quiet_account(*crowd(2, READ), roles=Inventory((), gap())),
        "replicated": quiet_account(
            log_buckets=[live_bucket(replicates_to=["arn:aws:s3:::example-copy"], access_points=["example"])],
            log_groups=[live_group(copied_to=["arn:aws:lambda:ap-southeast-2:444455556666:function:copy"])],
        ),
        "read from outside": quiet_account(
            *crowd(3, READ),
            log_buckets=[
                live_bucket(replicates_to=[], access_points=[], statements=Inventory((foreign,))),
            ],
        ),
        "read by an organization": quiet_account(
            log_buckets=[live_bucket(replicates_to=[], access_points=[], statements=Inventory((org,)))]
        ),
        "keys handed on from outside": quiet_account(keys=quiet_keys(statements=Inventory((keepers,)))),
        "writers": quiet_account(*crowd(4, allow("s3:PutObject")), role("node", allow("s3:PutObject"), kind="node")),
        "duties kept apart": quiet_account(
            role("node", allow("kms:Decrypt", "s3:PutObject"), kind="node"),
            role("operators", START, allow("kms:GenerateDataKey"), kind="operator"),
        ),
        "the watched read the watch": quiet_account(
            role("node", START, kind="node"), role("operators", START, allow("kms:*"), kind="operator")
        ),
        "granted keys": quiet_account(keys=quiet_keys(grants=Inventory((grant("role/other"),)), material="EXTERNAL")),
        "keys granted to nobody": quiet_account(keys=quiet_keys(grants=Inventory((grant("role/other", "Encrypt"),)))),
    }
