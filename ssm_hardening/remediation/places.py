"""Where in a file a change is made: each kind of change as text edits, or in words where a person makes it."""

from collections.abc import Callable
from typing import TypeAlias

from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import CodeOrigin, Origin
from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import quote
from ssm_hardening.model import Fact
from ssm_hardening.remediation.changes import (
    AllowLogs,
    Append,
    Edited,
    MergeStatement,
    Phase,
    RemoveArgument,
    ReplaceValue,
    SetArgument,
    SetBeside,
    SetContent,
    phase_of,
)
from ssm_hardening.remediation.code_texts import (
    KINDS,
    LOGS_ACTIONS,
    companion,
    companion_name,
    statement,
    statement_block,
)
from ssm_hardening.remediation.contents import Raw
from ssm_hardening.remediation.hcl_edit import (
    Argument,
    after_block,
    append_item,
    enclosing_block,
    find_block,
    has_instances,
    remove_argument,
    replace_literal,
    set_argument,
    tuples,
)
from ssm_hardening.remediation.objects import NotEditableError, TextEdit
from ssm_hardening.remediation.plan import ManualStep
from ssm_hardening.remediation.wiring import Wiring

Scalar: TypeAlias = str | bool | int
OpenFile: TypeAlias = Callable[[str], ast.SourceFile]

_STATEMENTS = ("DenyPlainHttp", "DenyOldTls")


def code_place(at: Origin) -> CodeOrigin:
    """Return the origin as a place in code. Raises NotEditableError."""
    if not isinstance(at, CodeOrigin) or not at.line:
        raise NotEditableError(f"{at} is not a place in code")
    return at


def file_of(fact: Fact, open_file: OpenFile) -> tuple[ast.SourceFile, ast.Block]:
    """Return the file and the block that declare the fact. Raises NotEditableError."""
    at = code_place(fact.origin)
    file = open_file(at.file)
    kind, name = fact.declaration.split(".")[-2:]
    return file, find_block(file, at.line, kind, name)


def argument_edits(change: Edited, open_file: OpenFile, wiring: Wiring) -> tuple[str, list[TextEdit]]:
    """Return the path of the file that a change of code is made in, and the edits. Raises NotEditableError."""
    match change:
        case SetContent() | AllowLogs():
            raise TypeError("contents and policies of keys are edited as a whole")
        case SetArgument(fact=fact, path=path, value=value):
            file, block = file_of(fact, open_file)
            argument = Argument(path, _text(wiring.value(value, fact)))
            return file.path, set_argument(file.text, block, argument)
        case RemoveArgument(fact=fact, name=name):
            file, block = file_of(fact, open_file)
            return file.path, remove_argument(file.text, block, name)
        case ReplaceValue(at=at, names=names, values=values):
            place = code_place(at)
            file = open_file(place.file)
            literal, new = replace_literal(file, place.line, names, values)
            return file.path, [TextEdit(literal.span.start, literal.span.end, _text(new))]
        case SetBeside():
            return _beside(change, open_file)
        case Append():
            return _append(change, open_file)
        case MergeStatement():
            return _merge(change, open_file)


def _text(value: Scalar) -> str:
    if isinstance(value, Raw):
        return str(value)
    return quote(value) if isinstance(value, str) else str(value).lower()


def _beside(change: SetBeside, open_file: OpenFile) -> tuple[str, list[TextEdit]]:
    place = code_place(change.at)
    file = open_file(place.file)
    block = enclosing_block(file, place.line)
    if block.type != "resource" or block.labels[:1] != (change.block,):
        raise NotEditableError(f"line {place.line} is not in a {change.block} block")
    return file.path, set_argument(file.text, block, Argument((change.name,), _text(change.value)))


def _append(change: Append, open_file: OpenFile) -> tuple[str, list[TextEdit]]:
    file, block = file_of(change.fact, open_file)
    if has_instances(block):
        raise NotEditableError("the block creates several buckets, and each needs its own companion resource")
    name = block.labels[1]
    kind = KINDS[change.kind][0]
    if (kind, companion_name(name)) in _labels(file):
        raise NotEditableError(f"{kind}.{companion_name(name)} already exists, but does not fix this")
    text = companion(change.kind, name, days=change.days)
    at = after_block(file.text, block)
    return file.path, [TextEdit(at, at, f"\n\n{text.rstrip()}")]


_labels: Memory[[ast.SourceFile], frozenset[tuple[str, ...]]]
_labels = Memory(lambda file: frozenset(block.labels for block in file.body.blocks), most=64)


def _merge(change: MergeStatement, open_file: OpenFile) -> tuple[str, list[TextEdit]]:
    place, own = code_place(change.at), code_place(change.fact.origin)
    if place.module_path != own.module_path:
        raise NotEditableError(f"the policy is elsewhere, in {place.module_path or 'the root module'}")
    owner, bucket_block = file_of(change.fact, open_file)
    file = open_file(place.file)
    block = enclosing_block(file, place.line)
    if has_instances(bucket_block) or has_instances(block):
        raise NotEditableError("the block creates several objects")
    if owner.path == file.path and block.span == bucket_block.span:
        raise NotEditableError("the policy is an argument of the bucket itself, which cannot refer to its own ARN")
    bucket = f"aws_s3_bucket.{bucket_block.labels[1]}"
    if block.type == "data":
        return file.path, [_merge_block(block, bucket, place.line)]
    return file.path, [_merge_object(file, block, bucket, place.line)]


def _merge_block(block: ast.Block, bucket: str, line: int) -> TextEdit:
    found = [each for each in block.body.blocks if each.type == "statement" and each.span.line <= line]
    if not found:
        raise NotEditableError("the policy has no statement block")
    last = [each for each in block.body.blocks if each.type == "statement"][-1]
    text = "\n\n".join(statement_block(bucket, name, indent=2) for name in _STATEMENTS)
    return TextEdit(last.span.end, last.span.end, f"\n\n{text}")


def _merge_object(file: ast.SourceFile, block: ast.Block, bucket: str, line: int) -> TextEdit:
    for items in tuples(block.body):
        if any(each.span.line <= line <= each.span.end_line for each in items.items):
            return append_item(file.text, items, [_denial(bucket, name) for name in _STATEMENTS])
    raise NotEditableError("the statements are not written as a list of objects")


def _denial(bucket: str, name: str) -> Callable[[int], str]:
    return lambda indent: statement(bucket, name, indent=indent)


def step_for(change: Edited, wiring: Wiring, reason: str, rule: str) -> tuple[ManualStep, Phase]:
    """Return the change as a step for a person, naming the place where the present value is decided."""
    what, at = _what(change, wiring)
    return ManualStep(what=f"{change.fact.address}: {what}", why=reason, at=at, closes=(rule,)), phase_of(change)


def _what(change: Edited, wiring: Wiring) -> tuple[str, str]:
    origin = str(change.fact.origin)
    match change:
        case SetContent(path=path, value=value, read_at=at) | SetArgument(path=path, value=value, read_at=at):
            place = origin if at is None else str(at)
            return f"set {'.'.join(path)} to {wiring.named(value)}", place
        case RemoveArgument(name=name):
            return f"remove {name}", origin
        case ReplaceValue(at=at, names=names, values=values):
            return f"set {' or '.join(names)} to {values[0]}", str(at)
        case SetBeside(at=at, block=block, name=name):
            return f"set {name} to true in its {block}", str(at)
        case Append(kind=kind):
            return f"add a {KINDS[kind][0]} resource for it", origin
        case MergeStatement(at=at):
            return (
                "add statements to its policy that deny requests with aws:SecureTransport = false or s3:TlsVersion < "
                "1.2"
            ), str(at)
        case AllowLogs(groups=groups):
            served = ", ".join(group.address for group in groups)
            return (
                f"add a statement to its policy that allows logs.REGION.amazonaws.com {', '.join(LOGS_ACTIONS)}, where "
                f"kms:EncryptionContext:aws:logs:arn is the ARN of {served}"
            ), origin
