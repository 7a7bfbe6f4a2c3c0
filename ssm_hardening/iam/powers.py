"""Powers: what a person or a node can do with permissions, as dated data.

Each entry of `data/powers.json` says in plain words what one can do, and which actions that takes, each on what. What
raises whoever has it is in the order of its strength: what changes IAM itself, then what runs something with a role
that the caller passes, then what uses something that has a role already. The data is read when it is first asked for.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from ssm_hardening.core.values import Reference, Text, Value
from ssm_hardening.iam.requests import own_arn
from ssm_hardening.iam.texts import HOLE, NAME, flat, glob, resource_type

_DATA = Path(__file__).parent / "data" / "powers.json"

ANYTHING = "anything"
"""What actions without a resource of their own are asked on: `*`."""


class Use(StrEnum):
    """What powers serve. The words are those of the data."""

    ESCALATION = "escalation"
    ROLES = "roles"
    SESSIONS = "sessions"
    TAGS = "tags"
    COMMANDS = "commands"
    DOCUMENTS = "documents"
    SHELLS = "shells"
    PREFERENCES = "preferences"
    CHANNELS = "channels"
    READ_PARAMETERS = "read-parameters"
    READ_RECORDINGS = "read-recordings"
    ERASE_RECORDINGS = "erase-recordings"
    CHANGE_KEYS = "change-keys"


class Holder(StrEnum):
    """Who gains by a power."""

    PEOPLE = "people"
    NODES = "nodes"


@dataclass(frozen=True, slots=True)
class Need:
    """An action that a power takes: on what kind of object, and to which service a role is passed with it."""

    action: str
    on: str
    passed_to: str = ""


@dataclass(frozen=True, slots=True)
class Power:
    """Something that one can do who may take all of these actions.

    `title` completes "its policies let it …". `raises` says who gains by it. `sources` are where it is described, as
    they were on the day `read_on` (YYYY-MM-DD).
    """

    id: str
    use: Use
    title: str
    needs: tuple[Need, ...]
    raises: frozenset[Holder]
    sources: tuple[str, ...]
    read_on: str

    @property
    def source(self) -> str:
        """The sources in one line."""
        return ", ".join(self.sources)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions, each once."""
        return tuple(dict.fromkeys(need.action for need in self.needs))


@dataclass(frozen=True, slots=True)
class _Object:
    service: str
    regional: bool
    owned: bool
    tail: str


def powers_of(*uses: Use, raises: Holder | None = None) -> tuple[Power, ...]:
    """Return the powers of these uses, in the order of the table; only those that `raises` gains by, if it is given."""
    found = (power for use in uses for power in _by_use()[use])
    return tuple(power for power in found if raises is None or raises in power.raises)


def all_powers() -> tuple[Power, ...]:
    """Return the whole table."""
    return powers_of(*Use)


def actions_of_use(*uses: Use) -> tuple[str, ...]:
    """Return the actions that powers of these uses take, each once."""
    return tuple(dict.fromkeys(action for power in powers_of(*uses) for action in power.actions))


def least(powers: Iterable[Power]) -> tuple[Power, ...]:
    """Return the powers that no other one of these is a part of: whoever has more than one part has that part."""
    found = tuple(powers)
    return tuple(each for each in found if not any(set(other.needs) < set(each.needs) for other in found))


@cache
def session_actions() -> tuple[str, ...]:
    """Return the actions by which sessions are started, steered, or replaced.

    Whoever may take one of these on nodes concerns Session Manager, whatever else a policy is for. Actions of Parameter
    Store, Inventory, and Patch Manager are none of them, nor are those that only read.
    """
    uses = (each for each in Use if each not in {Use.READ_PARAMETERS, Use.TAGS})
    return tuple(each for each in actions_of_use(*uses) if each.startswith(_OF_SESSIONS))


_OF_SESSIONS = ("ssm:", "ssmmessages:", "ssm-guiconnect:")


def scripts() -> tuple[str, ...]:
    """Return the names of AWS's command documents that run what the caller chose, as root."""
    return tuple(_data()["scripts"])


def meaning_of(use: Use) -> str:
    """Return what the powers of a use are for, in words, as a heading."""
    return str(_data()["uses"][use])


def named_sources() -> dict[str, str]:
    """Return the lists that entries name by one word, each with the state of it that was read."""
    return dict(_data()["sources"])


def takes_over(action: str) -> bool:
    """Say whether an action gives the caller the credentials of the user or role that it is taken on."""
    return action in _data()["takes"]


def arbitrary(on: str, account: Value[Text], region: Value[Text], tail: Text | None = None) -> Text:
    """Return the ARN of an object of this kind that nobody named; `tail` is its end where another one is meant."""
    if on == ANYTHING:
        return "*"
    kind = _objects()[on]
    ends: Text = kind.tail if tail is None else tail
    return own_arn(kind.service, ends, account, region, regional=kind.regional, owned=kind.owned)


def fits(on: str, text: Text) -> bool:
    """Say whether a text of a policy may name objects of this kind: its ARN is of their service and type, or open."""
    kind = _objects()[on]
    if isinstance(text, Reference):
        own = f"aws_iam_{on.replace('-', '_')}" if kind.service == "iam" else f"aws_{kind.service}"
        return resource_type(text).startswith(_TYPES.get(kind.service, (own,)))
    parts = flat(text).replace(HOLE, "*").replace(NAME, "*").split(":", 5)
    if len(parts) < _FIELDS:
        return parts[0].endswith("*")
    of_type, named = (re.split(r"[/:]", tail)[0] for tail in (kind.tail, parts[-1]))
    return glob(parts[2], kind.service) and (of_type.startswith("any-") or glob(named, of_type))


_FIELDS = 6
_TYPES = {
    "ec2": ("aws_instance", "aws_launch_template", "aws_spot", "aws_ec2"),
    "states": ("aws_sfn",),
    "elasticmapreduce": ("aws_emr",),
    "emr-serverless": ("aws_emrserverless",),
    "sso": ("aws_ssoadmin",),
}
"""How the names of Terraform's resource types begin, where they do not begin with the service's."""


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return found


@cache
def _by_use() -> dict[Use, tuple[Power, ...]]:
    found: dict[Use, list[Power]] = {use: [] for use in Use}
    for entry in _data()["powers"]:
        power = _power(entry)
        found[power.use].append(power)
    return {use: tuple(powers) for use, powers in found.items()}


def _power(entry: dict[str, Any]) -> Power:
    return Power(
        id=entry["id"],
        use=Use(entry["use"]),
        title=entry["title"],
        needs=tuple(map(_need, entry["needs"])),
        raises=frozenset(map(Holder, entry["raises"])),
        sources=tuple(entry["sources"]),
        read_on=entry["read_on"],
    )


def _need(text: str) -> Need:
    """Read `iam:PassRole on role to lambda.amazonaws.com`."""
    action, _, rest = text.partition(" on ")
    on, _, service = rest.partition(" to ")
    return Need(action, on, service)


@cache
def _objects() -> dict[str, _Object]:
    return {on: _object(text) for on, text in _data()["objects"].items()}


def _object(text: str) -> _Object:
    """Read `ec2:region:account:instance/i-…`; Region and account are empty where no such ARN holds them."""
    service, region, account, tail = text.split(":", 3)
    return _Object(service, bool(region), bool(account), tail)
