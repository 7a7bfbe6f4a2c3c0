"""What instances are launched with: what the resource says itself, in the words of `aws_instance`, and its template."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ssm_hardening.core.logic import certainly
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Datum, Items, Known, Record, Text, Unknown, Value
from ssm_hardening.model import Fact
from ssm_hardening.read.converting import or_else, record
from ssm_hardening.read.facts.arguments import at_launch, computed, text_in, with_texts
from ssm_hardening.read.facts.templates import Layer
from ssm_hardening.read.graph import Config, Resource

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What one node, or all nodes of one launcher and template, are launched with.

    `own` is what stands beside the template, in the words of `aws_instance`. `launcher` is Absent for one node.
    `subnets` are those that a launcher chooses from, `tags` those that it or the instance adds to its template's.
    `is_configuration` says that `own` is a launch configuration.
    `role`, `profile`, `key_name` and `groups` (where no template names any) are set where the launcher decides on them.
    """

    fact: Fact
    resource: Resource
    own: Config | None
    layer: Layer | None
    launcher: Value[Text]
    subnets: Value[Items]
    tags: Value[Record]
    profile: Value[Text] | None = None
    role: Value[Text] | None = None
    key_name: Value[Text] | None = None
    groups: Value[Items] | None = None
    is_configuration: bool = False

    def said(self, own: Callable[[Config], Value[T]], template: Callable[[Config], Value[T]]) -> Value[T]:
        """Return what stands beside the template, or else what the template says."""
        here = Absent(self.resource.at) if self.own is None else own(self.own)
        return or_else(here, self._of_template(template))

    def _of_template(self, read: Callable[[Config], Value[T]]) -> Value[T]:
        match self.layer:
            case None:
                return Absent(self.resource.at)
            case Layer(content=Unknown() as gap):
                return gap
            case Layer(content=content):
                return Absent(self.resource.at) if isinstance(content, Unknown) else read(content)

    def either(self, read: Callable[[Config], Value[T]]) -> Value[T]:
        """Return an argument that both call by the same name."""
        return self.said(read, read)

    def untold(self, what: str) -> Unknown:
        """Say that nobody wrote something, and AWS decides on it."""
        single = isinstance(self.launcher, Absent)
        return computed(self.resource, what) if single else at_launch(self.resource, what)

    @property
    def template(self) -> Value[Text]:
        """The launch template of a launcher, Unknown where another version than the declared one may be in force.

        One instance has no template once it runs; the doubt whether it was launched as declared stays.
        """
        found = Absent(self.resource.at) if self.layer is None else self.layer.template
        return Absent(found.at) if isinstance(self.launcher, Absent) and isinstance(found, Known) else found

    def all_tags(self) -> Value[Record]:
        """Return the tags of the launched instances: those of the template, and those that are added to them."""
        of_template = () if self.layer is None else _tags_of(self.layer)
        return merged((*of_template, self.tags), self.resource.at)


def merged(parts: Iterable[Value[Record]], at: Origin) -> Value[Record]:
    """Return several sets of tags as one: later ones replace earlier ones, and unknown ones may replace any."""
    members: dict[str, Value[Datum]] = {}
    rest: Unknown | None = None
    for part in parts:
        match part:
            case Known(Record(found, more)):
                members |= found
                rest = more if rest is None else rest
            case Unknown():
                members, rest = {}, part
            case Absent() | Known():
                pass
    return Known(Record(members, rest), at)


def _tags_of(layer: Layer) -> Iterator[Value[Record]]:
    """Yield what a template says of tags; last, that another version of it may say something else."""
    if isinstance(layer.content, Unknown):
        yield layer.content
        return
    blocks = layer.content.blocks("tag_specifications")
    yield from (_for_instances(each) for each in blocks)
    yield from (each for each in (blocks.gap, layer.template) if isinstance(each, Unknown))


def _for_instances(block: Config) -> Value[Record]:
    """Return the tags of a block that is about instances, not about volumes or network interfaces."""
    kind = text_in(block, "resource_type")
    if isinstance(kind, Unknown):
        return kind
    is_meant = certainly(kind, lambda text: text == "instance")
    return with_texts(record(block.get("tags"), "tags")) if is_meant else Absent(block.at)
