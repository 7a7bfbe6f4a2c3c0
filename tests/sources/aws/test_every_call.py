"""Each call refused in turn: no crash, a gap that names the call, and no pass that was not earned."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ssm_hardening.engine import run
from ssm_hardening.findings import Crashed, Passed
from ssm_hardening.model import Account
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.sandbox.faults import Fault, Kind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox, running
from ssm_hardening.sources.aws.calls import Call
from ssm_hardening.sources.aws.permissions import all_calls
from ssm_hardening.sources.aws.picture import read_account
from ssm_hardening.sources.aws.target import Target, Wanted
from ssm_hardening.sources.snapshot.decoding import from_json
from ssm_hardening.sources.snapshot.encoding import to_json
from ssm_hardening.standards import load_standard
from tests.sources.aws import fleet, stores

REACH = {"sts:AssumeRole", "organizations:ListAccounts", "ec2:DescribeRegions"}
"""What is asked before any account is read: which accounts and Regions there are."""

BUCKET, GROUP = "session-logs", "/ssm/sessions"
CALLS = [call for call in all_calls() if str(call) not in REACH]


@pytest.fixture(scope="module")
def account() -> Iterator[Sandbox]:
    """Return an account with something of everything, reached by every client of this process."""
    with running() as sandbox, pytest.MonkeyPatch.context() as patch:
        for name, text in sandbox.environment().items():
            patch.setenv(name, text)
        _stores(sandbox)
        _nodes(sandbox)
        _people()
        _governance()
        yield sandbox


def _stores(sandbox: Sandbox) -> None:
    key = stores.key("alias/sessions")
    stores.bucket(BUCKET)
    stores.group(GROUP, days=400, key=key)
    stores.document(
        s3BucketName=BUCKET,
        s3EncryptionEnabled=True,
        cloudWatchLogGroupName=GROUP,
        kmsKeyId=key,
        idleSessionTimeout="15",
    )
    later = json.dumps(stores.content(s3BucketName=BUCKET, cloudWatchLogGroupName=GROUP, kmsKeyId=key))
    stores.client("ssm").update_document(Name=stores.PREFERENCES, Content=later, DocumentVersion="$LATEST")
    began = datetime.now(UTC) + timedelta(minutes=1)
    session = {
        "SessionId": "alice-1",
        "Target": "i-0123456789abcdef0",
        "Status": "Terminated",
        "StartDate": began,
        "EndDate": began + timedelta(minutes=1),
        "Owner": f"arn:aws:iam::{ACCOUNT}:user/alice",
    }
    stores.client("s3").put_object(Bucket=BUCKET, Key="alice-1.log", Body=b"")
    stores.client("logs").create_log_stream(logGroupName=GROUP, logStreamName="alice-1")
    sandbox.put(sessions=[session])


def _nodes(sandbox: Sandbox) -> None:
    role = fleet.role("node")
    iam = fleet.client("iam")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}
    iam.put_role_policy(RoleName="node", PolicyName="inline", PolicyDocument=json.dumps(policy))
    made = iam.create_policy(PolicyName="managed", PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="node", PolicyArn=made)
    fleet.profile("node", "node")
    home = fleet.vpc()
    inside, group = fleet.subnet(home), fleet.group(home)
    (id_,) = fleet.launched(name="web", profile="node", SubnetId=inside, SecurityGroupIds=[group])
    fleet.client("ec2").create_vpc_endpoint(
        VpcId=home,
        ServiceName=f"com.amazonaws.{REGION}.ssm",
        VpcEndpointType="Interface",
        SubnetIds=[inside],
        SecurityGroupIds=[group],
    )
    sandbox.put(instance_information=[fleet.agent(id_)], connection_status={id_: "connected"})
    fleet.client("ssm").create_activation(IamRole=role.rpartition("/")[2], RegistrationLimit=1)


def _people() -> None:
    iam = fleet.client("iam")
    iam.create_group(GroupName="staff")
    iam.create_user(UserName="alice")
    iam.add_user_to_group(GroupName="staff", UserName="alice")
    iam.attach_group_policy(GroupName="staff", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")


def _governance() -> None:
    stores.bucket("trails")
    fleet.client("cloudtrail").create_trail(
        Name="audit",
        S3BucketName="trails",
        IsMultiRegionTrail=True,
        EnableLogFileValidation=True,
        KmsKeyId="alias/trail",
    )
    fleet.client("cloudtrail").start_logging(Name="audit")
    pattern = {"source": ["aws.ssm"], "detail-type": ["AWS API Call via CloudTrail"]}
    fleet.client("events").put_rule(Name="sessions", EventPattern=json.dumps(pattern))
    target = {"Id": "1", "Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"}
    fleet.client("events").put_targets(Rule="sessions", Targets=[target])


def read(sandbox: Sandbox) -> Account:
    return read_account(Target(region=sandbox.region), Wanted(log_buckets=(BUCKET,)))


def passes(account: Account) -> set[tuple[str, str]]:
    """Return which rules pass on which subjects."""
    audit = run(load_rules(), (account,), load_standard("baseline"))
    crashed = [each for each in audit.findings if isinstance(each.verdict, Crashed)]
    assert crashed == []
    return {(each.rule.id, each.subject) for each in audit.findings if isinstance(each.verdict, Passed)}


@pytest.fixture(scope="module")
def earned(account: Sandbox) -> set[tuple[str, str]]:
    """Return what passes where every call is answered."""
    account.set_faults([])
    found = passes(read(account))
    assert {rule for rule, _ in found} >= {
        "S3-01",
        "S3-03",
        "CW-01",
        "KMS-01",
        "KMS-02",
        "ACCT-02",
        "HOST-01",
        "REC-01",
    }
    return found


def test_every_call_of_the_table_is_made_and_no_other(account: Sandbox) -> None:
    account.set_faults([])
    account.reset_calls()
    read(account)
    assert {f"{each.service}:{each.operation}" for each in account.calls()} == {str(call) for call in CALLS}


def test_two_readings_are_equal_and_a_snapshot_keeps_them(account: Sandbox) -> None:
    account.set_faults([])
    first, second = to_json((read(account),)), to_json((read(account),))
    assert first == second
    assert to_json(from_json(json.loads(json.dumps(first)))) == first


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_that_is_denied(account: Sandbox, earned: set[tuple[str, str]], call: Call) -> None:
    account.set_faults([Fault(service=call.service, operation=call.operation)])
    found = read(account)
    assert [gap for gap in found.gaps if str(call) in gap.detail] != []
    assert passes(found) - earned == set()


@pytest.mark.parametrize("kind", [Kind.MALFORMED, Kind.TRUNCATED])
@pytest.mark.parametrize("service", sorted({call.service for call in CALLS}))
def test_a_service_whose_answers_cannot_be_read(
    account: Sandbox, earned: set[tuple[str, str]], service: str, kind: Kind
) -> None:
    account.set_faults([Fault(kind=kind, service=service)])
    found = read(account)
    assert found.gaps != ()
    assert passes(found) - earned == set()
