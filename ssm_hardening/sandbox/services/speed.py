"""Fleets of thousands, and accounts by the dozen: places where moto does work that nothing depends on."""

from collections.abc import Generator
from importlib import import_module
from typing import Any

from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import Ami

_keys: dict[tuple[object, ...], tuple[str, ...]] = {}

_describe_images = EC2Backend.describe_images


def speed_up() -> None:
    """Put them in place; the answers stay the same."""
    import_module("moto.core.responses").XFormedAttributePicker = RememberingPicker  # type: ignore[attr-defined]
    EC2Backend.describe_images = _describe_images_by_id  # type: ignore[method-assign, assignment]
    EC2Backend.reset = _dropped  # type: ignore[method-assign, assignment]


class RememberingPicker(XFormedAttributePicker):
    """Remembers under which names a member of an answer may be found in an object of a class."""

    def get_possible_keys(self, context: AttributePickerContext) -> Generator[str]:
        """Return the names in moto's order, each once."""
        service = context.service_model.service_name if context.service_model else ""
        parent = getattr(context.shape, "parent", None)
        around = parent.name if parent else ""
        place = (service, around, context.shape.name, context.key, type(context.obj))
        if place not in _keys:
            _keys[place] = tuple(dict.fromkeys(super().get_possible_keys(context)))
        yield from _keys[place]


def _describe_images_by_id(self: EC2Backend, *given: Any, **named: Any) -> list[Ami]:
    """Look an image up by its id where only that is asked, as each new instance does, instead of trying all."""
    match given, named:
        case (), {"filters": {"image-id": str() as wanted, **others}} if not others and len(named) == 1:
            return [self.amis[wanted]] if wanted in self.amis else []
        case _:
            return _describe_images(self, *given, **named)


def _dropped(_self: EC2Backend) -> None:
    """Make no thousand images anew: to start over, moto resets each store and then drops it."""
