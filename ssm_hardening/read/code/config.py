"""Bodies of blocks, evaluated on demand: the `Config` that facts are read from, and the attributes of their objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ssm_hardening.core.logic import chained, known_or
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Absent, Datum, Inventory, Items, Known, Record, Reference, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.data_sources import data_attribute
from ssm_hardening.read.code.evaluate.collections import entries
from ssm_hardening.read.code.evaluate.expressions import Evaluator
from ssm_hardening.read.code.evaluate.scope import Scope
from ssm_hardening.read.code.evaluate.templates import render
from ssm_hardening.read.code.functions.arguments import FunctionCall
from ssm_hardening.read.graph import Config, Resource, of_another
from ssm_hardening.read.policy_documents import policy_document

if TYPE_CHECKING:
    from ssm_hardening.read.code.instances import ModuleInstance


@dataclass(frozen=True, slots=True)
class BlockConfig:
    """A block's body in a scope. `foreign` names the file of members that an override file brought."""

    body: ast.Body
    scope: Scope
    evaluator: Evaluator
    at: CodeOrigin
    foreign: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, name: str) -> ast.Attribute | None:
        """Return the attribute as written."""
        return next((attribute for attribute in self.body.attributes if attribute.name == name), None)

    def get(self, name: str) -> Value[Datum]:
        """Evaluate an argument; Absent at the block where it is not written."""
        written = self.attribute(name)
        if written is None:
            return Absent(self.at)
        return self.evaluator.evaluate(written.value, self._scope(name))

    def blocks(self, block_type: str) -> Inventory[Config]:
        """Return the nested blocks of a type; an argument that holds objects serves as blocks, as in JSON."""
        found: list[Config] = []
        gap: Unknown | None = None
        for block in self.body.blocks:
            if block.type == block_type:
                found.append(self._nested(block.body, block, self._scope(block_type)))
            elif block.type == "dynamic" and block.labels[:1] == (block_type,):
                made, more = self._dynamic(block, self._scope(block_type))
                found += made
                gap = more if gap is None else gap
        if self.attribute(block_type) is not None:
            written = block_configs(self.get(block_type), self.at)
            found += written.items
            gap = written.gap if gap is None else gap
        return Inventory(tuple(found), gap)

    def _scope(self, name: str) -> Scope:
        return replace(self.scope, file=self.foreign[name]) if name in self.foreign else self.scope

    def _nested(self, body: ast.Body, block: ast.Block, scope: Scope) -> Config:
        return BlockConfig(body, scope, self.evaluator, scope.origin(block.span))

    def _dynamic(self, block: ast.Block, scope: Scope) -> tuple[list[Config], Unknown | None]:
        written = {attribute.name: attribute.value for attribute in block.body.attributes}
        content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
        if content is None or "for_each" not in written:
            return [], Unknown(Why.UNPARSEABLE, scope.origin(block.span), f"dynamic {block.labels[0]}")
        at = scope.origin(block.span)
        found = entries(self.evaluator.evaluate(written["for_each"], scope), at, f"dynamic {block.labels[0]}")
        if isinstance(found, Unknown):
            return [], replace(found, one_of=())
        name = _iterator(written.get("iterator"), block.labels[0])
        made = []
        for key, value in found.pairs:
            each = Known(Record({"key": key, "value": value}), at)
            made.append(self._nested(content.body, content, scope.bind(**{name: each})))
        return made, found.rest


def _iterator(written: ast.Expr | None, default: str) -> str:
    match written:
        case ast.Name(name=name) | ast.Literal(value=str() as name):
            return name
        case _:
            return default


@dataclass(frozen=True, slots=True)
class ValueConfig:
    """An object read as the body of a block."""

    record: Record
    at: CodeOrigin

    def get(self, name: str) -> Value[Datum]:
        """Return a member."""
        return self.record.get(name, self.at)

    def blocks(self, block_type: str) -> Inventory[Config]:
        """Return a member that holds objects, as blocks."""
        found = block_configs(self.get(block_type), self.at)
        if found.gap is None and "dynamic" in self.record.members:
            return replace(
                found, gap=Unknown(Why.UNSUPPORTED, self.at, f"a dynamic block {block_type} inside a JSON object")
            )
        return found


def block_configs(value: Value[Datum], at: CodeOrigin) -> Inventory[Config]:
    """Return an object, or a list of objects, as blocks."""
    match value:
        case Absent():
            return Inventory()
        case Unknown() as gap:
            return Inventory((), replace(gap, one_of=()))
        case Known(Record() as record, origin):
            return Inventory((ValueConfig(record, origin if isinstance(origin, CodeOrigin) else at),))
        case Known(Items(items, rest)):
            parts = [block_configs(item, at) for item in items]
            gaps = [rest, *(part.gap for part in parts)]
            found = tuple(config for part in parts for config in part.items)
            return Inventory(found, next((gap for gap in gaps if gap is not None), None))
        case Known(_, origin):
            return Inventory((), Unknown(Why.UNSUPPORTED, origin, "expected a block"))


_IDENTITY = frozenset(
    {"name", "name_prefix", "bucket", "bucket_prefix", "key_id", "document_type", "document_format", "region"}
)
"""What an object is stays what it is: these cannot change without another object taking its place."""


@dataclass(frozen=True, slots=True)
class IgnoringConfig:
    """A resource's body; the arguments whose changes Terraform ignores are not known."""

    body: BlockConfig
    ignored: frozenset[str]
    everything: bool

    @property
    def at(self) -> CodeOrigin:
        """The block."""
        return self.body.at

    def get(self, name: str) -> Value[Datum]:
        """Evaluate an argument; where its changes are ignored, it is whatever it was changed to."""
        value = self.body.get(name)
        if not self._ignores(name):
            return value
        return chained(value, lambda known: _decided_elsewhere(name, known.at))

    def blocks(self, block_type: str) -> Inventory[Config]:
        """Return the nested blocks of a type; where their changes are ignored, there may be any."""
        found = self.body.blocks(block_type)
        if block_type == "lifecycle" or not found.items or not self._ignores(block_type):
            return found
        return Inventory((), _decided_elsewhere(block_type, found.items[0].at))

    def _ignores(self, name: str) -> bool:
        return name not in _IDENTITY and (self.everything or name in self.ignored)


def _decided_elsewhere(name: str, at: Origin) -> Unknown:
    return Unknown(
        Why.OUT_OF_SCOPE, at, f"lifecycle ignores changes to {name}, so its current value is not in the code"
    )


def as_of_today(config: BlockConfig) -> Config:
    """Return the body of a resource, without what its `lifecycle` leaves to others."""
    names = frozenset(name for block in config.body.blocks if block.type == "lifecycle" for name in _ignored(block))
    return IgnoringConfig(config, names, bool(names & {"all", "*"})) if names else config


def _ignored(lifecycle: ast.Block) -> list[str]:
    written = [each.value for each in lifecycle.body.attributes if each.name == "ignore_changes"]
    items = [item for value in written for item in (value.items if isinstance(value, ast.TupleExpr) else (value,))]
    return [name for item in items if (name := _first_name(item))]


def _first_name(expression: ast.Expr) -> str:
    """Return the argument that an entry (`content`, `"content"`, `versioning[0].enabled`) is about."""
    match expression:
        case ast.Name(name) | ast.Literal(str() as name):
            return name.partition(".")[0].partition("[")[0]
        case ast.Attr(target) | ast.Index(target):
            return _first_name(target)
        case _:
            return ""


# Attributes that other expressions read

ALWAYS_SET = frozenset({
    "id", "arn", "name", "bucket", "key_id", "url", "account_id", "user_id", "dns_suffix", "partition", "region",
    "bucket_domain_name", "bucket_regional_domain_name", "unique_id", "owner_id", "target_key_arn", "target_key_id",
    "latest_version", "default_version", "json", "hex", "result", "b64_url", "dec",
})  # fmt: skip
"""Attributes that are never empty once an object exists, of every type that has them."""

_ONLY_OF = {
    ("aws_ssm_parameter", "value"), ("aws_ssm_parameter", "insecure_value"), ("aws_vpc", "cidr_block"),
    ("aws_vpc", "main_route_table_id"), ("aws_vpc", "default_route_table_id"), ("aws_vpc", "default_security_group_id"),
    ("aws_instance", "primary_network_interface_id"), ("aws_route53_zone", "zone_id"),
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


def attribute_of(resource: Resource, name: str, owner: "ModuleInstance", at: CodeOrigin) -> Value[Datum]:
    """Return `resource.name`: a reference where it names the object, else what its configuration says."""
    match resource.type, name:
        case "aws_iam_policy_document", "json" | "minified_json" if resource.mode == "data":
            return policy_document(resource.config, resource.at)
        case "template_file", "rendered" if resource.mode == "data":
            return _template_file(resource, owner)
        case "aws_region", "name" | "id" | "region" if resource.mode == "data":
            return _region(resource, name, owner, at)
        case "terraform_data", "output":
            return resource.config.get("input")
        case _:
            pass
    found = data_attribute(resource, name, owner, at) if resource.mode == "data" else None
    if found is not None:
        return found
    if resource.mode == "data" and (resource.type, name) in _AS_WRITTEN:
        written = resource.config.get(_AS_WRITTEN[resource.type, name])
        return written if isinstance(written, Known) else Known(Reference(resource.address, name), at)
    other = of_another(resource, name, at)
    return _of_itself(resource, name, at) if isinstance(other, Absent) else other


def _of_itself(resource: Resource, name: str, at: CodeOrigin) -> Value[Datum]:
    """Return an attribute that names no other object."""
    if name in _IDENTITIES:
        return Known(Reference(resource.address, name), at)
    written = resource.config.get(name)
    if not isinstance(written, Absent):
        return written
    if name in ALWAYS_SET or (resource.type, name) in _ONLY_OF:
        return Known(Reference(resource.address, name), at)
    return Unknown(Why.COMPUTED, at, f"{resource.address}.{name}")


def _region(resource: Resource, name: str, owner: "ModuleInstance", at: CodeOrigin) -> Value[Datum]:
    written = [resource.config.get(argument) for argument in ("name", "region", "endpoint")]
    if not all(isinstance(each, Absent) for each in written):
        return written[0] if isinstance(written[2], Absent) and isinstance(written[1], Absent) else written[1]
    region = owner.tree.provider_argument(resource.provider, "region")
    return region if isinstance(known_or(region, None), str) else Known(Reference(resource.address, name), at)


def _template_file(resource: Resource, owner: "ModuleInstance") -> Value[Datum]:
    call = FunctionCall("template_file", resource.at, resource.address, owner.folder, owner.root_folder, owner.bounds)
    names = resource.config.get("vars")
    if isinstance(names, Absent):
        names = Known(Record(_block_of_names(resource)), resource.at)
    scope: Scope = owner.scope(resource.at.file)
    return render(owner.tree.evaluator, resource.config.get("template"), names, scope, call)


def _block_of_names(resource: Resource) -> dict[str, Value[Datum]]:
    """Return the variables where they are spelled as a block, as in 0.11."""
    return {
        attribute.name: block.get(attribute.name)
        for block in resource.config.blocks("vars").items
        if isinstance(block, BlockConfig)
        for attribute in block.body.attributes
    }
