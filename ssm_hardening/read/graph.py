"""What the evaluator hands to the facts: resources, instance by instance, their arguments evaluated on demand."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.redaction import Sensitive
from ssm_hardening.core.values import Absent, Datum, Inventory, Known, Reference, Unknown, Value, Why
from ssm_hardening.hcl.ast import SourceFile
from ssm_hardening.iam.requests import joined
from ssm_hardening.model import Account, Fact, Gap
from ssm_hardening.read.converting import by_branch

SIGNS = (
    b"aws_ssm_document",
    b"aws_ssm_service_setting",
    b"aws_ssm_activation",
    b"SSM-SessionManagerRunShell",
    b"ssmmessages",
    b"AmazonSSMManagedInstanceCore",
    b"AmazonSSMManagedEC2InstanceDefaultPolicy",
    b"AmazonSSMFullAccess",
    b"AmazonEC2RoleforSSM",
    b"ssm:StartSession",
    b"session-manager",
    b"session_manager",
)
"""Words of Session Manager itself. Other texts may concern it, too; which do is asked elsewhere (`read.code.signs`)."""

SIGN = re.compile("|".join([*(re.escape(word.decode()) for word in SIGNS), "(?i:ssm:StartSession)"]))
"""The same as a pattern; IAM reads actions in any case."""

_OF_A_BUCKET = (
    *("notification", "ownership_controls", "policy", "public_access_block", "replication_configuration"),
    *("accelerate_configuration", "acl", "cors_configuration", "lifecycle_configuration", "logging"),
    *("object_lock_configuration", "request_payment_configuration", "server_side_encryption_configuration"),
    *("versioning", "website_configuration"),
)
_ARGUMENT_IN_ID: Mapping[str, str] = {
    **{f"aws_s3_bucket_{each}": "bucket" for each in _OF_A_BUCKET},
    "aws_cloudwatch_log_data_protection_policy": "log_group_name",
    "aws_iam_user_login_profile": "user",
    "aws_kms_key_policy": "key_id",
    "aws_sns_topic_policy": "arn",
    "aws_sqs_queue_policy": "queue_url",
    "aws_vpc_endpoint_policy": "vpc_endpoint_id",
}
"""Types whose `id` is the identifier of the object that this argument names.

Source: the provider's documentation and its calls of `SetId`.
"""

_OF_ITSELF: Mapping[str, tuple[str, ...]] = {
    "bucket": ("aws_s3_bucket", "aws_s3_directory_bucket"),
    "key_id": ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"),
}
"""Attributes that name the object itself in these types alone; all others have arguments of these names."""

ALSO_IN_ID = ("expected_bucket_owner", "acl")
"""Arguments that an `id` ends in where they are set, behind the name of the bucket: `logs,111122223333,private`."""

_KEYS = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]|\[\*\]')


class Config(Protocol):
    """The body of a resource or of a nested block, evaluated on demand."""

    @property
    def at(self) -> CodeOrigin:
        """The block."""
        ...

    def get(self, name: str) -> Value[Datum]:
        """Evaluate an argument.

        Known values are bool, int, float, str, Reference, Template, Record, Items, or Encoded (the text that
        `jsonencode`/`yamlencode` would give, kept as structure). Absent (at the block) where it is not written, or
        null. `at` is where the value itself was written: the literal in a variable's default, say.
        """
        ...

    def blocks(self, block_type: str) -> "Inventory[Config]":
        """Return the nested blocks of a type, `dynamic` ones expanded; a gap where there may be more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One instance of a resource or data source.

    `address` carries instance keys (`module.ssm["a"].aws_s3_bucket.l[0]`, `…l[*]` where they are unknown),
    `declaration` none (`module.ssm.aws_s3_bucket.l`). `provider` is the root's provider configuration it belongs to
    (`aws`, `aws.usw2`), through the `providers` maps of module calls. `prevent_destroy` is its lifecycle guard.
    """

    address: str
    declaration: str
    mode: str
    type: str
    name: str
    module_path: str
    at: CodeOrigin
    exists: Value[bool]
    config: Config
    provider: str
    prevent_destroy: Value[bool]


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """A part of the code that was not read: `gap` says which, `reaches` whether it can say something of an object.

    `declares`: it may declare objects of its own.
    """

    gap: Unknown
    reaches: Callable[[Fact], bool]
    declares: bool = True


@dataclass(frozen=True, slots=True)
class Resources(Inventory[Resource]):
    """Resources of some types; `unread` are the parts that may hold more of them, and about which objects."""

    unread: tuple[UnreadPart, ...] = ()


def gap_about(found: Inventory[Resource], fact: Fact) -> Unknown | None:
    """Say why there may be more of these resources that say something of an object."""
    if not isinstance(found, Resources):
        return found.gap
    return next((part.gap for part in found.unread if part.reaches(fact)), None)


class ToldByPlan(Protocol):
    """What a plan of a root module tells, asked by full addresses; the code asks it where it cannot decide itself.

    Values that are known only after apply, and sensitive keys, are not told: None.
    """

    @property
    def file(self) -> str:
        """The plan, as the user would type it."""
        ...

    @property
    def sensitive(self) -> frozenset[str]:
        """The texts that no output may show."""
        ...

    @property
    def is_complete(self) -> bool:
        """Say whether what the plan does not contain does not exist."""
        ...

    @property
    def left(self) -> tuple[Gap, ...]:
        """What leaves Terraform's hands, and stays in the account."""
        ...

    def configuration(self, module: str) -> Mapping[str, Any] | None:
        """Return what the plan says of a module as written, by its path; None where it says nothing."""
        ...

    def provider_configuration(self, name: str) -> Mapping[str, Any]:
        """Return what the plan says of a provider configuration of the root module as written (`aws.usw2`)."""
        ...

    def variable(self, name: str) -> Value[Datum] | None:
        """Return the value of a root module's variable that the plan was made with."""
        ...

    def values(self) -> Mapping[str, str]:
        """Return the values of all variables, as `--var` takes them."""
        ...

    def resource(self, address: str) -> Resource | None:
        """Return a resource instance or a data source that exists once the plan is applied."""
        ...

    def is_new(self, address: str) -> bool:
        """Say whether nothing of an object exists today."""
        ...

    def attribute(self, address: str, name: str) -> Value[Datum] | None:
        """Return an attribute as the plan shows it."""
        ...

    def wrote(self, address: str, argument: str, constant: object) -> bool:
        """Say whether the plan was made of code that has this constant for an argument (`block.argument`)."""
        ...

    def keys(self, address: str) -> tuple[str, ...] | None:
        """Return the keys of the instances of a resource block, by its address without the last key."""
        ...

    def module_keys(self, address: str) -> tuple[str, ...] | None:
        """Return the keys of the instances of a called module that hold anything."""
        ...

    def output(self, module: str, name: str, at: CodeOrigin) -> Value[Datum] | None:
        """Return what an output of a module instance names."""
        ...

    def below(self, module: str, types: Sequence[str]) -> tuple[Resource, ...]:
        """Return the managed resource instances of these types in a called module, by its path without the last key."""
        ...

    def provider_argument(self, provider: str, name: str) -> Value[Datum]:
        """Return an argument of a provider configuration."""
        ...

    def literals(self) -> Mapping[str, tuple[CodeOrigin, ...]]:
        """Return the signs of Session Manager in the plan, and the objects that show them."""
        ...


class Root(Protocol):
    """One root module, with everything it calls."""

    @property
    def path(self) -> str:
        """The folder, as the user would type it."""
        ...

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be read in the modules visited: unparseable files, modules that are not here."""
        ...

    def resources(self, *types: str) -> Inventory[Resource]:
        """Return every managed resource instance of these types in the root and below.

        The inventory's gap is set where a file or module that could hold more was not read; `Resources` tell for each
        of these parts which objects it can be about.
        """
        ...

    def provider_argument(self, provider: str, name: str) -> Value[Datum]:
        """Return an argument of a provider (`region`, `default_tags.tags`); Absent where it is not written."""
        ...

    def providers(self) -> tuple[str, ...]:
        """Return the provider configurations that resources of interest belong to, sorted."""
        ...

    def literals(self) -> Mapping[str, tuple[CodeOrigin, ...]]:
        """Return every literal text of the parsed files that is a sign of Session Manager, and where it stands."""
        ...


def naming_argument(resource_type: str, attribute: str) -> str | None:
    """Return the argument whose value an attribute is, where the attribute names another object than its own.

    `aws_s3_bucket_policy.p.id` and `aws_s3_bucket_policy.p.bucket` are both the bucket's name.
    """
    if attribute == "id" or (resource_type, attribute) == ("aws_sns_topic_policy", "arn"):
        return _ARGUMENT_IN_ID.get(resource_type)
    own = _OF_ITSELF.get(attribute, (resource_type,))
    return attribute if resource_type not in own else None


def of_another(resource: Resource, name: str, at: Origin) -> Value[Datum]:
    """Return an attribute that is the identifier of the object that an argument names; Absent where it is none."""
    if (resource.type, name) == ("aws_kms_alias", "target_key_arn"):
        return by_branch(resource.config.get("target_key_id"), lambda known: _arn_of_key(known, at))
    argument = naming_argument(resource.type, name)
    if argument is None:
        return Absent(at)
    ends = [resource.config.get(each) for each in ALSO_IN_ID] if (name, argument) == ("id", "bucket") else []
    value = by_branch(resource.config.get(argument), lambda known: _seen_from(known, at))
    for each in ends:
        if not isinstance(each, Absent):
            value = by_branch(each, partial(_ending, value))
    return value


def _seen_from(known: Known[Datum], at: Origin) -> Value[Datum]:
    """Return a reference as written where another resource is referred to."""
    return Known(known.value, at) if isinstance(known.value, Reference) else known


def _ending(value: Value[Datum], end: Known[Datum]) -> Value[Datum]:
    """Return an identifier of several parts, which is no object's name."""

    def together(known: Known[Datum]) -> Value[Datum]:
        match known.value, end.value:
            case (str() | Reference() as start, str() | Reference() as more):
                return Known(joined(start, ",", more), known.at)
            case _:
                return Unknown(Why.COMPUTED, known.at, "an identifier of several parts")

    return by_branch(value, together)


def _arn_of_key(known: Known[Datum], at: Origin) -> Value[Datum]:
    match known.value:
        case Reference(address=address, attribute="id" | "key_id" | "arn"):
            return Known(Reference(address, "arn"), at)
        case _:
            return Absent(at)


def keyless(address: str) -> str:
    """Return an address without instance keys."""
    return _KEYS.sub("", address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The accounts one source yielded.

    `files` are the parsed source files (for waivers, which live in comments), `notes` what the user should know about
    how it was read (`TF_VAR_…` that were used, files that were left out), `parsed` how many files of code were read,
    `refused` which of the files that the user named cannot be read, and why, `missing` which of the folders hold no
    code. `joined` are the plans that were read as one picture with the code of their root modules, and the values that
    they were made with, as `--var` takes them. `sensitive` are the texts that no output may show.
    """

    accounts: tuple[Account, ...]
    files: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()
    parsed: int = 0
    refused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    joined: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sensitive: Sensitive = field(default_factory=Sensitive)


@dataclass(frozen=True, slots=True)
class RootReading:
    """What one root module yielded: as in `Reading`, with the files of code that were read by their displayed paths.

    `objections` say where its plan says something else than its code.
    """

    accounts: tuple[Account, ...]
    files: tuple[SourceFile, ...]
    texts: frozenset[str]
    parsed: tuple[str, ...]
    objections: tuple[str, ...] = ()
