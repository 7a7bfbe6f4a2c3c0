"""Whether what we claim of a value can be what Terraform says it is."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ssm_hardening.core.values import Absent, Encoded, Items, Known, Record, Reference, Template, Unknown, Value
from ssm_hardening.text.writing import as_text, scalar_text

LATER = object()
"""Stands in Terraform's answers for what is known only after apply."""


def contradicts(value: Value[Any], real: Any, *, strict: bool = True) -> str | None:
    """Say where a claim and Terraform's answer differ; None where they agree as far as both go.

    Not `strict`: the provider may turn numbers into texts, fill in what is null, and order sets as it likes.
    """
    match value:
        case Unknown(one_of=()):
            return None
        case Unknown(one_of=choices):
            found = [contradicts(choice, real, strict=strict) for choice in choices]
            return None if None in found else f"none of {len(found)} choices: {'; '.join(map(str, found))}"
        case Absent():
            empty = real is None or real is LATER or (not strict and real in ("", [], {}, False, 0))
            return None if empty else f"null, not {real!r}"
        case Known() if real is LATER:
            return None
        case Known(content):
            return _content(content, real, strict=strict)


def _content(content: object, real: Any, *, strict: bool) -> str | None:
    match content:
        case Record():
            return _record(content, real, strict=strict)
        case Items():
            return _items(content, real, strict=strict)
        case Reference():
            # What it names is compared where it is declared; here it is only claimed to be set.
            return "set, not null" if real is None else None
        case Template(parts):
            return _template(parts, real)
        case Encoded(format="json", value=inner):
            return contradicts(inner, _loaded(real), strict=strict)
        case Encoded():
            return contradicts(as_text(Known(content, None)), real, strict=strict)  # type: ignore[arg-type]
        case _:
            return None if _equal(content, real, strict=strict) else f"{content!r}, not {real!r}"


def _loaded(real: Any) -> Any:
    try:
        return json.loads(real)
    except (TypeError, ValueError):
        return real


def _equal(content: object, real: Any, *, strict: bool) -> bool:
    same = content == real and isinstance(content, bool) == isinstance(real, bool)
    if same or strict:
        return same
    if isinstance(content, str) and isinstance(real, str):
        return content.startswith(("{", "[")) and _loaded(content) == _loaded(real)
    return scalar_text(content) is not None and scalar_text(content) == scalar_text(real)


def _record(content: Record, real: Any, *, strict: bool) -> str | None:
    if not isinstance(real, Mapping):
        return f"an object, not {real!r}"
    for key, member in content.members.items():
        found = contradicts(member, real.get(key), strict=strict)
        if found is not None or (key not in real and strict and not isinstance(member, Unknown)):
            return f".{key}: {found or 'is missing'}"
    more = [key for key in real if key not in content.members and (strict or real[key] is not None)]
    return f"no {more[0]}, which is {real[more[0]]!r}" if content.rest is None and more else None


def _items(content: Items, real: Any, *, strict: bool) -> str | None:
    if not isinstance(real, Sequence) or isinstance(real, str):
        # One text stands for a list of one in policies.
        return None if not strict and len(content.items) == 1 else f"a list, not {real!r}"
    if content.rest is not None or not strict:
        if content.rest is None and len(content.items) != len(real):
            return f"{len(content.items)} members, not {len(real)}"
        for n, item in enumerate(content.items):
            found = [contradicts(item, each, strict=strict) for each in real]
            if None not in found:
                return f"[{n}]: {found[0] if found else 'there are none'}"
        return None
    if len(content.items) != len(real):
        return f"{len(content.items)} members, not {len(real)}"
    for n, (item, each) in enumerate(zip(content.items, real, strict=True)):
        wrong = contradicts(item, each, strict=strict)
        if wrong is not None:
            return f"[{n}]: {wrong}"
    return None


def _template(parts: Sequence[object], real: Any) -> str | None:
    pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in parts)
    if isinstance(real, str) and re.fullmatch(pattern, real, re.DOTALL):
        return None
    return f"{pattern}, not {real!r}"
