"""Customer managed keys, with their policies and aliases."""

from dataclasses import replace

from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.model import Key, KeyGrant
from ssm_hardening.read.converting import default
from ssm_hardening.read.facts.arguments import fact_of, name_of, number_in, read_each, switch_in, text_in, texts_in
from ssm_hardening.read.facts.attachments import (
    Attachment,
    Attachments,
    attachments,
    certain,
    doubt_in,
    policy_statements,
)
from ssm_hardening.read.graph import Config, Resource, Root

KEY, EXTERNAL, REPLICA = "aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key"
EXTERNAL_REPLICA = "aws_kms_replica_external_key"
TYPES = (KEY, EXTERNAL, REPLICA, EXTERNAL_REPLICA)
POLICY = "aws_kms_key_policy"
ALIAS = "aws_kms_alias"
GRANT = "aws_kms_grant"


def keys_of(root: Root) -> Inventory[tuple[Resource, Key]]:
    """Return every key with the resource that declares it, used by nobody yet."""
    policies = attachments(root.resources(POLICY), "key_id")
    aliases = attachments(root.resources(ALIAS), "target_key_id")
    grants = attachments(root.resources(GRANT), "key_id")
    return read_each(root.resources(*TYPES), lambda each: _key(each, policies, aliases, grants))


def _key(resource: Resource, policies: Attachments, aliases: Attachments, grants: Attachments) -> Key:
    config, fact = resource.config, fact_of(resource, Absent(resource.at))
    primary = Unknown(Why.COMPUTED, resource.at, f"the primary key of the replica {resource.address}")
    is_replica = resource.type in {REPLICA, EXTERNAL_REPLICA}
    return Key(
        address=fact.address,
        declaration=fact.declaration,
        origin=fact.origin,
        name=fact.name,
        exists=fact.exists,
        aliases=_aliases(aliases.of(fact)),
        enabled=default(switch_in(config, "is_enabled" if resource.type == KEY else "enabled"), True),
        rotation=primary if is_replica else default(switch_in(config, "enable_key_rotation"), False),
        deletion_window_days=default(number_in(config, "deletion_window_in_days"), 30),
        usage=primary if is_replica else default(text_in(config, "key_usage"), "ENCRYPT_DECRYPT"),
        spec=primary if is_replica else default(text_in(config, "customer_master_key_spec"), "SYMMETRIC_DEFAULT"),
        statements=policy_statements(config.get("policy"), policies.of(fact)),
        used_by=Known(Items(()), resource.at),
        grants=_grants(grants.of(fact)),
        material=_material(resource, primary),
    )


def _material(resource: Resource, primary: Unknown) -> Value[Text]:
    """Return where the key material comes from; a replica has that of its primary."""
    match resource.type:
        case "aws_kms_external_key" | "aws_kms_replica_external_key":
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
            at=each.at,
            name=text_in(each, "name"),
            grantee=text_in(each, "grantee_principal"),
            operations=texts_in(each, "operations"),
            constrained=_constrained(each),
        )
        for each in certain(found)
    ]
    return Inventory(tuple(read), doubt_in(found))


def _constrained(grant: Config) -> Value[bool]:
    blocks = grant.blocks("constraints")
    return blocks.gap if blocks.gap is not None and not blocks.items else Known(bool(blocks.items), grant.at)


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
