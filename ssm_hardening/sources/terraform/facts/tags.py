"""The tags of a resource: its own, over those that its provider gives to everything."""

from typing import Any

from ssm_hardening.sources.terraform.facts.reading import argument_text, record
from ssm_hardening.sources.terraform.resources import Resource, Root
from ssm_hardening.values import Absent, Known, Record, Unknown, Value

DEFAULTS = "default_tags.tags"
"""What the provider's own block calls them."""


def tags_of(resource: Resource, root: Root) -> Value[Record]:
    """Return all tags as one record; open where some of them cannot be told. A plan tells them all together."""
    together = resource.config.get("tags_all")
    if not isinstance(together, Absent):
        return _texts(record(together, "tags_all"))
    own = _texts(record(resource.config.get("tags"), "tags"))
    given = _texts(record(root.provider_argument(resource.provider, DEFAULTS), DEFAULTS))
    match own, given:
        case Known(Record(members, rest), at), Known(Record(more, others)):
            return Known(Record({**more, **members}, others if rest is None else rest), at)
        case Known(Record(members, rest), at), Unknown() as gap:
            return Known(Record(members, gap if rest is None else rest), at)
        case Unknown() as gap, _:
            return gap
        case Absent(at), Absent():
            return Known(Record({}), at)
        case Absent(), _:
            return given
        case _:
            return own


def _texts(value: Value[Any]) -> Value[Any]:
    match value:
        case Known(Record(members, rest), at):
            return Known(Record({key: argument_text(each, key) for key, each in members.items()}, rest), at)
        case _:
            return value
