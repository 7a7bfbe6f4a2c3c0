"""Each call refused in turn: no crash, a gap that names the call, and no pass that was not earned.

The account is read over HTTP once; then its answers are given again, one call refused each time. Of each protocol a
call is refused over HTTP as well, which must come to the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.read.live.calls import ApiCall, all_calls
from ssm_hardening.read.live.clients import AwsTarget, WantedStores
from ssm_hardening.read.live.picture import read_account
from ssm_hardening.read.snapshot.decoding import from_json
from ssm_hardening.read.snapshot.encoding import to_json
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.rules.registry import AnyRule
from ssm_hardening.sandbox.application import Application
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from ssm_hardening.verdicts.findings import Crashed, Passed
from ssm_hardening.verdicts.standards import load_standard
from tests.read.live import fleet, stores
from tests.read.live.replaying import Recorded, Replay
from tests.rules.tracing import Reads, reads_of, types_of

# As in the simulated account's own process: moto warns of error codes that its models do not list; AWS sends them.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.Refusal:UserWarning")

REACH = {"sts:AssumeRole", "organizations:ListAccounts", "ec2:DescribeRegions"}
"""What is asked before any account is read: which accounts and Regions there are."""

BUCKET, GROUP = "session-logs", "/ssm/sessions"
OF_EACH_PROTOCOL = {
    "sts:GetCallerIdentity",
    "ssm:GetDocument",
    "ec2:DescribeInstances",
    "iam:GetRole",
    "iam:GetAccountAuthorizationDetails",
    "s3:GetBucketEncryption",
}
CALLS = [call for call in all_calls() if str(call) not in REACH]


@pytest.fixture(scope="module")
def account(server: Sandbox) -> Iterator[Sandbox]:
    """Return an account with something of everything, reached by every client of this process."""
    server.reset("empty")
    with pytest.MonkeyPatch.context() as patch:
        for name, text in server.environment().items():
            patch.setenv(name, text)
        _stores(server)
        _nodes(server)
        _people()
        _governance()
        yield server


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
    _launchers(inside, group)
    sandbox.put(instance_information=[fleet.agent(id_)], connection_status={id_: "connected"})
    fleet.client("ssm").create_activation(IamRole=role.rpartition("/")[2], RegistrationLimit=1)


def _launchers(inside: str, group: str) -> None:
    """Make an Auto Scaling group of a launch template, and one of a launch configuration."""
    ec2, scaling = fleet.client("ec2"), fleet.client("autoscaling")
    options = {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    launch = {"ImageId": fleet.image(), "InstanceType": "t3.micro", "MetadataOptions": options}
    data = {**launch, "SecurityGroupIds": [group], "IamInstanceProfile": {"Name": "node"}}
    ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)
    scaling.create_launch_configuration(
        LaunchConfigurationName="old", SecurityGroups=[group], IamInstanceProfile="node", **launch
    )
    for name, of in (
        ("templated", {"LaunchTemplate": {"LaunchTemplateName": "nodes"}}),
        ("configured", {"LaunchConfigurationName": "old"}),
    ):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, DesiredCapacity=0, VPCZoneIdentifier=inside, **of
        )


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
    return read_account(AwsTarget(region=sandbox.region), WantedStores(log_buckets=(BUCKET,)))


@dataclass(frozen=True, slots=True)
class Earned:
    """What passes where every call is answered, and what each rule read of that account."""

    account: Account
    passes: frozenset[tuple[str, str]]
    read: Mapping[str, Reads]

    def not_by(self, found: Account) -> set[tuple[str, str]]:
        """Return the passes of another reading that this one has not: only by rules that read what differs."""
        differs = [
            each.name for each in fields(Account) if getattr(found, each.name) != getattr(self.account, each.name)
        ]
        rules = [rule for rule in load_rules() if any(self.read[rule.info.id](self.account, each) for each in differs)]
        return passes(found, rules) - self.passes


def passes(account: Account, rules: Iterable[AnyRule]) -> set[tuple[str, str]]:
    """Return which rules pass on which subjects."""
    audit = run(rules, (account,), load_standard("baseline"))
    crashed = [each for each in audit.findings if isinstance(each.verdict, Crashed)]
    assert crashed == []
    return {(each.rule.id, each.subject) for each in audit.findings if isinstance(each.verdict, Passed)}


@pytest.fixture(scope="module")
def recorded(account: Sandbox) -> Application:
    """Return what answers as the account does, once it has seen a whole reading."""
    application = Application(Recorded(account))
    account.set_faults([])
    with replayed(application):
        read(account)
    return application


@contextmanager
def replayed(application: Application) -> Iterator[None]:
    """Let every session that is made meanwhile be answered by the application."""
    from botocore import handlers

    with pytest.MonkeyPatch.context() as patch:
        hooked = [*handlers.BUILTIN_HANDLERS, ("before-send", Replay(application))]
        patch.setattr(handlers, "BUILTIN_HANDLERS", hooked)
        yield


Refused = Callable[[Fault], Account]


@pytest.fixture
def refused(account: Sandbox, recorded: Application) -> Refused:
    """Return how the account is read where that fault stands in the way of the answers."""
    account.set_faults([])

    def reading(fault: Fault) -> Account:
        recorded.faults[:] = [fault]
        with replayed(recorded):
            return read(account)

    return reading


@pytest.fixture(scope="module")
def earned(account: Sandbox) -> Earned:
    """Return what passes where every call is answered."""
    account.set_faults([])
    full = read(account)
    types = types_of(full)
    traced = {rule.info.id: reads_of(partial(passes, rules=[rule]), full, types) for rule in load_rules()}
    found = Earned(full, frozenset(passes(full, load_rules())), traced)
    assert {rule for rule, _ in found.passes} >= {
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
def test_a_call_that_is_denied(earned: Earned, refused: Refused, call: ApiCall) -> None:
    found = refused(Fault(service=call.service, operation=call.operation))
    assert [gap for gap in found.gaps if str(call) in gap.detail] != []
    assert earned.not_by(found) == set()


@pytest.mark.parametrize("call", [call for call in CALLS if str(call) in OF_EACH_PROTOCOL], ids=str)
def test_a_call_that_is_denied_over_http_leaves_the_same(account: Sandbox, refused: Refused, call: ApiCall) -> None:
    fault = Fault(service=call.service, operation=call.operation)
    account.set_faults([fault])
    over_http = to_json((read(account),))
    account.set_faults([])
    assert over_http == to_json((refused(fault),))


def test_what_is_replayed_went_over_the_network_once(account: Sandbox, recorded: Application, refused: Refused) -> None:
    account.reset_calls()
    refused(Fault(service="ssm", operation="DescribeSessions"))
    assert len(account.calls()) < len(CALLS) / 4
    assert len(recorded.calls) > len(CALLS)


@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.TRUNCATED])
@pytest.mark.parametrize("service", sorted({call.service for call in CALLS}))
def test_a_service_whose_answers_cannot_be_read(
    account: Sandbox, earned: Earned, service: str, kind: FaultKind
) -> None:
    account.set_faults([Fault(kind=kind, service=service)])
    found = read(account)
    assert found.gaps != ()
    assert earned.not_by(found) == set()
