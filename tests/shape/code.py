"""The product's source as this measurement reads it: files, syntax trees, and who imports whom."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

PACKAGE = "ssm_hardening"


@dataclass(frozen=True, slots=True)
class File:
    """One Python file of the package: its path below the package, its lines and its tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """Return the dotted name of the module, without the package's name."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def lines(self) -> int:
        """Return the number of lines."""
        return len(self.text.splitlines())

    def is_in(self, *rooms: str) -> bool:
        """Say whether the file is one of these files, or stands in one of these folders."""
        name = self.path.with_suffix("").as_posix()
        return any(name == room or name.startswith(f"{room}/") for room in rooms)


@dataclass(frozen=True, slots=True)
class House:
    """All files of the package below the checkout `root`, and its import graph."""

    root: Path
    files: tuple[File, ...]
    graph: grimp.ImportGraph

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[tuple[File, ast.AST]]:
        """Yield each node of these kinds with its file."""
        for file in self.files:
            for node in _walked(file.tree):
                if isinstance(node, kinds):
                    yield file, node

    def importers(self, file: File) -> set[str]:
        """Return the modules that import this one, without the package's name."""
        found = self.graph.find_modules_that_directly_import(f"{PACKAGE}.{file.module}".rstrip("."))
        return {each.removeprefix(f"{PACKAGE}.") for each in found}


@cache
def _walked(tree: ast.Module) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree))


def read(root: Path) -> House:
    """Read the package below `root`, a checkout. Raises OSError and SyntaxError."""
    package = root / PACKAGE
    found = sorted(each for each in package.rglob("*.py") if "_assets" not in each.parts)
    texts = [(each, each.read_text(encoding="utf-8")) for each in found]
    files = tuple(File(each.relative_to(package), text, ast.parse(text)) for each, text in texts)
    return House(root, files, grimp.build_graph(PACKAGE, cache_dir=None))


def body(function: ast.FunctionDef) -> list[ast.stmt]:
    """Return the statements of a function without its docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body
