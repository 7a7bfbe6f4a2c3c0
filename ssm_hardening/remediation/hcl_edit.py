"""Changes of one parsed file: where blocks, arguments and values stand, and the text edits that change them."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.core.memory import Memory
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.remediation.objects import NotEditableError, TextEdit

_INSTANCES = ("count", "for_each")


@dataclass(frozen=True, slots=True)
class Argument:
    """What an argument is to be; `value` is HCL text of ours."""

    path: tuple[str, ...]
    value: str


def find_block(file: ast.SourceFile, line: int, kind: str, name: str) -> ast.Block:
    """Return the resource block of that type and name that begins on that line. Raises NotEditableError."""
    found = _blocks(file).get((line, (kind, name)))
    if found is not None:
        return found
    raise NotEditableError(f"the block {kind}.{name} is no longer on line {line}")


def _by_place(file: ast.SourceFile) -> dict[tuple[int, tuple[str, ...]], ast.Block]:
    return {(block.span.line, block.labels): block for block in reversed(file.body.blocks)}


_blocks: Memory[[ast.SourceFile], dict[tuple[int, tuple[str, ...]], ast.Block]] = Memory(_by_place, most=64)


def enclosing_block(file: ast.SourceFile, line: int) -> ast.Block:
    """Return the top-level block that holds the line. Raises NotEditableError."""
    at = bisect_left(file.body.blocks, line, key=lambda block: block.span.end_line)
    if at < len(file.body.blocks) and file.body.blocks[at].span.line <= line:
        return file.body.blocks[at]
    raise NotEditableError(f"line {line} is not in a block")


def has_instances(block: ast.Block) -> bool:
    """Say whether the block makes many objects, so that its address alone does not name one."""
    return any(attribute.name in _INSTANCES for attribute in block.body.attributes)


def attribute_of(body: ast.Body, name: str) -> ast.Attribute | None:
    """Return the argument of that name."""
    return next((attribute for attribute in body.attributes if attribute.name == name), None)


def set_argument(text: str, block: ast.Block, argument: Argument) -> list[TextEdit]:
    """Return the edits that set an argument of the block or of a nested one. Raises NotEditableError."""
    name, *rest = argument.path
    if rest:
        nested = [each for each in block.body.blocks if each.type == name]
        if len(nested) > 1:
            raise NotEditableError(f"there are {len(nested)} {name} blocks")
        inner = Argument(tuple(rest), argument.value)
        return set_argument(text, nested[0], inner) if nested else [_new_block(text, block, name, inner)]
    present = attribute_of(block.body, name)
    if present is None:
        return [_new_argument(text, block, name, argument.value)]
    if not isinstance(present.value, ast.Literal):
        raise NotEditableError(f"{name} is {describe(present.value)}")
    return [TextEdit(present.value.span.start, present.value.span.end, argument.value)]


def _new_argument(text: str, block: ast.Block, name: str, value: str) -> TextEdit:
    first_block = min((each.span.start for each in block.body.blocks), default=block.span.end)
    before = [each for each in block.body.attributes if each.span.end <= first_block]
    indent = indent_of(text, block.span.start) + "  "
    if "\n" not in text[block.body.span.start : block.body.span.end]:
        return _in_one_line(text, block, f"{indent}{name} = {value}")
    if before:
        last = before[-1].span
        at, after = _line_end(text, last.end), ""
        gap = "\n" if last.line < last.end_line else ""
    else:
        at = _line_end(text, block.body.span.start)
        gap, after = "", "\n" if block.body.blocks or block.body.attributes else ""
    return TextEdit(at, at, f"{gap}\n{indent}{name} = {value}{after}")


def _in_one_line(text: str, block: ast.Block, line: str) -> TextEdit:
    """Open up `resource "a" "b" {}`, or `{ x = 1 }` of which HCL allows one argument only."""
    inner = text[block.body.span.start : block.body.span.end].strip()
    indent = indent_of(text, block.span.start)
    present = f"\n{indent}  {inner}" if inner else ""
    return TextEdit(block.body.span.start, block.body.span.end, f"{present}\n{line}\n{indent}")


def _new_block(text: str, block: ast.Block, name: str, inner: Argument) -> TextEdit:
    """Write a nested block behind everything else in the block."""
    indent = indent_of(text, block.span.start)
    lines = f"{indent}  {name} {{\n{indent}    {inner.path[0]} = {inner.value}\n{indent}  }}"
    if "\n" not in text[block.body.span.start : block.body.span.end]:
        return _in_one_line(text, block, lines)
    closing = block.span.end - 1
    start = len(text[:closing].rstrip())
    gap = "\n" if start == block.body.span.start else "\n\n"
    return TextEdit(start, closing, f"{gap}{lines}\n{indent}")


def remove_argument(text: str, block: ast.Block, name: str) -> list[TextEdit]:
    """Return the edit that takes an argument out, with its lines. Raises NotEditableError."""
    present = attribute_of(block.body, name)
    if present is None:
        raise NotEditableError(f"the block has no argument {name}")
    start = text.rfind("\n", 0, present.span.start) + 1
    end = _line_end(text, present.span.end) + 1
    above, below = text[:start].rstrip(" \t"), text[end:]
    if above.endswith("\n\n") and below.startswith(("\n", "}")):
        start -= 1
    return [TextEdit(start, min(end, len(text)), "")]


def replace_literal(
    file: ast.SourceFile, line: int, names: tuple[str, ...], values: tuple[str | bool | int, ...]
) -> tuple[ast.Literal, str | bool | int]:
    """Find the literal argument of one of those names whose value stands on the line, and its new value."""
    for attribute in _attributes(file.body):
        if attribute.name in names and attribute.value.span.line == line:
            if not isinstance(attribute.value, ast.Literal):
                raise NotEditableError(f"{attribute.name} is {describe(attribute.value)}")
            kind = type(attribute.value.value)
            return attribute.value, next((each for each in values if type(each) is kind), values[0])
    raise NotEditableError(f"line {line} has no literal {' or '.join(names)}")


def _attributes(body: ast.Body) -> Iterator[ast.Attribute]:
    yield from body.attributes
    for block in body.blocks:
        yield from _attributes(block.body)


def objects(body: ast.Body) -> Iterator[ast.ObjectExpr]:
    """Yield every object expression in a body, outer ones first."""
    for attribute in _attributes(body):
        yield from _objects(attribute.value)


def _objects(expr: ast.Expr) -> Iterator[ast.ObjectExpr]:
    match expr:
        case ast.ObjectExpr(items):
            yield expr
            for item in items:
                yield from _objects(item.value)
        case ast.TupleExpr(items):
            for each in items:
                yield from _objects(each)
        case ast.Call(args=args):
            for each in args:
                yield from _objects(each)
        case _:
            return


def tuples(body: ast.Body) -> Iterator[ast.TupleExpr]:
    """Yield every tuple that stands as a member of an object or an argument of a call."""
    for each in objects(body):
        for item in each.items:
            if isinstance(item.value, ast.TupleExpr):
                yield item.value


def append_item(text: str, items: ast.TupleExpr, new: Sequence[Callable[[int], str]]) -> TextEdit:
    """Return the edit that adds items to a tuple; each of `new` makes one's text for an indentation."""
    end = items.items[-1].span.end
    if "\n" not in text[end : items.span.end]:
        return _append_on_the_line(text, items, new)
    indent = len(indent_of(text, items.items[-1].span.start))
    return TextEdit(end, end, "".join(f",\n{each(indent)}" for each in new))


def _append_on_the_line(text: str, items: ast.TupleExpr, new: Sequence[Callable[[int], str]]) -> TextEdit:
    """Go on in the line that closes the tuple. `terraform fmt` sets a line `}, {` in as deep as what it encloses."""
    end, indent = items.items[-1].span.end, len(indent_of(text, items.span.start))
    start = text.rfind("\n", 0, end) + 1
    if text[start:end].strip() != "}":
        start = end
    added = [each(indent).lstrip() for each in new]
    glued = f"{added[0]}" + "".join(f", {each}" for each in added[1:])
    glued = re.sub(rf"^ {{{indent}}}\}}, \{{$", " " * (indent + 2) + "}, {", glued, flags=re.MULTILINE)
    head = " " * (indent + 2) + "}" if start < end else ""
    return TextEdit(start, end, f"{head}, {glued}")


def indent_of(text: str, offset: int) -> str:
    """Return the indentation of the line that holds the offset."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _line_end(text: str, offset: int) -> int:
    found = text.find("\n", offset)
    return len(text) if found < 0 else found


def after_block(text: str, block: ast.Block) -> int:
    """Return the offset behind the block's last line."""
    return _line_end(text, block.span.end)


_ASSIGNMENT = re.compile(r'(?P<lead>[ \t]*(?:[\w.-]+|"(?:[^"\\]|\\.)*"|\([^()=]*\)))(?P<gap>[ \t]*)=(?![=>])[ \t]*')
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPEN = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}


@dataclass(frozen=True, slots=True)
class _Line:
    lead: str
    value: str
    comment: str

    def text(self, *, lead: int, value: int) -> str:
        body = f"{self.lead.ljust(lead)} = {self.value}"
        return f"{body.ljust(lead + 3 + value)} {self.comment}" if self.comment else body


def align(text: str, touched: Iterable[int]) -> str:
    """Return the text with the lines around the touched ones (numbers from 0) set out anew."""
    lines = text.split("\n")
    changed = set(touched)
    for start, end in _runs(lines, changed):
        _align_run(lines, start, end, changed)
    return "\n".join(lines)


def _runs(lines: Sequence[str], touched: set[int]) -> list[tuple[int, int]]:
    runs: set[tuple[int, int]] = set()
    for number in touched | {each - 1 for each in touched if each and _opens(lines, each)}:
        if number < len(lines) and _parse(lines[number]) is not None:
            start = end = number
            while start > 0 and _parse(lines[start - 1]) is not None:
                start -= 1
            while end + 1 < len(lines) and _parse(lines[end + 1]) is not None:
                end += 1
            runs.add((start, end + 1))
    return sorted(runs)


def _opens(lines: Sequence[str], number: int) -> bool:
    """Say whether an assignment goes on in the next lines, and so is not set out with the lines above it any more."""
    return number < len(lines) and _parse(lines[number]) is None and _ASSIGNMENT.match(lines[number]) is not None


def _align_run(lines: list[str], start: int, end: int, changed: set[int]) -> None:
    parsed = [line for line in map(_parse, lines[start:end]) if line is not None]
    others = [number for number in range(start, end) if number not in changed]
    if len({_column(lines[number]) for number in others}) > 1 or len(parsed) != end - start:
        return
    lead = max(len(line.lead) for line in parsed)
    for run_start, run_end in _comment_runs(parsed):
        value = max(len(line.value) for line in parsed[run_start:run_end])
        for offset in range(run_start, run_end):
            lines[start + offset] = parsed[offset].text(lead=lead, value=value)


def _comment_runs(parsed: Sequence[_Line]) -> list[tuple[int, int]]:
    """Return the stretches of lines that all have a comment, and all others one by one."""
    runs: list[tuple[int, int]] = []
    for number, line in enumerate(parsed):
        if line.comment and runs and runs[-1][1] == number and parsed[number - 1].comment:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs


def _column(line: str) -> int:
    found = _ASSIGNMENT.match(line)
    return found.end("gap") if found else -1


def _parse(line: str) -> _Line | None:
    """Return the line as an assignment that is whole on its line, or None."""
    found = _ASSIGNMENT.match(line)
    if found is None or line.endswith("\r"):
        return None
    rest = line[found.end() :]
    comment = _comment_start(rest)
    value = rest[:comment].rstrip()
    bare = _STRINGS.sub('""', value)
    if not value or "<<" in bare or "/*" in bare or sum(_OPEN.get(character, 0) for character in bare) != 0:
        return None
    return _Line(found["lead"], value, rest[comment:].rstrip())


def _comment_start(rest: str) -> int:
    masked = _STRINGS.sub(lambda found: "_" * len(found[0]), rest)
    starts = [at for at in (masked.find("#"), masked.find("//")) if at >= 0]
    return min(starts, default=len(rest))
