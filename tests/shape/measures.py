"""What is counted: how far a change spreads, what is said twice, and how many rooms there are."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import fields

from ssm_hardening.model import Account
from tests.shape.code import PACKAGE, File, House, body

RULE_ID = re.compile(r"(ACCT|CW|HOST|KMS|NET|OPER|PATH|PREF|REC|ROLE|RUNAS|S3)-\d\d")
VALUES = {"Known", "Absent", "Unknown"}
SMALL = 90


def rule_ids(house: House) -> Counter[str]:
    """Count the ids of rules that stand as texts outside the rules and the standards, by file."""
    found: Counter[str] = Counter()
    for file, node in house.nodes(ast.Constant):
        assert isinstance(node, ast.Constant)
        if isinstance(node.value, str) and RULE_ID.fullmatch(node.value) and not file.is_in(*_RULES):
            found[file.path.as_posix()] += 1
    return found


_RULES = ("rules", "standards", "verdicts/standards")


def kind_lists(house: House) -> list[str]:
    """Return where most kinds of an account are listed by hand: a literal, a call's keywords, a class's fields."""
    kinds = {each.name for each in fields(Account) if "Inventory" in str(each.type)}
    found = []
    for file, node in house.nodes(ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Call, ast.ClassDef):
        if len(kinds & _names(node)) > len(kinds) // 2:
            found.append(f"{file.path}:{getattr(node, 'lineno', 0)}")
    return found


def _names(node: ast.AST) -> set[str]:
    match node:
        case ast.Dict(keys=members) | ast.List(elts=members) | ast.Tuple(elts=members) | ast.Set(elts=members):
            return {name for each in members if each is not None for name in _texts(each)}
        case ast.Call(keywords=keywords):
            return {each.arg for each in keywords if each.arg}
        case ast.ClassDef(body=statements):
            return {each.target.id for each in statements if _is_field(each)}  # type: ignore[attr-defined]
        case _:
            return set()


def _is_field(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield a member's text, also where it is the first of a row."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Call(args=[first, *_]) | ast.Tuple(elts=[first, *_]):
            yield from _texts(first)
        case _:
            return


def match_functions(house: House) -> list[tuple[str, int]]:
    """Return the functions that are one `match` over the three values and nothing else, with their lines."""
    found = []
    for file, node in house.nodes(ast.FunctionDef):
        assert isinstance(node, ast.FunctionDef)
        match body(node):
            case [ast.Match(cases=arms)] if _classes(arms) & VALUES:
                found.append((f"{file.path}:{node.lineno}", (node.end_lineno or node.lineno) - node.lineno + 1))
            case _:
                continue
    return found


def _classes(arms: list[ast.match_case]) -> set[str]:
    patterns = (each for arm in arms for each in ast.walk(arm.pattern))
    return {each.cls.id for each in patterns if isinstance(each, ast.MatchClass) and isinstance(each.cls, ast.Name)}


def untyped_values(house: House) -> int:
    """Count `Value[Any]` in what reads sources."""
    return sum(file.text.count("Value[Any]") for file in house.files if file.is_in("sources", "read"))


def untyped_facts(house: House) -> list[str]:
    """Return where what reads sources builds an object from a dictionary of arguments."""
    found = []
    for file, node in house.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        if file.is_in("sources", "read") and _is_class(node.func) and any(each.arg is None for each in node.keywords):
            found.append(f"{file.path}:{node.lineno}")
    return found


def _is_class(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name[:1].isupper()


def repeated_classes(house: House) -> dict[str, list[str]]:
    """Return the names of classes that are there twice or more, with their modules."""
    found = defaultdict(list)
    for file, node in house.nodes(ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        if not node.name.startswith("_"):
            found[node.name].append(file.module)
    return {name: places for name, places in sorted(found.items()) if len(places) > 1}


def lone_files(house: House) -> list[str]:
    """Return the files of less than 90 lines whose one importer stands in the same folder."""
    return [file.path.as_posix() for file in house.files if file.lines < SMALL and _is_lone(house, file)]


def _is_lone(house: House, file: File) -> bool:
    importers = house.importers(file)
    folder = file.module.rpartition(".")[0]
    return file.path.name != "__init__.py" and len(importers) == 1 and _folder(*importers) == folder


def _folder(module: str) -> str:
    return module.rpartition(".")[0]


def noqas(house: House) -> int:
    """Count the places at which a rule of ruff is switched off."""
    return sum(len(re.findall(r"# noqa: ", file.text)) for file in house.files)


def circles(house: House, parent: str) -> list[tuple[str, str]]:
    """Return the pairs of a package's children that import each other, directly or through siblings."""
    children = sorted(house.graph.find_children(f"{PACKAGE}.{parent}"))
    arrows = {one: _reached(house, one, children) for one in children}
    return [
        (one, other)
        for index, one in enumerate(children)
        for other in children[index + 1 :]
        if other in arrows[one] and one in arrows[other]
    ]


def _reached(house: House, start: str, children: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        imported = {other for other in children if _imports(house, waiting[-1], other)}
        waiting.pop()
        waiting += sorted(imported - found)
        found |= imported
    return found


def _imports(house: House, importer: str, imported: str) -> bool:
    return importer != imported and house.graph.direct_import_exists(
        importer=importer, imported=imported, as_packages=True
    )
