"""Which account and Region to read, and with whose credentials."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One account and Region. Plain values only: it travels to other processes and machines.

    `profile` is AWS's; `role_arn` is assumed from there, with `external_id` where the role asks for one, by the STS of
    `home` (the target's own Region where None). Targets of one `run` share what a session costs, a role's
    credentials among it. `account` is the id where it is known beforehand, for reports on accounts that cannot be
    reached.
    """

    region: str
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    account: str | None = None
    home: str | None = None
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to read beside what the documents name: stores that the user means to record into."""

    log_buckets: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
