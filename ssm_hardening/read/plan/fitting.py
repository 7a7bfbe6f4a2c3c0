"""Which arguments name another object, and objects of which types: there an expression that refers to it means it."""

from collections.abc import Mapping

_VPC = ("aws_vpc", "aws_default_vpc")
_SUBNET = ("aws_subnet", "aws_default_subnet")
_GROUP = ("aws_security_group", "aws_default_security_group")
_TABLE = ("aws_route_table", "aws_default_route_table")
_KEY = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key", "aws_kms_alias")
_BUCKET = ("aws_s3_bucket",)
_ROLE = ("aws_iam_role",)
_POLICY = ("aws_iam_policy",)
_DOCUMENT = ("aws_iam_policy_document",)
_NODE = ("aws_instance", "aws_spot_instance_request")
_INTERFACE = ("aws_network_interface",)
_PROFILE = ("aws_iam_instance_profile",)
_TEMPLATE = ("aws_launch_template",)

FITTING: Mapping[str, tuple[str, ...]] = {
    "alias.name": ("aws_vpc_endpoint",),
    "allocation_id": ("aws_eip",),
    "arn": ("aws_sns_topic", "aws_sqs_queue", "aws_lambda_function", "aws_cloudwatch_log_group"),
    "assume_role_policy": _DOCUMENT,
    "bucket": _BUCKET,
    "default_route_table_id": _VPC,
    "egress_only_gateway_id": ("aws_egress_only_internet_gateway",),
    "gateway_id": ("aws_internet_gateway", "aws_vpn_gateway"),
    "group": ("aws_iam_group",),
    "groups": ("aws_iam_group",),
    "iam_instance_profile": _PROFILE,
    "iam_instance_profile.arn": _PROFILE,
    "iam_instance_profile.name": _PROFILE,
    "iam_instance_profile_arn": _PROFILE,
    "iam_role": _ROLE,
    "instance": _NODE,
    "instance_id": _NODE,
    "key_id": _KEY,
    "key_name": ("aws_key_pair",),
    "kms_key_arn": _KEY,
    "kms_key_id": _KEY,
    "kms_master_key_id": _KEY,
    "launch_configuration": ("aws_launch_configuration",),
    "launch_template.id": _TEMPLATE,
    "launch_template.name": _TEMPLATE,
    "launch_template.version": _TEMPLATE,
    "launch_template_specification.id": _TEMPLATE,
    "launch_template_specification.launch_template_id": _TEMPLATE,
    "launch_template_specification.launch_template_name": _TEMPLATE,
    "launch_template_specification.name": _TEMPLATE,
    "launch_template_specification.version": _TEMPLATE,
    "log_group_name": ("aws_cloudwatch_log_group",),
    "managed_policy_arns": _POLICY,
    "nat_gateway_id": ("aws_nat_gateway",),
    "network_interface": (*_NODE, *_INTERFACE),
    "network_interface_id": (*_NODE, *_INTERFACE),
    "node_role_arn": _ROLE,
    "override_policy_documents": _DOCUMENT,
    "permissions_boundary": _POLICY,
    "policy": _DOCUMENT,
    "policy_arn": _POLICY,
    "policy_document": _DOCUMENT,
    "policy_arns": _POLICY,
    "prefix_list_id": ("aws_ec2_managed_prefix_list",),
    "prefix_list_ids": ("aws_ec2_managed_prefix_list",),
    "primary_key_arn": _KEY,
    "referenced_security_group_id": _GROUP,
    "role": _ROLE,
    "role_name": _ROLE,
    "roles": _ROLE,
    "route_table_id": (*_TABLE, *_VPC),
    "route_table_ids": (*_TABLE, *_VPC),
    "rule": ("aws_cloudwatch_event_rule",),
    "s3_bucket_name": _BUCKET,
    "security_group_id": _GROUP,
    "security_group_ids": _GROUP,
    "security_groups": _GROUP,
    "source_policy_documents": _DOCUMENT,
    "source_security_group_id": _GROUP,
    "source_security_group_ids": _GROUP,
    "subnet_id": _SUBNET,
    "subnet_ids": _SUBNET,
    "target_bucket": _BUCKET,
    "target_key_id": _KEY,
    "transit_gateway_id": ("aws_ec2_transit_gateway",),
    "user": ("aws_iam_user",),
    "users": ("aws_iam_user",),
    "vpc_endpoint_id": ("aws_vpc_endpoint",),
    "vpc_id": _VPC,
    "vpc_security_group_ids": _GROUP,
    "vpc_zone_identifier": _SUBNET,
    "zone_id": ("aws_route53_zone",),
}
"""By argument (within its block, where its name alone says little), the types of the objects that it names.

Or the data source whose text it holds.
"""

IN_CONTENT: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cloudWatchLogGroupName": (("aws_cloudwatch_log_group",), ("id", "name")),
    "kmsKeyId": (_KEY, ("arn", "id", "key_id", "name", "target_key_arn", "target_key_id")),
    "s3BucketName": (_BUCKET, ("bucket", "id")),
}
"""The inputs of a session document that name an object: its types, and the attributes that name it there."""

LISTS = frozenset({
    "groups", "managed_policy_arns", "override_policy_documents", "policy_arns", "prefix_list_ids", "roles",
    "route_table_ids", "security_group_ids", "security_groups", "source_policy_documents",
    "source_security_group_ids", "subnet_ids", "users", "vpc_security_group_ids", "vpc_zone_identifier",
})  # fmt: skip
"""Those that name several."""

NAMING = ("name", "name_prefix", "bucket", "bucket_prefix")
"""Arguments by which an object gets a name of its own; `bucket` names another object everywhere but in a bucket."""

APART: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("aws_iam_role", "inline_policy"): (("aws_iam_role_policy", "role"),),
    ("aws_iam_role", "managed_policy_arns"): (
        ("aws_iam_role_policy_attachment", "role"),
        ("aws_iam_policy_attachment", "roles"),
    ),
    ("aws_kms_key", "policy"): (("aws_kms_key_policy", "key_id"),),
    ("aws_network_interface", "attachment"): (("aws_network_interface_attachment", "network_interface_id"),),
    ("aws_network_interface", "security_groups"): (("aws_network_interface_sg_attachment", "network_interface_id"),),
    ("aws_route_table", "route"): (("aws_route", "route_table_id"),),
    ("aws_s3_bucket", "acl"): (("aws_s3_bucket_acl", "bucket"),),
    ("aws_s3_bucket", "grant"): (("aws_s3_bucket_acl", "bucket"),),
    ("aws_s3_bucket", "lifecycle_rule"): (("aws_s3_bucket_lifecycle_configuration", "bucket"),),
    ("aws_s3_bucket", "logging"): (("aws_s3_bucket_logging", "bucket"),),
    ("aws_s3_bucket", "object_lock_configuration"): (("aws_s3_bucket_object_lock_configuration", "bucket"),),
    ("aws_s3_bucket", "policy"): (("aws_s3_bucket_policy", "bucket"),),
    ("aws_s3_bucket", "replication_configuration"): (("aws_s3_bucket_replication_configuration", "bucket"),),
    ("aws_s3_bucket", "server_side_encryption_configuration"): (
        ("aws_s3_bucket_server_side_encryption_configuration", "bucket"),
    ),
    ("aws_s3_bucket", "versioning"): (("aws_s3_bucket_versioning", "bucket"),),
    ("aws_security_group", "egress"): (
        ("aws_security_group_rule", "security_group_id"),
        ("aws_vpc_security_group_egress_rule", "security_group_id"),
    ),
    ("aws_security_group", "ingress"): (
        ("aws_security_group_rule", "security_group_id"),
        ("aws_vpc_security_group_ingress_rule", "security_group_id"),
    ),
    ("aws_vpc_endpoint", "policy"): (("aws_vpc_endpoint_policy", "vpc_endpoint_id"),),
    ("aws_vpc_endpoint", "private_dns_enabled"): (("aws_vpc_endpoint_private_dns", "vpc_endpoint_id"),),
    ("aws_vpc_endpoint", "route_table_ids"): (("aws_vpc_endpoint_route_table_association", "vpc_endpoint_id"),),
    ("aws_vpc_endpoint", "security_group_ids"): (("aws_vpc_endpoint_security_group_association", "vpc_endpoint_id"),),
    ("aws_vpc_endpoint", "subnet_ids"): (("aws_vpc_endpoint_subnet_association", "vpc_endpoint_id"),),
}
"""Arguments that the provider fills with what resources of their own say: there they would count twice, or be stale.

The provider's documentation forbids to use both for one object.
"""

MEMBER_NAMES: Mapping[tuple[str, str], str] = {
    ("aws_iam_role", "inline_policy"): "name",
    ("aws_iam_role", "managed_policy_arns"): "policy_arn",
    ("aws_network_interface", "security_groups"): "security_group_id",
    ("aws_vpc_endpoint", "route_table_ids"): "route_table_id",
    ("aws_vpc_endpoint", "subnet_ids"): "subnet_id",
}
"""Those whose members are told apart by a name: what no resource tells of them was attached by hand."""

RULES = frozenset({("aws_security_group", "egress"), ("aws_security_group", "ingress")})
"""Those that hold a group's rules: what no resource tells of them was opened by hand."""

EXCLUSIVE: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("aws_iam_role", "inline_policy"): (("aws_iam_role_policies_exclusive", "role_name"),),
    ("aws_iam_role", "managed_policy_arns"): (("aws_iam_role_policy_attachments_exclusive", "role_name"),),
    ("aws_security_group", "egress"): (("aws_vpc_security_group_rules_exclusive", "security_group_id"),),
    ("aws_security_group", "ingress"): (("aws_vpc_security_group_rules_exclusive", "security_group_id"),),
}
"""Resources that remove whatever was added by hand."""

BY_ID: Mapping[tuple[str, str], str] = {
    ("aws_instance", "security_groups"): "vpc_security_group_ids",
    ("aws_spot_instance_request", "security_groups"): "vpc_security_group_ids",
}
"""Arguments in which the provider repeats the names of objects whose IDs another argument has."""

SURELY_EMPTY = frozenset({
    ("aws_autoscaling_group", "launch_template"),
    ("aws_autoscaling_group", "mixed_instances_policy"),
    ("aws_instance", "network_interface"),
    ("aws_instance", "primary_network_interface"),
    ("aws_network_interface", "attachment"),
    ("aws_spot_instance_request", "network_interface"),
    ("aws_spot_instance_request", "primary_network_interface"),
    ("aws_s3_bucket", "grant"),
    ("aws_s3_bucket", "logging"),
    ("aws_s3_bucket", "object_lock_configuration"),
    ("aws_s3_bucket", "server_side_encryption_configuration"),
    ("aws_s3_bucket", "versioning"),
})  # fmt: skip
"""Blocks of new objects that count as not written where they are neither in the configuration nor known.

A `dynamic` block over an unknown list looks the same, so that everywhere else it stays unknown; that these are missing
only makes verdicts stricter.
"""

FILLED_BY_AWS = frozenset({
    ("aws_iam_role", "inline_policy"),
    ("aws_instance", "metadata_options"),
    ("aws_launch_configuration", "metadata_options"),
    ("aws_launch_template", "metadata_options"),
    ("aws_s3_bucket", "lifecycle_rule"),
    ("aws_s3_bucket", "replication_configuration"),
    ("aws_spot_instance_request", "metadata_options"),
})  # fmt: skip
"""Blocks that are known after apply where nobody writes them; any other one is known unless a `dynamic` block makes it.

To be seen in a plan that creates an object with nothing set.
"""

SURELY_TOLD = frozenset({
    ("aws_default_route_table", "route"),
    ("aws_default_security_group", "egress"),
    ("aws_default_security_group", "ingress"),
    ("aws_route_table", "route"),
    ("aws_security_group", "egress"),
    ("aws_security_group", "ingress"),
})  # fmt: skip
"""Blocks that are arguments to Terraform: a `dynamic` one over what is not known shows as one with unknown members."""
