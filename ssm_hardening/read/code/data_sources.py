"""What data sources say without a question to AWS: from their arguments, from code, or from what ships with the tool.

Everything else is a reference to the data source where it is known to be set, or not known.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os.path import normpath
from typing import TYPE_CHECKING, TypeAlias

from ssm_hardening.core.logic import as_items, known_or, literal
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Known, LaidOut, Reference, Template, Unknown, Value, Why
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.iam.statements import managed_arn, managed_document
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.read.code.evaluate.alternatives import lift
from ssm_hardening.read.code.evaluate.templates import text_from
from ssm_hardening.read.code.functions.arguments import FunctionCall
from ssm_hardening.read.code.functions.filesystem import read_text_file
from ssm_hardening.read.graph import Resource

if TYPE_CHECKING:
    from ssm_hardening.read.code.instances import ModuleInstance


@dataclass(frozen=True, slots=True)
class _Asked:
    """A data source, the attribute of it that is asked for, and where."""

    source: Resource
    name: str
    owner: "ModuleInstance"
    at: CodeOrigin

    def argument(self, name: str) -> Value[Datum]:
        """Return an argument of the data source."""
        return self.source.config.get(name)

    def text(self, *parts: str | Value[Datum]) -> Value[Datum]:
        """Return the parts as one text."""
        values = [Known(part, self.at) if isinstance(part, str) else part for part in parts]
        return lift(lambda args: text_from(args, self.at), values)

    def region(self) -> Value[Datum]:
        """Return the Region: the data source's own, that of its provider, or a reference where nothing says it."""
        own = self.argument("region")
        found = self.owner.tree.provider_argument(self.source.provider, "region") if isinstance(own, Absent) else own
        return Known(Reference(self.source.address, "region"), self.at) if isinstance(found, Absent) else found


_Reader: TypeAlias = Callable[[_Asked], Value[Datum] | None]


def data_attribute(source: Resource, name: str, owner: "ModuleInstance", at: CodeOrigin) -> Value[Datum] | None:
    """Return an attribute of a data source as far as it follows from what was read; None where only AWS knows it."""
    asked = _Asked(source, name, owner, at)
    read = _READERS.get(source.type)
    found = None if read is None else read(asked)
    return _of_declared(asked) if found is None else found


# Of AWS's own: names that are composed, and policies that ship with the tool


def _endpoint_service(asked: _Asked) -> Value[Datum] | None:
    """Return the name of the service: as given, or `com.amazonaws.<Region>.<service>`."""
    service = asked.argument("service")
    match asked.name:
        case "service_name" if not isinstance(service, Absent):
            return asked.text("com.amazonaws.", asked.region(), ".", service)
        case "service_name" | "service_type" | "service":
            written = asked.argument(asked.name)
            return _filtered(asked) if isinstance(written, Absent) else written
        case _:
            return None


def _filtered(asked: _Asked) -> Value[Datum] | None:
    """Return what the one value of a filter says, where it is no pattern."""
    for each in asked.source.config.blocks("filter"):
        values = as_items(each.get("values")).items
        if literal(each.get("name")) == asked.name.replace("_", "-") and len(values) == 1:
            name = literal(values[0])
            return None if name is None or set(name) & {"*", "?"} else values[0]
    return None


_SUFFIXES = {"aws": "com.amazonaws", "aws-us-gov": "com.amazonaws", "aws-cn": "cn.com.amazonaws"}
"""The names of services begin so (reversed), by partition."""


def _service(asked: _Asked) -> Value[Datum] | None:
    """Return the parts of a service's name, which another part or the whole name gives."""
    whole = literal(asked.argument("reverse_dns_name"))
    if whole is None and (name := literal(asked.argument("dns_name"))) is not None:
        whole = ".".join(reversed(name.split(".")))
    region, service = asked.region(), asked.argument("service_id")
    prefix = asked.argument("reverse_dns_prefix")
    if whole is not None:
        first, _, tail = whole.rpartition(".")
        before, _, place = first.rpartition(".")
        prefix, region, service = (Known(part, asked.at) for part in (before, place, tail))
    partition = literal(region)
    if isinstance(prefix, Absent) and partition is not None:
        prefix = Known(_SUFFIXES.get(partition_of(Known(partition, asked.at)), ""), asked.at)
    if isinstance(service, Absent) or known_or(prefix, "") == "" or isinstance(prefix, Absent):
        return None
    match asked.name:
        case "id" | "reverse_dns_name":
            return asked.text(prefix, ".", region, ".", service)
        case "dns_name" if (domain := literal(prefix)) is not None:
            return asked.text(service, ".", region, ".", ".".join(reversed(domain.split("."))))
        case "region" | "service_id" | "reverse_dns_prefix":
            return {"region": region, "service_id": service, "reverse_dns_prefix": prefix}[asked.name]
        case _:
            return None


_OTHER_SUFFIXES = {
    "aws-cn": {"codedeploy", "elasticmapreduce", "logs"},
    "aws-iso": {"cloudhsm", "config", "logs", "workspaces"},
    "aws-iso-b": {"dms", "logs"},
}
"""Services whose principals do not end in `amazonaws.com`, by partition. Source: hashicorp/aws, `service_principal`."""


def _service_principal(asked: _Asked) -> Value[Datum] | None:
    """Return the principal of a service; where only its partition tells, the Region must be known."""
    service, region = asked.argument("service_name"), asked.region()
    name, place = literal(service), literal(region)
    if name is None or place is None or name in _OTHER_SUFFIXES.get(partition_of(Known(place, asked.at)), ()):
        return None
    match asked.name:
        case "name":
            return asked.text(service, ".amazonaws.com")
        case "id":
            return asked.text(service, ".", region, ".amazonaws.com")
        case "suffix":
            return Known("amazonaws.com", asked.at)
        case _:
            return None


def _arn_parts(asked: _Asked) -> Value[Datum] | None:
    """Return a part of an ARN that is known in full."""
    written = literal(asked.argument("arn"))
    found = [] if written is None else written.split(":", 5)
    names = ("", "partition", "service", "region", "account", "resource")
    if len(found) < len(names) or asked.name not in names[1:]:
        return None
    return Known(found[names.index(asked.name)], asked.at)


def _default_tags(asked: _Asked) -> Value[Datum] | None:
    """Return the tags that the provider gives to everything."""
    if asked.name != "tags":
        return None
    return asked.owner.tree.provider_argument(asked.source.provider, "default_tags.tags")


def _policy(asked: _Asked) -> Value[Datum] | None:
    """Return an attribute of a policy of AWS's that is looked up by ARN or by name.

    The name of a policy of AWS's is taken to mean that policy: with one of the account's own of the same name, the data
    source would find two and fail.
    """
    arn = _policy_arn(asked)
    document = None if arn is None else managed_document(arn)
    if arn is None or document is None:
        return None
    path, _, name = arn.partition(":policy")[2].rpartition("/")
    match asked.name:
        case "arn" | "id":
            return Known(arn, asked.at)
        case "name" | "path":
            return Known(name if asked.name == "name" else f"{path}/", asked.at)
        case "policy":
            return Known(LaidOut("json", document), asked.at)
        case _:
            return None


_OF_AWS = ":iam::aws:policy/"


def _policy_arn(asked: _Asked) -> str | None:
    written, called, path = (asked.argument(each) for each in ("arn", "name", "path_prefix"))
    region = known_or(asked.region(), None)
    partition = partition_of(Known(region, asked.at) if isinstance(region, str) else Absent(asked.at))
    match known_or(written, None):
        case str() as text:
            return text
        case Template(("arn:", _, str() as tail)) if tail.startswith(_OF_AWS):
            # What is not known is the partition.
            return f"arn:{partition}{tail}"
        case _:
            pass
    if not isinstance(written, Absent):
        return None
    name, prefix = literal(called), literal(path)
    if name is None or (prefix is None and not isinstance(path, Absent)):
        return None
    return managed_arn(name, prefix or "", partition)


# Of code: what it declares, and what it reads


_NAMES = ("arn", "name", "id", "bucket", "key_id")
"""Arguments that say which object a data source looks up."""

_BY_NAME: Mapping[str, str] = {
    "aws_cloudwatch_log_group": "name",
    "aws_iam_instance_profile": "name",
    "aws_iam_policy": "name",
    "aws_iam_role": "name",
    "aws_kms_alias": "name",
    "aws_s3_bucket": "bucket",
    "aws_ssm_document": "name",
}
"""Types whose names are unique in an account and Region, with the argument that holds the name."""


def _of_declared(asked: _Asked) -> Value[Datum] | None:
    """Return an attribute of the object that is looked up, where code declares it."""
    address = _declared_address(asked)
    return None if address is None else asked.owner.tree.attribute(Reference(address, ""), asked.name, asked.at)


def _declared_address(asked: _Asked) -> str | None:
    for argument in _NAMES:
        match known_or(asked.argument(argument), None):
            case Reference(address=address) as found if resource_type(found) == asked.source.type:
                return None if re.search(r"(?:^|\.)data\.", address) else address
            case _:
                continue
    key = _BY_NAME.get(asked.source.type)
    name = None if key is None else literal(asked.argument(key))
    if key is None or name is None:
        return None
    return next((each.address for each in _siblings(asked) if literal(each.config.get(key)) == name), None)


def _siblings(asked: _Asked) -> list[Resource]:
    """Return the resources of the same type in the same module and provider."""
    keys = (key for key in asked.owner.module.resources if key[:2] == ("managed", asked.source.type))
    found = (each for key in keys for each in asked.owner.instances(key)[1] if known_or(each.exists, None) is not False)
    return [each for each in found if each.provider == asked.source.provider]


def _local_file(asked: _Asked) -> Value[Datum] | None:
    """Return what the file holds, unless the code writes it, or may: what it holds today says nothing then."""
    if asked.name != "content":
        return None
    path, owner = asked.argument("filename"), asked.owner
    written = (literal(each.config.get("filename")) for each in _siblings(asked))
    if not isinstance(asked.argument("depends_on"), Absent) or any(_may_be_one_file(path, each) for each in written):
        return Unknown(Why.COMPUTED, asked.at, f"{asked.source.address}.content: the file may be written by this code")
    call = FunctionCall("file", asked.at, asked.source.address, owner.folder, owner.root_folder, owner.bounds)
    return read_text_file(call, path)


def _may_be_one_file(path: Value[Datum], other: str | None) -> bool:
    own = literal(path)
    return own is None or other is None or normpath(own) == normpath(other)


_READERS: Mapping[str, _Reader] = {
    "aws_arn": _arn_parts,
    "aws_default_tags": _default_tags,
    "aws_iam_policy": _policy,
    "aws_service": _service,
    "aws_service_principal": _service_principal,
    "aws_vpc_endpoint_service": _endpoint_service,
    "local_file": _local_file,
}
