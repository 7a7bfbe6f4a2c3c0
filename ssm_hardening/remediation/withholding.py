"""Switches that make documents refuse sessions: which there are, and what is left of a remedy without one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ssm_hardening.core.origins import Origin
from ssm_hardening.remediation.changes import Phase, SetContent
from ssm_hardening.remediation.plan import Held, ManualStep

C = TypeVar("C")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A key of a document's `inputs` that makes sessions fail closed, on nodes that lack the rights on its object.

    `store` is the key that names the object, `argument` the switch of module `session-preferences`, `needs` the inputs
    of module `instance-role` that carry the rights.
    """

    key: str
    store: str
    argument: str
    needs: tuple[str, ...]


S3 = Switch(
    key="s3EncryptionEnabled", store="s3BucketName", argument="s3_encryption_enabled",
    needs=("s3_bucket_arn", "bucket_kms_key_arn"),
)  # fmt: skip
LOGS = Switch(
    key="cloudWatchEncryptionEnabled", store="cloudWatchLogGroupName", argument="cloudwatch_encryption_enabled",
    needs=("log_group_arn",),
)  # fmt: skip
CHANNEL = Switch(
    key="kmsKeyId", store="kmsKeyId", argument="kms_key_arn", needs=("session_kms_key_arn",)
)  # fmt: skip
SWITCHES = (S3, LOGS, CHANNEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A key that is not written into a document, because some nodes would open no session from then on.

    `document` is its address in `root`, `who` names the nodes' roles, `why` says what they lack, `rule` is what fails
    while the switch is off.
    """

    root: str
    document: str
    key: str
    switch: Switch
    rule: str
    at: Origin
    who: str
    why: str

    def held(self) -> Held:
        """Return what a plan says of it."""
        return Held(rule=self.rule, subject=self.document)

    def step(self, rules: Sequence[str]) -> ManualStep:
        """Return the step for a person, who can see to the rights first."""
        what = (
            f"{self.document}: set {self.key} after {self.who} may use what it names ({_RIGHTS[self.switch.key]}); "
            f"{self.why}"
        )
        why = "with this setting, the agent refuses every session on nodes whose role lacks these permissions"
        return ManualStep(what=what, why=why, at=str(self.at), closes=tuple(rules))


_RIGHTS = {
    S3.key: (
        "s3:PutObject under the prefix and s3:GetEncryptionConfiguration on the bucket, kms:GenerateDataKey and "
        "kms:Decrypt on its key"
    ),
    LOGS.key: (
        "logs:CreateLogStream, logs:PutLogEvents, and logs:DescribeLogStreams on the log group, logs:DescribeLogGroups "
        "on *"
    ),
    CHANNEL.key: "kms:Decrypt on the key",
}


Withholding = Mapping[tuple[str, str, str], Withheld]
"""What is withheld, by root, document and key."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a plan that was looked at may not write, and the roles (by root and address) that calls of ours help."""

    withheld: Withholding = field(default_factory=dict)
    helped: frozenset[tuple[str, str]] = frozenset()

    def and_then(self, withheld: Iterable[Withheld], helped: Iterable[tuple[str, str]]) -> "Waiting":
        """Return what the next plan is to heed: more rights first, and only then less that asks for them."""
        more = self.helped | set(helped)
        if more != self.helped:
            return Waiting(self.withheld, more)
        return Waiting({**self.withheld, **{(each.root, each.document, each.key): each for each in withheld}}, more)


def withhold(
    changes: Sequence[C], root: str, rule: str, withheld: Withholding
) -> tuple[tuple[C, ...], tuple[tuple[Phase, ManualStep], ...]]:
    """Return what is left of a remedy, and the steps for what is not: all of it where it comes to nothing else.

    A store is not named either where the document would refuse sessions for it at once.
    """
    out = [(each, found) for each in changes if (found := _of(each, root, withheld)) is not None]
    if not out:
        return tuple(changes), ()
    rest = tuple(each for each in changes if all(each is not one for one, _ in out))
    empty = not any(isinstance(each, SetContent) for each in rest)
    if empty or any(found.key != found.switch.key for _, found in out):
        return (), _steps((found for _, found in out), rule)
    return rest, tuple((Phase.PREFERENCES, found.step((found.rule,))) for _, found in out)


def _of(change: object, root: str, withheld: Withholding) -> Withheld | None:
    return withheld.get((root, change.fact.address, change.path[-1])) if isinstance(change, SetContent) else None


def _steps(found: Iterable[Withheld], rule: str) -> tuple[tuple[Phase, ManualStep], ...]:
    return tuple((Phase.PREFERENCES, each.step((rule,))) for each in found)
