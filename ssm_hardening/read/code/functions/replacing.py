"""`replace`, also in texts with holes: what stands around a hole is replaced where no match can reach into it."""

import re
import string
from collections.abc import Iterator, Sequence

from ssm_hardening.core.logic import known_or
from ssm_hardening.core.values import Datum, LaidOut, Reference, Value
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.read.code.functions.arguments import (
    FunctionCall,
    answer,
    changed,
    has_no_holes,
    parts,
    text,
    text_answer,
    undecided,
    unsupported,
)
from ssm_hardening.read.code.functions.patterns import matches_one_of, replaced
from ssm_hardening.read.code.values import Values
from ssm_hardening.text.writing import MAX_TEXT, Part, length_of

_LONGEST = 200
"""Characters that may be searched for in a text with holes."""

_ATOM = r"(?:\\[dDwWsSnrt]|\\[^\w\s]|\[\^?\]?(?:\\.|[^\]\\\[])*\]|[^\\\[\](){}.*+?^$|])"
_ONE_CHARACTER = re.compile(rf"{_ATOM}(?:\|{_ATOM})*\Z")

_IN_WORDS = re.compile(r"[\w$%@#!?*+./=-]*[^\W\d][\w$%@#!?*+./=-]*\Z")
"""What stands within a quoted text of a document, not around one."""

_LOWER = string.ascii_lowercase + string.digits + "-.:/"
_LETTERS = string.ascii_letters + string.digits + "_+=,.@:/*#-"
_NAMED = ("aws_iam_", "aws_cloudwatch_log_group", "aws_ssm_document", "aws_kms_alias")
_IDENTIFIER = re.compile(r"(?:^|_)(?:id|arn|bucket)\Z")


def replace(call: FunctionCall, args: Values) -> Value[Datum]:
    """Replace a literal text, or a pattern between slashes."""
    found, wanted, with_ = parts(call, args[0]), text(call, args[1]), parts(call, args[2])
    is_pattern = len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/")
    in_words = not is_pattern and len(wanted) <= _LONGEST and _IN_WORDS.match(wanted) is not None
    if isinstance(known_or(args[0], None), LaidOut) and not in_words:
        unsupported(call, "the layout of the document is not known")
    if is_pattern:
        return _replace_pattern(call, found, wanted[1:-1], with_)
    if has_no_holes(found) and not wanted:
        return answer(call, "".join(map(str, found)).replace("", text(call, args[2])))
    if not has_no_holes(found) and not 0 < len(wanted) <= _LONGEST:
        return undecided(call, found)
    literals = [part for part in found if isinstance(part, str)]
    if sum(part.count(wanted) for part in literals) * max(length_of(with_), 1) > MAX_TEXT:
        unsupported(call, "the result is too large")
    return text_answer(call, list(_around_holes(call, found, wanted, with_)))


def _replace_pattern(call: FunctionCall, found: Sequence[Part], pattern: str, with_: Sequence[Part]) -> Value[Datum]:
    if has_no_holes(found):
        return text_answer(call, replaced(call, "".join(map(str, found)), pattern, with_))
    # Where each match is one character, none reaches into a hole; and where it is left out, so is a row of them.
    single = pattern if with_ else pattern.removesuffix("+")
    if _ONE_CHARACTER.match(single) is None:
        return undecided(call, found)
    pieces: list[Part] = []
    for part in found:
        if isinstance(part, str):
            pieces += replaced(call, part, single, with_)
        else:
            letters = _letters(part)
            is_kept = letters is not None and not matches_one_of(call, single, letters)
            pieces.append(part if is_kept else changed(call, part))
    return text_answer(call, pieces)


def _letters(hole: Part) -> str | None:
    """Return the characters that the text of a hole can have; None where it may be any text."""
    if not isinstance(hole, Reference):
        return None
    kind = resource_type(hole)
    if kind in {"aws_s3_bucket", "aws_kms_key"} and _IDENTIFIER.search(hole.attribute):
        return _LOWER
    is_name = hole.attribute == "name" and kind.startswith(_NAMED)
    return _LETTERS if kind.startswith("aws_") and (is_name or _IDENTIFIER.search(hole.attribute)) else None


def _may_hold(hole: Part, wanted: str) -> bool:
    letters = _letters(hole)
    return letters is None or set(wanted) <= set(letters)


def _around_holes(call: FunctionCall, found: Sequence[Part], wanted: str, with_: Sequence[Part]) -> Iterator[Part]:
    """Yield the parts; a hole into which a match may reach takes with it what may belong to the match."""
    kept: dict[int, tuple[int, int]] = {}
    opened: set[int] = set()
    for n, part in enumerate(found):
        before, after = found[n - 1 : n], found[n + 1 : n + 2]
        if isinstance(part, str):
            start = _settled(part, wanted, before[0]) if before else 0
            end = _open_from(part, wanted, after[0], start) if after else len(part)
            kept[n] = (start, end)
            opened |= ({n - 1} if start else set()) | ({n + 1} if end < len(part) else set())
        elif _may_hold(part, wanted) or any(not isinstance(each, str) for each in after):
            opened |= {n} if _may_hold(part, wanted) else {n, n + 1}
    for n, part in enumerate(found):
        if isinstance(part, str):
            start, end = kept[n]
            for number, piece in enumerate(part[start:end].split(wanted)):
                yield from (*(with_ if number else ()), piece)
        else:
            yield changed(call, part) if n in opened else part


def _settled(literal: str, wanted: str, hole: Part) -> int:
    """Return from where on the matches in a literal are certain, whatever the hole before it ends with."""
    size = len(wanted)
    reaching = [k for k in range(1, size) if _may_hold(hole, wanted[k - 1])]
    if any(wanted.startswith(literal, k) and k + len(literal) < size for k in reaching):
        return len(literal)
    starts = [0, *(size - k for k in reaching if literal.startswith(wanted[k:]))]
    if starts == [0]:
        return 0
    last = min(max(starts) + 4 * size, len(literal))
    inside = {place for start in starts for match in _matches(literal, wanted, start, last) for place in match[1:]}
    return next((place for place in range(max(starts), last + 1) if place not in inside), len(literal))


def _matches(literal: str, wanted: str, start: int, last: int) -> Iterator[range]:
    """Yield the matches from a place on, as far as they begin before another."""
    place = literal.find(wanted, start)
    while 0 <= place < last:
        yield range(place, place + len(wanted))
        place = literal.find(wanted, place + len(wanted))


def _open_from(literal: str, wanted: str, hole: Part, start: int) -> int:
    """Return from where on a literal may belong to a match that ends in the hole behind it."""
    begin = start
    for match in _matches(literal, wanted, start, len(literal)):
        begin = match.stop
    for place in range(max(begin, len(literal) - len(wanted) + 1), len(literal)):
        size = len(literal) - place
        if wanted.startswith(literal[place:]) and _may_hold(hole, wanted[size]):
            return place
    return len(literal)
