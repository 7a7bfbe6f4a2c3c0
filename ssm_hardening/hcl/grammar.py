"""python-hcl2's grammar as LALR tables, kept in the user's own cache directory, and the automaton that runs them.

Lark works the tables out from the grammar file once (about half a second); afterwards they are read as JSON,
and neither hcl2 nor lark is imported any more. JSON rather than Lark's own cache, which is a pickle: whoever can write
the file could at worst spoil a verdict, and the directory must be the user's alone even for that.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from zlib import crc32

from ssm_hardening.core.cache import cache_folder, write_at_once
from ssm_hardening.core.errors import SsmHardenError
from ssm_hardening.hcl.building import BUILDERS
from ssm_hardening.hcl.tokens import SourceText, Token

REPETITION = "__"
"""How the names of rules begin that Lark makes of `*` and `+`: their children become the parent's."""

Builder: TypeAlias = Callable[[SourceText, list[Any]], Any]


class Production(NamedTuple):
    """A rule of the grammar: it replaces `size` children by one `origin`.

    `is_helper` marks a repetition (its value is the list of its children), `repeats` a rule with such a list
    among its children, `is_unit` one that only hands its child on.
    """

    origin: str
    size: int
    repeats: bool
    is_helper: bool
    is_unit: bool
    builder: Builder | None

    def build(self, source: SourceText, children: list[Any]) -> object:
        """Return what the rule makes of its children."""
        if self.is_helper:
            return _grow(children) if self.repeats else children
        if self.repeats:
            children = _grow([[], *children])
        return children[0] if self.builder is None else self.builder(source, children)


def rule(origin: str, name: str, size: int, *, repeats: bool, builder: Builder | None) -> Production:
    """Return the rule; `name` is its alias where it has one."""
    is_helper = name.startswith(REPETITION)
    is_unit = size == 1 and builder is None and not is_helper and not repeats
    return Production(origin, size, repeats, is_helper, is_unit, builder)


def _grow(children: list[Any]) -> list[Any]:
    """Return the children as one list; repetitions are lists, and the first one grows in place."""
    grown: list[Any] = children[0]
    for child in children[1:]:
        if type(child) is list:
            grown.extend(child)
        else:
            grown.append(child)
    return grown


@dataclass(frozen=True, slots=True)
class ParseTables:
    """For each state: token (or rule) → the state to enter, or ~rule to reduce by."""

    start: int
    end: int
    actions: tuple[Mapping[str, int], ...]
    rules: tuple[Production, ...]
    settled: dict[tuple[int, int, str], int] = field(default_factory=dict, compare=False, repr=False)
    """Where chains of unit rules end, by the states below and at the top, and the token that follows."""

    def reduce(self, source: SourceText, tokens: Iterable[Token]) -> object:
        """Return what the builders make of the tokens."""
        actions, rules, states, values = self.actions, self.rules, [self.start], list[Any]()
        for token in tokens:
            while (action := actions[states[-1]].get(token.type, 0)) < 0:
                by = rules[~action]
                if by.is_unit:
                    states[-1] = self._settle(states[-2], states[-1], token.type)
                    continue
                kept = len(values) - by.size
                children = values[kept:]
                del values[kept:], states[kept + 1 :]
                states.append(actions[states[-1]][by.origin])
                values.append(by.build(source, children))
                if states[-1] == self.end and token.type == "$END":
                    return values[-1]
            if token.type not in actions[states[-1]]:
                raise source.broken(token.start, _unexpected(token))
            states.append(action)
            values.append(token)
        raise source.broken(len(source.text), _EARLY_END)

    def _settle(self, below: int, top: int, token: str) -> int:
        """Follow the unit rules: an expression climbs nine levels of precedence at once."""
        known = self.settled.get((below, top, token))
        if known is None:
            known = top
            while (action := self.actions[known].get(token, 0)) < 0 and self.rules[~action].is_unit:
                known = self.actions[below][self.rules[~action].origin]
            self.settled[below, top, token] = known
        return known


_EARLY_END = "unexpected end of file"


def _unexpected(token: Token) -> str:
    if token.type == "$END":
        return _EARLY_END
    if token.type == "NL_OR_COMMENT":
        return "unexpected end of line"
    return f"unexpected `{token.value}`"


_SCHEMA = 2
"""Counts up whenever the layout of the cache file or the way it is derived changes."""


@cache
def tables() -> ParseTables:
    """Return the tables, from the cache or from the grammar."""
    grammar = _grammar_text()
    folder = cache_folder()
    name = f"grammar-{_SCHEMA}-{crc32(grammar.encode()):08x}.json"
    found = None if folder is None else _load(folder / name)
    if found is not None:
        return found
    data = _derive(grammar)
    if folder is not None:
        _save(folder / name, data)
    return _tables(data)


def _grammar_text() -> str:
    """Read the grammar without importing hcl2 (which would take a tenth of a second)."""
    try:
        spec = find_spec("hcl2")
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        return Path(places[0], "hcl2.lark").read_text(encoding="utf-8")
    except (IndexError, OSError, ValueError) as error:
        raise SsmHardenError(
            "python-hcl2 is not installed; it is required to read Terraform code", hint=_hint()
        ) from error


def _load(file: Path) -> ParseTables | None:
    """Return the cached tables, or None where they are missing or spoiled (they are derived anew then)."""
    try:
        checksum, _, data = file.read_bytes().partition(b"\n")
        return _tables(json.loads(data)) if checksum == _checksum(data) else None
    except (OSError, ValueError):
        return None


def _checksum(data: bytes) -> bytes:
    return f"{crc32(data):08x}".encode()


def _tables(data: Mapping[str, Any]) -> ParseTables:
    rules = tuple(
        rule(origin, name, size, repeats=repeats, builder=BUILDERS.get(name))
        for origin, name, size, repeats in data["rules"]
    )
    return ParseTables(data["start"], data["end"], tuple(data["actions"]), rules)


def _save(file: Path, data: Mapping[str, Any]) -> None:
    text = json.dumps(data, separators=(",", ":")).encode()
    write_at_once(file, _checksum(text) + b"\n" + text)


def _derive(grammar: str) -> dict[str, Any]:
    """Let Lark analyse the grammar, and take its tables."""
    from lark import Lark
    from lark.exceptions import LarkError
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    try:
        data, memo = Lark(_without_newlines(grammar), parser="lalr").memo_serialize([TerminalDef, Rule])
        found = _simplify(data["parser"]["parser"], memo)
    except (LarkError, KeyError, TypeError) as error:
        raise _foreign() from error
    if not BUILDERS.keys() <= {name for _, name, *_ in found["rules"]}:
        raise _foreign()
    return found


def _foreign() -> SsmHardenError:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow, and only for a message

    versions = []
    for package in ("python-hcl2", "bc-python-hcl2"):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    seen = ", ".join(versions) or "neither python-hcl2 nor its fork bc-python-hcl2"
    message = f"Terraform code cannot be read: the installed hcl2 package is not python-hcl2 8 (found: {seen})"
    return SsmHardenError(message, hint=_hint())


def _hint() -> str:
    from ssm_hardening.core.installation import replace_hcl2  # noqa: PLC0415 - only for a message

    return (
        f"run `{replace_hcl2()}`, and keep checkov in a separate environment: its fork (bc-python-hcl2) overwrites"
        " the hcl2 package"
    )


def _without_newlines(grammar: str) -> str:
    """Drop newlines from the rules where HCL ignores them: the lexer does not pass them on there.

    A tenth of the tables remains, and of the time to work them out.
    """
    kept = re.compile(r"(?:body|object|new_line_or_comment) ?:")
    lines = grammar.split("\n")
    return "\n".join(line if kept.match(line) else line.replace("new_line_or_comment?", "") for line in lines)


def _simplify(parser: Mapping[str, Any], memo: Mapping[int, Any]) -> dict[str, Any]:
    """Turn Lark's serialised tables into ours: states numbered from 0, reductions as ~rule."""
    tokens, states = parser["tokens"], parser["states"]
    order = {state: index for index, state in enumerate(states)}
    rules: dict[int, int] = {}

    def action(state_or_rule: int | Mapping[str, int]) -> int:
        if isinstance(state_or_rule, Mapping):
            return ~rules.setdefault(state_or_rule["@"], len(rules))
        return order[state_or_rule]

    actions = [{tokens[token]: action(entry) for token, (_, entry) in entries.items()} for entries in states.values()]
    return {
        "start": order[parser["start_states"]["start"]],
        "end": order[parser["end_states"]["start"]],
        "actions": actions,
        "rules": [_entry(memo[key]) for key in rules],
    }


def _entry(lark_rule: Mapping[str, Any]) -> tuple[str, str, int, bool]:
    origin: str = lark_rule["origin"]["name"]
    repeats = any(symbol["name"].startswith(REPETITION) for symbol in lark_rule["expansion"])
    return origin, lark_rule["alias"] or origin, len(lark_rule["expansion"]), repeats
