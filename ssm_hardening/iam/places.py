"""Which Regions policies name: what is granted there is granted whether or not anything else is known of the Region."""

import re
from collections.abc import Iterable, Iterator

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Known, Template, Unknown
from ssm_hardening.iam.conditions import Condition, conditions_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import glob, members

_REGION = re.compile(r"arn:[^:]*:(?:ssm|ec2):([^:]+):")
_NAME = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+")
REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
    "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
    "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1", "ap-south-2", "ap-east-1", "ap-east-2", "ca-central-1", "ca-west-1", "sa-east-1", "af-south-1",
    "me-south-1", "me-central-1", "il-central-1", "mx-central-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1",
    "cn-northwest-1",
)  # fmt: skip
"""Those that AWS lists: the first that a pattern (`us-*`) matches stands for it."""


def regions_named(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the Regions that statements speak of: of the nodes and documents, and of the requests that they allow.

    A pattern of Regions is one that it matches; `*` names none.
    """
    return frozenset(region for statement in statements for region in _named(statement))


def _named(statement: Statement) -> Iterator[str]:
    for item in members(statement.resources):
        match item:
            case Known(str() as text) | Known(Template(parts=(str() as text, *_))):
                found = _REGION.match(text)
                yield from () if found is None else _regions(found[1])
            case _:
                continue
    for condition in conditions_of(statement):
        if not isinstance(condition, Unknown) and _is_about_regions(condition):
            yield from (region for item in members(condition.values) for region in _regions(known_or(item, None)))


def _is_about_regions(condition: Condition) -> bool:
    """Say whether a condition names Regions; a Deny in all others leaves those that it excepts."""
    return condition.key == "aws:requestedregion" and condition.operator.rpartition(":")[2].startswith("string")


def _regions(text: object) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip("*"):
        return
    matching = (each for each in REGIONS if glob(text, each))
    found = text if _NAME.fullmatch(text) else next(matching, None)
    yield from () if found is None else (found,)
