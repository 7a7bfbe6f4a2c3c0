"""Three-valued knowledge: what is known, what is known to be absent, and what could not be learned.

Every value says where it was read. None of the three has a truth value: `match` them all.

The same domain serves the facts (`Value[bool]`, `Value[str]`) and the evaluation of Terraform expressions,
where a known value may also be a `Reference`, a `Template` with holes, or a `Record`/`Items` whose members
are themselves values, unknown one by one.

What most code asks of a value stands in `logic`; `match` is for what is really a case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeAlias, TypeVar

from ssm_hardening.core.origins import CodeOrigin, Origin

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Why(StrEnum):
    """Why something could not be learned."""

    UNRESOLVED_INPUT = "unresolved_input"
    COMPUTED = "computed"
    DENIED = "denied"
    UNAVAILABLE = "unavailable"
    UNPARSEABLE = "unparseable"
    UNSUPPORTED = "unsupported"
    OUT_OF_SCOPE = "out_of_scope"


class _NoTruth:
    """Refuses `if value:`: absence and ignorance are not falsehood.

    Hidden from the type checker, so that mypy's truthy-bool still reports the slip; the exception catches
    what it cannot see (`any()`, `bool()`), and the engine turns it into a Crashed verdict.
    """

    __slots__ = ()

    if not TYPE_CHECKING:

        def __bool__(self) -> NoReturn:
            raise TypeError(f"{type(self).__name__} has no truth value; match on it")


@dataclass(frozen=True, slots=True)
class Known(_NoTruth, Generic[T_co]):
    """A value that was read at `at`.

    `defaulted`: nobody wrote it; AWS's (or the provider's) default applies. `raw`: the text as written, where
    normalising changed it (`"true"` for a boolean).
    """

    value: T_co
    at: Origin
    defaulted: bool = field(default=False, kw_only=True)
    raw: str | None = field(default=None, kw_only=True)

    @property
    def at_sensitive(self) -> bool:
        """Whether no output may show the value: Terraform calls it sensitive."""
        return isinstance(self.at, CodeOrigin) and self.at.sensitive


@dataclass(frozen=True, slots=True)
class Absent(_NoTruth):
    """Known not to be set (or set to null), and AWS applies no default."""

    at: Origin


@dataclass(frozen=True, slots=True)
class Unknown(_NoTruth):
    """Could not be learned. `detail` names the expression or the API call.

    `one_of` holds the branches of a conditional that could not be decided; a rule on which all agree decides.
    """

    why: Why
    at: Origin
    detail: str
    one_of: tuple["Value[Any]", ...] = ()


Value: TypeAlias = Known[T_co] | Absent | Unknown


@dataclass(frozen=True, slots=True)
class Repeated(Unknown):
    """A hole in a text: `each`, with holes of its own, any number of times. Nothing but a part of a text is one."""

    each: "Value[Any] | None" = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Names another object: known to be set, though its text is known only after apply.

    `address` is the full instance address (`module.logs.aws_s3_bucket.this["a"]`, or `…this[*]` where the
    instance is not known), `attribute` the path behind it (`id`, `arn`).
    """

    address: str
    attribute: str

    def __str__(self) -> str:
        return f"{self.address}.{self.attribute}" if self.attribute else self.address


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes: literal parts, references and unknowns, in order."""

    parts: tuple["str | Reference | Unknown", ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else f"${{{hole_text(part)}}}" for part in self.parts)


def hole_text(part: Reference | Unknown) -> str:
    """Return what a person would read in place of a hole."""
    return str(part) if isinstance(part, Reference) else part.detail


@dataclass(frozen=True, slots=True)
class Record:
    """An object or map. `rest` is set where there may be members whose keys are not known."""

    members: Mapping[str, "Value[Any]"]
    rest: Unknown | None = None

    def get(self, key: str, at: Origin) -> "Value[Any]":
        """Return the member, Absent (at `at`) where it is known to be missing, or the unknown rest."""
        if key in self.members:
            return self.members[key]
        return Absent(at) if self.rest is None else self.rest

    def __hash__(self) -> int:
        """Return a hash of the keys, so that anything may be looked for in a set."""
        return hash(frozenset(self.members))


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple or set. `rest` is set where there may be more members than those listed."""

    items: tuple["Value[Any]", ...]
    rest: Unknown | None = None


Text: TypeAlias = str | Reference | Template
"""A text that is set: literally known, another object's attribute, or partly known."""


@dataclass(frozen=True, slots=True)
class Inventory(Generic[T]):
    """All objects of one kind that were found; `gap` says why there may be more (the open world)."""

    items: tuple[T, ...] = ()
    gap: Unknown | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    if not TYPE_CHECKING:

        def __bool__(self) -> NoReturn:
            raise TypeError("Inventory has no truth value; look at .items and .gap")


@dataclass(frozen=True, slots=True)
class Encoded:
    """The text of `value` in `format`: what `jsonencode` or `yamlencode` yields, before it becomes a text."""

    format: Literal["json", "yaml"]
    value: Value[Any]


@dataclass(frozen=True, slots=True)
class LaidOut(Encoded):
    """The same, in a layout of its own: with blanks, and members in another order."""


Datum: TypeAlias = str | bool | int | float | Reference | Template | Record | Items | Encoded
"""What a configuration, a plan or an answer of AWS may hold at one place: a scalar, a text with holes, or members."""
