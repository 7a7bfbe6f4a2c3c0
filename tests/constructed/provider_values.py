"""What version 5 of the AWS provider plans for arguments that nobody set, by type of resource.

The names are those that `terraform show -json` prints; a key such as `type.block` is about the members of blocks.
"""

from collections.abc import Mapping
from typing import Any

VERSIONS = {"aws_instance": 1, "aws_security_group": 1, "aws_s3_bucket_lifecycle_configuration": 1}
"""The versions of the schemas that are not 0."""

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "aws_ssm_document": {
        "attachments_source": [],
        "document_format": "JSON",
        "permissions": None,
        "tags": None,
        "target_type": None,
        "version_name": None,
    },
    "aws_s3_bucket": {"force_destroy": False, "tags": None, "timeouts": None},
    "aws_s3_bucket_public_access_block": {
        "block_public_acls": False,
        "block_public_policy": False,
        "ignore_public_acls": False,
        "restrict_public_buckets": False,
    },
    "aws_s3_bucket_versioning": {"expected_bucket_owner": None, "mfa": None},
    "aws_s3_bucket_lifecycle_configuration": {
        "timeouts": None,
        "transition_default_minimum_object_size": "all_storage_classes_128K",
    },
    "aws_s3_bucket_lifecycle_configuration.rule": {
        "abort_incomplete_multipart_upload": [],
        "noncurrent_version_expiration": [],
        "noncurrent_version_transition": [],
        "prefix": "",
        "transition": [],
    },
    "aws_s3_bucket_lifecycle_configuration.rule.expiration": {"date": None, "expired_object_delete_marker": False},
    "aws_s3_bucket_lifecycle_configuration.rule.filter": {
        "and": [],
        "object_size_greater_than": None,
        "object_size_less_than": None,
        "prefix": "",
        "tag": [],
    },
    "aws_iam_role": {
        "description": None,
        "force_detach_policies": False,
        "max_session_duration": 3600,
        "path": "/",
        "permissions_boundary": None,
        "tags": None,
    },
    "aws_iam_role_policy": {},
    "aws_iam_instance_profile": {"path": "/", "tags": None},
    "aws_security_group": {
        "description": "Managed by Terraform",
        "revoke_rules_on_delete": False,
        "tags": None,
        "timeouts": None,
    },
    "aws_security_group.ingress": {
        "description": "",
        "ipv6_cidr_blocks": [],
        "prefix_list_ids": [],
        "security_groups": [],
        "self": False,
    },
    "aws_instance": {
        "credit_specification": [],
        "get_password_data": False,
        "hibernation": None,
        "launch_template": [],
        "source_dest_check": True,
        "tags": None,
        "timeouts": None,
        "user_data_replace_on_change": False,
        "volume_tags": None,
    },
    "aws_instance.metadata_options": {"http_endpoint": "enabled", "http_protocol_ipv6": "disabled"},
}
"""The values that the provider knows beforehand."""

COMPUTED: Mapping[str, tuple[str, ...]] = {
    kind: tuple(names.split())
    for kind, names in {
        "ingress": "cidr_blocks description from_port ipv6_cidr_blocks prefix_list_ids protocol security_groups self"
        " to_port",
        "aws_ssm_document": "arn content created_date default_version description document_version hash hash_type id"
        " latest_version owner parameter platform_types schema_version status tags_all",
        "aws_ssm_document updated": "default_version document_version hash latest_version parameter",
        "aws_s3_bucket": "acceleration_status acl arn bucket bucket_domain_name bucket_prefix"
        " bucket_regional_domain_name cors_rule grant hosted_zone_id id lifecycle_rule logging"
        " object_lock_configuration object_lock_enabled policy region"
        " replication_configuration request_payer server_side_encryption_configuration"
        " tags_all versioning website website_domain website_endpoint",
        "aws_s3_bucket_public_access_block": "id",
        "aws_s3_bucket_public_access_block updated": "",
        "aws_s3_bucket_versioning": "id",
        "aws_s3_bucket_versioning.versioning_configuration": "mfa_delete",
        "aws_s3_bucket_lifecycle_configuration": "expected_bucket_owner id",
        "aws_iam_role": "arn create_date id inline_policy managed_policy_arns name_prefix tags_all unique_id",
        "aws_iam_role_policy": "id name name_prefix",
        "aws_iam_instance_profile": "arn create_date id name name_prefix tags_all unique_id",
        "aws_security_group": "arn egress id ingress name name_prefix owner_id tags_all vpc_id",
        "aws_instance.metadata_options": "instance_metadata_tags",
        "aws_instance": "ami arn associate_public_ip_address availability_zone capacity_reservation_specification"
        " cpu_core_count cpu_options cpu_threads_per_core disable_api_stop disable_api_termination"
        " ebs_block_device ebs_optimized enable_primary_ipv6 enclave_options"
        " ephemeral_block_device host_id host_resource_group_arn iam_instance_profile id"
        " instance_type instance_initiated_shutdown_behavior instance_lifecycle"
        " instance_market_options instance_state ipv6_address_count ipv6_addresses key_name"
        " maintenance_options metadata_options monitoring network_interface outpost_arn"
        " password_data placement_group placement_partition_number primary_network_interface_id"
        " private_dns private_dns_name_options private_ip public_dns public_ip root_block_device"
        " secondary_private_ips security_groups spot_instance_request_id subnet_id tags_all"
        " tenancy user_data user_data_base64 vpc_security_group_ids",
    }.items()
}
"""What it knows after apply only: everything that nobody set and that AWS chooses."""

BUCKET_IN_AWS: Mapping[str, Any] = {
    "acceleration_status": "",
    "acl": None,
    "bucket_domain_name": "records-of-sessions.s3.amazonaws.com",
    "bucket_prefix": "",
    "bucket_regional_domain_name": "records-of-sessions.s3.eu-west-1.amazonaws.com",
    "cors_rule": [],
    "grant": [{"id": "a1" * 32, "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""}],
    "hosted_zone_id": "Z1BKCTXD74EZPE",
    "logging": [],
    "object_lock_configuration": [],
    "object_lock_enabled": False,
    "policy": "",
    "replication_configuration": [],
    "request_payer": "",
    "server_side_encryption_configuration": [
        {
            "rule": [
                {
                    "apply_server_side_encryption_by_default": [{"kms_master_key_id": "", "sse_algorithm": "AES256"}],
                    "bucket_key_enabled": False,
                }
            ]
        }
    ],
    "tags": {},
    "tags_all": {},
    "website": [],
    "website_domain": None,
    "website_endpoint": None,
}
"""What AWS chose of a bucket that exists."""

EXPIRY_IN_AWS: Mapping[str, Any] = {
    "abort_incomplete_multipart_upload_days": 0,
    "enabled": True,
    "id": "expire",
    "noncurrent_version_expiration": [],
    "noncurrent_version_transition": [],
    "prefix": "",
    "tags": {},
    "transition": [],
}
"""How a bucket that exists repeats a lifecycle rule, but for its expiration."""

CHOSEN: Mapping[str, Mapping[str, Any]] = {
    "aws_ssm_document": {
        "id": "SSM-SessionManagerRunShell",
        "arn": "arn:aws:ssm:eu-west-1:111122223333:document/SSM-SessionManagerRunShell",
        "created_date": "2026-01-15T12:00:00Z",
        "default_version": "1",
        "description": "",
        "document_version": "1",
        "hash": "c0ffee" * 10 + "c0ff",
        "hash_type": "Sha256",
        "latest_version": "1",
        "owner": "111122223333",
        "parameter": [],
        "permissions": {},
        "platform_types": ["Windows", "Linux", "MacOS"],
        "schema_version": "1.0",
        "status": "Active",
        "target_type": "",
        "version_name": "",
    },
    "aws_iam_role": {
        "id": "node",
        "arn": "arn:aws:iam::111122223333:role/node",
        "create_date": "2026-01-15T12:00:00Z",
        "description": "",
        "managed_policy_arns": [],
        "name_prefix": "",
        "permissions_boundary": "",
        "unique_id": "AROA0123456789ABCDEF0",
    },
    "aws_iam_role_policy": {"id": "node:rights", "name": "rights", "name_prefix": ""},
    "aws_iam_instance_profile": {
        "id": "node",
        "arn": "arn:aws:iam::111122223333:instance-profile/node",
        "create_date": "2026-01-15T12:00:00Z",
        "name_prefix": "",
        "unique_id": "AIPA0123456789ABCDEF0",
    },
    "aws_security_group": {
        "id": "sg-0123456789abcdef0",
        "arn": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123456789abcdef0",
        "egress": [],
        "ingress": [],
        "name_prefix": "",
        "owner_id": "111122223333",
        "vpc_id": "vpc-0123456789abcdef0",
    },
    "aws_instance": {
        "id": "i-0123456789abcdef0",
        "arn": "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0",
        "availability_zone": "eu-west-1a",
        "instance_state": "running",
        "ipv6_addresses": [],
        "key_name": "",
        "metadata_options": [
            {
                "http_endpoint": "enabled",
                "http_protocol_ipv6": "disabled",
                "http_put_response_hop_limit": 1,
                "http_tokens": "optional",
                "instance_metadata_tags": "disabled",
            }
        ],
        "network_interface": [],
        "private_ip": "172.31.1.10",
        "public_ip": "",
        "security_groups": ["node"],
        "subnet_id": "subnet-0123456789abcdef0",
        "user_data": None,
    },
}
"""What AWS chose of the rest that exists, by type; an argument that is set takes its place."""
