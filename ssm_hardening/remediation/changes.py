"""What a remedy asks for: modules, changes of code, and steps for a person. Values only; no file is looked at here."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, TypeAlias

from ssm_hardening.core.logic import known_or, literal
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Items, Value
from ssm_hardening.model import PREFERENCES_NAME, Fact, Key, LogGroup


class Phase(IntEnum):
    """The order in which changes are applied: what adds comes before what relies on it, what takes away comes last."""

    KEYS = 1
    STORES = 2
    RIGHTS = 3
    ENDPOINTS = 4
    AGENT = 5
    RUN_AS = 6
    PREFERENCES = 7
    CANARY = 8
    RESTRICTIONS = 9
    DENIES = 10


class Part(StrEnum):
    """The modules of ours, and for the keys module its keys."""

    SESSION_KEY = "session"
    BUCKET_KEY = "bucket"
    LOGS_KEY = "logs"
    BUCKET = "log-bucket"
    GROUP = "log-group"
    PREFERENCES = "session-preferences"


class Output(StrEnum):
    """What a module of ours hands on to the user's code; the value is the output's name."""

    BUCKET_NAME = "bucket_name"
    KEY_PREFIX = "key_prefix"
    GROUP_NAME = "name"
    SESSION_KEY = "session_key_arn"
    LOGS_KEY = "log_group_key_arn"


class FromOwner(StrEnum):
    """What only the user knows."""

    RUN_AS_USER = "run_as_default_user"


@dataclass(frozen=True, slots=True)
class Plain:
    """A literal."""

    value: str | bool | int


New: TypeAlias = Plain | Output | FromOwner


@dataclass(frozen=True, slots=True)
class NeedPart:
    """Ask for a module of ours."""

    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class SetContent:
    """Set a key in the content of a session document. `read_at` is where the present value was read.

    `relies_on` names objects that must have been changed first: where one of them cannot be, neither can this.
    """

    fact: Fact
    path: tuple[str, ...]
    value: New
    read_at: Origin | None = None
    relies_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetArgument:
    """Set an argument of the fact's own block, or of a nested block (`("lifecycle", "prevent_destroy")`)."""

    fact: Fact
    path: tuple[str, ...]
    value: New
    phase: Phase
    read_at: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveArgument:
    """Take an argument out of the fact's own block."""

    fact: Fact
    name: str
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceValue:
    """Write another literal where a value was read, in whatever block that is.

    `names` are the arguments it may be; `values` are tried in order for a literal of the same type.
    """

    fact: Fact
    at: Origin
    names: tuple[str, ...]
    values: tuple[str | bool | int, ...]
    phase: Phase = Phase.STORES


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBeside:
    """Set an argument in the block of this type that encloses `at`."""

    fact: Fact
    at: Origin
    block: str
    name: str
    value: bool
    phase: Phase = Phase.STORES


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Write a companion resource behind the bucket's block; `kind` names one of `code_texts.KINDS`."""

    fact: Fact
    kind: str
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeStatement:
    """Add the statements that deny plain transport to the policy that has a statement at `at`."""

    fact: Fact
    at: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowLogs:
    """Add a statement to the key's policy that lets CloudWatch Logs use the key for these log groups."""

    fact: Key
    groups: tuple[LogGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A step for a person; `lines` are code to write, where it is known to the letter."""

    what: str
    why: str
    at: Origin
    phase: Phase
    lines: str = ""


Edited: TypeAlias = (
    SetContent | SetArgument | RemoveArgument | ReplaceValue | SetBeside | Append | MergeStatement | AllowLogs
)
Change: TypeAlias = NeedPart | Edited | ByHand


def phase_of(change: Edited) -> Phase:
    """Return when a change of code is due."""
    match change:
        case SetContent():
            return Phase.PREFERENCES
        case Append() | MergeStatement():
            return Phase.STORES
        case AllowLogs():
            return Phase.KEYS
        case SetArgument() | RemoveArgument() | ReplaceValue() | SetBeside():
            return change.phase


def relies_on(change: Change) -> tuple[str, ...]:
    """Return the addresses of what must have been changed first."""
    return change.relies_on if isinstance(change, SetContent) else ()


def known_text(value: Value[Any]) -> str | None:
    """Return a text that is known letter by letter; None for an empty one, a reference, or what is not known."""
    return literal(value) or None


def known_texts(value: Value[Items]) -> Iterator[str]:
    """Yield the members of a list that are known letter by letter."""
    return filter(None, map(known_text, known_or(value, Items(())).items))


def is_preferences(document: Fact) -> bool:
    """Say whether the name is written out as that of the preferences."""
    return known_text(document.name) == PREFERENCES_NAME


def name_of(fact: Fact) -> str:
    """Return the name as a person would read it; the address where it is not known."""
    return str(known_or(fact.name, fact.address))


_OUTPUTS: Mapping[Output, str] = {
    Output.BUCKET_NAME: "the name of a log bucket",
    Output.KEY_PREFIX: "a key prefix for recordings",
    Output.GROUP_NAME: "the name of a log group with a customer managed key",
    Output.SESSION_KEY: "the ARN of a customer managed key",
    Output.LOGS_KEY: "the ARN of a customer managed key",
}


def set_to(change: SetContent) -> str:
    """Return a change of content in words, for somebody who makes it elsewhere: no module is named."""
    return f"set {'.'.join(change.path)} to {_in_words(change.value)}"


def _in_words(value: New) -> str:
    match value:
        case Output():
            return _OUTPUTS[value]
        case FromOwner():
            return "the name of an unprivileged OS user"
        case Plain(plain):
            return json.dumps(plain)
