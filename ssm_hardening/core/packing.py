"""Records of ours as data and back, without loss: for another process of this run, and for the user's cache.

A table in JSON: texts and numbers as they are, and each record as a list of its type and of the places of its members
in the table. Equal texts, values and places, and shared records, stand there once. Unlike a pickle it names no code:
only dataclasses and enums of the packages in `_PACKAGES` are made from it, and none of their own code runs.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Final, TypeAlias

_PACKAGES: Final = (
    "ssm_hardening.core.",
    "ssm_hardening.hcl.ast",
    "ssm_hardening.iam.",
    "ssm_hardening.model.",
    "ssm_hardening.verdicts.",
    "ssm_hardening.read.code.values",
    "ssm_hardening.read.graph",
    "ssm_hardening.read.code.values",
)
"""Where the types may come from: modules of records, which do nothing when they are loaded."""

_TUPLE, _MAPPING, _SET, _NAMED, _FIRST = range(5)
"""The numbers of the types that are no records of ours; those follow from _FIRST on."""

_PLAIN = frozenset({str, int, float, bool, type(None)})
_COLLECTIONS = frozenset({tuple, dict, frozenset})
_VALUES: Final = "ssm_hardening.core."
"""Where the types are whose records are nothing but what they hold."""
_Make: TypeAlias = Callable[[list[Any]], object]


class SpoiledError(Exception):
    """What was to be unpacked is not what was packed."""


class UnpackableError(TypeError):
    """What was to be packed is no record of ours, or holds what is nested too deeply, or a number that is too long."""


def pack(thing: object, names: Mapping[int, str] = {}) -> bytes:
    """Return a record, or a collection of some, as bytes.

    `names` has names for objects (by `id`) that whoever unpacks it has, too. Raises UnpackableError.
    """
    packer = _Packer(names)
    try:
        packer.place(thing)
        return json.dumps([[_name(kind) for kind in packer.kinds], packer.table], separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UnpackableError(str(error)) from error


class _Packer:
    """The table, as it grows: members stand before what holds them."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self.table: list[Any] = []
        self.kinds: dict[type, int] = {}
        self._names = names
        self._plain: dict[tuple[type, Any], int] = {}
        self._placed: dict[int, int] = {}
        self._equal: dict[tuple[int, ...], int] = {}
        self._kept: list[object] = []  # what has an entry in `_placed` must not be freed, or its id would be used again

    def place(self, thing: Any) -> int:  # noqa: ANN401 - a record of any type
        kind = type(thing)
        if kind in _PLAIN:
            # 1, 1.0 and True are equal, and so are 0.0 and -0.0.
            key = (kind, repr(thing) if kind is float else thing)
            if key not in self._plain:
                self._plain[key] = self._put(thing)
            return self._plain[key]
        known = self._placed.get(id(thing))
        if known is None:
            known = self._placed[id(thing)] = self._put_once(kind, self._entry(kind, thing))
            self._kept.append(thing)
        return known

    def _put(self, entry: object) -> int:
        self.table.append(entry)
        return len(self.table) - 1

    def _put_once(self, kind: type, entry: list[int]) -> int:
        """Put values, places, and collections once: a third of them occur again. Facts and findings go by identity."""
        if not (kind in _COLLECTIONS or kind.__module__.startswith(_VALUES)):
            return self._put(entry)
        key = tuple(entry)
        known = self._equal.get(key)
        if known is None:
            known = self._equal[key] = self._put(entry)
        return known

    def _entry(self, kind: Any, thing: Any) -> list[int]:  # noqa: ANN401 - as above
        if id(thing) in self._names:
            return [_NAMED, self.place(self._names[id(thing)])]
        if kind is tuple:
            return [_TUPLE, *map(self.place, thing)]
        if kind is dict:
            return [_MAPPING, *(self.place(each) for pair in thing.items() for each in pair)]
        if kind is frozenset:
            return [_SET, *map(self.place, sorted(thing, key=repr))]
        _demand_ours(kind.__module__)
        number = self.kinds.setdefault(kind, len(self.kinds) + _FIRST)
        if issubclass(kind, Enum):
            return [number, self.place(thing.value)]
        members = _members(kind)
        return [number, *(self.place(getattr(thing, name)) for name in members)]


def unpack(data: bytes, named: Mapping[str, object] = {}) -> Any:  # noqa: ANN401 - whatever was packed
    """Return what was packed; `named` holds the objects that have names. Raises SpoiledError for anything else."""
    try:
        kinds, table = json.loads(data)
        makers: list[_Make] = [tuple, _mapping, frozenset, lambda members: named[members[0]]]
        makers += map(_maker, kinds)
        made: list[Any] = []
        for entry in table:
            if type(entry) is list:
                made.append(makers[entry[0]]([made[place] for place in entry[1:]]))
            else:
                made.append(entry)
        return made[-1]
    except (ValueError, TypeError, LookupError, AttributeError, ImportError, RecursionError) as error:
        raise SpoiledError(str(error)) from error


def _mapping(members: list[Any]) -> dict[Any, Any]:
    return dict(zip(members[::2], members[1::2], strict=True))


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _demand_ours(module: str) -> None:
    if not module.startswith(_PACKAGES):
        raise TypeError(f"{module} holds no records that are packed")


@cache
def _members(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - the type of a dataclass
    """Return the names of the members of a record. Raises TypeError for any other type."""
    return tuple(field.name for field in fields(kind))


@cache
def _maker(name: str) -> _Make:
    """Return what makes a record of the type of this name out of its members."""
    module, _, type_name = name.partition(":")
    _demand_ours(module)
    kind: Any = getattr(import_module(module), type_name)
    if not isinstance(kind, type) or kind.__module__ != module:
        raise TypeError(f"{name} is no type")
    if issubclass(kind, Enum):
        values = kind
        return lambda members: values(*members)
    return _filler(kind)


def _filler(kind: Any) -> _Make:  # noqa: ANN401 - the type of a dataclass
    """Return what fills the slots of a frozen record directly, as fast as can be."""
    setters = [getattr(kind, name).__set__ for name in _members(kind)]

    def make(members: list[Any]) -> object:
        made = object.__new__(kind)
        for fill, member in zip(setters, members, strict=True):
            fill(made, member)
        return made

    return make
