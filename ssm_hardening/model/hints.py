"""The types of the model's fields, those included whose classes load on demand."""

from functools import cache
from typing import Any, get_type_hints

from ssm_hardening import model


def hints_of(cls: type) -> dict[str, Any]:
    """Return the resolved type of every field of a class of the model, by name."""
    return get_type_hints(cls, localns=_names())


@cache
def _names() -> dict[str, Any]:
    return {name: getattr(model, name) for name in model.__all__}
