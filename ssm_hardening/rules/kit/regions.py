"""Stores and keys that the sessions of a document cannot use: of another Region, or not encrypted as it asks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ssm_hardening.core.logic import Answer, ask, every, flag, literal, negated, setting, text_of, unanswered
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.model import Account, Key, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.joins import Elsewhere, Found, Uncertain, join, place_in_arn
from ssm_hardening.model.placeholders import fixed_setting
from ssm_hardening.rules.kit.checks import Check, Problem, is_set, shown, when
from ssm_hardening.rules.registry import Context

F = TypeVar("F", LogGroup, Key)


@dataclass(frozen=True, slots=True)
class InAnotherRegion:
    """What a name means is in another Region: `told` says in which; `at` is where it is declared, where it is."""

    told: str
    own: str
    at: Origin | None = None

    def unusable(self, whose: str = "sessions") -> str:
        """Return what follows for those that name it."""
        return f"{self.told}, and {whose} in {self.own} cannot use it"


def another_region(
    name: Known[Text], of: Callable[[Account], Inventory[F]], context: Context, what: str
) -> InAnotherRegion | Unknown | None:
    """Say whether a name means a `what` of another Region; None where it does not, as far as is known.

    An ARN names its Region; a reference means what the code declares, in whichever Region that is.
    """
    own = literal(context.account.region)
    named, _ = place_in_arn(name.value)
    if named and own is None:
        detail = (
            f"whether the {what} {shown(name.value)} is in the Region of the document: its provider names no Region"
        )
        return Unknown(Why.OUT_OF_SCOPE, name.at, detail)
    if named:
        return InAnotherRegion(_told(name.value, what, named), str(own)) if named != own else None
    if isinstance(name.value, str) or isinstance(join(name, of(context.account)), Found):
        return None
    for other in context.beside:
        found = join(name, of(other))
        if isinstance(found, Found):
            return _declared(found.fact, other, name, own, what)
    return None


def out_of_reach(document: SessionDocument, context: Context) -> Iterator[Check]:
    """Yield what a document names of another Region, or why that is unknown."""
    group, key = setting(document.cloudwatch_log_group), setting(document.kms_key)
    if isinstance(group, Known):
        found = another_region(group, lambda account: account.log_groups, context, "log group")
        yield from _problems(found, group, "Log group is in another Region")
    if isinstance(key, Known):
        found = another_region(key, lambda account: account.keys, context, "key")
        yield from _problems(found, key, "Session key is in another Region")


def _problems(there: InAnotherRegion | Unknown | None, name: Known[Text], headline: str) -> Iterator[Check]:
    if isinstance(there, Unknown):
        yield there
    elif there is not None:
        yield Problem(name.at, there.unusable(), headline=headline)


def _declared(
    fact: LogGroup | Key, other: Account, name: Known[Text], own: str | None, what: str
) -> InAnotherRegion | Unknown | None:
    there = literal(other.region)
    if there is None or own is None:
        detail = f"whether {fact.address} is in the Region of the document"
        return Unknown(Why.OUT_OF_SCOPE, name.at, f"{detail}: not every provider configuration names its Region")
    return None if there == own else InAnotherRegion(_told(name.value, what, there), own, fact.origin)


def _told(name: Text, what: str, there: str) -> str:
    return f"the {what} {shown(name)} is in {there}"


def bucket_refuses(name: Value[Text], account: Account) -> Answer:
    """Say whether the agent takes the bucket for unencrypted."""
    return _refuses(
        name,
        account.log_buckets,
        lambda bucket: ask(text_of(bucket.encryption), lambda kind: kind == _DSSE, absent=False),
    )


def group_refuses(name: Value[Text], account: Account) -> Answer:
    """Say whether the agent takes the log group for unencrypted: it has no key."""
    return _refuses(name, account.log_groups, lambda group: negated(is_set(setting(group.kms_key))))


_DSSE = "aws:kms:dsse"
S = TypeVar("S", LogBucket, LogGroup)


def _refuses(name: Value[Text], inventory: Inventory[S], refuses: Callable[[S], Answer]) -> Answer:
    """Ask about the store that is named; of one that is declared elsewhere nothing is known here, and nothing said."""
    match Elsewhere("") if isinstance(name, Absent) else join(name, inventory):
        case Found(store):
            return refuses(store)
        case Uncertain(gap):
            return unanswered(gap)
        case Elsewhere():
            return Known(False, name.at) if inventory.gap is None else unanswered(inventory.gap)


def refusals(document: SessionDocument, account: Account) -> Iterator[Check]:
    """Look for a store that the agent takes for unencrypted beside the switch that asks for encryption."""
    group, bucket = fixed_setting(document.cloudwatch_log_group), fixed_setting(document.s3_bucket)
    for key, switch, refuses, what in (
        ("cloudWatchEncryptionEnabled", document.cloudwatch_encryption_enabled, group_refuses(group, account),
         "the log group has no KMS key"),
        ("s3EncryptionEnabled", document.s3_encryption_enabled, bucket_refuses(bucket, account),
         "the agent treats the bucket as unencrypted"),
    ):  # fmt: skip
        asked = flag(switch, absent=False)
        yield from when(every((asked, refuses), refuses.at), f"{key} is on, but {what}, so sessions are refused")
