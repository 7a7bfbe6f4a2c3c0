"""Objects that Terraform creates through others: stacks of CloudFormation, and the Cloud Control provider (`awscc`).

What they hold is not read. It is known which kinds of objects these are, so that a rule about one of these kinds is not
told that there are no more. Policies and rules of their own count only where the stack is handed what they attach to.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.core.logic import certainly, literal
from ssm_hardening.core.logic import each as members_of
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.model import STACK, Gap
from ssm_hardening.read.facts.arguments import argument_text, text_in, texts_in
from ssm_hardening.read.graph import Resource, Root
from ssm_hardening.text.writing import as_text

STACKS = ("aws_cloudformation_stack", "aws_cloudformation_stack_set")

_OBJECTS: Mapping[str, tuple[str, ...]] = {
    "AWS::SSM::Document": ("aws_ssm_document",),
    "AWS::SSM::Association": ("aws_ssm_association",),
    "AWS::IAM::Role": ("aws_iam_role",),
    "AWS::IAM::User": ("aws_iam_user",),
    "AWS::IAM::Group": ("aws_iam_group",),
    "AWS::IAM::ManagedPolicy": ("aws_iam_policy",),
    "AWS::SSO::PermissionSet": ("aws_ssoadmin_permission_set",),
    "AWS::EC2::Instance": ("aws_instance",),
    "AWS::EC2::LaunchTemplate": ("aws_launch_template",),
    "AWS::AutoScaling::AutoScalingGroup": ("aws_autoscaling_group",),
    "AWS::AutoScaling::LaunchConfiguration": ("aws_launch_configuration",),
    "AWS::EC2::SecurityGroup": ("aws_security_group",),
    "AWS::EC2::VPC": ("aws_vpc",),
    "AWS::EC2::Subnet": ("aws_subnet",),
    "AWS::EC2::VPCEndpoint": ("aws_vpc_endpoint",),
    "AWS::S3::Bucket": ("aws_s3_bucket",),
    "AWS::Logs::LogGroup": ("aws_cloudwatch_log_group",),
    "AWS::KMS::Key": ("aws_kms_key",),
    "AWS::KMS::ReplicaKey": ("aws_kms_replica_key",),
    "AWS::KMS::Alias": ("aws_kms_alias",),
    "AWS::CloudTrail::Trail": ("aws_cloudtrail",),
    "AWS::Events::Rule": ("aws_cloudwatch_event_rule",),
}
"""The kinds of objects that become facts, and the types by which Terraform declares them."""

_ATTACHED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "AWS::IAM::Policy": (
        ("aws_iam_role", "aws_iam_user", "aws_iam_group"),
        ("aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"),
    ),
    "AWS::IAM::RolePolicy": (("aws_iam_role",), ("aws_iam_role_policy",)),
    "AWS::IAM::UserPolicy": (("aws_iam_user",), ("aws_iam_user_policy",)),
    "AWS::IAM::GroupPolicy": (("aws_iam_group",), ("aws_iam_group_policy",)),
    "AWS::IAM::ManagedPolicy": (("aws_iam_role", "aws_iam_user", "aws_iam_group"), ("aws_iam_policy_attachment",)),
    "AWS::IAM::UserToGroupAddition": (("aws_iam_user", "aws_iam_group"), ("aws_iam_group_membership",)),
    "AWS::EC2::SecurityGroupIngress": (("aws_security_group",), ("aws_vpc_security_group_ingress_rule",)),
    "AWS::EC2::SecurityGroupEgress": (("aws_security_group",), ("aws_vpc_security_group_egress_rule",)),
    "AWS::S3::BucketPolicy": (("aws_s3_bucket",), ("aws_s3_bucket_policy",)),
}
"""What attaches to objects: the types of these, and the types by which Terraform declares the attachment."""

_OF_IAM = frozenset({"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"})
_ANY = frozenset({"AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"})
"""Nested stacks, whose templates lie elsewhere."""

_CONCERN = re.compile(r"AWS::(?:SSM|IAM|SSO|AutoScaling)::|AWS::EC2::(?:Instance|LaunchTemplate)$")
_KIND = re.compile(r"AWS::\w+::\w+\b(?!::)")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _awscc(kind: str) -> str:
    """Return the type by which the provider awscc declares a kind: `awscc_ec2_vpc_endpoint`."""
    _, service, name = kind.split("::")
    return f"awscc_{service.lower()}_{_WORDS.sub('_', name).lower()}"


_BY_TYPE = {_awscc(kind): kind for kind in (*_OBJECTS, *_ATTACHED)}


@dataclass(frozen=True, slots=True)
class _Creator:
    """A resource that creates others; `opened` are Terraform's types for them, `kinds` their names, where known."""

    resource: Resource
    kinds: tuple[str, ...]
    opened: frozenset[str]

    def gap(self) -> Unknown:
        """Return why there may be more objects than the code declares."""
        if self.resource.type not in STACKS:
            return Unknown(Why.OUT_OF_SCOPE, self.resource.at, f"{self.resource.address} ({self.kinds[0]}) is not read")
        if not self.kinds:
            detail = f"{self.resource.address} creates what its template says, which is not in the code"
            return Unknown(Why.OUT_OF_SCOPE, self.resource.at, detail)
        detail = f"{self.resource.address} creates {', '.join(self.kinds)} with CloudFormation, which is not read"
        return Unknown(Why.OUT_OF_SCOPE, self.resource.at, detail)


class WithStacks:
    """A root whose lists stay open where others create more of the same kind."""

    def __init__(self, root: Root, creators: "Creators") -> None:
        self._root = root
        self._creators = creators

    @property
    def path(self) -> str:
        """The folder, as the user would type it."""
        return self._root.path

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read, and what others create."""
        found = ((each.resource.address, each.gap()) for each in self._creators)
        mine = (Gap(STACK, gap.why, gap.detail, _place(gap), (address,)) for address, gap in found)
        return (*self._root.gaps, *mine)

    def resources(self, *types: str) -> Inventory[Resource]:
        """Return every managed resource of these types; a gap where others create objects of their kind."""
        found = self._root.resources(*types)
        if found.gap is not None:
            return found
        gap = next((each.gap() for each in self._creators if not each.opened.isdisjoint(types)), None)
        return Inventory(found.items, gap)

    def provider_argument(self, provider: str, name: str) -> Value[Datum]:
        """Return an argument of a provider."""
        return self._root.provider_argument(provider, name)

    def providers(self) -> tuple[str, ...]:
        """Return the provider configurations of what is read: those of `awscc` hold nothing of that."""
        found = tuple(each for each in self._root.providers() if each.partition(".")[0] != "awscc")
        return found or ("aws",)

    def literals(self) -> Mapping[str, tuple[CodeOrigin, ...]]:
        """Return every literal text that is a sign of Session Manager, and where it stands."""
        return self._root.literals()


def _place(gap: Unknown) -> CodeOrigin:
    return gap.at if isinstance(gap.at, CodeOrigin) else CodeOrigin(str(gap.at), 0)


Creators: TypeAlias = "tuple[_Creator, ...]"


def creators_of(root: Root) -> Creators:
    """Return the resources of a root that create others."""
    there = [each for each in root.resources(*STACKS, *_BY_TYPE) if not certainly(each.exists, lambda is_: not is_)]
    return tuple(
        found for each in there if (found := _stack(each, root) if each.type in STACKS else _single(each)).opened
    )


def creates_nodes_or_grants(creators: Iterable[_Creator]) -> bool:
    """Say whether others create what may be a node, a document, or a grant."""
    return any(_CONCERN.match(kind) for each in creators for kind in each.kinds)


def _single(resource: Resource) -> _Creator:
    kind = _BY_TYPE[resource.type]
    attached = _ATTACHED.get(kind, ((), ()))[1]
    return _Creator(resource, (kind,), frozenset((*_OBJECTS.get(kind, ()), *attached)))


def _stack(resource: Resource, root: Root) -> _Creator:
    body = argument_text(as_text(resource.config.get("template_body")), "template_body")
    text = "".join(_fixed(body))
    kinds = tuple(dict.fromkeys(_KIND.findall(text)))
    known = tuple(kind for kind in kinds if kind in _OBJECTS or kind in _ATTACHED)
    handed = _handed(resource, body, text, root)
    if isinstance(body, Unknown | Absent) or not _ANY.isdisjoint(kinds):
        may_be = [kind for kind in _OBJECTS if _is_allowed(kind, resource)]
        return _Creator(resource, known, frozenset(_opened(may_be, handed)))
    return _Creator(resource, known, frozenset(_opened(known, handed)))


def _is_allowed(kind: str, resource: Resource) -> bool:
    """Say whether a stack may create objects of IAM: only where its `capabilities` say so."""
    named = texts_in(resource.config, "capabilities")
    if not kind.startswith("AWS::IAM::") or isinstance(named, Unknown):
        return True
    return any(not isinstance(item, Known) or item.value in _OF_IAM for item in members_of(named))


def _opened(kinds: Iterable[str], handed: frozenset[str]) -> Iterator[str]:
    for kind in kinds:
        yield from _OBJECTS.get(kind, ())
        holders, attached = _ATTACHED.get(kind, ((), ()))
        yield from attached if not handed.isdisjoint(holders) else ()


def _handed(resource: Resource, body: Value[Datum], text: str, root: Root) -> frozenset[str]:
    """Return the types of the objects that a stack is told of: by references, or by the names in its template."""
    holders = {holder for types, _ in _ATTACHED.values() for holder in types}
    found = {part.address for value in (body, resource.config.get("parameters")) for part in _references(value)}
    told = {holder for holder in holders if any(f".{holder}." in f".{address}" for address in found)}
    for holder in root.resources(*sorted(holders - told)):
        name = literal(text_in(holder.config, "bucket" if holder.type == "aws_s3_bucket" else "name"))
        if name and name in text:
            told.add(holder.type)
    return frozenset(told)


def _fixed(value: Value[Datum]) -> Iterator[str]:
    match value:
        case Known(str() as text):
            yield text
        case Known(Template(parts)):
            yield from (part for part in parts if isinstance(part, str))
        case _:
            return


def _references(value: Value[Datum]) -> Iterator[Reference]:
    match value:
        case Known(Reference() as found):
            yield found
        case Known(Template(parts)):
            yield from (part for part in parts if isinstance(part, Reference))
        case Known(Record(members)):
            for member in members.values():
                yield from _references(member)
        case Known(Items(items)):
            for item in items:
                yield from _references(item)
        case _:
            return
