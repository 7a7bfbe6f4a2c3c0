"""The LALR automaton: tokens in, what the builders make of them out. It does not recurse."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ssm_hardening.hcl.places import SourceText
from ssm_hardening.hcl.tokens import Token

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

    def build(self, source: SourceText, children: list[Any]) -> Any:  # noqa: ANN401 - a token, node or fragment
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

    def reduce(self, source: SourceText, tokens: Iterable[Token]) -> Any:  # noqa: ANN401 - whatever `start` builds
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


_EARLY_END = "the text ends too early"


def _unexpected(token: Token) -> str:
    if token.type == "$END":
        return _EARLY_END
    if token.type == "NL_OR_COMMENT":
        return "the line ends too early"
    return f"unexpected `{token.value}`"
