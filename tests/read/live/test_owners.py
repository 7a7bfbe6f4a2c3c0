import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Unknown, Why
from ssm_hardening.model import OwnerKind
from ssm_hardening.read.live.answers import value_of
from ssm_hardening.read.live.relations import owner_of
from tests.read.live.reading import plain

AT = ApiOrigin("arn:aws:iam::123456789012:role/r", "iam:ListRoleTags")
STACK = "aws:cloudformation:stack-name"


@pytest.mark.parametrize(
    ("tags", "owner", "name"),
    [
        ({STACK: "logging"}, OwnerKind.CLOUDFORMATION, "logging"),
        (
            {"aws:cloudformation:stack-id": "arn:aws:cloudformation:r:1:stack/logging/ab-cd"},
            "cloudformation",
            "logging",
        ),
        ({STACK: "StackSet-baseline-0f3c"}, OwnerKind.STACK_SET, "StackSet-baseline-0f3c"),
        ({STACK: "StackSet-AWS-QuickSetup-SSM-LA-x"}, OwnerKind.QUICK_SETUP, "StackSet-AWS-QuickSetup-SSM-LA-x"),
        ({STACK: "AWS-QuickSetup-LocalAdmin"}, OwnerKind.QUICK_SETUP, "AWS-QuickSetup-LocalAdmin"),
        ({STACK: "StackSet-AWSControlTowerBP-BASELINE-x"}, "control_tower", "StackSet-AWSControlTowerBP-BASELINE-x"),
        ({STACK: "AWSAccelerator-LoggingStack"}, "landing_zone_accelerator", "AWSAccelerator-LoggingStack"),
        ({"Accelerator": "AWSAccelerator"}, OwnerKind.LANDING_ZONE_ACCELERATOR, None),
        ({"aws-control-tower": "managed-by-control-tower"}, OwnerKind.CONTROL_TOWER, None),
        ({"QuickSetupID": "abc12"}, OwnerKind.QUICK_SETUP, None),
        ({"ManagedBy": "terraform"}, OwnerKind.TERRAFORM, None),
        ({"managed_by": "OpenTofu 1.9"}, OwnerKind.TERRAFORM, None),
        ({"Terraform": "true"}, OwnerKind.TERRAFORM, None),
        ({STACK: "logging", "ManagedBy": "terraform"}, OwnerKind.CLOUDFORMATION, "logging"),
        ({"managed-by": "the platform team"}, None, None),
        ({"terraform": "false", "Name": "x"}, None, None),
        ({}, None, None),
    ],
)
def test_tags_tell_the_owner(tags: dict[str, str], owner: str | None, name: str | None) -> None:
    found = owner_of("arn", "plain-name", value_of(tags, AT))
    assert (plain(found.owner), plain(found.name)) == (owner, name)


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("AWSReservedSSO_Admin_0123456789abcdef", OwnerKind.IDENTITY_CENTER),
        ("aws-controltower-logs-123456789012-eu-west-1", OwnerKind.CONTROL_TOWER),
        ("AWSControlTowerExecution", OwnerKind.CONTROL_TOWER),
        ("aws-accelerator-central-logs", OwnerKind.LANDING_ZONE_ACCELERATOR),
        ("AWS-QuickSetup-SSM-Role", OwnerKind.QUICK_SETUP),
        ("session-logs", None),
    ],
)
def test_names_tell_the_owner(name: str, owner: str | None) -> None:
    found = owner_of("arn", name, value_of({}, AT))
    assert plain(found.owner) == owner
    assert plain(found.evidence) == (f"its name, {name}" if owner else None)


def test_what_the_name_tells_needs_no_tags() -> None:
    denied = Unknown(Why.DENIED, AT, "iam:ListRoleTags: AccessDenied")
    assert plain(owner_of("arn", "AWSReservedSSO_Admin_0", denied).owner) == OwnerKind.IDENTITY_CENTER
    assert owner_of("arn", "session-logs", denied).owner == denied


def test_no_tags_at_all_name_nobody() -> None:
    assert owner_of("arn", "session-logs", Absent(AT)).owner == Absent(AT)
