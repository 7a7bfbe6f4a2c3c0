"""Attributes of resources and data sources: what configuration tells before anything is applied."""

from typing import TYPE_CHECKING, Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Known, Record, Reference, Unknown, Value, Why
from ssm_hardening.read.code.config import BlockConfig
from ssm_hardening.read.code.evaluate.templates import render
from ssm_hardening.read.code.functions.arguments import Call
from ssm_hardening.read.graph import Resource
from ssm_hardening.read.policy_documents import policy_document

if TYPE_CHECKING:
    from ssm_hardening.read.code.evaluate.scope import Scope
    from ssm_hardening.read.code.instances import ModuleInstance

ALWAYS_SET = frozenset({
    "id", "arn", "name", "bucket", "key_id", "url", "account_id", "user_id", "dns_suffix", "partition", "region",
    "bucket_domain_name", "bucket_regional_domain_name", "unique_id", "owner_id", "target_key_arn", "target_key_id",
    "latest_version", "default_version", "json", "hex", "result", "b64_url", "dec",
})  # fmt: skip
"""Attributes that are never empty once an object exists, of every type that has them."""

_ONLY_OF = {
    ("aws_ssm_parameter", "value"), ("aws_ssm_parameter", "insecure_value"), ("aws_vpc", "cidr_block"),
    ("aws_vpc", "main_route_table_id"), ("aws_vpc", "default_route_table_id"), ("aws_vpc", "default_security_group_id"),
    ("aws_instance", "primary_network_interface_id"),
}  # fmt: skip
"""More of them, by resource type."""

SENSITIVE = frozenset({
    ("aws_ssm_parameter", "value"), ("aws_ssm_parameter", "value_wo"),
    ("aws_secretsmanager_secret_version", "secret_string"), ("aws_secretsmanager_secret_version", "secret_binary"),
    ("aws_db_instance", "password"), ("aws_rds_cluster", "master_password"), ("aws_docdb_cluster", "master_password"),
    ("aws_redshift_cluster", "master_password"), ("aws_elasticache_replication_group", "auth_token"),
    ("aws_directory_service_directory", "password"), ("aws_kms_ciphertext", "plaintext"),
    ("aws_iam_server_certificate", "private_key"), ("aws_acm_certificate", "private_key"),
})  # fmt: skip
"""Attributes that the provider calls sensitive and that configuration may write out, by type.

Source: the schema of hashicorp/aws 5.100.0 (`terraform providers schema -json`).
"""

_IDENTITIES = frozenset({"id", "arn", "name", "bucket", "key_id", "url"})
"""Attributes that name the object itself: a reference says more than the text would."""


_AS_WRITTEN = {
    ("aws_s3_bucket", "id"): "bucket",
    ("aws_s3_bucket", "bucket"): "bucket",
    ("aws_cloudwatch_log_group", "id"): "name",
    ("aws_cloudwatch_log_group", "name"): "name",
    ("aws_kms_alias", "name"): "name",
    ("aws_kms_key", "key_id"): "key_id",
    ("aws_iam_policy", "arn"): "arn",
    ("aws_iam_role", "name"): "name",
    ("aws_iam_role", "id"): "name",
    ("aws_iam_instance_profile", "name"): "name",
}
"""Attributes of data sources that are what was written in the argument named."""


def attribute_of(resource: Resource, name: str, owner: "ModuleInstance", at: CodeOrigin) -> Value[Any]:
    """Return `resource.name`: a reference where it names the object, else what its configuration says."""
    match resource.type, name:
        case "aws_iam_policy_document", "json" | "minified_json" if resource.mode == "data":
            return policy_document(resource.config, resource.at)
        case "template_file", "rendered" if resource.mode == "data":
            return _template_file(resource, owner)
        case "aws_region", "name" | "id" | "region" if resource.mode == "data":
            return _region(resource, name, owner, at)
    if resource.mode == "data" and (resource.type, name) in _AS_WRITTEN:
        written = resource.config.get(_AS_WRITTEN[resource.type, name])
        return written if isinstance(written, Known) else Known(Reference(resource.address, name), at)
    if name in _IDENTITIES:
        return Known(Reference(resource.address, name), at)
    written = resource.config.get(name)
    if not isinstance(written, Absent):
        return written
    if name in ALWAYS_SET or (resource.type, name) in _ONLY_OF:
        return Known(Reference(resource.address, name), at)
    return Unknown(Why.COMPUTED, at, f"{resource.address}.{name}")


def _region(resource: Resource, name: str, owner: "ModuleInstance", at: CodeOrigin) -> Value[Any]:
    written = [resource.config.get(argument) for argument in ("name", "region", "endpoint")]
    if not all(isinstance(each, Absent) for each in written):
        return written[0] if isinstance(written[2], Absent) and isinstance(written[1], Absent) else written[1]
    region = owner.tree.provider_argument(resource.provider, "region")
    if isinstance(region, Known) and isinstance(region.value, str):
        return region
    return Known(Reference(resource.address, name), at)


def _template_file(resource: Resource, owner: "ModuleInstance") -> Value[Any]:
    call = Call("template_file", resource.at, resource.address, owner.folder, owner.root_folder, owner.bounds)
    names = resource.config.get("vars")
    if isinstance(names, Absent):
        names = Known(Record(_block_of_names(resource)), resource.at)
    scope: Scope = owner.scope(resource.at.file)
    return render(owner.tree.evaluator, resource.config.get("template"), names, scope, call)


def _block_of_names(resource: Resource) -> dict[str, Value[Any]]:
    """Return the variables where they are spelled as a block, as in 0.11."""
    return {
        attribute.name: block.get(attribute.name)
        for block in resource.config.blocks("vars").items
        if isinstance(block, BlockConfig)
        for attribute in block.body.attributes
    }
