"""What the simulated account does wrong on purpose: refusals, throttling, hangs, broken answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class FaultKind(StrEnum):
    """The ways in which a call goes wrong."""

    DENIED = "denied"
    THROTTLED = "throttled"
    REGION_DISABLED = "region_disabled"
    ERROR = "error"
    """`code` and `status` say which."""
    HANG = "hang"
    """No answer for `seconds`; then the true one."""
    MALFORMED = "malformed"
    """An answer with a body that is not of the protocol."""
    TRUNCATED = "truncated"
    """The true answer, cut off in the middle: the connection ends before the length that was promised."""


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """One request as it arrived.

    `service` is boto3's name ("ssm", "s3", "s3control", "logs", …), `operation` AWS's ("DescribeSessions"), `region`
    the one that the request was signed for.
    """

    service: str
    operation: str
    account: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Which calls go wrong, and how. An empty field matches everything.

    `times`: only the first so many matching calls go wrong; 0 means all. `code`, `status` and `message` replace what
    AWS says in that case; `seconds` is for `Kind.HANG`.
    """

    kind: FaultKind = FaultKind.DENIED
    service: str = ""
    operation: str = ""
    account: str = ""
    region: str = ""
    times: int = 0
    code: str = ""
    status: int = 0
    message: str = ""
    seconds: float = 30.0

    def matches(self, call: ReceivedCall) -> bool:
        """Say whether this fault is meant for the call."""
        return all(
            wanted in {"", found}
            for wanted, found in (
                (self.service, call.service),
                (self.operation, call.operation),
                (self.account, call.account),
                (self.region, call.region),
            )
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fault as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; raises TypeError or ValueError for anything else."""
        return cls(**{**data, "kind": FaultKind(data.get("kind", FaultKind.DENIED))})
