"""`data.aws_iam_policy_document`: the JSON that the provider would make of its blocks and source documents."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Encoded, Items, Known, Record, Reference, Template, Unknown, Value, Why
from ssm_hardening.read.graph import Config
from ssm_hardening.text.documents import decode_json
from ssm_hardening.text.writing import scalar_text

Resolve: TypeAlias = Callable[[str], Value[Any]]

_DEFAULT_VERSION = "2012-10-17"
_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_WITH_VARIABLES = frozenset({"resources", "not_resources"})
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}


def policy_document(config: Config, at: CodeOrigin, resolve: Resolve | None = None) -> Value[Any]:
    """Return the value of `.json` and `.minified_json`: an encoded policy, unknown statement by statement.

    `resolve` leads a source document that is still a reference (`data.aws_iam_policy_document.base.json`) to its value.
    """
    policy = _Policy()
    for name in ("source_json", "source_policy_documents"):
        policy = policy.merged(_documents(config.get(name), resolve))
    policy = policy.merged(_own(config))
    for name in ("override_json", "override_policy_documents"):
        policy = policy.merged(_documents(config.get(name), resolve))
    version = config.get("version")
    members = {
        "Version": Known(_DEFAULT_VERSION, at, defaulted=True) if isinstance(version, Absent) else version,
        "Statement": Known(Items(policy.statements, policy.rest), at),
        **({} if policy.name is None else {"Id": policy.name}),
    }
    return Known(Encoded("json", Known(Record(members), at)), at)


@dataclass(frozen=True, slots=True)
class _Policy:
    """Statements in order; `rest` says why there may be more. `name` is its Id."""

    statements: tuple[Value[Any], ...] = ()
    rest: Unknown | None = None
    name: Value[Any] | None = None

    def merged(self, others: Iterable["_Policy"]) -> "_Policy":
        """Add the statements of other policies; one with a Sid takes the place of the one that had it."""
        policy = self
        for other in others:
            policy = _merge(policy, other)
        return policy


def _merge(base: _Policy, other: _Policy) -> _Policy:
    """Merge one policy; its own statements never replace one another, since their Sids differ."""
    kept = list(base.statements)
    added: list[Value[Any]] = []
    for statement in other.statements:
        kept, replaced = _replace(kept, statement)
        if not replaced:
            added.append(statement)
    if other.rest is not None:
        kept = _shaken(kept, other.rest)
    name = base.name if other.name is None else other.name
    return _Policy((*kept, *added), base.rest if other.rest is None else other.rest, name)


def _replace(kept: list[Value[Any]], statement: Value[Any]) -> tuple[list[Value[Any]], bool]:
    """Return the statements after one was merged, and whether it took the place of one of them for certain."""
    match _sid(statement):
        case Absent():
            return kept, False
        case Unknown() as gap:
            return _shaken(kept, gap), False
        case Known() as sid:
            answers = [_same_sid(sid, _sid(each)) for each in kept]
            gap = Unknown(Why.COMPUTED, sid.at, f"whether its Sid is {sid.value}")
            places = {True: statement, None: _replaceable(gap)}
            new = [places.get(answer, each) for each, answer in zip(kept, answers, strict=True)]
            return new, True in answers


def _shaken(kept: Iterable[Value[Any]], gap: Unknown) -> list[Value[Any]]:
    """Return what is left where an unknown statement was merged: it may have replaced any that has a Sid."""
    return [each if isinstance(_sid(each), Absent) else _replaceable(gap) for each in kept]


def _replaceable(gap: Unknown) -> Unknown:
    return Unknown(gap.why, gap.at, f"a statement that may be replaced: {gap.detail}")


def _sid(statement: Value[Any]) -> Value[Any]:
    """Return a statement's Sid; Absent where it has none, and so neither replaces nor is replaced."""
    match statement:
        case Known(Record() as members, at):
            return _unless_empty(members.get("Sid", at))
        case Known(_, at) | Absent(at):
            return Absent(at)
        case Unknown():
            return statement


def _same_sid(one: Known[Any], other: Value[Any]) -> bool | None:
    match other:
        case Absent():
            return False
        case Known(str() as text) if isinstance(one.value, str):
            return one.value == text
        case Known(text):
            return True if one.value == text else None
        case Unknown():
            return None


def _documents(value: Value[Any], resolve: Resolve | None) -> list[_Policy]:
    """Return the policies in a list of JSON texts, or in one text."""
    match value:
        case Absent() | Known(""):
            return []
        case Known(Items(items, rest)):
            found = [policy for item in items for policy in _documents(item, resolve)]
            return found if rest is None else [*found, _Policy((), rest)]
        case Known(Reference() as reference) if resolve is not None:
            return [_decoded(resolve(str(reference)))]
        case Known() | Unknown():
            return [_decoded(value)]


def _decoded(text: Value[Any]) -> _Policy:
    match decode_json(text, text.at):
        case Known(Record() as policy, at):
            return replace(_statements_in(policy.get("Statement", at)), name=_given(policy.get("Id", at)))
        case Unknown() as gap:
            return _Policy((), gap)
        case Known(_, at):
            return _Policy((), Unknown(Why.UNPARSEABLE, at, "a source document that is not an object"))
        case Absent():
            return _Policy()


def _statements_in(value: Value[Any]) -> _Policy:
    match value:
        case Known(Items(items, rest)):
            return _Policy(items, rest)
        case Known():
            return _Policy((value,))
        case Unknown() as gap:
            return _Policy((), gap)
        case Absent():
            return _Policy()


def _own(config: Config) -> list[_Policy]:
    blocks = config.blocks("statement")
    return [_Policy(tuple(_statement(block) for block in blocks), blocks.gap, _given(config.get("policy_id")))]


def _given(name: Value[Any]) -> Value[Any] | None:
    return None if isinstance(_unless_empty(name), Absent) else name


def _statement(block: Config) -> Value[Any]:
    effect = block.get("effect")
    members: dict[str, Value[Any]] = {
        "Sid": _unless_empty(block.get("sid")),
        "Effect": Known("Allow", block.at, defaulted=True) if isinstance(effect, Absent) else effect,
    }
    for argument, key in _LISTS.items():
        texts = block.get(argument)
        members[key] = _listed(_with_variables(texts) if argument in _WITH_VARIABLES else texts)
    for argument, key in _PRINCIPALS.items():
        members[key] = _principals(block, argument)
    members["Condition"] = _conditions(block)
    return Known(Record({key: value for key, value in members.items() if not isinstance(value, Absent)}), block.at)


def _unless_empty(value: Value[Any]) -> Value[Any]:
    return Absent(value.at) if isinstance(value, Known) and value.value == "" else value


def _listed(value: Value[Any]) -> Value[Any]:
    """Return a set of texts as the provider writes it: one alone stands without a list, none is left out."""
    match value:
        case Known(Items(items, None), at) if len(items) > 1 and all(_is_literal(item) for item in items):
            texts = {item.value: item for item in items if isinstance(item, Known)}
            return _one_or_many(Known(Items(tuple(texts[text] for text in sorted(texts, reverse=True))), at))
        case _:
            return _one_or_many(value)


def _is_literal(value: Value[Any]) -> bool:
    return isinstance(value, Known) and isinstance(value.value, str)


def _one_or_many(value: Value[Any]) -> Value[Any]:
    match value:
        case Known(Items((), None), at):
            return Absent(at)
        case Known(Items((single,), None)):
            return single
        case _:
            return value


def _with_variables(value: Value[Any]) -> Value[Any]:
    """Return texts, with `&{aws:username}` turned into the `${aws:username}` that IAM knows."""
    match value:
        case Known(bool() | int() | float() as scalar):
            return replace(value, value=scalar_text(scalar))
        case Known(str() as text):
            return replace(value, value=text.replace("&{", "${"))
        case Known(Template(parts)):
            shown = (part.replace("&{", "${") if isinstance(part, str) else part for part in parts)
            return replace(value, value=Template(tuple(shown)))
        case Known(Items(items, rest)):
            return replace(value, value=Items(tuple(_with_variables(item) for item in items), rest))
        case Unknown(one_of=branches):
            return replace(value, one_of=tuple(_with_variables(branch) for branch in branches))
        case Known() | Absent():
            return value


def _principals(block: Config, block_type: str) -> Value[Any]:
    found = block.blocks(block_type)
    if found.gap is None and not found.items:
        return Absent(block.at)
    members: dict[str, Value[Any]] = {}
    rest = found.gap
    for each in found:
        identifiers = _with_variables(each.get("identifiers"))
        match each.get("type"):
            case Known(str() as kind):
                members[kind] = _joined(members.get(kind), identifiers)
            case other:
                rest = _unnamed(other, f"the type of a principal, {block_type}")
    if rest is None and list(members) == ["*"] and _is_everybody(members["*"]):
        return Known("*", block.at)
    return Known(Record({kind: _listed(value) for kind, value in members.items()}, rest), block.at)


def _is_everybody(identifiers: Value[Any]) -> bool:
    match _listed(identifiers):
        case Known("*"):
            return True
        case Known() | Absent() | Unknown():
            return False


def _conditions(block: Config) -> Value[Any]:
    found = block.blocks("condition")
    if found.gap is None and not found.items:
        return Absent(block.at)
    operators: dict[str, dict[str, Value[Any]]] = {}
    rest = found.gap
    for each in found:
        match each.get("test"), each.get("variable"):
            case Known(str() as test), Known(str() as variable):
                keys = operators.setdefault(test, {})
                keys[variable] = _joined(keys.get(variable), _with_variables(each.get("values")))
            case (Known(str()), other) | (other, _):
                rest = _unnamed(other, "a condition")
    wrap = partial(_condition_keys, at=block.at)
    return Known(Record({test: wrap(keys) for test, keys in operators.items()}, rest), block.at)


def _condition_keys(keys: dict[str, Value[Any]], *, at: CodeOrigin) -> Value[Any]:
    return Known(Record({key: _one_or_many(value) for key, value in keys.items()}), at)


def _unnamed(name: Value[Any], what: str) -> Unknown:
    return name if isinstance(name, Unknown) else Unknown(Why.COMPUTED, name.at, what)


def _joined(before: Value[Any] | None, more: Value[Any]) -> Value[Any]:
    """Add texts to those of an earlier block for the same key."""
    if before is None:
        return more
    match before, more:
        case Known(Items(items, rest), at), Known(Items(others, gap)):
            return Known(Items((*items, *others), rest if gap is None else gap), at)
        case Known(Items(items), at), Unknown() as gap:
            return Known(Items(items, gap), at)
        case Unknown() as gap, Known(Items(items, _), at):
            return Known(Items(items, gap), at)
        case _:
            return before
