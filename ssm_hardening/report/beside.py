"""What a report tells beside findings and remediation."""

from dataclasses import dataclass

from ssm_hardening.judge.comparison import Comparison
from ssm_hardening.model import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The accounts that were read (the live ones are told of), and how code and accounts compare, where both were."""

    accounts: tuple[Account, ...] = ()
    comparison: Comparison | None = None


NOTHING = Beside()
