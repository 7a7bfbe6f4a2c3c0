"""What a module that was not read can get at: what its call hands over, and what it can name.

A module changes an object of its caller only if an argument refers to the object, or names it. A module of another
provider's declares nothing of AWS at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Encoded, Items, Known, Record, Reference, Template, Unknown, Value
from ssm_hardening.hcl import ast
from ssm_hardening.model import INPUTS, Fact, Gap, is_override
from ssm_hardening.model.joins import names
from ssm_hardening.read.code.expansion import Expansion
from ssm_hardening.read.code.modules import Declaration
from ssm_hardening.read.facts.arguments import is_generated
from ssm_hardening.read.graph import UnreadPart, keyless

if TYPE_CHECKING:
    from ssm_hardening.read.code.instances import ModuleInstance
    from ssm_hardening.read.code.tree import Tree

_PART = r"[0-9A-Za-z](?:[-_0-9A-Za-z]*[0-9A-Za-z])?"
_REGISTRY = re.compile(
    rf"(?:(?P<host>[^/]+\.[^/]+|localhost(?::\d+)?)/)?{_PART}/{_PART}/(?P<provider>[0-9a-z]+)(?://.*)?"
)
_NO_REGISTRY = frozenset({"github.com", "bitbucket.org", "gitlab.com"})
_OF_AWS = frozenset({"aws", "awscc"})


def is_of_another_provider(source: str) -> bool:
    """Say whether a module's source is one of a registry (NAMESPACE/NAME/PROVIDER) whose provider is not AWS's."""
    found = _REGISTRY.fullmatch(source)
    return found is not None and found["host"] not in _NO_REGISTRY and found["provider"] not in _OF_AWS


def declares_nothing(parent: "ModuleInstance", placed: Declaration[ast.Block]) -> bool:
    """Say whether a call is of a module that declares nothing of AWS."""
    source = parent.argument(placed, "source")
    return isinstance(source, Known) and isinstance(source.value, str) and is_of_another_provider(source.value)


def part_of(tree: "Tree", gap: Gap, call: "UnreadCall | None") -> UnreadPart:
    """Return what a part that was not read may say: a module of what it is handed, other code of everything."""
    unknown = Unknown(gap.why, gap.at, gap.detail)
    if gap.kind == INPUTS or _only_sets(gap):
        return UnreadPart(unknown, lambda _: False, declares=False)
    if call is None:
        return UnreadPart(unknown, lambda _: True)
    handed: list[Handed] = []
    known: dict[str, bool] = {}

    def reaches(fact: Fact) -> bool:
        if not handed:
            handed.append(Handed.by(tree, call))
        if fact.address not in known:
            known[fact.address] = handed[0].can_reach(fact)
        return known[fact.address]

    return UnreadPart(unknown, reaches)


def _only_sets(gap: Gap) -> bool:
    """Say whether it is a file that declares nothing: what it may set is unknown wherever it may.

    Files of values set variables; override files, arguments of what other files declare.
    """
    name = gap.at.file.replace("\\", "/").rpartition("/")[2] if isinstance(gap.at, CodeOrigin) else ""
    return (
        gap.kind != "module" and not gap.affects and (name.endswith((".tfvars", ".tfvars.json")) or is_override(name))
    )


_NOT_HANDED = frozenset({"source", "version", "providers", "depends_on", "count", "for_each", "enabled"})
"""What a call says to Terraform, not to the module."""

_COMPANIONS = (
    "aws_s3_bucket_", "aws_iam_role_", "aws_iam_user_", "aws_iam_group_", "aws_kms_alias", "aws_kms_key_policy",
    "aws_cloudwatch_log_subscription_filter", "aws_cloudwatch_log_stream", "aws_security_group_",
    "terraform_data", "null_resource", "time_sleep",
)  # fmt: skip
"""Types whose attributes repeat the name of the object that they say something of, or whatever they are given."""

_BEFORE, _BEHIND = r'(?:^|[:/"])', r'(?:$|[:/"])'


@dataclass(frozen=True, slots=True, eq=False)
class UnreadCall:
    """A call of a module that was not read, in the module that makes it."""

    parent: "ModuleInstance"
    placed: Declaration[ast.Block]
    expansion: Expansion

    def arguments(self) -> Iterator[tuple[ast.Expr, Value[Any]]]:
        """Yield what each instance of the module is handed, as written and as evaluated."""
        for instance in self.expansion.instances:
            scope = self.parent.scope(self.placed.file).bind(**instance.bindings)
            config = self.parent.config(self.placed, scope)
            for attribute in self.placed.node.body.attributes:
                if attribute.name not in _NOT_HANDED:
                    yield attribute.value, config.get(attribute.name)

    def elements(self) -> tuple[ast.Expr, ...]:
        """Return what `each` is an element of, as written."""
        return tuple(each.value for each in self.placed.node.body.attributes if each.name == "for_each")


@dataclass(slots=True)
class Handed:
    """What a module is handed: addresses it is given a reference to, texts, and whether anything else may be."""

    tree: "Tree"
    addresses: set[str] = field(default_factory=set)
    texts: list[str | Template] = field(default_factory=list)
    anything: bool = False
    _seen: set[object] = field(default_factory=set)

    @classmethod
    def by(cls, tree: "Tree", call: UnreadCall) -> "Handed":
        """Return what a call hands over."""
        handed = cls(tree)
        handed._take(call)
        return handed

    def can_reach(self, fact: Fact) -> bool:
        """Say whether the module can say something of an object."""
        address = keyless(fact.address)
        if any(address == each or address.startswith(f"{each}.") for each in self.addresses):
            return True
        if is_generated(fact.name):
            return False
        if any(_names(text, fact) for text in self.texts):
            return True
        return self.anything and isinstance(fact.name, Known | Unknown)

    def _take(self, call: UnreadCall) -> None:
        if id(call) in self._seen:
            return
        self._seen.add(id(call))
        for expression, value in call.arguments():
            self._value(value)
            if has_unknown(value) and not _is_a_switch(expression, call.parent):
                self.anything = True
                self._names(expression, call.parent)
                if any(head == "each" for head, _ in traversals(expression)):
                    self._names(call.elements(), call.parent)

    def _value(self, value: Value[Any]) -> None:
        for leaf in _leaves(value):
            if isinstance(leaf, Reference):
                self._address(leaf.address)
                continue
            self.texts.append(leaf)
            for part in leaf.parts if isinstance(leaf, Template) else ():
                if isinstance(part, Reference):
                    self._address(part.address)

    def _address(self, address: str) -> None:
        """Take an object, and whatever it repeats the name of; a data source repeats what it looks for."""
        plain = keyless(address)
        if plain in self._seen:
            return
        self._seen.add(plain)
        self.addresses.add(plain)
        for owner, key in _declared(plain, self.tree):
            if key[0] == "data" or key[1].startswith(_COMPANIONS):
                self._body(owner.module.resources[key].node.body, owner)

    def _body(self, body: ast.Body, owner: "ModuleInstance") -> None:
        for attribute in body.attributes:
            self._names(attribute.value, owner)
        for block in body.blocks:
            self._body(block.body, owner)

    def _names(self, expression: ast.Expr | tuple[ast.Expr, ...], owner: "ModuleInstance") -> None:
        """Take what an expression refers to, whatever becomes of it."""
        for head, rest in traversals(expression):
            key = (owner.path, head, *rest[:2])
            if key not in self._seen:
                self._seen.add(key)
                self._named(head, rest, owner)

    def _named(self, head: str, rest: tuple[str, ...], owner: "ModuleInstance") -> None:
        module = owner.module
        match head, rest:
            case "local", (name, *_) if name in module.locals:
                self._names(module.locals[name].node.value, owner)
            case "var", (name, *_):
                for caller, placed in self.tree.callers(owner):
                    for attribute in placed.node.body.attributes:
                        if attribute.name in {name, "for_each"}:
                            self._names(attribute.value, caller)
            case "module", (name, *behind) if name in module.calls:
                self._called(name, behind[0] if behind else None, owner)
            case "data", (type_, name, *_):
                self._address(owner.prefixed(f"data.{type_}.{name}"))
            case _, (name, *_) if ("managed", head, name) in module.resources:
                self._address(owner.prefixed(f"{head}.{name}"))
            case _:
                return

    def _called(self, name: str, output: str | None, owner: "ModuleInstance") -> None:
        """Take what a module called gives back; one that was not read, whatever it is handed itself."""
        unread = self.tree.unread_call(owner, name)
        if unread is not None:
            self._take(unread)
            return
        for child in self.tree.children(owner, name)[1]:
            for each, placed in child.module.outputs.items():
                if output in {None, each}:
                    self._body(placed.node.body, child)


def _declared(address: str, tree: "Tree") -> Iterator[tuple["ModuleInstance", tuple[str, str, str]]]:
    """Yield the resource block of an address without instance keys, in each instance of its module."""
    for instance in tree.instances():
        path = keyless(instance.path)
        *mode, kind, name = ["", *address.removeprefix(f"{path}." if path else "").split(".")]
        key = ("data" if mode[1:] == ["data"] else "managed", kind, name)
        if key in instance.module.resources:
            yield instance, key


def _leaves(value: Value[Any]) -> Iterator[str | Reference | Template]:
    """Yield every text of a value, keys of maps and the branches of undecided conditionals included."""
    match value:
        case Known(str() | Reference() | Template() as text):
            yield text
        case Known(Record(members)):
            yield from members
            yield from (leaf for member in members.values() for leaf in _leaves(member))
        case Known(Items(several)) | Unknown(one_of=several):
            yield from (leaf for each in several for leaf in _leaves(each))
        case Known(Encoded(_, inner)):
            yield from _leaves(inner)
        case _:
            return


def _names(text: str | Template, fact: Fact) -> bool:
    """Say whether a text names an object, or may; a constant does not name what has no constant for a name."""
    if isinstance(text, Template):
        return names(Known(text, fact.origin), fact) is not False
    name = fact.name.value if isinstance(fact.name, Known) else None
    if isinstance(name, str):
        return name != "" and re.search(f"{_BEFORE}{re.escape(name)}{_BEHIND}", text) is not None
    return (isinstance(name, Template) and names(Known(text, fact.origin), fact) is not False) or _is_alias(text, fact)


def _is_alias(text: str, fact: Fact) -> bool:
    """Say whether it is the name of some key: which one, the key's own address does not tell."""
    return "aws_kms_" in fact.declaration and re.search(f"{_BEFORE}alias/", text) is not None


def has_unknown(value: Value[Any]) -> bool:
    """Say whether any part of a value is not known."""
    match value:
        case Unknown(one_of=branches):
            return not branches or any(map(has_unknown, branches))
        case Known(Template(parts)):
            return any(isinstance(part, Unknown) for part in parts)
        case Known(Record(members, rest)):
            return rest is not None or any(map(has_unknown, members.values()))
        case Known(Items(items, rest)):
            return rest is not None or any(map(has_unknown, items))
        case Known(Encoded(_, inner)):
            return has_unknown(inner)
        case _:
            return False


def _is_a_switch(expression: ast.Expr, owner: "ModuleInstance") -> bool:
    """Say whether it is a variable that holds a number or a boolean, which name nothing."""
    match expression:
        case ast.Attr(ast.Name("var"), name):
            return owner.declared_type(name) in {"bool", "number"}
        case _:
            return False


def traversals(node: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every name of an expression with the names behind it (`module`, (`logs`, `bucket`))."""
    chain: list[str] = []
    while isinstance(node, ast.Attr | ast.Index | ast.Splat):
        if isinstance(node, ast.Attr):
            chain.append(node.name)
        else:
            yield from traversals(node.key if isinstance(node, ast.Index) else node.body)
        node = node.target
    if isinstance(node, ast.Name):
        yield node.name, tuple(reversed(chain))
    elif isinstance(node, tuple):
        yield from (found for each in node for found in traversals(each))
    elif is_dataclass(node):
        yield from (found for each in fields(node) for found in traversals(getattr(node, each.name)))
