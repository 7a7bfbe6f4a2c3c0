"""`data.aws_iam_policy_document`: the JSON that the provider would make of its blocks and source documents."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from ssm_hardening.core.logic import certainly, chained, known_or
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import (
    Absent,
    Datum,
    Items,
    Known,
    LaidOut,
    Record,
    Reference,
    Template,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.read.graph import Config
from ssm_hardening.text.documents import decode_json
from ssm_hardening.text.writing import scalar_text

Resolve: TypeAlias = Callable[[str], Value[Datum]]

_DEFAULT_VERSION = "2012-10-17"
_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_WITH_VARIABLES = frozenset({"resources", "not_resources"})
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}


def policy_document(config: Config, at: CodeOrigin, resolve: Resolve | None = None) -> Value[Datum]:
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
    return Known(LaidOut("json", Known(Record(members), at)), at)


@dataclass(frozen=True, slots=True)
class _Policy:
    """Statements in order; `rest` says why there may be more. `name` is its Id."""

    statements: tuple[Value[Datum], ...] = ()
    rest: Unknown | None = None
    name: Value[Datum] | None = None

    def merged(self, others: Iterable["_Policy"]) -> "_Policy":
        """Add the statements of other policies; one with a Sid takes the place of the one that had it."""
        policy = self
        for other in others:
            policy = _merge(policy, other)
        return policy


def _merge(base: _Policy, other: _Policy) -> _Policy:
    """Merge one policy; its own statements never replace one another, since their Sids differ."""
    kept = list(base.statements)
    added: list[Value[Datum]] = []
    for statement in other.statements:
        kept, replaced = _replace(kept, statement)
        if not replaced:
            added.append(statement)
    if other.rest is not None:
        kept = _shaken(kept, other.rest)
    name = base.name if other.name is None else other.name
    return _Policy((*kept, *added), base.rest if other.rest is None else other.rest, name)


def _replace(kept: list[Value[Datum]], statement: Value[Datum]) -> tuple[list[Value[Datum]], bool]:
    """Return the statements after one was merged, and whether it took the place of one of them for certain."""
    sid = _sid(statement)
    if isinstance(sid, Absent):
        return kept, False
    if isinstance(sid, Unknown):
        return _shaken(kept, sid), False
    answers = [_same_sid(sid, _sid(each)) for each in kept]
    gap = Unknown(Why.COMPUTED, sid.at, f"whether the Sid is {sid.value}")
    places = {True: statement, None: _replaceable(gap)}
    new = [places.get(answer, each) for each, answer in zip(kept, answers, strict=True)]
    return new, True in answers


def _shaken(kept: Iterable[Value[Datum]], gap: Unknown) -> list[Value[Datum]]:
    """Return what is left where an unknown statement was merged: it may have replaced any that has a Sid."""
    return [each if isinstance(_sid(each), Absent) else _replaceable(gap) for each in kept]


def _replaceable(gap: Unknown) -> Unknown:
    return Unknown(gap.why, gap.at, f"a statement that may be overridden: {gap.detail}")


def _sid(statement: Value[Datum]) -> Value[Datum]:
    """Return a statement's Sid; Absent where it has none, and so neither replaces nor is replaced."""
    return chained(statement, _sid_in)


def _sid_in(statement: Known[Datum]) -> Value[Datum]:
    members = statement.value if isinstance(statement.value, Record) else Record({})
    return _unless_empty(members.get("Sid", statement.at))


def _same_sid(one: Known[Datum], other: Value[Datum]) -> bool | None:
    if isinstance(other, Unknown):
        return None
    if isinstance(other, Absent) or one.value == other.value:
        return isinstance(other, Known)
    return False if isinstance(one.value, str) and isinstance(other.value, str) else None


def _documents(value: Value[Datum], resolve: Resolve | None) -> list[_Policy]:
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


def _decoded(text: Value[Datum]) -> _Policy:
    found = decode_json(text, text.at)
    if isinstance(found, Unknown):
        return _Policy((), found)
    if isinstance(found, Absent):
        return _Policy()
    if not isinstance(found.value, Record):
        return _Policy((), Unknown(Why.UNPARSEABLE, found.at, "a source policy document is not an object"))
    policy, at = found.value, found.at
    return replace(_statements_in(policy.get("Statement", at)), name=_given(policy.get("Id", at)))


def _statements_in(value: Value[Datum]) -> _Policy:
    """Return the statements of a list, or the only one, which may stand without a list."""
    listed = known_or(value, Items((), value if isinstance(value, Unknown) else None))
    return _Policy(listed.items, listed.rest) if isinstance(listed, Items) else _Policy((value,))


def _own(config: Config) -> list[_Policy]:
    blocks = config.blocks("statement")
    return [_Policy(tuple(_statement(block) for block in blocks), blocks.gap, _given(config.get("policy_id")))]


def _given(name: Value[Datum]) -> Value[Datum] | None:
    return None if isinstance(_unless_empty(name), Absent) else name


def _statement(block: Config) -> Value[Datum]:
    effect = block.get("effect")
    members: dict[str, Value[Datum]] = {
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


def _unless_empty(value: Value[Datum]) -> Value[Datum]:
    return Absent(value.at) if isinstance(value, Known) and value.value == "" else value


def _listed(value: Value[Datum]) -> Value[Datum]:
    """Return a set of texts as the provider writes it: one alone stands without a list, none is left out."""
    listed = known_or(value, None)
    if not isinstance(listed, Items) or listed.rest is not None:
        return value
    texts = [item.value for item in listed.items if isinstance(item, Known) and isinstance(item.value, str)]
    if len(texts) < len(listed.items):
        return _one_or_many(value)
    by_text = dict(zip(texts, listed.items, strict=True))
    return _one_or_many(Known(Items(tuple(by_text[text] for text in sorted(by_text, reverse=True))), value.at))


def _one_or_many(value: Value[Datum]) -> Value[Datum]:
    listed = known_or(value, None)
    if not isinstance(listed, Items) or listed.rest is not None or len(listed.items) > 1:
        return value
    return listed.items[0] if listed.items else Absent(value.at)


def _with_variables(value: Value[Datum]) -> Value[Datum]:
    """Return texts, with `&{aws:username}` turned into the `${aws:username}` that IAM knows."""
    if isinstance(value, Unknown):
        return replace(value, one_of=tuple(map(_with_variables, value.one_of)))
    return replace(value, value=_spelled(value.value)) if isinstance(value, Known) else value


def _spelled(content: Datum) -> Datum:
    text = scalar_text(content)
    if text is not None:
        return text.replace("&{", "${")
    match content:
        case Template(parts):
            return Template(tuple(part.replace("&{", "${") if isinstance(part, str) else part for part in parts))
        case Items(items, rest):
            return Items(tuple(map(_with_variables, items)), rest)
        case _:
            return content


def _principals(block: Config, block_type: str) -> Value[Datum]:
    found = block.blocks(block_type)
    if found.gap is None and not found.items:
        return Absent(block.at)
    members: dict[str, Value[Datum]] = {}
    rest = found.gap
    for each in found:
        identifiers = _with_variables(each.get("identifiers"))
        match each.get("type"):
            case Known(str() as kind):
                members[kind] = _joined(members.get(kind), identifiers)
            case other:
                rest = _unnamed(other, f"a principal type in {block_type}")
    if rest is None and list(members) == ["*"] and _is_everybody(members["*"]):
        return Known("*", block.at)
    return Known(Record({kind: _listed(value) for kind, value in members.items()}, rest), block.at)


def _is_everybody(identifiers: Value[Datum]) -> bool:
    return certainly(_listed(identifiers), lambda content: content == "*")


def _conditions(block: Config) -> Value[Datum]:
    found = block.blocks("condition")
    if found.gap is None and not found.items:
        return Absent(block.at)
    operators: dict[str, dict[str, Value[Datum]]] = {}
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


def _condition_keys(keys: dict[str, Value[Datum]], *, at: CodeOrigin) -> Value[Datum]:
    return Known(Record({key: _one_or_many(value) for key, value in keys.items()}), at)


def _unnamed(name: Value[Datum], what: str) -> Unknown:
    return name if isinstance(name, Unknown) else Unknown(Why.COMPUTED, name.at, what)


def _joined(before: Value[Datum] | None, more: Value[Datum]) -> Value[Datum]:
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
