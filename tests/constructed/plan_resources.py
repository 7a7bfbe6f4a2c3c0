"""One configuration as code and as a plan: its resources, its files, and how these are read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ssm_hardening.cli.sources import read_sources
from ssm_hardening.model import Account
from ssm_hardening.read.code.inputs import Inputs
from tests.constructed.expressions import Declared, Encoded, Input, Local, Module, Nested, Reference, code, text
from tests.constructed.places import HOME, OWNER
from tests.constructed.plan_forms import (
    Blocks,
    Expiry,
    Granted,
    Joined,
    Many,
    Metadata,
    Named,
    PlanForm,
    Port,
    Region,
    Rights,
    Source,
    Stage,
    Switch,
    Versions,
    Where,
    variables,
)
from tests.constructed.planned import Values, plan
from tests.constructed.provider_values import BUCKET_IN_AWS, CHOSEN, EXPIRY_IN_AWS
from tests.constructed.rights import NODE
from tests.constructed.stores import BUCKET
from tests.constructed.writing import Statement, allow, block, setting

_INSTANCES = {Many.ONE: "", Many.COUNT: "[0]", Many.EACH: '["one"]'}


def files(case: PlanForm) -> Mapping[str, bytes]:
    """Return the content of each file, by path: the code below `code`, and the plan."""
    root, stores = root_module(case), _stores(case)
    region = Input("region") if case.region is Region.INPUT else HOME
    provider = {"region": region, "allowed_account_ids": [OWNER]}
    parts = [block('provider "aws"', *(f"{name} = {text(value)}" for name, value in provider.items()))]
    is_apart = case.where is Where.MODULE
    if is_apart:
        call = [setting("source", "./stores"), *(f"{name} = var.{name}" for name in stores.inputs)]
        parts.append(block('module "stores"', *call))
    found = {}
    if case.source is not Source.PLAN:
        found["code/main.tf"] = _joined(*parts, *code(root, variables(case)))
        if is_apart:
            found["code/stores/main.tf"] = _joined(*code(stores, stores.inputs))
    if case.source is not Source.CODE:
        shown = plan(root, variables(case), provider, ("stores", stores) if is_apart else None)
        found["plan.json"] = json.dumps(shown, indent=1).encode()
    return found


def _joined(*parts: str) -> bytes:
    return ("\n\n".join(parts) + "\n").encode()


def read(case: PlanForm, folder: Path) -> Sequence[Account]:
    """Read the code, the plan, or both. What variables are is told by the plan, and without it by the caller."""
    plans = () if case.source is Source.CODE else (folder / "plan.json",)
    paths = () if case.source is Source.PLAN else (folder / "code",)
    inputs = Inputs(variables=dict(variables(case))) if case.source is Source.CODE else Inputs()
    return read_sources(paths, None, inputs, plans=plans, quiet=True).accounts


def root_module(case: PlanForm) -> Module:
    """Return the resources of the root module."""
    if case.where is Where.MODULE:
        return Module((_document(case), *_node(case)))
    stores = _stores(case)
    return Module((*stores.resources, _document(case), *_node(case)), locals=stores.locals)


def _document(case: PlanForm) -> Declared:
    switch = {Switch.ON: True, Switch.OFF: False, Switch.INPUT: Input("encrypted")}[case.switch]
    inputs = {"s3BucketName": _name(case), "s3EncryptionEnabled": switch}
    content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs}
    named = {"name": "SSM-SessionManagerRunShell", "document_type": "Session"}
    old = {"content": '{"inputs":{},"schemaVersion":"1.0","sessionType":"Standard_Stream"}'}
    return _existing(
        case, Declared("aws_ssm_document", "preferences", {**named, "content": Encoded(content)}, before=old)
    )


def _name(case: PlanForm) -> Any:
    if case.named is Named.LITERAL:
        return BUCKET
    if case.named is Named.INPUT:
        return Input("bucket")
    return Reference("module.stores", "bucket") if case.where is Where.MODULE else _bucket_name(case)


def _bucket_name(case: PlanForm) -> Reference:
    return Reference("aws_s3_bucket.records", "bucket" if case.named is Named.NAME else "id", _INSTANCES[case.many])


def _existing(case: PlanForm, each: Declared) -> Declared:
    """Return a resource as it is where everything exists: with an id, and with what AWS chose."""
    if case.stage is not Stage.UPDATED:
        return Declared(each.type, each.label, each.arguments)
    chosen = {name: value for name, value in CHOSEN[each.type].items() if name not in each.arguments}
    own = {**chosen, "tags": {}, "tags_all": {}, **each.computed}
    return Declared(each.type, each.label, each.arguments, before=each.before or {}, computed=own)


def _stores(case: PlanForm) -> Module:
    """Return the bucket and its settings."""
    index = {Many.ONE: None, Many.COUNT: 0, Many.EACH: "one"}[case.many]
    outputs = {"bucket": _bucket_name(case)} if case.where is Where.MODULE else {}
    inputs = {"bucket": Input("bucket")} if case.where is Where.MODULE and case.named is Named.INPUT else {}
    return Module(tuple(_settings(case, index)), outputs, inputs, _locals(case))


def _locals(case: PlanForm) -> tuple[Local, ...]:
    return (_local(case),) if case.joined is Joined.LOCAL else ()


def _local(case: PlanForm) -> Local:
    return Local("bucket", Reference("aws_s3_bucket.records", "id", _INSTANCES[case.many]))


def _settings(case: PlanForm, index: int | str | None) -> Iterator[Declared]:
    kept: Values | None = None if case.stage is Stage.NEW else {}
    anew = case.stage is Stage.REPLACED
    if anew:
        kept = {"bucket": "older-records", "id": "older-records"}
    name = Input("bucket") if case.named is Named.INPUT else BUCKET
    lines: Values = {"bucket": name}
    yield Declared("aws_s3_bucket", "records", lines, index, kept, is_replaced=anew, computed=_bucket_in_aws(case))
    instance = {Many.ONE: "", Many.COUNT: "[count.index]", Many.EACH: "[each.key]"}[case.many]
    bucket: Values = {"bucket": Reference("aws_s3_bucket.records", "id", instance)}
    if case.joined is Joined.LOCAL:
        bucket = {"bucket": _local(case)}
    known = {"id": BUCKET}
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    if case.blocks is not Blocks.UNSET or case.stage is Stage.REMOVED:
        lines = bucket | dict.fromkeys(names, case.blocks is not Blocks.OFF)
        changed = dict.fromkeys(names, case.blocks is Blocks.OFF) if case.stage is Stage.UPDATED else kept
        gone = case.stage is Stage.REMOVED
        yield Declared("aws_s3_bucket_public_access_block", "records", lines, index, changed, gone, anew, known)
    if case.versions is Versions.ENABLED:
        lines = {**bucket, "versioning_configuration": Nested([{"status": "Enabled"}])}
        more = {
            **known,
            "expected_bucket_owner": "",
            "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}],
        }
        yield Declared("aws_s3_bucket_versioning", "records", lines, index, kept, is_replaced=anew, computed=more)
    if case.expiry is not Expiry.UNSET:
        days = Nested([{"days": 400 if case.expiry is Expiry.LONG else 30}])
        rule = {"id": "expire", "status": "Enabled", "filter": Nested([{}]), "expiration": days}
        lines = {**bucket, "rule": Nested([rule])}
        more = {**known, "expected_bucket_owner": ""}
        yield Declared(
            "aws_s3_bucket_lifecycle_configuration", "records", lines, index, kept, is_replaced=anew, computed=more
        )


def _bucket_in_aws(case: PlanForm) -> Mapping[str, Any]:
    """Return what a bucket that exists has beside its name. What settings of their own say is repeated there."""
    days = {Expiry.LONG: 400, Expiry.SHORT: 30}
    expiration = [{"date": "", "days": days.get(case.expiry), "expired_object_delete_marker": False}]
    rules = [{**EXPIRY_IN_AWS, "expiration": expiration}] if case.expiry in days else []
    own = {"id": BUCKET, "arn": f"arn:aws:s3:::{BUCKET}", "region": HOME, "lifecycle_rule": rules}
    return {**BUCKET_IN_AWS, **own, "versioning": [{"enabled": case.versions is Versions.ENABLED, "mfa_delete": False}]}


def _node(case: PlanForm) -> Iterator[Declared]:
    """Yield the node with its role and its group."""
    trusted = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {"name": "node", "assume_role_policy": _policy(trusted)}
    rights = _policy(*(NODE if case.rights is Rights.MINIMAL else (allow("*"),)))
    own = {"inline_policy": [{"name": "rights", "policy": json.dumps(rights.content)}]}
    named = {"role": Reference("aws_iam_role.node", "name")}
    if case.granted is Granted.BLOCK:
        inline = Nested([{"name": "rights", "policy": rights}])
        yield _existing(case, Declared("aws_iam_role", "node", {**role, "inline_policy": inline}))
    else:
        yield _existing(case, Declared("aws_iam_role", "node", role, computed=own))
        yield _existing(case, Declared("aws_iam_role_policy", "node", {**named, "policy": rights}))
    profile = {"name": "node", **named}
    yield _existing(case, Declared("aws_iam_instance_profile", "node", profile))
    ports = {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}
    ingress = {"ingress": Nested([ports], is_attribute=True)} if case.port is Port.SSH else {}
    yield _existing(case, Declared("aws_security_group", "node", {"name": "node", **ingress}))
    yield _existing(case, _instance(case))


def _policy(*statements: Statement) -> Encoded:
    return Encoded({"Version": "2012-10-17", "Statement": list(statements)})


def _instance(case: PlanForm) -> Declared:
    tokens = {Metadata.REQUIRED: "required", Metadata.OPTIONAL: "optional"}.get(case.metadata)
    options = {"metadata_options": Nested([{"http_tokens": tokens, "http_put_response_hop_limit": 1}])}
    lines = {
        "ami": "ami-0123456789abcdef0",
        "instance_type": "t3.micro",
        "iam_instance_profile": Reference("aws_iam_instance_profile.node", "name"),
        "vpc_security_group_ids": [Reference("aws_security_group.node", "id")],
        "associate_public_ip_address": False,
    }
    return Declared("aws_instance", "node", {**lines, **(options if tokens else {})})
