"""Resources and their expressions, as code and as a plan's configuration describes them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.constructed.provider_values import COMPUTED
from tests.constructed.writing import block, enclosed

Expression = Any
"""A constant, one of the classes below, or a list or an object of these."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of a resource. `instance`: which one, such as `[0]` or `[each.key]`."""

    address: str
    attribute: str
    instance: str = ""

    def names(self) -> Iterator[str]:
        """Yield what a plan says is referred to: of an instance that is computed, the resource as a whole."""
        if "." in self.instance:
            yield from (self.address, self.instance.strip("[]"))
            return
        yield from (f"{self.address}{self.instance}.{self.attribute}", f"{self.address}{self.instance}")
        if self.instance:
            yield self.address


@dataclass(frozen=True, slots=True)
class Input:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Local:
    """A local value. No plan says what it is."""

    name: str
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Encoded:
    """`jsonencode` of an object."""

    content: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Nested:
    """Blocks of one type. `is_attribute`: the provider has an argument of that name, as for inbound rules."""

    blocks: Sequence[Mapping[str, Expression]]
    is_attribute: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource. `index`: of its only instance, where it has `count` or `for_each`.

    `before`: what the arguments were that the plan changes, of one that exists; None of one that is created.
    `is_removed`: it is in the state, and no longer in the code. `is_replaced`: it is deleted, and created anew.
    `computed`: what AWS chose of one that exists.
    """

    type: str
    label: str
    arguments: Mapping[str, Expression]
    index: int | str | None = None
    before: Mapping[str, Any] | None = None
    is_removed: bool = False
    is_replaced: bool = False
    computed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The address within its module, without the index."""
        return f"{self.type}.{self.label}"


@dataclass(frozen=True, slots=True)
class Module:
    """Resources, in an order in which each refers to earlier ones; a called module's outputs and variables; locals."""

    resources: Sequence[Declared]
    outputs: Mapping[str, Expression] = field(default_factory=dict)
    inputs: Mapping[str, Expression] = field(default_factory=dict)
    locals: Sequence[Local] = ()


def code(module: Module, variables: Iterable[str]) -> Iterator[str]:
    """Yield the blocks of a module."""
    for name in variables:
        yield block(f'variable "{name}"')
    for local in module.locals:
        yield block("locals", f"{local.name} = {text(local.value)}")
    for each in module.resources:
        if not each.is_removed:
            yield block(f'resource "{each.type}" "{each.label}"', *_multiplied(each), *_lines(each.arguments))
    for name, value in module.outputs.items():
        yield block(f'output "{name}"', f"value = {text(value)}")


def _multiplied(each: Declared) -> tuple[str, ...]:
    if each.index is None:
        return ()
    return ("count = 1",) if isinstance(each.index, int) else (f'for_each = toset(["{each.index}"])',)


def _lines(arguments: Mapping[str, Expression]) -> Iterator[str]:
    for name, value in arguments.items():
        if isinstance(value, Nested):
            yield from (block(name, *_lines(each)) for each in value.blocks)
        else:
            yield f"{name} = {text(value)}"


def text(value: Expression) -> str:
    """Return an expression as code."""
    match value:
        case Reference(address, attribute, instance):
            return f"{address}{instance}.{attribute}"
        case Input(name):
            return f"var.{name}"
        case Local(name):
            return f"local.{name}"
        case Encoded(content):
            return f"jsonencode({text(content)})"
        case dict():
            return enclosed("{", *(f"{key} = {text(each)}" for key, each in value.items()), tail="}")
        case list():
            return f"[{', '.join(map(text, value))}]"
        case _:
            return json.dumps(value)


def described(arguments: Mapping[str, Expression]) -> dict[str, Any]:
    """Return what a plan's configuration says of arguments."""
    return {name: said(value) for name, value in arguments.items()}


def said(value: Expression) -> Any:
    """Return a constant, the names of what is referred to, or nothing: of a function of constants, no more is said."""
    if isinstance(value, Nested):
        if not value.is_attribute:
            return [described(each) for each in value.blocks]
        rules = [{**dict.fromkeys(COMPUTED["ingress"]), **each} for each in value.blocks]
        return {"constant_value": rules}
    names = list(dict.fromkeys(_names(value)))
    if names:
        return {"references": names}
    return {} if isinstance(value, Encoded) else {"constant_value": value}


def _names(value: Expression) -> Iterator[str]:
    match value:
        case Reference():
            yield from value.names()
        case Input(name):
            yield f"var.{name}"
        case Local(name):
            yield f"local.{name}"
        case Encoded(content):
            yield from _names(content)
        case dict():
            for each in value.values():
                yield from _names(each)
        case list():
            for each in value:
                yield from _names(each)
        case _:
            return
