"""The operations of Systems Manager that moto lacks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssm_hardening.sandbox.server import Sandbox
from tests.sandbox.conftest import Client

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHARING = "/ssm/documents/console/public-sharing-permission"


def session(number: int, **more: Any) -> dict[str, Any]:
    start = NOW - timedelta(hours=number)
    ended = {"EndDate": start + timedelta(minutes=5), "Status": "Terminated"}
    return {"SessionId": f"ann-{number:017x}", "Target": "i-0a", "Owner": "ann", "StartDate": start} | ended | more


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_sessions_by_state_filter_and_page(sandbox: Sandbox, client: Client) -> None:
    running: dict[str, Any] = {"EndDate": None, "Status": "Connected", "Target": "i-0b"}
    output = {"S3OutputUrl": "", "CloudWatchOutputUrl": ""}
    sandbox.put(sessions=[session(2), session(1, Owner="bob", Reason="why", OutputUrl=output), session(0, **running)])
    ssm = client("ssm")
    past = ssm.describe_sessions(State="History")["Sessions"]
    assert [one["SessionId"][-1] for one in past] == ["1", "2"]
    assert past[0]["EndDate"] == NOW - timedelta(minutes=55)
    assert past[0]["Reason"] == "why"
    assert past[0]["OutputUrl"] == output
    active = ssm.describe_sessions(State="Active")["Sessions"]
    assert [one["Status"] for one in active] == ["Connected"]

    def found(key: str, value: str) -> list[str]:
        filters = [{"key": key, "value": value}]
        return [one["SessionId"][-1] for one in ssm.describe_sessions(State="History", Filters=filters)["Sessions"]]

    assert found("Owner", "bob") == ["1"]
    assert found("Target", "i-0b") == []
    assert found("InvokedAfter", "2026-03-01T10:30:00Z") == ["1"]
    assert found("InvokedBefore", "2026-03-01T10:30:00Z") == ["2"]
    first = ssm.describe_sessions(State="History", MaxResults=1)
    second = ssm.describe_sessions(State="History", MaxResults=1, NextToken=first["NextToken"])
    assert [one["SessionId"][-1] for one in first["Sessions"] + second["Sessions"]] == ["1", "2"]
    assert "NextToken" not in second
    with pytest.raises(ClientError) as refused:
        ssm.describe_sessions(State="History", NextToken="no token")
    assert code_of(refused) == "InvalidNextToken"


def test_agents_by_filter_and_their_connection(sandbox: Sandbox, client: Client) -> None:
    [instance] = client("ec2").run_instances(
        ImageId="ami-0a", MinCount=1, MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "one"}]}],
    )["Instances"]  # fmt: skip
    here = instance["InstanceId"]
    sandbox.put(
        instance_information=[
            {"InstanceId": here, "PingStatus": "Online", "AgentVersion": "3.3.1.0", "PlatformType": "Linux"},
            {"InstanceId": "mi-0b", "PingStatus": "ConnectionLost", "ResourceType": "ManagedInstance"},
        ],
        connection_status={"i-0c": "connected"},
    )
    ssm = client("ssm")

    def found(**filters: str) -> list[str]:
        given = [{"Key": key.replace("_", ":"), "Values": [value]} for key, value in filters.items()]
        return [
            one["InstanceId"] for one in ssm.describe_instance_information(Filters=given)["InstanceInformationList"]
        ]

    assert found() == [here, "mi-0b"]
    assert found(PingStatus="Online") == [here]
    assert found(ResourceType="ManagedInstance") == ["mi-0b"]
    assert found(tag_Name="one") == [here]
    assert found(tag_Name="two") == []
    [properties] = [
        one for one in ssm.describe_instance_properties()["InstanceProperties"] if one["InstanceId"] == here
    ]
    assert (properties["Name"], properties["InstanceState"]) == ("one", "running")
    status = {target: ssm.get_connection_status(Target=target)["Status"] for target in (here, "mi-0b", "i-0c", "i-0d")}
    assert list(status.values()) == ["connected", "notconnected", "connected", "notconnected"]
    assert client("ssm", region="eu-west-1").describe_instance_information()["InstanceInformationList"] == []


def test_settings_have_defaults_and_come_back_to_them(client: Client) -> None:
    ssm = client("ssm")

    def setting() -> tuple[str, str]:
        found = ssm.get_service_setting(SettingId=SHARING)["ServiceSetting"]
        assert found["ARN"] == f"arn:aws:ssm:ap-southeast-2:123456789012:servicesetting{SHARING}"
        return found["SettingValue"], found["Status"]

    assert setting() == ("Enable", "Default")
    ssm.update_service_setting(
        SettingId=f"arn:aws:ssm:ap-southeast-2:123456789012:servicesetting{SHARING}", SettingValue="Disable"
    )
    assert setting() == ("Disable", "Customized")
    assert (
        client("ssm", region="eu-west-1").get_service_setting(SettingId=SHARING)["ServiceSetting"]["Status"]
        == "Default"
    )
    assert ssm.reset_service_setting(SettingId=SHARING)["ServiceSetting"]["SettingValue"] == "Enable"
    assert setting() == ("Enable", "Default")
    with pytest.raises(ClientError) as refused:
        ssm.update_service_setting(SettingId=SHARING, SettingValue="Maybe")
    assert code_of(refused) == "ValidationException"
    with pytest.raises(ClientError) as unknown:
        ssm.get_service_setting(SettingId="/ssm/none")
    assert code_of(unknown) == "ServiceSettingNotFound"


def test_activations_open_expire_and_close(sandbox: Sandbox, client: Client) -> None:
    ssm = client("ssm")
    opened = ssm.create_activation(IamRole="hybrid", RegistrationLimit=5)["ActivationId"]
    sandbox.put(activations=[{"ActivationId": "old", "IamRole": "hybrid", "ExpirationDate": "2020-01-01T00:00:00Z"}])
    found = {one["ActivationId"]: one["Expired"] for one in ssm.describe_activations()["ActivationList"]}
    assert found == {opened: False, "old": True}
    ssm.delete_activation(ActivationId=opened)
    with pytest.raises(ClientError) as refused:
        ssm.delete_activation(ActivationId=opened)
    assert code_of(refused) == "InvalidActivation"


def test_associations(client: Client) -> None:
    ssm = client("ssm")
    made = ssm.create_association(
        Name="AWS-UpdateSSMAgent",
        Targets=[{"Key": "InstanceIds", "Values": ["*"]}],
        ScheduleExpression="rate(14 days)",
        Tags=[{"Key": "a", "Value": "b"}],
    )["AssociationDescription"]
    key = made["AssociationId"]
    ssm.update_association(AssociationId=key, ScheduleExpression="rate(7 days)")
    [listed] = ssm.list_associations(AssociationFilterList=[{"key": "Name", "value": "AWS-UpdateSSMAgent"}])[
        "Associations"
    ]
    assert (listed["ScheduleExpression"], listed["AssociationVersion"]) == ("rate(7 days)", "2")
    ssm.update_association(AssociationId=key, DocumentVersion="3")
    told = ssm.describe_association(AssociationId=key)["AssociationDescription"]
    assert (told["DocumentVersion"], told["AssociationVersion"]) == ("3", "3")
    assert told["Targets"] == [{"Key": "InstanceIds", "Values": ["*"]}]
    assert "ScheduleExpression" not in told
    tags = ssm.list_tags_for_resource(ResourceType="Association", ResourceId=key)["TagList"]
    assert tags == [{"Key": "a", "Value": "b"}]
    ssm.delete_association(AssociationId=key)
    assert ssm.list_associations()["Associations"] == []


def test_events_of_the_trail(sandbox: Sandbox, client: Client) -> None:
    names = ("StartSession", "UpdateDocument", "UpdateDocument")
    sandbox.put(
        events=[
            {"EventId": str(number), "EventName": name, "Username": "ann", "EventTime": NOW + timedelta(hours=number)}
            for number, name in enumerate(names)
        ]
    )
    trail = client("cloudtrail")

    def found(**when: datetime) -> list[str]:
        wanted = [{"AttributeKey": "EventName", "AttributeValue": "UpdateDocument"}]
        return [one["EventId"] for one in trail.lookup_events(LookupAttributes=wanted, **when)["Events"]]

    assert found() == ["2", "1"]
    assert found(EndTime=NOW + timedelta(minutes=90)) == ["1"]
    assert found(StartTime=NOW + timedelta(minutes=90)) == ["2"]


def test_ten_thousand_sessions_and_two_thousand_agents(sandbox: Sandbox, client: Client) -> None:
    sandbox.put(sessions=[session(number) for number in range(10_000)])
    sandbox.put(
        instance_information=[{"InstanceId": f"i-{number:017x}", "PingStatus": "Online"} for number in range(2_000)]
    )
    ssm = client("ssm")
    pages = ssm.get_paginator("describe_sessions").paginate(State="History", PaginationConfig={"PageSize": 200})
    assert len({one["SessionId"] for page in pages for one in page["Sessions"]}) == 10_000
    pages = ssm.get_paginator("describe_instance_information").paginate()
    assert len({one["InstanceId"] for page in pages for one in page["InstanceInformationList"]}) == 2_000
    assert len(sandbox.calls()) == 50 + 40
