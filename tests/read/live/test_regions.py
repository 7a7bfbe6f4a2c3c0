"""One account in several Regions: what belongs to the account is asked once, and each Region's picture holds it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, replace

import pytest

from ssm_hardening.core.values import Inventory, Known, Unknown
from ssm_hardening.model import FAULT, Account, Instance
from ssm_hardening.read.live import nodes, roles
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.calls import ApiCall
from ssm_hardening.read.live.clients import AwsTarget
from ssm_hardening.read.live.picture import read_account, read_regions
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet, stores
from tests.read.live.reading import only, plain

OTHER, THIRD = "eu-west-1", "us-east-1"
BUCKET = "session-logs"
PEOPLE = ("roles", "users", "groups", "policies")
OF_THE_ACCOUNT = {"iam", "s3", "s3control", "sts"}
"""Services of which nothing is asked twice, whatever the Regions."""


def targets(*regions: str) -> list[AwsTarget]:
    return [AwsTarget(region=each, account=ACCOUNT) for each in regions]


def read(*regions: str) -> dict[str, Account]:
    return {str(plain(each.region)): each for each in read_regions(targets(*regions))}


def counted(calls: Iterable[object]) -> Counter[str]:
    return Counter(map(str, calls))


@pytest.fixture
def account(sandbox: Sandbox) -> Sandbox:
    """Return an account of two Regions with nodes: one bucket, one trail, and one role for both; another for one."""
    stores.bucket(BUCKET)
    stores.bucket("trails")
    fleet.client("cloudtrail").create_trail(Name="audit", S3BucketName="trails", IsMultiRegionTrail=True)
    for name in ("both", "one"):
        fleet.role(name)
        fleet.profile(name, name)
    fleet.client("iam").create_user(UserName="alice")
    for region, profiles in ((REGION, ["both"]), (OTHER, ["both", "one"])):
        fleet.client("ssm", region).create_document(
            Name=stores.PREFERENCES, DocumentType="Session", Content=stores.text(s3BucketName=BUCKET)
        )
        for profile in profiles:
            fleet.launched(profile=profile, region=region)
    return sandbox


def test_what_belongs_to_the_account_is_asked_once(account: Sandbox) -> None:
    heard: list[ApiCall] = []
    account.reset_calls()
    read_account(targets(OTHER)[0], watch=heard.append)
    alone = counted(heard)
    heard.clear()
    account.reset_calls()

    read_regions(targets(REGION, OTHER, THIRD), watch=heard.append)

    together = counted(heard)
    assert together == counted(f"{each.service}:{each.operation}" for each in account.calls())
    global_ones = {each for each in alone if each.partition(":")[0] in OF_THE_ACCOUNT}
    assert {each: together[each] for each in global_ones} == {each: alone[each] for each in global_ones}
    assert {each.partition(":")[0] for each in global_ones} == OF_THE_ACCOUNT
    trails = ("cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors")
    assert [together[each] for each in trails] == [3, 1, 1]


def test_forty_empty_accounts_in_five_regions_take_few_calls(sandbox: Sandbox) -> None:
    regions = (REGION, OTHER, THIRD, "eu-central-1", "us-west-2")
    sandbox.reset_calls()
    read_regions(targets(*regions))
    assumed = 1
    assert 40 * (len(sandbox.calls()) + assumed) <= 3_200


@pytest.mark.usefixtures("account")
def test_each_region_is_as_it_is_alone_but_for_the_roles_of_others() -> None:
    whole = read(REGION, OTHER)
    for region, found in whole.items():
        alone = read_account(targets(region)[0])
        differ = [each.name for each in fields(Account) if getattr(found, each.name) != getattr(alone, each.name)]
        assert set(differ) <= {"roles", "owners"}
        assert {each.address for each in found.roles} == {each.address for each in alone.roles}
    assert all(getattr(whole[REGION], kind) is getattr(whole[OTHER], kind) for kind in PEOPLE)


@pytest.mark.usefixtures("account")
def test_nodes_of_every_region_tell_what_a_role_is_for() -> None:
    here = {str(plain(each.name)): each for each in read(REGION, OTHER)[REGION].roles}
    assert plain(here["one"].kind) == plain(here["both"].kind) == "node"
    assert [str(each).split(":")[3] for each in plain(here["both"].instances)] == [REGION, OTHER]
    assert [str(each).split(":")[3] for each in plain(here["one"].instances)] == [OTHER]


def test_activations_and_default_management_of_another_region_name_roles_too(sandbox: Sandbox) -> None:
    assert sandbox.account
    for name in ("till", "managed"):
        fleet.role(name)
    fleet.client("ssm", OTHER).create_activation(IamRole="till", RegistrationLimit=1)
    fleet.client("ssm", THIRD).update_service_setting(
        SettingId="/ssm/managed-instance/default-ec2-instance-management-role", SettingValue="managed"
    )
    found = read(REGION, OTHER, THIRD)[REGION].roles
    assert {plain(each.name): plain(each.kind) for each in found} == {"till": "node", "managed": "node"}


@pytest.mark.parametrize("closed", [REGION, OTHER])
def test_a_region_that_is_not_enabled_is_unread_and_leaves_nothing_open(account: Sandbox, closed: str) -> None:
    account.set_faults([Fault(kind=FaultKind.REGION_DISABLED, region=closed)])
    found = read(REGION, OTHER)
    (gap,) = found[closed].gaps
    assert gap.detail.startswith("sts:GetCallerIdentity: ")
    assert "the Region is not enabled" in gap.detail
    assert plain(found[closed].account) == ACCOUNT
    other = found[OTHER if closed == REGION else REGION]
    # What lies in the closed Region, the bucket and the trail, says so by itself.
    assert {gap.detail.partition(":")[0] for gap in other.gaps} <= {"s3", "s3control", "cloudtrail"}
    assert [each for each in other.roles if isinstance(each.kind, Unknown)] == []


def test_a_region_that_does_not_answer_leaves_open_what_its_nodes_run_with(account: Sandbox) -> None:
    account.set_faults([Fault(kind=FaultKind.MALFORMED, region=OTHER)])
    found = read(REGION, OTHER)
    assert found[OTHER].instances.gap is not None
    here = {str(plain(each.name)): each for each in found[REGION].roles}
    assert plain(here["both"].kind) == "node"
    assert isinstance(here["one"].kind, Unknown)
    assert found[REGION].gaps == ()


def test_instances_denied_in_one_region_leave_open_what_its_nodes_run_with(account: Sandbox) -> None:
    account.set_faults([Fault(operation="DescribeInstances", region=OTHER)])
    found = read(REGION, OTHER)
    assert isinstance({str(plain(each.name)): each for each in found[REGION].roles}["one"].kind, Unknown)
    assert [len(each.gaps) for each in found.values()] == [0, 1]


def test_documents_denied_are_no_closed_region(account: Sandbox) -> None:
    account.set_faults([Fault(operation="ListDocuments")])
    account.reset_calls()
    found = read(REGION, OTHER)
    assert [len(each.instances) for each in found.values()] == [1, 2]
    assert counted(each.operation for each in account.calls())["GetCallerIdentity"] == 1


def test_a_region_that_throttles_the_first_call_is_read_all_the_same(account: Sandbox) -> None:
    account.set_faults([Fault(kind=FaultKind.MALFORMED, operation="ListDocuments", region=OTHER)])
    found = read(REGION, OTHER)
    assert len(found[OTHER].instances) == 2
    assert [plain(each.name) for each in found[OTHER].session_documents] == [stores.PREFERENCES]
    assert only(found[OTHER].gaps).detail.startswith("ssm:ListDocuments: ")


def test_iam_denied_is_a_gap_of_every_picture(account: Sandbox) -> None:
    account.set_faults([Fault(service="iam")])
    found = read(REGION, OTHER).values()
    for each in found:
        assert all(getattr(each, kind).gap is not None for kind in PEOPLE)
        assert "iam:GetAccountAuthorizationDetails: AccessDenied" in {gap.detail for gap in each.gaps}
    assert [len(each.instances) for each in found] == [1, 2]


@pytest.mark.usefixtures("account")
def test_a_fault_of_ours_in_reading_people_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError("a fault of the test")

    monkeypatch.setattr(roles, "roles", broken)
    for each in read(REGION, OTHER).values():
        assert [(gap.kind, gap.detail) for gap in each.gaps] == [
            (FAULT, "internal error of ssm-harden or of the worker: ZeroDivisionError: a fault of the test")
        ]
        assert all(getattr(each, kind).gap is not None for kind in PEOPLE)
        assert each.session_documents.gap is None
        assert len(each.session_documents) == 1


@pytest.mark.usefixtures("account")
def test_a_fault_of_ours_in_one_region_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = nodes.instances

    def broken(aws: AwsApi) -> Inventory[Instance]:
        if aws.who.region == OTHER:
            raise ZeroDivisionError("a fault of the test")
        return reading(aws)

    monkeypatch.setattr(nodes, "instances", broken)
    found = read(REGION, OTHER)
    assert [gap.kind for gap in found[OTHER].gaps] == [FAULT]
    assert found[REGION].gaps == ()
    assert len(found[REGION].instances) == 1


def test_a_bucket_that_is_denied_is_a_gap_of_each_region_that_names_it(account: Sandbox) -> None:
    account.set_faults([Fault(operation="GetBucketPolicy")])
    account.reset_calls()
    found = read(REGION, OTHER, THIRD)
    gaps = {region: [gap.detail for gap in each.gaps] for region, each in found.items()}
    denied = ["s3:GetBucketPolicy: AccessDenied"]
    assert gaps == {REGION: denied, OTHER: denied, THIRD: []}
    assert counted(each.operation for each in account.calls())["GetBucketPolicy"] == 1


def test_a_bucket_is_asked_for_in_its_own_region(account: Sandbox) -> None:
    account.reset_calls()
    found = read(OTHER, REGION)
    asked = {(each.operation, each.region) for each in account.calls() if each.service == "s3"}
    assert ("HeadBucket", OTHER) in asked
    assert ("GetBucketPolicy", REGION) in asked
    assert all(only(each.log_buckets).exists == Known(True, only(each.log_buckets).origin) for each in found.values())


def test_where_nobody_waits_no_further_region_is_begun(account: Sandbox) -> None:
    waiting = iter([True])
    account.reset_calls()
    read_regions(targets(REGION, OTHER, THIRD), is_left=lambda: not next(waiting, False))
    regions = {each.region for each in account.calls() if each.service == "ssm"}
    assert regions == {REGION}


@pytest.mark.usefixtures("sandbox")
def test_who_lets_nobody_in_is_asked_once() -> None:
    aims = [replace(each, role_arn=f"arn:aws:iam::{ACCOUNT}:role/Nobody") for each in targets(REGION, OTHER)]
    found = read_regions(aims)
    assert [only(each.gaps).detail for each in found] == ["sts:AssumeRole: AccessDenied"] * 2
