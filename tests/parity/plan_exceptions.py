"""On what code and the plan of it are not equal: what only one of them can know, by root and plan, fact and field."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

CONTENT = {
    "cloudwatch_encryption_enabled", "cloudwatch_streaming_enabled", "content_error", "idle_session_timeout",
    "max_session_duration", "parameters", "properties", "run_as_default_user", "run_as_enabled",
    "s3_encryption_enabled", "s3_key_prefix", "schema_version", "session_type", "shell_profile_linux",
    "shell_profile_windows", "unknown_keys",
}  # fmt: skip
"""What stands in a document's content, one text that is known as a whole or not; the objects that it names aside."""

Names = Mapping[str, set[str]]

OPEN_IN_PLAN: Mapping[str, Names] = {
    "careless/again": {
        "aws_ssm_document.old_logs": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "aws_s3_bucket.old": {"acl_grants"},
    },
    "careless/planned": {
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
        "module.far[0].aws_s3_bucket.this": {"statements", "tls_only"},
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
        "aws_iam_role.node": {"statements"},
        "aws_iam_role_policy.record": {"statements"},
        "aws_s3_bucket.access": {"statements", "tls_only"},
        "aws_s3_bucket.logs": {"expiration_days", "statements", "tls_only"},
        "aws_ssm_document.database": {"prevent_destroy"},
        "aws_ssm_document.preferences": {*CONTENT, "prevent_destroy"},
        "aws_ssm_document.tail": {"prevent_destroy"},
        "module.network.aws_subnet.public": {"route_table", "way_out"},
        "module.network.aws_subnet.routed": {"route_table", "way_out"},
    },
    "hardened/state": {
        "aws_ssm_document.database": {"prevent_destroy"},
        "aws_ssm_document.preferences": {"prevent_destroy"},
        "aws_ssm_document.tail": {"prevent_destroy"},
        "aws_s3_bucket.access": {"acl_grants"},
        "aws_s3_bucket.logs": {"acl_grants"},
    },
}
"""What a plan leaves open: what lifecycle says; texts with a part known after apply; which pair of several is meant."""

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
    "grown/planned": {"aws_ssm_document.gone", "aws_ssm_document.gone[0]"},
    "grown/state": {"aws_ssm_document.gone"},
}
"""What count takes away is no instance of a plan, or one that it deletes."""
