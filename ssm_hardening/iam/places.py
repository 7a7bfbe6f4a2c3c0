"""Which Regions policies name: what is granted there is granted whether or not anything else is known of the Region."""

import re
from collections.abc import Iterable, Iterator

from ssm_hardening.core.values import Known, Template
from ssm_hardening.iam.statements import Statement
from ssm_hardening.iam.texts import members

_REGION = re.compile(r"arn:[^:]*:(?:ssm|ec2):([a-z]{2,}(?:-[a-z]+)+-\d+):")


def regions_named(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the Regions of the nodes and documents that statements speak of, as far as they are written out."""
    return frozenset(region for statement in statements for region in _named(statement))


def _named(statement: Statement) -> Iterator[str]:
    for item in members(statement.resources):
        match item:
            case Known(str() as text) | Known(Template(parts=(str() as text, *_))):
                found = _REGION.match(text)
                if found is not None:
                    yield found[1]
            case _:
                continue
