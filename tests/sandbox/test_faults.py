"""Each fault in the form of each protocol, as boto3 understands it."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ssm_hardening.sandbox.faults import Fault, FaultKind, ReceivedCall
from ssm_hardening.sandbox.server import Sandbox
from tests.sandbox.conftest import Client

CALLS: dict[str, Callable[[Client], Any]] = {
    "ssm": lambda client: client("ssm").list_documents(),
    "ec2": lambda client: client("ec2").describe_instances(),
    "iam": lambda client: client("iam").list_roles(),
    "s3": lambda client: client("s3").get_bucket_policy(Bucket="none"),
    "s3control": lambda client: client("s3control").get_public_access_block(AccountId="123456789012"),
    "account": lambda client: client("account").list_regions(),
}
"""One call for each protocol: json, ec2, query, rest-xml (twice), rest-json."""

EXPECTED = {
    (FaultKind.DENIED, "ssm"): ("AccessDeniedException", 400),
    (FaultKind.DENIED, "ec2"): ("UnauthorizedOperation", 403),
    (FaultKind.DENIED, "iam"): ("AccessDenied", 403),
    (FaultKind.DENIED, "s3"): ("AccessDenied", 403),
    (FaultKind.DENIED, "s3control"): ("AccessDenied", 403),
    (FaultKind.DENIED, "account"): ("AccessDeniedException", 403),
    (FaultKind.THROTTLED, "ssm"): ("ThrottlingException", 400),
    (FaultKind.THROTTLED, "ec2"): ("RequestLimitExceeded", 503),
    (FaultKind.THROTTLED, "iam"): ("Throttling", 400),
    (FaultKind.THROTTLED, "s3"): ("SlowDown", 503),
    (FaultKind.THROTTLED, "account"): ("TooManyRequestsException", 429),
    (FaultKind.REGION_DISABLED, "ssm"): ("UnrecognizedClientException", 400),
    (FaultKind.REGION_DISABLED, "ec2"): ("AuthFailure", 401),
    (FaultKind.REGION_DISABLED, "iam"): ("InvalidClientTokenId", 403),
    (FaultKind.REGION_DISABLED, "s3"): ("InvalidAccessKeyId", 403),
}


def error_of(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as raised:
        call()
    response = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(("kind", "service"), EXPECTED)
def test_refusals_in_each_protocols_own_form(sandbox: Sandbox, client: Client, kind: FaultKind, service: str) -> None:
    sandbox.set_faults([Fault(kind=kind, service=service)])
    assert error_of(lambda: CALLS[service](client)) == EXPECTED[kind, service]


def test_an_answer_to_head_has_a_status_and_no_body(sandbox: Sandbox, client: Client) -> None:
    sandbox.set_faults([Fault(service="s3", operation="HeadBucket")])
    assert error_of(lambda: client("s3").head_bucket(Bucket="none")) == ("403", 403)
    sandbox.set_faults([])
    assert error_of(lambda: client("s3").head_bucket(Bucket="none")) == ("404", 404)


def test_only_what_matches_goes_wrong(sandbox: Sandbox, client: Client) -> None:
    sandbox.set_faults([Fault(service="ssm", operation="ListDocuments", region="eu-west-1")])
    client("ssm").list_documents()
    client("ssm", region="eu-west-1").describe_activations()
    assert error_of(client("ssm", region="eu-west-1").list_documents)[0] == "AccessDeniedException"
    sandbox.set_faults([Fault(account="999999999999")])
    client("ssm").list_documents()


def test_throttled_the_first_two_times(sandbox: Sandbox, client: Client) -> None:
    sandbox.set_faults([Fault(kind=FaultKind.THROTTLED, operation="ListDocuments", times=2)])
    ssm = client("ssm")
    assert [error_of(ssm.list_documents)[0] for _ in range(2)] == ["ThrottlingException"] * 2
    assert ssm.list_documents()["DocumentIdentifiers"]


def test_an_error_of_ones_own(sandbox: Sandbox, client: Client) -> None:
    sandbox.set_faults([Fault(kind=FaultKind.ERROR, code="InternalServerError", status=500, message="well")])
    assert error_of(client("ssm").list_documents) == ("InternalServerError", 500)


def test_a_hang_is_longer_than_patience(sandbox: Sandbox, client: Client) -> None:
    sandbox.set_faults([Fault(kind=FaultKind.HANG, operation="ListDocuments", seconds=1.0)])
    with pytest.raises(BotoCoreError, match="Read timeout"):
        client("ssm", timeout=0.2).list_documents()
    start = time.monotonic()
    assert "DocumentIdentifiers" in client("ssm").list_documents()
    assert time.monotonic() - start >= 1.0


@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.TRUNCATED])
def test_broken_bodies(sandbox: Sandbox, client: Client, kind: FaultKind) -> None:
    sandbox.set_faults([Fault(kind=kind)])
    with pytest.raises(ResponseParserError, match="Unable to parse response"):
        client("iam").list_roles()
    # botocore takes JSON that it cannot read for an empty answer: whoever asks must look for what should be there.
    assert "DocumentIdentifiers" not in client("ssm").list_documents()


def test_calls_are_noted_as_what_they_are(sandbox: Sandbox, client: Client) -> None:
    client("sts").get_caller_identity()
    client("ssm", region="eu-west-1").list_documents()
    client("ec2").describe_vpcs()
    client("s3").list_buckets()
    client("s3control").list_access_points(AccountId="123456789012")
    account, region = "123456789012", "ap-southeast-2"
    assert sandbox.calls() == [
        ReceivedCall("sts", "GetCallerIdentity", account, region),
        ReceivedCall("ssm", "ListDocuments", account, "eu-west-1"),
        ReceivedCall("ec2", "DescribeVpcs", account, region),
        ReceivedCall("s3", "ListBuckets", account, region),
        ReceivedCall("s3control", "ListAccessPoints", account, region),
    ]
    sandbox.reset_calls()
    assert sandbox.calls() == []


def test_what_is_not_simulated_says_so_and_is_not_worth_a_retry(sandbox: Sandbox, client: Client) -> None:
    assert error_of(lambda: client("ssm").get_calendar_state(CalendarNames=["x"])) == ("NotImplemented", 501)
    assert error_of(client("accessanalyzer").list_analyzers) == ("NotImplemented", 501)
    assert error_of(client("cloudformation").list_stacks) == ("NotImplemented", 501)
    assert len(sandbox.calls()) == 3


def test_a_further_attempt_at_a_call_makes_nothing_twice(client: Client) -> None:
    """All attempts at a call carry one id; on a busy machine a connection may end before its answer arrived."""
    ec2 = client("ec2")

    def made(attempts_at: str) -> str:
        def named(request: Any, **_: object) -> None:
            request.headers["amz-sdk-invocation-id"] = attempts_at

        ec2.meta.events.register("before-send.ec2.CreateVpc", named, unique_id="named")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        ec2.meta.events.unregister("before-send.ec2.CreateVpc", unique_id="named")
        return str(vpc)

    first = made("one")
    assert made("one") == first
    assert made("two") != first
    found = ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.9.0.0/16"]}])["Vpcs"]
    assert len(found) == 2
