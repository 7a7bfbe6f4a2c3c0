"""What AWS fills in and moto does not."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import Client

PLACE = {"LocationConstraint": "ap-southeast-2"}


def test_a_new_bucket_is_encrypted_and_closed(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="fresh", CreateBucketConfiguration=PLACE)

    def encryption() -> str:
        [rule] = s3.get_bucket_encryption(Bucket="fresh")["ServerSideEncryptionConfiguration"]["Rules"]
        return str(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])

    assert encryption() == "AES256"
    assert set(s3.get_public_access_block(Bucket="fresh")["PublicAccessBlockConfiguration"].values()) == {True}
    controls = s3.get_bucket_ownership_controls(Bucket="fresh")["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    kms: dict[str, Any] = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    s3.put_bucket_encryption(Bucket="fresh", ServerSideEncryptionConfiguration=kms)
    assert encryption() == "aws:kms"
    s3.delete_bucket_encryption(Bucket="fresh")
    assert encryption() == "AES256"
    s3.delete_public_access_block(Bucket="fresh")
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket="fresh")


def test_a_bucket_made_with_another_ownership_keeps_it(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="acls", CreateBucketConfiguration=PLACE, ObjectOwnership="ObjectWriter")
    controls = s3.get_bucket_ownership_controls(Bucket="acls")["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}


def test_a_new_trail_logs_management_events(client: Client) -> None:
    client("s3").create_bucket(Bucket="trail", CreateBucketConfiguration=PLACE)
    trail = client("cloudtrail")
    trail.create_trail(Name="trail", S3BucketName="trail")
    [selector] = trail.get_event_selectors(TrailName="trail")["EventSelectors"]
    assert (selector["ReadWriteType"], selector["IncludeManagementEvents"]) == ("All", True)


def test_an_endpoint_without_a_group_gets_the_default_one(client: Client) -> None:
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    [default] = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.ap-southeast-2.ssm", VpcEndpointType="Interface")
    [endpoint] = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert [group["GroupId"] for group in endpoint["Groups"]] == [default["GroupId"]]


def test_a_keys_rotation_period_is_as_set(client: Client) -> None:
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90
    kms.disable_key_rotation(KeyId=key)
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)


def test_the_regions_defaults_for_instance_metadata(client: Client) -> None:
    ec2 = client("ec2")
    assert ec2.get_instance_metadata_defaults().get("AccountLevel", {}) == {}
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=1)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference")
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"HttpPutResponseHopLimit": 1}


def test_rules_for_groups_keep_their_description(client: Client) -> None:
    ec2 = client("ec2")
    group = ec2.create_security_group(GroupName="g", Description="d")["GroupId"]
    pair = {"GroupId": group, "Description": "nodes"}
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [pair]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert [rule.get("Description") for rule in rules if not rule["IsEgress"]] == ["nodes"]


def test_policies_of_aws_are_there_and_attach_in_one_account_only(client: Client) -> None:
    iam = client("iam")
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert "ssm:GetParameters" in json.dumps(document)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0


def test_regions_of_the_account(client: Client) -> None:
    account = client("account")
    assert account.get_region_opt_status(RegionName="ap-southeast-2")["RegionOptStatus"] == "ENABLED_BY_DEFAULT"
    assert account.get_region_opt_status(RegionName="af-south-1")["RegionOptStatus"] == "DISABLED"
    enabled = account.list_regions(RegionOptStatusContains=["ENABLED_BY_DEFAULT"])["Regions"]
    assert len(enabled) == 17


def test_protection_policies_of_log_groups(client: Client) -> None:
    logs = client("logs")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.get_data_protection_policy(logGroupIdentifier="none")
    logs.create_log_group(logGroupName="here")
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier="here")
    assert logs.describe_account_policies(policyType="SUBSCRIPTION_FILTER_POLICY")["accountPolicies"] == []


def test_trails_are_found_by_name_and_by_arn(client: Client) -> None:
    client("s3").create_bucket(Bucket="trails", CreateBucketConfiguration=PLACE)
    cloudtrail = client("cloudtrail")
    arns = {name: cloudtrail.create_trail(Name=name, S3BucketName="trails")["TrailARN"] for name in ("one", "other")}

    def described(*names: str) -> list[str]:
        found = cloudtrail.describe_trails(trailNameList=list(names))["trailList"]
        return sorted(str(each["Name"]) for each in found)

    assert described() == ["one", "other"]
    assert described("other") == described(arns["other"]) == ["other"]


def test_a_launch_template_says_what_its_instances_do_not(client: Client) -> None:
    ec2, iam = client("ec2"), client("iam")
    iam.create_instance_profile(InstanceProfileName="node")
    data = {
        "ImageId": "ami-0a1b2c3d4e5f60718",
        "IamInstanceProfile": {"Name": "node"},
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 3},
    }
    ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)

    def run(**more: Any) -> dict[str, Any]:
        template = {"LaunchTemplateName": "nodes", "Version": "$Latest"}
        [made] = ec2.run_instances(MinCount=1, MaxCount=1, LaunchTemplate=template, **more)["Instances"]
        [held] = ec2.describe_instances(InstanceIds=[made["InstanceId"]])["Reservations"]
        [found] = held["Instances"]
        return dict(found)

    plain = run()
    assert plain["IamInstanceProfile"]["Arn"].endswith("/node")
    options = plain["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("required", 3)
    assert run(MetadataOptions={"HttpTokens": "optional"})["MetadataOptions"]["HttpTokens"] == "optional"
