"""Customer managed keys, with their policies and aliases."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Fact, Key, KeyGrant
from ssm_hardening.read.facts.arguments import Converter, argument_text, default, name_of, number, switch
from ssm_hardening.read.facts.attachments import Attachment, Attachments, attachments, policy_statements
from ssm_hardening.read.facts.gathering import texts
from ssm_hardening.read.graph import Resource, Root


@dataclass(frozen=True, slots=True)
class _Argument:
    """Where a field of a key is written, and what it is where nothing is written."""

    name: str
    convert: Converter
    fallback: str | bool | int

    def of(self, resource: Resource) -> Value[Any]:
        return default(self.convert(resource.config.get(self.name), self.name), self.fallback)


_WINDOW = _Argument("deletion_window_in_days", number, 30)
_USAGE = _Argument("key_usage", argument_text, "ENCRYPT_DECRYPT")
_SPEC = _Argument("customer_master_key_spec", argument_text, "SYMMETRIC_DEFAULT")
_ENABLED = _Argument("enabled", switch, True)

_ARGUMENTS: Mapping[str, Mapping[str, _Argument]] = {
    "aws_kms_key": {
        "enabled": _Argument("is_enabled", switch, True),
        "rotation": _Argument("enable_key_rotation", switch, False),
        "deletion_window_days": _WINDOW,
        "usage": _USAGE,
        "spec": _SPEC,
    },
    "aws_kms_external_key": {
        "enabled": _ENABLED,
        "rotation": _Argument("enable_key_rotation", switch, False),
        "deletion_window_days": _WINDOW,
        "usage": _USAGE,
        "spec": _SPEC,
    },
    "aws_kms_replica_key": {"enabled": _ENABLED, "deletion_window_days": _WINDOW},
}
"""By resource type; a replica takes what is not listed from the key it is a replica of."""

TYPES = tuple(_ARGUMENTS)
GRANT = "aws_kms_grant"
_FIELDS = tuple(_ARGUMENTS["aws_kms_key"])


def keys_of(root: Root) -> Inventory[tuple[Resource, Key]]:
    """Return every key with the resource that declares it, used by nobody yet."""
    resources = root.resources(*TYPES)
    policies = attachments(root.resources("aws_kms_key_policy"), "key_id")
    aliases = attachments(root.resources("aws_kms_alias"), "target_key_id")
    grants = attachments(root.resources(GRANT), "key_id")
    return Inventory(tuple((each, _key(each, policies, aliases, grants)) for each in resources), resources.gap)


def _key(resource: Resource, policies: Attachments, aliases: Attachments, grants: Attachments) -> Key:
    fact = Fact(
        address=resource.address,
        declaration=resource.declaration,
        origin=resource.at,
        name=Absent(resource.at),
        exists=resource.exists,
    )
    arguments = _ARGUMENTS[resource.type]
    primary = Unknown(Why.COMPUTED, resource.at, f"the key that {resource.address} is a replica of")
    fields: dict[str, Any] = {
        field: arguments[field].of(resource) if field in arguments else primary for field in _FIELDS
    }
    return Key(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        aliases=_aliases(aliases.of(fact)),
        statements=policy_statements(resource.config.get("policy"), policies.of(fact)),
        used_by=Known(Items(()), resource.at),
        grants=_grants(grants.of(fact)),
        material=_material(resource, primary),
        **fields,
    )


def _material(resource: Resource, primary: Unknown) -> Value[Any]:
    """Return where the key material comes from; a replica has that of its primary."""
    match resource.type:
        case "aws_kms_external_key":
            return Known("EXTERNAL", resource.at)
        case "aws_kms_replica_key":
            return primary
        case _:
            store = resource.config.get("custom_key_store_id")
            if isinstance(store, Absent):
                return Known("AWS_KMS", resource.at)
            return Unknown(Why.COMPUTED, store.at, f"the custom key store of {resource.address}")


def _grants(found: Inventory[Attachment]) -> Inventory[KeyGrant]:
    """Return the grants that code makes; others are made by services, and code does not tell of them."""
    read = [
        KeyGrant(
            at=each.resource.at,
            name=argument_text(each.resource.config.get("name"), "name"),
            grantee=argument_text(each.resource.config.get("grantee_principal"), "grantee_principal"),
            operations=texts(each.resource.config.get("operations"), "operations"),
        )
        for each in found
        if each.doubt is None
    ]
    doubt = next((each.doubt for each in found if each.doubt is not None), found.gap)
    return Inventory(tuple(read), doubt)


def _aliases(found: Inventory[Attachment]) -> Inventory[Text]:
    """Return the aliases' names and the alias resources themselves, which documents may refer to."""
    texts: list[Text] = []
    gap = found.gap
    for each in found:
        if each.doubt is not None and each.doubt != each.resource.exists:
            gap = each.doubt
            continue
        texts.append(Reference(each.resource.address, ""))
        match name_of(each.resource, "name"):
            case Known(name):
                texts.append(name)
            case Unknown() as unnamed:
                gap = replace(unnamed, one_of=())
            case Absent():
                pass
    return Inventory(tuple(texts), gap)
