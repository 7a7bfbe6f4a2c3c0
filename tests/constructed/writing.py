"""Terraform code as text: blocks, policies, and where an object is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Any

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is: the lines that say so in a resource, and in the call of a module."""

    meta: str = ""
    providers: str = ""


def enclosed(head: str, *lines: str, tail: str) -> str:
    """Return the lines, indented, between a head and a tail; empty lines are left out."""
    return "\n".join((head, *(indent(line, "  ") for line in lines if line), tail))


def block(head: str, *lines: str) -> str:
    """Return a block, or an argument with an object."""
    return enclosed(f"{head} {{", *lines, tail="}")


def resource(type_: str, label: str, place: Place, *lines: str) -> str:
    """Return a resource at its place."""
    return block(f'resource "{type_}" "{label}"', place.meta, *lines)


def setting(name: str, value: str) -> str:
    """Return an argument with a text."""
    return f"{name} = {json.dumps(value)}"


def policy(*statements: Statement) -> str:
    """Return a policy as an expression."""
    return f"jsonencode({json.dumps({'Version': '2012-10-17', 'Statement': statements})})"


def allow(actions: str | Sequence[str], resources: str | Sequence[str] = "*", **more: Any) -> Statement:
    """Return a statement that allows the actions."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny_all_but(actions: Sequence[str]) -> Statement:
    """Return a statement that denies everything else."""
    return {"Effect": "Deny", "NotAction": list(actions), "Resource": "*"}


def trust(**principal: str) -> str:
    """Return a trust policy for one principal, such as `Service="ec2.amazonaws.com"`."""
    statement: Statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if "AWS" in principal:
        statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    return policy(statement)


def preferences(label: str, place: Place, *inputs: str) -> str:
    """Return the account's preferences as a document with these inputs."""
    content = enclosed(
        "content = jsonencode({",
        setting("schemaVersion", "1.0"),
        setting("sessionType", "Standard_Stream"),
        block("inputs =", *inputs),
        tail="})",
    )
    named = (setting("name", "SSM-SessionManagerRunShell"), setting("document_type", "Session"))
    return resource("aws_ssm_document", label, place, *named, content)
