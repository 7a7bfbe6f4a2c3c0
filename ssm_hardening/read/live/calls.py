"""Every API call that the tool makes to read an account. The auditor's policy is generated from this table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
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


GET_CALLER_IDENTITY = Call("sts", "GetCallerIdentity")

# Reach
ASSUME_ROLE = Call("sts", "AssumeRole")
LIST_ACCOUNTS = Call("organizations", "ListAccounts")
DESCRIBE_REGIONS = Call("ec2", "DescribeRegions")

# Nodes
DESCRIBE_INSTANCES = Call("ec2", "DescribeInstances")
DESCRIBE_INSTANCE_INFORMATION = Call("ssm", "DescribeInstanceInformation")
GET_CONNECTION_STATUS = Call("ssm", "GetConnectionStatus")
GET_INSTANCE_PROFILE = Call("iam", "GetInstanceProfile")

# Roles of nodes
GET_ROLE = Call("iam", "GetRole")
LIST_ATTACHED_ROLE_POLICIES = Call("iam", "ListAttachedRolePolicies")
LIST_ROLE_POLICIES = Call("iam", "ListRolePolicies")
GET_ROLE_POLICY = Call("iam", "GetRolePolicy")
GET_POLICY = Call("iam", "GetPolicy")
GET_POLICY_VERSION = Call("iam", "GetPolicyVersion")

# Everybody
GET_ACCOUNT_AUTHORIZATION_DETAILS = Call("iam", "GetAccountAuthorizationDetails")
LIST_POLICIES = Call("iam", "ListPolicies")

# Network of nodes
DESCRIBE_SECURITY_GROUPS = Call("ec2", "DescribeSecurityGroups")
DESCRIBE_SECURITY_GROUP_RULES = Call("ec2", "DescribeSecurityGroupRules")
DESCRIBE_VPC_ENDPOINTS = Call("ec2", "DescribeVpcEndpoints")
DESCRIBE_SUBNETS = Call("ec2", "DescribeSubnets")
DESCRIBE_ROUTE_TABLES = Call("ec2", "DescribeRouteTables")
DESCRIBE_VPCS = Call("ec2", "DescribeVpcs")
DESCRIBE_VPC_ATTRIBUTE = Call("ec2", "DescribeVpcAttribute")
DESCRIBE_NETWORK_INTERFACES = Call("ec2", "DescribeNetworkInterfaces")

# Trails and alerts
DESCRIBE_TRAILS = Call("cloudtrail", "DescribeTrails")
GET_TRAIL_STATUS = Call("cloudtrail", "GetTrailStatus")
GET_EVENT_SELECTORS = Call("cloudtrail", "GetEventSelectors")
LIST_RULES = Call("events", "ListRules")
LIST_TARGETS_BY_RULE = Call("events", "ListTargetsByRule")

# Session documents, their history and settings
LIST_DOCUMENTS = Call("ssm", "ListDocuments")
DESCRIBE_DOCUMENT = Call("ssm", "DescribeDocument")
GET_DOCUMENT = Call("ssm", "GetDocument")
LIST_DOCUMENT_VERSIONS = Call("ssm", "ListDocumentVersions")
DESCRIBE_DOCUMENT_PERMISSION = Call("ssm", "DescribeDocumentPermission")
LIST_DOCUMENT_TAGS = Call("ssm", "ListTagsForResource")
DESCRIBE_SESSIONS = Call("ssm", "DescribeSessions")
GET_SERVICE_SETTING = Call("ssm", "GetServiceSetting")
DESCRIBE_ACTIVATIONS = Call("ssm", "DescribeActivations")
LIST_ASSOCIATIONS = Call("ssm", "ListAssociations")

# Buckets
HEAD_BUCKET = Call("s3", "HeadBucket", "s3:ListBucket")
LIST_OBJECTS = Call("s3", "ListObjectsV2", "s3:ListBucket")
GET_BUCKET_ENCRYPTION = Call("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration")
GET_BUCKET_PUBLIC_ACCESS_BLOCK = Call("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock")
GET_BUCKET_VERSIONING = Call("s3", "GetBucketVersioning")
GET_BUCKET_OBJECT_LOCK = Call("s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration")
GET_BUCKET_LIFECYCLE = Call("s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration")
GET_BUCKET_POLICY = Call("s3", "GetBucketPolicy")
GET_BUCKET_OWNERSHIP = Call("s3", "GetBucketOwnershipControls")
GET_BUCKET_LOGGING = Call("s3", "GetBucketLogging")
GET_BUCKET_ACL = Call("s3", "GetBucketAcl")
GET_BUCKET_TAGGING = Call("s3", "GetBucketTagging")
GET_BUCKET_REPLICATION = Call("s3", "GetBucketReplication", "s3:GetReplicationConfiguration")
LIST_ACCESS_POINTS = Call("s3control", "ListAccessPoints")
GET_ACCOUNT_PUBLIC_ACCESS_BLOCK = Call("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock")

# Log groups
DESCRIBE_LOG_GROUPS = Call("logs", "DescribeLogGroups")
DESCRIBE_LOG_STREAMS = Call("logs", "DescribeLogStreams")
DESCRIBE_SUBSCRIPTION_FILTERS = Call("logs", "DescribeSubscriptionFilters")
DESCRIBE_ACCOUNT_POLICIES = Call("logs", "DescribeAccountPolicies")
LIST_LOG_GROUP_TAGS = Call("logs", "ListTagsForResource")

# Keys
DESCRIBE_KEY = Call("kms", "DescribeKey")
GET_KEY_ROTATION = Call("kms", "GetKeyRotationStatus")
GET_KEY_POLICY = Call("kms", "GetKeyPolicy")
LIST_KEY_ALIASES = Call("kms", "ListAliases")
LIST_GRANTS = Call("kms", "ListGrants")
LIST_KEY_TAGS = Call("kms", "ListResourceTags")

# Writers
LOOKUP_EVENTS = Call("cloudtrail", "LookupEvents")
