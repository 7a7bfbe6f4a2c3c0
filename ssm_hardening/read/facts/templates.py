"""Launch templates: which one a launch names, and whether the version in force has the content that the code declares.

Without a version, EC2 launches the default version of a template, not the latest one: what an apply adds as a new
version then changes nothing, unless the template makes it the default.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ssm_hardening.core.logic import certainly, known_or, literal
from ssm_hardening.core.values import Absent, Inventory, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.read.facts.arguments import argument_text, name_of, number_in, switch_in, text_in
from ssm_hardening.read.graph import Config, Resource, Root

LAUNCH_TEMPLATE = "aws_launch_template"

BY_NAME = ("id", "name")
BY_FULL_NAME = ("launch_template_id", "launch_template_name")
"""The two ways in which blocks call the arguments that name a template."""

_LATEST = "$Latest"
_DEFAULT = "$Default"
_FIRST = "1"


@dataclass(frozen=True, slots=True)
class Layer:
    """What a launch template adds: its content, or why that is unknown.

    `template` names it; Unknown where another version than the declared content may be in force. `title` is what a
    person would call it.
    """

    content: Config | Unknown
    template: Value[Text]
    title: str


@dataclass(frozen=True, slots=True)
class LaunchTemplates:
    """The launch templates of a root, by address and by literal name."""

    by_address: Mapping[str, Resource]
    by_name: Mapping[str, Resource]

    @classmethod
    def of(cls, root: Root) -> "LaunchTemplates":
        """Return the launch templates that a root declares."""
        resources = root.resources(LAUNCH_TEMPLATE)
        named = ((literal(name_of(each, "name")), each) for each in resources)
        return cls({each.address: each for each in resources}, {name: each for name, each in named if name is not None})

    def layer(self, blocks: Inventory[Config], arguments: tuple[str, ...] = BY_NAME) -> Layer | None:
        """Return the layer of the first block that names a template; None where there is no such block."""
        if blocks.gap is not None:
            return _unknown(blocks.gap, "a launch template")
        return next((self.named(each, arguments) for each in blocks), None)

    def named(self, block: Config, arguments: tuple[str, ...] = BY_NAME) -> Layer:
        """Return the layer of a block that names a template and, mostly, a version."""
        name = next((each for each in (text_in(block, a) for a in arguments) if _is_given(each)), None)
        found = None if name is None else self._found(name)
        if found is None:
            title = str(known_or(name, "a launch template")) if name is not None else "a launch template"
            return _unknown(Unknown(Why.COMPUTED, block.at, "the content of the launch template"), title)
        return _in_force(block, found)

    def _found(self, name: Value[Text]) -> Resource | None:
        match known_or(name, None):
            case Reference(address=address):
                return self.by_address.get(address)
            case str() as text:
                return self.by_name.get(text)
            case _:
                return None


def _is_given(name: Value[Text]) -> bool:
    """Say whether a template is named; in plans, the provider writes `unknown` for an ID that AWS is yet to assign."""
    return not isinstance(name, Absent) and literal(name) != "unknown"


def _unknown(gap: Unknown, title: str) -> Layer:
    return Layer(gap, gap, title)


def _in_force(block: Config, template: Resource) -> Layer:
    """Return the declared content where it is that of the version in force, or of the version that an apply creates.

    The first apply creates version 1, which is the default from then on: whether the content has changed since then is
    unknown. Any other number names a version that is not in the code.
    """
    version = text_in(block, "version")
    named = Known(Reference(template.address, "id"), block.at)
    if _is_latest(version, template):
        return Layer(template.config, named, template.address)
    doubt = Unknown(Why.COMPUTED, block.at, f"which version of {template.address} is used")
    return Layer(template.config if _may_be_first(version, template) else doubt, doubt, _title(template, version))


def _title(template: Resource, version: Value[Text]) -> str:
    number = literal(version)
    return template.address if number is None or number.startswith("$") else f"{template.address} version {number}"


def _is_latest(version: Value[Text], template: Resource) -> bool:
    """Say whether the version that is asked for is what the code says now; a plan may know the latest number."""
    latest = argument_text(template.config.get("latest_version"), "latest_version")
    asked = (_LATEST, known_or(latest, _LATEST))
    if certainly(version, lambda text: text in asked or _is(text, template, "latest_version")):
        return True
    follows = certainly(switch_in(template.config, "update_default_version"), bool)
    return _is_default(version, template) and (follows or _is_unchanged(template))


def _is_default(version: Value[Text], template: Resource) -> bool:
    return certainly(version, lambda text: text == _DEFAULT or _is(text, template, "default_version"), absent=True)


def _is_unchanged(template: Resource) -> bool:
    """Say whether the default version is known to be the latest one, as a plan shows of a template it leaves alone."""
    default, latest = (number_in(template.config, each) for each in ("default_version", "latest_version"))
    return certainly(latest, lambda number: certainly(default, lambda other: other == number))


def _may_be_first(version: Value[Text], template: Resource) -> bool:
    """Say whether the version may be the one that the first apply creates from the code."""
    default = argument_text(template.config.get("default_version"), "default_version")
    if _is_default(version, template):
        return certainly(default, lambda number: number == _FIRST, absent=True)
    return certainly(version, lambda text: text == _FIRST)


def _is(text: Text, template: Resource, attribute: str) -> bool:
    return text == Reference(template.address, attribute)
