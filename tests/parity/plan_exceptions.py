"""On what code and the plan of it are not equal: what only one of them can know, by root and plan, fact and field."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

CONTENT = {
    "cloudwatch_encryption_enabled", "cloudwatch_log_group", "cloudwatch_streaming_enabled", "content_error",
    "idle_session_timeout", "kms_key", "max_session_duration", "parameters", "properties", "run_as_default_user",
    "run_as_enabled", "s3_bucket", "s3_encryption_enabled", "s3_key_prefix", "schema_version", "session_type",
    "shell_profile_linux", "shell_profile_windows", "unknown_keys",
}  # fmt: skip
"""All that stands in a document's content, which is one text: known to a plan as a whole or not at all."""

Names = Mapping[str, set[str]]

OPEN_IN_PLAN: Mapping[str, Names] = {
    "careless/again": {
        "aws_ssm_document.old_logs": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "aws_s3_bucket.old": {"acl_grants"},
    },
    "careless/planned": {
        "aws_cloudwatch_log_group.old": {"used_by"},
        "aws_iam_role.operators": {"statements"},
        "aws_kms_key.old": {"used_by"},
        "aws_instance.web": {"imds_endpoint"},
        "aws_s3_bucket.old": {"noncurrent_days", "expiration_days", "replicates_to", "used_by"},
        "aws_ssm_document.old_logs": {*CONTENT, "prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
    },
    "careless/state": {
        "aws_ssm_document.old_logs": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "aws_s3_bucket.old": {"acl_grants"},
    },
    "grown/planned": {
        "aws_ssm_document.more[0]": {"prevent_destroy"},
        "aws_ssm_document.more[1]": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "module.far[0].aws_s3_bucket.this": {
            "noncurrent_days",
            "expiration_days",
            "replicates_to",
            "statements",
            "tls_only",
        },
        "module.nodes.aws_security_group.more[0]": {"outbound"},
        'module.store["audit"].aws_s3_bucket.this': {"acl_grants"},
        'module.store["spare"].aws_s3_bucket.this': {"acl_grants"},
    },
    "grown/state": {
        "aws_ssm_document.more[0]": {"prevent_destroy"},
        "aws_ssm_document.more[1]": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "module.far[0].aws_s3_bucket.this": {"acl_grants"},
        'module.store["audit"].aws_s3_bucket.this': {"acl_grants"},
        'module.store["spare"].aws_s3_bucket.this': {"acl_grants"},
    },
    "hardened/again": {
        "aws_ssm_document.database": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "aws_ssm_document.tail": {"prevent_destroy"},
        "aws_s3_bucket.access": {"acl_grants"},
        "aws_s3_bucket.logs": {"acl_grants"},
    },
    "hardened/planned": {
        "aws_cloudwatch_log_group.sessions": {"used_by"},
        "aws_iam_role.default_management": {"statements"},
        "aws_iam_role.node": {"statements"},
        "aws_iam_role_policy.record": {"statements"},
        "aws_instance.windows": {"imds_endpoint", "imds_hop_limit", "imds_tokens"},
        "aws_kms_key.logs": {"used_by"},
        "aws_kms_key.sessions": {"used_by"},
        "aws_s3_bucket.access": {
            "noncurrent_days",
            "expiration_days",
            "replicates_to",
            "statements",
            "tls_only",
            "used_by",
        },
        "aws_s3_bucket.logs": {"expiration_days", "replicates_to", "statements", "tls_only", "used_by"},
        "aws_ssm_document.database": {"prevent_destroy"},
        "aws_ssm_document.preferences": {*CONTENT, "prevent_destroy"},
        "aws_ssm_document.tail": {"prevent_destroy"},
        "module.network.aws_security_group.nodes": {"inbound"},
        "module.network.aws_subnet.private": {"way_out"},
        "module.network.aws_subnet.public": {"way_out"},
        "module.network.aws_subnet.routed": {"way_out"},
    },
    "hardened/state": {
        "aws_ssm_document.database": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "aws_ssm_document.tail": {"prevent_destroy"},
        "aws_s3_bucket.access": {"acl_grants"},
        "aws_s3_bucket.logs": {"acl_grants"},
    },
}
"""What a plan leaves open: what lifecycle says; texts with a part known after apply; blocks that might be dynamic."""

OPEN_IN_CODE: Mapping[str, Names] = {
    "careless/again": {
        "aws_autoscaling_group.old": {"imds_hop_limit"},
        "aws_instance.web": {"imds_hop_limit", "imds_tokens"},
        "aws_security_group.web": {"label"},
        "aws_ssm_activation.anybody": {"expires"},
        "aws_vpc_endpoint.ssm": {"security_groups"},
    },
    "careless/state": {
        "aws_autoscaling_group.old": {"imds_hop_limit"},
        "aws_instance.web": {"imds_hop_limit", "imds_tokens"},
        "aws_security_group.web": {"label"},
        "aws_ssm_activation.anybody": {"expires"},
        "aws_vpc_endpoint.ssm": {"security_groups"},
    },
    "grown/planned": {
        "module.nodes.aws_instance.old": {"imds_hop_limit", "imds_tokens"},
    },
    "grown/state": {
        "module.nodes.aws_instance.old": {"imds_hop_limit", "imds_tokens"},
    },
}
"""What AWS chose, and a later plan knows."""

CONTRADICTORY: Mapping[str, Names] = {
    "careless/state": {
        "aws_instance.plain": {"public_ip"},
    },
    "grown/planned": {
        "aws_kms_key.sessions": {"statements"},
        "module.nodes.aws_instance.old": {"public_ip"},
    },
    "grown/state": {
        "aws_kms_key.far[0]": {"statements"},
        "aws_kms_key.sessions": {"statements"},
        'module.nodes.aws_instance.new["web"]': {"public_ip"},
        "module.nodes.aws_instance.old": {"public_ip"},
    },
    "hardened/again": {
        "aws_instance.linux": {"public_ip"},
        "aws_instance.windows": {"public_ip"},
        "aws_kms_key.sessions": {"statements"},
    },
    "hardened/state": {
        "aws_instance.linux": {"public_ip"},
        "aws_instance.windows": {"public_ip"},
        "aws_kms_key.sessions": {"statements"},
    },
}
"""Policies that AWS writes where code has none; addresses that the simulated account gives of its own."""

ONE_SIDED: Mapping[str, AbstractSet[str]] = {
    "careless/planned": {"policies"},
    "grown/planned": {"aws_ssm_document.gone", "aws_ssm_document.gone[0]"},
    "grown/state": {"aws_ssm_document.gone"},
    "hardened/planned": {"policies"},
}
"""What count takes away is no instance of a plan, or one that it deletes; a block that might be dynamic is a gap."""
