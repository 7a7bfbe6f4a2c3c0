"""Regular expressions: Terraform's RE2 patterns, as far as Python reads them alike and in bounded time."""

import re
from collections.abc import Sequence

from ssm_hardening.core.values import Datum, Value
from ssm_hardening.read.code.functions.arguments import (
    MAX_ITEMS,
    FunctionCall,
    Plain,
    answer,
    refuse,
    text,
    unsupported,
)
from ssm_hardening.read.code.values import Values
from ssm_hardening.text.writing import MAX_TEXT, Part, length_of

_TOKEN = re.compile(
    r"\\(?P<escape>.)|\[(?P<class>\^?\]?(?:\\.|[^\]\\])*)\]|(?P<open>\((?:\?:|\?P<\w+>|\?P=|\?<[=!]|\?<\w+>|\?.)?)"
    r"|(?P<close>\))|(?P<repeat>[*+?]|\{\d+(?:,\d*)?\})(?P<lazy>\??)(?P<possessive>\+?)|(?P<char>.)",
    re.DOTALL,
)
_ESCAPES = frozenset("dDwWsSbBAtnrfv")
_MAX_STEPS = 20_000_000
_MAX_REPEAT = 1_000
_GROUP_AT_END = re.compile(r"\$(?:\{?\w*)\Z")


class _Pattern:
    """Translates a pattern and bounds what matching it can cost."""

    def __init__(self, call: FunctionCall, pattern: str) -> None:
        self.call = call
        self.out: list[str] = []
        self.open: list[bool] = []
        self.branches = 1
        self.unbounded = 0
        self.risky = False
        for token in _TOKEN.finditer(pattern):
            self.read(token)
        if self.open:
            refuse(call, "the pattern has an unclosed group")

    def read(self, token: re.Match[str]) -> None:
        if token["repeat"]:
            self.repeat(token)
            return
        self.risky = False
        if token["escape"] is not None:
            self.escape(token["escape"])
        elif token["class"] is not None:
            self.character_class(token[0])
        elif token["open"]:
            self.group(token["open"])
        elif token["close"]:
            self.close()
        else:
            self.character(token["char"])

    def repeat(self, token: re.Match[str]) -> None:
        bounds = [
            int(each) if each else 0 for each in token["repeat"].strip("{}").split(",") if each.isdecimal() or not each
        ]
        if token["possessive"] or self.risky or max(bounds, default=0) > _MAX_REPEAT:
            unsupported(self.call, "this pattern could take too long to match")
        self.out.append(token["repeat"] + token["lazy"])
        self.open = [True] * len(self.open)
        self.risky = True
        if token["repeat"] in "*+" or token["repeat"].endswith(",}"):
            self.unbounded += 1
        else:
            self.branches *= max([*bounds, 1]) + 1

    def escape(self, char: str) -> None:
        if char == "z":
            self.out.append(r"\Z")
        elif char in _ESCAPES or not (char.isalnum() or not char.isascii()):
            self.out.append("\\" + char)
        else:
            unsupported(self.call, f"\\{char} is not supported in patterns")

    def character_class(self, whole: str) -> None:
        inner = re.sub(r"\\[dDwWsStnrfv]|\\[^\w\s]", "", whole[1:-1])
        if "[" in inner or "\\" in inner or any(pair in inner for pair in ("--", "&&", "||", "~~")):
            unsupported(self.call, "this character class is not supported")
        self.out.append(whole)

    def group(self, opening: str) -> None:
        if opening.startswith("(?<") and opening.endswith(">"):
            opening = "(?P" + opening[2:]
        if not (opening in ("(", "(?:") or opening.startswith("(?P<")):
            unsupported(self.call, "this kind of group is not supported in patterns")
        self.open.append(False)
        self.out.append(opening)

    def close(self) -> None:
        if not self.open:
            refuse(self.call, "the pattern has an unopened group")
        self.risky = self.open.pop()
        self.out.append(")")

    def character(self, char: str) -> None:
        if char == "|":
            self.open = [True] * len(self.open)
            self.branches *= 2
        self.out.append({"$": r"\Z"}.get(char, char))

    def check(self, subject: str) -> None:
        if self.branches * (len(subject) + 1) ** (self.unbounded + 1) > _MAX_STEPS:
            unsupported(self.call, "this pattern could take too long to match")


def _compiled(call: FunctionCall, pattern: str, subject: str) -> re.Pattern[str]:
    flags = re.ASCII
    if pattern.startswith(("(?i)", "(?s)")):
        flags |= re.IGNORECASE if pattern[2] == "i" else re.DOTALL
        pattern = pattern[4:]
    if len(pattern) > _MAX_REPEAT or not pattern.isascii() or not subject.isascii() or "\v" in subject:
        unsupported(call, "the pattern is too long or has non-ASCII characters")
    translated = _Pattern(call, pattern)
    translated.check(subject)
    try:
        return re.compile("".join(translated.out), flags)
    except re.error as error:
        unsupported(call, str(error))


def _captured(call: FunctionCall, match: re.Match[str]) -> Plain:
    """Return what one match yields: the text, a list of the groups, or a map of the named ones."""
    names = match.re.groupindex
    if not match.re.groups:
        return match[0]
    if names and len(names) != match.re.groups:
        refuse(call, "the pattern mixes named and unnamed groups")
    return dict(match.groupdict()) if names else list(match.groups())


def regex(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return the first match; none is an error."""
    pattern, subject = text(call, args[0]), text(call, args[1])
    match = _compiled(call, pattern, subject).search(subject)
    return answer(call, _captured(call, match)) if match else refuse(call, "the pattern does not match")


def regexall(call: FunctionCall, args: Values) -> Value[Datum]:
    """Return all matches."""
    pattern, subject = text(call, args[0]), text(call, args[1])
    compiled = _compiled(call, pattern, subject)
    found = [_captured(call, match) for match in _matches(call, compiled, subject)]
    return answer(call, found)


def _matches(call: FunctionCall, compiled: re.Pattern[str], subject: str) -> list[re.Match[str]]:
    """Return all matches; Go and Python place empty ones differently."""
    matches = list(compiled.finditer(subject))
    if len(matches) > MAX_ITEMS or any(match.start() == match.end() for match in matches):
        unsupported(call, "the pattern has too many matches, or empty ones")
    return matches


def replaced(call: FunctionCall, subject: str, pattern: str, with_: Sequence[Part]) -> list[Part]:
    """Replace all matches; `$1` and `${name}` in the replacement name groups."""
    compiled = _compiled(call, pattern, subject)
    matches = _matches(call, compiled, subject)
    if len(matches) * (length_of(with_) + 1) * (len(subject) + 1) > MAX_TEXT * 10:
        unsupported(call, "the result is too large")
    if any(isinstance(part, str) and _GROUP_AT_END.search(part) for part in with_[:-1]):
        unsupported(call, "the unknown part may belong to the name of a group")
    pieces: list[Part] = []
    position = 0
    for match in matches:
        expanded = (_expanded(match, part) if isinstance(part, str) else part for part in with_)
        pieces += [subject[position : match.start()], *expanded]
        position = match.end()
    return [*pieces, subject[position:]]


def matches_one_of(call: FunctionCall, pattern: str, letters: str) -> bool:
    """Say whether a pattern of one character matches any of these."""
    return _compiled(call, pattern, letters).search(letters) is not None


def _expanded(match: re.Match[str], with_: str) -> str:
    """Fill groups into a replacement in Go's manner: an unknown group is empty."""

    def group(name: re.Match[str]) -> str:
        if name[0] == "$$":
            return "$"
        wanted = name[1] or name[2]
        if not wanted.isdecimal():
            return match.groupdict().get(wanted) or ""
        return (match[int(wanted)] or "") if int(wanted) <= match.re.groups else ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", group, with_, flags=re.ASCII)
