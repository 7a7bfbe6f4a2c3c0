"""No switch that refuses sessions is written before the rights that it asks for are granted, by name, to every node."""

from pathlib import Path

import pytest

from ssm_hardening.remediation.advice import calls_for_roles
from ssm_hardening.verification.runner import CheckOutcome
from tests.remediation import fenced as f
from tests.remediation.loop import Loop, remedied

SWITCHES = {
    "s3EncryptionEnabled": "s3_bucket_arn",
    "cloudWatchEncryptionEnabled": "log_group_arn",
    "kmsKeyId": "session_kms_key_arn",
}
RULES = {"s3EncryptionEnabled": "PREF-05", "cloudWatchEncryptionEnabled": "PREF-06", "kmsKeyId": "KMS-01"}
BUCKET = f.document(s3BucketName="aws_s3_bucket.records.id", s3EncryptionEnabled="false")
IN_MODULE = {
    "main.tf": f.ROLE
    + f.CORE
    + 'module "store" {\n  source = "./store"\n}\n'
    + f.document(s3BucketName="module.store.name", s3EncryptionEnabled="false"),
    "store/main.tf": f.CALLER + f.bucket(f.COMPUTED) + 'output "name" {\n  value = aws_s3_bucket.records.id\n}\n',
}
ALL_IN_MODULE = {
    "main.tf": f.ROLE + f.CORE + 'module "store" {\n  source = "./store"\n}\n',
    "store/main.tf": f.CALLER + BUCKET + f.bucket(f.COMPUTED),
}
LITERAL_GROUP = f.document(cloudWatchLogGroupName='"/sessions/records"', cloudWatchEncryptionEnabled="false")
ELSEWHERE = 'provider "aws" {\n  alias  = "west"\n  region = "us-west-2"\n}\n'
IN_WEST = f.document(label="west", s3BucketName="aws_s3_bucket.west.id", s3EncryptionEnabled="false")
SECOND = ELSEWHERE + "".join(
    text.replace("{\n", "{\n  provider = aws.west\n", 1) for text in (IN_WEST, f.bucket(f.COMPUTED, "west"))
)

LACKING: dict[str, tuple[dict[str, str], str]] = {
    "a computed name": ({"main.tf": f.ROLE + f.CORE + f.CALLER + BUCKET + f.bucket(f.COMPUTED)}, "s3EncryptionEnabled"),
    "a minimal role": (
        {"main.tf": f.ROLE + f.MINIMUM + f.CALLER + BUCKET + f.bucket(f.COMPUTED)}, "s3EncryptionEnabled",
    ),
    "a bucket in a module": (IN_MODULE, "s3EncryptionEnabled"),
    "all in a module": (ALL_IN_MODULE, "s3EncryptionEnabled"),
    "a literal group": (
        {"main.tf": f.ROLE + f.CORE + f.KEY + LITERAL_GROUP + f.KEYED_GROUP}, "cloudWatchEncryptionEnabled",
    ),
    "a literal group without a key": (
        {"main.tf": f.ROLE + f.CORE + LITERAL_GROUP + f.GROUP}, "cloudWatchEncryptionEnabled",
    ),
    "a key by alias": (
        {"main.tf": f.ROLE + f.CORE + f.KEY + BUCKET + f.bucket('"records"') + f.sealed("aws_kms_alias.records.name")},
        "s3EncryptionEnabled",
    ),
    "a key in code": (
        {"main.tf": f.ROLE + f.CORE + f.KEY + BUCKET + f.bucket('"records"') + f.sealed("aws_kms_key.records.arn")},
        "s3EncryptionEnabled",
    ),
    "a second document": (
        {"main.tf": f.PROVIDER + f.ROLE + f.CORE + f.CALLER + SECOND + f.bucket('"records"')
         + f.document(s3BucketName="aws_s3_bucket.records.id", s3EncryptionEnabled="true")},
        "s3EncryptionEnabled",
    ),
    "a role that nobody names": ({"main.tf": f.UNKNOWN_ROLE + BUCKET + f.bucket('"records"')}, "s3EncryptionEnabled"),
}  # fmt: skip
"""Shapes with the switch that must not be written unless its rights come with it."""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def switched(loop: Loop) -> set[str]:
    """Return the switches that the edits turn on, on whatever document."""
    added = [line[1:].strip() for edit in loop.plan.edits for line in edit.diff.splitlines() if line.startswith("+")]
    on = {line.partition("=")[0].strip(' "') for line in added if not line.endswith("= false")}
    return on & SWITCHES.keys()


def rights(loop: Loop) -> set[str]:
    """Return the inputs that the calls for roles of nodes have."""
    return {name for call in loop.plan.modules if call.module == "instance-role" for name in call.inputs}


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
@pytest.mark.parametrize("shape", LACKING)
def test_no_switch_without_its_rights(shape: str, into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    files, switch = LACKING[shape]
    write(tmp_path, files)
    loop = remedied(tmp_path, into=into)
    given = SWITCHES[switch] in rights(loop) and shape != "a second document"
    if switch in switched(loop):
        assert given, rights(loop)
    else:
        steps = [step for step in loop.plan.manual if RULES[switch] in step.closes]
        assert any(switch in step.what and step.why for step in steps), loop.plan.manual


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
@pytest.mark.parametrize("shape", LACKING)
def test_nothing_is_claimed_that_does_not_come(shape: str, into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    files, switch = LACKING[shape]
    write(tmp_path, files)
    loop = remedied(tmp_path, into=into)
    assert loop.again().outcome is not CheckOutcome.FAILED, loop.again().details
    calls = [call for call in loop.plan.modules if call.module == "instance-role"]
    if not any(SWITCHES[switch] in call.inputs for call in calls):
        assert "ROLE-03" not in {rule for call in calls for rule in (*call.closes, *call.expects)}
        rows = [each for each in loop.plan.lockouts if each.change.startswith(f"{switch} asks for")]
        assert not [each for each in rows if calls and calls_for_roles(calls) in each.avoided_by]


@pytest.mark.parametrize("policy", [f.CORE, f.MINIMUM], ids=["managed policy", "minimal policy"])
def test_a_reference_at_hand_is_passed(policy: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f.ROLE + policy + f.CALLER + BUCKET + f.bucket(f.COMPUTED)})
    loop = remedied(tmp_path, into=True)
    (call,) = [each for each in loop.plan.modules if each.module == "instance-role"]
    assert str(call.inputs["s3_bucket_arn"]) == "FromExpression(expression='aws_s3_bucket.records.arn')"
    assert "s3EncryptionEnabled" in switched(loop)
    assert loop.again().outcome is CheckOutcome.PASSED, loop.again().details


def test_rights_that_are_there_are_enough(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f.ROLE + f.RECORDING + f.CALLER + BUCKET + f.bucket(f.COMPUTED)})
    assert "s3EncryptionEnabled" in switched(remedied(tmp_path, into=False))


def test_where_no_node_is_shown_the_lockout_says_what_comes_first(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f.CALLER + BUCKET + f.bucket(f.COMPUTED)})
    loop = remedied(tmp_path, into=False)
    assert "s3EncryptionEnabled" in switched(loop)
    told = [each.avoided_by for each in loop.plan.lockouts]
    assert any("grant s3:GetEncryptionConfiguration to the node roles before you start" in each for each in told)


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
def test_new_stores_come_with_the_rights_of_a_minimal_role(into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    write(tmp_path, {"main.tf": f.PROVIDER + f.ROLE + f.MINIMUM + f.document(idleSessionTimeout='"15"')})
    loop = remedied(tmp_path, into=into)
    assert switched(loop) == set(SWITCHES)
    assert rights(loop) >= set(SWITCHES.values())
    assert loop.again().outcome is CheckOutcome.PASSED, loop.again().details


def test_new_stores_leave_the_switches_off_for_a_role_that_is_not_known(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f.PROVIDER + f.UNKNOWN_ROLE + f.document(idleSessionTimeout='"15"')})
    loop = remedied(tmp_path, into=False)
    assert "cloudWatchEncryptionEnabled" not in switched(loop)
    assert "PREF-03" in {target.rule for target in loop.plan.targets}
    check = loop.again()
    assert check.outcome is CheckOutcome.PASSED, check.details
    assert "PREF-06" in check.message


def test_a_switch_that_is_on_as_a_text_is_set_right(tmp_path: Path) -> None:
    text = f.document(s3BucketName="aws_s3_bucket.records.id", s3EncryptionEnabled='"true"')
    write(tmp_path, {"main.tf": f.ROLE + f.CORE + f.CALLER + text + f.bucket(f.COMPUTED)})
    loop = remedied(tmp_path, into=False)
    assert "PREF-02" in {rule for edit in loop.plan.edits for rule in edit.closes}


def test_no_store_is_named_under_a_switch_that_is_on(tmp_path: Path) -> None:
    text = f.document(idleSessionTimeout='"15"', cloudWatchEncryptionEnabled="true")
    write(tmp_path, {"main.tf": f.PROVIDER + f.UNKNOWN_ROLE + text})
    loop = remedied(tmp_path, into=False)
    assert not [edit for edit in loop.plan.edits if "+      cloudWatchLogGroupName" in edit.diff]
    assert [step for step in loop.plan.manual if "cloudWatchLogGroupName" in step.what]
    assert loop.again().outcome is not CheckOutcome.FAILED, loop.again().details


UNKNOWN: dict[str, str] = {
    "an unread profile": f.UNKNOWN_ROLE,
    "a literal profile": f.UNKNOWN_ROLE.replace("= var.profile", '= "elsewhere"'),
    "a computed role name": f.STAGE + f.ROLE.replace('name = "web"\n  assume', 'name = "web-${var.stage}"\n  assume'),
    "a prefixed role name": f.ROLE.replace('name = "web"\n  assume', 'name_prefix = "web-"\n  assume'),
    "a role of a data source": f.DATA_ROLE,
    "roles of a set": f.ROLES_OF_A_SET,
    "a node group": f.STAGE + f.NODE_GROUP,
}
"""Nodes that no call of ours can give rights to by name."""


@pytest.mark.parametrize("nodes", UNKNOWN)
def test_no_key_of_the_channel_for_nodes_that_nobody_names(nodes: str, tmp_path: Path) -> None:
    text = f.document(s3BucketName="aws_s3_bucket.records.id", s3EncryptionEnabled="false")
    write(tmp_path, {"main.tf": f.PROVIDER + UNKNOWN[nodes] + text + f.bucket('"records"')})
    loop = remedied(tmp_path, into=False)
    assert not switched(loop)
    assert {"KMS-01", "PREF-05"} <= {rule for step in loop.plan.manual for rule in step.closes}
    assert loop.again().outcome is not CheckOutcome.FAILED, loop.again().details


@pytest.mark.parametrize("nodes", UNKNOWN)
def test_no_new_bucket_under_a_switch_that_is_on_for_nodes_that_nobody_names(nodes: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f.PROVIDER + UNKNOWN[nodes] + f.document(s3EncryptionEnabled="true")})
    loop = remedied(tmp_path, into=False)
    assert not [edit for edit in loop.plan.edits if "s3BucketName" in edit.diff]
    assert [step for step in loop.plan.manual if "s3BucketName" in step.what]


def test_no_switch_where_a_module_that_was_not_read_may_hold_nodes(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f.PROVIDER + f.UNREAD_MODULE + BUCKET + f.bucket('"records"')})
    loop = remedied(tmp_path, into=False)
    assert not switched(loop)
    steps = [step for step in loop.plan.manual if "KMS-01" in step.closes]
    assert any("module.fleet" in step.what for step in steps), steps
    assert loop.again().outcome is not CheckOutcome.FAILED, loop.again().details


CANCELLED: dict[str, tuple[str, frozenset[str]]] = {
    "a Deny of its own": (f.ROLE + f.CORE + f.DENY, frozenset()),
    "a boundary": (f.BOUND_ROLE + f.CORE + f.BOUNDARY, frozenset()),
    "a list of its policies": (f.LISTED_ROLE, frozenset()),
    "a list of its attachments": (f.ROLE + f.CORE + f.LIST, frozenset()),
    "a Deny of the bucket to look": (
        f.ROLE + f.CORE + f.denying("s3:GetEncryptionConfiguration"), frozenset({"kmsKeyId"}),
    ),
    "a Deny of the bucket to write": (f.ROLE + f.CORE + f.denying("s3:Put*", '{ AWS = "*" }'), frozenset({"kmsKeyId"})),
    "a Deny beside rights that are there": (f.ROLE + f.RECORDING + f.DENY, frozenset()),
}  # fmt: skip
"""Nodes whose rights something in the code takes away, and the switches that are not concerned."""


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
@pytest.mark.parametrize("case", CANCELLED)
def test_no_switch_whose_rights_the_code_takes_away(case: str, into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    nodes, others = CANCELLED[case]
    write(tmp_path, {"main.tf": f.PROVIDER + nodes + BUCKET + f.bucket('"records"')})
    loop = remedied(tmp_path, into=into)
    assert switched(loop) - {"cloudWatchEncryptionEnabled"} == others
    assert not others or "cloudWatchEncryptionEnabled" in switched(loop) or not into
    assert [step for step in loop.plan.manual if "PREF-05" in step.closes and "s3EncryptionEnabled" in step.what]
    if not others:
        assert not switched(loop)
        calls = [call for call in loop.plan.modules if call.module == "instance-role"]
        assert "ROLE-03" not in {rule for call in calls for rule in (*call.closes, *call.expects)}
        assert not [each for each in loop.plan.lockouts if calls and calls_for_roles(calls) in each.avoided_by]
    assert loop.again().outcome is not CheckOutcome.FAILED, loop.again().details


@pytest.mark.parametrize("into", [True, False], ids=["into", "out"])
def test_no_module_of_the_default_region_serves_another_region(into: bool, tmp_path: Path) -> None:  # noqa: FBT001
    west = f.GROUP.replace("{\n", "{\n  provider = aws.west\n", 1) + f.document(
        label="west", cloudWatchLogGroupName="aws_cloudwatch_log_group.records.name"
    ).replace("{\n", "{\n  provider = aws.west\n", 1)
    write(tmp_path, {"main.tf": f.PROVIDER + ELSEWHERE + f.ROLE + f.CORE + west})
    loop = remedied(tmp_path, into=into)
    added = [line for edit in loop.plan.edits for line in edit.diff.splitlines() if line.startswith("+")]
    assert not [line for line in added if "kms_key_id" in line or "kmsKeyId" in line or "s3BucketName" in line]
    steps = [step for step in loop.plan.manual if "to a separate root module" in step.what]
    assert {"CW-02", "KMS-01"} <= {rule for step in steps for rule in step.closes}
    assert loop.again().outcome is not CheckOutcome.FAILED, loop.again().details
