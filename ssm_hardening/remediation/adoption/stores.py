"""Stores of the account: those whose gaps are to be closed, and those the user named for recordings to come."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, TypeVar

from ssm_hardening.core.logic import certainly, is_yes, known_or
from ssm_hardening.core.values import Items, Known
from ssm_hardening.judge.comparison import Comparison
from ssm_hardening.model import Account, Fact, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.remediation.adoption.buckets import BucketRequest, adopt_bucket
from ssm_hardening.remediation.adoption.objects import (
    Adopted,
    Adoption,
    Declared,
    Doubtful,
    Free,
    LiveSettings,
    NotAdoptableError,
    Theirs,
    further_label,
    imports,
    live_settings_of,
    owner_of,
    texts,
)
from ssm_hardening.remediation.cases import Aspect, Case
from ssm_hardening.remediation.changes import Output, Part, Phase, known_texts, name_of
from ssm_hardening.remediation.documents import PREFIX
from ssm_hardening.remediation.plan import FromExpression, ModuleInput
from ssm_hardening.remediation.remedies import RULE_OF_ASPECT, effect_of
from ssm_hardening.remediation.stores import accepted_retention, fixed_retention
from ssm_hardening.remediation.wiring import label, output
from ssm_hardening.verdicts.standards import Thresholds

Store: TypeAlias = LogBucket | LogGroup
S = TypeVar("S", LogBucket, LogGroup)


@dataclass(slots=True, kw_only=True)
class StoreBuilder:
    """Builds the calls for stores of one account.

    `asks` maps addresses of stores to the findings on them. `unchanged` are addresses of what could not be taken over,
    `stands` the names of those that were, with the output that stands for each.
    """

    account: Account
    comparison: Comparison
    thresholds: Thresholds
    into: bool
    adoption: Adoption
    asks: dict[str, dict[Aspect, Case]] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    stands: dict[str, ModuleInput] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def ask(self, fact: Fact, aspect: Aspect, case: Case) -> None:
        """Note that a finding asks for a change of a store."""
        self.asks.setdefault(fact.address, {})[aspect] = case

    def build(self, preferences: SessionDocument | None) -> None:
        """Take over what findings ask for, and what the user named where a new store would be made."""
        self._named_bucket()
        self._named_group()
        for group in self.account.log_groups.items:
            if group.address in self.asks:
                self._try(group, partial(self._group, group, self._label("log_group", group, preferences)))
        for bucket in self.account.log_buckets.items:
            if bucket.address in self.asks:
                self._try(bucket, partial(self._bucket, bucket, self._label("log_bucket", bucket, preferences)))

    def _try(self, fact: Fact, build: Callable[[], Adopted]) -> bool:
        """Take over a store, or hand every finding on it to a person with the reason."""
        reason = self._obstacle(fact)
        try:
            if reason is None:
                self._keep(build())
                return True
        except NotAdoptableError as error:
            reason = str(error)
        self.unchanged.add(fact.address)
        for aspect, case in self.asks.get(fact.address, {}).items():
            what = f"{fact.address}: {case.message}"
            why = f"not imported: {reason}"
            self.adoption.step(Phase.STORES, what=what, why=why, at=case.at, rules=(RULE_OF_ASPECT[aspect],))
        return False

    def _obstacle(self, fact: Fact) -> str | None:
        match owner_of(fact, self.account, self.comparison):
            case Free():
                return None
            case Theirs(who, where, why):
                return f"{who} manages it ({why}); change it {where}"
            case Declared(pair):
                return f"{pair.declared.address if pair.declared else 'code'} in {pair.root} declares it"
            case Doubtful(question, why):
                self.adoption.questions.append(question)
                return why

    def _keep(self, adopted: Adopted) -> None:
        self.adoption.calls.append(adopted)
        self.labels[adopted.label] = adopted.fact.address
        self.adoption.effects |= set(map(effect_of, adopted.closes))
        bucket = isinstance(adopted.fact, LogBucket)
        name = str(adopted.inputs["bucket_name" if bucket else "name"])
        self.stands[name] = FromExpression(f"module.{adopted.label}.{'bucket_name' if bucket else 'name'}")
        for left in adopted.left:
            what, at = f"{adopted.fact.address}: {left.what}", adopted.fact.origin
            self.adoption.step(Phase.STORES, what=what, why=left.why, at=at, rules=(left.rule,))

    def _label(self, base: str, fact: Store, preferences: SessionDocument | None) -> str:
        """Return the plain label for the store of the preferences, where no other takes it; else one of its own."""
        part = Part.BUCKET if base == "log_bucket" else Part.GROUP
        plain = label(base, into=self.into)
        own = preferences is not None and preferences.address in _users(fact)
        if own and part not in self.adoption.needs and plain not in self.labels:
            return plain
        return further_label(base, name_of(fact), self.labels, into=self.into)

    def _bucket(self, bucket: LogBucket, name: str) -> Adopted:
        asked = frozenset(self.asks.get(bucket.address, ()))
        users = _users(bucket)
        documents = (each for each in self.account.session_documents.items if each.address in users)
        prefixes = tuple(dict.fromkeys(_prefix(each) for each in documents))
        request = BucketRequest(
            label=name, rules=RULE_OF_ASPECT, asked=asked, prefixes=prefixes, thresholds=self.thresholds
        )
        return adopt_bucket(bucket, live_settings_of(self.account, bucket), request)

    def _group(self, group: LogGroup, name: str) -> Adopted:
        asked = self.asks.get(group.address, {})
        key = FromExpression(output(Output.LOGS_KEY, into=self.into)) if Aspect.GROUP_KEY in asked else None
        days = accepted_retention(self.thresholds.retention_days_min) if Aspect.GROUP_RETENTION in asked else None
        adopted = adopt_group(group, live_settings_of(self.account, group), label=name, key=key, days=days)
        if key is not None:
            self.adoption.needs.setdefault(Part.LOGS_KEY, set()).add(RULE_OF_ASPECT[Aspect.GROUP_KEY])
            self.adoption.served.append(group)
        return adopted

    def _named_bucket(self) -> None:
        """Record into the bucket that the user named, where a new one would be made."""
        bucket = next(_unused(self.account.log_buckets.items), None)
        if Part.BUCKET not in self.adoption.needs or bucket is None:
            return
        request = BucketRequest(
            label=label("log_bucket", into=self.into),
            rules=RULE_OF_ASPECT,
            asked=frozenset(Aspect),
            prefixes=(PREFIX,),
            thresholds=self.thresholds,
        )
        self.adoption.needs.pop(Part.BUCKET)
        self.adoption.needs.pop(Part.BUCKET_KEY, None)
        if not self._try(bucket, lambda: adopt_bucket(bucket, live_settings_of(self.account, bucket), request)):
            self._only_named(bucket, {"log_bucket.bucket_name": name_of(bucket), "log_bucket.key_prefix": PREFIX})

    def _named_group(self) -> None:
        group = next(_unused(self.account.log_groups.items), None)
        if Part.GROUP not in self.adoption.needs or group is None:
            return
        has_key = isinstance(group.kms_key, Known)
        key = None if has_key else FromExpression(output(Output.LOGS_KEY, into=self.into))
        name = label("log_group", into=self.into)
        taken = self._try(
            group, lambda: adopt_group(group, live_settings_of(self.account, group), label=name, key=key, days=None)
        )
        if not taken and not has_key:
            # Without a key the agent would refuse every session; a group of ours takes its place.
            self._only_named(group, {})
            return
        self.adoption.needs.pop(Part.GROUP)
        if has_key:
            self.adoption.needs.pop(Part.LOGS_KEY, None)
        else:
            self.adoption.served.append(group)
        if not taken:
            self._only_named(group, {"log_group.name": name_of(group)})

    def _only_named(self, fact: Fact, given: dict[str, ModuleInput]) -> None:
        """Say that a store which the user named is used as it is, or not at all."""
        self.adoption.given |= given
        what = f"check {fact.address}: " + (
            "the preferences name it, and this plan does not change it"
            if given
            else "this plan does not use it, because it has no key"
        )
        why = f"not imported: {self._obstacle(fact) or 'some of its settings would be lost'}"
        self.adoption.step(Phase.STORES, what=what, why=why, at=fact.origin, rules=())


def _unused(stores: Iterable[S]) -> Iterator[S]:
    """Return stores that exist and that no document names: the user did."""
    return (
        each for each in stores if is_yes(exists(each)) and certainly(each.used_by, lambda users: users == Items(()))
    )


def _users(fact: Store) -> frozenset[str]:
    return frozenset(known_texts(fact.used_by))


def _prefix(document: SessionDocument) -> str:
    return str(known_or(document.s3_key_prefix, "")).strip("/")


_GROUP = "aws_cloudwatch_log_group.this"
_KIND = "aws_cloudwatch_log_group"


def adopt_group(
    group: LogGroup, live: LiveSettings, *, label: str, key: ModuleInput = None, days: int | None = None
) -> Adopted:
    """Return the call and the import.

    `key` is the customer key it is to get, `days` the retention where it is to be kept longer; None leaves either as it
    is. Raises NotAdoptableError where something of the group would be lost.
    """
    live.demand_read()
    if not isinstance(group.name, Known) or not live.has(_KIND):
        raise NotAdoptableError("the log group was not found in the account")
    obstacle = None if days is None else fixed_retention(group)
    if obstacle is not None:
        raise NotAdoptableError(f"{obstacle[1]}: {obstacle[0]}")
    now = live.data(_KIND, "retentionInDays")
    kept = now if isinstance(now, int) else 0
    inputs: dict[str, ModuleInput] = {
        "name": str(group.name.value),
        "kms_key_arn": live.data(_KIND, "kmsKeyId") if key is None else key,
        "retention_in_days": kept if days is None or kept == 0 else max(kept, days),
    }
    tags = texts(live.data(_KIND, "tags"))
    if tags:
        inputs["tags"] = tags
    asked = ((Aspect.GROUP_KEY, key is not None), (Aspect.GROUP_RETENTION, days is not None))
    return Adopted(
        fact=group,
        label=label,
        module="log-group",
        resource=_GROUP,
        inputs=inputs,
        imports=imports(label, {_KIND: _GROUP}, live),
        closes=tuple(RULE_OF_ASPECT[aspect] for aspect, is_asked in asked if is_asked),
        phase=Phase.STORES,
        note="Imports the log group as it is. Its retention is never shortened.",
    )
