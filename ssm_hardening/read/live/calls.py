"""Every API call that the tool makes to read an account, and the auditor's policy, which is made from this table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ssm_hardening.core.origins import ApiOrigin


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One operation of one service.

    `service` is boto3's name, `operation` the API's; `action` is what IAM asks for, where it has another name.
    """

    service: str
    operation: str
    iam: str = ""

    @property
    def action(self) -> str:
        """The IAM action that allows the call."""
        return self.iam or str(self)

    def at(self, arn: str) -> ApiOrigin:
        """Return where something is read that the call says of the object `arn`."""
        return ApiOrigin(arn, str(self))

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


GET_CALLER_IDENTITY = ApiCall("sts", "GetCallerIdentity")

# Reach
ASSUME_ROLE = ApiCall("sts", "AssumeRole")
LIST_ACCOUNTS = ApiCall("organizations", "ListAccounts")
DESCRIBE_REGIONS = ApiCall("ec2", "DescribeRegions")

# Nodes
DESCRIBE_INSTANCES = ApiCall("ec2", "DescribeInstances")
DESCRIBE_INSTANCE_INFORMATION = ApiCall("ssm", "DescribeInstanceInformation")
GET_CONNECTION_STATUS = ApiCall("ssm", "GetConnectionStatus")
GET_INSTANCE_PROFILE = ApiCall("iam", "GetInstanceProfile")
DESCRIBE_AUTO_SCALING_GROUPS = ApiCall("autoscaling", "DescribeAutoScalingGroups")
DESCRIBE_LAUNCH_CONFIGURATIONS = ApiCall("autoscaling", "DescribeLaunchConfigurations")
DESCRIBE_LAUNCH_TEMPLATE_VERSIONS = ApiCall("ec2", "DescribeLaunchTemplateVersions")

# Roles of nodes
GET_ROLE = ApiCall("iam", "GetRole")
LIST_ATTACHED_ROLE_POLICIES = ApiCall("iam", "ListAttachedRolePolicies")
LIST_ROLE_POLICIES = ApiCall("iam", "ListRolePolicies")
GET_ROLE_POLICY = ApiCall("iam", "GetRolePolicy")
GET_POLICY = ApiCall("iam", "GetPolicy")
GET_POLICY_VERSION = ApiCall("iam", "GetPolicyVersion")

# Everybody
GET_ACCOUNT_AUTHORIZATION_DETAILS = ApiCall("iam", "GetAccountAuthorizationDetails")
LIST_POLICIES = ApiCall("iam", "ListPolicies")

# Network of nodes
DESCRIBE_SECURITY_GROUPS = ApiCall("ec2", "DescribeSecurityGroups")
DESCRIBE_SECURITY_GROUP_RULES = ApiCall("ec2", "DescribeSecurityGroupRules")
DESCRIBE_VPC_ENDPOINTS = ApiCall("ec2", "DescribeVpcEndpoints")
DESCRIBE_SUBNETS = ApiCall("ec2", "DescribeSubnets")
DESCRIBE_ROUTE_TABLES = ApiCall("ec2", "DescribeRouteTables")
DESCRIBE_VPCS = ApiCall("ec2", "DescribeVpcs")
DESCRIBE_VPC_ATTRIBUTE = ApiCall("ec2", "DescribeVpcAttribute")
DESCRIBE_NETWORK_INTERFACES = ApiCall("ec2", "DescribeNetworkInterfaces")

# Trails and alerts
DESCRIBE_TRAILS = ApiCall("cloudtrail", "DescribeTrails")
GET_TRAIL_STATUS = ApiCall("cloudtrail", "GetTrailStatus")
GET_EVENT_SELECTORS = ApiCall("cloudtrail", "GetEventSelectors")
LIST_RULES = ApiCall("events", "ListRules")
LIST_TARGETS_BY_RULE = ApiCall("events", "ListTargetsByRule")

# Session documents, their history and settings
LIST_DOCUMENTS = ApiCall("ssm", "ListDocuments")
DESCRIBE_DOCUMENT = ApiCall("ssm", "DescribeDocument")
GET_DOCUMENT = ApiCall("ssm", "GetDocument")
LIST_DOCUMENT_VERSIONS = ApiCall("ssm", "ListDocumentVersions")
DESCRIBE_DOCUMENT_PERMISSION = ApiCall("ssm", "DescribeDocumentPermission")
LIST_DOCUMENT_TAGS = ApiCall("ssm", "ListTagsForResource")
DESCRIBE_SESSIONS = ApiCall("ssm", "DescribeSessions")
GET_SERVICE_SETTING = ApiCall("ssm", "GetServiceSetting")
DESCRIBE_ACTIVATIONS = ApiCall("ssm", "DescribeActivations")
LIST_ASSOCIATIONS = ApiCall("ssm", "ListAssociations")

# Buckets
HEAD_BUCKET = ApiCall("s3", "HeadBucket", "s3:ListBucket")
LIST_OBJECTS = ApiCall("s3", "ListObjectsV2", "s3:ListBucket")
GET_BUCKET_ENCRYPTION = ApiCall("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration")
GET_BUCKET_PUBLIC_ACCESS_BLOCK = ApiCall("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock")
GET_BUCKET_VERSIONING = ApiCall("s3", "GetBucketVersioning")
GET_BUCKET_OBJECT_LOCK = ApiCall("s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration")
GET_BUCKET_LIFECYCLE = ApiCall("s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration")
GET_BUCKET_POLICY = ApiCall("s3", "GetBucketPolicy")
GET_BUCKET_OWNERSHIP = ApiCall("s3", "GetBucketOwnershipControls")
GET_BUCKET_LOGGING = ApiCall("s3", "GetBucketLogging")
GET_BUCKET_ACL = ApiCall("s3", "GetBucketAcl")
GET_BUCKET_TAGGING = ApiCall("s3", "GetBucketTagging")
GET_BUCKET_REPLICATION = ApiCall("s3", "GetBucketReplication", "s3:GetReplicationConfiguration")
LIST_ACCESS_POINTS = ApiCall("s3control", "ListAccessPoints", "s3:ListAccessPoints")
GET_ACCOUNT_PUBLIC_ACCESS_BLOCK = ApiCall("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock")

# Log groups
DESCRIBE_LOG_GROUPS = ApiCall("logs", "DescribeLogGroups")
DESCRIBE_LOG_STREAMS = ApiCall("logs", "DescribeLogStreams")
DESCRIBE_SUBSCRIPTION_FILTERS = ApiCall("logs", "DescribeSubscriptionFilters")
DESCRIBE_ACCOUNT_POLICIES = ApiCall("logs", "DescribeAccountPolicies")
DESCRIBE_RESOURCE_POLICIES = ApiCall("logs", "DescribeResourcePolicies")
LIST_LOG_GROUP_TAGS = ApiCall("logs", "ListTagsForResource")

# Keys
DESCRIBE_KEY = ApiCall("kms", "DescribeKey")
GET_KEY_ROTATION = ApiCall("kms", "GetKeyRotationStatus")
GET_KEY_POLICY = ApiCall("kms", "GetKeyPolicy")
LIST_KEY_ALIASES = ApiCall("kms", "ListAliases")
LIST_GRANTS = ApiCall("kms", "ListGrants")
LIST_KEY_TAGS = ApiCall("kms", "ListResourceTags")

# Organization
DESCRIBE_ORGANIZATION = ApiCall("organizations", "DescribeOrganization")
LIST_PARENTS = ApiCall("organizations", "ListParents")
LIST_POLICIES_FOR_TARGET = ApiCall("organizations", "ListPoliciesForTarget")
DESCRIBE_POLICY = ApiCall("organizations", "DescribePolicy")

# Writers
LOOKUP_EVENTS = ApiCall("cloudtrail", "LookupEvents")


LOG_BUCKETS = "ReadLogBuckets"
"""The statement that can be narrowed to the log buckets; it never lets anybody read an object."""

_STATEMENTS: Mapping[str, tuple[str, ...]] = {
    "ReadSessionManager": ("ssm",),
    LOG_BUCKETS: ("s3",),
    "ReadLogStoresAndKeys": ("logs", "kms", "s3control"),
    "ReadNodesAndRoles": ("ec2", "autoscaling", "iam"),
    "ReadTrailsAndAlerts": ("cloudtrail", "events"),
    "ReadControlPolicies": ("organizations",),
    "ReadIdentity": ("sts",),
}
"""Statement id → boto3's names of the services whose calls it allows."""

STARTING = ("organizations:ListAccounts", "sts:AssumeRole")
"""What leads into other accounts: allowed where the audit starts, never to the role that is audited with."""


def all_calls() -> tuple[ApiCall, ...]:
    """Return every call of the table, by service and name."""
    found = {each for each in globals().values() if isinstance(each, ApiCall)}
    return tuple(sorted(found, key=str))


def auditor_policy() -> dict[str, Any]:
    """Return the policy document: read-only, and no value of a parameter, no content of a log, no object."""
    table = [call for call in all_calls() if call.action not in STARTING]
    statements = [_statement(sid, services, table) for sid, services in _STATEMENTS.items()]
    return {"Version": "2012-10-17", "Statement": [each for each in statements if each["Action"]]}


def _statement(sid: str, services: Iterable[str], table: Iterable[ApiCall]) -> dict[str, Any]:
    actions = sorted({call.action for call in table if call.service in services})
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"}


def services() -> frozenset[str]:
    """Return the services that some statement is about; a call to another one would be in no policy."""
    return frozenset(service for named in _STATEMENTS.values() for service in named)
