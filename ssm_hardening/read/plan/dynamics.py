"""Where a `dynamic` block may stand: a configuration in a plan leaves these blocks out, but not what they refer to."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from ssm_hardening.read.graph import keyless
from ssm_hardening.read.plan.loading import Plan, PlannedObject, as_object, member
from ssm_hardening.read.plan.references import References, configured, longest, steps

_SINGULAR = ("ss", "us", "is", "dns")
_DEEPEST = 50


class UsedAttribute(NamedTuple):
    """An attribute of a resource of the configuration (address without keys); an empty name means all of them."""

    address: str
    name: str


class Dynamics:
    """Says what may fill a block that is neither written nor known.

    Such a block of a new object is absent, unless a `dynamic` block repeats it over something that is known after apply
    only. The plan lists the attributes that its objects depend on (`relevant_attributes`), those in `dynamic` blocks
    and in `locals` among them: what is open, and in reach of the module, but not used by any expression that the plan
    shows, may stand in such a block. So may a list, and what is handed to a variable that may also be left out, since
    blocks are repeated over these.
    """

    def __init__(self, plan: Plan, references: References) -> None:
        self._plan = plan
        self._references = references
        self._scopes: dict[str, frozenset[UsedAttribute]] = {}
        self._suspects: dict[str, list[UsedAttribute]] = {}

    def doubt(self, instance: PlannedObject) -> str | None:
        """Return what may fill a `dynamic` block of a new object; None where nothing can."""
        if self._plan.relevant is None:
            return "this version of Terraform does not list what the blocks refer to"
        if not self._open:
            return None
        module, own = keyless(instance.module), keyless(instance.address)
        if module not in self._suspects:
            in_reach = (each for each in self._scope(module) if self._is_suspect(each))
            self._suspects[module] = sorted({*in_reach, *self._optional(module)})
        suspects = self._suspects[module]
        users = self._users_of(own) if suspects else frozenset()
        return next((".".join(filter(None, each)) for each in suspects if each.address not in users), None)

    def _is_suspect(self, attribute: UsedAttribute) -> bool:
        if attribute not in self._open:
            return False
        is_list = attribute.name.endswith("s") and not attribute.name.endswith(_SINGULAR)
        return is_list or attribute in self._unexplained

    @cached_property
    def _open(self) -> frozenset[UsedAttribute]:
        """The attributes that objects of the plan depend on, and that are not known before apply."""
        unknown: dict[str, list[PlannedObject]] = {}
        for each in self._plan.instances.values():
            if each.exists:
                unknown.setdefault(keyless(each.address), []).append(each)
        found = {
            UsedAttribute(keyless(address), path[0] if path else "") for address, path in self._plan.relevant or ()
        }
        return frozenset(
            each for each in found if any(_is_open(one, each.name) for one in unknown.get(each.address, ()))
        )

    @cached_property
    def _unexplained(self) -> frozenset[UsedAttribute]:
        """Those of them that no expression that the plan shows refers to."""
        used: set[UsedAttribute] = set()
        for module, block in self._resources():
            used |= self._carried(block, module)
        for each in member(self._plan.configuration, "provider_config").values():
            used |= self._carried(member(each, "expressions"), "")
        return frozenset(
            each for each in self._open if each not in used and UsedAttribute(each.address, "") not in used
        )

    def _resources(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for module, body in self._references.modules():
            for each in configured(body):
                yield module, each

    def _carried(self, expressions: object, module: str, depth: int = 0) -> set[UsedAttribute]:
        """Return the attributes that expressions take their values from, through variables and outputs."""
        if depth > _DEEPEST:
            return set()
        return {each for name in _references(expressions) for each in self._behind(steps(name), module, depth + 1)}

    def _behind(self, path: list[str], module: str, depth: int) -> set[UsedAttribute]:
        match path:
            case ["var", name, *_]:
                around, argument = self._references.argument(name, module)
                return self._carried(argument, around.module, depth)
            case ["module", name, *rest]:
                outputs = self._references.outputs(name, module)
                output = next((each for each in rest if not each.startswith("[")), None)
                return self._carried(outputs if output is None else outputs.get(output), _inside(module, name), depth)
            case ["data", type_, name, *rest]:
                return {_attribute(module, f"data.{type_}.{name}", rest)}
            case [type_, name, *rest]:
                return {_attribute(module, f"{type_}.{name}", rest)}
            case _:
                return set()

    def _scope(self, module: str) -> frozenset[UsedAttribute]:
        """Return the open attributes that expressions of a module can refer to."""
        if module not in self._scopes:
            self._scopes[module] = frozenset()
            own = {each for each in self._open if _module_of(each.address) == module}
            body = self._references.body(module)
            for name in member(body, "variables"):
                around, argument = self._references.argument(name, module)
                own |= self._received(argument, around.module)
            for name in member(body, "module_calls"):
                own |= self._received(self._references.outputs(name, module), _inside(module, name))
            self._scopes[module] = frozenset(own) & self._open
        return self._scopes[module]

    def _received(self, expressions: object, module: str) -> set[UsedAttribute]:
        """Return what expressions hand on; a local value may be anything that the expressions shown do not use."""
        found = self._carried(expressions, module)
        if any(name.startswith("local.") for name in _references(expressions)):
            found |= self._scope(module) & self._unexplained
        return found

    def _optional(self, module: str) -> Iterator[UsedAttribute]:
        """Yield what is handed to variables that may be left out, and to those that no expression shown refers to."""
        body = self._references.body(module)
        calls = [{**call, "module": None} for call in map(as_object, member(body, "module_calls").values())]
        visible = [configured(body), calls, body.get("outputs")]
        shown = {".".join(steps(name)[:2]) for name in _references(visible)}
        for name, declared in member(body, "variables").items():
            if "default" in as_object(declared) or f"var.{name}" not in shown:
                around, argument = self._references.argument(name, module)
                yield from self._received(argument, around.module) & self._open

    def _users_of(self, address: str) -> frozenset[str]:
        """Return the resources that depend on one, itself among them: it cannot depend on these in turn."""
        found, waiting = {address}, [address]
        while waiting:
            new = self._users.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return frozenset(found)

    @cached_property
    def _users(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for module, block in self._resources():
            address = ".".join(filter(None, (module, str(block.get("address")))))
            for each in self._carried(block, module):
                found.setdefault(each.address, set()).add(address)
        return found


def _references(expressions: object) -> Iterator[str]:
    """Yield the references in expressions at any depth, each as far as it goes."""
    waiting = [expressions]
    while waiting:
        match waiting.pop():
            case {"references": [*found]}:
                yield from longest([str(each) for each in found])
            case dict() as members:
                waiting += (each for name, each in members.items() if name != "constant_value")
            case list() as members:
                waiting += members
            case _:
                pass


def _attribute(module: str, address: str, rest: list[str]) -> UsedAttribute:
    name = next((each for each in rest if not each.startswith("[")), "")
    return UsedAttribute(f"{module}.{address}" if module else address, name)


def _inside(module: str, name: str) -> str:
    return f"{module}.module.{name}" if module else f"module.{name}"


def _module_of(address: str) -> str:
    """Return the path of the module that a resource is in, both without keys."""
    parts, module = address.split("."), []
    while parts[0] == "module":
        module += parts[:2]
        parts = parts[2:]
    return ".".join(module)


def _is_open(instance: PlannedObject, name: str) -> bool:
    unknown = instance.unknown
    marked = unknown.get(name) if name and isinstance(unknown, Mapping) else unknown
    return _has_true(marked)


def _has_true(marks: object) -> bool:
    match marks:
        case bool():
            return marks
        case dict():
            return any(map(_has_true, marks.values()))
        case list():
            return any(map(_has_true, marks))
        case _:
            return False
