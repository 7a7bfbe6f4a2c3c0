"""Addresses: blocks as references to their instances, and names without instance keys."""

import re
from collections.abc import Sequence
from typing import Any

from ssm_hardening.hcl import ast
from ssm_hardening.origins import CodeOrigin
from ssm_hardening.sources.terraform.expansion import Expansion, instance_key, plain_key
from ssm_hardening.values import Absent, Items, Known, Record, Reference, Unknown, Value

_KEYS = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]|\[\*\]')


def whole(expansion: Expansion, address: str, at: CodeOrigin) -> Value[Any]:
    """Return all instances of a block as one value: a reference, a list or a map of references."""
    if expansion.shape == "unknown":
        return Known(Reference(f"{address}[*]", ""), at)
    choices = [_instances_as_value(expansion.shape, keys, address, at) for keys in expansion.alternatives]
    if len(choices) == 1 or expansion.gap is None:
        return choices[0]
    gap = expansion.gap
    if expansion.shape == "one":
        return choices[0]
    return Unknown(gap.why, gap.at, gap.detail, tuple(choices))


def _instances_as_value(shape: str, keys: Sequence[str], address: str, at: CodeOrigin) -> Value[Any]:
    references: list[Value[Any]] = [Known(Reference(f"{address}{key}", ""), at) for key in keys]
    match shape:
        case "one":
            return references[0] if references else Absent(at)
        case "list":
            return Known(Items(tuple(references)), at)
        case _:
            return Known(
                Record({plain_key(key): reference for key, reference in zip(keys, references, strict=True)}), at
            )


def keyless(address: str) -> str:
    """Return an address without instance keys."""
    return _KEYS.sub("", address)


def provider_name(expr: ast.Expr) -> str:
    """Return the local name of a provider configuration: `aws`, or `aws.alias`."""
    match expr:
        case ast.Name(name=name) | ast.Literal(value=str() as name):
            return name
        case ast.Attr(target=ast.Name(name=name), name=alias):
            return f"{name}.{alias}"
        case ast.Index(target=target, key=ast.Literal(value=str() as key)):
            return f"{provider_name(target)}{instance_key(key)}"
        case ast.Index(target=target):
            return f"{provider_name(target)}[*]"
        case _:
            return "aws"
