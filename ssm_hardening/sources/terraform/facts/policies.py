"""The policy of a bucket or key: inline, or a resource of its own."""

from typing import Any

from ssm_hardening.iam.parsing import statements_of
from ssm_hardening.iam.statements import Statement
from ssm_hardening.sources.terraform.facts.attachments import Attachment
from ssm_hardening.sources.terraform.facts.texts import json_document
from ssm_hardening.values import Absent, Inventory, Unknown, Value, Why


def policy_statements(inline: Value[Any], found: Inventory[Attachment]) -> Inventory[Statement]:
    """Return the statements that hold; none but a gap where another policy may take their place.

    An object has one policy: the last one that is written replaces the others.
    """
    certain = [each.resource.config.get("policy") for each in found if each.doubt is None]
    said = [value for value in (inline, *certain) if not isinstance(value, Absent)]
    doubts = [each.doubt for each in found if each.doubt is not None]
    if doubts:
        return Inventory((), doubts[0])
    if len(said) > 1:
        return Inventory((), Unknown(Why.UNSUPPORTED, said[1].at, "two policies for one object"))
    if not said:
        return Inventory((), found.gap)
    return statements_of(json_document(said[0]), said[0].at)
