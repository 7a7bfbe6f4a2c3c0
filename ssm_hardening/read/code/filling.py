"""Code beside its own plan: what the code does not decide, the plan tells; where both know, they have to agree."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ssm_hardening.core.logic import certainly, known_or
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Encoded,
    Inventory,
    Items,
    Known,
    Record,
    Reference,
    Template,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.config import BlockConfig
from ssm_hardening.read.code.expansion import BlockInstance, Expansion, plain_key
from ssm_hardening.read.code.unread import has_unknown
from ssm_hardening.read.graph import Config, Resource, ToldByPlan
from ssm_hardening.text.writing import as_text

_LAST_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+|\*)\]$')

Objection = Callable[[str, object], None]
"""Hears of an argument of which the code and the plan say different things, and what the code says."""

_REWRITTEN = frozenset({"protocol", "ip_protocol", "user_data", "user_data_base64", "public_key"})
"""Arguments that the provider writes in another form into its plan."""

_PLACES = frozenset({"aws_caller_identity", "aws_region"})
"""Data sources about a provider's account and Region: code that does not know them calls them by one name."""


def filled(code: Value[Datum], told: Value[Datum]) -> Value[Datum]:
    """Return a value of the code, with what the plan tells in the place of what the code does not decide."""
    if isinstance(code, Unknown):
        return code if isinstance(told, Unknown) else told
    if not isinstance(code, Known) or not isinstance(told, Known):
        return code
    match code.value, told.value:
        case Record(members, rest), Record(others):
            added = {} if rest is None else {name: each for name, each in others.items() if name not in members}
            merged = {name: filled(each, others.get(name, each)) for name, each in members.items()}
            return Known(Record({**merged, **added}), code.at)
        case Items(items, None), Items(others, None) if len(items) == len(others):
            return Known(Items(tuple(filled(*pair) for pair in zip(items, others, strict=True))), code.at)
        case Items() | Template() | Encoded(), _ if has_unknown(code):
            return told
        case _:
            return code


def contradicts(code: Value[Datum], told: Value[Datum]) -> bool:
    """Say whether both know the value, and not the same one, however it is spelled."""
    if not isinstance(code, Known) or not isinstance(told, Known):
        return False
    if isinstance(code.value, Items) and isinstance(told.value, Items):
        code, told = _members(code.value), _members(told.value)
    ours, theirs = as_text(code), known_or(told, None)
    if not isinstance(ours, Known) or not _is_plain(ours.value) or not _is_plain(theirs):
        return False
    return _spelled(ours.value) != _spelled(theirs) and _normal(ours.value) != _normal(theirs)


def _members(items: Items) -> Value[Datum]:
    """Return the members of a list of texts in one order, each once, as a text of JSON."""
    at = CodeOrigin("", 0)
    texts = [known_or(each, None) for each in items.items]
    if items.rest is not None or not all(isinstance(each, str) for each in texts):
        return Unknown(Why.UNSUPPORTED, at, "")
    return Known(json.dumps(sorted({str(each) for each in texts})), at)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | bool | int | float)


def _spelled(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
    return text.strip().rstrip(".").casefold()


def _normal(value: object) -> object:
    """Return what a text of JSON holds, in the order and form that providers give it."""
    if not isinstance(value, str):
        return _spelled(value)
    try:
        return _sorted(json.loads(value))
    except (ValueError, RecursionError):
        return _spelled(value)


def _sorted(value: object) -> object:
    match value:
        case dict():
            return tuple(sorted((str(key), repr(_sorted(each))) for key, each in value.items()))
        case [only]:
            return _sorted(only)
        case list():
            return tuple(sorted(repr(_sorted(each)) for each in value))
        case _:
            return _spelled(value)


@dataclass(frozen=True, slots=True)
class FilledConfig:
    """A body, as the code and its plan say it. `is_whole`: what the code does not write is not set, as on a new object.

    `objects` hears of contradictions; None where the two need not agree.
    """

    code: Config
    told: Config
    is_whole: bool
    objects: Objection | None

    @property
    def at(self) -> CodeOrigin:
        """The block in the code."""
        return self.code.at

    def get(self, name: str) -> Value[Datum]:
        """Return an argument as the code says it, and what it leaves undecided as the plan tells it."""
        code = self.code.get(name)
        if isinstance(code, Absent):
            told = None if self.is_whole else self.told.get(name)
            return told if isinstance(told, Known) else code
        told = self.told.get(name)
        if self.objects is not None and name not in _REWRITTEN and contradicts(code, told):
            self.objects(name, known_or(code, None))
        return filled(code, told)

    def blocks(self, block_type: str) -> Inventory[Config]:
        """Return the nested blocks of a type: those of the code, or of the plan where the code does not tell which."""
        code = self.code.blocks(block_type)
        if code.gap is None and not code.items and self.is_whole:
            return code
        told = self.told.blocks(block_type)
        if told.gap is not None or not told.items:
            return told if code.gap is not None and told.gap is None else code
        if code.gap is not None or not code.items:
            return told if code.gap is not None or block_type != "grant" else _without_owner(told)
        return replace(code, items=tuple(self._pair(each, block_type, code, told) for each in code.items))

    def _pair(self, block: Config, name: str, code: Inventory[Config], told: Inventory[Config]) -> Config:
        """Return a block with its fellow in the plan: the only one that does not contradict what it says."""
        if len(code.items) != len(told.items):
            return block
        fellows = [each for each in told.items if len(told.items) == 1 or not _differ(block, each)]
        is_one = len(fellows) == 1 and sum(not _differ(each, fellows[0]) for each in code.items) <= 1
        # Of several blocks, one that was changed is not known from another one.
        hears = self.objects
        objects = None if hears is None or len(told.items) > 1 else lambda each, value: hears(f"{name}.{each}", value)
        return FilledConfig(block, fellows[0], self.is_whole, objects) if is_one else block


def _without_owner(told: Inventory[Config]) -> Inventory[Config]:
    """Return the grants of a bucket whose code writes none, without the one that S3 gives to the owner.

    The provider lists it by an ID that does not say whose it is; a second one of its kind may be anybody's.
    """
    full = [each for each in told.items if certainly(each.get("permissions"), _is_full_control)]
    mine = [each for each in full if certainly(each.get("type"), lambda kind: kind == "CanonicalUser")]
    return replace(told, items=tuple(each for each in told.items if each not in mine)) if len(mine) == 1 else told


def _is_full_control(permissions: Datum) -> bool:
    return isinstance(permissions, Items) and any(known_or(each, None) == "FULL_CONTROL" for each in permissions.items)


def _differ(block: Config, other: Config) -> bool:
    inner = block.body if isinstance(block, BlockConfig) else ast.Body((), (), ast.Span(0, 0, 0, 0, 0))
    return any(
        each.name not in _REWRITTEN and contradicts(block.get(each.name), other.get(each.name))
        for each in inner.attributes
    )


def attribute_told(mode: str, type_: str, code: Value[Datum], told: Value[Datum] | None) -> Value[Datum]:
    """Return an attribute of an object; one of a data source is what the source told, unless it is a policy's text."""
    if told is None or type_ in _PLACES:
        return code
    if mode == "data" and isinstance(code, Known) and isinstance(code.value, Reference):
        return told
    return filled(code, told)


def decided(expansion: Expansion, keys: tuple[str, ...] | None, block: ast.Block, at: CodeOrigin) -> Expansion:
    """Return which instances there are, by the plan where the code does not tell."""
    if expansion.gap is None or keys is None:
        return expansion
    names = {each.name for each in block.body.attributes}
    shape = "list" if "count" in names else "map" if "for_each" in names else "one"
    known = {each.key: each for each in expansion.instances}
    made = tuple(
        BlockInstance(key, Known(True, at), known[key].bindings if key in known else _bound(key, expansion.gap, at))
        for key in keys
    )
    return Expansion(shape, made or (BlockInstance("", Known(False, at), {}),), (tuple(keys),))


def _bound(key: str, gap: Unknown, at: CodeOrigin) -> dict[str, Value[Datum]]:
    if key.startswith('["'):
        value = Unknown(gap.why, gap.at, gap.detail)
        return {"each": Known(Record({"key": Known(plain_key(key), at), "value": value}), at)}
    if key:
        return {"count": Known(Record({"index": Known(int(key[1:-1]), at)}), at)}
    return {}


class Beside:
    """The plan that a root module is read beside, if there is one; the reader of code asks it here only."""

    def __init__(self, plan: ToldByPlan | None) -> None:
        self.plan = plan
        self.objections: dict[str, None] = {}
        self._calls: dict[str, None] = {}

    def variables(self, names: Iterable[str]) -> dict[str, Value[Datum] | None]:
        """Return the values of variables that the plan tells; None for one that it does not."""
        return {name: None if self.plan is None else self.plan.variable(name) for name in names}

    def module(self, address: str, block: ast.Block, found: Expansion, at: CodeOrigin) -> Expansion:
        """Return the instances of a called module."""
        keys = None if self.plan is None or found.gap is None else self.plan.module_keys(address)
        return decided(found, keys, block, at)

    def resource(  # noqa: PLR0913 - a block, and what the code says of it
        self, address: str, block: ast.Block, found: Expansion, at: CodeOrigin, *, exists: Value[bool], managed: bool
    ) -> Expansion:
        """Return the instances of a block in a module that exists or not."""
        keys = None if self.plan is None else self.plan.keys(address)
        if keys is None or (isinstance(exists, Unknown) and keys):
            return found
        if found.gap is None and managed and isinstance(exists, Known):
            ours = {each.key for each in found.instances if exists.value and known_or(each.exists, None) is True}
            self.objections.update(dict.fromkeys(f"{address}{key}" for key in sorted(ours.symmetric_difference(keys))))
        gap = exists if isinstance(exists, Unknown) else found.gap
        return decided(replace(found, gap=gap), keys, block, at)

    def config(self, address: str, config: Config, mode: str) -> Config:
        """Return the body of a resource, with what the plan tells of it."""
        plan = self.plan
        planned = None if plan is None else plan.resource(address)
        if plan is None or planned is None:
            return config

        def object_to(argument: str, value: object) -> None:
            # What is written as it was has only been put in another form by the provider.
            if not plan.wrote(address, argument, value):
                self.objections[f"{address}: {argument}"] = None

        must_agree = mode == "managed" and plan.is_complete
        is_whole = mode == "data" or plan.is_new(address)
        return FilledConfig(config, planned.config, is_whole, object_to if must_agree else None)

    def attribute(self, resource: Resource, name: str, value: Value[Datum]) -> Value[Datum]:
        """Return an attribute of an object, of which the code says this."""
        told = None if self.plan is None else self.plan.attribute(resource.address, name)
        return attribute_told(resource.mode, resource.type, value, told)

    # Called modules that were not read

    def stands_for(self, call: str) -> bool:
        """Say whether the plan holds all of a called module that was not read; it then stands for it."""
        if self.plan is None or not self.plan.is_complete or self.plan.configuration(call) is None:
            return False
        self._calls[call] = None
        return True

    def is_told(self, call: str) -> bool:
        """Say whether the plan stands for a called module, or an instance of it."""
        return bool(self._calls) and _LAST_KEY.sub("", call) in self._calls

    def output(self, module: str, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return an output of an instance of such a module."""
        found = None if self.plan is None else self.plan.output(module, name, at)
        return Unknown(Why.COMPUTED, at, f"{module}.{name}") if found is None else found

    def resources(self, types: Sequence[str]) -> tuple[Resource, ...]:
        """Return the resources of these types in such modules."""
        calls = () if self.plan is None else tuple((self.plan, call) for call in self._calls)
        return tuple(each for plan, call in calls for each in plan.below(call, types))

    def provider_argument(self, provider: str, name: str, at: CodeOrigin) -> Value[Datum]:
        """Return an argument of a provider configuration that no code declares: one of such a module, or none."""
        is_theirs = provider.startswith(tuple(f"{call}." for call in self._calls))
        return self.plan.provider_argument(provider, name) if self.plan is not None and is_theirs else Absent(at)

    def literals(self) -> Iterator[tuple[str, CodeOrigin]]:
        """Yield the signs of Session Manager in such modules."""
        if self.plan is None or not self._calls:
            return
        below = tuple(f"{self.plan.file}: {call}{end}" for call in self._calls for end in ".[")
        for word, places in self.plan.literals().items():
            yield from ((word, each) for each in places if each.file.startswith(below))
