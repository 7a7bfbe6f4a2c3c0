"""What the evaluator hands to the facts: resources, instance by instance, their arguments evaluated on demand."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.redaction import Sensitive
from ssm_hardening.core.values import Datum, Inventory, Unknown, Value
from ssm_hardening.hcl.ast import SourceFile
from ssm_hardening.model import Account, Fact, Gap

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


class Told(Protocol):
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
