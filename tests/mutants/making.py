"""Lists the mutants of Python code, and selects a sample.

A mutant replaces one piece of a file's text, so its diff is one small hunk. Its id depends on neither line numbers nor
anything outside its function, so that two runs can be compared although the code around it has changed.
"""

import ast
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice, pairwise, zip_longest
from pathlib import Path
from typing import TypeAlias

Edit: TypeAlias = tuple[int, int, str]
"""Start and end of the replaced text as byte offsets, and the new text."""

_TURNED: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Eq: ("!=",), ast.NotEq: ("==",), ast.In: ("not in",), ast.NotIn: ("in",), ast.Is: ("is not",),
    ast.IsNot: ("is",), ast.Lt: ("<=", ">="), ast.LtE: ("<", ">"), ast.Gt: (">=", "<="), ast.GtE: (">", "<"),
}  # fmt: skip
_COMPARISON = re.compile(rb"[<>=!]=?|\bnot\s+in\b|\bis\s+not\b|\bin\b|\bis\b")
_JUNCTION = re.compile(rb"\b(?:and|or)\b")
_VERDICTS = {"Passed": "Failed", "Failed": "Passed", "Undecided": "Passed"}
_SEVERITIES = {"CRITICAL": "HIGH", "HIGH": "MEDIUM", "MEDIUM": "LOW", "LOW": "HIGH"}

_TYPES = {"annotation", "returns"}  # fields of nodes; a type does not change behavior
_TEXTS = {"__repr__", "__str__", "__all__", "__slots__"}
_DECLARING = {"dataclass", "field", "TypeVar", "cast", "log", "_log", "logger", "logging"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to the function, or assignment at module level, named `where`; `before` is the replaced text."""

    file: str
    line: int
    where: str
    operator: str
    before: str
    edit: Edit
    ordinal: int = 0

    @property
    def id(self) -> str:
        """A name that stays the same until the function changes; `ordinal` separates equal changes in one function."""
        told = (self.file, self.where, self.operator, " ".join(self.before.split()), self.edit[2], str(self.ordinal))
        return _digest("\0".join(told))[:12]

    @property
    def what(self) -> str:
        """The change in one line."""
        first = next(iter(self.before.lstrip(" ,)\n").rstrip(" ,\n").splitlines()), "")
        return f"{self.operator}: {_short(first)} → {_short(' '.join(self.edit[2].split())) or 'nothing'}"

    def applied(self, text: bytes) -> bytes:
        """Return the file's text with the change applied."""
        start, end, new = self.edit
        return text[:start] + new.encode() + text[end:]


@dataclass(frozen=True, slots=True)
class _Source:
    """A file's bytes and the offset of each line; columns in `ast` are byte offsets too."""

    text: bytes
    lines: tuple[int, ...]

    def start(self, node: ast.expr | ast.pattern) -> int:
        return self.lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.pattern) -> int:
        return self.lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or node.col_offset)

    def of(self, node: ast.expr) -> str:
        return self.text[self.start(node) : self.end(node)].decode()

    def swapped(self, node: ast.expr | ast.pattern, *new: str) -> Iterator[Edit]:
        yield from ((self.start(node), self.end(node), text) for text in new)

    def between(self, sign: re.Pattern[bytes], left: ast.expr, right: ast.expr, *new: str) -> Iterator[Edit]:
        if found := sign.search(self.text, self.end(left), self.start(right)):
            yield from ((*found.span(), text) for text in new)


def _comparisons(node: ast.AST, source: _Source) -> Iterator[Edit]:
    if isinstance(node, ast.Compare):
        for (left, right), sign in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
            yield from source.between(_COMPARISON, left, right, *_TURNED[type(sign)])


def _junctions(node: ast.AST, source: _Source) -> Iterator[Edit]:
    if isinstance(node, ast.BoolOp):
        for left, right in pairwise(node.values):
            yield from source.between(_JUNCTION, left, right, "or" if isinstance(node.op, ast.And) else "and")


def _negations(node: ast.AST, source: _Source) -> Iterator[Edit]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield source.start(node), source.start(node) + len("not"), ""


def _arms(node: ast.AST, source: _Source) -> Iterator[Edit]:
    """Remove whole arms, except those that do nothing: the result would be equivalent."""
    if isinstance(node, ast.Match) and len(node.cases) > 1:
        for case in node.cases:
            if not all(isinstance(step, ast.Pass | ast.Continue) or _ends(step) for step in case.body):
                last = case.body[-1]
                yield source.lines[case.pattern.lineno - 1], source.lines[last.end_lineno or last.lineno], ""


def _ends(step: ast.stmt) -> bool:
    """Recognize `return` without a value, which is how generators end."""
    return isinstance(step, ast.Return) and step.value is None


def _branches(node: ast.AST, source: _Source) -> Iterator[Edit]:
    """Make a condition constant, which removes a branch, a guard or a filter."""
    match node:
        case ast.If(test=test, orelse=rest) if "TYPE_CHECKING" not in source.of(test):
            yield from source.swapped(test, *(("False", "True") if rest else ("False",)))
        case ast.IfExp(test=test) | ast.match_case(guard=ast.expr() as test):
            yield from source.swapped(test, "False", "True")
        case ast.comprehension(ifs=tests):
            for test in tests:
                yield from source.swapped(test, "True")
        case _:
            return


def _elements(node: ast.AST, source: _Source) -> Iterator[Edit]:
    """Remove each element of a literal in turn."""
    match node:
        case ast.Tuple(elts=[one, two], ctx=ast.Load()):
            yield from ((source.start(one), source.end(two), f"{source.of(kept)},") for kept in (two, one))
        case ast.List(elts=items, ctx=ast.Load()) | ast.Set(elts=items) | ast.Tuple(elts=items, ctx=ast.Load()):
            yield from _removed(node, source, [(source.start(item), source.end(item)) for item in items])
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            spans = [(source.start(key) if key else source.start(it) - len("**"), source.end(it)) for key, it in pairs]
            yield from _removed(node, source, spans)
        case _:
            return


def _removed(node: ast.expr, source: _Source, spans: Sequence[tuple[int, int]]) -> Iterator[Edit]:
    if len(spans) == 1:
        empty = {ast.List: "[]", ast.Set: "set()", ast.Tuple: "()"}.get(type(node), "{}")
        yield from source.swapped(node, empty)
    yield from ((start, following, "") for (start, _), (following, _) in pairwise(spans))
    yield from ((end, last, "") for (_, end), (_, last) in pairwise(spans[-2:]))


def _verdicts(node: ast.AST, source: _Source) -> Iterator[Edit]:
    """Return another verdict with the same origin and message, where the file imports it."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[at, message, *rest]) if name in _VERDICTS:
            new = _VERDICTS[name]
            if re.search(rf"\b{new}\b".encode(), source.text):
                said = source.of(message) if name != "Undecided" else (*map(source.of, rest), '"as required"')[0]
                yield from source.swapped(node, f"{new}({source.of(at)}, {said})")
        case _:
            return


def _constants(node: ast.AST, source: _Source) -> Iterator[Edit]:
    match node:
        case ast.Constant(value=bool(flag)) | ast.MatchSingleton(value=bool(flag)):
            yield from source.swapped(node, str(not flag))
        case ast.Constant(value=int(number)):
            yield from source.swapped(node, str(number + 1))
        case _:
            return


def _severities(node: ast.AST, source: _Source) -> Iterator[Edit]:
    match node:
        case ast.Attribute(value=ast.Name(id="Severity"), attr=name) if name in _SEVERITIES:
            yield from source.swapped(node, f"Severity.{_SEVERITIES[name]}")
        case _:
            return


OPERATORS: Mapping[str, Callable[[ast.AST, _Source], Iterator[Edit]]] = {
    "comparison": _comparisons, "and/or": _junctions, "not": _negations, "arm": _arms, "branch": _branches,
    "element": _elements, "verdict": _verdicts, "constant": _constants, "severity": _severities,
}  # fmt: skip


def mutants(top: Path, paths: Sequence[Path]) -> Iterator[Mutant]:
    """Yield all mutants of the Python files under `paths`, which are within `top`."""
    files = {file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))}
    for path in sorted(files):
        seen: Counter[str] = Counter()
        for mutant in _within(path.relative_to(top).as_posix(), path.read_bytes()):
            yield replace(mutant, ordinal=seen[mutant.id])
            seen[mutant.id] += 1


def _within(file: str, text: bytes) -> Iterator[Mutant]:
    source = _Source(text, tuple(accumulate(map(len, text.splitlines(keepends=True)), initial=0)))
    for node, where in _walk(ast.parse(text), ""):
        for operator, edits in OPERATORS.items():
            for start, end, new in edits(node, source):
                line = text.count(b"\n", 0, start) + 1
                yield Mutant(file, line, where, operator, text[start:end].decode(), (start, end, new))


def _walk(node: ast.AST, where: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield the nodes that may be mutated, each with the name of its function or assignment."""
    yield node, where
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in _TYPES and not _is_excluded(child):
                yield from _walk(child, _inside(child, where))


def _inside(node: ast.AST, where: str) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return f"{where}.{name}".lstrip(".")
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if not where:
            return name
        case _:
            return where


def _is_excluded(node: ast.AST) -> bool:
    """Exclude messages, types and declarations."""
    match node:
        case ast.JoinedStr() | ast.Raise() | ast.Subscript(slice=ast.Tuple()):
            return True
        case ast.FunctionDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
            return name in _TEXTS
        case ast.AnnAssign(annotation=ast.Name(id=name)):
            return name == "TypeAlias"
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name))):
            return name in _DECLARING
        case _:
            return False


def sample(top: Path, found: Sequence[Mutant], seed: int, count: int) -> list[Mutant]:
    """Select up to `count` mutants, the same number for each operator, ordered by a hash of seed and id.

    Large files get more of them, and changes elsewhere in the code have little effect on the selection.
    """
    kinds: defaultdict[str, list[Mutant]] = defaultdict(list)
    for mutant in sorted(found, key=lambda mutant: _digest(f"{seed} {mutant.id}")):
        kinds[mutant.operator].append(mutant)
    in_turn = (mutant for row in zip_longest(*(kinds[name] for name in OPERATORS)) for mutant in row if mutant)
    picked = islice((mutant for mutant in in_turn if _is_valid(top, mutant)), count)
    return sorted(picked, key=lambda mutant: (mutant.file, mutant.edit))


def _is_valid(top: Path, mutant: Mutant) -> bool:
    """Check that the mutant is valid Python and differs; removing text at a parenthesis can break the syntax."""
    text = (top / mutant.file).read_bytes()
    try:
        return ast.dump(ast.parse(mutant.applied(text))) != ast.dump(ast.parse(text))
    except SyntaxError:
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
