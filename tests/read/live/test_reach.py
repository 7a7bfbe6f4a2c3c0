"""Which accounts and Regions are read, and that none of them stops the others."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.model import Account
from ssm_hardening.read.live.clients import WantedStores
from ssm_hardening.read.live.reach import Targets, read_all, targets
from ssm_hardening.read.snapshot import to_json
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet
from tests.read.live.reading import plain

ROLE = "SsmHardenAuditor"
MEMBERS = ["200000000001", "200000000002", "200000000003"]


def arn(account: str, role: str = ROLE) -> str:
    return f"arn:aws:iam::{account}:role/{role}"


def unread_because(account: Account) -> str:
    """Return why nothing of an account could be read; nothing where something was."""
    gap = account.session_documents.gap
    return "" if gap is None or account.instances.gap != gap else gap.detail


@pytest.fixture
def organization(sandbox: Sandbox) -> Sandbox:
    sandbox.put(organization={"accounts": MEMBERS, "role": ROLE, "external_id": "team-7"})
    return sandbox


def test_ones_own_account_in_ones_own_region(sandbox: Sandbox) -> None:
    found = read_all(targets())
    assert [account.root for account in found] == [f"{ACCOUNT}/{sandbox.region}"]
    assert unread_because(found[0]) == ""


@pytest.mark.usefixtures("organization")
def test_roles_in_regions_each_with_its_own_account() -> None:
    aims = targets(
        regions=("us-east-1", "eu-west-1", "us-east-1"),
        role_arns=(arn(MEMBERS[1]), arn(MEMBERS[0])),
        external_id="team-7",
    )

    found = read_all(aims)

    assert [account.root for account in found] == [
        "200000000001/eu-west-1",
        "200000000001/us-east-1",
        "200000000002/eu-west-1",
        "200000000002/us-east-1",
    ]
    assert [plain(account.account) for account in found] == [MEMBERS[0], MEMBERS[0], MEMBERS[1], MEMBERS[1]]
    assert [unread_because(account) for account in found] == [""] * 4


def test_an_organization_is_its_active_accounts_and_ones_own_needs_no_role(organization: Sandbox) -> None:
    organization.put(account=MEMBERS[0], instance_information=[fleet.agent("mi-00000000000000001", IamRole="till")])
    fleet.client("organizations").close_account(AccountId=MEMBERS[2])

    aims = targets(organization=True, role_name=ROLE, external_id="team-7")
    found = read_all(aims)

    assert [(target.account, target.role_arn) for target in aims.readable] == [
        (ACCOUNT, None),
        (MEMBERS[0], arn(MEMBERS[0])),
        (MEMBERS[1], arn(MEMBERS[1])),
    ]
    assert [account.root for account in found] == [f"{each}/{REGION}" for each in (ACCOUNT, *MEMBERS[:2])]
    assert [len(account.instances) for account in found] == [0, 1, 0]


def test_a_role_is_assumed_once_for_all_regions(organization: Sandbox) -> None:
    aims = targets(regions=("us-east-1", "eu-west-1"), role_arns=(arn(MEMBERS[0]),), external_id="team-7")
    read_all(aims)
    calls = [call for call in organization.calls() if call.operation == "AssumeRole"]
    assert [call.region for call in calls] == [REGION]


@pytest.mark.usefixtures("organization")
def test_a_role_that_cannot_be_assumed_is_named_and_stops_nobody() -> None:
    found = read_all(targets(role_arns=(arn(MEMBERS[0]), arn(MEMBERS[1], "Nobody")), external_id="team-7"))
    assert [unread_because(account) for account in found] == ["", "sts:AssumeRole: AccessDenied"]
    assert found[1].gaps[0].detail == "sts:AssumeRole: AccessDenied"
    assert plain(found[1].account) == MEMBERS[1]


@pytest.mark.usefixtures("organization")
def test_a_picture_that_crashes_stops_nobody() -> None:
    fine = targets(role_arns=(arn(MEMBERS[0]),), external_id="team-7")
    (target,) = fine.readable
    others = (
        replace(target, account=MEMBERS[1], external_id="x", run=""),  # too short for AWS: botocore raises
        replace(target, account=MEMBERS[2], profile="nobody", run=""),
    )

    found = read_all(Targets((target, *others)))

    assert [account.root[:12] for account in found] == MEMBERS
    assert unread_because(found[0]) == ""
    assert unread_because(found[1]).startswith("internal error of ssm-harden or of the worker: ParamValidationError")
    assert "nobody" in unread_because(found[2])


def test_all_regions_are_those_that_are_enabled(sandbox: Sandbox) -> None:
    aims = targets(regions=("all",))
    found = [target.region for target in aims.readable]
    assert {"us-east-1", "eu-west-1", REGION} <= set(found)
    assert "me-south-1" not in found
    assert found == sorted(found)
    assert [call.operation for call in sandbox.calls()] == ["DescribeRegions"]


def test_an_account_that_does_not_tell_its_regions_is_an_unread_one(organization: Sandbox) -> None:
    organization.set_faults(
        [Fault(kind=FaultKind.DENIED, service="ec2", operation="DescribeRegions", account=MEMBERS[0])]
    )
    aims = targets(regions=("all",), role_arns=(arn(MEMBERS[0]), arn(MEMBERS[1])), external_id="team-7")
    assert {target.account for target in aims.readable} == {MEMBERS[1]}
    assert [unread_because(account) for account in aims.unread] == ["ec2:DescribeRegions: UnauthorizedOperation"]


def test_accounts_that_cannot_be_listed_are_an_error(organization: Sandbox) -> None:
    organization.set_faults([Fault(kind=FaultKind.DENIED, service="organizations")])
    with pytest.raises(UsageError, match="organizations:ListAccounts: AccessDeniedException") as caught:
        targets(organization=True, role_name=ROLE)
    assert "delegated administrator" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"organization": True}, "--organization requires a role"),
        ({"role_name": ROLE}, "--role-name requires"),
        ({"organization": True, "role_name": ROLE, "role_arns": (arn(MEMBERS[0]),)}, "cannot be combined"),
        ({"external_id": "team-7"}, "--external-id requires a role"),
        ({"external_id": "x", "role_arns": (arn(MEMBERS[0]),)}, "the external ID is not valid"),
        ({"role_arns": ("SsmHardenAuditor",)}, "is not the ARN of a role"),
        ({"role_arns": (arn(MEMBERS[0]), arn(MEMBERS[0], "Other"))}, "two roles are in the same account"),
        ({"profile": "nobody"}, "nobody"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("sandbox")
def test_options_that_do_not_fit(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        targets(**said)
    assert caught.value.hint


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("named", "hint"),
    [
        ("eu-wst-1", "did you mean eu-west-1?"),
        ("EU-WEST-1", "did you mean eu-west-1?"),
        ("aws-global", "check --region, AWS_REGION, and the profile"),
        ("", "check --region, AWS_REGION, and the profile"),
    ],
)
def test_a_region_that_does_not_exist(named: str, hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=f"there is no Region '{named}'") as caught:
        targets(regions=(REGION, named))
    assert caught.value.hint == hint
    monkeypatch.setenv("AWS_REGION", named or "nowhere")
    with pytest.raises(UsageError, match="there is no Region"):
        targets(regions=("all",))


def test_a_region_that_botocore_does_not_know_is_read_where_aws_lists_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssm_hardening.read.live.callers.shipped_regions", lambda: frozenset({REGION}))
    assert [each.region for each in targets(regions=("eu-west-1",)).readable] == ["eu-west-1"]
    sandbox.set_faults([Fault(service="ec2", operation="DescribeRegions")])
    with pytest.raises(UsageError, match="cannot determine whether the Region 'eu-west-1' exists: ec2:DescribeRegions"):
        targets(regions=("eu-west-1",))


def test_a_region_that_botocore_knows_takes_no_call(sandbox: Sandbox) -> None:
    targets(regions=("eu-west-1", "cn-north-1", "us-gov-west-1"))
    assert sandbox.calls() == []


@pytest.mark.usefixtures("sandbox")
def test_without_a_region_or_credentials_the_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(UsageError, match="no Region is set"):
        targets()
    assert [target.region for target in targets(regions=("eu-west-1",)).readable] == ["eu-west-1"]
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert [target.region for target in targets().readable] == ["eu-west-3"]
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(UsageError, match="no AWS credentials"):
        targets()


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("executor", ["processes", "dask", "dask=", "threads=8"])
def test_an_executor_that_is_none(executor: str) -> None:
    with pytest.raises(UsageError, match="is not a valid executor"):
        read_all(targets(), executor=executor)


@pytest.fixture
def cluster(organization: Sandbox) -> Iterator[str]:
    """Return the address of a Dask cluster of two processes, which reach the simulated account as we do."""
    distributed = pytest.importorskip("distributed")
    assert organization.calls() is not None
    options = {"n_workers": 2, "threads_per_worker": 2, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(host="127.0.0.1", silence_logs=False, **options) as local:
        yield local.scheduler_address


@pytest.mark.filterwarnings("default")  # the cluster's own sockets are not ours to close
def test_a_dask_cluster_makes_the_same_pictures(cluster: str) -> None:
    aims = targets(
        regions=(REGION, "us-east-1"),
        role_arns=(arn(MEMBERS[0]), arn(MEMBERS[1]), arn(MEMBERS[2], "Nobody")),
        external_id="team-7",
    )
    wanted = WantedStores(log_buckets=("no-such-bucket",))

    on_workers = read_all(aims, wanted, executor=f"dask={cluster}")

    assert len(on_workers) == 6
    assert to_json(on_workers) == to_json(read_all(aims, wanted))
    assert [unread_because(each) for each in on_workers][-1] == "sts:AssumeRole: AccessDenied"


@pytest.mark.usefixtures("sandbox")
def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("ssm_hardening.read.live.reach._CONNECT_SECONDS", 0.2)
    with pytest.raises(UsageError, match="cannot connect to a Dask scheduler"):
        read_all(targets(), executor="dask=tcp://127.0.0.1:9")
