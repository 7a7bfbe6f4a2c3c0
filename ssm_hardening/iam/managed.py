"""AWS-managed policies as they were when the tool was made, for sources that only name them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Items, Known, Record, Value
from ssm_hardening.iam.parsing import statements_of
from ssm_hardening.iam.statements import Statement

_DATA = Path(__file__).resolve().parent / "data" / "aws_managed_policies.json"
_OWNER = ":iam::aws:"


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy of AWS's: its version (`v2`), the day of that version (ISO), and what it says.

    The origin of the statements tells that they were not read from the account.
    """

    arn: str
    version: str
    updated: str
    statements: Inventory[Statement]


@cache
def managed_policy(arn: str) -> ManagedPolicy | None:
    """Return the policy of this ARN, in any partition; None where the tool does not carry it."""
    _, found, name = arn.partition(_OWNER)
    known = _policies().get(name) if found else None
    if known is None:
        return None
    version, updated = str(known["version"]), str(known["updated"])
    at = ApiOrigin(arn, f"{version} of {updated}, as it ships with ssm-harden")
    return ManagedPolicy(arn, version, updated, statements_of(_lifted(known["document"], at), at))


@cache
def _policies() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return found


def _lifted(data: object, at: ApiOrigin) -> Value[Any]:
    match data:
        case dict():
            return Known(Record({str(key): _lifted(each, at) for key, each in data.items()}), at)
        case list():
            return Known(Items(tuple(_lifted(each, at) for each in data)), at)
        case _:
            return Known(data, at)
