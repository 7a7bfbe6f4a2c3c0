import pytest

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown
from ssm_hardening.model import LogGroup
from ssm_hardening.read.live.answers import Read
from ssm_hardening.read.live.asking import AwsApi
from ssm_hardening.read.live.clients import WantedStores
from ssm_hardening.read.live.documents import session_documents
from ssm_hardening.read.live.log_groups import log_groups
from ssm_hardening.sandbox.faults import Fault, FaultKind
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import stores
from tests.read.live.reading import plain

NAME = "/ssm/sessions"
ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{NAME}"


def read(caller: AwsApi, *wanted: str) -> Read[LogGroup]:
    return log_groups(caller, session_documents(caller).facts, WantedStores(log_groups=wanted))


def test_a_group_that_a_document_names(caller: AwsApi) -> None:
    key = stores.key()
    stores.group(NAME, days=400, key=key, tags={"Terraform": "true"})
    stores.group(f"{NAME}-old", days=1)
    stores.document(cloudWatchLogGroupName=NAME)
    found = read(caller)
    (group,) = found.facts
    assert (group.address, plain(group.name), plain(group.exists)) == (ARN, NAME, True)
    assert group.retention_days == Known(400, ApiOrigin(ARN, "logs:DescribeLogGroups"))
    assert plain(group.kms_key) == key
    assert plain(group.used_by) == [f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/{stores.PREFERENCES}"]
    (held,) = found.holdings
    settings = plain(held.settings)
    assert isinstance(settings, dict)
    assert (held.type, held.import_id) == ("aws_cloudwatch_log_group", NAME)
    assert (settings["retentionInDays"], settings["tags"]) == (400, {"Terraform": "true"})
    (owner,) = found.owners
    assert plain(owner.owner) == "terraform"


def test_a_group_that_keeps_everything(caller: AwsApi) -> None:
    stores.group(NAME)
    (group,) = read(caller, NAME).facts
    assert isinstance(group.retention_days, Absent)
    assert isinstance(group.kms_key, Absent)
    assert plain(group.used_by) == []


def test_a_longer_name_is_another_group(caller: AwsApi) -> None:
    stores.group(f"{NAME}-old")
    stores.document(cloudWatchLogGroupName=NAME)
    found = read(caller)
    (group,) = found.facts
    assert plain(group.exists) is False
    assert found.facts.gap is None
    assert (found.holdings, found.owners) == (Inventory(), Inventory())


def test_the_group_is_found_among_many_that_begin_alike(caller: AwsApi) -> None:
    for number in range(60):
        stores.group(f"{NAME}-{number:02}")
    stores.group(NAME, days=7)
    (group,) = read(caller, NAME).facts
    assert plain(group.retention_days) == 7


@pytest.mark.parametrize("kind", [FaultKind.DENIED, FaultKind.MALFORMED])
def test_what_is_refused_is_unknown(sandbox: Sandbox, caller: AwsApi, kind: FaultKind) -> None:
    stores.document(cloudWatchLogGroupName=NAME)
    sandbox.set_faults([Fault(kind=kind, service="logs", operation="DescribeLogGroups")])
    found = read(caller)
    (group,) = found.facts
    for value in (group.exists, group.kms_key, group.retention_days):
        assert isinstance(value, Unknown)
        assert "logs:DescribeLogGroups" in value.detail
    (held,) = found.holdings
    assert isinstance(held.settings, Unknown)


def test_the_class_of_a_group(caller: AwsApi) -> None:
    stores.client("logs").create_log_group(logGroupName=NAME, logGroupClass="DELIVERY")
    stores.group(f"{NAME}-plain")
    classes = [plain(group.log_class) for group in read(caller, NAME, f"{NAME}-plain").facts]
    assert classes == ["DELIVERY", "STANDARD"]


EVERYBODY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "logs:*", "Resource": "*"}]}'
SERVICE = EVERYBODY.replace('"*", "Action"', '{"Service": "es.amazonaws.com"}, "Action"')


def test_resource_policies_of_the_account_and_of_the_group(caller: AwsApi) -> None:
    stores.group(NAME)
    stores.group(f"{NAME}-other")
    logs = stores.client("logs")
    logs.put_resource_policy(policyName="all", policyDocument=SERVICE)
    logs.put_resource_policy(resourceArn=ARN, policyDocument=EVERYBODY)
    mine, other = read(caller, NAME, f"{NAME}-other").facts
    assert [plain(each.effect) for each in mine.statements] == ["Allow", "Allow"]
    assert [each.at for each in other.statements] == [ApiOrigin(caller.who.root, "logs:DescribeResourcePolicies")]
    assert mine.statements.gap is None


def test_resource_policies_that_are_refused_are_a_gap(sandbox: Sandbox, caller: AwsApi) -> None:
    stores.group(NAME)
    sandbox.set_faults([Fault(kind=FaultKind.DENIED, service="logs", operation="DescribeResourcePolicies")])
    (group,) = read(caller, NAME).facts
    assert group.statements.gap is not None
    assert "logs:DescribeResourcePolicies" in group.statements.gap.detail
