"""Waivers are comments: `# ssm-harden:skip=PREF-07,PREF-08 until=2027-01-31 long batch jobs`.

A waiver is about the block it stands in, the block or line right below its comment, or, behind code, that line. It
takes a reason. It changes no verdict: it is noted on the finding, and who counts failures leaves such findings out.

Blanks around the colon and the equals signs are fine, and `until=` may stand behind the reason as well: read as a part
of the reason it would never end. A comment that was probably meant as a waiver is reported.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from ssm_hardening.core import limits
from ssm_hardening.core.errors import did_you_mean
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.hcl.ast import Comment, SourceFile
from ssm_hardening.rules.catalogue import rule_ids
from ssm_hardening.verdicts.findings import Audit, Crashed, Failed, Finding, NotApplicable, Passed, Undecided, Waiver

_ID = r"[A-Z][A-Z0-9]*-\d"
"""How the id of a rule begins: behind a blank, it tells rules from the words of a reason."""

_PATTERN = re.compile(
    rf"ssm-harden\s*:\s*skip\s*=(?:\s+(?={_ID}))?(?P<rules>[\w-]*(?:\s*,\s*[\w-]+)*)[,\s]*(?P<rest>.*)", re.IGNORECASE
)
_UNTIL = re.compile(r"\buntil(?:\s*=\s*|\s*:\s*(?=\d)|\s+(?=\d{4}-))(\S*)", re.IGNORECASE)
"""A date behind another sign is one too: as a part of the reason, it would never end the waiver."""
_NEARLY = re.compile(
    rf"ssm-harden(?:\s*:\s*skip\b"
    rf"|[\s:]+(?:skip|ignore|disable|suppress|waive|waiver|allow|accept|noqa|nosec)\b[\s=:(\[]*(?={_ID}))[^\n]{{0,40}}",
    re.IGNORECASE,
)
"""What was probably meant as a waiver, as other tools or people write it."""

_NAME = 80
"""Characters of a rule's name or of a date that are kept: enough to say that it is none."""

_ONLY_COMMENT = re.compile(r"\s*(?:#|//|/\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWaiver:
    """A waiver as written. `below` is the line it also speaks of: the first one after its run of comment lines.

    `until` is what stands behind `until=`; `below` is 0 for a comment behind code. `unclear` is the text of a comment
    that was probably meant as a waiver: it names no rule.
    """

    file: str
    line: int
    below: int
    rules: tuple[str, ...]
    reason: str
    until: str | None = None
    unclear: str = ""

    def __str__(self) -> str:
        about = f" for {', '.join(self.rules)}" if self.rules else ""
        return f"{self.file}:{self.line}: the waiver{about}"


def collect(files: Iterable[SourceFile]) -> tuple[CodeWaiver, ...]:
    """Return the waivers in the comments of these files, by file and line."""
    found = {waiver for file in files for waiver in _waivers(file)}
    return tuple(sorted(found, key=lambda waiver: (waiver.file, waiver.line, waiver.rules)))


def _waivers(file: SourceFile) -> Iterator[CodeWaiver]:
    written = [
        (comment, offset, found)
        for comment in file.comments
        for offset, text in enumerate(comment.text.split("\n"))
        if (found := _PATTERN.search(text) or _NEARLY.search(text)) is not None
    ]
    below = _lines_below(file) if written else {}
    for comment, offset, found in written:
        yield _waiver(found, file.path, comment.line + offset, below.get(comment.line, 0))


def _waiver(found: re.Match[str], file: str, line: int, below: int) -> CodeWaiver:
    if found.re is _NEARLY:
        return CodeWaiver(file=file, line=line, below=below, rules=(), reason="", unclear=found[0].strip())
    rest = found["rest"]
    until = [each[1].rstrip(",;.")[:_NAME] for each in _UNTIL.finditer(rest)]
    rest = re.sub(rf"\s*(?:{_UNTIL.pattern})\s*", " ", rest, flags=re.IGNORECASE)
    return CodeWaiver(
        file=file,
        line=line,
        below=below,
        rules=tuple(part.strip().upper()[:_NAME] for part in found["rules"].split(",") if part.strip()),
        reason=rest.lstrip(":- \t").strip()[: limits.REASON],
        until=min(until, default=None),  # of several, the first to end; without a date, there is no waiver
    )


def _lines_below(file: SourceFile) -> dict[int, int]:
    """Return, by the line of each comment that stands alone, the first line after its run of comment lines."""
    lines = file.text.split("\n")
    below: dict[int, int] = {}
    for comment in sorted(file.comments, key=_line_of, reverse=True):
        if _ONLY_COMMENT.match(lines[comment.line - 1]):
            after = comment.line + comment.text.count("\n") + 1
            below[comment.line] = below.get(after, after)
    return below


def _line_of(comment: Comment) -> int:
    return comment.line


def apply(
    audit: Audit, waivers: Iterable[CodeWaiver], *, today: date, known: Collection[str] | None = None
) -> tuple[Audit, tuple[str, ...]]:
    """Note the waivers on the findings they are about.

    Returns the audit and what is wrong with waivers that do nothing: no reason, no such rule (`known` lists them, the
    catalogue's by default), a date that is past or none, or nothing there to waive.
    """
    catalogue = frozenset(rule_ids() if known is None else known) | {rule.id for rule in audit.rules}
    written = tuple(waivers)
    notes = [note for waiver in written for note in _complaints(waiver, catalogue, today)]
    valid = [waiver for waiver in written if not _reasons_against(waiver, today)]
    used: set[tuple[CodeWaiver, str]] = set()
    findings = tuple(_waived(finding, valid, used) for finding in audit.findings)
    notes += _idle(valid, used, {rule.id for rule in audit.rules})
    return replace(audit, findings=findings), tuple(notes)


def _complaints(waiver: CodeWaiver, catalogue: Collection[str], today: date) -> Iterator[str]:
    if waiver.unclear:
        told = f"`{waiver.unclear}` has no effect; a waiver is written `ssm-harden:skip=RULE reason`"
        yield f"{waiver.file}:{waiver.line}: {told}"
        return
    for reason in _reasons_against(waiver, today):
        yield f"{waiver} {reason}, so it has no effect"
    for rule in waiver.rules:
        if rule not in catalogue:
            meant = did_you_mean(rule, catalogue, otherwise="`ssm-harden rules` lists them")
            yield f"{waiver} names the unknown rule {rule}; {meant}"


def _reasons_against(waiver: CodeWaiver, today: date) -> tuple[str, ...]:
    against = []
    if not waiver.rules:
        against.append("names no rule (write `ssm-harden:skip=RULE reason`)")
    if not waiver.reason:
        against.append("has no reason (write one after the rule)")
    if waiver.until is not None:
        against += _against_date(waiver.until, today)
    return tuple(against)


def _against_date(text: str, today: date) -> list[str]:
    try:
        until = date.fromisoformat(text)
    except ValueError:
        return [f"has the invalid date {text!r} (write `until=YYYY-MM-DD`)"]
    return [f"expired on {text}"] if until < today else []


def _waived(finding: Finding, waivers: Iterable[CodeWaiver], used: set[tuple[CodeWaiver, str]]) -> Finding:
    named = [waiver for waiver in waivers if finding.rule.id in waiver.rules]
    about = [waiver for waiver in named if _is_about(waiver, finding)]
    if not about or not can_be_waived(finding):
        return finding
    used.update((waiver, finding.rule.id) for waiver in (*about, *_of_other_regions(named, finding)))
    first = about[0]
    return replace(finding, waiver=Waiver(first.reason, CodeOrigin(first.file, first.line), first.until or None))


def _of_other_regions(waivers: Iterable[CodeWaiver], finding: Finding) -> Iterator[CodeWaiver]:
    """Yield the waivers at places where other Regions show what belongs to an account as a whole."""
    places = finding.verdict.related if finding.regions and isinstance(finding.verdict, Failed | Undecided) else ()
    yield from (waiver for waiver in waivers if any(_touches(waiver, each.at) for each in places))


def can_be_waived(finding: Finding) -> bool:
    """Say whether there is something to accept: a failure, or a doubt. A rule that crashed is never waived."""
    match finding.verdict:
        case Failed() | Undecided():
            return True
        case Passed() | NotApplicable() | Crashed():
            return False


def _is_about(waiver: CodeWaiver, finding: Finding) -> bool:
    return _touches(waiver, finding.origin) or _touches(waiver, finding.verdict.at)


def _touches(waiver: CodeWaiver, place: Origin) -> bool:
    match place:
        case CodeOrigin(file, line, end_line):
            inside = line <= waiver.line <= max(line, end_line)
            return file == waiver.file and (inside or line == waiver.below)
        case ApiOrigin():
            return False


def _idle(waivers: Iterable[CodeWaiver], used: set[tuple[CodeWaiver, str]], judged: Collection[str]) -> Iterator[str]:
    """Say which waivers of rules that did run had nothing to waive."""
    for waiver in waivers:
        for rule in waiver.rules:
            if rule in judged and (waiver, rule) not in used:
                yield f"{waiver.file}:{waiver.line}: the waiver for {rule} has no effect here; remove it"
