"""PowerShell scripts by their grammar: where they are broken, and all that they call."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import tree_sitter
import tree_sitter_powershell


class Called(NamedTuple):
    """What a script calls or names, each as it is written there."""

    commands: frozenset[str]
    invoked: frozenset[str]
    members: frozenset[str]
    types: frozenset[str]
    redirections: frozenset[str]
    functions: frozenset[str]


@lru_cache(maxsize=8)
def parsed(script: bytes) -> tree_sitter.Node:
    language = tree_sitter.Language(tree_sitter_powershell.language())
    return tree_sitter.Parser(language).parse(script).root_node


@lru_cache(maxsize=8)
def nodes_of(script: bytes) -> tuple[tree_sitter.Node, ...]:
    """Return all nodes of a script: one walk over some ten thousand of them is shared by all who ask."""
    return tuple(walk(parsed(script)))


def walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def faults(script: bytes) -> tuple[str, ...]:
    """Return the places that the grammar does not know, as `line: text`."""
    bad = (each for each in nodes_of(script) if each.is_error or each.is_missing)
    return tuple(f"{each.start_point.row + 1}: {written(each)[:60] or each.type}" for each in bad)


def called(script: bytes) -> Called:
    """Return what the script calls; `invoked` is what stands after `&` or `.` instead of a command's name."""
    nodes = nodes_of(script)

    def of(*kinds: str) -> frozenset[str]:
        return frozenset(written(each) for each in nodes if each.type in kinds)

    return Called(
        commands=of("command_name"),
        invoked=of("command_name_expr"),
        members=frozenset(written(each).casefold() for each in nodes if each.type == "member_name"),
        types=frozenset(written(each).strip("[]").casefold() for each in nodes if each.type == "type_literal"),
        redirections=of("redirection", "redirected_file_name", "file_redirection_operator"),
        functions=of("function_name"),
    )


def written(node: tree_sitter.Node) -> str:
    return "" if node.text is None else node.text.decode()


def variables(script: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """Return the variables that a script sets (parameters and loops included), and all that it names, in lower case."""
    nodes = nodes_of(script)
    named = frozenset(_name(each) for each in nodes if each.type == "variable")
    loops = (_name(next(part for part in each.children if part.type == "variable")) for each in nodes if _loops(each))
    inside = (part for each in nodes if _sets(each) for part in walk(each) if part.type == "variable")
    return frozenset(loops) | frozenset(_name(each) for each in inside), named


def _loops(node: tree_sitter.Node) -> bool:
    return node.type == "foreach_statement"


def _sets(node: tree_sitter.Node) -> bool:
    return node.type in {"left_assignment_expression", "script_parameter"}


def _name(variable: tree_sitter.Node) -> str:
    return written(variable).strip("${}").casefold()
