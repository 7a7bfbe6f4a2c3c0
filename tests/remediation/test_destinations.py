"""What the rights of nodes and operators are about, and what is left to a person where that is not known."""

import pytest

from ssm_hardening.hcl.writing import Expression
from ssm_hardening.remediation.plan import FromExpression, ModuleInput
from ssm_hardening.remediation.rights.destinations import Destinations
from tests.remediation.proposing import allow, node_role, planned, weak_account
from tests.rules.builders import unknown
from tests.rules.builders_live import live_preferences

BUCKET, GROUP, KEY = "arn:aws:s3:::records", "arn:aws:logs:eu-west-1:1:log-group:x", "arn:aws:kms:eu-west-1:1:key/x"
MADE = FromExpression("module.log_bucket.bucket_arn")


@pytest.mark.parametrize(
    ("known", "stores"),
    [
        (Destinations(), None),
        (Destinations(prefix="sessions"), None),
        (Destinations(session_key=KEY), [KEY]),
        (Destinations(bucket_key=KEY), [KEY]),
        (Destinations(bucket_arn=BUCKET, group_arn=GROUP, session_key=KEY), [BUCKET, GROUP, KEY]),
        (
            Destinations(bucket_arn=MADE, session_key=KEY),
            [Expression("module.log_bucket.bucket_arn"), KEY],
        ),
    ],
)
def test_everything_that_recordings_rest_on_is_named(known: Destinations, stores: ModuleInput) -> None:
    assert known.stores() == stores


def test_rights_that_are_missing_are_added_and_nothing_is_taken_away() -> None:
    role = node_role("web", allow("ssm:UpdateInstanceInformation"))
    preferences = live_preferences(s3_bucket=unknown(), cloudwatch_log_group=unknown(), kms_key=unknown())
    plan = planned(weak_account(session_documents=[preferences], roles=[role]), ("ROLE-03", role))
    (step,) = [each for each in plan.manual if "ROLE-03" in each.closes]
    assert "grant it the permissions" in step.what
    assert not [each for each in plan.manual if "remove permissions that are too broad" in each.what]
