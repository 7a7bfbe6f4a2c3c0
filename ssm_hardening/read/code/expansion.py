"""How often a block exists (`count`, `for_each`, OpenTofu's `enabled`), and the addresses of its instances."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssm_hardening.core.logic import Answer, is_yes, known_or
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Reference, Unknown, Value, Why
from ssm_hardening.hcl import ast
from ssm_hardening.read.code.evaluate.alternatives import cause_alone, combine
from ssm_hardening.read.code.evaluate.expressions import Evaluator
from ssm_hardening.read.code.evaluate.operators import to_bool
from ssm_hardening.read.code.evaluate.scope import Scope
from ssm_hardening.read.code.evaluate.sensitivity import is_marked
from ssm_hardening.read.code.values import SetItems

MOST_INSTANCES = 1_000
"""How many instances of one block are told apart; more are one unknown."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN = {escaped: plain for plain, escaped in _ESCAPES.items()}
_ESCAPED = re.compile(r'\\(?:[\\"nrt]|u([0-9a-f]{4})|U([0-9a-f]{8}))')
_INTRODUCER = re.compile(r"([$%])\{")
_LAST_SHORT = 0xFFFF
_DOUBLED = re.compile(r"([$%])\1\{")


@dataclass(frozen=True, slots=True)
class BlockInstance:
    """One instance: its key as it stands in an address (`["a"]`, `[0]`, `[*]` or nothing), and what it binds."""

    key: str
    exists: Value[bool]
    bindings: Mapping[str, Value[Datum]]


@dataclass(frozen=True, slots=True)
class Expansion:
    """The instances of a block.

    `shape` is `one`, `list`, `map` or `unknown`; `alternatives` are the possible sets of keys, more than one where a
    conditional could not be decided for the reason `gap`.
    """

    shape: str
    instances: tuple[BlockInstance, ...]
    alternatives: tuple[tuple[str, ...], ...]
    gap: Unknown | None = None


def expand(block: ast.Block, scope: Scope, evaluator: Evaluator) -> Expansion:
    """Return the instances of a resource or module block."""
    written = {attribute.name: attribute.value for attribute in block.body.attributes}
    at = scope.origin(block.span)
    if "count" in written:
        return _expanded(evaluator.evaluate(written["count"], scope), "list", at)
    if "for_each" in written:
        return _expanded(evaluator.evaluate(written["for_each"], scope), "map", at)
    return _single(_enabled(block, scope, evaluator))


def _enabled(block: ast.Block, scope: Scope, evaluator: Evaluator) -> Answer:
    for inner in block.body.blocks:
        for attribute in inner.body.attributes:
            if inner.type == "lifecycle" and attribute.name == "enabled":
                return to_bool(evaluator.evaluate(attribute.value, scope))
    return Known(True, scope.origin(block.span))


def _single(enabled: Answer) -> Expansion:
    gap = enabled if isinstance(enabled, Unknown) else None
    keys = (("",), ()) if gap is not None else (("",),) if is_yes(enabled) else ((),)
    return Expansion("one", (BlockInstance("", enabled, {}),), keys, gap)


def _expanded(value: Value[Datum], shape: str, at: CodeOrigin) -> Expansion:
    if shape == "map" and _has_sensitive_keys(value):
        # Terraform refuses it; addresses are shown, and would show the keys.
        return _untold(shape, Unknown(Why.UNSUPPORTED, at, "the keys of for_each are sensitive"), at)
    choices = value.one_of if isinstance(value, Unknown) and value.one_of else (value,)
    read = [_bindings(choice, shape, at) for choice in choices]
    known = [bindings for bindings in read if bindings is not None]
    if len(known) < len(read):
        return _untold(shape, _gap(value, at), at)
    return _told_apart(shape, known, value if isinstance(value, Unknown) else None, value)


def _has_sensitive_keys(value: Value[Datum]) -> bool:
    if isinstance(value, Unknown):
        return any(_has_sensitive_keys(branch) for branch in value.one_of)
    if isinstance(value, Absent):
        return False
    items = value.value.items if isinstance(value.value, SetItems) else ()
    return value.at_sensitive or any(is_marked(item) for item in items)


def _untold(shape: str, gap: Unknown, at: CodeOrigin) -> Expansion:
    bindings: dict[str, Value[Datum]] = (
        {"each": gap} if shape == "map" else {"count": Known(Record({"index": gap}), at)}
    )
    return Expansion("unknown", (BlockInstance("[*]", gap, bindings),), (), gap)


def _told_apart(
    shape: str, choices: Sequence[dict[str, Mapping[str, Value[Datum]]]], gap: Unknown | None, value: Value[Datum]
) -> Expansion:
    alternatives = tuple(tuple(choice) for choice in choices)
    keys = dict.fromkeys(key for alternative in alternatives for key in alternative)
    if not keys:
        return Expansion(shape, (BlockInstance("", Known(False, value.at), {}),), ((),))
    instances = []
    for key in keys:
        always = all(key in choice for choice in choices)
        exists: Value[bool] = Known(True, value.at) if always or gap is None else cause_alone(gap)
        bindings = _combined([choice[key] for choice in choices if key in choice], gap)
        instances.append(BlockInstance(key, exists, bindings))
    return Expansion(shape, tuple(instances), tuple(dict.fromkeys(alternatives)), gap)


def _combined(choices: Sequence[Mapping[str, Value[Datum]]], gap: Unknown | None) -> Mapping[str, Value[Datum]]:
    """Return what an instance binds whichever alternative comes true."""
    if gap is None:
        return choices[0]
    return {name: combine([choice[name] for choice in choices], gap) for name in choices[0]}


def _gap(value: Value[Datum], at: CodeOrigin) -> Unknown:
    if isinstance(value, Unknown):
        return cause_alone(value)
    return Unknown(
        Why.UNSUPPORTED, at, f"more than {MOST_INSTANCES} instances, or keys that are known only after apply"
    )


def _bindings(value: Value[Datum], shape: str, at: CodeOrigin) -> dict[str, Mapping[str, Value[Datum]]] | None:
    """Return what each instance binds, by key; None where the keys cannot be told."""
    if shape == "list":
        return _counted(value)
    match value:
        case Known(Record(members, None)) if len(members) <= MOST_INSTANCES:
            return {instance_key(key): _each(Known(key, value.at), value, at) for key, value in sorted(members.items())}
        case Known(Items(items, None)) if len(items) <= MOST_INSTANCES:
            return _of_set(items, at)
        case _:
            return None


def _counted(value: Value[Datum]) -> dict[str, Mapping[str, Value[Datum]]] | None:
    number, at = known_or(value, None), value.at
    if isinstance(number, bool) or not isinstance(number, int | str) or not _is_small(str(number)):
        return None
    return {f"[{n}]": {"count": Known(Record({"index": Known(n, at)}), at)} for n in range(int(number))}


def _of_set(items: Sequence[Value[Datum]], at: CodeOrigin) -> dict[str, Mapping[str, Value[Datum]]] | None:
    made: dict[str, Mapping[str, Value[Datum]]] = {}
    for item in items:
        if not (isinstance(item, Known) and isinstance(item.value, str)):
            return None
        made[instance_key(item.value)] = _each(item, item, at)
    return dict(sorted(made.items()))


def instance_key(key: str) -> str:
    """Return a key as it stands in an address: quoted as Terraform does, so that the address can be typed in code."""
    text = "".join(_ESCAPES.get(each) or (each if each.isprintable() else _numbered(ord(each))) for each in key)
    doubled = _INTRODUCER.sub(r"\1\1{", text)
    return f'["{doubled}"]'


def _numbered(character: int) -> str:
    return f"\\u{character:04x}" if character <= _LAST_SHORT else f"\\U{character:08x}"


def plain_key(key: str) -> str:
    """Return what a key in an address stands for."""
    text = _DOUBLED.sub(r"\1{", key[2:-2])
    return _ESCAPED.sub(lambda match: _PLAIN.get(match[0]) or chr(int(match[1] or match[2], 16)), text)


def _each(key: Value[Datum], value: Value[Datum], at: CodeOrigin) -> Mapping[str, Value[Datum]]:
    return {"each": Known(Record({"key": key, "value": value}), at)}


def _is_small(digits: str) -> bool:
    return digits.isdecimal() and len(digits) <= len(str(MOST_INSTANCES)) and int(digits) <= MOST_INSTANCES


def whole(expansion: Expansion, address: str, at: CodeOrigin) -> Value[Datum]:
    """Return all instances of a block as one value: a reference, a list or a map of references."""
    if expansion.shape == "unknown":
        return Known(Reference(f"{address}[*]", ""), at)
    gap = expansion.gap
    choices = [_instances_as_value(expansion.shape, keys, address, at) for keys in expansion.alternatives]
    if len(choices) == 1 or gap is None or expansion.shape == "one":
        return choices[0]
    return Unknown(gap.why, gap.at, gap.detail, tuple(choices))


def _instances_as_value(shape: str, keys: Sequence[str], address: str, at: CodeOrigin) -> Value[Datum]:
    references: list[Value[Datum]] = [Known(Reference(f"{address}{key}", ""), at) for key in keys]
    match shape:
        case "one":
            return references[0] if references else Absent(at)
        case "list":
            return Known(Items(tuple(references)), at)
        case _:
            return Known(
                Record({plain_key(key): reference for key, reference in zip(keys, references, strict=True)}), at
            )


def provider_name(expr: ast.Expr, scope: Scope, evaluator: Evaluator) -> str:
    """Return the local name of a provider configuration: `aws`, `aws.alias`, or `aws.alias["key"]`.

    The key of a configuration with `for_each` may be any expression; where it is not known, it is `[*]`.
    """
    match expr:
        case ast.Name(name=name) | ast.Literal(value=str() as name):
            return name
        case ast.Attr(target=ast.Name(name=name), name=alias):
            return f"{name}.{alias}"
        case ast.Index(target=target, key=key):
            known = known_or(evaluator.evaluate(key, scope), None)
            return (
                f"{provider_name(target, scope, evaluator)}{instance_key(known) if isinstance(known, str) else '[*]'}"
            )
        case _:
            return "aws"
