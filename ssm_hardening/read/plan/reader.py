"""Reads plans and states: files of JSON in, accounts out; a plan is a `Root` that facts are read from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.redaction import sensitive_in
from ssm_hardening.core.values import Absent, Datum, Inventory, Known, Unknown, Value, Why
from ssm_hardening.model import Account, Gap
from ssm_hardening.read.facts.accounts import accounts_of
from ssm_hardening.read.facts.relevance import concern_sessions
from ssm_hardening.read.graph import SIGN, Config, Reading, Resource, keyless
from ssm_hardening.read.paths import again, display
from ssm_hardening.read.plan.config import PlanConfig
from ssm_hardening.read.plan.loading import STANDARD_INPUT, Plan, PlannedObject, as_object, load, plan_of
from ssm_hardening.read.plan.marks import Marked, sensitive_texts
from ssm_hardening.read.plan.meaning import Meaning, origin
from ssm_hardening.read.plan.providers import ProviderConfigurations, region_in_arn
from ssm_hardening.read.plan.references import References

_HIDDEN = {
    "aws_iam_group_policy": ("policy",),
    "aws_iam_policy": ("policy",),
    "aws_iam_role": ("assume_role_policy",),
    "aws_iam_role_policy": ("policy",),
    "aws_iam_user_policy": ("policy",),
    "aws_kms_key": ("policy",),
    "aws_kms_key_policy": ("policy",),
    "aws_organizations_policy": ("content",),
    "aws_s3_bucket_policy": ("policy",),
    "aws_ssm_document": ("content",),
    "aws_vpc_endpoint": ("policy",),
}
_SHOWN = 2
_AGENT = "ssm:UpdateInstanceInformation"


class PlanRoot:
    """One plan or state. Everything is read on demand."""

    def __init__(self, plan: Plan, sensitive: frozenset[str] = frozenset()) -> None:
        self.path = plan.file
        self._sensitive = sensitive
        self._plan = plan
        self._at = CodeOrigin(plan.file, 0)
        self._references = References(plan)
        self._providers = ProviderConfigurations(plan, self._references)
        self._meaning = Meaning(plan, self._references, self._config)
        self._made: dict[str, Resource] = {}
        self._by_type: dict[str, list[PlannedObject]] = {}
        for each in plan.instances.values():
            if each.mode == "managed":
                self._by_type.setdefault(each.type, []).append(each)

    @property
    def sensitive(self) -> frozenset[str]:
        """The texts that no output may show."""
        return self._sensitive

    @classmethod
    def opened(cls, file: Path) -> Self:
        """Return the plan or state in a file. Raises UsageError where it is neither."""
        data = load(file)
        plan = plan_of(data, "stdin" if file == STANDARD_INPUT else display(file))
        return cls(plan, sensitive_texts(data, plan))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Why there may be more than the plan shows, and what leaves Terraform's hands."""
        unfinished = self._unfinished()
        found = () if unfinished is None else (Gap("file", unfinished.why, unfinished.detail, self._at),)
        return (*found, *self.left)

    @property
    def left(self) -> tuple[Gap, ...]:
        """What leaves Terraform's hands, and stays in the account."""
        detail = "the plan removes it from the state only: it stays in the account, but the code no longer manages it"
        return tuple(Gap("block", Why.OUT_OF_SCOPE, detail, self._at, (each,)) for each in self._plan.forgotten)

    def _unfinished(self) -> Unknown | None:
        return Unknown(Why.UNAVAILABLE, self._at, self._plan.unfinished) if self._plan.unfinished else None

    def resources(self, *types: str) -> Inventory[Resource]:
        """Return every managed resource instance of these types; one that the plan deletes does not exist."""
        found = (self._resource(each) for type_ in dict.fromkeys(types) for each in self._by_type.get(type_, ()))
        return Inventory(tuple(found), self._unfinished())

    def _resource(self, instance: PlannedObject) -> Resource:
        if instance.address not in self._made:
            at = origin(self._plan, instance)
            self._made[instance.address] = Resource(
                address=instance.address,
                declaration=keyless(instance.address),
                mode=instance.mode,
                type=instance.type,
                name=instance.name,
                module_path=instance.module,
                at=at,
                exists=Known(instance.exists, at),
                config=self._config(instance),
                provider=self._providers.of(instance),
                prevent_destroy=Unknown(Why.OUT_OF_SCOPE, at, "a plan does not contain lifecycle settings"),
            )
        return self._made[instance.address]

    def _config(self, instance: PlannedObject) -> Config:
        block = self._references.block(instance.module, instance.address)
        expressions = None if block is None else block.get("expressions", {})
        return PlanConfig(
            body=Marked(dict(self._values(instance)), instance.unknown, instance.sensitive, instance.address),
            written=expressions if isinstance(expressions, dict) else None,
            shared=None,
            instance=instance,
            meaning=self._meaning,
            at=origin(self._plan, instance),
        )

    def _values(self, instance: PlannedObject) -> Mapping[str, Any]:
        """Return the values; a state has no providers, so there the ARN tells an object's Region."""
        if not self._plan.is_state:
            return instance.values
        return {**instance.values, "region": region_in_arn(instance) or instance.values.get("region")}

    def provider_argument(self, provider: str, name: str) -> Value[Datum]:
        """Return an argument of a provider configuration; Absent where the plan does not tell it."""
        found = self._providers.argument(provider, name, self._at)
        if not self._plan.is_state or name != "region" or not isinstance(found, Absent):
            return found
        regions = {region_in_arn(each) for each in self._plan.instances.values()} - {""}
        return Known(regions.pop(), self._at) if len(regions) == 1 else found

    def providers(self) -> tuple[str, ...]:
        """Return the provider configurations of the resources seen, sorted; `aws` where there are none."""
        return tuple(sorted({each.provider for each in self._made.values()})) or ("aws",)

    def literals(self) -> Mapping[str, tuple[CodeOrigin, ...]]:
        """Return the signs of Session Manager in the types and values of the objects, and the objects.

        What is configured without becoming an object (`count = 0`) counts too, as far as the configuration is literal.
        """
        found: dict[str, list[CodeOrigin]] = {}
        for instance in self._plan.instances.values():
            texts = _texts(instance.values) if instance.exists else ()
            for word in dict.fromkeys(_words((instance.type, *texts))):
                found.setdefault(word, []).append(origin(self._plan, instance))
        made = {keyless(address) for address in self._plan.instances}
        for address, block in self._references.blocks():
            if address not in made:
                for word in dict.fromkeys(_words((str(block.get("type")), *_texts(block.get("expressions"))))):
                    found.setdefault(word, []).append(CodeOrigin(f"{self._plan.file}: {address}", 0))
        return {word: tuple(origins) for word, origins in sorted(found.items())}

    def hidden(self) -> tuple[str, ...]:
        """Return the policies and contents that are known after apply only, as a whole: their code shows the rest."""
        found = ((each, name) for each in self._plan.instances.values() for name in _HIDDEN.get(each.type, ()))
        return tuple(f"{each.address}.{name}" for each, name in found if self._is_hidden(each, name))

    def _is_hidden(self, instance: PlannedObject, name: str) -> bool:
        block = as_object(self._references.block(instance.module, instance.address))
        if not instance.exists or name not in as_object(block.get("expressions")):
            return False
        if not isinstance(instance.unknown, Mapping) or instance.unknown.get(name) is not True:
            return False
        return name == "content" or isinstance(self._resource(instance).config.get(name), Unknown)


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for match in SIGN.finditer(text):
            if match[0] != "ssmmessages" or not text.startswith(":", match.end()) or _AGENT in text:
                yield match[0]


def _texts(values: object) -> Iterator[str]:
    waiting = [values]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as members:
                waiting += members.values()
            case list() as items:
                waiting += items
            case _:
                pass


SOURCE = "plan"
"""The source of an account that was read from a plan."""


def _advice(root: PlanRoot) -> Iterator[str]:
    """Say how to have read what the plan does not show of policies and documents."""
    hidden = root.hidden()
    if hidden:
        shown = ", ".join(hidden[:_SHOWN]) + (f", and {len(hidden) - _SHOWN} more" if len(hidden) > _SHOWN else "")
        yield (
            f"{root.path} does not contain {shown}: known only after apply. "
            "Most of it can be read in the code: pass its folder as well "
            f"(ssm-harden plan PATH --plan-json {again(root.path)})"
        )


def read_plans(files: Sequence[Path]) -> Reading:
    """Read what `terraform show -json` printed of plans or states.

    Raises UsageError for a file that is neither. A plan shows values, not text: nothing in it can be edited or waived.
    """
    return reading_of([PlanRoot.opened(each) for each in dict.fromkeys(files)])


def reading_of(roots: Sequence[PlanRoot], *, is_alone: bool = True) -> Reading:
    """Return what plans or states say that were opened; where no code is read beside them, advise to read it."""
    accounts: list[Account] = []
    notes: list[str] = []
    texts: frozenset[str] = frozenset()
    for root in roots:
        texts |= root.sensitive
        found = accounts_of(root, whole=root)
        if root.literals() or root.gaps or concern_sessions(root, found):
            accounts += (replace(account, source=SOURCE) for account in found)
            notes += _advice(root) if is_alone else ()
        else:
            notes.append(f"nothing about Session Manager was found in {root.path}")
    sensitive = sensitive_in(accounts, texts)
    return Reading(accounts=tuple(accounts), notes=tuple(notes), parsed=len(roots), sensitive=sensitive)
