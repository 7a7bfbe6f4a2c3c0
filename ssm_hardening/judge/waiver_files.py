"""Files of waivers: accepted failures of what carries no comments, live objects above all.

```toml
[[waiver]]
rule = "NET-01"
subject = "arn:aws:ec2:*:*:security-group/sg-0abc*"
reason = "bastion of the vendor, ticket 4711"
until = 2027-01-31
```

They do what comments do (`waivers`): no verdict changes, failures and doubts are noted as accepted, a rule that crashed
is not. A file that is wrong in any place is refused as a whole, since a typo would let a waiver cover something else.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fnmatch import translate
from pathlib import Path
from typing import Any

from ssm_hardening.core import limits
from ssm_hardening.core.errors import UsageError, did_you_mean, listed
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.judge.waivers import can_be_waived
from ssm_hardening.verdicts.findings import Audit, Finding, Waiver, WaiverKind

_KEYS = ("rule", "subject", "account", "region", "reason", "until")
_ABOUT = ("subject", "account", "region")
_HINT = "see docs/decisions.md for the keys"

_ACCOUNT = re.compile(r"[0-9]{12}")
_WRITTEN = re.compile(
    r"""
      "{3} (?: \\. | [^\\] )*? "{3}  |  '{3} .*? '{3}
    | ^[ \t]* (?P<open> \[{1,2} ) [ \t]* (?P<head> "[^"\n]*" | '[^'\n]*' | [\w-]+ )
    | ^[ \t]* (?P<key> "[^"\n]*" | '[^'\n]*' | [\w-]+ ) [ \t]* =
    | " (?: \\. | [^"\\\n] )* "  |  '[^'\n]*'  |  \#[^\n]*
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
"""Texts and comments, in which nothing is a key; heads of tables; keys. `tomllib` does not say where it read what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWaiver:
    """A waiver of a file. `subject` is a pattern (`*`, `?`) of an ARN or address; empty texts mean any."""

    file: str
    line: int
    rule: str
    reason: str
    subject: str = ""
    account: str = ""
    region: str = ""
    until: date | None = None

    def __str__(self) -> str:
        return f"{_place(self.file, self.line)}: the waiver of {self.rule}"


def load(paths: Iterable[Path], known: Collection[str]) -> tuple[FileWaiver, ...]:
    """Return the waivers of these files; `known` are the ids of the rules. Raises UsageError where one is wrong."""
    return tuple(waiver for path in paths for waiver in _read(path, known))


def _read(path: Path, known: Collection[str]) -> Iterator[FileWaiver]:
    try:
        text = limits.read_named(path, limits.WAIVERS, hint=_HINT).decode("utf-8-sig")
        data = limits.toml_in(text)
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{path}: not a waiver file: {told}", hint=_HINT) from error
    places = _places(text)
    whole = _Table(str(path), places[0])
    _refuse_unknown(data, ("waiver",), whole)
    tables = data.get("waiver", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise whole.wrong("waiver must be a list of tables", key="waiver", hint="write [[waiver]] above each")
    found = places[1:] if len(places) == len(tables) + 1 else [{} for _ in tables]
    for table, lines in zip(tables, found, strict=True):
        yield _waiver(table, _Table(str(path), lines), known)


def _places(text: str) -> list[dict[str, int]]:
    """Return the lines of keys: those outside of waivers, then those of each; a waiver's own line has no key."""
    places: list[dict[str, int]] = [{}]
    line, end = 1, 0
    for found in _WRITTEN.finditer(text):
        line, end = line + text.count("\n", end, found.start()), found.start()
        head, key = ((found[name] or "").strip("\"'") for name in ("head", "key"))
        if head == "waiver" and found["open"] == "[[":
            places.append({"": line})
        elif head:
            places[0].setdefault(head, line)
        elif key:
            places[-1].setdefault(key, line)
    return places


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a table of a file stands."""

    file: str
    lines: Mapping[str, int]

    @property
    def line(self) -> int:
        return self.lines.get("", 0)

    def wrong(self, told: str, *, key: str = "", hint: str = "") -> UsageError:
        return UsageError(f"{_place(self.file, self.lines.get(key, self.line))}: {told}", hint=hint or _HINT)


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file


def _waiver(data: Mapping[str, Any], table: _Table, known: Collection[str]) -> FileWaiver:
    _refuse_unknown(data, _KEYS, table)
    missing = [key for key in ("rule", "reason") if key not in data]
    if missing:
        raise table.wrong(f"the waiver has no {missing[0]}")
    if not any(key in data for key in _ABOUT):
        raise table.wrong(
            "the waiver would cover every subject", hint=f"add {listed(_ABOUT)}; --skip leaves out a rule altogether"
        )
    texts = {key: _text(data[key], key, table) for key in _KEYS if key in data and key != "until"}
    if "account" in texts and not _ACCOUNT.fullmatch(texts["account"]):
        raise table.wrong(f"account {texts['account']!r} is not an account ID", key="account", hint="write 12 digits")
    return FileWaiver(
        file=table.file,
        line=table.line,
        rule=_rule(texts.pop("rule"), table, known),
        reason=" ".join(texts.pop("reason").split())[: limits.REASON],
        until=_until(data["until"], table) if "until" in data else None,
        **texts,
    )


def _refuse_unknown(data: Mapping[str, Any], known: Sequence[str], table: _Table) -> None:
    for key in data:
        if key not in known:
            meant = did_you_mean(key, known, otherwise=f"known are {listed(known, 'and')}" if known[1:] else "")
            hint = meant or "write [[waiver]] above each waiver"
            raise table.wrong(f"unknown key {key!r}", key=key, hint=hint)


def _text(value: object, key: str, table: _Table) -> str:
    if not isinstance(value, str):
        raise table.wrong(f"{key} must be a string", key=key, hint="write it in quotes")
    text = value.strip()
    if not text:
        raise table.wrong(f"{key} is empty", key=key)
    return text


def _rule(name: str, table: _Table, known: Collection[str]) -> str:
    rule = name.upper()
    if rule in known:
        return rule
    family = [each for each in known if each.startswith(f"{rule.rstrip('*-')}-")]
    if family:
        hint = f"a waiver applies to one rule: {', '.join(family)}"
        raise table.wrong(f"rule {name!r} is a family of rules", key="rule", hint=hint)
    meant = did_you_mean(name, known, otherwise="`ssm-harden rules` lists them")
    raise table.wrong(f"rule {name!r} does not exist", key="rule", hint=meant)


def _until(value: object, table: _Table) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise table.wrong("until must be a date", key="until", hint="write until = 2027-01-31, without quotes")


def apply(audit: Audit, waivers: Sequence[FileWaiver], *, today: date) -> tuple[Audit, tuple[str, ...]]:
    """Note the waivers on the findings they are about.

    Returns the audit, and which waivers have no effect: their date is past, or nothing that was read matches. What a
    waiver says about other accounts, Regions or sources than those that were read is not reported.
    """
    if not waivers:
        return audit, ()
    notes = [f"{each} ended on {each.until}: it has no effect" for each in waivers if not _is_valid(each, today)]
    by_rule: dict[str, list[tuple[FileWaiver, Callable[[Finding], bool]]]] = {}
    for waiver in waivers:
        if _is_valid(waiver, today):
            by_rule.setdefault(waiver.rule, []).append((waiver, _matcher(waiver)))
    used: set[FileWaiver] = set()
    findings = tuple(_waived(finding, by_rule.get(finding.rule.id, ()), used) for finding in audit.findings)
    valid = [waiver for group in by_rule.values() for waiver, _ in group]
    notes += [
        f"{each} has no effect: nothing that fails matches it"
        for each in valid
        if each not in used and _was_read(each, audit)
    ]
    return replace(audit, findings=findings), tuple(notes)


def _is_valid(waiver: FileWaiver, today: date) -> bool:
    return waiver.until is None or waiver.until >= today


def _matcher(waiver: FileWaiver) -> Callable[[Finding], bool]:
    # `[` is a plain character: addresses have it (`aws_s3_bucket.logs["eu"]`).
    matches = re.compile(translate(waiver.subject.replace("[", "[[]")) if waiver.subject else "").match

    def is_about(finding: Finding) -> bool:
        names = (finding.subject, finding.origin.arn) if isinstance(finding.origin, ApiOrigin) else (finding.subject,)
        return (
            waiver.account in {"", finding.account}
            and waiver.region in _regions(finding)
            and any(matches(name) is not None for name in names)
        )

    return is_about


def _regions(finding: Finding) -> set[str]:
    """Return the Regions that a waiver may name: each of them, of what belongs to an account as a whole."""
    return {"", finding.region, *finding.regions}


def _cover(waivers: Sequence[FileWaiver], finding: Finding) -> bool:
    """Say whether waivers are about a finding in every Region in which it holds: one for a Region says it of that."""
    named = {each.region for each in waivers}
    return bool(named & {"", finding.region}) or set(finding.holds_in) <= named


def _waived(
    finding: Finding, waivers: Sequence[tuple[FileWaiver, Callable[[Finding], bool]]], used: set[FileWaiver]
) -> Finding:
    about = [waiver for waiver, is_about in waivers if is_about(finding)]
    if not about or not can_be_waived(finding) or not _cover(about, finding):
        return finding
    used.update(about)
    if finding.waiver is not None:  # a comment says why already
        return finding
    first = about[0]
    until = None if first.until is None else first.until.isoformat()
    at = CodeOrigin(first.file, first.line)
    return replace(finding, waiver=Waiver(first.reason, at, until, kind=WaiverKind.FILE))


def _was_read(waiver: FileWaiver, audit: Audit) -> bool:
    """Say whether this run can tell that a waiver is of no use: its rule ran where it is about."""
    return any(
        finding.rule.id == waiver.rule
        and waiver.account in {"", finding.account}
        and waiver.region in _regions(finding)
        and (not waiver.subject.startswith("arn:") or isinstance(finding.origin, ApiOrigin))
        for finding in audit.findings
    )
