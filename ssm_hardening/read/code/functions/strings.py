"""Functions on strings."""

from collections.abc import Callable, Sequence

from ssm_hardening.core.values import Datum, Known, Reference, Unknown, Value
from ssm_hardening.read.code.functions import formatting, patterns, replacing
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    Function,
    FunctionCall,
    answer,
    changed,
    exactly,
    gap_of,
    has_no_holes,
    integer,
    items_answer,
    parts,
    refuse,
    sequence,
    text,
    text_answer,
    undecided,
    unsupported,
)
from ssm_hardening.read.code.values import Values
from ssm_hardening.text.writing import MAX_TEXT, Part, length_of

SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def _by_character(convert: Callable[[str], str]) -> Callable[[str], str]:
    """Return a case conversion that keeps characters which would become several (`ß`)."""

    def run(subject: str) -> str:
        return "".join(new if len(new := convert(each)) == 1 else each for each in subject)

    return run


def _letter_by_letter(convert: Callable[[str], str]) -> Function:
    """Return a function that changes each letter by itself; what a hole becomes is not known."""

    def run(call: FunctionCall, args: Values) -> Value[Datum]:
        found = parts(call, args[0])
        return text_answer(call, [convert(part) if isinstance(part, str) else changed(call, part) for part in found])

    return Function(run, 1, 1)


def _title(subject: str) -> str:
    upper = _by_character(str.upper)
    before = [" ", *subject[:-1]]
    return "".join(
        each if previous.isalnum() or previous == "_" else upper(each)
        for previous, each in zip(before, subject, strict=False)
    )


def join(call: FunctionCall, args: Values) -> Value[Datum]:
    """Join the members of all lists; an unknown member is a hole."""
    separator = parts(call, args[0])
    items = [item for arg in args[1:] for item in sequence(call, arg)]
    pieces: list[Part] = []
    for n, item in enumerate(items):
        pieces += [*(separator if n else ()), *parts(call, item)]
        if length_of(pieces[-10:]) > MAX_TEXT or len(pieces) > 10 * MAX_ITEMS:
            unsupported(call, "the result is too large")
    return text_answer(call, pieces)


def split(call: FunctionCall, args: Values) -> Value[Datum]:
    """Split a literal text; within a text with holes the separator may be anywhere."""
    separator, subject = text(call, args[0]), text(call, args[1])
    if not separator:
        _single_characters(call, subject)
        return answer(call, list(subject))
    return answer(call, subject.split(separator, MAX_ITEMS + 1))


def _single_characters(call: FunctionCall, subject: str) -> None:
    """Refuse what is not one byte each: Terraform counts grapheme clusters."""
    if not subject.isascii() or "\r\n" in subject:
        unsupported(call, "non-ASCII characters are not supported")


def _ascii(call: FunctionCall, value: Value[Datum]) -> str:
    """Return a literal text of single characters."""
    subject = text(call, value)
    _single_characters(call, subject)
    return subject


def trim_prefix(call: FunctionCall, args: Values) -> Value[Datum]:
    """Take a prefix away where it is certainly there, or certainly not."""
    found, prefix = parts(call, args[0]), text(call, args[1])
    first = found[0] if found and isinstance(found[0], str) else ""
    if first.startswith(prefix):
        return text_answer(call, (first.removeprefix(prefix), *found[1:])) if prefix else args[0]
    if not prefix.startswith(first) or has_no_holes(found):
        return text_answer(call, found)
    return undecided(call, found)


def trim_suffix(call: FunctionCall, args: Values) -> Value[Datum]:
    """Take a suffix away where it is certainly there, or certainly not."""
    found, suffix = parts(call, args[0]), text(call, args[1])
    last = found[-1] if found and isinstance(found[-1], str) else ""
    if suffix and last.endswith(suffix):
        return text_answer(call, (*found[:-1], last.removesuffix(suffix)))
    if not suffix.endswith(last) or not suffix or has_no_holes(found) or _is_bare_arn(found, suffix):
        return text_answer(call, found)
    return undecided(call, found)


def _is_bare_arn(found: Sequence[Part], suffix: str) -> bool:
    """Say whether the suffix is that of log streams, which the provider takes off the ARNs of log groups itself."""
    match found[-1:]:
        case [Reference(address, "arn")]:
            return suffix == ":*" and "aws_cloudwatch_log_group." in address
        case _:
            return False


def _strip(call: FunctionCall, args: Values, left: str, right: str) -> Value[Datum]:
    """Strip characters from the ends; an end that is a hole, or all of whose text goes, may lose more."""
    found = list(parts(call, args[0]))
    if not found:
        return text_answer(call, ())
    for end, characters in ((0, left), (-1, right)):
        piece = found[end]
        if not characters:
            continue
        if not isinstance(piece, str):
            return undecided(call, found)
        found[end] = piece.lstrip(characters) if end == 0 else piece.rstrip(characters)
        if not found[end] and len(found) > 1:
            return undecided(call, found)
    return text_answer(call, found)


def trimspace(call: FunctionCall, args: Values) -> Value[Datum]:
    """Strip white space from both ends."""
    return _strip(call, args, SPACE, SPACE)


def trim(call: FunctionCall, args: Values) -> Value[Datum]:
    """Strip the given characters from both ends."""
    characters = text(call, args[1])
    return _strip(call, args, characters, characters)


def chomp(call: FunctionCall, args: Values) -> Value[Datum]:
    """Strip line ends from the end; the file that a heredoc ends is literal there."""
    return _strip(call, args, "", "\r\n")


def indent(call: FunctionCall, args: Values) -> Value[Datum]:
    """Indent all lines but the first; the lines of an unknown hole stay unknown."""
    width, found = integer(call, args[0]), parts(call, args[1])
    lines = sum(part.count("\n") for part in found if isinstance(part, str))
    if width < 0 or width * lines > MAX_TEXT or width > MAX_TEXT:
        unsupported(call, "the result is too large")
    margin = "\n" + " " * width
    indented = (part.replace("\n", margin) if isinstance(part, str) else part for part in found)
    return text_answer(call, [gap_of(part) if isinstance(part, Unknown) else part for part in indented])


def substr(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return a part of a text; with holes, only out of the text before the first one."""
    found, offset, length = parts(call, args[0]), integer(call, args[1]), integer(call, args[2])
    first = found[0] if found and isinstance(found[0], str) else ""
    _single_characters(call, first)
    if not has_no_holes(found) and not (offset >= 0 and length >= 0 and offset + length <= len(first)):
        return undecided(call, found)
    offset = max(offset + len(first), 0) if offset < 0 else offset
    end = len(first) if length < 0 else offset + length
    return answer(call, first[offset:end])


def starts_with(call: FunctionCall, args: Values) -> Value[Datum]:
    """Tell whether a text starts with another, as far as the text before the first hole says so."""
    found, prefix = parts(call, args[0]), text(call, args[1])
    first = found[0] if found and isinstance(found[0], str) else ""
    if first.startswith(prefix) or has_no_holes(found):
        return answer(call, first.startswith(prefix))
    return answer(call, False) if not prefix.startswith(first) else undecided(call, found)


def ends_with(call: FunctionCall, args: Values) -> Value[Datum]:
    """Tell whether a text ends with another, as far as the text behind the last hole says so."""
    found, suffix = parts(call, args[0]), text(call, args[1])
    last = found[-1] if found and isinstance(found[-1], str) else ""
    if last.endswith(suffix) or has_no_holes(found):
        return answer(call, last.endswith(suffix))
    return answer(call, False) if not suffix.endswith(last) else undecided(call, found)


def contains_text(call: FunctionCall, args: Values) -> Value[Datum]:
    """Tell whether a text contains another; a hole may contain anything."""
    found, wanted = parts(call, args[0]), text(call, args[1])
    if any(isinstance(part, str) and wanted in part for part in found) or not wanted:
        return answer(call, True)
    return answer(call, False) if has_no_holes(found) else undecided(call, found)


def format_text(call: FunctionCall, args: Values) -> Value[Datum]:
    """Fill in a format; `%s` takes texts with holes."""
    return text_answer(call, formatting.fill(call, text(call, args[0]), args[1:]))


def format_list(call: FunctionCall, args: Values) -> Value[Datum]:
    """Fill in a format for each member of the lists."""
    pattern = text(call, args[0])
    columns = [formatting.column(call, arg) for arg in args[1:]]
    lengths = {len(column) for column in columns if column is not None}
    if len(lengths) > 1:
        refuse(call, "the lists have different lengths")
    rows = []
    for n in range(min(lengths.pop() if lengths else 1, MAX_ITEMS + 1)):
        row = [arg if column is None else column[n] for arg, column in zip(args[1:], columns, strict=True)]
        rows.append(text_answer(call, formatting.fill(call, pattern, row)))
    return items_answer(call, rows)


def length_of_text(call: FunctionCall, value: Value[Datum]) -> Value[Datum]:
    """Return how many characters a literal text has."""
    return Known(len(_ascii(call, value)), call.at)


FUNCTIONS: dict[str, Function] = {
    "chomp": Function(chomp, 1, 1),
    "endswith": Function(ends_with, 2, 2),
    "format": Function(format_text, 1, None),
    "formatlist": Function(format_list, 1, None),
    "indent": Function(indent, 2, 2),
    "join": Function(join, 1, None),
    "lower": _letter_by_letter(_by_character(str.lower)),
    "regex": Function(patterns.regex, 2, 2),
    "regexall": Function(patterns.regexall, 2, 2),
    "replace": Function(replacing.replace, 3, 3),
    "split": Function(split, 2, 2),
    "startswith": Function(starts_with, 2, 2),
    "strcontains": Function(contains_text, 2, 2),
    "strrev": exactly(lambda subject: subject[::-1], _ascii),
    "substr": Function(substr, 3, 3),
    "title": exactly(_title, text),
    "trim": Function(trim, 2, 2),
    "trimprefix": Function(trim_prefix, 2, 2),
    "trimspace": Function(trimspace, 1, 1),
    "trimsuffix": Function(trim_suffix, 2, 2),
    "upper": _letter_by_letter(_by_character(str.upper)),
}
