"""Where the policy of a key is written, and the edits that add a statement to it. Nothing in it is replaced."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

from ssm_hardening.core.logic import certainly
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.core.values import Known, Reference, Unknown, Why
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.model import Fact, Key, LogGroup
from ssm_hardening.remediation.changes import AllowLogs
from ssm_hardening.remediation.code_texts import DATA, DATA_FILE, OURS, SID, DataSources, LogsStatement, inside
from ssm_hardening.remediation.hcl_edit import (
    Argument,
    append_item,
    attribute_of,
    has_instances,
    indent_of,
    set_argument,
)
from ssm_hardening.remediation.objects import NotEditableError, TextEdit, json_node
from ssm_hardening.remediation.places import OpenFile, file_of

_ELSEWHERE = ("provider", "region")
_DOCUMENT = "aws_iam_policy_document"
_Written: TypeAlias = ast.ObjectExpr | ast.TemplateExpr | ast.Literal | ast.Block
"""A policy as it stands in the code: an object, a heredoc, or the block of a policy document."""


@dataclass(frozen=True, slots=True)
class ModuleFolder:
    """The folder of a module, as far as its files are known."""

    path: str
    files: tuple[ast.SourceFile, ...]

    def blocks(self, kind: str) -> Iterator[tuple[ast.SourceFile, ast.Block]]:
        """Yield the blocks of a kind (`data`), with their files."""
        return ((file, block) for file in self.files for block in file.body.blocks if block.type == kind)

    def demand_sole_use(self, name: str) -> None:
        """Raise NotEditableError where the name (`local.policy`) is mentioned more than once."""
        pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
        if sum(len(pattern.findall(file.text)) for file in self.files) > 1:
            raise NotEditableError(f"{name} is used in several places, and an added statement would affect all of them")


def folder_of(key: Key, others: Sequence[Fact], extra: Sequence[str], open_file: OpenFile) -> ModuleFolder:
    """Return the folder that declares the key: the files in which facts or the key's statements were read, and `extra`.

    A file of `extra` that is not there is left out.
    """
    path = _folder_path(key)
    own, statements = _files_in([key.origin]), _files_in(each.at for each in key.statements.items)
    wanted = [name for found in (own, _files_of(others), statements) for name in found.get(path, ())]
    files = []
    for name in dict.fromkeys([*wanted, *(str(PurePosixPath(path) / each) for each in extra)]):
        try:
            files.append(open_file(name))
        except NotEditableError:
            continue
    return ModuleFolder(path, tuple(files))


def _files_in(places: Iterable[Origin]) -> dict[str, dict[str, None]]:
    """Return the files of code among some places, by folder, in order."""
    found: dict[str, dict[str, None]] = {}
    for name in dict.fromkeys(at.file for at in places if isinstance(at, CodeOrigin)):
        found.setdefault(str(PurePosixPath(name).parent), {})[name] = None
    return found


_files_of: Memory[[Sequence[Fact]], dict[str, dict[str, None]]]
_files_of = Memory(lambda facts: _files_in(each.origin for each in facts), most=16)


def _folder_path(key: Key) -> str:
    return str(PurePosixPath(key.origin.file).parent) if isinstance(key.origin, CodeOrigin) else ""


def demand_plain(block: ast.Block) -> None:
    """Raise NotEditableError where the block makes several objects, or in another account or Region than its folder."""
    if has_instances(block):
        raise NotEditableError(f"the block {'.'.join(block.labels)} creates several objects")
    for name in _ELSEWHERE:
        if attribute_of(block.body, name) is not None:
            raise NotEditableError(f"the block {'.'.join(block.labels)} has its own {name}")


def widen(
    key: Key, block: ast.Block, folder: ModuleFolder, statement: LogsStatement
) -> tuple[str, list[TextEdit]] | None:
    """Return the file that holds the key's policy and the edits that add the statement; None where there is no policy.

    Raises NotEditableError.
    """
    found = _policy(block, folder)
    if found is None and not key.statements.items and key.statements.gap is None:
        return None
    if found is None:
        raise NotEditableError("the key policy is in a place that edits do not cover")
    file, holder, expr = found
    _demand_heeded(holder)
    place, written = _written(file, expr, folder)
    match written:
        case ast.Block():
            return place.path, [_add_block(place, written, statement)]
        case ast.ObjectExpr():
            return _add_to_object(place, written, statement, folder)
        case ast.TemplateExpr() | ast.Literal():
            return place.path, _add_to_text(place.text, written, statement)


def first_policy(file: ast.SourceFile, block: ast.Block, policy: str) -> list[TextEdit]:
    """Return the edit that gives a key its first policy in code. Raises NotEditableError."""
    if block.labels[0] != "aws_kms_key":
        raise NotEditableError(f"{block.labels[0]} has no policy in the code")
    _demand_heeded(block)
    [edit] = set_argument(file.text, block, Argument(("policy",), policy))
    gap = "\n" if edit.text.startswith("\n ") and edit.start == edit.end and block.body.attributes else ""
    return [TextEdit(edit.start, edit.end, f"{gap}{edit.text}")]


def _policy(block: ast.Block, folder: ModuleFolder) -> tuple[ast.SourceFile, ast.Block, ast.Expr] | None:
    """Return where the policy's expression stands: in the key's block, or in a resource that is about the key."""
    own = attribute_of(block.body, "policy")
    if own is not None:
        file = next(file for file in folder.files if block in file.body.blocks)
        return file, block, own.value
    for file, other in folder.blocks("resource"):
        policy = attribute_of(other.body, "policy")
        if policy is not None and _is_policy_of(other, block.labels[1]):
            demand_plain(other)
            return file, other, policy.value
    return None


def _is_policy_of(block: ast.Block, name: str) -> bool:
    about = attribute_of(block.body, "key_id")
    if block.labels[:1] != ("aws_kms_key_policy",) or about is None:
        return False
    return re.fullmatch(rf"aws_kms_key\.{re.escape(name)}\.(?:id|key_id|arn)", describe(about.value)) is not None


def _demand_heeded(block: ast.Block) -> None:
    """Raise NotEditableError where Terraform is told to leave the policy alone."""
    for nested in block.body.blocks:
        ignored = attribute_of(nested.body, "ignore_changes") if nested.type == "lifecycle" else None
        if ignored is not None and re.search(r"\b(?:policy|all)\b", describe(ignored.value, length=1000)):
            raise NotEditableError("the lifecycle block of the key ignores policy changes")


def _written(file: ast.SourceFile, expr: ast.Expr, folder: ModuleFolder) -> tuple[ast.SourceFile, _Written]:
    """Follow `jsonencode(…)`, `local.x` and a policy document to where the policy is written out."""
    match expr:
        case ast.Call("jsonencode", (inner,)):
            return _written(file, inner, folder)
        case ast.Attr(ast.Name("local"), name):
            return _written(*_local(name, folder), folder)
        case ast.Attr(ast.Attr(ast.Attr(ast.Name("data"), "aws_iam_policy_document"), name), "json"):
            return _document(name, folder)
        case ast.ObjectExpr():
            return file, expr
        case ast.TemplateExpr() | ast.Literal() if file.text.startswith("<<", expr.span.start):
            return file, expr
        case _:
            raise NotEditableError(f"policy is {describe(expr)}")


def _local(name: str, folder: ModuleFolder) -> tuple[ast.SourceFile, ast.Expr]:
    for file, block in folder.blocks("locals"):
        found = attribute_of(block.body, name)
        if found is not None:
            folder.demand_sole_use(f"local.{name}")
            return file, found.value
    raise NotEditableError(f"local.{name} is defined in a place that edits do not cover")


def _document(name: str, folder: ModuleFolder) -> tuple[ast.SourceFile, ast.Block]:
    for file, block in folder.blocks("data"):
        if block.labels == (_DOCUMENT, name):
            folder.demand_sole_use(f"data.{_DOCUMENT}.{name}")
            demand_plain(block)
            return file, block
    raise NotEditableError(f"data.{_DOCUMENT}.{name} is defined in a place that edits do not cover")


def _add_block(file: ast.SourceFile, block: ast.Block, statement: LogsStatement) -> TextEdit:
    statements = [each for each in block.body.blocks if each.type == "statement"]
    if not statements:
        raise NotEditableError("the policy document has no statement block")
    end, indent = statements[-1].span.end, len(indent_of(file.text, statements[-1].span.start))
    return TextEdit(end, end, f"\n\n{statement.as_block(indent)}")


def _add_to_object(
    file: ast.SourceFile, policy: ast.ObjectExpr, statement: LogsStatement, folder: ModuleFolder
) -> tuple[str, list[TextEdit]]:
    for item in policy.items:
        if isinstance(item.key, ast.Literal) and item.key.value == "Statement":
            place, statements = _statements(file, item.value, folder)
            return place.path, _add_item(place.text, statements, statement)
    raise NotEditableError("the policy has no Statement")


def _statements(file: ast.SourceFile, expr: ast.Expr, folder: ModuleFolder) -> tuple[ast.SourceFile, ast.Expr]:
    match expr:
        case ast.Attr(ast.Name("local"), name):
            return _statements(*_local(name, folder), folder)
        case _:
            return file, expr


def _add_item(text: str, statements: ast.Expr, statement: LogsStatement) -> list[TextEdit]:
    match statements:
        case ast.TupleExpr(items) if items:
            return [append_item(text, statements, [statement.in_hcl])]
        case ast.Call("concat", args, False, span) if args:
            return [append_item(text, ast.TupleExpr(args, span), [lambda indent: _listed(statement, indent)])]
        case ast.ObjectExpr(_, span):
            edit = append_item(text, ast.TupleExpr((statements,), span), [statement.in_hcl])
            return [TextEdit(span.start, span.start, "["), TextEdit(edit.start, edit.end, f"{edit.text}]")]
        case _:
            raise NotEditableError(f"Statement is {describe(statements)}")


def _listed(statement: LogsStatement, indent: int) -> str:
    return f"{' ' * indent}[{statement.in_hcl(indent).lstrip()}]"


def _add_to_text(text: str, expr: ast.TemplateExpr | ast.Literal, statement: LogsStatement) -> list[TextEdit]:
    node = json_node(text, text.index("\n", expr.span.start) + 1)
    statements = node.get("Statement")
    if statements is None:
        raise NotEditableError("the policy has no Statement")
    indent = len(indent_of(text, statements.start))
    if statements.child is not None:
        start, end = statements.value_start, statements.value_end
        return [TextEdit(start, start, "["), TextEdit(end, end, f", {statement.in_json(indent).lstrip()}]")]
    inner = text[statements.value_start + 1 : statements.value_end - 1].rstrip()
    if not inner.strip() or text[statements.value_start] != "[":
        raise NotEditableError("Statement is not written as a list")
    end = statements.value_start + 1 + len(inner)
    if "\n" not in text[end : statements.value_end]:
        return [TextEdit(end, end, f", {statement.in_json(indent).lstrip()}")]
    return [TextEdit(end, end, f",\n{statement.in_json(len(indent_of(text, end)))}")]


@dataclass(frozen=True, slots=True)
class LogsAllowed:
    """The edits of one file; `data_folder` is where `DATA_FILE` is needed, "" where nothing is."""

    path: str
    edits: list[TextEdit]
    data_folder: str


def allow_logs(change: AllowLogs, others: Sequence[Fact], open_file: OpenFile) -> LogsAllowed:
    """Return the edits that admit CloudWatch Logs. Raises NotEditableError.

    `others` are all facts there are: their files are looked at for what the policy is made of.
    """
    key = change.fact
    file, block = file_of(key, open_file)
    demand_plain(block)
    folder = folder_of(key, others, [DATA_FILE], open_file)
    names = _own_sources(folder)
    sources = names or DataSources(OURS, OURS, OURS)
    statement = LogsStatement(
        _free_sid(key),
        sources.service,
        tuple(_arn(group, key, sources, open_file) for group in change.groups),
    )
    widened = widen(key, block, folder, statement)
    if widened is None:
        widened = file.path, first_policy(file, block, statement.policy(sources.root, 2))
    return LogsAllowed(*widened, folder.path if names is None else "")


def _own_sources(folder: ModuleFolder) -> DataSources | None:
    """Return the folder's own data sources; None where one of them is not there."""
    found: dict[str, str] = {}
    for _, block in folder.blocks("data"):
        if block.labels[0] in DATA and not block.body.attributes and not block.body.blocks:
            found.setdefault(block.labels[0], block.labels[1])
    if set(found) != set(DATA):
        return None
    return DataSources(found["aws_partition"], found["aws_region"], found["aws_caller_identity"])


def _arn(group: LogGroup, key: Key, sources: DataSources, open_file: OpenFile) -> str:
    one, other = group.origin, key.origin
    file, block = file_of(group, open_file)
    if isinstance(one, CodeOrigin) and isinstance(other, CodeOrigin) and one.module_path != other.module_path:
        raise NotEditableError(f"the log group {group.address} and the key are declared in different modules")
    demand_plain(block)
    name = attribute_of(block.body, "name")
    if name is None or not _is_settled(group):
        raise NotEditableError(f"the name of {group.address} is unknown until it is created")
    return sources.group(inside(file.text, name.value))


def _is_settled(group: LogGroup) -> bool:
    """Say whether the name is a text by itself, or one that an input decides."""
    name = group.name
    if isinstance(name, Unknown):
        return name.why is Why.UNRESOLVED_INPUT
    return certainly(name, lambda text: not isinstance(text, Reference))


def _free_sid(key: Key) -> str:
    """Return a Sid that no statement of the policy has."""
    taken = {each.sid.value for each in key.statements.items if isinstance(each.sid, Known)}
    numbered = (SID if number == 1 else f"{SID}{number}" for number in range(1, len(taken) + 2))
    return next(sid for sid in numbered if sid not in taken)
