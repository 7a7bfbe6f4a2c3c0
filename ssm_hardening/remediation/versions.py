"""Which Terraform and which AWS provider the modules in use need together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ssm_hardening.hcl import ast

_TERRAFORM = ">= 1.5"
_AWS_BOUNDS = re.compile(r">=\s*(?P<least>[0-9.]+),\s*<\s*(?P<below>[0-9.]+)")


@dataclass(frozen=True, slots=True)
class Requirements:
    """Version constraints as Terraform writes them."""

    terraform: str
    aws: str


def requirements(files: Sequence[ast.SourceFile]) -> Requirements:
    """Return the highest lower bound of the AWS provider among the modules' `versions.tf`, below the common 7.0."""
    bounds = [_AWS_BOUNDS.fullmatch(text) for file in files for text in _aws_versions(file.body)]
    least = max((_numbers(found["least"]) for found in bounds if found), default=(5, 0))
    return Requirements(_TERRAFORM, f">= {'.'.join(map(str, least))}, < 7.0")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _aws_versions(body: ast.Body) -> list[str]:
    found: list[str] = []
    for block in body.blocks:
        found += _aws_versions(block.body)
        for attribute in block.body.attributes:
            if block.type == "required_providers" and attribute.name == "aws":
                found += _version_of(attribute.value)
    return found


def _version_of(value: ast.Expr) -> list[str]:
    if not isinstance(value, ast.ObjectExpr):
        return []
    return [
        item.value.value
        for item in value.items
        if isinstance(item.key, ast.Literal)
        and item.key.value == "version"
        and isinstance(item.value, ast.Literal)
        and isinstance(item.value.value, str)
    ]
