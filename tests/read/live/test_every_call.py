"""Each call refused in turn: no crash, a gap that names the call, and nothing settled that was not earned.

The account is read over HTTP once, in both of its Regions; then its answers are given again, one call refused each
time. Of each protocol a call is refused over HTTP as well, which must come to the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Self

import pytest

from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.read.live.calls import LIST_OBJECTS, ApiCall, all_calls
from ssm_hardening.read.live.clients import AwsTarget, WantedStores
from ssm_hardening.read.live.picture import read_account, read_regions
from ssm_hardening.read.snapshot.decoding import from_json
from ssm_hardening.read.snapshot.encoding import to_json
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.rules.registry import AnyRule
from ssm_hardening.sandbox.application import Application
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from ssm_hardening.verdicts.findings import Crashed, NotApplicable, Passed
from ssm_hardening.verdicts.standards import load_standard
from tests.read.live import fleet, stores
from tests.read.live.organization import attach, of_management
from tests.read.live.replaying import Recorded, Replay
from tests.rules.tracing import Reads, reads_of, types_of

# As in the simulated account's own process: moto warns of error codes that its models do not list; AWS sends them.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.Refusal:UserWarning")

REACH = {"sts:AssumeRole", "organizations:ListAccounts", "ec2:DescribeRegions"}
"""What is asked before any account is read: which accounts and Regions there are."""

BUCKET, GROUP = "session-logs", "/ssm/sessions"
OTHER = "eu-west-1"
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
        _another_region(server)
        _organization(server)
        yield server


def _organization(sandbox: Sandbox) -> None:
    """Let another account run the organization, and this one read its policies."""
    client = of_management(sandbox)
    client.register_delegated_administrator(AccountId=ACCOUNT, ServicePrincipal="ssm.amazonaws.com")
    attach(client, "Protect", ACCOUNT, Action="ssm:UpdateDocument")


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


def _another_region(sandbox: Sandbox) -> None:
    """Give another Region a document that records into the same bucket, and a node with the same role."""
    content = stores.text(s3BucketName=BUCKET, idleSessionTimeout="15")
    fleet.client("ssm", OTHER).create_document(Name=stores.PREFERENCES, DocumentType="Session", Content=content)
    (id_,) = fleet.launched(profile="node", region=OTHER)
    sandbox.put(region=OTHER, instance_information=[fleet.agent(id_)], connection_status={id_: "connected"})


WANTED = WantedStores(log_buckets=(BUCKET,))


def read(sandbox: Sandbox) -> Account:
    return read_account(AwsTarget(region=sandbox.region), WANTED)


def read_both() -> tuple[Account, ...]:
    return read_regions([AwsTarget(region=each) for each in (REGION, OTHER)], WANTED)


@dataclass(frozen=True, slots=True)
class Earned:
    """What is settled in a Region where every call is answered, and what each rule read of that picture."""

    account: Account
    settled: frozenset[tuple[str, str, str]]
    read: Mapping[str, Reads]

    @classmethod
    def of(cls, full: Account) -> Self:
        types = types_of(full)
        traced = {rule.info.id: reads_of(partial(settled, rules=[rule]), full, types) for rule in load_rules()}
        return cls(full, frozenset(settled(full, rules=load_rules())), traced)

    @property
    def passing(self) -> set[str]:
        """The rules that pass on something."""
        return {rule for rule, _, verdict in self.settled if verdict == "passed"}

    def not_by(self, found: Account) -> set[tuple[str, str, str]]:
        """Return what another reading settles and this one does not: only by rules that read what differs."""
        differs = [
            each.name for each in fields(Account) if getattr(found, each.name) != getattr(self.account, each.name)
        ]
        rules = [rule for rule in load_rules() if any(self.read[rule.info.id](self.account, each) for each in differs)]
        return settled(found, rules=rules) - self.settled


def settled(*accounts: Account, rules: Iterable[AnyRule]) -> set[tuple[str, str, str]]:
    """Return which rules pass, or do not apply, on which subjects."""
    audit = run(rules, accounts, load_standard("baseline"))
    crashed = [each for each in audit.findings if isinstance(each.verdict, Crashed)]
    assert crashed == []
    words = {Passed: "passed", NotApplicable: "not applicable"}
    found = ((each.rule.id, each.subject, words.get(type(each.verdict), "")) for each in audit.findings)
    return {each for each in found if each[2]}


@pytest.fixture(scope="module")
def recorded(account: Sandbox) -> Application:
    """Return what answers as the account does, once it has seen a whole reading."""
    application = Application(Recorded(account))
    account.set_faults([])
    with replayed(application):
        read_both()
    return application


@contextmanager
def replayed(application: Application) -> Iterator[None]:
    """Let every session that is made meanwhile be answered by the application."""
    from botocore import handlers

    with pytest.MonkeyPatch.context() as patch:
        hooked = [*handlers.BUILTIN_HANDLERS, ("before-send", Replay(application))]
        patch.setattr(handlers, "BUILTIN_HANDLERS", hooked)
        yield


Refused = Callable[[Fault], tuple[Account, ...]]


@pytest.fixture
def refused(account: Sandbox, recorded: Application) -> Refused:
    """Return how the account is read where that fault stands in the way of the answers."""
    account.set_faults([])

    def reading(fault: Fault) -> tuple[Account, ...]:
        recorded.faults[:] = [fault]
        with replayed(recorded):
            return read_both()

    return reading


@pytest.fixture(scope="module")
def earned(account: Sandbox) -> tuple[Earned, ...]:
    """Return what passes in each Region where every call is answered."""
    account.set_faults([])
    found = tuple(map(Earned.of, read_both()))
    assert found[1].passing >= {"S3-01", "PREF-07", "ACCT-02"}
    assert found[0].passing >= {
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
def test_a_call_that_is_denied(earned: tuple[Earned, ...], refused: Refused, call: ApiCall) -> None:
    found = refused(Fault(service=call.service, operation=call.operation))
    told = [[gap for gap in each.gaps if str(call) in gap.detail] for each in found]
    assert told[0] != []
    if call.service in {"iam", "s3", "s3control", "sts"} and call != LIST_OBJECTS:  # asked once, and missed by both
        assert told[1] != []
    assert [full.not_by(each) for full, each in zip(earned, found, strict=True)] == [set(), set()]


@pytest.mark.parametrize("call", [call for call in CALLS if call.service == "iam"], ids=str)
def test_iam_that_is_denied_settles_nothing_in_the_regions_together(
    earned: tuple[Earned, ...], refused: Refused, call: ApiCall
) -> None:
    found = refused(Fault(service=call.service, operation=call.operation))
    full = settled(*(each.account for each in earned), rules=load_rules())
    assert settled(*found, rules=load_rules()) - full == set()


@pytest.mark.parametrize("service", sorted({call.service for call in CALLS} - {"sts"}))
def test_a_service_that_is_denied_in_another_region(earned: tuple[Earned, ...], refused: Refused, service: str) -> None:
    found = refused(Fault(service=service, region=OTHER))
    assert [full.not_by(each) for full, each in zip(earned, found, strict=True)] == [set(), set()]


@pytest.mark.parametrize("call", [call for call in CALLS if str(call) in OF_EACH_PROTOCOL], ids=str)
def test_a_call_that_is_denied_over_http_leaves_the_same(account: Sandbox, refused: Refused, call: ApiCall) -> None:
    fault = Fault(service=call.service, operation=call.operation)
    account.set_faults([fault])
    over_http = to_json(read_both())
    account.set_faults([])
    assert over_http == to_json(refused(fault))


def test_what_is_replayed_went_over_the_network_once(account: Sandbox, recorded: Application, refused: Refused) -> None:
    account.reset_calls()
    refused(Fault(service="ssm", operation="DescribeSessions"))
    assert len(account.calls()) < len(CALLS) / 4
    assert len(recorded.calls) > len(CALLS)


@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.TRUNCATED])
@pytest.mark.parametrize("service", sorted({call.service for call in CALLS}))
def test_a_service_whose_answers_cannot_be_read(
    account: Sandbox, earned: tuple[Earned, ...], service: str, kind: FaultKind
) -> None:
    account.set_faults([Fault(kind=kind, service=service)])
    found = read(account)
    assert found.gaps != ()
    assert earned[0].not_by(found) == set()
