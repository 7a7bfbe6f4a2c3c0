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

# Network of nodes
DESCRIBE_SECURITY_GROUPS = Call("ec2", "DescribeSecurityGroups")
DESCRIBE_SECURITY_GROUP_RULES = Call("ec2", "DescribeSecurityGroupRules")
DESCRIBE_VPC_ENDPOINTS = Call("ec2", "DescribeVpcEndpoints")
DESCRIBE_SUBNETS = Call("ec2", "DescribeSubnets")
DESCRIBE_ROUTE_TABLES = Call("ec2", "DescribeRouteTables")

# Trails and alerts
DESCRIBE_TRAILS = Call("cloudtrail", "DescribeTrails")
GET_TRAIL_STATUS = Call("cloudtrail", "GetTrailStatus")
GET_EVENT_SELECTORS = Call("cloudtrail", "GetEventSelectors")
LIST_RULES = Call("events", "ListRules")
LIST_TARGETS_BY_RULE = Call("events", "ListTargetsByRule")
