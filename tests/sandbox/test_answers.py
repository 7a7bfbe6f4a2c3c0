"""Every call of an audit has an answer here: AWS's data, or AWS's own error where there is nothing."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssm_hardening.sandbox.server import Sandbox
from tests.sandbox.conftest import Client

BUCKET = {"Bucket": "session-manager-demo-123456789012-ap-southeast-2"}
ROLE = {"RoleName": "session-manager-demo-default"}
CORE = {"PolicyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}
PREFERENCES = {"Name": "SSM-SessionManagerRunShell"}
NO_GROUP = {"logGroupName": "none"}
NO_KEY = {"KeyId": "11111111-2222-3333-4444-555555555555"}

ANSWERED: list[tuple[str, str, dict[str, Any]]] = [
    ("ssm", "describe_instance_information", {}),
    ("ssm", "describe_instance_properties", {}),
    ("ssm", "describe_sessions", {"State": "Active"}),
    ("ssm", "describe_activations", {}),
    ("ssm", "list_associations", {}),
    ("ssm", "list_documents", {}),
    ("ssm", "get_inventory", {}),
    ("s3", "get_bucket_encryption", BUCKET),
    ("s3", "get_public_access_block", BUCKET),
    ("s3", "get_bucket_versioning", BUCKET),
    ("s3", "get_bucket_logging", BUCKET),
    ("s3", "get_bucket_ownership_controls", BUCKET),
    ("s3", "get_bucket_acl", BUCKET),
    ("s3", "get_bucket_location", BUCKET),
    ("s3", "head_bucket", BUCKET),
    ("s3", "list_objects_v2", BUCKET),
    ("logs", "describe_log_groups", {}),
    ("logs", "describe_resource_policies", {}),
    ("logs", "describe_metric_filters", {}),
    ("kms", "list_keys", {}),
    ("kms", "list_aliases", {}),
    ("iam", "get_role", ROLE),
    ("iam", "list_attached_role_policies", ROLE),
    ("iam", "list_role_policies", ROLE),
    ("iam", "list_instance_profiles_for_role", ROLE),
    ("iam", "list_role_tags", ROLE),
    ("iam", "get_policy", CORE),
    ("iam", "list_entities_for_policy", CORE),
    ("iam", "get_account_authorization_details", {"Filter": ["Role"]}),
    ("ec2", "describe_instances", {}),
    ("ec2", "describe_security_groups", {}),
    ("ec2", "describe_security_group_rules", {}),
    ("ec2", "describe_vpcs", {}),
    ("ec2", "describe_vpc_endpoints", {}),
    ("ec2", "describe_subnets", {}),
    ("ec2", "describe_route_tables", {}),
    ("ec2", "describe_nat_gateways", {}),
    ("ec2", "describe_network_acls", {}),
    ("ec2", "describe_network_interfaces", {}),
    ("ec2", "describe_managed_prefix_lists", {}),
    ("ec2", "describe_prefix_lists", {}),
    ("ec2", "describe_iam_instance_profile_associations", {}),
    ("ec2", "describe_launch_templates", {}),
    ("ec2", "describe_regions", {}),
    ("ec2", "get_instance_metadata_defaults", {}),
    ("cloudtrail", "describe_trails", {}),
    ("cloudtrail", "lookup_events", {}),
    ("events", "list_rules", {}),
    ("events", "list_event_buses", {}),
    ("sns", "list_topics", {}),
    ("sts", "get_caller_identity", {}),
    ("account", "list_regions", {}),
    ("config", "describe_configuration_recorders", {}),
    ("resourcegroupstaggingapi", "get_resources", {}),
]

REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("ssm", "get_document", PREFERENCES, "InvalidDocument"),
    ("ssm", "describe_document", PREFERENCES, "InvalidDocument"),
    ("ssm", "list_document_versions", PREFERENCES, "InvalidDocument"),
    ("ssm", "describe_document_permission", {**PREFERENCES, "PermissionType": "Share"}, "InvalidDocument"),
    ("s3", "get_bucket_policy", BUCKET, "NoSuchBucketPolicy"),
    ("s3", "get_bucket_policy_status", BUCKET, "NoSuchBucketPolicy"),
    ("s3", "get_bucket_lifecycle_configuration", BUCKET, "NoSuchLifecycleConfiguration"),
    ("s3", "get_object_lock_configuration", BUCKET, "ObjectLockConfigurationNotFoundError"),
    ("s3", "get_bucket_tagging", BUCKET, "NoSuchTagSet"),
    ("s3", "get_bucket_website", {"Bucket": "not-there"}, "NoSuchBucket"),
    ("s3control", "get_public_access_block", {"AccountId": "123456789012"}, "NoSuchPublicAccessBlockConfiguration"),
    ("logs", "describe_subscription_filters", NO_GROUP, "ResourceNotFoundException"),
    ("kms", "describe_key", NO_KEY, "NotFoundException"),
    ("kms", "get_key_policy", {**NO_KEY, "PolicyName": "default"}, "NotFoundException"),
    ("iam", "get_role", {"RoleName": "none"}, "NoSuchEntity"),
    ("iam", "get_instance_profile", {"InstanceProfileName": "none"}, "NoSuchEntity"),
    ("iam", "get_role_policy", {**ROLE, "PolicyName": "none"}, "NoSuchEntity"),
    ("cloudtrail", "get_trail_status", {"Name": "none"}, "TrailNotFoundException"),
    ("events", "describe_rule", {"Name": "none"}, "ResourceNotFoundException"),
    ("organizations", "describe_organization", {}, "AWSOrganizationsNotInUseException"),
]


@pytest.fixture
def walked(client: Client, server: Sandbox) -> Client:
    server.reset("walkthrough")
    return client


def test_what_is_there(walked: Client) -> None:
    failed = [
        f"{service}:{call}: {said}"
        for service, call, given in ANSWERED
        if (said := _said(walked, service, call, given))
    ]
    assert failed == []


def test_what_is_not_there(walked: Client) -> None:
    told = {(service, call): _said(walked, service, call, given) for service, call, given, _ in REFUSED}
    assert told == {(service, call): code for service, call, _, code in REFUSED}


def _said(client: Client, service: str, call: str, given: dict[str, Any]) -> str:
    """Return the code of the error that a call ends in; empty where it is answered."""
    try:
        getattr(client(service), call)(**given)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
