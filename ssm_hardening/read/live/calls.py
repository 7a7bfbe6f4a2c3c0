"""Every API call that the tool makes to read an account. The auditor's policy is generated from this table."""

from dataclasses import dataclass


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
LIST_ACCESS_POINTS = ApiCall("s3control", "ListAccessPoints")
GET_ACCOUNT_PUBLIC_ACCESS_BLOCK = ApiCall("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock")

# Log groups
DESCRIBE_LOG_GROUPS = ApiCall("logs", "DescribeLogGroups")
DESCRIBE_LOG_STREAMS = ApiCall("logs", "DescribeLogStreams")
DESCRIBE_SUBSCRIPTION_FILTERS = ApiCall("logs", "DescribeSubscriptionFilters")
DESCRIBE_ACCOUNT_POLICIES = ApiCall("logs", "DescribeAccountPolicies")
LIST_LOG_GROUP_TAGS = ApiCall("logs", "ListTagsForResource")

# Keys
DESCRIBE_KEY = ApiCall("kms", "DescribeKey")
GET_KEY_ROTATION = ApiCall("kms", "GetKeyRotationStatus")
GET_KEY_POLICY = ApiCall("kms", "GetKeyPolicy")
LIST_KEY_ALIASES = ApiCall("kms", "ListAliases")
LIST_GRANTS = ApiCall("kms", "ListGrants")
LIST_KEY_TAGS = ApiCall("kms", "ListResourceTags")

# Writers
LOOKUP_EVENTS = ApiCall("cloudtrail", "LookupEvents")
